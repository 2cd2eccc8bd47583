//! Wrong usage ends with 2 and does nothing, whoever finds it: the parser of the command line, or the
//! notices in force.

use serde_json::json;

use crate::deployment::Deployment;

const JANE: &str = "jane.doe@client.example";

#[test]
fn a_word_that_cannot_be_meant_is_wrong_usage() {
    let deployment = Deployment::published();
    let list = deployment.file("list.csv");
    std::fs::write(&list, "email\na@client.example\n").unwrap();
    let path = |name: &str| deployment.file(name).to_str().unwrap().to_owned();
    let (kept, withheld, certificate) = (path("kept"), path("withheld"), path("cert"));
    let scrub = [
        "scrub",
        list.to_str().unwrap(),
        "--kept",
        &kept,
        "--withheld",
        &withheld,
        "--certificate",
        &certificate,
        "--purpose",
    ];
    let check = ["check", JANE, "--purpose", "info_about_us"];
    let object = ["object", JANE, "--evidence", "call", "--purpose"];
    let link = ["link", JANE, "--purpose"];
    for (command, wrong) in [
        (&scrub[..], &["Info about us"][..]),
        (&scrub, &["info_about_us", "--topic", "IT strategy"]),
        (&scrub, &["info_about_us", "--channel", "fax"]),
        (&scrub, &["info_about_us", "--valid-hours", "49"]),
        (&scrub, &["info_about_us", "--valid-hours", "0"]),
        (&scrub, &["info_about_us", "--country", "XYZ"]),
        (&scrub, &["info_about_us", "--subscriber", "company"]),
        (&check, &["--country", "XYZ"]),
        (&check, &["--channel", "fax"]),
        (&check, &["--subscriber", "company"]),
        (&object, &["weather"]),
        (&object, &["service_provision"]),
        (&object, &["all", "--topic", "it_strategy"]),
        (&object, &["info_about_us", "--topic", "weather"]),
        (&object, &["info_about_us", "--channel", "pigeon"]),
        (&object, &["info_about_us", "--until", "soon"]),
        (&object, &["info_about_us", "--until", "-001-01-01"]),
        (&object, &["info_about_us", "--until", "2020-01-01"]),
        (&link, &["weather"]),
    ] {
        let ended = deployment.run(&[command, wrong].concat()).with(2);
        assert!(
            !ended.error.is_empty() && ended.output.is_empty(),
            "{ended:?}"
        );
    }
    assert!(!deployment.file("kept").exists());
    assert_eq!(
        deployment.json(0, &["ledger", "show"])["entries"],
        json!([])
    );
    deployment
        .run(&["check", JANE, "--purpose", "No purpose"])
        .with(3);
}
