//! axe-core: the machine's part of the accessibility check, also inside open shadow roots.

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::Browser;

const WIDTHS: [u32; 2] = [320, 1280];
const SCHEMES: [&str; 2] = ["light", "dark"];

/// Asserts that axe finds nothing and nothing scrolls sideways, at both widths and in both colour
/// schemes, and takes a screenshot of each.
pub async fn clean(browser: &Browser, name: &str) -> anyhow::Result<()> {
    for width in WIDTHS {
        browser.size(width, 800).await?;
        for scheme in SCHEMES {
            browser.media(&[("prefers-color-scheme", scheme)]).await?;
            let found = violations(browser).await?;
            browser
                .screenshot(&format!("{name}-{scheme}-{width}"))
                .await?;
            assert!(
                found.is_empty(),
                "{name}, {scheme}, {width} px:\n{}",
                found.join("\n")
            );
        }
        let overflow =
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(
            browser.evaluate(overflow).await?,
            0,
            "{name} scrolls sideways at {width} px"
        );
    }
    Ok(())
}

/// What axe found against WCAG 2.2 at level AA: rule, element, and what to do. Empty is good.
pub async fn violations(browser: &Browser) -> anyhow::Result<Vec<String>> {
    let path = crate::target().join("node/node_modules/axe-core/axe.min.js");
    let axe = std::fs::read_to_string(&path)
        .context("axe-core is missing: cargo xtask test --only browser")?;
    // The outermost function returns, so that nothing of axe becomes the script's own value.
    browser
        .evaluate(&format!("if (!window.axe) {{ {axe} }} return null;"))
        .await?;
    let run = "const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']; \
               const found = await axe.run(document, {runOnly: {type: 'tag', values: tags}}); \
               return {passes: found.passes.length, violations: found.violations.flatMap((rule) => \
                 rule.nodes.map((node) => `${rule.id} at ${node.target.flat().join(' ')}: ${node.failureSummary}`))};";
    let found = browser.resolve(run).await?;
    let Some(violations) = found["violations"].as_array() else {
        bail!("axe did not run: {found}")
    };
    if found["passes"].as_u64().unwrap_or_default() == 0 {
        bail!("axe found nothing to check");
    }
    Ok(violations
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect())
}
