//! Connections that are no SMPP: who reads the log should know a port scanner from an ESME that does not work.

use smpp_session::CloseReason;

/// What a connection was that ended for `reason` without a PDU; `None` if that says nothing. What such a connection has
/// sent was no more than looked at: its first four octets are a command_length that ends it.
pub(super) fn name(reason: CloseReason) -> Option<&'static str> {
    Some(match reason {
        CloseReason::Framing { command_length } => first_octets(command_length.to_be_bytes()),
        CloseReason::PeerClosed => "nothing was asked: a port scanner, or a health check",
        CloseReason::PduRead => "less than a PDU came",
        CloseReason::SessionInit => "nothing came",
        _ => return None,
    })
}

fn first_octets(octets: [u8; 4]) -> &'static str {
    match &octets {
        b"GET " | b"POST" | b"HEAD" | b"PUT " | b"DELE" | b"OPTI" | b"CONN" | b"TRAC" | b"PATC" | b"PRI " => {
            "an HTTP request"
        }
        [0x16, 3, ..] => "a TLS ClientHello, at a port without TLS",
        b"PROX" => "a PROXY header, from where none is believed",
        b"\r\n\r\n" => "blank lines, or a PROXY header from where none is believed",
        b"SSH-" => "an SSH client",
        b"HELO" | b"EHLO" => "a mail client",
        // TPKT, version 3.
        [3, 0, ..] => "a remote desktop client",
        _ => "no command_length",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_they_are_called() {
        let framing = |octets: &[u8; 4]| CloseReason::Framing {
            command_length: u32::from_be_bytes(*octets),
        };
        for (reason, what) in [
            (framing(b"GET "), Some("an HTTP request")),
            (
                framing(b"\x16\x03\x01\x02"),
                Some("a TLS ClientHello, at a port without TLS"),
            ),
            (framing(b"PROX"), Some("a PROXY header, from where none is believed")),
            (
                framing(b"\r\n\r\n"),
                Some("blank lines, or a PROXY header from where none is believed"),
            ),
            (framing(b"SSH-"), Some("an SSH client")),
            (framing(b"EHLO"), Some("a mail client")),
            (framing(b"\x03\0\0\x13"), Some("a remote desktop client")),
            (framing(b"\0\0\0\x0f"), Some("no command_length")),
            (
                CloseReason::PeerClosed,
                Some("nothing was asked: a port scanner, or a health check"),
            ),
            (CloseReason::PduRead, Some("less than a PDU came")),
            (CloseReason::SessionInit, Some("nothing came")),
            (CloseReason::Local, None),
        ] {
            assert_eq!(name(reason), what);
        }
    }
}
