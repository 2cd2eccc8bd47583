//! Commands that change what may be mailed have the sinks told; an operator sees and repeats it.

use std::fs;
use std::io::Write as _;

use backend::sinks::Signing;
use shared::address::Address;

use crate::deployment::Deployment;
use crate::hook::Hook;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SINK: &str = "\n[[sink]]\nname = 'crm'\nurl = 'https://crm.example.com/hook'\n\
                    secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'\n";

fn with_sink() -> Deployment {
    let deployment = Deployment::published();
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(deployment.file("sayso.toml"))
        .unwrap();
    file.write_all(SINK.as_bytes()).unwrap();
    deployment
}

fn waiting(deployment: &Deployment) -> u64 {
    let listed = deployment.json(0, &["sink", "list"]);
    assert_eq!(listed["sinks"][0]["name"], "crm");
    assert_eq!(listed["sinks"][0]["late"], false);
    listed["sinks"][0]["waiting"].as_u64().unwrap()
}

#[test]
fn the_record_of_processing_names_the_sinks_and_all_that_is_kept() {
    let record = with_sink().json(0, &["notice", "record", "corporate-clients"]);
    let activities = record["activities"].as_array().unwrap();
    let own = activities.iter().find(|one| one["key"] == "sayso").unwrap();
    let recipients = own["recipients"].to_string();
    assert!(recipients.contains("crm, which is told"), "{recipients}");
    let data = own["personal_data"].to_string();
    for kept in [
        "complaints",
        "grounds of the answers",
        "obtained",
        "customer databases",
    ] {
        assert!(data.contains(kept), "{kept}: {data}");
    }
}

#[test]
fn every_command_that_changes_what_may_be_mailed_has_the_sinks_told() {
    let deployment = with_sink();
    assert_eq!(waiting(&deployment), 0);
    let told = [
        "object",
        "jane@client.example",
        "--purpose",
        "all",
        "--evidence",
        "call",
    ];
    deployment.run(&told).with(0);
    assert_eq!(waiting(&deployment), 1);
    let bounced = include_str!("returned.eml")
        .replace("{action}", "failed")
        .replace("{status}", "5.1.1");
    deployment.fed(&bounced, &["mail-in"]).with(0);
    assert_eq!(waiting(&deployment), 2);
    let erase = ["erase", "jane@client.example", "--evidence", "letter"];
    deployment.run(&erase).with(0);
    assert_eq!(waiting(&deployment), 3);
    let imported = ["--as", "objections", "--evidence", "handover"];
    deployment
        .import("email\nann@client.example\nbea@client.example\n", &imported)
        .with(0);
    assert_eq!(waiting(&deployment), 5);
    assert_eq!(deployment.json(0, &["sink", "retry", "crm"])["due"], 5);
    let said = deployment.run(&["sink", "list"]).with(0).output;
    assert!(
        said.contains("crm: told 0, waiting 5; the oldest waits since"),
        "{said}"
    );
}

#[test]
fn a_sink_that_is_not_there_or_not_well_described_is_named() {
    let deployment = with_sink();
    let said = deployment.run(&["sink", "retry", "erp"]).with(1).error;
    assert!(said.contains("sayso sink list"), "{said}");
    let private = "[{name=\"crm\",url=\"https://10.0.0.1/\",\
                   secret=\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}]";
    let refused = deployment.run_with(&[("SAYSO_SINK", private)], &["config", "check"]);
    let said = refused.with(1).error;
    assert!(
        said.contains("crm") && said.contains("allow_private"),
        "{said}"
    );
    let without = Deployment::published();
    let said = without.run(&["sink", "list"]).with(0).output;
    assert!(said.contains("No sink is configured"), "{said}");
}

#[test]
fn commands_without_the_services_configuration_have_its_sinks_told() {
    let hook = Hook::open();
    let deployment = Deployment::published();
    let mut config = fs::read_to_string(deployment.file("sayso.toml")).unwrap();
    config.push_str(&format!(
        "\n[[sink]]\nname = 'crm'\nurl = '{}'\nsecret = '{SECRET}'\nallow_private = true\n",
        hook.url()
    ));
    let file = deployment.file("service.toml");
    fs::write(&file, config).unwrap();
    let named = ["--config", file.to_str().unwrap()];
    // The service notes the sink as it starts, before it has told it anything.
    drop(deployment.serve_with(&named));
    let object = [
        "object",
        "jane@client.example",
        "--purpose",
        "all",
        "--evidence",
        "call",
    ];
    deployment.run(&object).with(0);
    let imported = ["--as", "objections", "--evidence", "handover"];
    deployment
        .import("email\nann@client.example\n", &imported)
        .with(0);
    let domain = ["domain", "object", "client.example", "--evidence", "letter"];
    deployment.run(&domain).with(0);
    assert_eq!(waiting(&deployment), 3);
    for file in ["sayso.db", "sayso.db-wal"] {
        let bytes = fs::read(deployment.file(file)).unwrap_or_default();
        let traces = [&b"jane@client"[..], b"ann@client"];
        let found = |trace: &&[u8]| bytes.windows(trace.len()).any(|part| part == *trace);
        assert!(!traces.iter().any(found));
    }
    let _service = deployment.serve_with(&named);
    let mut told: Vec<_> = (0..3).map(|_| hook.next()).collect();
    told.sort_by_key(|body| body["data"]["seq"].as_u64());
    assert_eq!(told[0]["type"], "domain.objected");
    assert_eq!(told[0]["data"]["domain"], "client.example");
    let secret = Signing::try_from(SECRET.to_owned()).unwrap();
    for (body, address) in told[1..]
        .iter()
        .zip(["jane@client.example", "ann@client.example"])
    {
        let hash = secret.hash(&Address::parse(address).unwrap());
        assert_eq!(body["type"], "contact.objected");
        assert_eq!(body["data"]["address_hmac"], hash);
    }
}

#[test]
fn what_a_sink_had_still_to_be_told_is_carried_over_with_the_act_after_a_restore() {
    let deployment = with_sink();
    let backup = deployment.file("backup.db");
    let backup = backup.to_str().unwrap();
    deployment.run(&["backup", backup]).with(0);
    let told = [
        "object",
        "jane@client.example",
        "--purpose",
        "all",
        "--evidence",
        "call",
    ];
    deployment.run(&told).with(0);
    assert_eq!(waiting(&deployment), 1);
    deployment.run(&["restore", backup]).with(0);
    assert_eq!(waiting(&deployment), 0);
    let replaced = deployment.file("sayso.db.replaced");
    let carried = ["carry-over", replaced.to_str().unwrap()];
    deployment.run(&carried).with(0);
    assert_eq!(waiting(&deployment), 1);
    deployment.run(&carried).with(0);
    assert_eq!(waiting(&deployment), 1);
}

#[test]
fn what_a_sink_had_still_to_be_told_of_an_erasure_goes_with_it_through_a_restore() {
    let deployment = with_sink();
    let backup = deployment.file("backup.db");
    let backup = backup.to_str().unwrap();
    let object = |address| {
        let told = ["object", address, "--purpose", "all", "--evidence", "call"];
        deployment.run(&told).with(0);
    };
    let erase = |address| {
        deployment
            .run(&["erase", address, "--evidence", "letter"])
            .with(0);
    };
    object("jane@client.example");
    deployment.run(&["backup", backup]).with(0);
    object("ann@client.example");
    erase("jane@client.example");
    erase("ann@client.example");
    assert_eq!(waiting(&deployment), 4);
    for _ in 0..2 {
        let restored = deployment.json(0, &["restore", backup]);
        assert_eq!(restored["erased_again"], 2);
        assert_eq!(waiting(&deployment), 4);
        fs::remove_file(deployment.file("sayso.db.replaced")).unwrap();
    }
    fs::write(deployment.file("sayso.db"), "damaged").unwrap();
    let restored = deployment.json(0, &["restore", backup]);
    assert_eq!(restored["erased_again"], 2);
    assert_eq!(waiting(&deployment), 1, "what the backup itself has");
}
