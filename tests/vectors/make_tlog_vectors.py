"""Makes `tlog.json` from the words of the C2SP pages and RFC 6962 alone, with hashlib and raw keys.

    .venv/bin/python tests/vectors/make_tlog_vectors.py > tests/vectors/tlog.json

It must never import `crypto` or `audit`: a vector our own code made would only prove that the code agrees
with itself. ML-DSA-44 signatures are randomised, so those lines differ in every run and hold in each.
"""

import base64
import hashlib
import json
import sys
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

ORIGIN = "kt1.example/24"
TIME = 1_795_333_386
ENTRIES = [f"entry {number}".encode() for number in range(7)]
INDEX = 4
OLD = 3
# The secret keys of RFC 8032 section 7.1: TEST 1, 2, 3 and 1024.
SEEDS = (
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
)
ML_DSA_SEED = bytes(range(32))
NEXT_SEED = hashlib.sha256(b"next checkpoint key").hexdigest()
NEXT_ML_DSA_SEED = bytes(range(32, 64))


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def root(entries: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return leaf(entries[0])
    k = split(len(entries))
    return hashlib.sha256(b"\x01" + root(entries[:k]) + root(entries[k:])).digest()


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m: int, entries: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1."""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*path(m, entries[:k]), root(entries[k:])]
    return [*path(m - k, entries[k:]), root(entries[:k])]


def subproof(m: int, entries: list[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2."""
    if m == len(entries):
        return [] if whole else [root(entries)]
    k = split(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], whole=whole), root(entries[k:])]
    return [*subproof(m - k, entries[k:], whole=False), root(entries[:k])]


def tiles(size: int) -> dict[str, str]:
    """Hash every tile and entry bundle of a tree of `size` entries (below 65,536) published once."""
    entries = [f"entry {number}".encode() for number in range(size)]
    found: dict[str, str] = {}
    for first in range(0, size, 256):
        some = entries[first : first + 256]
        width = "" if len(some) == 256 else f".p/{len(some)}"
        found[f"tile/0/{first // 256:03d}{width}"] = sha(b"".join(map(leaf, some)))
        bundle = b"".join(len(entry).to_bytes(2, "big") + entry for entry in some)
        found[f"tile/entries/{first // 256:03d}{width}"] = sha(bundle)
    full = [root(entries[first : first + 256]) for first in range(0, size - size % 256, 256)]
    found[f"tile/1/000.p/{len(full)}"] = sha(b"".join(full))
    return found


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Key:
    def __init__(self, name: str, kind: int, private: Ed25519PrivateKey | MLDSA44PrivateKey) -> None:
        self.name, self.kind, self.private = name, kind, private
        self.raw = private.public_key().public_bytes_raw()
        hashed = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + self.raw)
        self.key_id = hashed.digest()[:4]
        self.vkey = f"{name}+{self.key_id.hex()}+{b64(bytes([kind]) + self.raw)}"

    def line(self, text: str, time: int, size: int, head: bytes) -> str:
        stamp = time.to_bytes(8, "big")
        if self.kind == 0x01:
            signature = self.private.sign(text.encode())
        elif self.kind == 0x04:
            signature = stamp + self.private.sign(cosignature(text, time))
        else:
            signature = stamp + self.private.sign(subtree(self.name, time, size, head))
        return f"— {self.name} {b64(self.key_id + signature)}\n"


def cosignature(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def subtree(name: str, time: int, size: int, head: bytes) -> bytes:
    def short(value: str) -> bytes:
        return bytes([len(value.encode())]) + value.encode()

    numbers = (0).to_bytes(8, "big") + size.to_bytes(8, "big")
    return b"subtree/v1\n\0" + short(name) + time.to_bytes(8, "big") + short(ORIGIN) + numbers + head


def ed25519(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))


LOG = Key(ORIGIN, 0x01, ed25519(SEEDS[0]))
LOG_PQ = Key(ORIGIN, 0x06, MLDSA44PrivateKey.from_seed_bytes(ML_DSA_SEED))
NEXT = Key(ORIGIN, 0x01, ed25519(NEXT_SEED))
NEXT_PQ = Key(ORIGIN, 0x06, MLDSA44PrivateKey.from_seed_bytes(NEXT_ML_DSA_SEED))
WITNESSES = [Key(f"witness{n}.example", 0x04, ed25519(seed)) for n, seed in enumerate(SEEDS[1:], 1)]


def checkpoint_rotation() -> dict[str, Any]:
    """Hand over at entry 6: the new keys count from trees of 7 entries on. The entry has a key of its own."""
    old, new, index = (LOG, LOG_PQ), (NEXT, NEXT_PQ), 6
    said = f"kt1/checkpoint-key-rotation/v1\n{ORIGIN}\n{index + 1}\n"
    said += "".join(f"old {key.vkey}\n" for key in old) + "".join(f"new {key.vkey}\n" for key in new)

    def signed(keys: tuple[Key, ...]) -> list[dict[str, str]]:
        return [{"signature": b64(key.private.sign(said.encode())), "vkey": key.vkey} for key in keys]

    entry_key = ed25519(SEEDS[1])
    names = [
        hashlib.sha256(b"kt1/key/v1\n" + private.public_key().public_bytes_raw()).hexdigest()[:16]
        for private in (entry_key, NEXT.private)
    ]
    value: dict[str, Any] = {
        "at": "2026-11-22T08:00:00.000Z",
        "commitments": {},
        "envelopes": [],
        "facts": {
            "first": index + 1,
            "key": names[1],
            "new": signed(new),
            "old": signed(old),
            "purpose": "checkpoints",
        },
        "format": "kt1/entry/1",
        "index": index,
        "items": [],
        "key": names[0],
        "kind": "key_rotated",
        "prev": "ab" * 32,
    }
    signature = entry_key.sign(b"kt1/entry/v1\n" + rfc8785.dumps(value))
    return {
        "seeds": {"entries": SEEDS[1], "ed25519": NEXT_SEED, "ml_dsa": NEXT_ML_DSA_SEED.hex()},
        "statement": said,
        "entry": rfc8785.dumps({**value, "sig": b64(signature)}).decode(),
        "checkpoint_keys": [
            *({"first": 0, "last": index, "vkey": key.vkey} for key in old),
            *({"first": index + 1, "last": None, "vkey": key.vkey} for key in new),
        ],
    }


def main() -> None:
    head, size = root(ENTRIES), len(ENTRIES)
    text = f"{ORIGIN}\n{size}\n{b64(head)}\n"
    log_line = LOG.line(text, TIME, size, head)
    pq_line = LOG_PQ.line(text, TIME, size, head)
    cosignatures = [key.line(text, TIME + n, size, head) for n, key in enumerate(WITNESSES, 1)]
    checkpoint = f"{text}\n{log_line}"
    receipt = checkpoint + "".join(cosignatures)
    inclusion = [b64(item) for item in path(INDEX, ENTRIES)]
    consistency = [b64(item) for item in subproof(OLD, ENTRIES, whole=True)]
    lines = [
        f"log {LOG.vkey}",
        "",
        *(f"witness W{n} {key.vkey}" for n, key in enumerate(WITNESSES, 1)),
        "group witnesses 2 W1 W2 W3",
        "quorum witnesses",
    ]
    vectors = {
        "seeds": {"log": SEEDS[0], "log_ml_dsa": ML_DSA_SEED.hex(), "witnesses": list(SEEDS[1:])},
        "vkeys": {"log": LOG.vkey, "log_ml_dsa": LOG_PQ.vkey, "witnesses": [key.vkey for key in WITNESSES]},
        "entries": [entry.decode() for entry in ENTRIES],
        "roots": [root(ENTRIES[:n]).hex() for n in range(size + 1)],
        "time": TIME,
        "cosignature_message": cosignature(text, TIME).hex(),
        "subtree_message": subtree(ORIGIN, TIME, size, head).hex(),
        "checkpoint": checkpoint,
        "published": checkpoint + pq_line + "".join(cosignatures),
        "receipt_checkpoint": receipt,
        "proof": f"c2sp.org/tlog-proof@v1\nindex {INDEX}\n" + "\n".join(inclusion) + f"\n\n{receipt}",
        "request": f"old {OLD}\n" + "\n".join(consistency) + f"\n\n{checkpoint}",
        "old_root": root(ENTRIES[:OLD]).hex(),
        "answer": cosignatures[0],
        "policy": "\n".join(lines) + "\n",
        "tiles": {"size": 600, "files": tiles(600)},
        "checkpoint_rotation": checkpoint_rotation(),
    }
    json.dump(vectors, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
