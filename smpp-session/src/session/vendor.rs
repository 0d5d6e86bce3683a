//! Commands that an owner has registered.

use super::Session;
use crate::config::Role;
use crate::state::Permission;
use crate::vendor::VendorCommand;
use smpp_pdu::CommandId;

impl<T> Session<T> {
    /// The response to a request: by bit 31 (R020), or as it was registered.
    #[inline]
    pub(super) fn response_to(&self, request: CommandId) -> CommandId {
        match self.vendor_command(request) {
            None => request.response(),
            Some(vendor) => vendor.response(),
        }
    }

    #[inline]
    pub(super) fn vendor_command(&self, request: CommandId) -> Option<&VendorCommand> {
        if self.config.vendor.is_empty() {
            return None;
        }
        self.registered(request)
    }

    #[cold]
    fn registered(&self, request: CommandId) -> Option<&VendorCommand> {
        self.config.vendor.iter().find(|vendor| vendor.request() == request)
    }

    /// What the tables say of a request, unless they do not know it and its owner does.
    #[cold]
    pub(super) fn or_registered(&self, permission: Permission, from: Role, command: CommandId) -> Permission {
        match self.vendor_command(command) {
            Some(vendor) if permission == Permission::Unknown => {
                if self.state.is_bound() && vendor.may_come_from(from) {
                    Permission::Allowed
                } else {
                    Permission::Forbidden
                }
            }
            _ => permission,
        }
    }
}
