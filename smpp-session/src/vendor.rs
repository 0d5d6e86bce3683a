//! Commands of a vendor's own (v3.4 Table 5-1, v5.0 Table 4-44).

use crate::config::Role;
use smpp_pdu::{CommandId, Version};

/// A request that no version of the specification has a table for, and the response to it: registered in
/// [`Config::vendor`](crate::Config::vendor), it is a request like any other of a bound session.
///
/// ```
/// use smpp_pdu::CommandId;
/// use smpp_session::{Config, Role, VendorCommand};
///
/// let mut config = Config::default();
/// let query_balance = VendorCommand::new(CommandId(0x0001_0201), CommandId(0x8001_0201)).unwrap();
/// config.vendor.push(query_balance.only_from(Role::Esme));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VendorCommand {
    request: CommandId,
    response: CommandId,
    from: Option<Role>,
}

impl VendorCommand {
    /// A request of either side. The range that is meant for vendors is 0x00010200 to 0x000102FF, but others are used
    /// too: the operations of 3.3 that have no table here (query_last_msgs and its like) can be registered as well.
    ///
    /// `None` if the specification's own tables have one of the two, if `request` is a response (bit 31), or if
    /// `response` is none: it could not be told from a request (R020).
    pub const fn new(request: CommandId, response: CommandId) -> Option<Self> {
        let known = request.is_in(Version::V50) || response.is_in(Version::V50);
        if known || request.is_response() || !response.is_response() {
            return None;
        }
        Some(Self {
            request,
            response,
            from: None,
        })
    }
    /// The same, of one side: from the other it is refused as what the state forbids (ESME_RINVBNDSTS).
    #[must_use]
    pub const fn only_from(mut self, role: Role) -> Self {
        self.from = Some(role);
        self
    }
    /// Its command_id.
    pub const fn request(&self) -> CommandId {
        self.request
    }
    /// That of the response to it.
    pub const fn response(&self) -> CommandId {
        self.response
    }
    /// Whether this side may send it.
    pub fn may_come_from(&self, role: Role) -> bool {
        self.from.is_none_or(|from| from == role)
    }
}
