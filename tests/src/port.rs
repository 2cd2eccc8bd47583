//! A port for somebody who must be told it before anybody listens.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::ops::Range;

use anyhow::Context as _;

/// Below those that the system gives out by itself: no connection takes one by chance.
const NUMBERS: Range<u16> = 20_000..30_000;

/// A TCP port of the loopback interface that nobody listens on, and that no other of these is while it
/// lives.
pub struct Port {
    number: u16,
    /// Nobody here speaks UDP: who holds that number of it holds the port.
    _held: UdpSocket,
}

impl Port {
    /// A port that is free.
    pub fn free() -> anyhow::Result<Self> {
        let first = std::process::id() as usize % NUMBERS.len();
        let free = NUMBERS
            .cycle()
            .skip(first)
            .take(NUMBERS.len())
            .find_map(|number| {
                let held = UdpSocket::bind((Ipv4Addr::LOCALHOST, number)).ok()?;
                TcpListener::bind((Ipv4Addr::LOCALHOST, number)).ok()?;
                Some(Self {
                    number,
                    _held: held,
                })
            });
        free.context("no port between 20000 and 30000 is free")
    }

    /// Its number.
    #[must_use]
    pub const fn number(&self) -> u16 {
        self.number
    }
}
