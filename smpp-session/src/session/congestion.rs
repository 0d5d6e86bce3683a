//! How loaded each side says it is (v5.0 §2.9, §4.8.4.18; R114).

use super::Session;
use crate::event::Answer;
use crate::state::State;
use smpp_pdu::{CommandStatus, CongestionState, Header, Version, tlv};

impl<T> Session<T> {
    /// How loaded this side is, 0 to 100; more is reserved, and taken for 100. From now on each response that may say
    /// so says it, by congestion_state; `None`, as at first, says nothing.
    ///
    /// It is said to a peer that works at 5.0, and in responses that have a body or never have one: the
    /// refusals that are nothing but a status stay so (R088), as does a generic_nack, and a response beyond
    /// [`Config::max_pdu`](crate::Config::max_pdu). What an answer says of its own is left as it is.
    pub fn set_congestion(&mut self, congestion: Option<CongestionState>) {
        self.congestion = congestion.map(|CongestionState(load)| CongestionState(load.min(100)));
    }

    /// How loaded the peer is, as its last response to a request of ours, or to our enquire_link, that said so has it.
    /// The peer wants to be kept between 80 and 90. It may be out of date: a peer that says no more has nothing to say,
    /// or is below 5.0.
    pub fn peer_congestion(&self) -> Option<CongestionState> {
        self.peer_congestion
    }

    /// Adds congestion_state to the response that stands at the end of what is to be sent, and has `len` octets.
    #[cold]
    pub(super) fn say_congestion(&mut self, len: usize) {
        let at = self.out.len() - len.min(self.out.len());
        let (Some(CongestionState(load)), Some(frame)) = (self.congestion, self.out.as_ref().get(at..)) else {
            return;
        };
        let longer = len + TLV.len() + 1;
        if !self.peer_is_v50() || longer > self.config.max_pdu || !self.may_carry_congestion(frame) {
            return;
        }
        // The bound of a PDU is far below 2³².
        let Ok(command_length) = u32::try_from(longer) else {
            return;
        };
        self.out.extend_from_slice(&TLV);
        self.out.extend_from_slice(&[load]);
        if let Some(octets) = self.out.as_mut().get_mut(at..).and_then(<[u8]>::first_chunk_mut::<4>) {
            *octets = command_length.to_be_bytes();
        }
    }

    /// The specification has a place for it in this PDU, and it is not there yet.
    fn may_carry_congestion(&self, frame: &[u8]) -> bool {
        let Some((command, header)) = Header::peek(frame) else {
            return false;
        };
        // Behind a status alone, a TLV would stand where the body begins.
        let has_place = frame.len() > HEADER || header.command_status == CommandStatus::ESME_ROK;
        has_place
            && tlv::place(tlv::CONGESTION_STATE, command, Version::V50) == tlv::Place::Optional
            && Answer::new(self.codec, frame).congestion_state().is_none()
    }

    /// Whether the peer has said that it is: before the bind it has said nothing.
    fn peer_is_v50(&self) -> bool {
        let agreed = match self.binding {
            Some(version) => version,
            None if matches!(self.state, State::Open | State::Outbound) => return false,
            None => self.codec.version,
        };
        agreed >= Version::V50
    }

    /// A response of the peer.
    #[cold]
    pub(super) fn hear_congestion(&mut self, frame: &[u8]) {
        let said = Answer::new(self.codec, frame).congestion_state();
        self.peer_congestion = said.or(self.peer_congestion);
    }
}

const HEADER: usize = 16;
/// Its tag, and the length of its value.
const TLV: [u8; 4] = [0x04, 0x28, 0, 1];
