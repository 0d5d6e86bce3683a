//! A session over sequenced packets: `SOCK_SEQPACKET` of a Unix socket, the service that X.25 offers. Packets keep their
//! bounds and PDUs do not care: they span packets, and packets hold several.
//!
//! `cargo run -p smpp-session --example seqpacket` (on Linux)

#[cfg(target_os = "linux")]
mod blocking;
#[cfg(target_os = "linux")]
#[path = "blocking/story.rs"]
mod story;

#[cfg(not(target_os = "linux"))]
pub(crate) fn main() {
    println!("this system has no SOCK_SEQPACKET for Unix sockets");
}

#[cfg(target_os = "linux")]
pub(crate) use packets::main;

#[cfg(target_os = "linux")]
mod packets {
    use super::blocking::{Transport, run};
    use super::story;
    use rustix::net::sockopt::{Timeout, set_socket_timeout};
    use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socketpair};
    use smpp_session::{CloseReason, Config, Role, Session};
    use std::io;
    use std::os::fd::OwnedFd;
    use std::thread;
    use std::time::{Duration, Instant};

    /// What a packet holds at most: a usual size of X.25.
    const PACKET: usize = 128;

    struct Packets {
        socket: OwnedFd,
        /// The sizes of what was sent.
        sent: Vec<usize>,
    }

    impl Transport for Packets {
        fn send(&mut self, octets: &[u8]) -> io::Result<usize> {
            let packet = &octets[..octets.len().min(PACKET)];
            let n = send(&self.socket, packet, SendFlags::NOSIGNAL)?;
            self.sent.push(n);
            Ok(n)
        }
        fn recv(&mut self, room: &mut [u8], timeout: Duration) -> io::Result<usize> {
            set_socket_timeout(&self.socket, Timeout::Recv, Some(timeout))?;
            let (n, _) = recv(&self.socket, room, RecvFlags::empty())?;
            Ok(n)
        }
    }

    pub(crate) fn main() {
        let flags = SocketFlags::CLOEXEC;
        let (a, b) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None).unwrap();
        let packets = |socket| Packets {
            socket,
            sent: Vec::new(),
        };

        let centre = thread::spawn(move || {
            let mut packets = packets(b);
            let session = Session::new(Role::Smsc, Config::default(), Instant::now());
            (run(&mut packets, session, story::smsc), packets.sent)
        });

        let mut packets = packets(a);
        let mut session = Session::new(Role::Esme, Config::default(), Instant::now());
        session.request(Instant::now(), "bind", &story::bind()).unwrap();
        let mut seen = story::Seen::default();
        let text = "a text that no packet holds, ".repeat(8).leak();
        let reason = run(&mut packets, session, story::esme(text, &mut seen));
        let (other, answers) = centre.join().unwrap();

        assert_eq!((reason, other), (CloseReason::Unbound, CloseReason::Unbound));
        assert_eq!((&*seen.message_id, &*seen.receipt), ("42", "id:42 stat:DELIVRD"));
        // The bind; the submit_sm of some 280 octets, which spans three; the answer to the receipt, and the unbind with it.
        println!("packets of the client: {:?}, of the centre: {answers:?}", packets.sent);
        assert_eq!(packets.sent.len(), 1 + 3 + 1);
        assert_eq!(packets.sent[1..3], [PACKET; 2]);
        // The answer to the bind; that to the submit_sm, with the receipt in the same packet; that to the unbind.
        assert_eq!(answers.len(), 3);
        assert!(answers[1] > 16 + 3 + 16);
    }
}
