//! What holds of any PDU and of any octets. Wants the feature `proptest`.
#![cfg(feature = "proptest")]

mod common;

use bytes::{Bytes, BytesMut};
use common::frame;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use smpp_pdu::{
    Codec, CommandId, CommandStatus, Encode, Header, MAX_PDU, Pdu, Tolerance, Version, next_frame, split_frame,
    strategy,
};
use std::collections::BTreeSet;

fn codec(version: Version, tolerance: Tolerance) -> Codec {
    Codec { version, tolerance }
}

fn header(sequence_number: u32) -> Header {
    Header {
        command_status: CommandStatus::ESME_ROK,
        sequence_number,
    }
}

/// Octets that get past the header: a command that is known, and a body that is text, zeros or anything.
fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    let ids: Vec<u32> = CommandId::NAMES.iter().map(|(id, _)| id.0).collect();
    let octet = prop_oneof![3 => Just(0), 2 => 0..4_u8, 2 => b'0'..=b'9', 1 => any::<u8>()];
    let status = prop_oneof![4 => Just(0), 1 => any::<u32>()];
    let body = prop::collection::vec(octet, 0..120);
    (prop::sample::select(ids), status, body).prop_map(|(id, status, body)| frame(id, status, &body))
}

/// What its strategy gives, in each version that has it, is the same after the wire, alone and as a `Pdu`.
fn comes_back<P>() -> CommandId
where
    P: Arbitrary<Parameters = Version> + Encode + Clone + Default + Into<Pdu>,
{
    let id = P::default().command_id();
    for version in [Version::V33, Version::V34, Version::V50] {
        let run = |pdu: P| {
            let strict = codec(version.max(id.since().unwrap()), Tolerance::strict());
            let (mut alone, mut among_all) = (Vec::new(), Vec::new());
            strict.encode(header(7), &pdu, &mut alone).unwrap();
            strict.encode(header(7), &pdu.clone().into(), &mut among_all).unwrap();
            prop_assert_eq!(&alone, &among_all);
            prop_assert_eq!(strict.decode(&alone).unwrap().into_owned().pdu, pdu.into());
            Ok(())
        };
        let mut runner = TestRunner::new(Config::with_cases(16));
        runner.run(&any_with::<P>(version), run).unwrap();
    }
    id
}

#[test]
fn every_pdu_has_a_strategy() {
    macro_rules! all {
        ($($name:ident)*) => { [$( comes_back::<smpp_pdu::$name>() ),*] };
    }
    let ids = all! {
        AlertNotification BindReceiver BindReceiverResp BindTransceiver BindTransceiverResp BindTransmitter
        BindTransmitterResp BroadcastSm BroadcastSmResp CancelBroadcastSm CancelBroadcastSmResp CancelSm CancelSmResp
        DataSm DataSmResp DeliverSm DeliverSmResp EnquireLink EnquireLinkResp GenericNack Outbind QueryBroadcastSm
        QueryBroadcastSmResp QuerySm QuerySmResp ReplaceSm ReplaceSmResp SubmitMulti SubmitMultiResp SubmitSm
        SubmitSmResp Unbind UnbindResp
    };
    let known = CommandId::NAMES
        .iter()
        .map(|(id, _)| *id)
        .filter(|id| id.since().is_some());
    assert_eq!(BTreeSet::from(ids), known.collect());
}

#[test]
fn a_strategy_gives_what_is_at_the_limits() {
    let mut runner = TestRunner::deterministic();
    let mut pdus = |version| -> Vec<Pdu> {
        let strategy = strategy::pdu(version);
        (0..1500)
            .map(|_| strategy.new_tree(&mut runner).unwrap().current())
            .collect()
    };
    for version in [Version::V33, Version::V34, Version::V50] {
        let pdus = pdus(version);
        let kinds: BTreeSet<CommandId> = pdus
            .iter()
            .map(Pdu::command_id)
            .filter(|id| id.since().is_some())
            .collect();
        let known = CommandId::NAMES
            .iter()
            .map(|(id, _)| *id)
            .filter(|id| id.is_in(version));
        assert_eq!(kinds, known.collect(), "{version:?}");
        // A text of every length that there is, near enough.
        let longest = pdus.iter().filter_map(|pdu| match pdu {
            Pdu::SubmitSm(sm) => Some(sm.short_message.as_bytes().len()),
            _ => None,
        });
        let most = [160, 254, 255][version as usize];
        assert!((most - 40..=most).contains(&longest.max().unwrap()), "{version:?}");
        let tlvs = pdus.iter().filter_map(Pdu::tlvs).flat_map(|tlvs| tlvs.iter()).count();
        assert_eq!(tlvs == 0, version == Version::V33);
    }
}

proptest! {
    #[test]
    fn a_pdu_is_the_same_after_the_wire((version, pdu) in strategy::versioned(), sequence in any::<u32>()) {
        let strict = codec(version, Tolerance::strict());
        let mut out = Vec::new();
        let len = strict.encode(header(sequence), &pdu, &mut out).unwrap();
        prop_assert_eq!(len, out.len());
        let view = strict.decode(&out).unwrap();
        prop_assert!(view.forgiven.is_empty());
        prop_assert_eq!(view.header, header(sequence));
        prop_assert_eq!(&view.clone().into_owned().pdu, &pdu);
        prop_assert_eq!(&strict.decode_bytes(&Bytes::from(out.clone())).unwrap().pdu, &pdu);
        // The view writes what the owned one wrote.
        let mut again = BytesMut::new();
        strict.encode(view.header, &view.pdu, &mut again).unwrap();
        prop_assert_eq!(again, out);
    }

    #[test]
    fn any_octets_are_read_or_refused(version in strategy::version(), octets in any_frame(), at in any::<prop::sample::Index>()) {
        for tolerance in [Tolerance::strict(), Tolerance::field()] {
            let codec = codec(version, tolerance);
            for octets in [&octets[..], &octets[..at.index(octets.len())]] {
                match codec.decode(octets) {
                    Err(e) => prop_assert!(e.offset <= octets.len()),
                    Ok(decoded) => {
                        let owned = decoded.clone().into_owned();
                        prop_assert_eq!(&codec.decode_bytes(&Bytes::copy_from_slice(octets)).unwrap(), &owned);
                        let report = codec.forgiven(octets);
                        prop_assert_eq!(report.is_empty(), decoded.forgiven.is_empty());
                        let _ = decoded.pdu.check(version);
                        let mut out = Vec::new();
                        let written = codec.encode(decoded.header, &decoded.pdu, &mut out);
                        // In 3.3 there is more that is read than may be sent.
                        if decoded.forgiven.is_empty() && version == Version::V50 && octets.len() >= 16 {
                            written.unwrap();
                            prop_assert_eq!(&out[4..], &octets[4..]);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn strict_success_is_the_same_in_the_field(version in strategy::version(), octets in any_frame()) {
        if let Ok(strict) = codec(version, Tolerance::strict()).decode(&octets) {
            let field = codec(version, Tolerance::field()).decode(&octets).unwrap();
            prop_assert_eq!(field, strict);
        }
    }

    #[test]
    fn a_stream_is_cut_the_same_in_any_chunks(
        pdus in prop::collection::vec(strategy::pdu(Version::V50), 1..5),
        chunks in prop::collection::vec(1..40_usize, 1..50),
    ) {
        let mut octets = Vec::new();
        for (pdu, n) in pdus.iter().zip(1..) {
            codec(Version::V50, Tolerance::strict()).encode(header(n), pdu, &mut octets).unwrap();
        }
        let (mut whole, mut frames) = (&octets[..], Vec::new());
        while let Some(frame) = next_frame(&mut whole, MAX_PDU).unwrap() {
            frames.push(frame);
        }
        prop_assert_eq!((frames.len(), whole.len()), (pdus.len(), 0));
        for sizes in [vec![1], chunks] {
            let (mut buffer, mut cut, mut rest) = (BytesMut::new(), Vec::new(), &octets[..]);
            for size in sizes.iter().cycle() {
                let (chunk, more) = rest.split_at((*size).min(rest.len()));
                buffer.extend_from_slice(chunk);
                while let Some(frame) = split_frame(&mut buffer, MAX_PDU).unwrap() {
                    cut.push(frame);
                }
                rest = more;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(&cut, &frames);
        }
    }

    #[test]
    fn anything_may_come_from_a_stream(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut input = &octets[..];
        while let Ok(Some(frame)) = next_frame(&mut input, 64) {
            prop_assert!((16..=64).contains(&frame.len()));
            let _ = codec(Version::V34, Tolerance::field()).decode(frame);
        }
    }
}
