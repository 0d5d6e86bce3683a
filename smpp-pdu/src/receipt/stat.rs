//! The words of `stat`.

use crate::codes::MessageState;

/// A word, its state, and whether that is final: `None` where nothing says so.
struct Word {
    /// Its first letters: peers write DELIVERED for DELIVRD, and UNDELVRD for UNDELIV.
    start: &'static [u8],
    whole: &'static str,
    state: Option<MessageState>,
    is_final: Option<bool>,
}

/// v3.4 table B-2; from ENROUTE on, practice.
const WORDS: [Word; 11] = [
    word(b"DELIV", "DELIVRD", Some(MessageState::DELIVERED), Some(true)),
    word(b"EXPIR", "EXPIRED", Some(MessageState::EXPIRED), Some(true)),
    word(b"DELET", "DELETED", Some(MessageState::DELETED), Some(true)),
    word(b"UNDEL", "UNDELIV", Some(MessageState::UNDELIVERABLE), Some(true)),
    word(b"ACCEP", "ACCEPTD", Some(MessageState::ACCEPTED), Some(true)),
    word(b"UNKNO", "UNKNOWN", Some(MessageState::UNKNOWN), None),
    word(b"REJEC", "REJECTD", Some(MessageState::REJECTED), Some(true)),
    word(b"ENROU", "ENROUTE", Some(MessageState::ENROUTE), Some(false)),
    word(b"SKIPP", "SKIPPED", Some(MessageState::SKIPPED), Some(true)),
    word(b"SCHED", "SCHEDLD", Some(MessageState::SCHEDULED), Some(false)),
    // Of no state of its own: failed, but not why.
    word(b"FAILE", "FAILED", None, Some(true)),
];

const fn word(start: &'static [u8], whole: &'static str, state: Option<MessageState>, is_final: Option<bool>) -> Word {
    Word {
        start,
        whole,
        state,
        is_final,
    }
}

fn find(stat: &[u8]) -> Option<&'static Word> {
    let start = stat.get(..5)?;
    WORDS.iter().find(|word| word.start.eq_ignore_ascii_case(start))
}

pub(super) fn state(stat: &[u8]) -> Option<MessageState> {
    find(stat)?.state
}

pub(super) fn is_final(stat: &[u8]) -> Option<bool> {
    find(stat)?.is_final
}

/// Whether it is one of the words as they are written in full.
pub(super) fn is_known(stat: &[u8]) -> bool {
    find(stat).is_some_and(|word| word.whole.as_bytes().eq_ignore_ascii_case(stat))
}

/// The word for a state; UNKNOWN for one without.
pub(super) fn name(state: MessageState) -> &'static str {
    let word = WORDS.iter().find(|word| word.state == Some(state));
    word.map_or("UNKNOWN", |word| word.whole)
}
