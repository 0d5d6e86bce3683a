#!/usr/bin/env python3
"""Writes the golden PDUs as the corpora that the fuzz targets start from: seeds.py GOLDEN_PDUS.CSV CORPUS"""

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


def main(golden, corpus):
    with open(golden, newline="") as file:
        frames = [bytes.fromhex(row["hex"]) for row in csv.DictReader(file)]
    pairs = [first + second for first, second in zip(frames[::2], frames[1::2])]
    seeds = {
        "frame": pairs,
        "pdu_roundtrip": frames,
        "tlv": list(filter(None, map(tlvs, frames))),
        "profile": frames,
    }
    for target, contents in seeds.items():
        folder = pathlib.Path(corpus, target)
        folder.mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(contents):
            (folder / f"golden-{number}").write_bytes(content)


main(*sys.argv[1:])
