"""smpplib as a transceiver: submit, receipt, enquire_link, unbind. Usage: smpplib_client.py HOST PORT [CA]

With CA, a file, over TLS: the certificate must be one that it has issued. smpplib does not say which name it wants.
Exits 0 if the message centre did all of it right, else 1 with one line on stderr.
"""

import logging
import re
import ssl
import sys

import smpplib.client
from smpplib import consts, smpp

TEXT = b"from smpplib, longer than a receipt quotes"
RECEIPT = re.compile(
    rb"id:(\S+) sub:001 dlvrd:001 submit date:\d{10} done date:\d{10} stat:DELIVRD err:000 text:(.*)", re.I | re.S
)


def expect(what, seen, wanted):
    if seen != wanted:
        raise AssertionError(f"{what} is {seen!r}, not {wanted!r}")


def trusting(ca):
    context = ssl.create_default_context(cafile=ca)
    context.check_hostname = False
    return context


def run(host, port, ca=None):
    tls = trusting(ca) if ca else None
    client = smpplib.client.Client(host, port, timeout=10, ssl_context=tls, allow_unknown_opt_params=True)
    seen = {}
    client.set_message_sent_handler(lambda pdu: seen.update(response=pdu))
    client.set_message_received_handler(lambda pdu: seen.update(receipt=pdu))
    client.connect()
    client.bind_transceiver(system_id="smppclient1", password="password")

    client.send_message(
        source_addr_ton=consts.SMPP_TON_INTL,
        source_addr_npi=consts.SMPP_NPI_ISDN,
        source_addr="10001",
        dest_addr_ton=consts.SMPP_TON_INTL,
        dest_addr_npi=consts.SMPP_NPI_ISDN,
        destination_addr="447700900123",
        registered_delivery=1,
        short_message=TEXT,
    )
    while "receipt" not in seen:
        client.read_once(auto_send_enquire_link=False)
    message_id, receipt = seen["response"].message_id, seen["receipt"]
    expect("esm_class", receipt.esm_class, 0x04)
    expect("receipted_message_id", receipt.receipted_message_id, message_id)
    expect("message_state", receipt.message_state, consts.SMPP_MESSAGE_STATE_DELIVERED)
    expect("source_addr", receipt.source_addr, b"447700900123")
    expect("destination_addr", receipt.destination_addr, b"10001")
    fields = RECEIPT.fullmatch(receipt.short_message)
    if not fields:
        raise AssertionError(f"no receipt of v3.4 Appendix B: {receipt.short_message!r}")
    expect("the receipt's id and text", fields.groups(), (message_id, TEXT[:20]))

    client.send_pdu(smpp.make_pdu("enquire_link", client=client))
    expect("the answer to enquire_link", client.read_pdu().command, "enquire_link_resp")
    expect("the answer to unbind", client.unbind().command, "unbind_resp")
    client.disconnect()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    try:
        run(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
    except Exception as error:
        sys.exit(f"smpplib: {error or type(error).__name__}")
