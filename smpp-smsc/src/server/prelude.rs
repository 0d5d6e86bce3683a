//! What comes before the first PDU.

use super::Arrival;
use super::listen::Transport;
use smpp_session::CloseReason;
use tokio::net::TcpStream;

impl Arrival {
    /// Serves a connection of a listener to its end. `None` if it is turned away.
    pub(super) async fn accepted(self, stream: TcpStream, transport: Transport) -> Option<CloseReason> {
        if let Some(address) = self.info.address
            && !self.seat.may_come_from(address.ip())
        {
            return None;
        }
        match transport {
            Transport::Plain => Some(self.session(stream).await),
        }
    }
}
