//! What sinks are told of what loosens, of companies and of facts; and by whom does not know them.

use std::sync::Arc;

use backend::cases::Desk;
use backend::domains::{Wish, record};
use backend::recording::{Objection, Recorder};
use backend::sinks::Sinks;
use backend::store::domains::DomainAct;
use serde_json::{Value, json};
use shared::address::{Address, Domain};
use shared::entry::{Actor, Assurance, Evidence, Method, Surface};
use shared::scope::Scope;

use crate::case_steps::staff;
use crate::cases::objection;
use crate::crm::import;
use crate::lifting::{erased, lift};
use crate::receiver::Receiver;
use crate::self_choices::{about_it, choose};
use crate::service::PURPOSE;
use crate::sinks::{SECRET, hash, sinks_of, telling};

const JANE: &str = "jane@client.example";

/// What each message tells.
fn told(receiver: &Receiver) -> Vec<String> {
    let act = |body: Value| body["data"]["act"].as_str().unwrap().to_owned();
    receiver.bodies().into_iter().map(act).collect()
}

#[tokio::test]
async fn whoever_takes_back_an_objection_ends_no_older_one_at_a_sink() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    let janes = service.object(JANE).await;
    let strangers = service.object(JANE).await;
    service.undo(&strangers.at("/undo/token")).await;
    teller.work_off().await.unwrap();
    assert!(!service.proceeds(JANE).await);
    assert_eq!(told(&receiver), ["objected", "objected"]);
    service.undo(&janes.at("/undo/token")).await;
    teller.work_off().await.unwrap();
    assert!(service.proceeds(JANE).await);
    let last = receiver.bodies().pop().unwrap();
    assert_eq!(last["type"], "contact.retracted");
    assert_eq!(last["data"]["takes_back"], json!([1]));
    assert_eq!(last["data"]["seq"], 4);
}

#[tokio::test]
async fn a_retraction_is_not_told_while_a_part_of_it_or_all_of_it_is_stopped_otherwise() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    let topic = json!({"purpose": PURPOSE, "topic": "it_strategy"});
    let part = service.object_to(JANE, topic).await;
    let all = service.object(JANE).await;
    service.undo(&all.at("/undo/token")).await;
    let again = service.object(JANE).await;
    service.undo(&part.at("/undo/token")).await;
    teller.work_off().await.unwrap();
    assert_eq!(told(&receiver), ["objected", "objected", "objected"]);
    service.undo(&again.at("/undo/token")).await;
    teller.work_off().await.unwrap();
    assert_eq!(told(&receiver)[3..], ["retracted"]);
}

#[tokio::test]
async fn a_pause_that_is_over_keeps_no_retraction_from_a_sink_and_one_in_force_does() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    let until = json!({"until": "2026-11-23T12:05:00Z"});
    service.object_to(JANE, until).await;
    let first = service.object(JANE).await;
    let second = service.object("joe@client.example").await;
    let until = json!({"until": "2026-11-24"});
    service.object_to("joe@client.example", until).await;
    service.world.pass(6 * 60_000);
    service.undo(&first.at("/undo/token")).await;
    service.undo(&second.at("/undo/token")).await;
    teller.work_off().await.unwrap();
    let wanted = ["paused", "objected", "objected", "paused", "retracted"];
    assert_eq!(told(&receiver), wanted);
    let last = receiver.bodies().pop().unwrap();
    assert_eq!(last["data"]["address_hmac"], hash(SECRET, JANE));
}

#[tokio::test]
async fn a_lift_is_told_once_nothing_stops_the_same_any_more_with_what_it_ends() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    let until = json!({"until": "2027-02-23"});
    service.object_to(JANE, until).await;
    service.object(JANE).await;
    let session = service.sign_in(JANE).await;
    lift(&service, &session, "objection", None).await;
    teller.work_off().await.unwrap();
    assert_eq!(told(&receiver), ["paused", "objected"]);
    lift(&service, &session, "pause", None).await;
    teller.work_off().await.unwrap();
    assert!(service.proceeds(JANE).await);
    let last = receiver.bodies().pop().unwrap();
    assert_eq!(last["data"]["act"], "objection_lifted");
    assert_eq!(last["data"]["takes_back"], json!([1]));
}

#[tokio::test]
async fn of_the_undoing_of_a_lift_that_was_kept_back_the_sink_is_told_about_the_same_address() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    service.object(JANE).await;
    let topic = json!({"purpose": PURPOSE, "topic": "it_strategy"});
    service.object_to(JANE, topic).await;
    let session = service.sign_in(JANE).await;
    let lifted = lift(&service, &session, "objection", Some("it_strategy")).await;
    teller.work_off().await.unwrap();
    assert_eq!(told(&receiver), ["objected", "objected"]);
    service.world.pass(9 * 60_000);
    teller.watch().await.unwrap();
    service
        .undo(lifted["undo"]["token"].as_str().unwrap())
        .await;
    teller.work_off().await.unwrap();
    assert_eq!(told(&receiver)[2..], ["objected"]);
    let last = receiver.bodies().pop().unwrap();
    assert_eq!(last["data"]["address_hmac"], hash(SECRET, JANE));
    service.world.pass(11 * 60_000);
    teller.watch().await.unwrap();
    let kept: u32 = service
        .database()
        .query_row("SELECT count(*) FROM event", (), |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn of_who_is_erased_a_sink_hears_no_more_what_allowed_took_back_or_ended() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    import(&service, "email,country\njane@client.example,FR\n").await;
    let session = service.sign_in(JANE).await;
    choose(&service, &session, about_it("give", &service.view_token())).await;
    service.object(JANE).await;
    lift(&service, &session, "objection", None).await;
    import(&service, "email,country\njoe@client.example,DE\n").await;
    erased(&service).await;
    teller.work_off().await.unwrap();
    assert_eq!(told(&receiver), ["objected", "erased", "fact_recorded"]);
    let last = receiver.bodies().pop().unwrap();
    assert_eq!(
        last["data"]["address_hmac"],
        hash(SECRET, "joe@client.example")
    );
}

#[tokio::test]
async fn a_fact_by_which_more_is_needed_to_mail_somebody_is_told() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    let facts = "email,country,subscriber,evidence\n\
                 jane@client.example,GB,individual,form 7\n\
                 joe@client.example,GB,corporate,form 8\n\
                 ann@client.example,FR,,\n";
    let report = import(&service, facts).await;
    assert_eq!(report.refused, 0);
    assert!(!service.proceeds(JANE).await);
    assert!(service.proceeds("joe@client.example").await);
    teller.work_off().await.unwrap();
    let bodies = receiver.bodies();
    let about: Vec<_> = (bodies.iter())
        .map(|body| (&body["type"], &body["data"]["address_hmac"]))
        .collect();
    let fact = json!("contact.fact_recorded");
    let (jane, ann) = (hash(SECRET, JANE), hash(SECRET, "ann@client.example"));
    assert_eq!(about, [(&fact, &json!(jane)), (&fact, &json!(ann))]);
}

#[tokio::test]
async fn an_objection_is_told_before_all_the_facts_that_came_first() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    let facts = "email,country\nann@client.example,FR\njoe@client.example,DE\n";
    import(&service, facts).await;
    service.object(JANE).await;
    assert_eq!(teller.work_off().await.unwrap(), 3);
    let wanted = ["objected", "fact_recorded", "fact_recorded"];
    assert_eq!(told(&receiver), wanted);
}

#[tokio::test]
async fn a_fact_that_asks_for_no_more_than_those_before_is_not_told() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    import(&service, "email,country\njane@client.example,FR\n").await;
    assert_eq!(teller.work_off().await.unwrap(), 1);
    let further = "email,country,crm_id\njane@client.example,FR,4711\n";
    assert_eq!(import(&service, further).await.recorded, 1);
    assert_eq!(teller.work_off().await.unwrap(), 0);
    let individual = "email,country,subscriber\njane@client.example,FR,individual\n";
    assert_eq!(import(&service, individual).await.recorded, 1);
    assert_eq!(teller.work_off().await.unwrap(), 1);
}

#[tokio::test]
async fn an_objection_that_was_weighed_and_accepted_takes_nothing_back_at_a_sink() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "").await;
    let opened = service
        .post("/v1/cases", &objection(JANE, "security_risk"))
        .await;
    let secrets = Arc::new(service.secrets.clone());
    let recorder = Recorder::new(service.store.clone(), service.world.clone());
    let recorder = recorder.telling(sinks_of(&service));
    let desk = Desk::new(recorder, secrets, service.world.clone());
    let reference = opened.at("/reference");
    desk.decide(&reference, true, None, &staff()).await.unwrap();
    assert_eq!(teller.work_off().await.unwrap(), 1);
    let body = receiver.bodies().remove(0);
    assert_eq!(body["data"]["act"], "objected");
    assert_eq!(body["data"]["takes_back"], Value::Null);
}

#[tokio::test]
async fn what_a_company_wants_of_its_domain_is_told_and_not_that_it_is_lifted_while_it_holds() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "acts = ['objected', 'objection_lifted']").await;
    let domain = |name: &str| Domain::parse(name).unwrap();
    let wish = async |name: &str, act| {
        let wish = Wish {
            domain: domain(name),
            act,
            evidence: "letter 7".to_owned(),
        };
        let at = backend::clock::World::now(&*service.world);
        let granted = record(&*service.store, &sinks_of(&service), &[wish], at, false).await;
        granted.unwrap()
    };
    wish("it.client.example", DomainAct::Objected).await;
    wish("client.example", DomainAct::ObjectedWithSubdomains).await;
    wish("it.client.example", DomainAct::Lifted).await;
    assert!(!service.proceeds("jane@it.client.example").await);
    wish("client.example", DomainAct::Lifted).await;
    assert_eq!(teller.work_off().await.unwrap(), 3);
    let bodies = receiver.bodies();
    let first = &receiver.received()[0];
    assert_eq!(
        bodies[0],
        json!({
            "type": "domain.objected",
            "timestamp": "2026-11-23T12:00:00.000Z",
            "data": {
                "event_id": first.header("webhook-id"),
                "step": 1,
                "act": "domain_objected",
                "domain": "it.client.example",
                "subdomains": false,
                "address_hmac": null,
            }
        })
    );
    assert_eq!(bodies[1]["data"]["subdomains"], true);
    assert_eq!(bodies[2]["type"], "domain.lifted");
    assert_eq!(bodies[2]["data"]["domain"], "client.example");
    assert_eq!(bodies[2]["data"]["step"], 4);
}

#[tokio::test]
async fn a_sink_that_was_not_known_where_an_act_was_recorded_is_told_the_acts_it_wants() {
    let receiver = Receiver::open().await;
    let (service, teller) = telling(&receiver, "acts = ['objected']").await;
    let mut config = service.config.clone();
    config.sink.clear();
    let secrets = Arc::new(service.secrets.clone());
    let known = Sinks::new(&config, secrets, service.world.clone());
    let known = known.with_known(vec!["crm".to_owned()]);
    let address = Address::parse(JANE).unwrap();
    let recorder = Recorder::new(service.store.clone(), service.world.clone());
    let recorder = recorder.telling(known).about(&address);
    let until = backend::clock::World::now(&*service.world).plus_millis(60_000);
    for until in [Some(until), None] {
        let objection = Objection {
            keys: service.secrets.keys(&address),
            judged_by: None,
            scope: Scope::ALL,
            until,
            evidence: Evidence::off_page(
                Actor::Staff,
                Assurance::StaffAttested,
                Surface::CommandLine,
                Method::ToldStaff,
                "test".to_owned(),
            ),
        };
        recorder.object(&objection).await.unwrap();
    }
    teller.work_off().await.unwrap();
    assert_eq!(told(&receiver), ["objected"]);
    let data = &receiver.bodies()[0]["data"];
    assert_eq!(data["address_hmac"], hash(SECRET, JANE));
    assert!(!receiver.received()[0].body.contains("jane"));
    let states = service.store.sinks().await.unwrap();
    assert_eq!((states[0].name.as_str(), states[0].waiting), ("crm", 0));
    assert_eq!(states[0].told, 1, "what was not wanted was not told");
}
