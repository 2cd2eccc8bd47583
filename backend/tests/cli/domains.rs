//! A company's objection for all its people.

use std::fs;

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
        assert_eq!(ended.code, 2, "{ended:?}");
    }
    let object = ["domain", "object", "client.example"];
    deployment.run(&object).with(2);
    deployment
        .run(&[&object[..], &["--evidence", "jane@client.example"]].concat())
        .with(2);
    assert_eq!(
        deployment.json(0, &["domain", "list", "--all"])["domains"],
        json!([])
    );
}

#[test]
fn a_file_of_domains_goes_in_once_and_what_is_wrong_is_refused_by_row() {
    let deployment = Deployment::published();
    let table = "domain,subdomains,evidence\n\
        Client.example,,letter 1\n\
        other.example,yes,letter 2\n\
        *.third.example,,letter 3\n\
        gmail.com,,letter 4\n\
        jane@fourth.example,,letter 5\n\
        fifth.example,,\n\
        @sixth.example,,letter 7\n";
    let domains = ["--as", "domains"];
    let report = deployment.import(table, &domains).with(3).json();
    assert_eq!(
        (&report["rows"], &report["recorded"], &report["refused"]),
        (&json!(7), &json!(4), &json!(3)),
        "{report}"
    );
    let lines = report["refusals"].as_array().unwrap().iter();
    assert_eq!(
        lines.map(|one| one["line"].clone()).collect::<Vec<_>>(),
        [5, 6, 7]
    );
    for (address, code) in [
        ("jane@client.example", 3),
        ("jane@mail.client.example", 0),
        ("jane@mail.other.example", 3),
        ("jane@third.example", 3),
        ("jane@mail.third.example", 3),
        ("jane@fifth.example", 0),
        ("jane@sixth.example", 3),
    ] {
        deployment.check(code, address);
    }
    let again = deployment.import(table, &domains).with(3).json();
    assert_eq!(
        (&again["recorded"], &again["known"], &again["refused"]),
        (&json!(0), &json!(4), &json!(3)),
        "{again}"
    );
    let list = deployment.json(0, &["domain", "list", "--all"]);
    let steps = list["domains"].as_array().unwrap();
    assert_eq!(steps.len(), 4, "{list}");
    assert_eq!(steps[0]["evidence"], "letter 1");
}

#[test]
fn a_bare_list_of_domains_loses_no_row_and_an_old_one_undoes_no_lift() {
    let deployment = Deployment::published();
    let dry = ["--as", "domains", "--evidence", "file 7", "--dry-run"];
    let bare = "client.example\nother.example\n";
    let report = deployment.import(bare, &dry).with(0).json();
    assert_eq!(report["recorded"], 2, "{report}");
    deployment.check(0, "jane@client.example");
    let report = deployment.import(bare, &dry[..4]).with(0).json();
    assert_eq!(
        (&report["rows"], &report["recorded"]),
        (&json!(2), &json!(2))
    );
    deployment.check(3, "jane@client.example");
    let lift = ["domain", "lift", "client.example", "--evidence", "letter 8"];
    deployment.run(&lift).with(0);
    let dated = "domain,date\nclient.example,2020-01-01\n";
    let report = deployment.import(dated, &dry[..4]).with(0).json();
    assert_eq!(
        (&report["recorded"], &report["known"]),
        (&json!(0), &json!(1))
    );
    deployment.check(0, "jane@client.example");
    let report = deployment.import(bare, &dry[..4]).with(0).json();
    assert_eq!(
        report["recorded"], 1,
        "an undated row counts again: {report}"
    );
    deployment.check(3, "jane@client.example");
    let some = ["--as", "domains", "--evidence", "x"];
    for (code, wrong) in [
        (2, ["--topic", "it_strategy"]),
        (1, ["--column", "nowhere"]),
    ] {
        let arguments = [&some[..], &wrong].concat();
        deployment.import(bare, &arguments).with(code);
    }
    let headless = "ninth.example,letter 9\ntenth.example,letter 10\n";
    let first = [&dry[..4], &["--column", "1"]].concat();
    let report = deployment.import(headless, &first).with(0).json();
    assert_eq!(report["recorded"], 2, "{report}");
    deployment.check(3, "jane@ninth.example");
    let two = "company,site\nClient,client.example\n";
    let said = deployment.import(two, &dry[..4]).with(1).error;
    assert!(said.contains("--column"), "{said}");
}

#[test]
fn where_no_sink_is_to_be_told_a_company_objects_without_the_secrets() {
    let deployment = Deployment::published();
    let service = |deployment: &Deployment, sink: &str| {
        let mut config = fs::read_to_string(deployment.file("sayso.toml")).unwrap();
        config.push_str(sink);
        fs::write(deployment.file("sayso.toml"), config).unwrap();
    };
    let secrets = deployment.file("secrets.toml");
    let aside = deployment.file("aside.toml");
    fs::rename(&secrets, &aside).unwrap();
    let object = |domain| [&["domain", "object", domain], &EVIDENCE[..]].concat();
    deployment.run(&object("client.example")).with(0);
    let table = "domain,evidence\nother.example,letter 9\n";
    deployment.import(table, &["--as", "domains"]).with(0);
    let lift = ["domain", "lift", "client.example", "--evidence", "letter 8"];
    deployment.run(&lift).with(0);
    service(
        &deployment,
        "\n[[sink]]\nname = 'crm'\nurl = 'https://crm.example.com/hook'\n\
         secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'\n",
    );
    let refused = deployment.run(&object("third.example")).with(1);
    assert!(refused.error.contains("no pepper is set"), "{refused:?}");
    fs::rename(&aside, &secrets).unwrap();
    deployment.check(0, "jane@client.example");
    deployment.check(3, "jane@other.example");
    deployment.run(&object("third.example")).with(0);
    assert_eq!(
        deployment.json(0, &["sink", "list"])["sinks"][0]["waiting"],
        1
    );
}

#[test]
fn the_name_of_a_website_is_refused_since_nobody_has_a_mailbox_there() {
    let deployment = Deployment::published();
    let object = ["domain", "object", "www.client.example"];
    let refused = deployment.run(&[&object[..], &EVIDENCE].concat()).with(2);
    assert!(
        refused.error.contains("such as client.example"),
        "{refused:?}"
    );
}
