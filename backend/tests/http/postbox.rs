//! A mail server of our own on a real socket: it says what a test wants and keeps what it is given.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the server says otherwise than yes, once: to which command, and what.
pub(crate) type Refuse = (&'static str, &'static str);

/// A message as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) bytes: Vec<u8>,
}

/// The running server.
#[derive(Clone, Default)]
pub(crate) struct Postbox {
    taken: Arc<Mutex<Vec<Taken>>>,
    refusals: Arc<Mutex<VecDeque<Refuse>>>,
}

impl Postbox {
    /// A server on a free port, and that port.
    pub(crate) fn open() -> (Self, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let postbox = Self::default();
        postbox.serve(listener);
        (postbox, port)
    }

    /// A server on that port.
    pub(crate) fn open_at(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let postbox = Self::default();
        postbox.serve(listener);
        postbox
    }

    /// Refuses the next command of that kind with that answer.
    pub(crate) fn refuse(&self, refusal: Refuse) {
        self.refusals.lock().unwrap().push_back(refusal);
    }

    /// Everything that was taken so far.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }

    fn serve(&self, listener: TcpListener) {
        let postbox = self.clone();
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let postbox = postbox.clone();
                thread::spawn(move || postbox.talk(&stream));
            }
        });
    }

    fn says(&self, command: &str, yes: &str) -> String {
        let mut refusals = self.refusals.lock().unwrap();
        match refusals.front() {
            Some((refused, answer)) if *refused == command => {
                let answer = (*answer).to_owned();
                refusals.pop_front();
                answer
            }
            _ => yes.to_owned(),
        }
    }

    fn talk(&self, stream: &TcpStream) -> Option<()> {
        let mut lines = BufReader::new(stream);
        let (mut from, mut to) = (String::new(), String::new());
        let say = |text: String| {
            let mut stream = stream;
            stream.write_all(format!("{text}\r\n").as_bytes()).ok()
        };
        say(self.says("CONNECT", "220 postbox.example.com ESMTP"))?;
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            let inner = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            let command = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            match command.as_str() {
                "EHLO" => say("250-postbox.example.com\r\n250 8BITMIME".to_owned())?,
                "MAIL" => {
                    from = inner;
                    say(self.says("MAIL", "250 ok"))?;
                }
                "RCPT" => {
                    to = inner;
                    say(self.says("RCPT", "250 ok"))?;
                }
                "DATA" => {
                    say("354 go on".to_owned())?;
                    let mut bytes = Vec::new();
                    loop {
                        let mut line = Vec::new();
                        if lines.read_until(b'\n', &mut line).ok()? == 0 {
                            return None;
                        }
                        if line == b".\r\n" {
                            break;
                        }
                        let dot = usize::from(line.starts_with(b".."));
                        bytes.extend_from_slice(&line[dot..]);
                    }
                    let answer = self.says("DATA", "250 taken");
                    if answer.starts_with('2') {
                        let (from, to) = (from.clone(), to.clone());
                        self.taken.lock().unwrap().push(Taken { from, to, bytes });
                    }
                    say(answer)?;
                }
                "QUIT" => {
                    say("221 bye".to_owned())?;
                    return Some(());
                }
                _ => say("502 no".to_owned())?,
            }
        }
    }
}
