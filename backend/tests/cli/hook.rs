//! A system that takes what it is told, on the loopback interface.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// How long the service may take to tell something.
const PATIENCE: Duration = Duration::from_secs(60);

/// Takes what is posted to it, and answers 204.
pub(crate) struct Hook {
    port: u16,
    bodies: Receiver<Value>,
}

impl Hook {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (give, bodies) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let give = give.clone();
                thread::spawn(move || {
                    let mut stream = BufReader::new(stream.unwrap());
                    while let Some(body) = read(&mut stream) {
                        let answered = stream.get_mut().write_all(b"HTTP/1.1 204 X\r\n\r\n");
                        if answered.is_err() || give.send(body).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { port, bodies }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// What comes next.
    pub(crate) fn next(&self) -> Value {
        self.bodies.recv_timeout(PATIENCE).unwrap()
    }
}

fn read(stream: &mut BufReader<TcpStream>) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let line = line.trim_end().to_ascii_lowercase();
        match line.strip_prefix("content-length:") {
            Some(said) => length = said.trim().parse().ok()?,
            None if line.is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
