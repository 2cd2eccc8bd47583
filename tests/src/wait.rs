//! Waiting for something to become true, never for a time to pass.

use std::time::Duration;

use anyhow::Context as _;

const LONGEST: Duration = Duration::from_secs(40);
const STEP: Duration = Duration::from_millis(25);

/// Asks again and again until there is an answer; an error names what was waited for.
pub async fn until<T>(
    what: &str,
    mut ask: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let mut steps = tokio::time::interval(STEP);
    let asking = async {
        loop {
            steps.tick().await;
            if let Some(answer) = ask().await? {
                return anyhow::Ok(answer);
            }
        }
    };
    tokio::time::timeout(LONGEST, asking)
        .await
        .with_context(|| format!("waited too long for: {what}"))?
}
