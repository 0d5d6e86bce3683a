//! The version of the protocol.

/// The version of SMPP that two peers agreed on at the bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Version {
    /// SMPP 3.3: no TLVs, no transceiver, message ids of 8 characters.
    #[cfg_attr(feature = "serde", serde(rename = "3.3"))]
    V33,
    /// SMPP 3.4, what the peers of the field speak.
    #[default]
    #[cfg_attr(feature = "serde", serde(rename = "3.4"))]
    V34,
    /// SMPP 5.0.
    #[cfg_attr(feature = "serde", serde(rename = "5.0"))]
    V50,
}

impl Version {
    /// What an interface_version says: a reserved value counts as the highest version not above it
    /// (v3.4 §5.2.4, v5.0 §4.7.13; R078, R085).
    pub const fn from_interface_version(interface_version: u8) -> Self {
        match interface_version {
            0x00..=0x33 => Self::V33,
            0x34..=0x4f => Self::V34,
            0x50.. => Self::V50,
        }
    }
    /// The value of interface_version and sc_interface_version.
    pub const fn interface_version(self) -> u8 {
        match self {
            Self::V33 => 0x33,
            Self::V34 => 0x34,
            Self::V50 => 0x50,
        }
    }
}
