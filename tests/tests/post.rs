//! Mail through a real Postfix, signatures checked by OpenDKIM.

use std::fs;
use std::io::Write as _;

use e2e::dkim::{Signer, covered};
use e2e::{Postfix, Sayso};
use serde_json::json;

/// A demo that sends through that Postfix and signs as that signer.
async fn sending(postfix: &Postfix, signer: &Signer) -> anyhow::Result<Sayso> {
    let mut sayso = Sayso::demo().await?;
    let more = format!(
        "\n[smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"privacy@example.com\"\n\
         [[smtp.dkim]]\ndomain = \"example.com\"\nselector = \"sayso\"\nkey_file = {:?}\n",
        postfix.port(),
        signer.key()
    );
    fs::OpenOptions::new()
        .append(true)
        .open(sayso.data().join("sayso.toml"))?
        .write_all(more.as_bytes())?;
    sayso.kill().await?;
    sayso.restart().await?;
    Ok(sayso)
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
    let postfix = Postfix::start(&["/bin/true"]).await?;
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
    let postfix = Postfix::start(&["/bin/true"]).await?;
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
