//! In a frame of a website: what a person may go on to opens beside it, because it may not be framed.

use axum::http::Method;

use crate::service::{Answer, NOTICE, PURPOSE, Service, request};

const JANE: &str = "jane@client.example";
const IN_FRAME: (&str, &str) = ("sec-fetch-dest", "iframe");

/// The links and forms of a page: each whole tag, and where it leads.
fn ways(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (begin, attribute) in [("<a ", "href=\""), ("<form ", "action=\"")] {
        for part in page.split(begin).skip(1) {
            let tag = part.split('>').next().unwrap();
            let to = tag.split(attribute).nth(1).unwrap();
            let to = to.split('"').next().unwrap().replace("&amp;", "&");
            found.push((format!("{begin}{tag}"), to));
        }
    }
    found
}

fn may_be_framed(answer: &Answer) -> bool {
    let policy = answer.header("content-security-policy");
    !policy.contains("frame-ancestors 'none'")
}

/// Whether the answer at the end of that way stays where it was asked for.
async fn stays(service: &Service, tag: &str, to: &str) -> bool {
    if to.starts_with('#') || tag.contains(" download") {
        return true;
    }
    match tag.starts_with("<form") {
        true => may_be_framed(&service.form(to, &[]).await),
        false => may_be_framed(&service.get(to.split('#').next().unwrap()).await),
    }
}

#[track_caller]
fn opens_beside(tag: &str) -> bool {
    tag.contains(" target=_blank") || tag.contains(" target=\"_blank\"")
}

#[tokio::test]
async fn what_an_answer_in_a_frame_leads_to_opens_beside_the_website() {
    let service = Service::start().await;
    let notice = ("notice", NOTICE);
    let asking = [
        ("address", JANE),
        notice,
        ("purpose", PURPOSE),
        ("channel", "email"),
    ];
    let forms: [(&str, &[(&str, &str)]); 7] = [
        ("/object", &[("address", JANE), notice]),
        ("/object", &[("address", "<a href=jane"), notice]),
        (
            "/object",
            &[("address", JANE), notice, ("until", "yesterday")],
        ),
        (
            "/object",
            &[("address", JANE), notice, ("purpose", "business_admin")],
        ),
        ("/object/undo", &[("token", "x"), notice]),
        ("/consent", &asking),
        ("/consent", &[("address", "jane"), notice]),
    ];
    for (path, fields) in forms {
        let page = service.form_with(path, &[IN_FRAME], fields).await;
        let length = page.header("content-length");
        assert!(length.is_empty() || length == page.bytes.len().to_string());
        let page = page.text();
        assert!(ways(&page).len() > 1, "{page}");
        for (tag, to) in ways(&page) {
            let stays = stays(&service, &tag, &to).await;
            assert_eq!(!stays, opens_beside(&tag), "{path}: {tag}");
        }
        for elsewhere in ["document", "empty"] {
            let headers = [("sec-fetch-dest", elsewhere)];
            let page = service.form_with(path, &headers, fields).await;
            assert!(!page.text().contains("_blank"), "{path}: {}", page.text());
        }
    }
}

#[tokio::test]
async fn from_the_frame_itself_only_its_own_forms_stay_in_it() {
    let service = Service::start().await;
    let frame = request(Method::GET, &format!("/frame/{NOTICE}"), &[IN_FRAME], "");
    let page = service.send(frame).await.text();
    let (mut inside, mut beside) = (Vec::new(), 0);
    for (tag, to) in ways(&page).into_iter().filter(|(_, to)| !to.is_empty()) {
        let stays = stays(&service, &tag, &to).await;
        assert_eq!(!stays, opens_beside(&tag), "{tag}");
        match stays {
            true => inside.push(to),
            false => beside += 1,
        }
    }
    assert!(inside.contains(&"/object".to_owned()), "{inside:?}");
    assert!(beside > 2, "{page}");
}
