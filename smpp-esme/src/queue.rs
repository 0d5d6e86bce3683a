//! Between the connection's task and [`Inbound`](crate::Inbound).

use crate::ears::{Ears, Hooked, Hooks};
use crate::inbound::Delivery;
use crate::responder::Responder;
use smpp_pdu::{CommandStatus, DeliverSmResp, Pdu};
use smpp_session::driver::{Asked, Connection, Reply, Responders, Served, Service};
use smpp_session::{CloseReason, Config, Received, RequestToken};
use std::collections::VecDeque;
use std::fmt;
use std::future::Pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use tokio::io::{AsyncRead, AsyncWrite};

/// Hears for an [`Inbound`](crate::Inbound).
#[derive(Debug, Clone)]
pub(crate) struct Queued {
    queue: Arc<Queue>,
    unanswered: CommandStatus,
}

impl Queued {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            queue: Arc::new(Queue::new(config.max_inbound)),
            unanswered: config.unanswered,
        }
    }

    pub(crate) fn into_queue(self) -> Arc<Queue> {
        self.queue
    }
}

impl Ears for Queued {
    async fn drive<IO>(self, connection: Connection, io: IO, hooks: Hooks) -> CloseReason
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let service = Queueing {
            responders: connection.handle().responders(),
            queue: self.queue,
            unanswered: self.unanswered,
        };
        connection.drive(io, Hooked::new(service, hooks)).await
    }

    /// The queue ends with the service.
    fn ended(&self, _: CloseReason) {}

    fn stand_back(&self) {}
}

/// Nothing of it is allocated before the first delivery: a session that only submits pays nothing for it.
pub(crate) struct Queue {
    limit: usize,
    state: Mutex<QueueState>,
}

#[derive(Default)]
struct QueueState {
    deliveries: VecDeque<Delivery>,
    waker: Option<Waker>,
    /// Nothing more will come.
    ended: bool,
    /// Nobody will take anything more.
    abandoned: bool,
}

impl Queue {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            state: Mutex::default(),
        }
    }

    /// A place for one more.
    fn room(&self) -> Result<Room<'_>, NoRoom> {
        let state = self.lock();
        if state.abandoned {
            Err(NoRoom::Abandoned)
        } else if state.deliveries.len() >= self.limit {
            Err(NoRoom::Full)
        } else {
            Ok(Room(state))
        }
    }

    pub(crate) fn poll_pop(&self, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        let mut state = self.lock();
        if let Some(delivery) = state.deliveries.pop_front() {
            return Poll::Ready(Some(delivery));
        }
        if state.ended {
            return Poll::Ready(None);
        }
        let old = state.waker.replace(cx.waker().clone());
        drop(state);
        drop(old);
        Poll::Pending
    }

    /// What waits is dropped, and so answered.
    pub(crate) fn abandon(&self) {
        let mut state = self.lock();
        state.abandoned = true;
        let (waiting, waker) = (std::mem::take(&mut state.deliveries), state.waker.take());
        drop(state);
        drop((waiting, waker));
    }

    fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("waiting", &self.lock().deliveries.len())
            .finish_non_exhaustive()
    }
}

struct Room<'a>(MutexGuard<'a, QueueState>);

impl Room<'_> {
    fn take(mut self, delivery: Delivery) {
        self.0.deliveries.push_back(delivery);
        let waker = self.0.waker.take();
        drop(self);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoRoom {
    Full,
    Abandoned,
}

/// What the connection's task asks when the SMSC sends something.
struct Queueing {
    queue: Arc<Queue>,
    responders: Responders,
    unanswered: CommandStatus,
}

impl Queueing {
    fn responder(&self, token: RequestToken) -> Responder {
        Responder::new(self.responders.responder(token), self.unanswered)
    }
}

impl Service for Queueing {
    /// Responders answer, or a status alone does.
    type Response = DeliverSmResp;
    type Handling = Pending<Option<Reply<DeliverSmResp>>>;

    fn request<'a>(
        &self,
        _: &mut Context<'_>,
        asked: Asked<'a>,
        received: &Received<'_>,
    ) -> Served<'a, Self::Handling> {
        let status = match (self.queue.room(), &received.pdu) {
            (Ok(room), Pdu::DeliverSm(pdu)) => {
                room.take(Delivery::DeliverSm(pdu.into(), self.responder(asked.into_token())));
                return Served::HandedOn;
            }
            (Ok(room), Pdu::DataSm(pdu)) => {
                room.take(Delivery::DataSm(pdu.into(), self.responder(asked.into_token())));
                return Served::HandedOn;
            }
            (Ok(_), _) => CommandStatus::ESME_RINVCMDID,
            (Err(NoRoom::Full), _) => CommandStatus::ESME_RTHROTTLED,
            (Err(NoRoom::Abandoned), _) => self.unanswered,
        };
        asked.reject(status)
    }

    fn notice(&self, received: Received<'_, ()>) {
        let Pdu::AlertNotification(pdu) = received.pdu else {
            return;
        };
        match self.queue.room() {
            Ok(room) => room.take(Delivery::AlertNotification(pdu.into_owned())),
            Err(NoRoom::Full) => tracing::warn!("an alert_notification is lost: nobody takes what came before it"),
            Err(NoRoom::Abandoned) => {}
        }
    }
}

impl Drop for Queueing {
    fn drop(&mut self) {
        self.queue.end();
    }
}
