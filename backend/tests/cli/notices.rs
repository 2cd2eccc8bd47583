//! `notice lint | publish | list | show | diff`.

use std::fs;

use serde_json::json;

use crate::deployment::{Deployment, changed, notice};

#[test]
fn lint_names_what_is_missing_and_publishing_refuses() {
    let deployment = Deployment::empty();
    deployment.run(&["config", "secrets"]).with(0);
    let folder = notice();
    let folder = folder.to_str().unwrap();
    let linted = deployment.json(3, &["notice", "lint", folder]);
    assert_eq!(linted["notice"], "corporate-clients");
    let defects = linted["defects"].as_array().unwrap();
    assert!(
        defects.iter().any(|one| one["severity"] == "error"),
        "{linted}"
    );
    assert!(!linted["seed_defects"].as_array().unwrap().is_empty());
    for defect in defects {
        for member in ["place", "message", "advice"] {
            assert!(!defect[member].as_str().unwrap().is_empty(), "{defect}");
        }
    }
    let refused = deployment.json(3, &["notice", "publish", folder]);
    assert!(!refused["defects"].as_array().unwrap().is_empty());
    let listed = deployment.json(0, &["notice", "list"]);
    assert_eq!(listed["versions"], json!([]), "not even version 0");
    let people = deployment.run(&["notice", "lint", folder]).with(3);
    assert!(people.output.contains("cannot be published"), "{people:?}");
}

#[test]
fn a_whole_notice_is_linted_published_listed_and_shown() {
    let deployment = Deployment::configured();
    let folder = notice();
    let folder = folder.to_str().unwrap();
    deployment.json(0, &["notice", "lint", folder]);
    let published = deployment.json(0, &["notice", "publish", folder]);
    assert_eq!(published["notice"], "corporate-clients");
    assert_eq!(published["versions"], json!([0, 1]));
    let listed = deployment.json(0, &["notice", "list"]);
    let kinds: Vec<_> = listed["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kind"].clone())
        .collect();
    assert_eq!(kinds, ["verbatim", "structured"]);
    let changes = ["notice", "diff", "corporate-clients", "0", "1"];
    assert_eq!(
        deployment.run(&changes).with(0).output.trim_end(),
        "first structured  (people must be informed)"
    );
    let shown = deployment
        .run(&["notice", "show", "corporate-clients", "0"])
        .with(0);
    let seed = fs::read_to_string(notice().join("seed.txt")).unwrap();
    assert_eq!(shown.output, seed, "version 0, byte for byte");
    let current = deployment
        .run(&["notice", "show", "corporate-clients", "--json"])
        .with(0);
    let digest = shared::digest::Digest::of(current.output.as_bytes()).to_string();
    assert_eq!(
        listed["versions"][1]["sha256"], digest,
        "the canonical bytes"
    );
    deployment
        .run(&["notice", "show", "corporate-clients", "7"])
        .with(1);
    deployment.run(&["notice", "show", "nowhere"]).with(1);
    let again = deployment.run(&["notice", "publish", folder]).with(0);
    assert!(again.output.contains("no new version"), "{again:?}");
}

#[test]
fn versions_are_compared_by_meaning() {
    let deployment = Deployment::published();
    let folder = changed(&deployment, "period = \"P7Y\"", "period = \"P9Y\"");
    assert_eq!(
        deployment.json(0, &["notice", "publish", &folder])["versions"],
        json!([2])
    );
    let changes = deployment.json(0, &["notice", "diff", "corporate-clients", "1", "2"]);
    assert!(changes.to_string().contains("P9Y"), "{changes}");
    let people = deployment
        .run(&["notice", "diff", "corporate-clients", "1", "2"])
        .with(0);
    assert!(
        people.output.contains("people must be informed"),
        "{people:?}"
    );
    let none = deployment.json(0, &["notice", "diff", "corporate-clients", "2", "2"]);
    assert_eq!(none["changes"], json!([]));
    deployment
        .run(&["notice", "diff", "corporate-clients", "1", "9"])
        .with(1);
}

#[test]
fn the_record_of_processing_has_the_seven_points_for_every_purpose_and_for_sayso_itself() {
    let deployment = Deployment::published();
    let asked = ["notice", "record", "corporate-clients"];
    let record = deployment.json(0, &asked);
    let activities = record["activities"].as_array().unwrap();
    assert_eq!(activities.len(), 7, "six purposes and Sayso's own");
    assert_eq!(activities[6]["key"], "sayso");
    for activity in activities {
        for point in [
            "purpose",
            "data_subjects",
            "personal_data",
            "recipients",
            "transfers",
            "erasure",
            "security",
        ] {
            let said = &activity[point];
            let here = point == "transfers" && activity["key"] == "sayso";
            let lines = said.as_array().map_or(1, Vec::len);
            assert!(here || lines > 0, "{point} of {activity}");
        }
    }
    for party in ["controller", "representative", "data_protection_officer"] {
        assert!(!record[party].as_array().unwrap().is_empty(), "{party}");
    }
    let people = deployment.run(&asked).with(0).output;
    for said in ["Art. 30", "Art. 6(1)(f)", "Seven years", "keyed hash"] {
        assert!(people.contains(said), "{said}: {people}");
    }
    deployment.run(&["notice", "record", "nowhere"]).with(1);
}

#[test]
fn a_folder_that_is_none_is_refused() {
    let deployment = Deployment::configured();
    for folder in ["/nonexistent", "."] {
        let ended = deployment.run(&["notice", "publish", folder]).with(1);
        assert!(ended.error.starts_with("sayso: "), "{ended:?}");
    }
}
