//! Who may bind, and which addresses are theirs.

use super::outbox::Outbox;
use smpp_pdu::Password;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// One account.
#[derive(Clone)]
pub struct Account {
    /// What its binds say: 15 octets at most.
    pub system_id: String,
    /// How they prove it: 8 octets at most.
    pub password: String,
    /// The addresses whose messages are delivered to it.
    pub addresses: Vec<String>,
}

/// Without the password.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses = self.addresses.len();
        f.debug_struct("Account")
            .field("system_id", &self.system_id)
            .field("addresses", &addresses)
            .finish()
    }
}

/// Why accounts cannot be served.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountError {
    /// No bind can say this name: it is empty, longer than 15 octets, or has a NUL inside.
    SystemId(String),
    /// No bind can say its password: it is longer than 8 octets, or has a NUL inside.
    Password(String),
    /// Two accounts have this name.
    Duplicate(String),
    /// This account owns an address that another owns too.
    AddressTaken(String),
}

impl fmt::Display for AccountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SystemId(id) => write!(f, "account {id:?}: a system_id has 1 to 15 octets and no NUL"),
            Self::Password(id) => write!(f, "account {id:?}: a password has at most 8 octets and no NUL"),
            Self::Duplicate(id) => write!(f, "account {id:?} is there twice"),
            Self::AddressTaken(id) => write!(f, "account {id:?}: one of its addresses is there already"),
        }
    }
}
impl std::error::Error for AccountError {}

pub(super) struct Registered {
    password: Password,
    pub(super) outbox: Arc<Outbox>,
}

impl Registered {
    /// In a time that says nothing of how much of it was right.
    pub(super) fn password_is(&self, given: &[u8]) -> bool {
        let ours = self.password.as_bytes();
        let differ = ours.iter().zip(given).fold(0, |differ, (a, b)| differ | (a ^ b));
        differ == 0 && ours.len() == given.len()
    }
}

/// All accounts, by name and by address.
pub(super) struct Accounts {
    by_name: HashMap<Box<[u8]>, Registered>,
    by_address: HashMap<Box<[u8]>, Arc<Outbox>>,
}

impl Accounts {
    pub(super) fn new(accounts: Vec<Account>) -> Result<Self, AccountError> {
        let (mut by_name, mut by_address) = (HashMap::new(), HashMap::new());
        for account in accounts {
            let id = &account.system_id;
            if !(1..=15).contains(&id.len()) || id.contains('\0') {
                return Err(AccountError::SystemId(id.clone()));
            }
            let password = match Password::new(&account.password) {
                Ok(password) if account.password.len() <= 8 => password,
                _ => return Err(AccountError::Password(id.clone())),
            };
            let outbox = Arc::new(Outbox::default());
            for address in &account.addresses {
                if by_address.insert(address.as_bytes().into(), outbox.clone()).is_some() {
                    return Err(AccountError::AddressTaken(id.clone()));
                }
            }
            if by_name
                .insert(id.as_bytes().into(), Registered { password, outbox })
                .is_some()
            {
                return Err(AccountError::Duplicate(account.system_id));
            }
        }
        Ok(Self { by_name, by_address })
    }

    pub(super) fn get(&self, system_id: &[u8]) -> Option<&Registered> {
        self.by_name.get(system_id)
    }
    /// Where messages to this address go, if it is an account's.
    pub(super) fn owner(&self, address: &[u8]) -> Option<&Arc<Outbox>> {
        self.by_address.get(address)
    }
    pub(super) fn outboxes(&self) -> impl Iterator<Item = &Arc<Outbox>> {
        self.by_name.values().map(|account| &account.outbox)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Centre, CentreConfig};
    use super::*;

    fn error(accounts: &[(&str, &str, &str)]) -> Option<AccountError> {
        let account = |&(id, password, address): &(&str, &str, &str)| Account {
            system_id: id.into(),
            password: password.into(),
            addresses: vec![address.into()],
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _inside = runtime.enter();
        let accounts = accounts.iter().map(account).collect();
        Centre::new(CentreConfig {
            accounts,
            ..CentreConfig::default()
        })
        .err()
    }

    #[test]
    fn accounts_that_cannot_be() {
        assert_eq!(error(&[("a", "12345678", "1"), ("b", "", "2")]), None);
        let texts = [
            error(&[("", "p", "1")]),
            error(&[("a23456789012345x", "p", "1")]),
            error(&[("a", "123456789", "1")]),
            error(&[("a", "p\0", "1")]),
            error(&[("a", "p", "1"), ("a", "p", "2")]),
            error(&[("a", "p", "1"), ("b", "p", "1")]),
        ]
        .map(|error| error.map(|error| error.to_string()));
        let expected = [
            "account \"\": a system_id has 1 to 15 octets and no NUL",
            "account \"a23456789012345x\": a system_id has 1 to 15 octets and no NUL",
            "account \"a\": a password has at most 8 octets and no NUL",
            "account \"a\": a password has at most 8 octets and no NUL",
            "account \"a\" is there twice",
            "account \"b\": one of its addresses is there already",
        ];
        assert_eq!(texts, expected.map(|text| Some(text.into())));
    }

    #[test]
    fn a_password_is_right_only_whole() {
        let config = CentreConfig::demo();
        let accounts = Accounts::new(config.accounts).unwrap();
        let account = accounts.get(b"smppclient1").unwrap();
        for (password, right) in [
            ("password", true),
            ("passwore", false),
            ("passwor", false),
            ("password1", false),
        ] {
            assert_eq!(account.password_is(password.as_bytes()), right, "{password}");
        }
        assert!(accounts.get(b"smppclient3").is_none());
        assert!(accounts.owner(b"10002").is_some() && accounts.owner(b"10003").is_none());
    }
}
