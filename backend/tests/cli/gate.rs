//! `check`, `object` and `ledger`: exit 0 is yes, 3 withheld, 2 wrong usage, 1 do not send.

use serde_json::json;

use crate::deployment::Deployment;

const ADDRESS: &str = "jane@client.example";

/// Staff write down an objection.
const TOLD: [&str; 6] = [
    "object",
    ADDRESS,
    "--purpose",
    "info_about_us",
    "--evidence",
    "letter 17 in folder 3",
];

#[test]
fn before_any_act_the_answer_is_yes_with_its_ground() {
    let deployment = Deployment::published();
    let answer = deployment.check(0, ADDRESS);
    assert_eq!(answer["proceed"], true);
    assert_eq!(answer["reasons"], json!(["legitimate_interest"]));
    assert_eq!(answer["legal_basis"], "legitimate_interests");
    assert_eq!(answer["obligations"], json!(["inform_of_right_to_object"]));
    assert_eq!(answer["as_of"], 0);
    assert_eq!(answer["rules"].as_str().map(str::len), Some(64));
    let people = deployment
        .run(&["check", ADDRESS, "--purpose", "info_about_us"])
        .with(0);
    assert!(
        people.output.starts_with("proceed: legitimate_interest"),
        "{people:?}"
    );
}

#[test]
fn an_objection_told_to_staff_withholds_and_says_who_attests_it() {
    let deployment = Deployment::published();
    let told = deployment.json(0, &TOLD);
    assert_eq!(told["reference"].as_str().map(str::len), Some(9));
    let answer = deployment.check(3, ADDRESS);
    assert_eq!(answer["proceed"], false);
    assert_eq!(answer["reasons"], json!(["objected"]));
    assert_eq!(answer["legal_basis"], json!(null));
    let shown = deployment.json(0, &["ledger", "show"]);
    let entry = &shown["entries"][0]["entry"];
    assert_eq!(entry["act"], "objected");
    assert_eq!(entry["evidence"]["assurance"], "staff_attested");
    assert_eq!(entry["evidence"]["actor"], "staff");
    assert_eq!(entry["evidence"]["surface"], "command_line");
    assert_eq!(entry["evidence"]["reference"], "letter 17 in folder 3");
    assert_eq!(answer["evidence"], json!([entry["id"]]));
    assert!(!shown.to_string().contains("jane"));
}

#[test]
fn the_answer_is_the_same_when_nobody_reads_it() {
    let deployment = Deployment::published();
    let asked = ["check", ADDRESS, "--purpose", "info_about_us"];
    assert_eq!(deployment.run_unread(&asked).with(0).error, "");
    deployment.run(&TOLD).with(0);
    assert_eq!(deployment.run_unread(&asked).with(3).error, "");
}

#[test]
fn scopes_and_ends_are_taken_from_the_command_line() {
    let deployment = Deployment::published();
    let more = [
        "--topic",
        "it_strategy",
        "--until",
        "2099-01-01",
        "--channel",
        "email",
    ];
    let told = deployment.json(0, &[&TOLD[..], &more].concat());
    assert_eq!(told["until"], "2099-01-02T00:00:00.000Z");
    let about = |topic, code| {
        let arguments = [
            "check",
            ADDRESS,
            "--purpose",
            "info_about_us",
            "--topic",
            topic,
        ];
        deployment.json(code, &arguments)
    };
    assert_eq!(about("it_strategy", 3)["reasons"], json!(["paused"]));
    assert_eq!(about("industry_updates", 0)["proceed"], true);
    deployment.check(3, ADDRESS);
    deployment.json(
        0,
        &[
            "object",
            "joe@client.example",
            "--purpose",
            "all",
            "--evidence",
            "call",
        ],
    );
    deployment.check(3, "joe@client.example");
}

#[test]
fn what_is_unknown_is_withheld_and_not_an_error() {
    let deployment = Deployment::published();
    for (arguments, reason) in [
        (
            &["check", "nonsense", "--purpose", "info_about_us"][..],
            "invalid_address",
        ),
        (
            &["check", ADDRESS, "--purpose", "weather"],
            "unknown_purpose",
        ),
        (
            &["check", ADDRESS, "--purpose", "service_provision"],
            "unknown_purpose",
        ),
        (
            &["check", ADDRESS, "--purpose", "No Such!"],
            "unknown_purpose",
        ),
        (
            &[
                "check",
                ADDRESS,
                "--purpose",
                "info_about_us",
                "--topic",
                "weather",
            ],
            "unknown_purpose",
        ),
        (
            &[
                "check",
                ADDRESS,
                "--purpose",
                "info_about_us",
                "--channel",
                "sms",
            ],
            "unknown_purpose",
        ),
        (
            &[
                "check",
                ADDRESS,
                "--purpose",
                "info_about_us",
                "--country",
                "DE",
            ],
            "no_consent",
        ),
        (
            &[
                "check",
                ADDRESS,
                "--purpose",
                "info_about_us",
                "--subscriber",
                "individual",
            ],
            "no_consent",
        ),
    ] {
        assert_eq!(
            deployment.json(3, arguments)["reasons"][0],
            reason,
            "{arguments:?}"
        );
    }
}

#[test]
fn wrong_usage_exits_2_and_help_exits_0() {
    let deployment = Deployment::empty();
    for arguments in [
        &["check"][..],
        &["check", ADDRESS],
        &["object", ADDRESS, "--purpose", "info_about_us"],
        &["frobnicate"],
        &["key", "create"],
        &["key", "create", "--scope", "everything"],
        &["notice"],
    ] {
        let ended = deployment.run(arguments).with(2);
        assert!(!ended.error.is_empty() && ended.output.is_empty());
    }
    for arguments in [
        &["help"][..],
        &["--help"],
        &["--version"],
        &["check", "--help"],
    ] {
        assert!(!deployment.run(arguments).with(0).output.is_empty());
    }
}

#[test]
fn what_cannot_be_recorded_is_wrong_usage_says_why_and_records_nothing() {
    let deployment = Deployment::published();
    let object = |more: &[&str]| {
        let ended = deployment.run(&[&["object"], more].concat()).with(2);
        assert!(!ended.error.is_empty(), "{ended:?}");
        assert!(
            !ended.error.contains("jane"),
            "an address in an error: {ended:?}"
        );
    };
    let purpose = ["--purpose", "info_about_us"];
    object(&["jane", "--purpose", "info_about_us", "--evidence", "call"]);
    object(&[ADDRESS, "--purpose", "weather", "--evidence", "call"]);
    object(&[
        ADDRESS,
        "--purpose",
        "service_provision",
        "--evidence",
        "call",
    ]);
    object(&[&[ADDRESS], &purpose[..], &["--evidence", ""]].concat());
    object(
        &[
            &[ADDRESS],
            &purpose[..],
            &["--evidence", "mail from jane@client.example"],
        ]
        .concat(),
    );
    object(
        &[
            &[ADDRESS],
            &purpose[..],
            &["--evidence", "call", "--until", "2020-01-01"],
        ]
        .concat(),
    );
    object(
        &[
            &[ADDRESS],
            &purpose[..],
            &["--evidence", "call", "--topic", "weather"],
        ]
        .concat(),
    );
    object(
        &[
            &[ADDRESS],
            &purpose[..],
            &["--evidence", "call", "--channel", "pigeon"],
        ]
        .concat(),
    );
    assert_eq!(
        deployment.json(0, &["ledger", "show"])["entries"],
        json!([])
    );
}

#[test]
fn the_ledger_is_verified_and_tampering_is_found() {
    let deployment = Deployment::published();
    for _ in 0..3 {
        deployment.json(0, &TOLD);
    }
    let whole = deployment.json(0, &["ledger", "verify"]);
    assert_eq!(
        whole,
        json!({"entries": 3, "erased": 0, "subjects": 1, "problems": []})
    );
    let database = rusqlite::Connection::open(deployment.file("sayso.db")).unwrap();
    database
        .execute_batch(
            "DROP TRIGGER payload_is_not_updated;
             UPDATE payload SET canonical = replace(CAST(canonical AS TEXT), 'letter 17', 'letter 18')
             WHERE seq = 2;",
        )
        .unwrap_or_else(|_| {
            database
                .execute_batch(
                    "UPDATE payload SET canonical = CAST(replace(CAST(canonical AS TEXT), \
                     'letter 17', 'letter 18') AS BLOB) WHERE seq = 2;",
                )
                .unwrap();
        });
    let found = deployment.json(3, &["ledger", "verify"]);
    assert_eq!(
        found["problems"],
        json!(["entry 2 is not what was committed"])
    );
}

#[test]
fn a_standing_that_was_emptied_is_found() {
    let deployment = Deployment::published();
    deployment.json(0, &TOLD);
    deployment.json(
        0,
        &[
            "object",
            "joe@client.example",
            "--purpose",
            "all",
            "--evidence",
            "call",
        ],
    );
    let database = rusqlite::Connection::open(deployment.file("sayso.db")).unwrap();
    database
        .execute_batch("UPDATE subject SET standing = (SELECT standing FROM subject WHERE no = 2) WHERE no = 1;")
        .unwrap();
    let found = deployment.json(3, &["ledger", "verify"]);
    assert_eq!(
        found["problems"].as_array().map(Vec::len),
        Some(1),
        "{found}"
    );
}

#[test]
fn entries_are_shown_page_by_page() {
    let deployment = Deployment::published();
    for _ in 0..4 {
        deployment.json(0, &TOLD);
    }
    let page = deployment.json(0, &["ledger", "show", "--after", "1", "--limit", "2"]);
    let places: Vec<_> = page["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["seq"].clone())
        .collect();
    assert_eq!(places, [2, 3]);
}

#[test]
fn a_mailbox_that_several_people_read_is_named_as_such_and_that_is_no_reason() {
    let deployment = Deployment::published();
    let asked = |address| ["check", address, "--purpose", "info_about_us"];
    let role = deployment.json(0, &asked("info@client.example"));
    assert_eq!(role["role_mailbox"], true);
    assert_eq!(role["reasons"], json!(["legitimate_interest"]));
    let own = deployment.json(0, &asked("jane@client.example"));
    assert_eq!(own["role_mailbox"], false);
    let said = deployment.run(&asked("info@client.example")).with(0).output;
    assert!(said.contains("several people may read"), "{said}");
}
