//! A session over blocking sockets of the standard library, both sides, no runtime: a thread listens, another connects,
//! submits a message and waits for its receipt.
//!
//! `cargo run -p smpp-session --example std_sockets`

mod blocking;
#[path = "blocking/story.rs"]
mod story;

use blocking::{Transport, run};
use smpp_session::{CloseReason, Config, Role, Session};
use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

impl Transport for TcpStream {
    fn send(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.write(octets)
    }
    fn recv(&mut self, room: &mut [u8], timeout: Duration) -> io::Result<usize> {
        self.set_read_timeout(Some(timeout))?;
        self.read(room)
    }
}

pub(crate) fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();

    let centre = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let session = Session::new(Role::Smsc, Config::default(), Instant::now());
        run(&mut stream, session, story::smsc)
    });

    let mut stream = TcpStream::connect(address).unwrap();
    let mut session = Session::new(Role::Esme, Config::default(), Instant::now());
    session.request(Instant::now(), "bind", &story::bind()).unwrap();
    let mut seen = story::Seen::default();
    let reason = run(&mut stream, session, story::esme("hello", &mut seen));

    assert_eq!(reason, CloseReason::Unbound);
    assert_eq!(centre.join().unwrap(), CloseReason::Unbound);
    let expected = story::Seen {
        message_id: "42".to_owned(),
        receipt: "id:42 stat:DELIVRD".to_owned(),
    };
    assert_eq!(seen, expected);
}
