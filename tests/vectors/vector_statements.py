"""The statements of `kt1.json`: what a giver's and a taker's device say, one of every kind.

It must never import `crypto` or `audit` (see `make_vectors`).
"""

import base64
import hashlib
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Json = Any
ORIGIN = "kt1.example/24"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Key:
    def __init__(self, seed: bytes) -> None:
        self.seed = seed
        self.private = Ed25519PrivateKey.from_private_bytes(seed)
        self.raw = self.private.public_key().public_bytes_raw()
        self.name = sha(b"kt1/key/v1\n" + self.raw)[:16]


# The three secret keys of RFC 8032 section 7.1, TEST 1 to 3.
SEEDS = (
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
)
LOG, GIVER, TAKER = (Key(bytes.fromhex(seed)) for seed in SEEDS)


def envelope(payload: Json, key: Key) -> Json:
    body = rfc8785.dumps(payload)
    kind = "application/vnd.kt1.evidence.v1+json"
    signed = f"DSSEv1 {len(kind)} {kind} {len(body)} ".encode() + body
    signature = {"keyid": key.name, "sig": b64(key.private.sign(signed))}
    return {"payload": b64(body), "payloadType": kind, "signatures": [signature]}


def scan(kind: str, number: int, key: Key, line: Json, **more: Json) -> Json:
    common: dict[str, Json] = {
        "format": "kt1/evidence/1",
        "log": ORIGIN,
        "kind": kind,
        "scan": f"00000000-0000-4000-8000-{number:012d}",
    }
    common |= {"at": "2026-11-22T07:43:06.123Z", "device": key.name, "actor": OWNERS[key.name]}
    common |= {"place": "24.UBND", "seq": number, "nonce": "ab" * 16}
    return common | {"lines": [{"code": CODE, "entry": "scan", **line}]} | more


def enrolment(key: Key) -> Json:
    owner, public_key = OWNERS[key.name], b64(key.raw)
    proof = key.private.sign(f"kt1/enrol/v1\n{ORIGIN}\n{owner}\n{public_key}\n".encode())
    return {"device": key.name, "public_key": public_key, "owner": owner, "proof": b64(proof)}


CODE = "RT000000005VN"
OWNERS = {GIVER.name: 1, TAKER.name: 2}
ANSWER = {"verdict": "accept", "reason": "", "seal": "NP-0017"}
CHECK = {"mark": "intact", "pieces": 2, "addressee": "ours"}
STATEMENTS = {
    "handover_offered": (
        scan("offer", 1, GIVER, {}, purpose="transfer", to={"unit": "24.BD", "user": None}),
        GIVER,
    ),
    "handover_taken": (scan("take", 2, TAKER, ANSWER), TAKER),
    "handover_recalled": (scan("recall", 3, GIVER, {}), GIVER),
    "attempt_failed": (scan("attempt", 4, TAKER, {}, reason="receiver_absent", action="retry"), TAKER),
}
# The giver's first offer is taken; what is recalled and what comes in conflict are two more statements.
OFFER = {"purpose": "transfer", "to": {"unit": "24.BD", "user": None}}
SECOND_OFFER = scan("offer", 5, GIVER, {}, **OFFER, nonce="cd" * 16)
SAME_NAME = scan("offer", 1, GIVER, {}, **OFFER) | {"seq": 6}
STATEMENTS["handover_recalled"][0]["nonce"] = "cd" * 16


# Keyed with the hidden tail of its label, and taken before a second person.
WITNESSED = scan("take", 90, TAKER, ANSWER, witness=3)
WITNESSED["lines"][0] |= {"code": f"{CODE}-7KQ2X", "entry": "typed"}

BAG = "ZT000000005VN"


def act(kind: str, number: int, facts: Json, marks: list[str], witness: int | None = None) -> Json:
    """Word what the giver's device says of a bag, with one line for each mark."""
    said = scan(kind, number, GIVER, {}, nonce=f"{number:02d}" * 16)
    lines = [{"code": CODE, "entry": "scan", "mark": mark} for mark in marks]
    return said | {"subject": BAG, "entry": "scan", "witness": witness, "facts": facts, "lines": lines}


SEALED = {"seal": "NP-0018", "weight_g": 1500}
CHANGED = {"old_seal": "NP-0018", "new_seal": "NP-0019", "old_weight_g": 1500, "weight_g": 1510}
CHANGED |= {"reason": "inspection", "inner_intact": "yes"}
CLOSED = SEALED | {"contents": sha(f"{CODE}\n".encode()), "pieces": 1, "last": "yes"}
ACTS: dict[str, Json] = {
    "bag_packed": act("pack", 10, {}, [""]),
    "bag_unpacked": act("unpack", 11, {}, [""]),
    "bag_closed": act("close", 12, CLOSED, []),
    "seal_checked": act("check_seal", 13, {"seal": "NP-0018"}, []),
    "seal_changed": act("change_seal", 14, CHANGED, [], witness=2),
    "bag_opened": act("open", 15, {"seal": "NP-0019", "weight_g": 1510, "found": "intact"}, [], witness=2),
    "bag_answered": act("answer", 16, {}, ["received"]),
}
PACKED_AGAIN = act("pack", 17, {}, [""])
# A count is about a shift, which is no item.
SHIFT = "CA-24.UBND-2026-1"
SHIFTED: Json = {"actor": 1, "shift": SHIFT, "digest": CLOSED["contents"]}
ACTS["shift_counted"] = act("count", 18, {"part": 1, "last": "yes"}, [""]) | {"subject": SHIFT}
# So is a leg: a courier's way from one office to another, with a vehicle and an escort.
LEG = "HT-24.UBND-2026-1"
ACTS["leg_departed"] = act("depart", 19, {"vehicle": "99A-123.45"}, [""], witness=2) | {"subject": LEG}
ACTS["leg_arrived"] = act("arrive", 20, {}, ["kept"]) | {"subject": LEG}
KEYED = {"reason": "label_damaged", "again": CODE, "form": ""}
ACTS["code_keyed_in"] = act("key_in", 21, KEYED, [], witness=2) | {"subject": CODE, "entry": "typed"}
MUSTER = "KK-24.UBND-2026-1"
ACTS["muster_counted"] = act("count", 22, {"part": 1, "last": "yes"}, [""]) | {"subject": MUSTER}
STATEMENTS |= {kind: (said, GIVER) for kind, said in ACTS.items()}


# Handed in at the taker's counter by a person without a device: no offer came before.
HANDED_IN = scan("take", 91, TAKER, ANSWER, nonce="9a" * 16) | {"from": {"unit": "24.BD", "user": 1}}

# What a receiver ticked off at an item's last door: a member that older statements do not have.
RECEIVED = scan("take", 31, TAKER, ANSWER | {"check": CHECK})


def scanned(said: Json) -> Json:
    return {"actor": said["actor"], "scan": said["scan"]}
