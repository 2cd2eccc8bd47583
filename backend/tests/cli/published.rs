//! What receivers read in DNS, asked of a server on this machine (EML-01, EML-02).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
use hickory_resolver::proto::rr::rdata::TXT;
use hickory_resolver::proto::rr::{RData, Record};
use serde_json::{Value, json};

use crate::deployment::Deployment;

/// What OpenSSL says the public halves of the keys beside this file are.
const RSA: &str = include_str!("dkim/rsa.public");
const ED25519: &str = include_str!("dkim/ed25519.public");

/// A DNS server that knows these texts, and ends with the test.
#[derive(Clone, Default)]
struct Zone(Arc<Mutex<BTreeMap<String, Vec<String>>>>);

impl Zone {
    fn publish(&self, name: &str, text: impl Into<String>) {
        let mut zone = self.0.lock().unwrap();
        zone.entry(name.to_owned()).or_default().push(text.into());
    }

    fn empty(&self, name: &str) {
        self.0.lock().unwrap().remove(name);
    }

    fn answer(&self, asked: &[u8]) -> Vec<u8> {
        let asked = Message::from_vec(asked).unwrap();
        let query = asked.queries[0].clone();
        let name = query.name().to_ascii();
        let mut answer = asked.into_response();
        answer.metadata.message_type = MessageType::Response;
        answer.additionals.clear();
        let zone = self.0.lock().unwrap();
        match zone.get(name.trim_end_matches('.')) {
            Some(texts) => answer.add_answers(texts.iter().map(|text| {
                let parts = text.as_bytes().chunks(255);
                let text = TXT::from_bytes(parts.collect());
                Record::from_rdata(query.name().clone(), 60, RData::TXT(text))
            })),
            None => {
                answer.metadata.response_code = ResponseCode::NXDomain;
                &mut answer
            }
        };
        answer.to_vec().unwrap()
    }

    fn serve(&self) -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let zone = self.clone();
        std::thread::spawn(move || {
            let mut asked = [0; 4096];
            while let Ok((length, who)) = socket.recv_from(&mut asked) {
                let _ = socket.send_to(&zone.answer(&asked[..length]), who);
            }
        });
        address
    }
}

/// A deployment that sends letters, signed with both keys, and how it is asked.
fn sender(mail: &str) -> (Deployment, Zone, impl Fn(&Deployment, i32) -> Value) {
    let deployment = Deployment::published();
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/dkim");
    let mut config = std::fs::read_to_string(deployment.file("sayso.toml")).unwrap();
    write!(
        config,
        "\n[smtp]\nhost = 'mail.example.com'\nfrom = 'privacy@privacy.example.com'\n\
         [[smtp.dkim]]\ndomain = 'privacy.example.com'\nselector = 'r'\nkey_file = '{keys}/rsa.pem'\n\
         [[smtp.dkim]]\ndomain = 'privacy.example.com'\nselector = 'e'\nkey_file = '{keys}/ed25519.pem'\n\
         [mail]\n{mail}\n"
    )
    .unwrap();
    std::fs::write(deployment.file("sayso.toml"), config).unwrap();
    let zone = Zone::default();
    let server = zone.serve().to_string();
    let check = move |deployment: &Deployment, code| {
        let asked = ["config", "check", "--dns", "--resolver", &server];
        deployment.json(code, &asked)
    };
    (deployment, zone, check)
}

fn publish_all(zone: &Zone) {
    zone.publish("privacy.example.com", "some-verification=1");
    zone.publish("privacy.example.com", "v=spf1 ip4:192.0.2.1 -all");
    let rsa = format!("v=DKIM1; k=rsa; p={}", RSA.trim());
    zone.publish("r._domainkey.privacy.example.com", rsa);
    let ed25519 = format!("v=DKIM1;k=ed25519;p={}", ED25519.trim());
    zone.publish("e._domainkey.privacy.example.com", ed25519);
    zone.publish("_dmarc.example.com", "v=DMARC1; p=reject; adkim=s");
}

#[test]
fn a_domain_that_receivers_trust_is_found_in_order() {
    let (deployment, zone, check) = sender("marketing_domains = ['news.example.com']");
    publish_all(&zone);
    let found = check(&deployment, 0);
    assert_eq!(found["dns"], json!([]));
    assert_eq!(found["unseen"].as_array().unwrap().len(), 1, "{found}");
}

#[test]
fn what_receivers_miss_in_dns_is_named_with_the_record_to_publish() {
    let (deployment, zone, check) = sender("marketing_domains = ['news.example.com']");
    let found = check(&deployment, 3)["dns"].to_string();
    for part in [
        "SPF: nothing at privacy.example.com",
        "DKIM: nothing at r._domainkey.privacy.example.com",
        "DKIM: nothing at e._domainkey.privacy.example.com",
        "DMARC: nothing at _dmarc.privacy.example.com",
        RSA.trim(),
        ED25519.trim(),
    ] {
        assert!(found.contains(part), "{part} is not in {found}");
    }
    publish_all(&zone);
    zone.publish("privacy.example.com", "v=spf1 mx ~all");
    zone.empty("r._domainkey.privacy.example.com");
    zone.publish("r._domainkey.privacy.example.com", "v=DKIM1; k=rsa; p=");
    let found = check(&deployment, 3)["dns"].clone();
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].as_str().unwrap().contains("2 records"));
    assert!(found[1].as_str().unwrap().contains("is not that of"));
}

#[test]
fn a_record_that_lets_everybody_send_is_none() {
    let (deployment, zone, check) = sender("marketing_domains = ['news.example.com']");
    publish_all(&zone);
    zone.empty("privacy.example.com");
    zone.publish("privacy.example.com", "v=spf1 mx +all");
    let found = check(&deployment, 3);
    assert!(found["dns"].to_string().contains("lets every server send"));
}

#[test]
fn letters_and_marketing_mail_come_from_two_domains() {
    let (deployment, zone, check) =
        sender("marketing_domains = ['news.example.com', 'privacy.example.com']");
    publish_all(&zone);
    let found = check(&deployment, 3)["dns"].to_string();
    assert!(found.contains("marketing mail both come from privacy.example.com"));
    let (deployment, zone, check) = sender("");
    publish_all(&zone);
    let found = check(&deployment, 0)["unseen"].to_string();
    assert!(found.contains("mail.marketing_domains"), "{found}");
}

#[test]
fn without_the_wish_no_dns_server_is_asked() {
    let (deployment, _, _) = sender("");
    assert_eq!(deployment.json(0, &["config", "check"])["dns"], json!([]));
    deployment
        .run(&["config", "check", "--resolver", "127.0.0.1:53"])
        .with(2);
}

#[test]
fn a_dns_server_that_does_not_answer_is_a_failure_and_no_finding() {
    let (deployment, _, _) = sender("");
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let server = silent.local_addr().unwrap().to_string();
    drop(silent);
    let ended = deployment.run(&["config", "check", "--dns", "--resolver", &server]);
    assert!(ended.with(1).error.contains("DNS did not answer"));
}

#[test]
fn a_key_that_cannot_be_read_is_found_without_asking_dns_as_serve_would_find_it() {
    let (deployment, zone, check) = sender("marketing_domains = ['news.example.com']");
    publish_all(&zone);
    let path = deployment.file("sayso.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("/rsa.pem", "/gone.pem")).unwrap();
    let served = deployment
        .run(&["serve", "--listen", "127.0.0.1:0"])
        .with(1);
    assert!(served.error.contains("gone.pem"), "{served:?}");
    for found in [
        deployment.json(3, &["config", "check"]),
        check(&deployment, 3),
    ] {
        let missing = found["missing"].as_array().unwrap();
        assert_eq!(missing.len(), 1, "{found}");
        assert!(missing[0].to_string().contains("gone.pem"), "{found}");
    }
}
