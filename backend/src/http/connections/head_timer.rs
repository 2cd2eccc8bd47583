//! The timer of one connection's heads of requests: set once a minute, not once a request.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use tokio::time::{Sleep as Alarm, sleep_until};

/// Tells hyper when a client has waited too long with the head of its request. Each request waits a
/// little longer than the one before, so that an alarm that is set need not be moved: when it rings
/// too early, it is set again.
#[derive(Default)]
pub(super) struct HeadTimer(Arc<Mutex<Option<Pin<Box<Alarm>>>>>);

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Wait {
            alarm: Arc::clone(&self.0),
            until: deadline.into(),
        })
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into()
    }
}

/// One wait for a head.
struct Wait {
    alarm: Arc<Mutex<Option<Pin<Box<Alarm>>>>>,
    until: tokio::time::Instant,
}

impl Sleep for Wait {}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut alarm = self.alarm.lock().unwrap_or_else(PoisonError::into_inner);
        let alarm = alarm.get_or_insert_with(|| Box::pin(sleep_until(self.until)));
        loop {
            if alarm.deadline() > self.until {
                alarm.as_mut().reset(self.until);
            }
            match alarm.as_mut().poll(context) {
                Poll::Ready(()) if alarm.deadline() < self.until => {
                    alarm.as_mut().reset(self.until);
                }
                over => return over,
            }
        }
    }
}
