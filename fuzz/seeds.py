#!/usr/bin/env python3
"""Writes the corpora that the fuzz targets start from: seeds.py SPECIFICATION_FOLDER SESSION.TXT CORPUS

They are the golden PDUs, for sessions the scripts of SESSION.TXT, alone and with a golden PDU behind them, and the tables
of alphabets, headers, receipts and times."""

import csv
import pathlib
import sys

HEADER = 16


def is_tlvs(region):
    while region:
        length = int.from_bytes(region[2:4], "big")
        if len(region) < 4 + length:
            return False
        region = region[4 + length:]
    return True


def tlvs(frame):
    """The longest end of the frame that could be its TLVs."""
    ends = (frame[at:] for at in range(HEADER, len(frame)))
    return next(filter(is_tlvs, ends), b"")


def scripts(path):
    lines = (line.split("#")[0].strip() for line in open(path))
    return [bytes.fromhex(line) for line in lines if line]


def sessions(path, frames):
    """Each script, and each golden PDU as what comes behind the first step of one that is bound."""
    alone = scripts(path)
    # A frame that comes: its length, and its octets.
    come = [bytes([0x0C, len(frame)]) + frame for frame in frames if len(frame) < 256]
    return alone + [alone[at % 6] + frame for at, frame in enumerate(come)]


def characters(spec):
    """The characters of each table, with the number of its language."""
    tables = {}
    for name in ["gsm_default", "gsm_extension", "gsm_national"]:
        for row in rows(spec, name):
            if row["codepoint"]:
                character = chr(int(row["codepoint"][2:], 16))
                tables.setdefault(int(row.get("nli", 0)), []).append(character)
    return {language: "".join(table) for language, table in tables.items()}


def texts(spec):
    """Alphabet, tables and mode, and a text: as characters, and as septets."""
    for language, table in characters(spec).items():
        for alphabet in range(10):
            start = bytes([alphabet, language * 0x11, alphabet % 5])
            yield start + table.encode()
            yield start + (table * 4).encode()
    for alphabet in range(10):
        yield bytes([alphabet, 0, 1]) + bytes(range(256))


def headers(spec):
    """Each element alone, and in front of a text."""
    for row in rows(spec, "gsm_udh"):
        if row["iei"].startswith("0x"):
            length = int(row["data_octets"])
            element = bytes([int(row["iei"], 16), length]) + bytes([7, 2, 1, 1, 1][-length:])
            yield bytes([len(element)]) + element + b"text"


def receipts(spec):
    """esm_class, data_coding and no TLVs, and a receipt."""
    for row in rows(spec, "delivery_receipt_variants"):
        yield b"\x04\x00\x00" + row["example"].encode()
    for row in rows(spec, "delivery_receipt_states"):
        text = f"id:7 sub:001 dlvrd:001 submit date:2501311200 done date:2501311205 stat:{row['stat']} err:000 text:Hello"
        yield b"\x04\x00\x00" + text.encode()
        yield b"\x00\x08\x00" + text.encode("utf-16-be")


def times(spec):
    for row in rows(spec, "time_examples"):
        yield row["value"].encode()


def rows(spec, name):
    with open(pathlib.Path(spec, name + ".csv"), newline="") as file:
        return list(csv.DictReader(file))


def main(spec, session, corpus):
    frames = [bytes.fromhex(row["hex"]) for row in rows(spec, "golden_pdus")]
    pairs = [first + second for first, second in zip(frames[::2], frames[1::2])]
    seeds = {
        "frame": pairs,
        "pdu_roundtrip": frames,
        "tlv": filter(None, map(tlvs, frames)),
        "profile": frames,
        "session": sessions(session, frames),
        "text": texts(spec),
        "udh_reassembly": [*headers(spec), *texts(spec)],
        "receipt": receipts(spec),
        "time": times(spec),
    }
    for target, contents in seeds.items():
        folder = pathlib.Path(corpus, target)
        folder.mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(contents):
            (folder / f"seed-{number}").write_bytes(content)


main(*sys.argv[1:])
