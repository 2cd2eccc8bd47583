//! Cases as staff work them: acknowledged, extended, decided.

use std::sync::Arc;

use backend::cases::{CaseError, Desk, Reason};
use backend::mail::Kind;
use backend::recording::Recorder;
use serde_json::Value;
use shared::entry::{Act, Actor, Assurance, Evidence, Method, Surface};

use crate::cases::{ADDRESS, DAY_MS, TEXT, complaint, letters, objection, only_case};
use crate::service::Service;

fn desk(service: &Service) -> Desk {
    let recorder = Recorder::new(service.store.clone(), service.world.clone());
    Desk::new(
        recorder,
        Arc::new(service.secrets.clone()),
        service.world.clone(),
    )
}

pub(crate) fn staff() -> Evidence {
    Evidence {
        actor: Actor::Staff,
        assurance: Assurance::StaffAttested,
        surface: Surface::CommandLine,
        method: Method::ToldStaff,
        notice: None,
        control_text: None,
        build: "test".to_owned(),
        language: "en".to_owned(),
        host_origin: None,
        gpc: false,
        view_token: None,
        reference: None,
    }
}

#[tokio::test]
async fn contact_and_words_are_sealed_while_open_and_gone_when_decided() {
    let service = Service::start().await;
    service.post("/v1/cases", &complaint(ADDRESS)).await;
    let desk = desk(&service);
    let case = only_case(&service).await;
    let contact = desk.contact(&case).unwrap().unwrap();
    assert_eq!((contact.address.reveal(), &*contact.text), (ADDRESS, TEXT));
    let sealed = case.sealed.clone().unwrap();
    let holds = |needle: &[u8]| {
        std::fs::read_dir(service.directory()).unwrap().any(|file| {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            bytes.windows(needle.len()).any(|window| window == needle)
        })
    };
    assert!(holds(&sealed) && !holds(TEXT.as_bytes()) && !holds(ADDRESS.as_bytes()));
    let quoted = backend::cases::shown(&case).to_lowercase();
    desk.decide(&quoted, true, None, &staff()).await.unwrap();
    let case = only_case(&service).await;
    assert_eq!(desk.contact(&case).unwrap(), None);
    assert!(matches!(
        desk.decide(&quoted, true, None, &staff()).await,
        Err(CaseError::Decided)
    ));
}

#[tokio::test]
async fn an_accepted_objection_holds_and_a_rejection_needs_grounds() {
    let service = Service::start().await;
    let desk = desk(&service);
    for purpose in ["security_risk", "business_admin"] {
        let answer = service
            .post("/v1/cases", &objection(ADDRESS, purpose))
            .await;
        letters(&service).await;
        let reference = answer.at("/reference");
        let refused = desk.decide(&reference, false, Some(" "), &staff()).await;
        assert!(matches!(refused, Err(CaseError::NoGrounds)));
        let accepted = purpose == "security_risk";
        let grounds = (!accepted).then_some("The logs defend a claim.");
        let case = desk
            .decide(&reference, accepted, grounds, &staff())
            .await
            .unwrap();
        assert_eq!(desk.grounds(&case).as_deref(), grounds);
        let told = letters(&service).await;
        assert!(
            matches!(&told[..], [(_, Kind::CaseDecided { accepted: said, .. })] if *said == accepted)
        );
    }
    let acts: Vec<_> = service
        .entries()
        .await
        .iter()
        .map(|entry| entry.act)
        .collect();
    assert_eq!(
        acts,
        [
            Act::CaseOpened,
            Act::CaseDecided,
            Act::Objected,
            Act::CaseOpened,
            Act::CaseDecided
        ]
    );
    for entry in service.entries().await {
        assert!(
            !String::from_utf8(entry.canonical())
                .unwrap()
                .contains("defend")
        );
    }
    let known = service
        .store
        .look_up(&[service
            .secrets
            .keys(&shared::address::Address::parse(ADDRESS).unwrap())])
        .await
        .unwrap();
    let standing = &known.known[0].as_ref().unwrap().standing;
    let stays = standing.stays(backend::clock::World::now(&*service.world));
    assert_eq!(stays.len(), 1);
    assert_eq!(
        stays[0].scope.purpose.as_ref().unwrap().as_str(),
        "security_risk"
    );
}

#[tokio::test]
async fn time_is_extended_once_within_the_first_month_and_never_for_a_complaint() {
    let service = Service::start().await;
    let desk = desk(&service);
    let open = async |body: &Value| service.post("/v1/cases", body).await.at("/reference");
    let first = open(&objection(ADDRESS, "security_risk")).await;
    let extended = desk
        .extend(&first, Reason::Complexity, &staff())
        .await
        .unwrap();
    assert_eq!(
        extended.due.unwrap().to_string(),
        "2027-02-24T00:00:00.000Z"
    );
    let again = desk.extend(&first, Reason::Number, &staff()).await;
    assert!(matches!(again, Err(CaseError::Again)));
    let complaint = open(&complaint(ADDRESS)).await;
    let refused = desk.extend(&complaint, Reason::Number, &staff()).await;
    assert!(matches!(refused, Err(CaseError::NoLimit)));
    desk.acknowledge(&complaint, &staff()).await.unwrap();
    let late = open(&objection(ADDRESS, "business_admin")).await;
    service.world.pass(32 * DAY_MS);
    let refused = desk.extend(&late, Reason::Number, &staff()).await;
    assert!(matches!(refused, Err(CaseError::TooLate)));
    let now = backend::clock::World::now(&*service.world);
    let overdue: Vec<_> = desk.all().await.unwrap();
    let overdue: Vec<_> = overdue
        .iter()
        .filter(|case| case.is_overdue(now))
        .map(backend::cases::shown)
        .collect();
    assert_eq!(overdue, [late]);
}
