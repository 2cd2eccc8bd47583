//! `sayso import` of what allows mailings: consents and facts, each with its evidence or not at all.

use serde_json::json;

use crate::deployment::Deployment;
use crate::imports::{PURPOSE, told};

const CONSENTS: &str = "email,when,how,wording,reference\n\
    ann@client.example,2026-01-10,web form,I agree to get your news,form 1\n\
    bob@client.example,2026-01-11,,I agree to get your news,form 2\n\
    cat@client.example,2026-01-12,pre-ticked,I agree,form 3\n\
    dan@client.example,,web form,I agree,form 4\n\
    eve@client.example,2026-01-14,web form,,form 5\n\
    fay@client.example,2026-01-15,web form,I agree,\n\
    gil@client.example,10/01/2026,web form,I agree,form 7\n\
    hal@client.example,2099-01-01,web form,I agree,form 8\n";

#[test]
fn a_consent_without_its_evidence_is_refused_by_row_and_the_good_rows_go_in() {
    let deployment = Deployment::published();
    let consents = ["--as", "consents", PURPOSE[0], PURPOSE[1]];
    let report = deployment.import(CONSENTS, &consents).with(3).json();
    assert_eq!(report["recorded"], 1, "{report}");
    assert_eq!(report["refused"], 7);
    let lines: Vec<_> = report["refusals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|refusal| refusal["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [3, 4, 5, 6, 7, 8, 9]);
    assert!(!report.to_string().contains("client.example"), "{report}");
    let entries = deployment.entries();
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    assert_eq!(entry["act"], "consent_given");
    assert_eq!(entry["until"], "2028-01-10T00:00:00.000Z");
    assert_eq!(entry["evidence"]["assurance"], "imported");
    assert_eq!(entry["evidence"]["actor"], "staff");
    let words = "I agree to get your news";
    let digest = shared::digest::Digest::of(words.as_bytes()).to_string();
    assert_eq!(entry["evidence"]["control_text"], digest.as_str());
    let strict = ["check", "ann@client.example", "--country", "DE", "--json"];
    let decided = deployment.run(&[&strict[..], &PURPOSE].concat()).json();
    assert_eq!(decided["reasons"], json!(["consent"]));
    let database = rusqlite::Connection::open(deployment.file("sayso.db")).unwrap();
    let kept: Vec<u8> = database
        .query_row(
            "SELECT bytes FROM text WHERE lower(hex(digest)) = ?1",
            [&digest],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(kept, words.as_bytes());
}

#[test]
fn a_consent_by_doing_nothing_is_refused_and_one_whose_evidence_denies_that_is_taken() {
    let deployment = Deployment::published();
    let no_acts = [
        "pre-ticked box",
        "Preticked checkbox",
        "implied consent",
        "opt-out",
        "did not object",
        "kept scrolling",
        "checked by default",
        "no",
        "unknown",
        "n/a",
        "?",
        "vorausgewähltes Kästchen",
        "stillschweigend",
        "keine",
        "case pré-cochée",
        "consentement tacite",
        "aucun",
        "keine Angabe",
        "no opt-in",
        "soft opt-in",
        "not recorded",
        "casella premarcata",
        "Opt-out page",
    ];
    let acts = [
        "web form, box not pre-ticked",
        "checkbox, unticked by default, ticked by the person",
        "case non précochée",
        "nicht vorangekreuztes Kästchen angekreuzt",
        "un-prechecked checkbox",
        "explicit (not implied)",
        "double opt-in form, with opt-out link",
        "Formular nach vorausgegangenem Gespräch",
        "web form for inactive clients, box ticked",
        "simplified web form",
        "Messe, Karte unterschrieben",
        "double opt-in",
    ];
    let mut table = "email,when,how,wording,reference\n".to_owned();
    for (number, how) in no_acts.iter().chain(&acts).enumerate() {
        table += &format!("p{number}@client.example,2026-01-10,\"{how}\",I agree,form 1\n");
    }
    let consents = ["--as", "consents", PURPOSE[0], PURPOSE[1]];
    let report = deployment.import(&table, &consents).with(3).json();
    assert_eq!(
        (&report["refused"], &report["recorded"]),
        (&json!(no_acts.len()), &json!(acts.len())),
        "{report}"
    );
}

#[test]
fn a_consent_older_than_two_years_has_expired_and_one_against_an_objection_is_suppressed() {
    let deployment = Deployment::published();
    told(&deployment, "ann@client.example");
    let table = "email,when,how,notice,reference\n\
        ann@client.example,2026-01-10,web form,corporate-clients/1,form 1\n\
        bob@client.example,2020-01-10,web form,corporate-clients/1,form 2\n\
        cat@client.example,2026-01-10,web form,corporate-clients/9,form 3\n";
    let consents = ["--as", "consents", PURPOSE[0], PURPOSE[1]];
    let report = deployment.import(table, &consents).with(3).json();
    assert_eq!(report["recorded"], 1, "{report}");
    assert_eq!(report["suppressed"], 1);
    assert_eq!(report["refusals"][0]["line"], 4);
    assert_eq!(
        deployment.reasons("ann@client.example"),
        json!(["objected"])
    );
    assert_eq!(
        deployment.reasons("bob@client.example"),
        json!(["consent_expired"])
    );
    let entry = &deployment.entries()[1];
    assert_eq!(entry["evidence"]["notice"].as_str().map(str::len), Some(64));
}

#[test]
fn facts_that_loosen_need_evidence_and_the_stricter_stays() {
    let deployment = Deployment::published();
    let facts = ["--as", "facts"];
    let loosen = "email,country,subscriber\n\
        ann@client.example,DE,\n\
        bob@client.example,,individual\n\
        cat@client.example,GB,corporate\n\
        dan@client.example,Britain,\n\
        eve@client.example,,\n";
    let report = deployment.import(loosen, &facts).with(3).json();
    assert_eq!(
        (&report["recorded"], &report["refused"]),
        (&json!(2), &json!(3)),
        "{report}"
    );
    assert_eq!(
        deployment.reasons("ann@client.example"),
        json!(["no_consent"])
    );
    assert_eq!(
        deployment.reasons("bob@client.example"),
        json!(["no_consent"])
    );
    let evidenced = "email,country,subscriber,evidence\n\
        ann@client.example,GB,corporate,contract 7\n\
        bob@client.example,GB,corporate,contract 8\n";
    let report = deployment.import(evidenced, &facts).with(0).json();
    assert_eq!(
        deployment.reasons("ann@client.example"),
        json!(["no_consent"]),
        "{report}"
    );
    assert_eq!(
        deployment.reasons("bob@client.example"),
        json!(["no_consent"])
    );
    let again = deployment.import(evidenced, &facts).with(0).json();
    assert_eq!(
        (&again["recorded"], &again["kept_stricter"]),
        (&json!(0), &json!(2)),
        "{again}"
    );
    deployment
        .import(evidenced, &[&facts[..], &["--replace"]].concat())
        .with(0);
    assert_eq!(
        deployment.reasons("ann@client.example"),
        json!(["legitimate_interest"])
    );
    assert_eq!(
        deployment.reasons("bob@client.example"),
        json!(["legitimate_interest"])
    );
}

#[test]
fn the_soft_opt_in_takes_all_three_facts_and_cannot_be_denied_by_a_later_file() {
    let deployment = Deployment::published();
    let facts = ["--as", "facts", "--evidence", "order book 2026"];
    let table = "email,subscriber,obtained_in_sale,similar_services,refusal_offered\n\
        ann@client.example,individual,yes,yes,no\n\
        bob@client.example,individual,yes,yes,yes\n";
    deployment.import(table, &facts).with(0);
    assert_eq!(
        deployment.reasons("ann@client.example"),
        json!(["no_consent"])
    );
    assert_eq!(
        deployment.reasons("bob@client.example"),
        json!(["soft_opt_in"])
    );
    let denies = "email,refusal_offered\nbob@client.example,no\n";
    let report = deployment.import(denies, &facts).with(3).json();
    assert_eq!(report["refusals"][0]["line"], 2, "{report}");
    let abroad = "email,country,refusal_offered\nbob@client.example,DE,no\n";
    let report = deployment.import(abroad, &facts).with(3).json();
    assert_eq!(
        (&report["recorded"], &report["doubts"][0]["line"]),
        (&json!(1), &json!(2)),
        "the stricter fact counts: {report}"
    );
    assert_eq!(
        deployment.reasons("bob@client.example"),
        json!(["no_consent"])
    );
}

#[test]
fn a_file_that_denies_a_fact_of_the_soft_opt_in_first_does_not_state_it_later() {
    let deployment = Deployment::published();
    let facts = ["--as", "facts", "--evidence", "order book 2026"];
    let table = "email,subscriber,obtained_in_sale,similar_services,refusal_offered\n\
        ann@client.example,,,,no\n\
        ann@client.example,individual,yes,yes,yes\n\
        ann@client.example,,,,yes\n\
        bob@client.example,individual,yes,yes,yes\n";
    let report = deployment.import(table, &facts).with(3).json();
    assert_eq!(report["doubts"][0]["line"], 3, "{report}");
    assert_eq!(report["refusals"][0]["line"], 4, "{report}");
    let why = report["refusals"][0]["why"].as_str().unwrap();
    assert!(why.contains("an earlier row of the file"), "{why}");
    assert_eq!(
        deployment.reasons("ann@client.example"),
        json!(["no_consent"])
    );
    assert_eq!(
        deployment.reasons("bob@client.example"),
        json!(["soft_opt_in"])
    );
}

#[test]
fn a_notice_given_counts_when_it_is_the_one_that_holds() {
    let deployment = Deployment::published();
    let facts = ["--as", "facts", "--evidence", "mailing of today"];
    let table =
        "email,notice_given\nann@client.example,2020-01-01\nbob@client.example,2099-01-01\n";
    let report = deployment.import(table, &facts).with(3).json();
    assert_eq!(report["refused"], 2, "{report}");
    let published = deployment.json(0, &["notice", "list"]).to_string();
    let at = published.split("\"published_at\":\"").nth(1).unwrap();
    let now = at.split('"').next().unwrap();
    let table = format!("email,notice_given\nann@client.example,{now}\n");
    let newest = published.rsplit("\"published_at\":\"").next().unwrap();
    let table = match newest.split('"').next().unwrap() {
        newest if newest > now => table.replace(now, newest),
        _ => table,
    };
    let report = deployment.import(&table, &facts).with(0).json();
    assert_eq!(report["acts"], json!({ "notice_provided": 1 }), "{report}");
    assert_eq!(
        deployment.check(0, "ann@client.example")["obligations"],
        json!([])
    );
    let again = deployment.import(&table, &facts).with(0).json();
    assert_eq!(
        (&again["recorded"], &again["known"]),
        (&json!(0), &json!(1))
    );
}
