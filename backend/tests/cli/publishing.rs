//! `notice publish` of what changes for people: names that are gone, several notices at once, and
//! nothing at all where one of them is refused.

use std::fs;

use serde_json::json;

use crate::deployment::{Deployment, notice};

/// A folder like the notice's with each text changed, given its name; a text of nothing is left out.
fn folder(deployment: &Deployment, name: &str, change: impl Fn(&str, String) -> String) -> String {
    let copy = deployment.file(name);
    fs::create_dir_all(&copy).unwrap();
    for file in fs::read_dir(notice()).unwrap() {
        let path = file.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = change(&file, fs::read_to_string(&path).unwrap());
        if !text.is_empty() {
            fs::write(copy.join(file), text).unwrap();
        }
    }
    copy.to_str().unwrap().to_owned()
}

/// The notice with another word everywhere.
fn renamed(deployment: &Deployment, from: &str, to: &str) -> String {
    folder(deployment, to, |file, text| {
        match file.starts_with("seed") {
            true => text,
            false => text.replace(from, to),
        }
    })
}

/// The notice under another key, with another basis of one purpose where asked.
fn beside(deployment: &Deployment, key: &str, another_basis: bool) -> String {
    let basis = "basis = \"legitimate_interests\"\ninterest = \"purpose.business_admin.interest\"";
    folder(
        deployment,
        &format!("{key}-{another_basis}"),
        |file, text| {
            if file.starts_with("seed") && key != "corporate-clients" {
                return String::new();
            }
            assert!(file != "notice.toml" || text.contains(basis));
            let text = text.replace("key = \"corporate-clients\"", &format!("key = \"{key}\""));
            match another_basis {
                true => text.replace(basis, "basis = \"public_task\""),
                false => text,
            }
        },
    )
}

fn versions(deployment: &Deployment) -> Vec<String> {
    let listed = deployment.json(0, &["notice", "list"]);
    let versions = listed["versions"].as_array().unwrap();
    let named = |one: &serde_json::Value| format!("{} {}", one["notice"], one["version"]);
    versions.iter().map(named).collect()
}

fn stop(deployment: &Deployment, address: &str, more: &[&str]) {
    let told = [
        "object",
        address,
        "--purpose",
        "info_about_us",
        "--evidence",
        "call",
    ];
    deployment.run(&[&told[..], more].concat()).with(0);
}

#[test]
fn a_purpose_that_people_stopped_goes_under_another_name_only_when_it_really_ended() {
    let deployment = Deployment::published();
    stop(&deployment, "jane@client.example", &[]);
    stop(&deployment, "joe@client.example", &["--channel", "email"]);
    let news = renamed(&deployment, "info_about_us", "news");
    let before = versions(&deployment);
    let refused = deployment.run(&["notice", "publish", &news]).with(1);
    for said in [
        "info_about_us: 2 contacts stopped exactly this (--ends info_about_us)",
        "titles may change freely",
    ] {
        assert!(refused.error.contains(said), "{said}: {refused:?}");
    }
    assert_eq!(versions(&deployment), before);
    deployment.check(3, "jane@client.example");
    let misspelt = ["notice", "publish", &news, "--ends", "info_about_them"];
    let refused = deployment.run(&misspelt).with(1);
    assert!(
        refused.error.contains("--ends info_about_them"),
        "{refused:?}"
    );
    deployment
        .run(&["notice", "publish", &news, "--ends", "Info about us"])
        .with(2);
    let ended = ["notice", "publish", &news, "--ends", "info_about_us"];
    assert_eq!(deployment.json(0, &ended)["versions"], json!([2]));
}

#[test]
fn a_topic_is_asked_about_like_a_purpose_and_a_title_is_not() {
    let deployment = Deployment::published();
    stop(
        &deployment,
        "jane@client.example",
        &["--topic", "it_strategy"],
    );
    let strategy = renamed(&deployment, "it_strategy", "strategy");
    let refused = deployment.run(&["notice", "publish", &strategy]).with(1);
    let said = "info_about_us.it_strategy: 1 contact stopped exactly this";
    assert!(refused.error.contains(said), "{refused:?}");
    let titled = folder(&deployment, "titled", |file, text| match file {
        "en.toml" => text.replacen("title = \"", "title = \"Our ", 1),
        _ => text,
    });
    deployment.run(&["notice", "publish", &titled]).with(0);
    let ends = "info_about_us.it_strategy";
    deployment
        .run(&["notice", "publish", &strategy, "--ends", ends])
        .with(0);
}

#[test]
fn what_links_in_sent_mail_name_is_asked_about_even_while_nobody_stopped_it() {
    let deployment = Deployment::published();
    let news = renamed(&deployment, "info_about_us", "news");
    let refused = deployment.run(&["notice", "publish", &news]).with(1);
    assert!(
        refused.error.contains("info_about_us: 0 contacts"),
        "{refused:?}"
    );
    let stopped_by_nobody_and_no_mailing = renamed(&deployment, "security_risk", "safety");
    deployment
        .run(&["notice", "publish", &stopped_by_nobody_and_no_mailing])
        .with(0);
}

#[test]
fn a_purpose_in_two_notices_changes_in_both_at_once() {
    let deployment = Deployment::published();
    let [ours, theirs] =
        ["corporate-clients", "visitors"].map(|key| beside(&deployment, key, true));
    let first = beside(&deployment, "visitors", false);
    deployment.run(&["notice", "publish", &first]).with(0);
    let before = versions(&deployment);
    for alone in [&ours, &theirs] {
        for verb in ["lint", "publish"] {
            let refused = deployment.json(3, &["notice", verb, alone]);
            let defects = refused["defects"].as_array().unwrap();
            assert!(
                defects.iter().any(|one| one["code"] == "clash"),
                "{refused}"
            );
        }
    }
    assert_eq!(versions(&deployment), before);
    deployment.run(&["notice", "publish", &ours, &ours]).with(1);
    let together = ["notice", "lint", &ours, &theirs];
    deployment.run(&together).with(0);
    let published = deployment.json(0, &["notice", "publish", &ours, &theirs]);
    assert_eq!(published["notices"][0]["versions"], json!([2]));
    assert_eq!(published["notices"][1]["versions"], json!([2]));
    let again = deployment.json(0, &["notice", "publish", &ours, &theirs]);
    assert_eq!(again["notices"][1]["versions"], json!([]));
    let titled = folder(&deployment, "titled", |file, text| match file {
        "en.toml" => text.replacen("title = \"", "title = \"Our ", 1),
        "notice.toml" => text.replace(
            "basis = \"legitimate_interests\"\ninterest = \"purpose.business_admin.interest\"",
            "basis = \"public_task\"",
        ),
        _ => text,
    });
    let one = deployment
        .run(&["notice", "publish", &titled, &theirs])
        .with(0);
    for said in [
        "Published corporate-clients, version 3.",
        "visitors says the same as before: no new version.",
    ] {
        assert!(one.output.contains(said), "{one:?}");
    }
}

#[test]
fn a_folder_that_is_refused_leaves_nothing_behind() {
    let deployment = Deployment::configured();
    let broken = folder(&deployment, "broken", |file, text| match file {
        "notice.toml" => text.replacen("control = \"objection\"", "control = \"none\"", 1),
        _ => text,
    });
    let whole = beside(&deployment, "visitors", false);
    deployment
        .run(&["notice", "publish", &whole, &broken])
        .with(3);
    assert_eq!(versions(&deployment), [""; 0]);
}

#[test]
fn the_text_of_another_company_does_not_become_version_0() {
    let deployment = Deployment::configured();
    let config = deployment.file("sayso.toml");
    let text = fs::read_to_string(&config).unwrap();
    let name = "Example Managed IT Ltd";
    assert!(text.contains(name));
    fs::write(&config, text.replace(name, "Faraway Bridges Ltd")).unwrap();
    let folder_with_seed = notice();
    let folder_with_seed = folder_with_seed.to_str().unwrap();
    for verb in ["lint", "publish"] {
        let refused = deployment.json(3, &["notice", verb, folder_with_seed]);
        assert_eq!(refused["defects"][0]["code"], "borrowed_seed", "{refused}");
    }
    let own = folder(&deployment, "own", |file, text| match file {
        "seed.txt" => "Faraway Bridges Ltd keeps your address to send you its letter.".to_owned(),
        "seed-defects.toml" => String::new(),
        _ => text,
    });
    let published = deployment.json(0, &["notice", "publish", &own]);
    assert_eq!(published["versions"], json!([0, 1]));
    // What is published already stays, and the file beside it says nothing any more.
    deployment
        .run(&["notice", "lint", folder_with_seed])
        .with(0);
}
