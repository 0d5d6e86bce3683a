//! What comes by the clock.

use super::{Session, Stall};
use crate::deadline::after;
use crate::event::{CloseReason, Event, Outcome};
use crate::state::State;
use smpp_pdu::{CommandId, CommandStatus, EnquireLink, Header};
use std::time::Instant;

impl<T> Session<T> {
    /// Does what is due. Before [`Self::poll_timeout`] it does nothing, so it may be called at every turn.
    #[inline]
    pub fn handle_timeout(&mut self, now: Instant) {
        self.now = now;
        if matches!(self.stall, Stall::Begins) {
            self.stall = Stall::Until(after(now, self.config.write_stall));
        }
        if now >= self.wake_at && self.state != State::Closed {
            self.sweep(now);
        }
    }

    /// Every deadline is looked at, and the earliest of those left is when to look again.
    #[cold]
    fn sweep(&mut self, now: Instant) {
        let mut next = after(now, self.config.enquire_link.max(self.config.session_init));
        if self.held || self.resumed || self.is_paused() {
            self.unheard(now);
            self.resumed = false;
        }
        let mut waits = |deadline: Option<Instant>| next = deadline.map_or(next, |deadline| next.min(deadline));
        waits(self.expire_window(now));
        waits(self.expire_inbound(now));
        waits(self.unbind_inactive(now));
        let due = [
            self.unread(now),
            self.stalled(now),
            self.unbinding(now),
            self.unbound(now),
        ];
        for check in due {
            match check {
                Ok(deadline) => waits(deadline),
                Err(reason) => return self.close(reason),
            }
        }
        let unbind_now = |(_, deadline)| deadline <= now || self.is_idle();
        if self.peer_unbind.is_some_and(unbind_now) {
            return self.answer_unbind();
        }
        match self.link(now) {
            Ok(deadline) => waits(deadline),
            Err(reason) => return self.close(reason),
        }
        self.wake_at = next;
        self.due_out.forget();
        self.due_in.forget();
        self.shrink();
    }

    fn expire_window(&mut self, now: Instant) -> Option<Instant> {
        let (events, stats, spent) = (&mut self.events, &mut self.stats, &mut self.spent);
        let last_transaction = &mut self.last_transaction;
        let is_ending = self.winds_up || self.unbind.is_some() || self.peer_unbind.is_some();
        let unanswered = &mut self.unanswered;
        self.window.expire(now, |slot| {
            *last_transaction = now;
            stats.timed_out += 1;
            spent.expect_late();
            if is_ending {
                unanswered.push(slot.unanswered());
            }
            events.push_back(Event::Ended {
                context: slot.context,
                outcome: Outcome::TimedOut,
            });
        })
    }

    fn expire_inbound(&mut self, now: Instant) -> Option<Instant> {
        let mut expired = Vec::new();
        let next = self.inbound.expire(now, |waiting| expired.push(waiting));
        // All are answered before anything follows from it: an unbind that waits for them is agreed to behind them.
        for waiting in &expired {
            self.stats.unanswered += 1;
            self.refuse(
                waiting.command,
                self.in_place_of_an_answer(waiting.command),
                waiting.sequence,
            );
        }
        for waiting in expired {
            self.settle(waiting.command, self.in_place_of_an_answer(waiting.command));
        }
        next
    }

    /// What a request gets that nobody answered: a bind is not accepted by that.
    fn in_place_of_an_answer(&self, command: CommandId) -> CommandStatus {
        let status = self.config.unanswered;
        let accepts = status == CommandStatus::ESME_ROK && State::bound_by(command).is_some();
        if accepts {
            CommandStatus::ESME_RSYSERR
        } else {
            self.sayable(command, status)
        }
    }

    /// A bound session without transactions is unbound. As long as one waits, no more is known than that it is not so
    /// yet.
    fn unbind_inactive(&mut self, now: Instant) -> Option<Instant> {
        let inactivity = self.config.inactivity.filter(|_| self.state().is_bound())?;
        let since = if self.is_idle() { self.last_transaction } else { now };
        let due = after(since, inactivity);
        if due > now {
            return Some(due);
        }
        self.unbind(now);
        self.inactive = true;
        None // that unbind has a deadline of its own
    }

    /// A PDU that has begun.
    fn unread(&self, now: Instant) -> Result<Option<Instant>, CloseReason> {
        let deadline = self.begun.map(|(begun, _)| after(begun, self.config.pdu_read));
        in_time(deadline, now, CloseReason::PduRead)
    }

    /// What waits to be written must move, however slowly.
    fn stalled(&self, now: Instant) -> Result<Option<Instant>, CloseReason> {
        let deadline = match self.stall {
            Stall::Until(deadline) => Some(deadline),
            Stall::Idle | Stall::Begins => None,
        };
        in_time(deadline, now, CloseReason::WriteStalled)
    }

    /// Our unbind. If the peer has asked for the end as well it is its unbind that ends the session, by our answer.
    fn unbinding(&self, now: Instant) -> Result<Option<Instant>, CloseReason> {
        let ours = self.unbind.filter(|_| self.peer_unbind.is_none());
        in_time(ours.map(|(_, deadline)| deadline), now, CloseReason::UnbindTimeout)
    }

    /// Before the bind: until it comes. A bind that is on its way has its own deadline.
    fn unbound(&self, now: Instant) -> Result<Option<Instant>, CloseReason> {
        let waiting = matches!(self.state, State::Open | State::Outbound) && self.is_idle();
        in_time(
            waiting.then(|| after(self.since, self.config.session_init)),
            now,
            CloseReason::SessionInit,
        )
    }

    /// While bound: silence is broken by enquire_link, and an answer to it, or any other sign of life, must come
    /// (v3.4 §7.2, v5.0 §2.7; R104).
    fn link(&mut self, now: Instant) -> Result<Option<Instant>, CloseReason> {
        if !self.state.is_bound() {
            return Ok(self.peer_unbind.map(|(_, deadline)| deadline));
        }
        if let Some((_, sent)) = self.probe.filter(|&(_, sent)| self.last_heard <= sent) {
            let deadline = after(sent, self.config.enquire_link_response);
            return in_time(Some(deadline), now, CloseReason::LinkDead);
        }
        let due = after(self.last_heard, self.config.enquire_link);
        if due > now {
            return Ok(Some(due));
        }
        let sequence = self.reserve();
        let _ = self
            .codec
            .encode(Header::request(sequence), &EnquireLink::borrowed(), &mut self.out);
        self.stats.pdus_out += 1;
        self.tally.sent.count(CommandId::ENQUIRE_LINK);
        if self.probe.replace((sequence, now)).is_some() {
            self.spent.expect_late(); // the answer to the one before
        }
        Ok(Some(after(now, self.config.enquire_link_response)))
    }

    /// Gives back what a burst has left: every sweep does it, and there is one in each time of
    /// silence, so a silent session keeps no buffers.
    fn shrink(&mut self) {
        self.out.shrink_to(64);
        self.events.shrink_to(4);
        self.window.shrink();
        self.inbound.shrink();
    }
}

fn in_time(deadline: Option<Instant>, now: Instant, reason: CloseReason) -> Result<Option<Instant>, CloseReason> {
    if deadline.is_some_and(|deadline| deadline <= now) {
        Err(reason)
    } else {
        Ok(deadline)
    }
}
