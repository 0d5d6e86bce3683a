//! data_coding as a value with its groups.

use crate::codes::DataCoding;

/// What a data_coding says besides its number (v3.4 §5.2.19, v5.0 §4.7.7; 3GPP TS 23.038 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheme {
    /// The alphabet, or that it is none.
    pub content: Content,
    /// Where the message goes in the handset.
    pub class: Option<MessageClass>,
    /// Whether the text is compressed (3GPP TS 23.042): what stands there is no text to this crate then.
    pub compressed: bool,
    /// Whether the message is to be deleted when it has been read (group 0x40 to 0x7F).
    pub deleted_when_read: bool,
    /// What it says of waiting messages.
    pub waiting: Option<Waiting>,
}

/// What the octets of a message are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// Text in the centre's default alphabet: by convention GSM 7-bit; [`Profile`](super::Profile) says.
    Default,
    /// Text in IA5 (ASCII).
    Ia5,
    /// Octets that are no text.
    Octets,
    /// Text in ISO-8859-1.
    Latin1,
    /// Text in JIS (X 0208-1990).
    Jis,
    /// Text in ISO-8859-5.
    Cyrillic,
    /// Text in ISO-8859-8.
    Hebrew,
    /// Text in UCS-2.
    Ucs2,
    /// Pictograms.
    Pictogram,
    /// Text in ISO-2022-JP.
    Iso2022Jp,
    /// Text in JIS X 0212-1990.
    ExtendedKanjiJis,
    /// Text in KS C 5601.
    Ksc5601,
    /// A value without a meaning: to be read as the default alphabet (3GPP TS 23.038 §4).
    Reserved,
}

/// Where a message goes in the handset (3GPP TS 23.038 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageClass {
    /// Class 0: shown at once, and not stored. "Flash".
    Flash,
    /// Class 1: to the handset.
    Handset,
    /// Class 2: to the SIM.
    Sim,
    /// Class 3: to what is connected to the handset.
    Terminal,
}

/// An indication that messages wait (3GPP TS 23.038 §4, groups 0xC0 to 0xEF).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Whether there are some, or no longer.
    pub active: bool,
    /// Of which kind.
    pub kind: WaitingKind,
    /// Whether the message itself may be dropped.
    pub discard: bool,
}

/// Of which kind messages are that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WaitingKind {
    /// Voice mail.
    Voicemail,
    /// Fax.
    Fax,
    /// Electronic mail.
    Email,
    /// Something else.
    Other,
}

impl DataCoding {
    /// What it says. 0x00 to 0x0F are SMPP's own; of the others, SMPP names 0xC0 and above as those of GSM, and peers
    /// use GSM's 0x10 to 0x7F too.
    ///
    /// ```
    /// use smpp_pdu::DataCoding;
    /// use smpp_pdu::text::{Content, MessageClass};
    ///
    /// let flash = DataCoding(0x18).scheme();
    /// assert_eq!((flash.content, flash.class), (Content::Ucs2, Some(MessageClass::Flash)));
    /// ```
    pub const fn scheme(self) -> Scheme {
        let plain = Scheme {
            content: self.smpp_content(),
            class: None,
            compressed: false,
            deleted_when_read: false,
            waiting: None,
        };
        match self.0 {
            0x10..=0x7f => Scheme {
                content: match self.0 >> 2 & 3 {
                    0 => Content::Default,
                    1 => Content::Octets,
                    2 => Content::Ucs2,
                    _ => Content::Reserved,
                },
                class: match self.0 & 0x10 {
                    0 => None,
                    _ => Some(MessageClass::of(self.0)),
                },
                compressed: self.0 & 0x20 != 0,
                deleted_when_read: self.0 & 0x40 != 0,
                ..plain
            },
            0xc0..=0xef => Scheme {
                content: match self.0 {
                    0xe0.. => Content::Ucs2,
                    _ => Content::Default,
                },
                waiting: Some(self.waiting()),
                ..plain
            },
            0xf0.. => Scheme {
                content: match self.0 & 4 {
                    0 => Content::Default,
                    _ => Content::Octets,
                },
                class: Some(MessageClass::of(self.0)),
                ..plain
            },
            _ => plain,
        }
    }
    /// The value that says the same with a class; `None` where there is none: GSM has classes for the default
    /// alphabet (0xF0), octets (0xF4) and UCS-2 (0x18).
    pub const fn with_class(self, class: MessageClass) -> Option<Self> {
        let scheme = self.scheme();
        if scheme.compressed || scheme.deleted_when_read || scheme.waiting.is_some() {
            return None;
        }
        match scheme.content {
            Content::Default => Some(Self(0xf0 | class as u8)),
            Content::Octets => Some(Self(0xf4 | class as u8)),
            Content::Ucs2 => Some(Self(0x18 | class as u8)),
            _ => None,
        }
    }

    const fn smpp_content(self) -> Content {
        match self.0 {
            0 => Content::Default,
            1 => Content::Ia5,
            2 | 4 => Content::Octets,
            3 => Content::Latin1,
            5 => Content::Jis,
            6 => Content::Cyrillic,
            7 => Content::Hebrew,
            8 => Content::Ucs2,
            9 => Content::Pictogram,
            10 => Content::Iso2022Jp,
            13 => Content::ExtendedKanjiJis,
            14 => Content::Ksc5601,
            _ => Content::Reserved,
        }
    }
    const fn waiting(self) -> Waiting {
        Waiting {
            active: self.0 & 8 != 0,
            kind: match self.0 & 3 {
                0 => WaitingKind::Voicemail,
                1 => WaitingKind::Fax,
                2 => WaitingKind::Email,
                _ => WaitingKind::Other,
            },
            discard: self.0 & 0x30 == 0,
        }
    }
}

impl MessageClass {
    const fn of(octet: u8) -> Self {
        match octet & 3 {
            0 => Self::Flash,
            1 => Self::Handset,
            2 => Self::Sim,
            _ => Self::Terminal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups() {
        let says = |octet| {
            let scheme = DataCoding(octet).scheme();
            (
                scheme.content,
                scheme.class,
                scheme.waiting.map(|w| (w.active, w.kind, w.discard)),
            )
        };
        use Content as C;
        use MessageClass as M;
        assert_eq!(says(0x00), (C::Default, None, None));
        assert_eq!(says(0x08), (C::Ucs2, None, None));
        assert_eq!(says(0x0f), (C::Reserved, None, None));
        assert_eq!(says(0x10), (C::Default, Some(M::Flash), None));
        assert_eq!(says(0x11), (C::Default, Some(M::Handset), None));
        assert_eq!(says(0x18), (C::Ucs2, Some(M::Flash), None));
        assert_eq!(says(0x84), (C::Reserved, None, None));
        assert_eq!(
            says(0xc8),
            (C::Default, None, Some((true, WaitingKind::Voicemail, true)))
        );
        assert_eq!(says(0xd1), (C::Default, None, Some((false, WaitingKind::Fax, false))));
        assert_eq!(says(0xea), (C::Ucs2, None, Some((true, WaitingKind::Email, false))));
        assert_eq!(says(0xf1), (C::Default, Some(M::Handset), None));
        assert_eq!(says(0xf6), (C::Octets, Some(M::Sim), None));
        assert!(DataCoding(0x20).scheme().compressed && DataCoding(0x40).scheme().deleted_when_read);
    }

    #[test]
    fn a_class_is_added_where_there_is_room_for_it() {
        let flash = |octet| DataCoding(octet).with_class(MessageClass::Flash).map(|coding| coding.0);
        assert_eq!(
            [0, 2, 4, 8].map(flash),
            [Some(0xf0), Some(0xf4), Some(0xf4), Some(0x18)]
        );
        assert_eq!([3, 6, 0xc8, 0x20].map(flash), [None; 4]);
        for octet in [0_u8, 4, 8] {
            for class in [
                MessageClass::Flash,
                MessageClass::Handset,
                MessageClass::Sim,
                MessageClass::Terminal,
            ] {
                let with = DataCoding(octet).with_class(class).unwrap().scheme();
                assert_eq!(
                    (with.content, with.class),
                    (DataCoding(octet).scheme().content, Some(class))
                );
            }
        }
    }
}
