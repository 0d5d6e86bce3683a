#!/usr/bin/env python3
"""Writes the corpora that the fuzz targets start from: seeds.py GOLDEN_PDUS.CSV SESSION.TXT CORPUS

They are the golden PDUs, and for sessions the scripts of SESSION.TXT, alone and with a golden PDU behind them."""

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


def main(golden, session, corpus):
    with open(golden, newline="") as file:
        frames = [bytes.fromhex(row["hex"]) for row in csv.DictReader(file)]
    pairs = [first + second for first, second in zip(frames[::2], frames[1::2])]
    seeds = {
        "frame": pairs,
        "pdu_roundtrip": frames,
        "tlv": list(filter(None, map(tlvs, frames))),
        "profile": frames,
        "session": sessions(session, frames),
    }
    for target, contents in seeds.items():
        folder = pathlib.Path(corpus, target)
        folder.mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(contents):
            (folder / f"golden-{number}").write_bytes(content)


main(*sys.argv[1:])
