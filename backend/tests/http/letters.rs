//! The post of the service under test, and somebody who reads it.

use std::sync::Arc;

use backend::clock::World as _;
use backend::mail::{Kind, Letter, Post};
use backend::store::outbox::{First, Rank};
use serde_json::{Value, json};

use crate::service::{Answer, Service, request};

/// What browsers say about a form of our own page.
pub(crate) const OUR_PAGE: (&str, &str) = ("sec-fetch-site", "same-origin");

/// The token and code of a mailed link.
#[derive(Debug, Clone)]
pub(crate) struct Mailed {
    pub(crate) token: String,
    pub(crate) code: String,
}

impl Service {
    /// Takes the next letter out of the outbox.
    pub(crate) async fn letter(&self) -> Option<Letter> {
        let now = self.world.now();
        let due = self
            .store
            .take_letter(now, now.plus_millis(1), Rank::Notice, First::Ending)
            .await
            .unwrap()?;
        self.store.drop_letter(due.no).await.unwrap();
        let post = Post::new(Arc::new(self.secrets.clone()), self.world.clone());
        Some(post.open(&due.sealed).unwrap())
    }

    /// Asks for a link and reads the letter that brings it.
    pub(crate) async fn link(&self, address: &str) -> Mailed {
        let asked = self.post("/v1/links", &json!({ "address": address })).await;
        assert_eq!(asked.status, 202, "{}", asked.text());
        self.mailed().await
    }

    /// The link in the next letter that has one, whatever it is for.
    pub(crate) async fn mailed(&self) -> Mailed {
        loop {
            match self.letter().await.unwrap().kind {
                Kind::Link { token, code, .. } | Kind::Confirm { token, code, .. } => {
                    return Mailed { token, code };
                }
                Kind::Objected { .. } => {}
                _ => panic!("a letter about something else"),
            }
        }
    }

    /// Signs in as a script does, and returns the bearer.
    pub(crate) async fn sign_in(&self, address: &str) -> String {
        let link = self.link(address).await;
        let opened = self
            .post("/v1/sessions", &json!({ "token": link.token }))
            .await;
        assert_eq!(opened.status, 200, "{}", opened.text());
        opened.at("/session")
    }

    /// What the signed-in contact sees.
    pub(crate) async fn own(&self, session: &str) -> Answer {
        let bearer = format!("Bearer {session}");
        self.get_with("/v1/self", &[("authorization", &bearer)])
            .await
    }

    /// Presses a button as a script does.
    pub(crate) async fn choose(&self, session: &str, choice: Value) -> Answer {
        let bearer = format!("Bearer {session}");
        self.post_with("/v1/self/choices", &[("authorization", &bearer)], &choice)
            .await
    }

    /// Signs in as a browser without scripts does, and returns the cookie.
    pub(crate) async fn sign_in_on_page(&self, address: &str) -> String {
        let link = self.link(address).await;
        let opened = self
            .form_with("/self/session", &[OUR_PAGE], &[("token", &link.token)])
            .await;
        assert_eq!(opened.status, 303, "{}", opened.text());
        cookie(&opened)
    }

    /// Posts a form with more headers.
    pub(crate) async fn form_with(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Answer {
        let body = serde_urlencoded::to_string(fields).unwrap();
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let headers = [&form, headers].concat();
        self.send(request(axum::http::Method::POST, path, &headers, &body))
            .await
    }
}

/// The cookie that an answer sets, as a browser sends it back.
pub(crate) fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    set.split(';').next().unwrap().to_owned()
}
