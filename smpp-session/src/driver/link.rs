//! The socket, and the octets between it and the session.

use smpp_pdu::SendBuffer;
use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

/// What one read takes at most.
const READ: usize = 64 * 1024;
/// A beginning that is longer is read to where it lies: a peer that sends a long PDU octet by octet would have all of it
/// copied for each.
const LONG: usize = 4 * 1024;
/// What a peer may still send after our last word.
const LAST_WORDS: usize = 1024 * 1024;

thread_local! {
    /// One read buffer a thread: it is needed only while a read is polled, so a silent connection has none. It is
    /// taken out and put back, and so a driver that is polled inside another's service gets one of its own.
    static READ_BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// What one turn looks at.
pub(crate) struct Input {
    buf: Vec<u8>,
    /// How much of it is input.
    len: usize,
    /// Whether there is news: of the peer, or of its end.
    pub(crate) read: bool,
    /// It is the connection's own, and not the thread's.
    own: bool,
}

impl Input {
    pub(crate) fn octets(&self) -> &[u8] {
        self.buf.get(..self.len).unwrap_or_default()
    }
    fn nothing(read: bool) -> Self {
        let (buf, own) = (Vec::new(), true);
        Self { buf, len: 0, read, own }
    }
}

pub(crate) struct Link<IO> {
    io: IO,
    /// The beginning of a PDU whose rest has not come; or what came while the session was paused. Behind it there may
    /// be room for more.
    tail: Vec<u8>,
    have: usize,
    /// The session does not want to read now.
    paused: bool,
    /// What is in `tail` was not looked at yet.
    held: bool,
    pub(crate) out: SendBuffer,
    sent: usize,
    /// Octets written that the session has not been told of.
    wrote: usize,
    eof: bool,
    /// A writer that keeps something back has not given it all to its transport yet.
    unflushed: bool,
    /// Writing has failed. What the peer sent before that is still to be read.
    broken: bool,
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Link<IO> {
    pub(crate) fn new(io: IO) -> Self {
        let (tail, out) = (Vec::new(), SendBuffer::new());
        Self {
            io,
            tail,
            have: 0,
            paused: false,
            held: false,
            out,
            sent: 0,
            wrote: 0,
            eof: false,
            unflushed: false,
            broken: false,
        }
    }

    /// Reads once, behind what was kept.
    pub(crate) fn read(&mut self, cx: &mut Context<'_>) -> Input {
        if self.eof || self.paused {
            return Input::nothing(false);
        }
        let (have, own) = (self.have, self.have > LONG);
        let mut buf = if own {
            std::mem::take(&mut self.tail)
        } else {
            READ_BUFFER.take()
        };
        // Its own buffer grows by doubling, as far as a PDU may.
        let room = if own { have + have.min(READ) } else { READ };
        if buf.len() < room {
            buf.resize(room, 0);
        }
        if !own && let Some((room, kept)) = buf.get_mut(..have).zip(self.tail.get(..have)) {
            room.copy_from_slice(kept);
        }
        let held = std::mem::take(&mut self.held);
        let n = if held {
            0
        } else {
            self.poll_read(cx, buf.get_mut(have..).unwrap_or_default())
        };
        if n > 0 || held {
            let (len, read) = (have + n, true);
            return Input { buf, len, read, own };
        }
        if own {
            self.tail = buf;
        } else {
            READ_BUFFER.set(buf);
        }
        Input::nothing(self.eof)
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> usize {
        let mut room = ReadBuf::new(room);
        let read = Pin::new(&mut self.io).poll_read(cx, &mut room);
        let n = room.filled().len();
        self.eof = read.is_ready() && n == 0;
        n
    }

    /// Keeps the last `rest` octets of what was read, and gives the thread's buffer back for its next connection.
    /// Returns whether what is kept can be looked at again at once.
    pub(crate) fn keep(&mut self, mut input: Input, rest: usize, paused: bool) -> bool {
        if input.len > 0 {
            let used = input.len.saturating_sub(rest);
            if input.own && rest > LONG {
                input.buf.copy_within(used..input.len, 0);
                self.tail = std::mem::take(&mut input.buf);
            } else {
                // What was long is over: its room goes with it.
                self.tail.clear();
                self.tail
                    .extend_from_slice(input.octets().get(used..).unwrap_or_default());
            }
            self.have = rest;
            self.held = paused && rest > 0;
        }
        if self.have == 0 && self.tail.capacity() > 1024 {
            self.tail = Vec::new();
        }
        if !input.own {
            READ_BUFFER.set(input.buf);
        }
        let resumed = self.paused && !paused;
        self.paused = paused;
        resumed
    }

    pub(crate) fn write(&mut self, cx: &mut Context<'_>) {
        while let Some(rest) = self
            .out
            .as_ref()
            .get(self.sent..)
            .filter(|rest| !rest.is_empty() && !self.broken)
        {
            match Pin::new(&mut self.io).poll_write(cx, rest) {
                Poll::Ready(Ok(n)) if n > 0 => {
                    self.sent += n;
                    self.wrote += n;
                    self.unflushed = true;
                }
                Poll::Ready(_) => self.broken = true,
                Poll::Pending => return,
            }
        }
        self.abandon();
        if self.unflushed && !self.broken {
            match Pin::new(&mut self.io).poll_flush(cx) {
                Poll::Ready(Ok(())) => self.unflushed = false,
                Poll::Ready(Err(_)) => self.broken = true,
                Poll::Pending => {}
            }
        }
    }

    /// What is left is not written.
    pub(crate) fn abandon(&mut self) {
        self.out.clear();
        self.sent = 0;
    }

    pub(crate) fn is_flushed(&self) -> bool {
        self.out.is_empty()
    }
    /// Nothing more can be written.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }
    /// Nothing more will come; or it will, but cannot be waited for: a session that is paused until its answers are
    /// written is paused for ever if they cannot be.
    pub(crate) fn at_eof(&self) -> bool {
        self.eof || self.broken && self.paused
    }
    /// Gives back what a burst has left.
    pub(crate) fn shrink(&mut self) {
        if self.out.is_empty() {
            self.out.shrink_to(64);
        }
    }
    pub(crate) fn has_written(&self) -> bool {
        self.wrote > 0
    }

    /// Says that all is said, and waits until the peer has too.
    pub(crate) async fn finish(&mut self) {
        if self.broken || self.io.shutdown().await.is_err() {
            return;
        }
        let (mut buf, mut left) = ([0; 1024], LAST_WORDS);
        while !self.eof && left > 0 {
            match self.io.read(&mut buf).await {
                Ok(n) if n > 0 => left = left.saturating_sub(n),
                _ => return,
            }
        }
    }
}

impl<IO> Link<IO> {
    /// Octets written since the last time this was asked.
    pub(crate) fn take_written(&mut self) -> usize {
        std::mem::take(&mut self.wrote)
    }
}

#[cfg(all(test, not(border_model)))]
mod tests {
    use super::*;
    use std::task::Waker;
    use tokio::io::AsyncWriteExt;

    /// What a long PDU needed is given back when it is over, even if another has begun behind it.
    #[test]
    fn a_long_pdu_leaves_no_room_behind() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let (io, mut peer) = tokio::io::duplex(1 << 20);
            let mut link = Link::new(io);
            let mut cx = Context::from_waker(Waker::noop());
            peer.write_all(&[7; 100_000]).await.expect("room");
            for _ in 0..2 {
                let input = link.read(&mut cx);
                let all = input.octets().len();
                link.keep(input, all, false);
            }
            assert_eq!(link.have, 100_000);
            peer.write_all(b"the last, and a beginning").await.expect("room");
            let input = link.read(&mut cx);
            assert_eq!(input.octets().len(), 100_025);
            link.keep(input, 9, false);
            assert!(link.tail.capacity() < 1024, "{} octets", link.tail.capacity());
            peer.write_all(b"!").await.expect("room");
            assert_eq!(link.read(&mut cx).octets(), b"beginning!");
        });
    }
}
