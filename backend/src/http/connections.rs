//! Connections: taken as they come, each served until it ends or the service is asked to stop. HTTP/1.1
//! alone; whatever stands in front of the service speaks what browsers speak.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

use self::head_timer::HeadTimer;
use self::patience::Patient;
use super::around::{Answering, Surrounded};

mod head_timer;
mod patience;

/// A client that has sent no whole head of a request for so long is let go: it keeps a connection and
/// asks nothing. So is one that has taken nothing of its answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Serves whoever connects, until `stop` is over; then what was begun is ended, and nothing is begun.
pub async fn serve(mut listener: TcpListener, service: Surrounded, stop: impl Future<Output = ()>) {
    let mut stop = std::pin::pin!(stop);
    let mut http = http1::Builder::new();
    http.header_read_timeout(PATIENCE)
        // An answer is small: its head and body leave as one.
        .writev(false);
    let connections = GracefulShutdown::new();
    loop {
        let (stream, client) = tokio::select! {
            // Goes on after errors, more slowly when nothing can be opened any more.
            taken = Listener::accept(&mut listener) => taken,
            () = &mut stop => break,
        };
        // Where this fails, answers leave a little later.
        let _ = stream.set_nodelay(true);
        let service = Connected {
            // Its own, so that no processor waits for another to count who uses it.
            service: Arc::new(service.clone()),
            client,
        };
        let stream = TokioIo::new(Patient::new(stream, PATIENCE));
        let mut http = http.clone();
        let connection = http
            .timer(HeadTimer::default())
            .serve_connection(stream, service);
        // An error here is a client that went away.
        tokio::spawn(connections.watch(connection));
    }
    drop(listener);
    connections.shutdown().await;
}

/// The service, as one client reaches it.
struct Connected {
    service: Arc<Surrounded>,
    client: SocketAddr,
}

impl hyper::service::Service<Request<Incoming>> for Connected {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.client));
        Surrounded::answer(Arc::clone(&self.service), request)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::oneshot;

    use shared::time::Timestamp;

    use super::{PATIENCE, Surrounded, serve};
    use crate::metrics::Metrics;

    /// More bytes than the system keeps for a client that reads none.
    const LONG: usize = 64 << 20;

    async fn served() -> (TcpStream, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let service = Surrounded {
            router: Router::new()
                .route("/", get(async || "here"))
                .route("/long", get(async || vec![b'x'; LONG])),
            gate: None,
            metrics: Arc::new(Metrics::new("test", Timestamp::from_millis(0))),
        };
        let (stop, stopped) = oneshot::channel();
        let stopping = async {
            let _ = stopped.await;
        };
        let serving = tokio::spawn(serve(listener, service, stopping));
        let client = TcpStream::connect(address).await.expect("a connection");
        (client, stop, serving)
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_ends_its_request_is_let_go() {
        let (mut client, _stop, _serving) = served().await;
        client
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n")
            .await
            .expect("sent");
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.expect("closed");
        assert_eq!(answer, b"");
    }

    #[tokio::test(start_paused = true)]
    async fn each_request_is_waited_for_as_long_as_the_first() {
        let (mut client, _stop, _serving) = served().await;
        let head = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        client.write_all(head).await.expect("sent");
        let mut answer = [0; 1024];
        let length = client.read(&mut answer).await.expect("answered");
        assert!(answer[..length].starts_with(b"HTTP/1.1 200"));
        tokio::time::advance(PATIENCE * 3 / 4).await;
        client.write_all(head).await.expect("sent");
        let length = client.read(&mut answer).await.expect("answered");
        assert!(answer[..length].starts_with(b"HTTP/1.1 200"));
        let asked = tokio::time::Instant::now();
        client.write_all(&head[..20]).await.expect("sent");
        let length = client.read(&mut answer).await.expect("closed");
        assert_eq!(length, 0);
        let waited = asked.elapsed();
        assert!(
            PATIENCE <= waited && waited < PATIENCE * 5 / 4,
            "{waited:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_of_its_answer_is_let_go() {
        let (mut client, stop, serving) = served().await;
        client
            .write_all(b"GET /long HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .expect("sent");
        client.read_exact(&mut [0; 100]).await.expect("begun");
        stop.send(()).expect("still serving");
        tokio::time::timeout(2 * PATIENCE, serving)
            .await
            .expect("nobody is waited for any longer")
            .expect("served");
    }

    #[tokio::test]
    async fn what_was_begun_is_ended_when_the_service_stops() {
        let (mut client, stop, serving) = served().await;
        client
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n")
            .await
            .expect("sent");
        // Whoever has connected is served, though the head is not whole yet.
        let mut other = TcpStream::connect(client.peer_addr().expect("connected"))
            .await
            .expect("a second connection");
        other
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .await
            .expect("sent");
        let mut answer = String::new();
        other.read_to_string(&mut answer).await.expect("answered");
        assert!(answer.ends_with("here"), "{answer}");
        stop.send(()).expect("still serving");
        client.write_all(b"\r\n").await.expect("sent");
        let mut answer = String::new();
        client
            .read_to_string(&mut answer)
            .await
            .expect("answered and closed");
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("here"),
            "{answer}"
        );
        serving.await.expect("nothing is left");
    }
}
