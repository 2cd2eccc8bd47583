//! What is scrubbed a second time, or for something that nobody clicks, gets no columns that mislead.

use std::fs;

use crate::deployment::{Deployment, Ended};
use crate::scrub::{deployment, scrub};
use crate::serving::Server;

const LINKS: [&str; 1] = ["--unsubscribe-links"];

fn scrubbed(deployment: &Deployment, list: &str, more: &[&str]) -> Ended {
    let path = deployment.file("list");
    fs::write(&path, list).unwrap();
    scrub(deployment, &path, more)
}

/// What a scrub wrote, which goes away.
fn taken(deployment: &Deployment, name: &str) -> String {
    let written = fs::read_to_string(deployment.file(name)).unwrap();
    for name in ["kept", "withheld", "certificate"] {
        fs::remove_file(deployment.file(name)).unwrap();
    }
    written
}

#[track_caller]
fn is_refused(deployment: &Deployment, ended: Ended, column: &str) {
    let ended = ended.with(1);
    let told = format!("the list has a column \"{column}");
    assert!(ended.error.contains(&told), "{ended:?}");
    assert!(ended.error.contains("take that column out"), "{ended:?}");
    for name in ["kept", "withheld", "certificate"] {
        assert!(!deployment.file(name).exists(), "{name}");
    }
}

#[test]
fn a_list_with_the_links_of_an_earlier_mailing_gets_no_second_ones_beside_them() {
    let deployment = deployment();
    for list in [
        "email,n\nbob.stone@client.example,1\njane.doe@client.example,2\n",
        "{\"email\":\"bob.stone@client.example\"}\n{\"email\":\"jane.doe@client.example\"}\n",
    ] {
        let october = [&LINKS[..], &["--topic", "it_strategy", "--mailing", "oct"]].concat();
        scrubbed(&deployment, list, &october).with(0);
        let kept = taken(&deployment, "kept");
        let november = [&LINKS[..], &["--mailing", "nov"]].concat();
        let again = scrubbed(&deployment, &kept, &november);
        is_refused(&deployment, again, "sayso_");
        // Without links nothing is added to it.
        scrubbed(&deployment, &kept, &[]).with(0);
        assert_eq!(taken(&deployment, "kept"), kept);
        scrubbed(&deployment, list, &["--obligations"]).with(0);
        let kept = taken(&deployment, "kept").replace("sayso_obligation", " Sayso_Obligation");
        if !kept.starts_with('{') {
            let again = scrubbed(&deployment, &kept, &["--obligations"]);
            is_refused(&deployment, again, "Sayso_Obligation");
        }
        // Who was withheld may be asked about again, and so may a tool's export that has kept why.
        scrubbed(&deployment, list, &[]).with(0);
        let withheld = taken(&deployment, "withheld");
        scrubbed(&deployment, &withheld, &LINKS).with(0);
    }
}

#[test]
fn a_server_is_sent_no_list_that_has_the_links_of_an_earlier_mailing() {
    let deployment = Deployment::empty();
    let server = Server::start(&deployment);
    let url = format!("http://{}", server.host());
    let afar = ["--server", &url, "--key", server.key()];
    let list = "email,sayso_unsubscribe\nbob.stone@client.example,https://x.example/u/1\n";
    let again = scrubbed(&deployment, list, &[&LINKS[..], &afar].concat());
    is_refused(&deployment, again, "sayso_unsubscribe");
}

#[test]
fn links_are_for_e_mail_alone_since_they_stop_nothing_else() {
    let deployment = deployment();
    let list = "email\nbob.stone@client.example\n";
    let elsewhere = ["--server", "http://127.0.0.1:1", "--key", "sayso_key"];
    for channel in ["post", "phone", "sms"] {
        for more in [&[][..], &elsewhere] {
            let asked = [&LINKS[..], &["--channel", channel], more].concat();
            let refused = scrubbed(&deployment, list, &asked).with(2);
            assert!(refused.error.contains("stop e-mail alone"), "{refused:?}");
        }
    }
    let asked = [&LINKS[..], &["--channel", "email"]].concat();
    scrubbed(&deployment, list, &asked).with(0);
}

#[test]
fn no_link_is_made_for_what_does_not_go_by_e_mail() {
    let deployment = Deployment::configured();
    let changed = crate::deployment::changed(
        &deployment,
        "channels = [\"email\", \"phone\", \"post\"]",
        "channels = [\"phone\", \"post\"]",
    );
    deployment.run(&["notice", "publish", &changed]).with(0);
    let link = [
        "link",
        "bob.stone@client.example",
        "--purpose",
        "info_about_us",
    ];
    let refused = deployment.run(&link).with(2);
    assert!(
        refused.error.contains("does not go by e-mail"),
        "{refused:?}"
    );
}

#[test]
fn a_repeated_address_has_the_same_verdict_only_where_its_rows_state_the_same() {
    let deployment = deployment();
    let list = "email,land\nbob.stone@client.example,GB\nbob.stone@client.example,DE\n";
    let told = scrubbed(&deployment, list, &[]).with(0).output;
    assert!(
        told.contains("again, with the same verdict (line 3)"),
        "{told}"
    );
    let told = scrubbed(&deployment, list, &["--country-column", "land"]);
    let told = told.with(0).output;
    assert!(told.starts_with("2 rows: 1 kept, 1 withheld"), "{told}");
    assert!(!told.contains("same verdict"), "{told}");
    let said =
        "one may be kept and the other withheld; correct them, and scrub the list anew (line 3)";
    assert!(told.contains(said), "{told}");
}
