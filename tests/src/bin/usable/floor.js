(() => {
  const purposes = [
    ['necessary', 'Strictly necessary', 'Sign-in, security and remembering this choice. Always on.'],
    ['functional', 'Functional', 'Remembers your language, region and layout preferences.'],
    ['analytics', 'Analytics', 'Counts visits and finds pages that do not work well.'],
    ['marketing', 'Marketing', 'Shows you offers that match what you looked at.'],
    ['personalisation', 'Personalisation', 'Suggests products and articles from what you read here.'],
    ['sharing', 'Sharing with partners', 'Lets named partners process your data for their own aims.'],
  ];
  const style = document.createElement('style');
  style.textContent =
    'dialog{border:1px solid #767676;border-radius:8px;max-width:32rem;padding:1.25rem}dialog::backdrop{background:#0008}#bar{position:fixed;inset:auto 1rem 1rem;max-width:32rem;background:#fff;color:#111;border:1px solid #767676;border-radius:8px;padding:1rem}label{display:block;margin:.5rem 0}';
  document.head.append(style);
  const say = 'We use your data for the purposes listed below. You decide which ones.';
  const bar = document.createElement('section');
  bar.id = 'bar';
  bar.innerHTML = `<h2>Your privacy choices</h2><p>${say}</p><button data-a="all">Accept all</button><button data-a="none">Reject all</button><button id="manage">Manage preferences</button>`;
  const dialog = document.createElement('dialog');
  dialog.id = 'choices';
  dialog.innerHTML = `<form method="dialog"><h2>Your privacy choices</h2>${purposes
    .map(([key, name, text]) => `<label><input type="checkbox" name="${key}"> <b>${name}</b><br>${text}</label>`)
    .join('')}<button value="save">Save choices</button></form>`;
  document.body.append(bar, dialog);
  document.getElementById('manage').onclick = () => dialog.showModal();
  bar.onclick = (event) => (bar.hidden = Boolean(event.target.dataset.a));
})();
