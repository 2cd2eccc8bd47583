//! Contacts by the ids of the controller's own customer database: sinks are told which record it is,
//! where one is known.

use std::sync::Arc;

use backend::import::{About, Importer, Kind, Order, Report};
use backend::recording::Recorder;
use backend::sinks::Sinks;
use serde_json::{Value, json};

use crate::letters::OUR_PAGE;
use crate::receiver::Receiver;
use crate::service::Service;
use crate::sinks::{SECRET, hash, telling};

const JANE: &str = "jane@client.example";
const RECORDS: &str =
    "email,crm_id\njane@client.example,0031t00000Ab9Zx\njoe@client.example,4711\n";

/// Imports facts as `sayso import` does.
pub(crate) async fn import(service: &Service, table: &str) -> Report {
    let secrets = Arc::new(service.secrets.clone());
    let sinks = Sinks::new(&service.config, secrets.clone(), service.world.clone());
    let importer = Importer {
        recorder: Recorder::new(service.store.clone(), service.world.clone()).telling(sinks),
        secrets,
        rules: service.rules(),
        notices: service.store.notices().await.unwrap(),
        at: backend::clock::World::now(&*service.world),
    };
    let order = Order {
        kind: Kind::Facts,
        tool: None,
        column: None,
        about: About::default(),
        evidence: None,
        replaces: false,
        dry_run: false,
    };
    let table = std::io::Cursor::new(table.to_owned());
    importer.run(table, order, |_| ()).await.unwrap()
}

/// What each message says of the records, by its act.
fn records(receiver: &Receiver) -> Vec<(String, Value)> {
    let said = |body: Value| {
        let act = body["data"]["act"].as_str().unwrap().to_owned();
        (act, body["data"]["crm_references"].clone())
    };
    receiver.bodies().into_iter().map(said).collect()
}

#[tokio::test]
async fn a_sink_is_told_which_record_it_is_where_one_is_known() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    let report = import(&service, RECORDS).await;
    assert_eq!((report.recorded, report.refused), (2, 0));
    assert_eq!(teller.work_off().await.unwrap(), 0, "no fact is told");
    let answer = service.object(JANE).await;
    service.object("ann@client.example").await;
    service.undo(&answer.at("/undo/token")).await;
    teller.work_off().await.unwrap();
    let jane = json!(["0031t00000Ab9Zx"]);
    assert_eq!(
        records(&receiver),
        [
            ("objected".to_owned(), jane.clone()),
            ("objected".to_owned(), Value::Null),
            ("retracted".to_owned(), jane),
        ]
    );
    let data = &receiver.bodies()[0]["data"];
    assert_eq!(data["address_hmac"], hash(SECRET, JANE));
}

#[tokio::test]
async fn a_record_that_becomes_known_while_an_event_waits_is_told_with_it() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    service.object(JANE).await;
    import(&service, RECORDS).await;
    import(&service, "email,crm_id\njane@client.example,crm:7\n").await;
    teller.work_off().await.unwrap();
    let both = json!(["0031t00000Ab9Zx", "crm:7"]);
    assert_eq!(records(&receiver), [("objected".to_owned(), both)]);
}

#[tokio::test]
async fn of_an_erasure_the_sink_is_told_which_record_it_was_and_nothing_of_it_is_kept() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    import(&service, RECORDS).await;
    service.object(JANE).await;
    teller.work_off().await.unwrap();
    let cookie = service.sign_in_on_page(JANE).await;
    let headers = [OUR_PAGE, ("cookie", cookie.as_str())];
    let erased = service.form_with("/self/erase", &headers, &[]).await;
    assert_eq!(erased.status, 200, "{}", erased.text());
    teller.work_off().await.unwrap();
    let jane = json!(["0031t00000Ab9Zx"]);
    assert_eq!(records(&receiver)[1], ("erased".to_owned(), jane));
    for file in std::fs::read_dir(service.directory()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        let found = bytes.windows(15).any(|part| part == b"0031t00000Ab9Zx");
        assert!(!found, "the record is still named in a file");
    }
    service.object(JANE).await;
    teller.work_off().await.unwrap();
    assert_eq!(records(&receiver)[2].1, Value::Null);
}

#[tokio::test]
async fn records_are_imported_once_need_no_evidence_and_are_refused_by_row() {
    let service = Service::start().await;
    import(&service, RECORDS).await;
    let again = import(&service, RECORDS).await;
    assert_eq!((again.recorded, again.known), (0, 2));
    let wrong = "email,crm_id\n\
        ann@client.example,jane@client.example\n\
        bob@client.example,two words\n\
        cat@client.example,4712\n";
    let report = import(&service, wrong).await;
    assert_eq!((report.recorded, report.refused), (1, 2));
    let lines: Vec<_> = report.refusals.iter().map(|one| one.line).collect();
    assert_eq!(lines, [2, 3]);
    assert!(!report.to_string().contains("client.example"), "{report}");
    let many: String = (0..20)
        .map(|number| format!("info@client.example,{number}\n"))
        .collect();
    let report = import(&service, &format!("email,crm_id\n{many}")).await;
    assert_eq!((report.recorded, report.refused), (16, 4), "{report}");
}
