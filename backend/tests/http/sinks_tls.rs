//! Sinks over TLS: only one that proves who it is is told.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use backend::config::Sink;
use backend::sinks::{PATIENCE, Sinks, Teller, Trouble};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::receiver::Receiver;
use crate::service::Service;
use crate::sinks::{sink, state};
use crate::world::logged;

/// An authority of the company's own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// A server with a certificate by it for that name.
    fn server(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            );
        Arc::new(config.unwrap())
    }

    /// Its own certificate as a file.
    fn file(&self, folder: &Path) -> PathBuf {
        let path = folder.join("authority.pem");
        std::fs::write(&path, self.0.pem()).unwrap();
        path
    }
}

fn over_tls(receiver: &Receiver, ca_file: Option<PathBuf>) -> Sink {
    Sink {
        url: format!("https://localhost:{}/hook", receiver.port()),
        ca_file,
        ..sink(&receiver.url(), "")
    }
}

fn teller(service: &Service, sink: Sink) -> Teller {
    let mut config = service.config.clone();
    config.sink = vec![sink];
    let secrets = Arc::new(service.secrets.clone());
    let sinks = Sinks::new(&config, secrets, service.world.clone());
    Teller::new(service.store.clone(), sinks, PATIENCE).unwrap()
}

#[tokio::test]
async fn a_sink_with_a_certificate_of_ones_own_authority_is_told_once_that_is_named() {
    let (authority, folder) = (Authority::named("ours"), tempfile::tempdir().unwrap());
    let receiver = Receiver::open_tls(authority.server("localhost", |_| {})).await;
    let untrusting = over_tls(&receiver, None);
    let service = Service::with(|config| config.sink = vec![untrusting.clone()]).await;
    service.object("jane@client.example").await;
    let untrusting = teller(&service, untrusting);
    assert_eq!(untrusting.work_off().await.unwrap(), 1);
    assert_eq!(
        receiver.received().len(),
        0,
        "it was told before it proved who it is"
    );
    let waits = state(&service).await;
    assert_eq!((waits.told, waits.waiting), (0, 1));
    assert_eq!(waits.trouble, Some(Trouble::UnknownAuthority));
    assert!(logged().contains("by an authority that is not trusted here"));
    let trusting = teller(
        &service,
        over_tls(&receiver, Some(authority.file(folder.path()))),
    );
    assert_eq!(trusting.work_off().await.unwrap(), 0, "not before its time");
    service.world.pass(60_000);
    assert_eq!(trusting.work_off().await.unwrap(), 1);
    assert_eq!(receiver.received().len(), 1);
    assert_eq!(state(&service).await.told, 1);
}

#[tokio::test]
async fn a_sink_whose_certificate_is_for_another_name_or_over_is_not_told() {
    let (authority, folder) = (Authority::named("ours"), tempfile::tempdir().unwrap());
    let over = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    };
    for (server, trouble) in [
        (
            authority.server("other.example", |_| {}),
            Trouble::OtherName,
        ),
        (authority.server("localhost", over), Trouble::Expired),
    ] {
        let receiver = Receiver::open_tls(server).await;
        let sink = over_tls(&receiver, Some(authority.file(folder.path())));
        let service = Service::with(|config| config.sink = vec![sink.clone()]).await;
        service.object("jane@client.example").await;
        assert_eq!(teller(&service, sink).work_off().await.unwrap(), 1);
        assert_eq!(receiver.received().len(), 0, "{trouble:?}");
        let waits = state(&service).await;
        assert_eq!((waits.waiting, waits.trouble), (1, Some(trouble)));
    }
}

#[tokio::test]
async fn an_authority_takes_the_place_of_the_machines_own_and_a_file_that_is_none_is_named() {
    let (named, other) = (Authority::named("ours"), Authority::named("theirs"));
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::open_tls(other.server("localhost", |_| {})).await;
    let sink = over_tls(&receiver, Some(named.file(folder.path())));
    let service = Service::with(|config| config.sink = vec![sink.clone()]).await;
    service.object("jane@client.example").await;
    assert_eq!(teller(&service, sink.clone()).work_off().await.unwrap(), 1);
    assert_eq!(
        state(&service).await.trouble,
        Some(Trouble::UnknownAuthority)
    );
    let nothing = folder.path().join("empty.pem");
    std::fs::write(&nothing, "no certificate").unwrap();
    for wrong in [nothing, folder.path().join("nowhere.pem")] {
        let sink = Sink {
            ca_file: Some(wrong),
            ..sink.clone()
        };
        let said = format!(
            "{:#}",
            backend::sinks::Caller::new(&sink, PATIENCE).err().unwrap()
        );
        assert!(said.contains("ca_file") && said.contains("crm"), "{said}");
    }
}
