//! The socket, and the octets between it and the session.

use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

/// What one read takes at most.
const READ: usize = 64 * 1024;
/// What a peer may still send after our last word.
const LAST_WORDS: usize = 1024 * 1024;

thread_local! {
    /// One read buffer a thread: it is needed only while a read is polled, so a silent connection has none. It is
    /// taken out and put back, and so a driver that is polled inside another's service gets one of its own.
    static READ_BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Puts the read buffer back for the next connection of this thread.
pub(crate) fn give_back(mut buf: Vec<u8>) {
    if buf.len() > READ {
        buf.truncate(READ);
        buf.shrink_to_fit();
    }
    READ_BUFFER.set(buf);
}

pub(crate) struct Link<IO> {
    io: IO,
    /// The beginning of a PDU whose rest has not come; or what came while the session was paused.
    tail: Vec<u8>,
    /// The session does not want to read now.
    paused: bool,
    /// What is in `tail` was not looked at yet.
    held: bool,
    pub(crate) out: Vec<u8>,
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
        let (tail, out) = (Vec::new(), Vec::new());
        Self {
            io,
            tail,
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

    /// The thread's buffer, how much of it is input, and whether there is news.
    pub(crate) fn read(&mut self, cx: &mut Context<'_>) -> (Vec<u8>, usize, bool) {
        let mut buf = READ_BUFFER.take();
        if self.eof || self.paused {
            return (buf, 0, false);
        }
        let have = self.tail.len();
        buf.resize(READ.max(have * 2), 0);
        let (kept, room) = buf.split_at_mut(have);
        kept.copy_from_slice(&self.tail);
        if std::mem::take(&mut self.held) {
            return (buf, have, true);
        }
        let mut room = ReadBuf::new(room);
        let read = Pin::new(&mut self.io).poll_read(cx, &mut room);
        let n = room.filled().len();
        self.eof = read.is_ready() && n == 0;
        if n > 0 {
            (buf, have + n, true)
        } else {
            (buf, 0, self.eof)
        }
    }

    /// Keeps what was not used of a read. Returns whether it can be looked at again at once.
    pub(crate) fn keep(&mut self, read: bool, rest: &[u8], paused: bool) -> bool {
        if read {
            self.tail.clear();
            self.tail.extend_from_slice(rest);
            self.held = paused && !rest.is_empty();
        }
        if self.tail.is_empty() && self.tail.capacity() > 1024 {
            self.tail = Vec::new();
        }
        let resumed = self.paused && !paused;
        self.paused = paused;
        resumed
    }

    pub(crate) fn write(&mut self, cx: &mut Context<'_>) {
        while let Some(rest) = self
            .out
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
