// The loader. The server puts what it needs to know in the place of SAYSO: base, notice, lang,
// glue and wasm (URLs), css and html (texts). No storage, no cookies, nothing from anyone else.
(({ base, notice, lang, glue, wasm, css, html }) => {
  const name = 'sayso-notice';
  const known = customElements.get(name);
  // A second script on the page brings another notice or another language.
  if (known) return known.add(notice, lang, html);

  const texts = {};
  const elements = new Set();
  let bundle, policy, sheet;

  // The WASM is shared by every panel of the page.
  const load = () =>
    (bundle ??= import(glue).then(async (module) => {
      await module.default({ module_or_path: wasm });
      return module;
    }));

  // What an answer says is seen, also below the edge of a small screen.
  const seen = new MutationObserver((changes) => {
    for (const { target } of changes)
      target.parentElement.closest('[role=status]')?.scrollIntoView({ block: 'nearest' });
  });

  // Until the WASM is ready, and whenever it fails, the forms post by themselves.
  const enliven = (root) => {
    const panel = root.querySelector('[data-offer]');
    let begun, control;
    const begin = async () => {
      if (begun) return;
      begun = true;
      try {
        control = (await load()).hydrate(panel);
      } catch {}
    };
    panel.addEventListener('submit', (event) => {
      if (!control) return;
      event.preventDefault();
      seen.observe(panel, { characterData: true, childList: true, subtree: true });
      try {
        control.submit(event.target);
      } catch {
        control = null;
        event.target.submit();
      }
    });
    // Who only reads pays nothing for it.
    panel.addEventListener('focusin', begin);
    panel.addEventListener('pointerover', begin);
  };

  const trusted = (text) => {
    try {
      policy ??= self.trustedTypes?.createPolicy('sayso', { createHTML: (text) => text });
    } catch {}
    return policy ? policy.createHTML(text) : text;
  };

  const dress = (root) => {
    try {
      if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(css);
      root.adoptedStyleSheets = [sheet];
    } catch {
      const style = document.createElement('style');
      style.textContent = css;
      root.append(style);
    }
  };

  class Notice extends HTMLElement {
    static add(notice, lang, html) {
      const of = (texts[notice] ??= { first: html });
      of[lang] = html;
      for (const element of elements) element.show();
    }

    connectedCallback() {
      elements.add(this);
      this.show();
    }

    disconnectedCallback() {
      elements.delete(this);
    }

    show() {
      const notice = this.getAttribute('notice');
      const of = texts[notice];
      if (!of || this.shown) return;
      const wish = this.lang.slice(0, 2).toLowerCase();
      if (wish && !of[wish]) {
        const then = () => {
          of[wish] ??= of.first;
          this.show();
        };
        import(`${base}/embed/${notice}/sayso.js?lang=${wish}`).then(then, then);
        return;
      }
      this.shown = true;
      const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
      try {
        if (!root.firstChild) {
          root.innerHTML = trusted(of[wish] ?? of.first);
          dress(root);
        }
        enliven(root);
      } catch {
        // The page forbids it: a frame, and below it the link that the page came with.
        const frame = document.createElement('iframe');
        frame.src = `${base}/frame/${notice}?lang=${wish || lang}`;
        frame.title = this.textContent.trim();
        frame.sandbox =
          'allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads allow-modals';
        frame.style.cssText = 'inline-size:100%;block-size:44em;border:0';
        root.replaceChildren(frame, document.createElement('slot'));
      }
    }
  }

  Notice.add(notice, lang, html);
  customElements.define(name, Notice);
  // The frame's page holds the fragment itself.
  const framed = document.querySelector('.sayso[data-framed]');
  if (framed) enliven(framed);
})(SAYSO);
