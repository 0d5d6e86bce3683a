//! To and from the standard library's time.

use super::civil::DateTime;
use super::moment::Absolute;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

impl From<Absolute> for SystemTime {
    fn from(at: Absolute) -> Self {
        let (seconds, tenths) = at.unix();
        let tenths = Duration::from_millis(100 * u64::from(tenths));
        // The years 0 to 9999: within every platform's range, but for Windows', which starts in 1601.
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let base = match seconds {
            0.. => UNIX_EPOCH.checked_add(whole),
            _ => UNIX_EPOCH.checked_sub(whole),
        };
        base.and_then(|base| base.checked_add(tenths)).unwrap_or(UNIX_EPOCH)
    }
}

impl Absolute {
    /// Written with an offset of `quarters` of an hour; what is below a tenth of a second is cut. `None` as in
    /// [`from_unix`](Self::from_unix).
    pub fn from_system_time(time: SystemTime, quarters: i8) -> Option<Self> {
        let tenths = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis() / 100).ok()?,
            Err(before) => -i64::try_from(before.duration().as_nanos().div_ceil(100_000_000)).ok()?,
        };
        let tenth = u8::try_from(tenths.rem_euclid(10)).ok()?;
        Self::from_unix(tenths.div_euclid(10), tenth, quarters)
    }
}

impl DateTime {
    /// In UTC; what is below a second is cut. `None` outside the years 0 to 9999.
    pub fn from_system_time(time: SystemTime) -> Option<Self> {
        let seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).ok()?,
            Err(before) => -i64::try_from(before.duration().as_nanos().div_ceil(1_000_000_000)).ok()?,
        };
        Self::from_unix(seconds)
    }
}
