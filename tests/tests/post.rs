//! Mail through a real Postfix, signatures checked by OpenDKIM.

use std::fs;
use std::io::Write as _;

use anyhow::Context as _;
use e2e::dkim::{Signer, covered};
use e2e::postfix::{DOMAIN, MAILBOX};
use e2e::{Postfix, Sayso, wait};
use serde_json::json;

/// Adds to the configuration of a demo, which starts again with it.
async fn configured(mut sayso: Sayso, more: &str) -> anyhow::Result<Sayso> {
    fs::OpenOptions::new()
        .append(true)
        .open(sayso.data().join("sayso.toml"))?
        .write_all(more.as_bytes())?;
    sayso.kill().await?;
    sayso.restart().await?;
    Ok(sayso)
}

/// A demo that sends through that Postfix and signs as that signer.
async fn sending(postfix: &Postfix, signer: &Signer) -> anyhow::Result<Sayso> {
    let more = format!(
        "\n[smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"privacy@example.com\"\n\
         [[smtp.dkim]]\ndomain = \"example.com\"\nselector = \"sayso\"\nkey_file = {:?}\n",
        postfix.port(),
        signer.key()
    );
    configured(Sayso::demo().await?, &more).await
}

/// How often a header stands in the message's head.
fn count(message: &str, header: &str) -> usize {
    let head = message.split("\n\n").next().unwrap_or_default();
    head.lines()
        .filter(|line| line.to_lowercase().starts_with(&format!("{header}:")))
        .count()
}

/// The value of a link's token, from the text of a letter that may be quoted-printable.
fn token(message: &str) -> String {
    let text = message.replace("=\n", "").replace("=3D", "=");
    let from = text.find("#t=").expect("a link");
    text[from + 3..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect()
}

#[tokio::test]
async fn a_link_comes_through_a_mail_server_signed_and_opens_the_contacts_choices()
-> anyhow::Result<()> {
    let signer = Signer::new("example.com", "sayso")?;
    let postfix = Postfix::start(None).await?;
    let sayso = sending(&postfix, &signer).await?;
    let asked = json!({"address": "jane@example.org", "notice": "corporate-clients"});
    assert_eq!(sayso.post("/v1/links", &asked).await?.0, 202);
    let letter = postfix.message("#t=").await?;
    signer.verify(&letter)?;
    let covered = covered(&letter)?;
    for header in [
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "auto-submitted",
    ] {
        assert_eq!(count(&letter, header), 1, "{header} in {letter}");
        assert!(covered.iter().any(|name| name == header), "{header}");
    }
    assert_eq!(count(&letter, "list-unsubscribe"), 0);
    let (status, session) = sayso
        .post("/v1/sessions", &json!({"token": token(&letter)}))
        .await?;
    assert_eq!(status, 200, "{session}");
    Ok(())
}

#[tokio::test]
async fn while_the_mail_server_is_down_letters_wait_and_each_leaves_once() -> anyhow::Result<()> {
    let signer = Signer::new("example.com", "sayso")?;
    let postfix = Postfix::start(None).await?;
    let mut sayso = sending(&postfix, &signer).await?;
    postfix.stop()?;
    for name in ["ann", "bea"] {
        let asked =
            json!({"address": format!("{name}@example.org"), "notice": "corporate-clients"});
        assert_eq!(sayso.post("/v1/links", &asked).await?.0, 202);
    }
    // What is acknowledged is on disk: the letters outlive the process.
    sayso.kill().await?;
    postfix.again().await?;
    sayso.restart().await?;
    for name in ["ann", "bea"] {
        postfix.message(&format!("To: {name}@example.org")).await?;
    }
    let later = json!({"address": "cat@example.org", "notice": "corporate-clients"});
    assert_eq!(sayso.post("/v1/links", &later).await?.0, 202);
    postfix.message("To: cat@example.org").await?;
    assert_eq!(postfix.delivered()?.len(), 3);
    Ok(())
}

/// A mailing to that address with the headers that Sayso gave for it, as a mailing tool writes it.
fn mailing(to: &str, headers: &serde_json::Value) -> String {
    let header = |name: &str| headers["headers"][name].as_str().unwrap_or_default();
    format!(
        "From: news@example.com\r\nTo: {to}\r\nSubject: Our services\r\n\
         Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <{to}>\r\n\
         List-Unsubscribe: {}\r\nList-Unsubscribe-Post: {}\r\n\r\nNews.\r\n",
        header("List-Unsubscribe"),
        header("List-Unsubscribe-Post")
    )
}

/// The header's value, unfolded.
fn value(message: &str, header: &str) -> String {
    let unfolded = message.replace("\n\t", " ").replace("\n ", " ");
    let start = format!("{}:", header.to_lowercase());
    let line = unfolded
        .lines()
        .find(|line| line.to_lowercase().starts_with(&start))
        .unwrap_or_default();
    line[start.len().min(line.len())..].trim().to_owned()
}

/// The URL of this scheme in a `List-Unsubscribe` header.
fn uri(message: &str, scheme: &str) -> String {
    let header = value(message, "list-unsubscribe");
    let uris = header
        .split(',')
        .map(|uri| uri.trim().trim_matches(['<', '>']));
    uris.filter(|uri| uri.starts_with(scheme))
        .map(str::to_owned)
        .next()
        .unwrap_or_default()
}

#[tokio::test]
async fn one_click_in_a_delivered_mailing_stops_the_next_one_in_both_encodings()
-> anyhow::Result<()> {
    let signer = Signer::new("example.com", "news")?;
    let (postfix, sayso) = tokio::try_join!(Postfix::start(None), Sayso::demo())?;
    for (name, multipart) in [("ann", false), ("bea", true)] {
        let address = format!("{name}@example.org");
        let link = ["link", &address, "--purpose", "info_about_us", "--json"];
        let link: serde_json::Value = serde_json::from_str(&sayso.run(&link).await?.output)?;
        postfix.send(
            "news@example.com",
            &address,
            &signer.sign(&mailing(&address, &link))?,
        )?;
        let message = postfix.message(&format!("To: {address}")).await?;
        signer.verify(&message)?;
        let covered = covered(&message)?;
        for header in ["list-unsubscribe", "list-unsubscribe-post"] {
            assert_eq!(count(&message, header), 1, "{message}");
            assert!(covered.iter().any(|name| name == header), "{covered:?}");
        }
        assert_eq!(
            value(&message, "list-unsubscribe-post"),
            "List-Unsubscribe=One-Click"
        );
        let url = uri(&message, "http");
        assert!(!url.contains(name), "{url}");
        assert_eq!(sayso.check(&address, &[]).await?.0, 0);
        // Whoever scans mail opens every link; that changes nothing.
        assert_eq!(reqwest::get(&url).await?.status(), 200);
        assert_eq!(sayso.check(&address, &[]).await?.0, 0);
        let request = reqwest::Client::new().post(&url);
        let request = match multipart {
            true => request
                .header("content-type", "multipart/form-data; boundary=b")
                .body("--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"),
            false => request
                .header("content-type", "application/x-www-form-urlencoded")
                .body("List-Unsubscribe=One-Click"),
        };
        let answer = request.send().await?;
        assert_eq!(answer.status(), 200);
        assert!(!answer.headers().contains_key("set-cookie"));
        assert_eq!(sayso.check(&address, &[]).await?.0, 3);
    }
    Ok(())
}

#[tokio::test]
async fn a_message_to_the_unsubscribe_mailbox_stops_the_mailings_and_an_automatic_one_does_not()
-> anyhow::Result<()> {
    let sayso = Sayso::demo().await?;
    let postfix = Postfix::start(Some(&sayso.data())).await?;
    let sayso = configured(
        sayso,
        &format!("\n[mail]\nunsubscribe = \"{MAILBOX}@{DOMAIN}\"\nobjection_notice = \"off\"\n"),
    )
    .await?;
    let mailbox = |address: &str| {
        let link = ["link", address, "--purpose", "info_about_us", "--json"].map(str::to_owned);
        let sayso = &sayso;
        async move {
            let link: Vec<&str> = link.iter().map(String::as_str).collect();
            let link: serde_json::Value = serde_json::from_str(&sayso.run(&link).await?.output)?;
            let message = mailing("x@example.org", &link);
            let mailto = uri(&message, "mailto:");
            let to = mailto.trim_start_matches("mailto:").split('?').next();
            anyhow::Ok(to.unwrap_or_default().to_owned())
        }
    };
    let (ann, bea) = (
        mailbox("ann@example.org").await?,
        mailbox("bea@example.org").await?,
    );
    assert!(ann.starts_with(MAILBOX) && !ann.contains("ann"), "{ann}");
    let away =
        format!("To: {bea}\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nBack soon.\n");
    postfix.send("bea@example.org", &bea, &away)?;
    let please = format!("To: {ann}\nSubject: unsubscribe\n\n");
    postfix.send("other@example.net", &ann, &please)?;
    wait::until("the objection", async || {
        Ok((sayso.check("ann@example.org", &[]).await?.0 == 3).then_some(()))
    })
    .await
    .with_context(|| postfix.log())?;
    postfix.taken(2).await?;
    assert_eq!(sayso.check("bea@example.org", &[]).await?.0, 0);
    Ok(())
}

#[tokio::test]
async fn people_who_write_where_reports_come_back_are_refused_at_once_and_reports_are_taken()
-> anyhow::Result<()> {
    let sayso = Sayso::demo().await?;
    let postfix = Postfix::receiving(&sayso.data()).await?;
    let sayso = configured(
        sayso,
        "\n[mail]\nunsubscribe = \"unsub@privacy.example.com\"\n\
         bounces = \"back@privacy.example.com\"\nobjection_notice = \"off\"\n",
    )
    .await?;
    let (back, marked) = ("back@privacy.example.com", "back+abc@privacy.example.com");
    let unsubscribe = "unsub+abc@privacy.example.com";
    for (sender, recipient, answer) in [
        ("victim@example.net", back, "550 5.1.1"),
        ("victim@example.net", marked, "550 5.1.1"),
        ("victim@example.net", "other@privacy.example.com", "550"),
        ("victim@example.net", unsubscribe, "250"),
        ("", marked, "250"),
        ("", unsubscribe, "250"),
        ("MAILER-DAEMON@mx.example.net", marked, "250"),
        // Mail to others passes as before.
        ("victim@example.net", "ann@example.org", "250"),
    ] {
        let told = postfix.told_from(sender, recipient).await?;
        assert!(told.starts_with(answer), "{sender} {recipient}: {told}");
    }
    let report = "From: mailer-daemon@mx.example.org\nTo: back@privacy.example.com\nMIME-Version: 1.0\n\
                  Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
                  --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n\
                  Final-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: 5.1.1\n\n--b--\n";
    postfix.send("", marked, report)?;
    wait::until("the report", async || {
        Ok((sayso.check("ann@example.org", &[]).await?.0 == 3).then_some(()))
    })
    .await
    .with_context(|| postfix.log())?;
    // Nor does anything go back to whoever writes in the name of a mail system.
    let sender = "mailer-daemon@victim.example.net";
    postfix.send(sender, back, "Subject: Hello\n\nHello.\n")?;
    wait::until("both messages", async || {
        let taken = postfix.log().matches("delivered via sayso service").count();
        Ok((taken == 2).then_some(()))
    })
    .await
    .with_context(|| postfix.log())?;
    assert!(postfix.delivered()?.is_empty(), "{}", postfix.log());
    Ok(())
}
