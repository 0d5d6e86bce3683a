//! Who was told what of each message, and whether that agrees with what the centre got.

use crate::fake::submit;
use crate::smsc::Smsc;
use futures_util::future::join_all;
use smpp_esme::pdu::SubmitSmResp;
use smpp_esme::{CallError, Client, Retry};
use std::collections::BTreeMap;

/// What the client was told of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    Answered,
    /// The centre does not have it, for it has said so.
    Refused,
    /// Not sent.
    Unsent,
    /// Perhaps it has, and perhaps not.
    Unknown,
}

/// What was submitted, and what the client was told of it.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    submitted: Vec<String>,
    told: Vec<(String, Fate)>,
}

impl Ledger {
    /// Submits messages, all at once, and waits for the ends of all; also tells what these were, in the order of the
    /// messages.
    pub(crate) async fn submit(
        &mut self,
        client: &Client,
        texts: impl IntoIterator<Item = String>,
    ) -> Vec<Result<SubmitSmResp, CallError>> {
        let texts: Vec<_> = texts.into_iter().collect();
        self.submitted.extend(texts.iter().cloned());
        let pdus: Vec<_> = texts.iter().map(|text| submit(text)).collect();
        let ends = join_all(pdus.iter().map(|pdu| client.submit_sm(pdu))).await;
        for (text, end) in texts.into_iter().zip(&ends) {
            self.told.push((text, fate(end)));
        }
        ends
    }

    /// How many were told each fate.
    pub(crate) fn fates(&self) -> BTreeMap<Fate, usize> {
        let mut fates = BTreeMap::new();
        for &(_, fate) in &self.told {
            *fates.entry(fate).or_default() += 1;
        }
        fates
    }

    /// Every message has one fate; and the centre got it as often as that allows.
    pub(crate) fn balances(&self, smsc: &Smsc) {
        let told: BTreeMap<_, _> = self.told.iter().cloned().collect();
        assert_eq!(
            (told.len(), self.told.len()),
            (self.submitted.len(), self.submitted.len())
        );
        assert!(self.submitted.iter().all(|text| told.contains_key(text)), "one is lost");
        let got = smsc.record().got;
        assert!(got.keys().all(|text| told.contains_key(text)), "one was made up");
        for (text, fate) in &told {
            let got = got.get(text).copied().unwrap_or_default();
            let taken = got.times - got.refused;
            let fits = match fate {
                Fate::Answered => taken == 1,
                Fate::Refused => taken == 0 && got.refused > 0,
                Fate::Unsent => taken == 0,
                Fate::Unknown => taken <= 1,
            };
            assert!(fits, "{text} is {fate:?}, and the centre has {got:?}");
        }
    }
}

fn fate(end: &Result<SubmitSmResp, CallError>) -> Fate {
    match end {
        Ok(_) => Fate::Answered,
        Err(CallError::Rejected(_) | CallError::Nacked(_)) => Fate::Refused,
        Err(error) if error.retry() == Retry::Unsent => Fate::Unsent,
        Err(error) if error.may_be_delivered() => Fate::Unknown,
        Err(error) => panic!("a fate that no story has: {error}"),
    }
}

/// Messages that can be told from one another.
pub(crate) fn texts(number: usize) -> impl Iterator<Item = String> {
    (1..=number).map(|number| format!("{number:05}"))
}
