//! The whole run loop of a session over a transport that blocks, with the standard library alone.

use smpp_session::{CloseReason, Event, Session};
use std::io;
use std::time::{Duration, Instant};

/// What a session needs of a transport: octets in order. Neither PDUs nor packets have to keep their bounds.
pub(crate) trait Transport {
    /// Sends some of `octets`, at least one; returns how many.
    fn send(&mut self, octets: &[u8]) -> io::Result<usize>;
    /// Waits for octets until `timeout`; none are the end.
    fn recv(&mut self, room: &mut [u8], timeout: Duration) -> io::Result<usize>;
}

/// Runs `session` over `transport` to its end. `application` is given each event, and may ask and answer.
pub(crate) fn run<C>(
    transport: &mut impl Transport,
    mut session: Session<C>,
    mut application: impl FnMut(&mut Session<C>, Event<'_, C>),
) -> CloseReason {
    let (mut input, mut room, mut out, mut closed) = (Vec::new(), [0; 4096], Vec::new(), None);
    loop {
        // 1. What has come, and then what is due. Events are pulled one at a time, and may be answered at once.
        let now = Instant::now();
        let mut rest = &input[..];
        while let Some(event) = next_event(&mut session, now, &mut rest) {
            if let Event::Closed(reason) = event {
                closed = Some(reason);
            }
            application(&mut session, event);
        }
        let used = input.len() - rest.len();
        input.drain(..used);

        // 2. What is to be sent, and how much of it was. After the end that is at most a last word.
        while session.poll_transmit(&mut out) {
            while !out.is_empty() {
                let Ok(n) = transport.send(&out) else {
                    session.handle_eof();
                    break;
                };
                session.handle_written(n);
                out.drain(..n);
            }
        }
        if let Some(reason) = closed {
            return reason;
        }

        // 3. What comes, until something is due.
        let wait = session.poll_timeout().map_or(Duration::ZERO, |at| at - Instant::now());
        match transport.recv(&mut room, wait.max(Duration::from_millis(1))) {
            Ok(0) => session.handle_eof(),
            Ok(n) => input.extend_from_slice(&room[..n]),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
            Err(_) => session.handle_eof(),
        }
    }
}

/// What came before, what comes now, and what the clock brings.
fn next_event<'a, C>(session: &mut Session<C>, now: Instant, input: &mut &'a [u8]) -> Option<Event<'a, C>> {
    if let Some(event) = session.poll_event() {
        return Some(event);
    }
    if let Some(event) = session.handle_bytes(now, input) {
        return Some(event);
    }
    session.handle_timeout(now);
    session.poll_event()
}
