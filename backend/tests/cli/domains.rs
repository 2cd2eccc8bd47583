//! A company's objection for all its people.

use serde_json::json;

use crate::deployment::Deployment;

const EVIDENCE: [&str; 2] = ["--evidence", "letter 7"];

#[test]
fn a_domain_objection_reaches_everybody_there_and_subdomains_when_said() {
    let deployment = Deployment::published();
    let service = deployment.serve();
    let object = |domain: &str, more: &[&str]| {
        deployment.json(
            0,
            &[&["domain", "object", domain], more, &EVIDENCE].concat(),
        )
    };
    assert_eq!(object("@Client.Example.", &[])["changed"], true);
    let withheld = deployment.check(3, "Jane@CLIENT.example");
    assert_eq!(withheld["reasons"], json!(["domain_objected"]));
    deployment.check(0, "jane@mail.client.example");
    deployment.check(0, "jane@notclient.example");
    assert_eq!(object("client.example", &[])["changed"], false);
    assert_eq!(object("client.example", &["--subdomains"])["changed"], true);
    deployment.check(3, "jane@mail.client.example");
    assert_eq!(
        object("client.example", &[])["changed"],
        false,
        "it never gets narrower"
    );
    deployment.check(3, "jane@mail.client.example");
    assert_eq!(
        object("bücher.example", &[])["domain"],
        "xn--bcher-kva.example"
    );
    deployment.check(3, "x@bücher.example");
    drop(service);
}

#[test]
fn lifting_it_leaves_what_the_people_chose() {
    let deployment = Deployment::published();
    let told = [
        "object",
        "jane@client.example",
        "--purpose",
        "all",
        "--evidence",
        "call",
    ];
    deployment.run(&told).with(0);
    let object = ["domain", "object", "client.example", "--subdomains"];
    deployment.run(&[&object[..], &EVIDENCE].concat()).with(0);
    deployment.check(3, "joe@client.example");
    let lift = ["domain", "lift", "client.example", "--evidence", "letter 8"];
    deployment.run(&lift).with(0);
    deployment.check(0, "joe@client.example");
    assert_eq!(
        deployment.check(3, "jane@client.example")["reasons"],
        json!(["objected"])
    );
    deployment.run(&lift).with(3);
    let listed = deployment.json(0, &["domain", "list"]);
    assert_eq!(listed["domains"], json!([]));
    let all = deployment.json(0, &["domain", "list", "--all"]);
    let steps = all["domains"].as_array().unwrap();
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[0]["act"], "objected_with_subdomains");
    assert_eq!(steps[0]["evidence"], "letter 7");
    assert_eq!(
        (&steps[1]["act"], &steps[1]["evidence"]),
        (&json!("lifted"), &json!("letter 8"))
    );
}

#[test]
fn it_outlives_a_new_version_of_the_notice() {
    let deployment = Deployment::published();
    let object = ["domain", "object", "client.example"];
    deployment.run(&[&object[..], &EVIDENCE].concat()).with(0);
    let changed = crate::deployment::changed(&deployment, "P7Y", "P6Y");
    deployment.run(&["notice", "publish", &changed]).with(0);
    deployment.check(3, "jane@client.example");
}

#[test]
fn what_is_no_company_or_has_no_evidence_is_refused() {
    let deployment = Deployment::published();
    for domain in ["gmail.com", "example", "jane@client.example", ""] {
        let ended = deployment.run(&[&["domain", "object", domain], &EVIDENCE[..]].concat());
        assert_eq!(ended.code, 1, "{ended:?}");
    }
    let object = ["domain", "object", "client.example"];
    deployment.run(&object).with(2);
    deployment
        .run(&[&object[..], &["--evidence", "jane@client.example"]].concat())
        .with(1);
    assert_eq!(
        deployment.json(0, &["domain", "list", "--all"])["domains"],
        json!([])
    );
}
