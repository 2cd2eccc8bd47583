//! Waiting for something to become true, never for a time to pass.

use std::time::Duration;

use anyhow::Context as _;
use thirtyfour::error::{WebDriverError, WebDriverErrorInner};

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
            match ask().await {
                Ok(Some(answer)) => return anyhow::Ok(answer),
                Ok(None) => {}
                Err(error) if is_gone(&error) => {}
                Err(error) => return Err(error),
            }
        }
    };
    tokio::time::timeout(LONGEST, asking)
        .await
        .with_context(|| format!("waited too long for: {what}"))?
}

/// Whether the page went away while it was read: the next one is asked.
fn is_gone(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<WebDriverError>();
    error.is_some_and(|error| {
        matches!(
            error.as_inner(),
            WebDriverErrorInner::StaleElementReference(_)
        )
    })
}
