//! Who was told what of each message, and whether that agrees with what the centre got.

use crate::fake::submit;
use crate::smsc::Smsc;
use futures_util::future::join_all;
use smpp_esme::pdu::{SubmitSm, SubmitSmResp};
use smpp_esme::{CallError, Client, Endpoint, EndpointError, Retry};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::future::Future;
use std::time::Duration;
use tokio::time::timeout;

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
    pub(crate) async fn submit<S: Submits>(
        &mut self,
        client: &S,
        texts: impl IntoIterator<Item = String>,
    ) -> Vec<Result<SubmitSmResp, S::Error>> {
        let texts: Vec<_> = texts.into_iter().collect();
        self.submitted.extend(texts.iter().cloned());
        let pdus: Vec<_> = texts.iter().map(|text| submit(text)).collect();
        let ends = join_all(pdus.iter().map(|pdu| client.submits(pdu)));
        let ends = timeout(LONGEST, ends).await.expect("each has an end");
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

fn fate<E: Why>(end: &Result<SubmitSmResp, E>) -> Fate {
    match end {
        Ok(_) => Fate::Answered,
        Err(error) if error.is_refusal() => Fate::Refused,
        Err(error) if error.retry() == Retry::Unsent => Fate::Unsent,
        Err(error) if error.retry() == Retry::MayDouble => Fate::Unknown,
        Err(error) => panic!("a fate that no story has: {error}"),
    }
}

/// Far more than the worst that a script can do to a hundred messages.
const LONGEST: Duration = Duration::from_secs(10 * 3600);

/// Who submits.
pub(crate) trait Submits {
    type Error: Why;
    fn submits(&self, pdu: &SubmitSm) -> impl Future<Output = Result<SubmitSmResp, Self::Error>>;
}

/// What it is told.
pub(crate) trait Why: Display {
    fn retry(&self) -> Retry;
    /// The centre has said so.
    fn is_refusal(&self) -> bool;
}

impl Submits for Client {
    type Error = CallError;
    fn submits(&self, pdu: &SubmitSm) -> impl Future<Output = Result<SubmitSmResp, CallError>> {
        self.submit_sm(pdu)
    }
}
impl Submits for Endpoint {
    type Error = EndpointError;
    fn submits(&self, pdu: &SubmitSm) -> impl Future<Output = Result<SubmitSmResp, EndpointError>> {
        self.submit_sm(pdu)
    }
}

impl Why for CallError {
    fn retry(&self) -> Retry {
        self.retry()
    }
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Rejected(_) | Self::Nacked(_))
    }
}
impl Why for EndpointError {
    fn retry(&self) -> Retry {
        self.retry()
    }
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Call(error) if error.is_refusal())
    }
}

/// Messages that can be told from one another.
pub(crate) fn texts(number: usize) -> impl Iterator<Item = String> {
    (1..=number).map(|number| format!("{number:05}"))
}
