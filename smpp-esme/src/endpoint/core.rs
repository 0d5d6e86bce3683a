//! What an endpoint's handles, requests and members share.

use super::builder::Policy;
use super::close::MemberClosed;
use super::error::EndpointError;
use super::inbound::Streams;
use super::lane::{LaneKey, Lanes};
use super::lease::Lease;
use super::member::Wind;
use super::metrics;
use super::pace::Pacer;
use super::retry::Order;
use super::spread::{BindId, Spread};
use super::state::{EndpointState, Failure, MemberId, MemberState, MemberStatus, StopReason};
use crate::client::Client;
use smpp_pdu::CommandId;
use smpp_session::driver::CallError;
use smpp_session::{RequestError, State as SessionState};
use std::fmt;
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot, watch};

/// One lock: it is held for a choice, and never across a wake, a call of a user's code, or an await.
pub(crate) struct Core {
    state: Mutex<State>,
    pub(crate) policy: Policy,
    pub(crate) pacer: Option<Pacer>,
    pub(crate) streams: Arc<Streams>,
    pub(crate) status: watch::Sender<EndpointState>,
    pub(crate) phase: watch::Sender<Phase>,
    pub(crate) runtime: Handle,
    /// No new request is taken. In one order with `active`: either the last request sees that the end has begun, or the
    /// end sees that it was the last.
    closing: AtomicBool,
    /// Requests that have begun and not ended.
    active: AtomicUsize,
    /// There is none any more, while the endpoint is closing.
    idle: Notify,
}

/// How far the end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    Open,
    /// No new requests; those that have begun go on, by the binds that there are.
    Closing,
    /// What waits is not sent any more.
    Over,
}

pub(crate) struct State {
    pub(crate) spread: Spread<Arc<Link>, oneshot::Sender<Lease>>,
    pub(crate) lanes: Lanes<oneshot::Sender<()>>,
    members: Vec<Member>,
    /// How many members there ever were.
    numbered: u64,
    /// How many binds.
    binds: u64,
    phase: Phase,
}

struct Member {
    id: MemberId,
    wind: watch::Sender<Option<Wind>>,
    status: watch::Sender<MemberStatus>,
    bind: Option<BindId>,
    /// Whether its binds may submit, if that is known.
    submits: Option<bool>,
    closed: Option<MemberClosed>,
    /// Who waits for that.
    mourners: Vec<oneshot::Sender<MemberClosed>>,
}

/// A bind that is up.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) bind: BindId,
    pub(crate) client: Client,
}

impl Core {
    pub(crate) fn new(policy: Policy, runtime: Handle) -> Self {
        metrics::describe();
        let state = State {
            spread: Spread::default(),
            lanes: Lanes::new(policy.order == Order::Kept),
            members: Vec::new(),
            numbered: 0,
            binds: 0,
            phase: Phase::Open,
        };
        Self {
            state: Mutex::new(state),
            pacer: policy.pace.map(Pacer::new),
            policy,
            streams: Arc::default(),
            status: watch::Sender::default(),
            phase: watch::Sender::new(Phase::Open),
            runtime,
            closing: AtomicBool::new(false),
            active: AtomicUsize::new(0),
            idle: Notify::new(),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request begins, unless no more are taken.
    pub(crate) fn begin(&self) -> Result<Active<'_>, EndpointError> {
        if self.closing.load(Ordering::SeqCst) {
            return Err(EndpointError::Closed);
        }
        self.active.fetch_add(1, Ordering::SeqCst);
        Ok(Active(self))
    }

    /// Waits until no request is under way.
    pub(crate) async fn idle(&self) {
        loop {
            let mut idle = std::pin::pin!(self.idle.notified());
            idle.as_mut().enable();
            if self.active.load(Ordering::SeqCst) == 0 {
                return;
            }
            idle.await;
        }
    }

    /// Waits until the end has come that far.
    pub(crate) async fn reached(&self, phase: Phase) {
        // The sender is ours, and so is there for as long.
        let _ = self.phase.subscribe().wait_for(|reached| *reached >= phase).await;
    }

    pub(crate) fn enter_phase(&self, phase: Phase) {
        self.closing.store(true, Ordering::SeqCst);
        {
            let mut s = self.lock();
            s.phase = s.phase.max(phase);
        }
        self.phase.send_if_modified(|reached| {
            let further = *reached < phase;
            *reached = (*reached).max(phase);
            further
        });
        self.status.send_modify(|status| status.closing = true);
        self.settle();
    }

    /// Who waits in vain is woken, to hear why; who has a place is given it.
    pub(crate) fn settle(&self) {
        let mut s = self.lock();
        let in_vain = s.hopeless(CommandId(0)).is_some();
        let waiting = in_vain.then(|| (s.spread.clear(), s.lanes.clear()));
        drop(s);
        drop(waiting);
    }

    /// Places that are free go to who waits.
    pub(crate) fn hand_out(self: &Arc<Self>) {
        loop {
            let Some((link, who)) = self.lock().spread.hand_out() else {
                return;
            };
            // Who has gone meanwhile gives it back, and so on to the next.
            let _ = who.send(Lease::new(self.clone(), link));
        }
    }

    /// A new member. It is told by what is returned when to end.
    pub(crate) fn enlist(&self) -> (MemberId, watch::Receiver<Option<Wind>>) {
        let mut s = self.lock();
        s.numbered += 1;
        let id = MemberId::new(s.numbered);
        let (wind, winds) = watch::channel(None);
        s.members.push(Member {
            id,
            wind,
            status: watch::Sender::new(MemberStatus::new(id)),
            bind: None,
            submits: None,
            closed: None,
            mourners: Vec::new(),
        });
        drop(s);
        let status = MemberStatus::new(id);
        metrics::moved(None, Some(&status.state));
        self.status.send_modify(|all| all.members.push(status));
        self.streams.end(false);
        (id, winds)
    }

    /// Tells members to end: this one, or all of them. The earlier of two times counts.
    pub(crate) fn wind(self: &Arc<Self>, which: Option<MemberId>, wind: Wind) {
        let told = self.lock().wind(which);
        for winds in told {
            winds.send_if_modified(|told| {
                let sooner = told.is_none_or(|told| wind.by < told.by);
                if sooner {
                    *told = Some(told.map_or(wind, |told| Wind { by: wind.by, ..told }));
                }
                sooner
            });
        }
        self.hand_out();
        self.settle();
    }

    pub(crate) fn up(self: &Arc<Self>, id: MemberId, client: Client, submits: bool) -> Arc<Link> {
        let window = client.window();
        let places = match (submits, &self.pacer) {
            (false, _) => 0,
            // Who has a token is sent at once.
            (true, Some(_)) => window,
            // Some in line behind the window keep it full without a task's being woken for each place.
            (true, None) => window.saturating_mul(2),
        };
        let mut s = self.lock();
        s.binds += 1;
        let bind = BindId {
            member: id,
            number: s.binds,
        };
        let link = Arc::new(Link { bind, client });
        let wound = match s.member(id) {
            Some(member) => {
                member.bind = Some(bind);
                member.submits = Some(submits);
                member.wind.borrow().is_some()
            }
            None => true,
        };
        if !wound {
            s.spread.up(bind, link.clone(), window, places);
        }
        drop(s);
        self.hand_out();
        self.settle();
        link
    }

    /// The bind takes no more requests.
    pub(crate) fn down(self: &Arc<Self>, bind: BindId) {
        self.lock().spread.down(bind);
        self.hand_out();
        self.settle();
    }

    /// A member stands elsewhere.
    pub(crate) fn tell(&self, id: MemberId, state: MemberState) {
        let mut before = None;
        self.change(id, |status| {
            before = Some(mem::replace(&mut status.state, state.clone()))
        });
        metrics::moved(before.as_ref(), Some(&state));
    }

    pub(crate) fn failed(&self, id: MemberId, failure: Failure) {
        self.change(id, |status| status.failure = Some(failure.clone()));
    }

    /// A member has ended, and left this behind.
    pub(crate) fn ended(&self, id: MemberId, closed: MemberClosed) {
        let why = closed.why.clone();
        let mourners = match self.lock().member(id) {
            Some(member) => {
                member.closed = Some(closed.clone());
                mem::take(&mut member.mourners)
            }
            None => Vec::new(),
        };
        self.tell(id, MemberState::Stopped(why.clone()));
        if matches!(why, StopReason::Removed) {
            self.strike(id);
        }
        if self.status.borrow().stopped().is_some() {
            self.streams.end(true);
        }
        self.settle();
        for mourner in mourners {
            // Who does not wait any more need not know.
            let _ = mourner.send(closed.clone());
        }
    }

    /// Takes a member out, and waits for its end.
    pub(crate) async fn remove(self: &Arc<Self>, id: MemberId, wind: Wind) -> Option<MemberClosed> {
        let closed = {
            let mut s = self.lock();
            let member = s.member(id)?;
            match member.closed.clone() {
                Some(closed) => Err(closed),
                None => {
                    let (mourner, closed) = oneshot::channel();
                    member.mourners.push(mourner);
                    Ok(closed)
                }
            }
        };
        match closed {
            Ok(closed) => {
                self.wind(Some(id), wind);
                closed.await.ok()
            }
            // It had stopped before.
            Err(closed) => {
                self.strike(id);
                self.settle();
                Some(closed)
            }
        }
    }

    /// It is a member no more.
    fn strike(&self, id: MemberId) {
        let member = {
            let mut s = self.lock();
            let at = s.members.iter().position(|member| member.id == id);
            at.map(|at| s.members.remove(at))
        };
        if let Some(member) = member {
            metrics::moved(Some(&member.status.borrow().state), None);
        }
        self.streams.forget(id);
        self.status
            .send_modify(|status| status.members.retain(|member| member.id != id));
    }

    fn change(&self, id: MemberId, mut change: impl FnMut(&mut MemberStatus)) {
        let status = self.lock().member(id).map(|member| member.status.clone());
        if let Some(status) = status {
            self.status.send_modify(|status| {
                status
                    .members
                    .iter_mut()
                    .filter(|member| member.id == id)
                    .for_each(&mut change);
            });
            status.send_modify(change);
        }
    }

    pub(crate) fn member(&self, id: MemberId) -> Option<watch::Receiver<MemberStatus>> {
        self.lock().member(id).map(|member| member.status.subscribe())
    }

    /// What the members have left that have ended.
    pub(crate) fn closed(&self) -> Vec<MemberClosed> {
        let s = self.lock();
        s.members.iter().filter_map(|member| member.closed.clone()).collect()
    }
}

impl State {
    fn member(&mut self, id: MemberId) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.id == id)
    }

    /// These get nothing more. Returns what tells them.
    fn wind(&mut self, which: Option<MemberId>) -> Vec<watch::Sender<Option<Wind>>> {
        let mut told = Vec::new();
        for member in self
            .members
            .iter_mut()
            .filter(|member| which.is_none_or(|id| id == member.id))
        {
            if let Some(bind) = member.bind.take() {
                self.spread.down(bind);
            }
            told.push(member.wind.clone());
        }
        told
    }

    /// Why a request that finds no place need not wait for one.
    pub(crate) fn hopeless(&self, command: CommandId) -> Option<EndpointError> {
        if self.phase == Phase::Over || self.phase == Phase::Closing && self.spread.is_empty() {
            return Some(EndpointError::Closed);
        }
        let last = self.members.last()?;
        let stopped = |member: &Member| {
            let closed = member.closed.as_ref();
            EndpointError::Stopped(closed.map_or(StopReason::Closed, |closed| closed.why.clone()))
        };
        let mut live = self.members.iter().filter(|member| member.closed.is_none()).peekable();
        if live.peek().is_none() {
            return Some(stopped(last));
        }
        let may_submit = |member: &Member| member.submits != Some(false);
        if live.any(may_submit) {
            return None;
        }
        // What could submit has stopped for good; or nothing could, and then the session would say the same.
        let able = self.members.iter().rev().find(|member| may_submit(member));
        let wrong = RequestError::WrongState(command, SessionState::BoundRx);
        Some(able.map_or_else(|| CallError::Refused(wrong).into(), stopped))
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        for member in &self.status.borrow().members {
            metrics::moved(Some(&member.state), None);
        }
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("state", &*self.status.borrow())
            .finish_non_exhaustive()
    }
}

/// A request that has begun and not ended.
pub(crate) struct Active<'a>(&'a Core);

impl Drop for Active<'_> {
    fn drop(&mut self) {
        let Self(core) = self;
        if core.active.fetch_sub(1, Ordering::SeqCst) == 1 && core.closing.load(Ordering::SeqCst) {
            core.idle.notify_waiters();
        }
    }
}

/// A key that somebody holds keeps its bind.
pub(crate) struct Held {
    pub(crate) owner: Arc<Owner>,
    pub(crate) key: u64,
}

impl Held {
    pub(crate) fn new(owner: Arc<Owner>, key: u64) -> Self {
        owner.core.lock().lanes.hold(LaneKey::Key(key));
        Self { owner, key }
    }
}

/// Without the key: it may have been made of a number, and is found out by trying all.
impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.owner.fmt(f)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.owner.core.lock().lanes.let_go(LaneKey::Key(self.key));
    }
}

/// Whoever needs the endpoint. When the last one is gone, its binds are drained and unbound.
#[derive(Debug)]
pub(crate) struct Owner {
    pub(crate) core: Arc<Core>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.core
            .runtime
            .spawn(super::close::shut(self.core.clone(), super::close::DRAIN));
    }
}
