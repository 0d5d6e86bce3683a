//! What the session refuses by itself: the application never sees it.

use super::Session;
use crate::config::Overload;
use crate::event::CloseReason;
use crate::free::Free;
use crate::state::{Permission, State};
use smpp_pdu::{CommandId, CommandStatus, DecodeError, FrameError, GenericNack, Header, Unknown};

impl<T> Session<T> {
    /// The request's own response says so; only what is unknown gets a generic_nack (R009, R012, R013).
    #[cold]
    pub(super) fn not_permitted(&mut self, permission: Permission, command: CommandId, sequence: u32) {
        let status = match permission {
            Permission::Unknown => {
                self.stats.unknown += 1;
                if !self.affords(Free::Unknown) {
                    return;
                }
                let header = Header {
                    command_status: CommandStatus::ESME_RINVCMDID,
                    sequence_number: sequence,
                };
                let _ = self.codec.encode(header, &GenericNack::borrowed(), &mut self.out);
                self.stats.pdus_out += 1;
                return;
            }
            _ if self.state.is_bound() && State::bound_by(command).is_some() => CommandStatus::ESME_RALYBND,
            _ => CommandStatus::ESME_RINVBNDSTS,
        };
        self.stats.forbidden += 1;
        self.stats.refused += 1;
        // What has no response has no use for a generic_nack either.
        if self.affords(Free::Forbidden) && has_response(command) {
            self.refuse(command, status, sequence);
        }
    }

    #[cold]
    pub(super) fn malformed(&mut self, command: CommandId, sequence: u32, error: DecodeError) {
        self.stats.malformed += 1;
        self.tally.malformed(error);
        let answered = has_response(command);
        self.stats.refused += u64::from(answered);
        if self.affords(Free::Malformed) && answered {
            self.refuse(command, error.command_status(), sequence);
        }
    }

    /// A request that has no place: before anything is read or kept of it.
    #[cold]
    pub(super) fn overloaded(&mut self, command: CommandId, sequence: u32) {
        // With a bound of 0 no answer would ever end the pause.
        if self.config.overload == Overload::Pause && self.inbound.open() > 0 {
            self.held = true;
            // It comes again.
            self.stats.pdus_in -= 1;
            self.tally.received.forget(command);
            return;
        }
        self.stats.throttled += 1;
        self.stats.refused += 1;
        if self.affords(Free::Throttled) {
            self.refuse(command, CommandStatus::ESME_RTHROTTLED, sequence);
        }
    }

    /// A request for which something was forgiven: whether it may go on to the application.
    #[cold]
    pub(super) fn forgives(&mut self) -> bool {
        self.stats.forgiven += 1;
        self.affords(Free::Forgiven)
    }

    /// A bind that was judged. Another may follow, until the time for it is up, or that was once too often.
    #[cold]
    pub(super) fn bind_refused(&mut self) {
        self.stats.refused_binds += 1;
        if self.affords(Free::RefusedBind) {
            self.wait_for_bind();
        }
    }

    /// Counts what is free for the peer. False if that was once too often, and the session is closed.
    #[cold]
    pub(super) fn affords(&mut self, kind: Free) -> bool {
        let within = self.spent.count(kind, self.now, &self.config.free);
        if !within {
            self.close(CloseReason::Free(kind));
        }
        within
    }

    /// Where the next PDU begins is not known: a last word, and the end (R004, R006). Its sequence_number is 0, for
    /// the header cannot be used (R005).
    #[cold]
    pub(super) fn untrusted(&mut self, error: FrameError) {
        let header = Header {
            command_status: error.command_status(),
            sequence_number: 0,
        };
        let _ = self.codec.encode(header, &GenericNack::borrowed(), &mut self.out);
        self.stats.pdus_out += 1;
        self.close(error.into());
    }

    /// Refuses a request by its own response, or by generic_nack if it has none.
    pub(super) fn refuse(&mut self, command: CommandId, status: CommandStatus, sequence: u32) {
        let header = Header {
            command_status: status,
            sequence_number: sequence,
        };
        if let Some(vendor) = self.vendor_command(command) {
            let nothing: Unknown<&[u8]> = Unknown {
                command_id: vendor.response(),
                body: &[],
            };
            let _ = self.codec.encode(header, &nothing, &mut self.out);
        } else {
            let len = self.codec_to_answer().encode_error(command, header, &mut self.out);
            self.say_congestion(len);
        }
        self.stats.pdus_out += 1;
    }
}

/// All but two requests (R014).
#[inline]
pub(super) fn has_response(command: CommandId) -> bool {
    !matches!(command, CommandId::OUTBIND | CommandId::ALERT_NOTIFICATION)
}
