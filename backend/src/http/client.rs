//! Who calls: the client's address behind trusted proxies, and how often it may write.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::onward::Onward;
use super::problem::{Code, Problem};
use crate::clock::World;

/// Writes that one client may make at once: an office behind one address must get through.
const BURST: NonZeroU32 = NonZeroU32::new(300).expect("not zero");
/// Writes per second that one client may make in the long run.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(5).expect("not zero");
/// Of these, at once and in a minute, those that do nothing but send a letter (SEC-12).
const LETTERS: NonZeroU32 = NonZeroU32::new(20).expect("not zero");

type Limiter =
    RateLimiter<IpAddr, DefaultKeyedStateStore<IpAddr>, Onward, NoOpMiddleware<Duration>>;

/// Limits public writes per client. It never drops silently: the answer is 429 with the time
/// after which to try again.
pub(super) struct Limits {
    limiters: Option<Limiters>,
    trusted_proxies: Vec<IpAddr>,
}

struct Limiters {
    writes: Limiter,
    letters: Limiter,
}

impl Limits {
    /// With or without limits, by that world's clock, believing those proxies' `X-Forwarded-For`.
    #[must_use]
    pub(super) fn new(on: bool, trusted_proxies: Vec<IpAddr>, world: &Arc<dyn World>) -> Self {
        let limiter = |quota| {
            let states = DefaultKeyedStateStore::default();
            RateLimiter::new(quota, states, Onward::new(world.clone()))
        };
        let limiters = || Limiters {
            writes: limiter(Quota::per_second(PER_SECOND).allow_burst(BURST)),
            letters: limiter(Quota::per_minute(LETTERS)),
        };
        Self {
            limiters: on.then(limiters),
            trusted_proxies,
        }
    }

    /// Counts one public write of the client.
    pub(super) fn admit(
        &self,
        extensions: &Extensions,
        headers: &HeaderMap,
    ) -> Result<(), Problem> {
        self.count(extensions, headers, |limiters| &limiters.writes)
    }

    /// Counts one public write of the client that does nothing but send a letter to an address: of
    /// these fewer are admitted, since all letters together are limited too.
    pub(super) fn admit_letter(
        &self,
        extensions: &Extensions,
        headers: &HeaderMap,
    ) -> Result<(), Problem> {
        self.admit(extensions, headers)?;
        self.count(extensions, headers, |limiters| &limiters.letters)
    }

    fn count(
        &self,
        extensions: &Extensions,
        headers: &HeaderMap,
        which: impl FnOnce(&Limiters) -> &Limiter,
    ) -> Result<(), Problem> {
        let Some(limiter) = self.limiters.as_ref().map(which) else {
            return Ok(());
        };
        let Some(ConnectInfo(peer)) = extensions.get::<ConnectInfo<SocketAddr>>() else {
            return Ok(());
        };
        let client = self.client(peer.ip(), headers);
        limiter.check_key(&client).map_err(|until| {
            let wait = until.wait_time_from(limiter.clock().now());
            // At least two: every text speaks of seconds.
            let seconds = wait.as_secs().max(1) + 1;
            Problem::new(
                Code::RateLimited,
                format!("Nothing was recorded. Try again in {seconds} seconds."),
            )
            .retry_after(seconds)
        })
    }

    /// Forgets clients that have not written for a while.
    pub(super) fn forget_idle(&self) {
        let Some(Limiters { writes, letters }) = &self.limiters else {
            return;
        };
        for limiter in [writes, letters] {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }

    /// The rightmost address that no trusted proxy vouches for; an IPv6 network of /64 is one.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        if self.trusted_proxies.contains(&peer) {
            let forwarded = headers
                .get_all("x-forwarded-for")
                .iter()
                .rev()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.rsplit(','))
                .map_while(|hop| hop.trim().parse::<IpAddr>().ok());
            for hop in forwarded {
                client = hop;
                if !self.trusted_proxies.contains(&hop) {
                    break;
                }
            }
        }
        match client {
            IpAddr::V4(_) => client,
            IpAddr::V6(address) => match address.to_ipv4_mapped() {
                Some(address) => IpAddr::V4(address),
                None => IpAddr::V6(Ipv6Addr::from(u128::from(address) >> 64 << 64)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Arc;

    use axum::http::HeaderMap;

    use super::Limits;
    use crate::clock::{System, World};

    fn client(peer: &str, forwarded: &str) -> IpAddr {
        let limits = Limits::new(
            true,
            vec!["10.0.0.1".parse().expect("an IP")],
            &(Arc::new(System) as Arc<dyn World>),
        );
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().expect("a header"));
        limits.client(peer.parse().expect("an IP"), &headers)
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an IP");
        assert_eq!(client("192.0.2.9", "198.51.100.1"), ip("192.0.2.9"));
        assert_eq!(
            client("10.0.0.1", "203.0.113.5, 198.51.100.1"),
            ip("198.51.100.1")
        );
        assert_eq!(
            client("10.0.0.1", "198.51.100.1, 10.0.0.1"),
            ip("198.51.100.1")
        );
        assert_eq!(client("10.0.0.1", "nonsense"), ip("10.0.0.1"));
        assert_eq!(client("2001:db8:1:2:3::4", ""), ip("2001:db8:1:2::"));
        assert_eq!(client("::ffff:192.0.2.9", ""), ip("192.0.2.9"));
    }
}
