//! Somebody else's website: pages with any headers, on an origin of their own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

type Pages = Arc<Mutex<BTreeMap<String, Page>>>;

#[derive(Clone)]
struct Page {
    headers: String,
    body: String,
}

/// A web server that ends when this is dropped.
pub struct Host {
    origin: String,
    pages: Pages,
    serving: JoinHandle<()>,
}

impl Host {
    /// Starts it on a free port of `localhost`, without any page.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://localhost:{}", listener.local_addr()?.port());
        let pages = Pages::default();
        let serving = tokio::spawn(serve(listener, pages.clone()));
        Ok(Self {
            origin,
            pages,
            serving,
        })
    }

    /// Its origin, as a configuration names it.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Serves an HTML page at this path with these headers; answers its URL.
    pub fn page(&self, path: &str, headers: &[(&str, &str)], body: &str) -> String {
        let headers = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let page = Page {
            headers,
            body: body.to_owned(),
        };
        self.pages
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(path.to_owned(), page);
        format!("{}{path}", self.origin)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A company's page that embeds the notice as the documentation says: link inside, one script.
#[must_use]
pub fn embedding(service: &str, head: &str) -> String {
    let notice = crate::sayso::NOTICE;
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>A company</title>\
         <meta name=\"viewport\" content=\"width=device-width\">{head}</head><body>\
         <h1>A company</h1><main><sayso-notice notice=\"{notice}\">\
         <a href=\"{service}/notices/{notice}\">Privacy notice and your right to object</a></sayso-notice>\
         <script async src=\"{service}/embed/{notice}/sayso.js\"></script></main></body></html>"
    )
}

async fn serve(listener: TcpListener, pages: Pages) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, pages.clone()));
    }
}

async fn answer(mut stream: TcpStream, pages: Pages) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let line = String::from_utf8_lossy(&request);
    let path = line.split(' ').nth(1).unwrap_or_default();
    let page = pages
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(path)
        .cloned();
    let (status, page) = match page {
        Some(page) => ("200 OK", page),
        None => (
            "404 Not Found",
            Page {
                headers: String::new(),
                body: String::new(),
            },
        ),
    };
    let Page { headers, body } = page;
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\n");
    let rest = format!("content-length: {length}\r\nconnection: close\r\n\r\n{body}");
    stream
        .write_all([head, headers, rest].concat().as_bytes())
        .await?;
    stream.shutdown().await
}
