//! Notices, rules, texts and API keys.

use std::collections::{BTreeMap, BTreeSet};

use backend::store::domains::{DomainAct, DomainStep, Domains as _, NewStep, StepDomain as _};
use backend::store::events::{Events as _, NewEvent, Whereof};
use backend::store::rules::RuleSets as _;
use backend::store::{ApiKey, NoticeKind, PublishedNotice, Read as _, StoreError, Write as _};
use shared::address::Domain;
use shared::digest::Digest;
use shared::rules::{GateSettings, Rules, TABLE, Uninformed};

use crate::engine::Engine;
use crate::given::{NOW, objection};

fn notice(name: &str, version: u32) -> PublishedNotice {
    let canonical = format!("{name} {version}").into_bytes();
    PublishedNotice {
        notice: name.to_owned(),
        version,
        digest: Digest::of(&canonical),
        kind: if version == 0 {
            NoticeKind::Verbatim
        } else {
            NoticeKind::Structured
        },
        canonical,
        published_at: NOW.plus_millis(i64::from(version)),
    }
}

pub(crate) fn rules(notices: &[&PublishedNotice]) -> Rules {
    Rules {
        table: TABLE,
        notices: notices
            .iter()
            .map(|one| (one.notice.clone(), one.digest))
            .collect(),
        purposes: BTreeMap::new(),
        settings: GateSettings {
            default_country: None,
            default_subscriber: None,
            uninformed: Uninformed::Oblige,
        },
        consumer_domains: BTreeSet::new(),
        domain_objections: BTreeMap::new(),
    }
}

pub(crate) async fn a_published_notice_brings_its_rules_into_force(engine: impl Engine) {
    let store = engine.open();
    let (zero, one) = (notice("a", 0), notice("a", 1));
    let first = rules(&[&zero]);
    let second = rules(&[&one]);
    store
        .publish(vec![zero.clone()], None, first.clone())
        .await
        .unwrap();
    let in_force = store.look_up(&[]).await.unwrap().rules.unwrap();
    assert_eq!((in_force.digest, &in_force.rules), (first.digest(), &first));
    store
        .publish(vec![one.clone()], Some(first.digest()), second.clone())
        .await
        .unwrap();
    let in_force = store.look_up(&[]).await.unwrap().rules.unwrap();
    assert_eq!(in_force.rules, second);
    assert_eq!(store.notices().await.unwrap(), [zero, one]);
}

pub(crate) async fn versions_follow_one_another(engine: impl Engine) {
    let store = engine.open();
    let first = rules(&[&notice("a", 4)]);
    let digest = Some(first.digest());
    store
        .publish(vec![notice("b", 4)], None, first.clone())
        .await
        .unwrap();
    for version in [3, 4, 6] {
        let refused = store
            .publish(vec![notice("b", version)], digest, first.clone())
            .await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{version}");
    }
    store
        .publish(vec![notice("b", 5)], digest, first.clone())
        .await
        .unwrap();
    store
        .publish(vec![notice("a", 9)], digest, first)
        .await
        .unwrap();
    let published = store.notices().await.unwrap();
    assert_eq!(published, [notice("a", 9), notice("b", 4), notice("b", 5)]);
}

pub(crate) async fn versions_are_published_together_or_not_at_all(engine: impl Engine) {
    let store = engine.open();
    let rules = rules(&[&notice("a", 1)]);
    let broken = vec![notice("a", 0), notice("a", 2)];
    let refused = store.publish(broken, None, rules.clone()).await;
    assert!(matches!(refused, Err(StoreError::Conflict)));
    assert_eq!(store.notices().await.unwrap(), []);
    assert!(store.look_up(&[]).await.unwrap().rules.is_none());
    let whole = vec![notice("a", 0), notice("a", 1), notice("b", 1)];
    store.publish(whole.clone(), None, rules).await.unwrap();
    assert_eq!(store.notices().await.unwrap(), whole);
}

pub(crate) async fn rules_decided_on_an_older_state_are_a_conflict(engine: impl Engine) {
    let store = engine.open();
    let (zero, one) = (notice("a", 0), notice("a", 1));
    let (none, first, second) = (rules(&[]), rules(&[&zero]), rules(&[&one]));
    let premature = store
        .put_rules(Some(none.digest()), none.clone(), NOW)
        .await;
    assert!(matches!(premature, Err(StoreError::Conflict)));
    store.put_rules(None, none.clone(), NOW).await.unwrap();
    let stale = store.publish(vec![zero.clone()], None, first.clone()).await;
    assert!(matches!(stale, Err(StoreError::Conflict)));
    assert!(store.notices().await.unwrap().is_empty());
    store
        .publish(vec![zero], Some(none.digest()), first.clone())
        .await
        .unwrap();
    let stale = store
        .put_rules(Some(none.digest()), second.clone(), NOW)
        .await;
    assert!(matches!(stale, Err(StoreError::Conflict)));
    let in_force = store.look_up(&[]).await.unwrap().rules.unwrap();
    assert_eq!(in_force.rules, first);
    assert_eq!(store.rules(second.digest()).await.unwrap(), None);
}

pub(crate) async fn a_restriction_judged_by_other_rules_is_a_conflict(engine: impl Engine) {
    let (here, there) = (engine.open(), engine.open());
    let (one, two) = (rules(&[&notice("a", 1)]), rules(&[&notice("a", 2)]));
    let judged_by = Some(one.digest());
    let early = here.restrict(objection(1, 1), judged_by).await;
    assert!(matches!(early, Err(StoreError::Conflict)));
    here.put_rules(None, one.clone(), NOW).await.unwrap();
    here.restrict(objection(1, 1), judged_by).await.unwrap();
    there.put_rules(judged_by, two.clone(), NOW).await.unwrap();
    let late = here.restrict(objection(2, 2), judged_by).await;
    assert!(matches!(late, Err(StoreError::Conflict)));
    assert_eq!(here.look_up(&[]).await.unwrap().as_of, 1);
    let judged_by = Some(two.digest());
    assert_eq!(here.restrict(objection(2, 2), judged_by).await.unwrap(), 2);
    assert_eq!(here.restrict(objection(3, 3), None).await.unwrap(), 3);
}

pub(crate) async fn rules_are_found_by_digest_when_no_longer_in_force(engine: impl Engine) {
    let store = engine.open();
    let (one, two) = (rules(&[&notice("a", 1)]), rules(&[&notice("a", 2)]));
    store.put_rules(None, one.clone(), NOW).await.unwrap();
    store
        .put_rules(Some(one.digest()), two.clone(), NOW)
        .await
        .unwrap();
    store
        .put_rules(Some(two.digest()), one.clone(), NOW)
        .await
        .unwrap();
    store
        .put_rules(Some(one.digest()), one.clone(), NOW)
        .await
        .unwrap();
    assert_eq!(store.rules(one.digest()).await.unwrap(), Some(one.clone()));
    assert_eq!(store.rules(two.digest()).await.unwrap(), Some(two));
    let in_force = store.look_up(&[]).await.unwrap().rules.unwrap();
    assert_eq!(in_force.rules, one);
}

pub(crate) async fn rules_are_found_by_when_they_came_into_force(engine: impl Engine) {
    let store = engine.open();
    let at = |minutes: i64| NOW.plus_millis(minutes * 60_000);
    let all: Vec<_> = (1..=4)
        .map(|version| rules(&[&notice("a", version)]))
        .collect();
    let mut before = None;
    for (next, minutes) in all.iter().zip(0..) {
        let put = store.put_rules(before, next.clone(), at(minutes)).await;
        put.unwrap();
        before = Some(next.digest());
    }
    let between = |after, until| store.rules_between(after, until);
    assert_eq!(
        between(at(0), at(2)).await.unwrap(),
        [(at(1), all[1].clone()), (at(2), all[2].clone())]
    );
    assert_eq!(between(at(3), at(9)).await.unwrap(), []);
}

pub(crate) async fn rules_come_into_force_for_every_reader_at_once(engine: impl Engine) {
    let (here, there) = (engine.open(), engine.open());
    let mut before = None;
    for version in 0..10 {
        let next = rules(&[&notice("a", version)]);
        let digest = next.digest();
        here.put_rules(before, next, NOW).await.unwrap();
        for _ in 0..5 {
            let seen = there.look_up(&[]).await.unwrap().rules.unwrap();
            assert_eq!(seen.digest, digest);
        }
        before = Some(digest);
    }
}

pub(crate) async fn a_text_is_kept_once_and_found_by_digest(engine: impl Engine) {
    let store = engine.open();
    let words = "Object — für immer".as_bytes().to_vec();
    let digest = store.keep_text(words.clone()).await.unwrap();
    assert_eq!(digest, Digest::of(&words));
    assert_eq!(store.keep_text(words.clone()).await.unwrap(), digest);
    assert_eq!(store.text(digest).await.unwrap(), Some(words));
    assert_eq!(store.text(Digest::of(b"other")).await.unwrap(), None);
}

pub(crate) async fn an_api_key_is_kept_listed_and_revoked(engine: impl Engine) {
    let store = engine.open();
    let key = |name: &str, scopes: &[&str], created: i64| ApiKey {
        hash: Digest::of(name.as_bytes()),
        label: name.to_owned(),
        last4: "abcd".to_owned(),
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        created_at: NOW.plus_millis(created),
        expires_at: (created == 1).then_some(NOW),
        revoked_at: None,
    };
    let newer = key("newer", &["gate:check", "scrub:run"], 2);
    let older = key("older", &[], 1);
    for one in [&newer, &older] {
        store.add_api_key(one.clone()).await.unwrap();
    }
    let twice = store.add_api_key(newer.clone()).await;
    assert!(matches!(twice, Err(StoreError::Conflict)));
    assert_eq!(
        store.api_keys().await.unwrap(),
        [older.clone(), newer.clone()]
    );
    assert_eq!(
        store
            .api_key(store.glance(), older.hash)
            .await
            .unwrap()
            .as_deref(),
        Some(&older)
    );
    assert!(store.revoke_api_key(older.hash, NOW).await.unwrap());
    assert!(
        store
            .revoke_api_key(older.hash, NOW.plus_millis(9))
            .await
            .unwrap()
    );
    let revoked = store
        .api_key(store.glance(), older.hash)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(revoked.revoked_at, Some(NOW));
    let unknown = Digest::of(b"unknown");
    assert!(!store.revoke_api_key(unknown, NOW).await.unwrap());
    assert_eq!(store.api_key(store.glance(), unknown).await.unwrap(), None);
}

pub(crate) async fn a_step_of_a_domain_comes_with_its_rules_or_not_at_all(engine: impl Engine) {
    let store = engine.open();
    let before = rules(&[]);
    store.put_rules(None, before.clone(), NOW).await.unwrap();
    let domain = Domain::parse("client.example").unwrap();
    let mut after = before.clone();
    assert!(after.object_domain(&domain, true));
    let step = |act| DomainStep {
        domain: domain.to_string(),
        act,
        evidence: "letter 7".to_owned(),
        at: NOW,
    };
    let objected = step(DomainAct::ObjectedWithSubdomains);
    let told = |step: &DomainStep| NewStep {
        step: step.clone(),
        events: vec![NewEvent {
            sink: "a".to_owned(),
            kept_until: NOW,
            is_kept_back: false,
            sealed: vec![7],
        }],
    };
    let stale = store
        .step_domains(after.digest(), after.clone(), vec![told(&objected)])
        .await;
    assert!(matches!(stale, Err(StoreError::Conflict)), "{stale:?}");
    assert!(store.domain_steps().await.unwrap().is_empty());
    assert_eq!(store.next_event("a").await.unwrap(), None);
    store
        .step_domains(before.digest(), after.clone(), vec![told(&objected)])
        .await
        .unwrap();
    let due = store.take_event("a", NOW, NOW).await.unwrap().unwrap();
    assert_eq!((due.about, due.sealed), (Whereof::Step(1), vec![7]));
    let mut lifted = after.clone();
    assert!(lifted.lift_domain(&domain));
    store
        .step_domains(
            after.digest(),
            lifted.clone(),
            vec![told(&step(DomainAct::Lifted))],
        )
        .await
        .unwrap();
    let in_force = store.look_up(&[]).await.unwrap().rules.unwrap();
    assert_eq!(in_force.rules, before);
    let steps = store.domain_steps().await.unwrap();
    assert_eq!(steps, [objected, step(DomainAct::Lifted)]);
}
