//! A stream with a tap on it.

use super::cut::{Cutter, Piece};
use super::{Direction, Ends, Listener, Seen, Tap};
use smpp_pdu::mask;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::SystemTime;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream whose PDUs a [`Tap`] sees. It reads and writes as the stream does.
pub struct Tapped<IO> {
    io: IO,
    /// Nothing, once the tap has panicked.
    watch: Option<Watch>,
}

struct Watch {
    listener: Box<dyn Listener>,
    reveals: bool,
    received: Cutter,
    sent: Cutter,
}

impl<IO> Tapped<IO> {
    /// Puts `tap` on the stream of a connection. What begins with a command_length of more than `max_pdu` is shown as
    /// octets.
    pub fn new(io: IO, tap: &dyn Tap, ends: &Ends, max_pdu: usize) -> Self {
        let begun = caught(|| (tap.connection(ends), tap.reveals()));
        let watch = begun.map(|(listener, reveals)| Watch {
            listener,
            reveals,
            received: Cutter::new(max_pdu),
            sent: Cutter::new(max_pdu),
        });
        Self { io, watch }
    }

    fn tell(&mut self, direction: Direction, octets: Option<&[u8]>) {
        let Some(mut watch) = self.watch.take() else { return };
        // One that has panicked is not asked again: what it holds is in a state that nobody foresaw.
        self.watch = caught(move || {
            watch.tell(direction, octets);
            watch
        });
    }
}

impl Watch {
    /// What has come or gone, or that nothing more will.
    fn tell(&mut self, direction: Direction, octets: Option<&[u8]>) {
        let Self {
            listener,
            reveals,
            received,
            sent,
        } = self;
        let (time, reveals) = (SystemTime::now(), *reveals);
        let cutter = match direction {
            Direction::In => received,
            Direction::Out => sent,
        };
        let tell = |piece: Piece<'_>| show(&mut **listener, direction, time, piece, reveals);
        match octets {
            Some(octets) => cutter.cut(octets, tell),
            None => cutter.end(tell),
        }
    }
}

fn show(listener: &mut dyn Listener, direction: Direction, time: SystemTime, piece: Piece<'_>, reveals: bool) {
    let (is_pdu, octets) = match piece {
        Piece::Pdu(octets) => (true, octets),
        Piece::Torn(octets) | Piece::Lost(octets) => (false, octets),
    };
    let masked;
    let octets = if reveals {
        octets
    } else {
        masked = match piece {
            Piece::Pdu(octets) | Piece::Torn(octets) => {
                let mut octets = octets.to_vec();
                mask(&mut octets);
                octets
            }
            // There is no header in it.
            Piece::Lost(octets) => vec![b'*'; octets.len()],
        };
        &masked
    };
    listener.seen(&Seen {
        direction,
        time,
        is_pdu,
        octets,
    });
}

/// A tap's code may panic: that costs the tap, and nothing else.
fn caught<R>(f: impl FnOnce() -> R) -> Option<R> {
    let done = catch_unwind(AssertUnwindSafe(f));
    if done.is_err() {
        tracing::warn!("a tap has panicked, and sees no more of this connection");
    }
    done.ok()
}

impl<IO: AsyncRead + Unpin> AsyncRead for Tapped<IO> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let (before, room) = (buf.filled().len(), buf.remaining());
        let read = Pin::new(&mut self.io).poll_read(cx, buf);
        if let Poll::Ready(Ok(())) = read
            && room > 0
        {
            let octets = buf.filled().get(before..).filter(|octets| !octets.is_empty());
            self.tell(Direction::In, octets);
        }
        read
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Tapped<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, octets);
        if let Poll::Ready(Ok(n)) = written {
            // What the stream has not taken was not sent.
            let sent = octets.get(..n).filter(|sent| !sent.is_empty());
            if sent.is_some() {
                self.tell(Direction::Out, sent);
            }
        }
        written
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// What was begun and not ended is told, and the listener dropped.
impl<IO> Drop for Tapped<IO> {
    fn drop(&mut self) {
        self.tell(Direction::In, None);
        self.tell(Direction::Out, None);
        let watch = self.watch.take();
        caught(move || drop(watch));
    }
}

impl<IO> fmt::Debug for Tapped<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tapped").finish_non_exhaustive()
    }
}
