//! Those who were mailed, held against a certificate long after its end.

use std::slice;
use std::sync::Arc;

use backend::clock::World as _;
use backend::domains::{Granted, Wish, record};
use backend::gate::Check;
use backend::reconciliation::{Finding, Listed, Sent, find};
use backend::replay::Replay;
use backend::store::domains::DomainAct;
use shared::address::{Address, Domain};
use shared::certificate::Certificate;
use shared::decision::{Stated, Withheld};
use shared::facts::{Country, Subscriber};
use shared::time::Timestamp;

use crate::replaying::{HOUR_MS, certify};
use crate::service::Service;
use crate::sinks::sinks_of;

/// What is said of ann, who was mailed at that moment.
async fn finding(service: &Service, certificate: &Certificate, sent: Timestamp) -> Option<Finding> {
    let now = service.world.now();
    let secrets = Arc::new(service.secrets.clone());
    let replay = Replay::of(certificate, service.store.clone(), secrets)
        .await
        .unwrap();
    let mut since = replay.since(certificate).await.unwrap();
    replay.reach(&mut since, sent).await.unwrap();
    let check = Check {
        address: Some(Address::parse("ann@client.example").unwrap()),
        question: certificate.asked.about(Stated {
            country: Some(Country::GB),
            subscriber: Some(Subscriber::Corporate),
        }),
    };
    let seen = replay.look_back(slice::from_ref(&check)).await.unwrap();
    let sent = Sent {
        earliest: sent,
        latest: sent,
    };
    let recipient = (check, &seen[0]);
    let listed = Listed::Unasked;
    find(
        certificate,
        (&replay, &since),
        recipient,
        listed,
        Some(sent),
        now,
    )
}

async fn company(service: &Service, act: DomainAct) -> Timestamp {
    let wish = Wish {
        domain: Domain::parse("client.example").unwrap(),
        act,
        evidence: "letter 4".to_owned(),
    };
    let now = service.world.now();
    let granted = record(&*service.store, &sinks_of(service), &[wish], now, false).await;
    let granted = granted.unwrap();
    assert_eq!(granted, [Granted::New]);
    now
}

#[tokio::test]
async fn what_was_sent_after_the_end_is_held_against_the_rules_of_its_own_moment() {
    let service = Service::start().await;
    let text = "email,country,class\nann@client.example,GB,corporate\n";
    let certificate = certify(&service, text).await;
    service.world.pass(30 * HOUR_MS);
    let late = service.world.now();
    assert!(late >= certificate.valid_until);
    service.world.pass(HOUR_MS);
    let objected = company(&service, DomainAct::Objected).await;
    service.world.pass(HOUR_MS);
    let during = service.world.now();
    service.world.pass(HOUR_MS);
    let lifted = company(&service, DomainAct::Lifted).await;
    let stopped = Some(Finding::StoppedBefore(Withheld::DomainObjected));
    for (sent, expected) in [
        (certificate.at, None),
        (late, Some(Finding::TooLate)),
        (objected, stopped),
        (during, stopped),
        (lifted, Some(Finding::TooLate)),
    ] {
        let found = finding(&service, &certificate, sent).await;
        assert_eq!(found, expected, "{sent}");
    }
}
