# SPDX-License-Identifier: MIT OR Apache-2.0
"""Another verifier of trust logs, from the description in lib.rs and with Python's standard library alone.

    judge.py CHAIN EPOCH KEY HEAD < logs

CHAIN and KEY are those of epoch EPOCH, HEAD is the SHA-256 of the log's last line, all hexadecimal. Each log comes with
its length before it (32 bits, little-endian); for each, a line is printed: + for one that is as it was written, - for
any other.
"""
import hashlib
import hmac
import json
import re
import struct
import sys


def derive(key, label, chain, epoch, message=b""):
    text = b"LamBoot trust log 1: " + label + b"\0" + chain + struct.pack("<Q", epoch) + message
    return hmac.new(key, text, hashlib.sha256).digest()


def is_intact(log, chain, epoch, key, head):
    prev, sealed, count, boots, torn, epoch = None, True, 0, {}, False, epoch - 1
    *lines, rest = log.split(b"\n")
    if rest:
        return False
    for line in lines:
        parts = re.fullmatch(rb'(\{.*),"mac":"([0-9a-f]{64})"\}', line)
        if not parts:
            return False
        signed, mac = parts[1], bytes.fromhex(parts[2].decode())
        record = json.loads((signed + b"}").decode())
        if record["event"] == "epoch_open":
            opened = record["epoch"]
            if opened["found"] not in ("first", "intact", "unsealed") or (opened["found"] == "intact") != sealed and prev:
                return False
            if (opened["found"] == "first") != (prev is None):
                return False
            if opened["found"] == "intact" and (opened["head"], opened["count"]) != (prev, count):
                return False
            # The key of the first epoch is given; each later one is made from it.
            if prev is not None:
                key = derive(key, b"next epoch", chain, epoch)
            epoch += 1
            if (bytes.fromhex(opened["chain"]), opened["number"]) != (chain, epoch):
                return False
            record_key, sealed, count, boot = derive(key, b"first record", chain, epoch), False, 0, record["boot_id"]
        elif prev is None or sealed or record["boot_id"] != boot:
            return False
        if prev is not None and record["prev"] != prev or record["seq"] != boots.get(boot, 0):
            return False
        if not hmac.compare_digest(mac, derive(record_key, b"record", chain, epoch, signed)):
            return False
        record_key = derive(record_key, b"next record", chain, epoch)
        prev, count, sealed = hashlib.sha256(signed).hexdigest(), count + 1, record["event"] == "epoch_seal"
        boots[boot] = record["seq"] + 1
    return sealed and prev == head


def main():
    chain, epoch, key, head = sys.argv[1:]
    arguments = bytes.fromhex(chain), int(epoch), bytes.fromhex(key), head
    while length := sys.stdin.buffer.read(4):
        log = sys.stdin.buffer.read(struct.unpack("<I", length)[0])
        try:
            verdict = is_intact(log, *arguments)
        except (ValueError, KeyError, TypeError):
            verdict = False
        print("+" if verdict else "-")


if __name__ == "__main__":
    main()
