//! A receiver of webhooks on the loopback interface that answers as it is told.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite,
    AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) body: String,
    headers: Vec<(String, String)>,
}

impl Received {
    /// The header, empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        found.next().map_or("", |(_, value)| value)
    }
}

/// What to answer; `None` answers nothing.
type Planned = Option<(u16, Vec<(String, String)>)>;

#[derive(Default)]
struct State {
    received: Mutex<Vec<Received>>,
    planned: Mutex<VecDeque<Planned>>,
    connections: AtomicUsize,
}

/// Takes what is posted to it.
pub(crate) struct Receiver {
    port: u16,
    state: Arc<State>,
}

impl Receiver {
    pub(crate) async fn open() -> Self {
        Self::listen(None).await
    }

    /// The same over TLS; whoever does not finish the handshake posts nothing.
    pub(crate) async fn open_tls(config: Arc<rustls::ServerConfig>) -> Self {
        Self::listen(Some(TlsAcceptor::from(config))).await
    }

    async fn listen(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (shared, tls) = (Arc::clone(&shared), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, shared).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, shared).await;
                            }
                        }
                    }
                });
            }
        });
        Self { port, state }
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// The answer to the next request that none is planned for yet; 204 where nothing is planned.
    pub(crate) fn answer(&self, status: u16, headers: &[(&str, &str)]) {
        let own = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        let headers = headers.iter().map(own).collect();
        self.plan(Some((status, headers)));
    }

    /// The same, with no answer at all.
    pub(crate) fn hang(&self) {
        self.plan(None);
    }

    fn plan(&self, planned: Planned) {
        self.state.planned.lock().unwrap().push_back(planned);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    pub(crate) fn bodies(&self) -> Vec<Value> {
        let received = self.received();
        let bodies = received.iter().map(|one| serde_json::from_str(&one.body));
        bodies.collect::<Result<_, _>>().unwrap()
    }

    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, state: Arc<State>) {
    let mut stream = BufReader::new(stream);
    while let Some(received) = read(&mut stream).await {
        state.received.lock().unwrap().push(received);
        let planned = state.planned.lock().unwrap().pop_front();
        let Some((status, headers)) = planned.unwrap_or(Some((204, Vec::new()))) else {
            std::future::pending::<()>().await;
            return;
        };
        let mut answer = format!("HTTP/1.1 {status} X\r\n");
        for (name, value) in headers {
            answer.push_str(&format!("{name}: {value}\r\n"));
        }
        if status != 204 {
            answer.push_str("content-length: 0\r\n");
        }
        answer.push_str("\r\n");
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut (impl AsyncBufRead + Unpin)) -> Option<Received> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Received {
        path,
        body: String::from_utf8(body).unwrap(),
        headers,
    })
}
