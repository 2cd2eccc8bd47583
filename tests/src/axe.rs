//! axe-core: the machine's part of the accessibility check, also inside open shadow roots.

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::Browser;

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
