//! Octets of one direction, cut into PDUs.

use smpp_pdu::next_frame;

/// What a cut gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// One whole PDU.
    Pdu(&'a [u8]),
    /// The beginning of one that has no end.
    Torn(&'a [u8]),
    /// What is behind a command_length that cannot be trusted.
    Lost(&'a [u8]),
}

/// Keeps no more than the beginning of one PDU, which is shorter than `max`.
#[derive(Debug)]
pub(super) struct Cutter {
    begun: Vec<u8>,
    max: usize,
    /// Where the next PDU begins is not known any more.
    lost: bool,
}

impl Cutter {
    pub(super) fn new(max: usize) -> Self {
        Self {
            begun: Vec::new(),
            max,
            lost: false,
        }
    }

    pub(super) fn cut(&mut self, mut octets: &[u8], mut tell: impl FnMut(Piece<'_>)) {
        while !self.lost && !octets.is_empty() {
            if self.begun.is_empty() {
                match next_frame(&mut octets, self.max) {
                    Ok(Some(frame)) => tell(Piece::Pdu(frame)),
                    Ok(None) => self.begun.extend_from_slice(std::mem::take(&mut octets)),
                    Err(_) => self.lost = true,
                }
                continue;
            }
            let (more, rest) = octets.split_at(self.missing().min(octets.len()));
            self.begun.extend_from_slice(more);
            octets = rest;
            match next_frame(&mut &self.begun[..], self.max) {
                Ok(Some(frame)) => tell(Piece::Pdu(frame)),
                Ok(None) => continue,
                Err(_) => {
                    self.lost = true;
                    tell(Piece::Lost(&self.begun));
                }
            }
            self.begun.clear();
            self.begun.shrink_to(KEPT);
        }
        if !octets.is_empty() {
            tell(Piece::Lost(octets));
        }
    }

    /// How many octets of what has begun are still to come, as far as is known: one at least.
    fn missing(&self) -> usize {
        let length = self.begun.first_chunk().map(|length| u32::from_be_bytes(*length));
        let len = length.map_or(4, |length| usize::try_from(length).unwrap_or(usize::MAX));
        len.saturating_sub(self.begun.len()).max(1)
    }

    /// Nothing more comes.
    pub(super) fn end(&mut self, tell: impl FnOnce(Piece<'_>)) {
        if !self.begun.is_empty() {
            tell(Piece::Torn(&self.begun));
            self.begun = Vec::new();
        }
    }
}

/// What is kept of the room that a long PDU needed.
const KEPT: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINK: &[u8] = b"\0\0\0\x10\0\0\0\x15\0\0\0\0\0\0\0\x01";

    fn cut(chunks: &[&[u8]]) -> Vec<(char, Vec<u8>)> {
        let (mut cutter, mut pieces) = (Cutter::new(64), Vec::new());
        let mut tell = |piece: Piece<'_>| {
            pieces.push(match piece {
                Piece::Pdu(octets) => ('p', octets.to_vec()),
                Piece::Torn(octets) => ('t', octets.to_vec()),
                Piece::Lost(octets) => ('l', octets.to_vec()),
            });
        };
        for chunk in chunks {
            cutter.cut(chunk, &mut tell);
            assert!(cutter.begun.len() < 64, "no more is kept than one PDU may have");
        }
        cutter.end(tell);
        pieces
    }

    #[test]
    fn whole_pdus_in_any_chunks() {
        let stream = [LINK, b"\0\0\0\x12\0\0\0\x15\0\0\0\0\0\0\0\x02ab", LINK].concat();
        for size in 1..=stream.len() {
            let chunks: Vec<_> = stream.chunks(size).collect();
            let pieces = cut(&chunks);
            assert_eq!(pieces.len(), 3, "in chunks of {size}");
            assert!(pieces.iter().all(|(kind, _)| *kind == 'p'));
            assert_eq!(
                pieces.into_iter().flat_map(|(_, octets)| octets).collect::<Vec<_>>(),
                stream
            );
        }
    }

    #[test]
    fn what_is_none_is_told_as_it_comes() {
        for chunks in [&[LINK, b"GET / HTTP/1.1"][..], &[LINK, b"G", b"ET / HTTP/1.1"]] {
            let pieces = cut(chunks);
            assert_eq!(pieces[0], ('p', LINK.to_vec()));
            assert!(pieces[1..].iter().all(|(kind, _)| *kind == 'l'));
            let lost: Vec<_> = pieces[1..].iter().flat_map(|(_, octets)| octets.clone()).collect();
            assert_eq!(lost, b"GET / HTTP/1.1");
        }
        // Longer than may be.
        assert_eq!(
            cut(&[b"\0\0\0\x41", LINK]),
            [('l', b"\0\0\0\x41".to_vec()), ('l', LINK.to_vec())]
        );
        assert_eq!(
            cut(&[LINK, b"\0\0\0\x20ab"]),
            [('p', LINK.to_vec()), ('t', b"\0\0\0\x20ab".to_vec())]
        );
    }

    proptest! {
        /// Nothing is lost, doubled or moved.
        #[test]
        fn the_pieces_are_the_stream(chunks in prop::collection::vec(prop::collection::vec(prop_oneof![4 => Just(0), 1 => 1..40_u8], 0..40), 0..20)) {
            let chunks: Vec<&[u8]> = chunks.iter().map(|chunk| &chunk[..]).collect();
            let told: Vec<u8> = cut(&chunks).into_iter().flat_map(|(_, octets)| octets).collect();
            prop_assert_eq!(told, chunks.concat());
        }
    }
}
