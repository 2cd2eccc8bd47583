//! What came back for a request.

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use super::text;
use crate::panel::Fault;

/// What came back.
#[derive(Default)]
pub(super) struct Reply {
    /// Its status; none where nothing came.
    pub(super) status: Option<u16>,
    /// Seconds after which to try again, where it names them.
    pub(super) seconds: Option<u32>,
    /// Its JSON; undefined where it has none, as in the answers of whoever stands between.
    pub(super) json: JsValue,
}

/// The code of the problem with what is no address.
pub(super) const MALFORMED: &str = "invalid_address";

impl Reply {
    /// Reads the answer to its end.
    pub(super) async fn read(response: Response) -> Self {
        let after = response.headers().get("retry-after").ok().flatten();
        let json = match response.json() {
            Ok(json) => JsFuture::from(json).await.unwrap_or_default(),
            Err(_) => JsValue::UNDEFINED,
        };
        Self {
            status: Some(response.status()),
            seconds: after.and_then(|text| text.parse().ok()),
            json,
        }
    }

    /// Whether the service says that it was done.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.status, Some(200..=299)) && self.json.is_object()
    }

    /// The code of the service's problem document; empty in every other answer.
    pub(super) fn code(&self) -> String {
        text(&self.json, "code").unwrap_or_default()
    }

    /// Whether the address was none.
    pub(super) fn is_malformed(&self) -> bool {
        self.code() == MALFORMED
    }

    /// Why nothing says that it was done.
    pub(super) fn fault(&self) -> Fault {
        Fault::of(self.status)
    }
}
