//! Load: many connections that ask, wait for the answer and ask again. One thread, no parser, so
//! that little of the machine goes to asking.

use std::io::ErrorKind::WouldBlock;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use tokio::net::TcpStream;

/// Connections at once.
pub(crate) const CONNECTIONS: usize = 64;

/// A request that differs from the next in its numbers.
#[derive(Clone)]
pub(crate) struct Template {
    protocol: Protocol,
    bytes: Vec<u8>,
    slots: Vec<usize>,
}

/// How an answer ends, and whether it is a good one.
#[derive(Clone, Copy)]
enum Protocol {
    Http,
    Policy,
}

/// Digits of the number.
const DIGITS: usize = 10;
const SLOT: &str = "##########";

impl Template {
    /// A POST of that JSON, in which ten `#` stand for a number.
    pub(crate) fn post(path: &str, headers: &str, json: &str) -> anyhow::Result<Self> {
        let bytes = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
             {headers}content-length: {}\r\n\r\n{json}",
            json.len()
        );
        Self::of(Protocol::Http, bytes)
    }

    /// A question of a mail server, in which ten `#` stand for a number.
    pub(crate) fn policy(question: &str) -> anyhow::Result<Self> {
        Self::of(Protocol::Policy, question.to_owned())
    }

    fn of(protocol: Protocol, bytes: String) -> anyhow::Result<Self> {
        let slots: Vec<usize> = bytes.match_indices(SLOT).map(|(place, _)| place).collect();
        ensure!(!slots.is_empty(), "the template has no slot");
        Ok(Self {
            protocol,
            bytes: bytes.into_bytes(),
            slots,
        })
    }

    fn fill(&mut self, numbers: impl Iterator<Item = u64>) {
        for (&slot, mut number) in self.slots.iter().zip(numbers) {
            for digit in self.bytes[slot..slot + DIGITS].iter_mut().rev() {
                *digit = b'0' + (number % 10) as u8;
                number /= 10;
            }
        }
    }
}

/// What came back.
pub(crate) struct Outcome {
    /// Answers with a status of 2xx.
    pub(crate) answered: u64,
    /// Other answers.
    pub(crate) refused: u64,
    /// Answers per second.
    pub(crate) rate: f64,
    waits: Vec<u32>,
}

impl Outcome {
    /// The wait in milliseconds that this part of the answers stayed below.
    pub(crate) fn wait(&self, part: f64) -> f64 {
        let place = (part * self.waits.len().saturating_sub(1) as f64) as usize;
        self.waits
            .get(place)
            .map_or(f64::NAN, |&micros| f64::from(micros) / 1e3)
    }
}

/// Asks for that long over so many connections. `number` makes a number of its place among all.
pub(crate) fn load(
    address: SocketAddr,
    connections: usize,
    template: &Template,
    number: fn(u64, u64) -> u64,
    parameter: u64,
    time: Duration,
) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let turn = Arc::new(AtomicU64::new(0));
        let start = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..connections {
            let mut template = template.clone();
            let turn = Arc::clone(&turn);
            tasks.spawn(async move {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                let mut share = Share::default();
                let slots = template.slots.len() as u64;
                let mut answer = vec![0; 16 * 1024 + 512 * template.slots.len()];
                while start.elapsed() < time {
                    let first = turn.fetch_add(slots, Ordering::Relaxed);
                    template.fill((first..).map(|place| number(place, parameter)));
                    let asked = Instant::now();
                    write(&stream, &template.bytes).await?;
                    let good = read(&stream, template.protocol, &mut answer).await?;
                    share
                        .waits
                        .push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
                    share.refused += u64::from(!good);
                }
                anyhow::Ok(share)
            });
        }
        let mut all = Share::default();
        while let Some(share) = tasks.join_next().await {
            let share = share??;
            all.waits.extend(share.waits);
            all.refused += share.refused;
        }
        let elapsed = start.elapsed().as_secs_f64();
        let answered = all.waits.len() as u64 - all.refused;
        all.waits.sort_unstable();
        Ok(Outcome {
            answered,
            refused: all.refused,
            rate: answered as f64 / elapsed,
            waits: all.waits,
        })
    })
}

#[derive(Default)]
struct Share {
    waits: Vec<u32>,
    refused: u64,
}

async fn write(stream: &TcpStream, mut bytes: &[u8]) -> anyhow::Result<()> {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == WouldBlock => stream.writable().await?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Reads one answer to its end; whether its status is 2xx, or a mail server need not wait.
async fn read(stream: &TcpStream, protocol: Protocol, answer: &mut [u8]) -> anyhow::Result<bool> {
    let mut filled = 0;
    let mut end = None;
    loop {
        stream.readable().await?;
        match stream.try_read(&mut answer[filled..]) {
            Ok(0) => bail!("the server closed a connection, or an answer is too long"),
            Ok(more) => filled += more,
            Err(error) if error.kind() == WouldBlock => continue,
            Err(error) => return Err(error.into()),
        }
        if end.is_none() {
            end = match protocol {
                Protocol::Http => whole(&answer[..filled])?,
                Protocol::Policy => answer[..filled].ends_with(b"\n\n").then_some(filled),
            };
        }
        if end.is_some_and(|end| filled >= end) {
            return Ok(match protocol {
                Protocol::Http => answer.starts_with(b"HTTP/1.1 2"),
                Protocol::Policy => !answer.starts_with(b"action=450"),
            });
        }
    }
}

/// How long the answer is, once its head is there.
fn whole(answer: &[u8]) -> anyhow::Result<Option<usize>> {
    const NAME: &[u8] = b"\r\ncontent-length: ";
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let length = answer[..head]
        .windows(NAME.len())
        .position(|window| window == NAME)
        .context("an answer without a length")?;
    let digits = answer[length + NAME.len()..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0_usize, |sum, byte| sum * 10 + usize::from(byte - b'0'));
    Ok(Some(head + 4 + digits))
}
