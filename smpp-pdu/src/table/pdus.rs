//! The list of PDUs: `Pdu`, and what every PDU has besides its rows.

/// All PDUs: `Pdu`, and the places that go from a command to its table and back.
///
/// `requests` have an answer, of the type behind the arrow; `oneway` ones have none. Of `responses` the body may be
/// absent; `bare_responses` have no mandatory field, so that an empty body and none are the same.
macro_rules! pdus {
    (
        requests { $( $request:ident = $id:ident, $since:ident -> $answer:ident; )* }
        oneway { $( $oneway:ident = $oneway_id:ident, $oneway_since:ident; )* }
        responses { $( $response:ident = $resp_id:ident, $resp_since:ident; )* }
        bare_responses { $( $bare:ident = $bare_id:ident, $bare_since:ident; )* }
    ) => {
        /// Any PDU, by value: a `Box` would be the allocation that this crate does not make.
        ///
        /// A response may come without a body (`None`), as it does when it tells of an error. To answer with
        /// an error, send `None`: it is left out where the version allows, else written with empty fields.
        /// A body (`Some`) is always written: some error responses explain themselves by TLVs.
        #[derive(Clone, PartialEq, Eq)]
        #[non_exhaustive]
        #[allow(missing_docs)] // each is documented at its type
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(rename_all = "snake_case", bound(serialize = "", deserialize = "B: From<alloc::vec::Vec<u8>>")))]
        pub enum Pdu<B: Storage = Owned> {
            $( $request($request<B>), )*
            $( $oneway($oneway<B>), )*
            $( $response(Option<$response<B>>), )*
            $( $bare($bare<B>), )*
            /// A command that this crate does not know, kept whole.
            Unknown(Unknown<B>),
        }

        impl<B: Storage> Pdu<B> {
            /// Its command_id.
            pub fn command_id(&self) -> CommandId {
                match self {
                    $( Self::$request(_) => CommandId::$id, )*
                    $( Self::$oneway(_) => CommandId::$oneway_id, )*
                    $( Self::$response(_) => CommandId::$resp_id, )*
                    $( Self::$bare(_) => CommandId::$bare_id, )*
                    Self::Unknown(pdu) => pdu.command_id,
                }
            }
            /// Calls `f` with name and value of each field and TLV in the order of the wire, under the specification's
            /// flat names: an address is three of them. A response without body has none, and neither has what is
            /// unknown.
            pub fn each_field(&self, mut f: impl FnMut(&'static str, FieldValue<'_>)) {
                let (row, f) = (Row::named(""), &mut f);
                match self {
                    $( Self::$request(body) => body.fields(row, f), )*
                    $( Self::$oneway(body) => body.fields(row, f), )*
                    $( Self::$response(body) => body.iter().for_each(|body| body.fields(row, f)), )*
                    $( Self::$bare(body) => body.fields(row, f), )*
                    Self::Unknown(_) => {}
                }
            }
            /// Judges what decoding does not: values, the widths and the presence of TLVs, and what goes together in
            /// `version`. The error is the first fault, with the status that it deserves. There is none in a response
            /// without body, nor in what is unknown.
            pub fn check(&self, version: Version) -> Result<(), CheckError> {
                match self {
                    $( Self::$request(body) => body.check(version), )*
                    $( Self::$oneway(body) => body.check(version), )*
                    $( Self::$response(body) => body.as_ref().map_or(Ok(()), |body| body.check(version)), )*
                    $( Self::$bare(body) => body.check(version), )*
                    Self::Unknown(_) => Ok(()),
                }
            }
            /// The optional parameters; `None` of a response without body, and of what is unknown.
            pub fn tlvs(&self) -> Option<&Tlvs<B>> {
                match self {
                    $( Self::$request(body) => Some(&body.tlvs), )*
                    $( Self::$oneway(body) => Some(&body.tlvs), )*
                    $( Self::$response(body) => body.as_ref().map(|body| &body.tlvs), )*
                    $( Self::$bare(body) => Some(&body.tlvs), )*
                    Self::Unknown(_) => None,
                }
            }
            /// The response to `request` without a body; `None` if it has none of its own.
            pub(crate) fn empty_response(request: CommandId) -> Option<Self> {
                match CommandId(request.0 | CommandId::RESPONSE) {
                    $( CommandId::$resp_id => Some(Self::$response(None)), )*
                    $( CommandId::$bare_id => Some(Self::$bare(Field::<B>::empty())), )*
                    _ => None,
                }
            }
        }

        /// The rows of every PDU that has a table.
        #[cfg(feature = "serde")]
        pub(crate) const ROWS: &[&[&[&str]]] =
            &[$( $request::ROWS, )* $( $oneway::ROWS, )* $( $response::ROWS, )* $( $bare::ROWS, )*];

        impl CommandId {
            /// The first version that has it; `None` if this crate has no table for it.
            pub const fn since(self) -> Option<Version> {
                match self {
                    $( Self::$id => Some(Version::$since), )*
                    $( Self::$oneway_id => Some(Version::$oneway_since), )*
                    $( Self::$resp_id => Some(Version::$resp_since), )*
                    $( Self::$bare_id => Some(Version::$bare_since), )*
                    _ => None,
                }
            }
        }

        #[cfg(feature = "arbitrary")]
        impl Pdu {
            /// Any PDU that `version` can write, whatever the octets of `u`.
            pub fn arbitrary_in(u: &mut arbitrary::Unstructured<'_>, version: Version) -> arbitrary::Result<Self> {
                use crate::generate::Generate;
                let commands = CommandId::NAMES.iter().map(|(id, _)| *id).filter(|id| id.is_in(version));
                let commands: Vec<CommandId> = commands.collect();
                let row = Row::named("");
                Ok(match u.int_in_range(0..=commands.len())?.checked_sub(1).and_then(|at| commands.get(at).copied()) {
                    $( Some(CommandId::$id) => Self::$request(Generate::generate(u, row, version)?), )*
                    $( Some(CommandId::$oneway_id) => Self::$oneway(Generate::generate(u, row, version)?), )*
                    $( Some(CommandId::$resp_id) => Self::$response(Some(Generate::generate(u, row, version)?)), )*
                    $( Some(CommandId::$bare_id) => Self::$bare(Generate::generate(u, row, version)?), )*
                    _ => Self::Unknown(Generate::generate(u, row, version)?),
                })
            }
        }

        impl<B: Storage + Copy> Pdu<B> {
            /// Its fields in other storage. Not of a value: it is large, and each move of it would be a copy.
            #[inline(always)]
            pub(crate) fn map_storage<C: Storage>(&self, f: &mut impl FnMut(B) -> C) -> Pdu<C> {
                match self {
                    $( Self::$request(body) => Pdu::$request((*body).map_storage(f)), )*
                    $( Self::$oneway(body) => Pdu::$oneway((*body).map_storage(f)), )*
                    $( Self::$response(body) => Pdu::$response(body.map(|body| body.map_storage(f))), )*
                    $( Self::$bare(body) => Pdu::$bare((*body).map_storage(f)), )*
                    Self::Unknown(body) => Pdu::Unknown((*body).map_storage(f)),
                }
            }
        }

        impl Pdu<&[u8]> {
            /// Owned: what is long is copied into one buffer, one allocation at most.
            pub fn into_owned(self) -> Pdu {
                match self {
                    $( Self::$request(body) => Pdu::$request(body.into_owned()), )*
                    $( Self::$oneway(body) => Pdu::$oneway(body.into_owned()), )*
                    $( Self::$response(body) => Pdu::$response(body.map(|body| body.into_owned())), )*
                    $( Self::$bare(body) => Pdu::$bare(body.into_owned()), )*
                    Self::Unknown(body) => Pdu::Unknown(body.into_owned()),
                }
            }
        }

        /// One `match`, so that checks, length and octets of a PDU are one stretch of code.
        impl<B: Storage> Write for Pdu<B> {
            #[inline(always)]
            fn write<'o>(
                &self,
                header: Header,
                version: Version,
                room: impl FnOnce(usize) -> Option<&'o mut [u8]>,
            ) -> Result<usize, EncodeError> {
                match self {
                    $( Self::$request(body) => body.write(header, version, room), )*
                    $( Self::$oneway(body) => body.write(header, version, room), )*
                    $(
                        Self::$response(Some(body)) => body.write(header, version, room),
                        Self::$response(None) => write_without_body::<B, $response<B>>(
                            CommandId::$resp_id.0, Version::$resp_since, header, version, room,
                        ),
                    )*
                    $( Self::$bare(body) => body.write(header, version, room), )*
                    Self::Unknown(body) => body.write(header, version, room),
                }
            }
        }
        impl<B: Storage> Encode for Pdu<B> {
            fn command_id(&self) -> CommandId {
                self.command_id()
            }
        }

        impl<B: Storage> Show for Pdu<B> {
            fn show(&self, f: &mut fmt::Formatter<'_>, mask: Mask) -> fmt::Result {
                match self {
                    $( Self::$request(body) => body.show(f, mask), )*
                    $( Self::$oneway(body) => body.show(f, mask), )*
                    $(
                        Self::$response(Some(body)) => body.show(f, mask),
                        Self::$response(None) => f.write_str(concat!(stringify!($response), " without body")),
                    )*
                    $( Self::$bare(body) => body.show(f, mask), )*
                    Self::Unknown(body) => body.show(f, mask),
                }
            }
        }

        $( body! { $request $id $since Self::$request }
            impl<B: Storage> Request for $request<B> {
                const COMMAND_ID: CommandId = CommandId::$id;
                type Response = $answer;
            }
        )*
        $( body! { $oneway $oneway_id $oneway_since Self::$oneway } )*
        $( body! { $response $resp_id $resp_since |body| Self::$response(Some(body)) }
            impl Response for $response {}
            impl Read for $response {
                #[inline]
                fn read(codec: &Codec, frame: &[u8]) -> Result<Decoded<Option<Self>>, DecodeError> {
                    codec.read_here::<{ CommandId::$resp_id.0 }, _, _>(frame, None, |body: Option<$response<&[u8]>>| {
                        body.map(own)
                    })
                }
                #[inline]
                fn read_or_empty(codec: &Codec, frame: &[u8]) -> Result<Decoded<Self>, DecodeError> {
                    codec.read_here::<{ CommandId::$resp_id.0 }, _, _>(frame, None, |body: Option<$response<&[u8]>>| {
                        own(body.unwrap_or_else(Field::empty))
                    })
                }
            }
        )*
        $( body! { $bare $bare_id $bare_since Self::$bare }
            impl Response for $bare {}
            impl Read for $bare {
                #[inline]
                fn read(codec: &Codec, frame: &[u8]) -> Result<Decoded<Option<Self>>, DecodeError> {
                    codec.read_here::<{ CommandId::$bare_id.0 }, _, _>(frame, None, |body: $bare<&[u8]>| Some(own(body)))
                }
                #[inline]
                fn read_or_empty(codec: &Codec, frame: &[u8]) -> Result<Decoded<Self>, DecodeError> {
                    codec.read_here::<{ CommandId::$bare_id.0 }, _, _>(frame, None, |body: $bare<&[u8]>| own(body))
                }
            }
        )*

        impl Codec {
            #[inline(always)]
            pub(crate) fn decode_with<'a, B: Storage>(
                &self,
                frame: &'a [u8],
                uses: Option<&RefCell<Vec<(Tolerance, Fault)>>>,
                mut store: impl FnMut(&'a [u8]) -> B,
            ) -> Result<Decoded<Pdu<B>>, DecodeError> {
                let id = match command_id(frame) {
                    Ok((_, id)) => CommandId(id),
                    Err(_) => return self.read_unknown(frame, store),
                };
                match id {
                    $( CommandId::$id => self.read::<{ CommandId::$id.0 }, _, _>(frame, uses, |body: $request<_>| {
                        Pdu::$request(body.map_storage(&mut store))
                    }), )*
                    $( CommandId::$oneway_id => {
                        self.read::<{ CommandId::$oneway_id.0 }, _, _>(frame, uses, |body: $oneway<_>| {
                            Pdu::$oneway(body.map_storage(&mut store))
                        })
                    } )*
                    $( CommandId::$resp_id => {
                        self.read::<{ CommandId::$resp_id.0 }, _, _>(frame, uses, |body: Option<$response<_>>| {
                            Pdu::$response(body.map(|body| body.map_storage(&mut store)))
                        })
                    } )*
                    $( CommandId::$bare_id => {
                        self.read::<{ CommandId::$bare_id.0 }, _, _>(frame, uses, |body: $bare<_>| {
                            Pdu::$bare(body.map_storage(&mut store))
                        })
                    } )*
                    _ => self.read_unknown(frame, store),
                }
            }
        }
    };
}

/// What every body has: its place in `Pdu`, and that it can be written alone.
macro_rules! body {
    ($name:ident $id:ident $since:ident $($variant:tt)*) => {
        impl<B: Storage> From<$name<B>> for Pdu<B> {
            #[inline(always)]
            fn from(body: $name<B>) -> Self {
                ($($variant)*)(body)
            }
        }
        impl<B: Storage> Write for $name<B> {
            #[inline(always)]
            fn write<'o>(
                &self,
                header: Header,
                version: Version,
                room: impl FnOnce(usize) -> Option<&'o mut [u8]>,
            ) -> Result<usize, EncodeError> {
                write_pdu::<B>(CommandId::$id.0, Version::$since, self, header, version, room)
            }
        }
        impl<B: Storage> $name<B> {
            /// Judges what decoding does not: values, the widths and the presence of TLVs, and what goes together in
            /// `version`. The error is the first fault, with the status that it deserves.
            pub fn check(&self, version: Version) -> Result<(), CheckError> {
                let mut judge = Judge::new(CommandId::$id, const { Belonging::of(CommandId::$id) }, version);
                self.fields(Row::named(""), &mut judge);
                judge.verdict()
            }
        }
        impl<B: Storage> Encode for $name<B> {
            fn command_id(&self) -> CommandId {
                CommandId::$id
            }
        }
        keep! { $name }
        #[cfg(feature = "proptest")]
        crate::strategy::by_version! { $name: version => crate::strategy::of(version.max(Version::$since)); }
    };
}
pub(crate) use {body, pdus};
