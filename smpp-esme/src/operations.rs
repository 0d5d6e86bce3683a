//! The operations of an ESME, as methods.

/// The operations of an ESME, in both forms. It exists so that each is written as one line, for all that have them: what
/// it does, its two names, its request and its response. For each type that is given it expands to an async method that
/// waits, and to another that does not; the type has `request` and `try_request` for them.
macro_rules! operations {
    ($target:ident, $error:ident, $which:literal, $busy:literal) => {
        crate::operations::operations! { $target $error $which $busy {
            /// Submits a short message (v3.4 §4.4.1, v5.0 §4.2.1.1).
            submit_sm try_submit_sm SubmitSm SubmitSmResp;
            /// Submits a short message to several destinations; the response says which of them were refused (v3.4 §4.5.1,
            /// v5.0 §4.2.3.1).
            submit_multi try_submit_multi SubmitMulti SubmitMultiResp;
            /// Submits data, its text in message_payload (v3.4 §4.7.1, v5.0 §4.2.2.1).
            data_sm try_data_sm DataSm DataSmResp;
            /// Asks where a message stands (v3.4 §4.8.1, v5.0 §4.5.2.1).
            query_sm try_query_sm QuerySm QuerySmResp;
            /// Cancels a message, or with an empty message_id all between two addresses (v3.4 §4.9.1, v5.0 §4.5.1.1).
            cancel_sm try_cancel_sm CancelSm CancelSmResp;
            /// Replaces the text and times of a message that waits (v3.4 §4.10.1, v5.0 §4.5.3.1).
            replace_sm try_replace_sm ReplaceSm ReplaceSmResp;
            /// Submits a message to all in certain areas (v5.0 §4.4.1.1).
            broadcast_sm try_broadcast_sm BroadcastSm BroadcastSmResp;
            /// Asks where a broadcast stands (v5.0 §4.6.1.1).
            query_broadcast_sm try_query_broadcast_sm QueryBroadcastSm QueryBroadcastSmResp;
            /// Cancels a broadcast, or with an empty message_id several (v5.0 §4.6.2.1).
            cancel_broadcast_sm try_cancel_broadcast_sm CancelBroadcastSm CancelBroadcastSmResp;
        } }
    };
    ($target:ident $error:ident $which:literal $busy:literal {
        $( $(#[$doc:meta])* $name:ident $try_name:ident $request:ident $response:ident; )*
    }) => {
        #[doc = concat!("The operations of an ESME. ", $which, ": the others fail, and nothing is sent.")]
        impl $target {
            $(
                $(#[$doc])*
                pub fn $name<B: smpp_pdu::Storage + Sync>(
                    &self,
                    pdu: &smpp_pdu::$request<B>,
                ) -> impl Future<Output = Result<smpp_pdu::$response, $error>> + Send {
                    self.request(pdu)
                }

                #[doc = concat!("As [`Self::", stringify!($name), "`], but fails instead of waiting: with ", $busy, ".")]
                pub fn $try_name<B: smpp_pdu::Storage + Sync>(
                    &self,
                    pdu: &smpp_pdu::$request<B>,
                ) -> impl Future<Output = Result<smpp_pdu::$response, $error>> + Send {
                    self.try_request(pdu)
                }
            )*
        }
    };
}

pub(crate) use operations;
