//! What comes before the first PDU: it must be over when the session must be bound.

use super::lines::TurnedAway;
use super::listen::{Transport, is_ending};
use super::proxy::{ProxyError, stated_address};
use super::{Arrival, unboxed};
use smpp_session::CloseReason;
use std::future::Future;
use tokio::net::TcpStream;

impl Arrival {
    /// Serves a connection of a listener to its end. `None` if it is turned away. The stream is in a box as `self` is.
    pub(super) async fn accepted(mut self: Box<Self>, mut given: Box<(TcpStream, Transport)>) -> Option<CloseReason> {
        if let Err(error) = self.learn_address(&mut given.0).await {
            if let Some(left_out) = self.seat.server().0.lines.turned_away(TurnedAway::Proxy) {
                tracing::warn!(proxy = ?self.info.proxy, left_out, "turned away: {error}");
            }
            return None;
        }
        if let Some(address) = self.info.address
            && !self.seat.may_come_from(address.ip())
        {
            return None;
        }
        let (stream, transport) = unboxed(given);
        match transport {
            Transport::Plain => Some(self.session(stream).await),
            #[cfg(feature = "tls")]
            // Boxed, or each session in the clear would hold as much.
            Transport::Tls(config) => Box::pin(self.session_tls(stream, config)).await,
        }
    }

    /// Where it comes from, if a proxy says it that is believed: then it must say so.
    async fn learn_address(&mut self, stream: &mut TcpStream) -> Result<(), ProxyError> {
        let trusted = &self.seat.server().0.settings.proxies;
        let Some(address) = self.info.address.filter(|address| {
            let ip = address.ip().to_canonical();
            trusted.iter().any(|range| range.contains(&ip))
        }) else {
            return Ok(());
        };
        self.info.proxy = Some(address);
        let stated = self.in_time(stated_address(stream)).await;
        // A proxy that speaks for itself comes from where it is.
        self.info.address = stated.map_err(ProxyError::NotInTime)??.or(Some(address));
        Ok(())
    }

    /// Waits for `step`, but neither longer than for a bind nor for what comes after the server's end.
    pub(super) async fn in_time<T>(&self, step: impl Future<Output = T>) -> Result<T, &'static str> {
        let too_long = async {
            match self.bind_by {
                Some(by) => tokio::time::sleep_until(by.into()).await,
                None => std::future::pending().await,
            }
        };
        let mut phase = self.seat.server().0.phase.subscribe();
        tokio::select! {
            done = step => Ok(done),
            () = too_long => Err("it takes too long"),
            _ = phase.wait_for(is_ending) => Err("the server is ending"),
        }
    }
}
