//! Who has a place, and how many places there are.

use super::Server;
use super::lines::TurnedAway;
use smpp_session::driver::Handle;
use smpp_session::{State, Stats};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

/// How many sessions of one system_id there may be at once.
///
/// A session counts from its accepted bind to its end. One more is refused with ESME_RALYBND, which an ESME takes for a
/// reason to wait, not for wrong credentials; or it takes the place of one that nothing was heard of: an ESME whose
/// connection is dead on its side alone would else be kept out until its old session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BindLimit {
    max: usize,
    /// After what silence a session gives way.
    silence: Option<Duration>,
}

impl BindLimit {
    /// As many as there are connections.
    pub const NONE: Self = Self::refusing(usize::MAX);

    /// At most `max`.
    pub const fn refusing(max: usize) -> Self {
        let silence = None;
        Self { max, silence }
    }
    /// At most `max`; beyond that the one that was silent longest gives way, if nothing was heard of it for `silence`.
    /// It is unbound as at a shutdown, for it may be alive after all, and its place is the new one's at once.
    ///
    /// Its keep-alive is overdue after [`Config::enquire_link`](crate::Config::enquire_link), when this side asks for a
    /// sign of life, and a little time for the answer. With less than that, whoever knows the password may push a quiet
    /// session aside.
    pub const fn replacing(max: usize, silence: Duration) -> Self {
        let silence = Some(silence);
        Self { max, silence }
    }
    /// At most so many.
    pub const fn max(&self) -> usize {
        self.max
    }

    fn gives_way(&self, alive: &[(u64, &Handle)]) -> Option<(u64, Handle)> {
        let silence = self.silence?;
        let heard = alive.iter().map(|&(id, handle)| (handle.last_heard(), id, handle));
        let (last_heard, id, handle) = heard.min_by_key(|&(last_heard, id, _)| (last_heard, id))?;
        (last_heard.elapsed() >= silence).then(|| (id, handle.clone()))
    }
}

/// Every connection that has a place.
#[derive(Default)]
pub(super) struct Live {
    places: HashMap<u64, Place>,
    by_address: HashMap<IpAddr, usize>,
    by_account: HashMap<Box<[u8]>, Vec<u64>>,
    /// Of the connections that are over.
    ended: Stats,
}

/// As many as there may be.
struct Full;

struct Place {
    handle: Handle,
    address: Option<IpAddr>,
    account: Option<Box<[u8]>>,
}

impl Live {
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }
    pub(super) fn handles(&self) -> impl Iterator<Item = &Handle> {
        self.places.values().map(|place| &place.handle)
    }
    pub(super) fn stats(&self) -> Stats {
        let mut sum = self.ended;
        self.handles().for_each(|handle| sum += handle.stats());
        sum
    }

    /// Counts a connection for its address; false if there are as many.
    fn count_address(&mut self, id: u64, address: IpAddr, max: usize) -> bool {
        let address = network(address);
        if self.by_address.get(&address).is_some_and(|&count| count >= max) || max == 0 {
            return false;
        }
        let Some(place) = self.places.get_mut(&id) else {
            return false;
        };
        place.address = Some(address);
        *self.by_address.entry(address).or_default() += 1;
        true
    }

    /// Counts a session for its account; `Err` if there are as many. Returns what gives way to it.
    fn count_account(&mut self, id: u64, account: &[u8], limit: BindLimit) -> Result<Option<(u64, Handle)>, Full> {
        self.forget_account(id);
        let ids = self.by_account.get(account).map_or(&[][..], |ids| ids);
        let places = ids.iter().filter_map(|id| Some((*id, &self.places.get(id)?.handle)));
        // What is over may still wait for its peer to close the connection.
        let alive: Vec<_> = places.filter(|(_, handle)| handle.state() != State::Closed).collect();
        let replaced = if alive.len() < limit.max {
            None
        } else if alive.len() == limit.max {
            Some(limit.gives_way(&alive).ok_or(Full)?)
        } else {
            return Err(Full);
        };
        if let Some((id, _)) = replaced {
            self.forget_account(id);
        }
        let place = self.places.get_mut(&id).ok_or(Full)?;
        place.account = Some(account.into());
        self.by_account.entry(account.into()).or_default().push(id);
        Ok(replaced)
    }

    fn forget_account(&mut self, id: u64) {
        let Some(account) = self.places.get_mut(&id).and_then(|place| place.account.take()) else {
            return;
        };
        if let Some(ids) = self.by_account.get_mut(&account) {
            ids.retain(|&other| other != id);
            if ids.is_empty() {
                self.by_account.remove(&account);
            }
        }
    }

    fn remove(&mut self, id: u64) -> Option<Place> {
        self.forget_account(id);
        let place = self.places.remove(&id)?;
        if let Some(address) = place.address
            && let Some(count) = self.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
        self.ended += place.handle.stats();
        Some(place)
    }
}

impl Server {
    /// A place among the connections; `None` if there are too many, or the server is ending.
    pub(super) fn seat(&self, id: u64, handle: Handle) -> Option<Seat> {
        let mut live = self.live();
        let ending = self.0.phase.borrow().ending;
        if ending || live.len() >= self.0.settings.max_connections {
            drop(live);
            let why = if ending { TurnedAway::Ending } else { TurnedAway::Full };
            if let Some(left_out) = self.0.lines.turned_away(why) {
                tracing::warn!(connection = id, left_out, "turned away: {why}");
            }
            return None;
        }
        let (address, account) = (None, None);
        live.places.insert(
            id,
            Place {
                handle,
                address,
                account,
            },
        );
        self.0.phase.send_modify(|phase| phase.connections += 1);
        Some(Seat {
            server: self.clone(),
            id,
        })
    }

    /// Counts the session of a connection for its system_id; false if there are as many.
    pub(super) fn may_bind(&self, id: u64, system_id: &[u8], limit: Option<BindLimit>) -> bool {
        let limit = limit.unwrap_or(self.0.settings.bind_limit);
        let counted = self.live().count_account(id, system_id, limit);
        match &counted {
            Ok(None) => {}
            Ok(Some((old, handle))) => {
                tracing::warn!(
                    connection = old,
                    by = id,
                    "silent, and replaced by another of its system_id"
                );
                handle.unbind();
            }
            Err(Full) => {
                tracing::warn!(max = limit.max, "refused: too many sessions of its system_id");
            }
        }
        counted.is_ok()
    }
}

/// A place among the connections, given back when it is dropped.
pub(super) struct Seat {
    server: Server,
    id: u64,
}

impl Seat {
    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    /// Counts the connection for where it comes from; false if there are as many.
    pub(super) fn may_come_from(&self, address: IpAddr) -> bool {
        let max = self.server.0.settings.max_connections_per_address;
        let counted = self.server.live().count_address(self.id, address, max);
        let why = TurnedAway::Address;
        if !counted && let Some(left_out) = self.server.0.lines.turned_away(why) {
            tracing::warn!(%address, left_out, "turned away: {why}");
        }
        counted
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let place = self.server.live().remove(self.id);
        if place.is_some() {
            self.server.0.phase.send_modify(|phase| phase.connections -= 1);
        }
        // After the lock: it may be the last hold on its session.
        drop(place);
    }
}

/// What is counted as one address: all that one host may have.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::network;
    use std::net::IpAddr;

    #[test]
    fn a_host_is_an_address_of_ipv4_or_a_network_of_ipv6() {
        let of = |address: &str| network(address.parse::<IpAddr>().unwrap()).to_string();
        assert_eq!(of("192.0.2.1"), "192.0.2.1");
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("2001:db8:1:3:3:4:5:6"), "2001:db8:1:3::");
        assert_eq!(of("::1"), "::");
    }
}
