"""Makes `kt1.json` from the words of docs/formats alone, with rfc8785, hashlib and raw Ed25519.

    .venv/bin/python tests/vectors/make_vectors.py > tests/vectors/kt1.json

It must never import `crypto` or `audit`: a vector our own code made would only prove that the code agrees
with itself.
"""

import base64
import hashlib
import hmac
import json
import sys
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
STATEMENTS |= {kind: (said, GIVER) for kind, said in ACTS.items()}


def scanned(said: Json) -> Json:
    return {"actor": said["actor"], "scan": said["scan"]}


ERASURE = {"fields": "abstract", "reason": "misplaced_secret", "decision": "12/QĐ-UBND"}
# A whole table has every cell of its three parts; one of each is enough to know the form of an entry.
ASKED = {"clock": "acknowledgement", "issuer": "24.UBND", "year": 2026, "number": 1, "to": "24.SKHCN"}
MANDATE: dict[str, Json] = {
    "actor": 2, "mandate": 1, "unit": "24.SKHCN", "user": 3, "mandate_kind": "delegate", "opens_named": False,
    "basis": "15/GUQ", "valid_from": "2026-11-22T00:00:00.000Z", "valid_until": "2026-12-22T00:00:00.000Z",
}  # fmt: skip
STANDARD: dict[str, Json] = {
    "acknowledgement": {"A.none.intra.centre": 72},
    "delivery": {"A.none.intra.centre": 24},
    "follow_up": {"A.none": [1, 2, 4, 24]},
    "special": ["07210"], "window": [30, 30],
}  # fmt: skip
PUBLISHED: dict[str, Json] = {
    "actor": 4, "version": 1, "valid_from": "2026-12-01T00:00:00.000Z",
    "source": "12/2026/QĐ-UBND", "table": STANDARD,
}  # fmt: skip
INCIDENT = {"incident": "24.BD/2026/3"}
WRONG = {"entry": 5, "leaf": "ab" * 32}
STOP = {"hold": "stopped", "code": CODE}
FACTS: dict[str, Json] = {
    "log_created": {"origin": ORIGIN, "public_key": b64(LOG.raw)},
    "device_enrolled": enrolment(GIVER),
    "registered": {"actor": 1, "sender": "24.UBND", "recipient": "24.SKHCN"},
    "amended": {"actor": 1},
    "label_printed": {"actor": 1, "copies": 1, "reason": "first"},
    "handover_offered": scanned(STATEMENTS["handover_offered"][0]),
    "handover_taken": scanned(STATEMENTS["handover_taken"][0]),
    "handover_recalled": scanned(STATEMENTS["handover_recalled"][0]),
    "attempt_failed": scanned(STATEMENTS["attempt_failed"][0]),
    "scan_conflict": scanned(SAME_NAME),
    "bag_started": {"actor": 1, "from": "24.BD", "to": "24.BD2", "asset": "TUI-001"},
    **{kind: scanned(said) for kind, said in ACTS.items()},
    "seals_issued": {"actor": 3, "unit": "24.BD", "first": "np-0001", "last": "np-0500", "count": 500},
    "seal_voided": {"actor": 1, "seal": "np-0020", "reason": "spoiled"},
    "shift_counted": scanned(ACTS["shift_counted"]) | {"shift": SHIFT, "count": 1, "part": 1},
    "shift_opened": SHIFTED | {"unit": "24.UBND", "opening": 1},
    "shift_closed": SHIFTED | {"supervisor": 2, "closing": 1},
    "cancelled": {"actor": 1, "reason": "wrong_recipient"},
    "account_created": {"account": 2, "role": "courier"},
    "account_changed": {"account": 2},
    "unit_added": {"count": 1, "unit": "24.SYT"},
    "unit_changed": {"unit": "24.SYT", "changed": ["name"]},
    "items_imported": {"actor": 1, "rows": 12},
    "key_rotated": {"key": TAKER.name},
    "device_revoked": {"device": GIVER.name},
    "log_exported": {"size": 19},
    "erasure_proposed": {"actor": 1, **ERASURE},
    "field_erased": {"actor": 4, "proposer": 1, **ERASURE},
    "erasure_refused": {"actor": 4, "proposer": 1, "fields": "receiver_name"},
    "evidence_exported": {"scope": "consignment", "code": CODE, "fields": 1},
    "standard_published": PUBLISHED | {"digest": sha(rfc8785.dumps(STANDARD))},
    "acknowledged": {"actor": 1, "receipt": "delivered", "entry_mode": "scan"},
    "incident_opened": {"actor": 2, **INCIDENT, "kind": "damaged", "severity": "serious"},
    "incident_noted": {"actor": 2, **INCIDENT, "step": "evidenced", "proof": "minutes"},
    "incident_reported": {"actor": 2, **INCIDENT, "to": "sender"},
    "incident_resolved": {"actor": 2, **INCIDENT, "cause": "transport"},
    "incident_reopened": {"actor": 4, **INCIDENT, "resolver": 2},
    "incident_closed": {"actor": 4, **INCIDENT, "resolver": 2},
    "hold_placed": {"actor": 2, **STOP, "reason": "lost", "in_force": "stopped"},
    "hold_lifted": {"actor": 4, **STOP, "placer": 2, "in_force": ""},
    "correction_proposed": {"actor": 1, **WRONG, "reason": "did_not_occur"},
    "error_declared": {"actor": 4, "declarer": 1, **WRONG, "reason": "did_not_occur"},
    "correction_refused": {"actor": 4, "declarer": 1, **WRONG, "reason": "did_not_occur"},
    "tracer_issued": {**ASKED, "answer_due": "2026-11-26T00:00:00.000Z"},
    "tracer_answered": {"actor": 2, "issuer": "24.UBND", "year": 2026, "number": 1, "answer": "slip_sent"},
    "investigation_opened": ASKED,
    "mandate_granted": MANDATE,
    "mandate_revoked": {"actor": 2, "mandate": 1},
    "redirected": {"actor": 1, "from": "24.SKHCN", "to": "24.SYT", "reason": "wrong_unit"},
}
OF_AN_ITEM = {"registered", "amended", "label_printed", "cancelled", *STATEMENTS}
OF_AN_ITEM |= {"redirected", "investigation_opened", "erasure_proposed", "field_erased", "acknowledged"}
OF_AN_ITEM -= ACTS.keys()
BEGIN = ("incident_", "hold_", "tracer_", "correction_", "error_", "erasure_refused")
OF_AN_ITEM |= {"shift_counted", *(kind for kind in FACTS if kind.startswith(BEGIN))}


def named(kind: str) -> list[str]:
    """List the codes an entry names: of an act its subject first, then its lines."""
    if kind == "bag_started":
        return [BAG]
    if kind in ACTS and kind not in OF_AN_ITEM:
        return [BAG, *(line["code"] for line in ACTS[kind]["lines"])]
    return [CODE] if kind in OF_AN_ITEM else []


def signed(value: Json, domain: bytes, key: Key) -> bytes:
    body = rfc8785.dumps(value)
    return rfc8785.dumps({**value, "sig": b64(key.private.sign(domain + body))})


def log() -> list[bytes]:
    """One entry of every kind, chained; the taker's device and a second offer stand where they are needed."""
    order: list[tuple[str, Json, Json]] = []
    for kind, facts in FACTS.items():
        if kind == "handover_recalled":
            order.append(("handover_offered", scanned(SECOND_OFFER), [envelope(SECOND_OFFER, GIVER)]))
        if kind == "bag_closed":
            order.append(("bag_packed", scanned(PACKED_AGAIN), [envelope(PACKED_AGAIN, GIVER)]))
        order.append((kind, facts, [envelope(*STATEMENTS[kind])] if kind in STATEMENTS else []))
        if kind == "device_enrolled":
            order.append((kind, enrolment(TAKER), []))
        if kind == "scan_conflict":
            order[-1] = (kind, facts, [envelope(SAME_NAME, GIVER)])
    stored: list[bytes] = []
    prev, heads = "0" * 64, {CODE: "", BAG: ""}
    for index, (kind, facts, envelopes) in enumerate(order):
        codes = named(kind)
        items = [{"code": code, "outcome": "accepted", "prev": heads[code], "refusal": ""} for code in codes]
        value = {
            "at": f"2026-11-22T07:43:{index:02d}.000Z",
            "commitments": {"abstract": COMMITMENT["digest"]}
            if kind in {"registered", "field_erased"}
            else {},
            "envelopes": envelopes,
            "facts": facts,
            "format": "kt1/entry/1",
            "index": index,
            "items": items,
            "key": LOG.name,
            "kind": kind,
            "prev": prev,
        }
        data = signed(value, b"kt1/entry/v1\n", LOG)
        prev = sha(b"\x00" + data)
        heads |= dict.fromkeys(codes, prev)
        stored.append(data)
    return stored


def evidence_manifest(entries: list[bytes]) -> Json:
    """One entry disclosed with its one field; checkpoint and proof are stand-ins."""
    index = next(number for number, data in enumerate(entries) if b'"kind":"registered"' in data)
    files = {f"entries/{index:012}.json": entries[index], f"proofs/{index:012}.tlog-proof": b"proof\n"}
    field = {"entry": index, "label": "abstract", "state": "disclosed"}
    return {
        "entries": [index],
        "fields": [field | {"salt": COMMITMENT["salt"], "value": COMMITMENT["value"]}],
        "files": {name: sha(data) for name, data in {"checkpoint": b"checkpoint\n", **files}.items()},
        "format": "kt1/evidence-bundle/1",
        "key": LOG.name,
        "made_at": "2026-11-22T09:00:00.000Z",
        "origin": ORIGIN,
        "scope": {"kind": "consignment", "code": CODE},
        "support": [],
    }


def commitment(label: str, value: str, salt: bytes) -> Json:
    name = label.encode()
    message = b"kt1/commitment/v1\n" + len(name).to_bytes(2, "big") + name + salt + value.encode()
    return {"label": label, "value": value, "salt": salt.hex(), "digest": sha(message)}


def label(code: str, key: bytes) -> Json:
    mac = hmac.new(key, b"kt1/label/v1\n" + code.encode(), "sha256").digest()[:10]
    return {
        "code": code,
        "key_id": "k1",
        "key": key.hex(),
        "qr": f"{code}|k1|{base64.b32encode(mac).decode()}",
    }


def permutation(key: bytes, number: int) -> int:
    left, right = divmod(number, 10_000)
    for step in range(10):
        message = b"kt1/serial/v1\n" + bytes([step]) + right.to_bytes(2, "big")
        value = int.from_bytes(hmac.new(key, message, "sha256").digest()[:8], "big")
        left, right = right, (left + value) % 10_000
    return left * 10_000 + right


def rotation(old: Key, new: Key) -> Json:
    """Hand the log over: the statement is signed twice, the entry by the old key."""
    said = f"kt1/key-rotation/v1\n{ORIGIN}\n{b64(old.raw)}\n{b64(new.raw)}\n"
    facts = {
        "key": new.name,
        "new_signature": b64(new.private.sign(said.encode())),
        "old_signature": b64(old.private.sign(said.encode())),
        "public_key": b64(new.raw),
        "purpose": "log",
    }
    value = {
        "at": "2026-11-22T08:00:00.000Z",
        "commitments": {},
        "envelopes": [],
        "facts": facts,
        "format": "kt1/entry/1",
        "index": 1,
        "items": [],
        "key": old.name,
        "kind": "key_rotated",
        "prev": "ab" * 32,
    }
    data = signed(value, b"kt1/entry/v1\n", old)
    trusted = [
        {"key_id": old.name, "public_key": b64(old.raw), "from": 0, "until": 2},
        {"key_id": new.name, "public_key": b64(new.raw), "from": 2, "until": None},
    ]
    return {"statement": said, "entry": data.decode(), "log_keys": trusted}


COMMITMENT = commitment("abstract", "Về việc kiểm tra công tác bảo vệ bí mật nhà nước", bytes(range(32)))


def vkey(name: str, kind: int, secret: bytes) -> str:
    typed = bytes([kind]) + Key(hashlib.sha256(secret).digest()).raw
    key_id = sha(name.encode() + b"\n" + typed)[:8]
    return f"{name}+{key_id}+{b64(typed)}"


def trust_2(trusted: Json) -> Json:
    """Trust a log with one checkpoint key, one witness, and one device revoked by the trust file."""
    witness = vkey("witness.example", 4, b"witness")
    return {
        "checkpoint_keys": [{"first": 0, "last": None, "vkey": vkey(ORIGIN, 1, b"checkpoints")}],
        "format": "kt1/trust/2",
        "log_keys": [trusted],
        "origin": ORIGIN,
        "revoked_devices": [{"key_id": TAKER.name, "until": 1_000}],
        "time_authorities": [],
        "witnesses": f"witness W1 {witness}\nquorum W1\n",
    }


def main() -> None:
    entries = log()
    header: Json = {
        "entries": len(entries),
        "exported_at": "2026-11-22T09:00:00.000Z",
        "format": "kt1/bundle/1",
        "head": sha(b"\x00" + entries[-1]),
        "key": LOG.name,
        "origin": ORIGIN,
    }
    trusted: Json = {"key_id": LOG.name, "public_key": b64(LOG.raw), "from": 0, "until": None}
    samples: list[Json] = [
        {"b": [1, None, True], "a": 'Sở KH&CN\n\t"\\\u007f/€😀', "A": -(2**53 - 1)},
        [],
        "",
        "\u0000\u001f",
    ]
    vectors = {
        "keys": [
            {"seed": key.seed.hex(), "public_key": b64(key.raw), "key_id": key.name}
            for key in (LOG, GIVER, TAKER)
        ],
        "canonical": [{"value": value, "hex": rfc8785.dumps(value).hex()} for value in samples],
        "evidence": [
            {"envelope": rfc8785.dumps(envelope(*pair)).decode(), "payload": rfc8785.dumps(pair[0]).decode()}
            for pair in STATEMENTS.values()
        ],
        "entries": [{"data": data.decode(), "leaf": sha(b"\x00" + data)} for data in entries],
        "bundle_header": signed(header, b"kt1/bundle/v1\n", LOG).decode(),
        "trust": rfc8785.dumps({"format": "kt1/trust/1", "origin": ORIGIN, "log_keys": [trusted]}).decode(),
        "trust_2": rfc8785.dumps(trust_2(trusted)).decode(),
        "evidence_manifest": signed(evidence_manifest(entries), b"kt1/evidence-bundle/v1\n", LOG).decode(),
        "commitments": [COMMITMENT, commitment("receiver", "", b"\xff" * 32)],
        "labels": [label("RT000000005VN", bytes(range(32))), label("RT999999990VN", bytes(16))],
        "permutation": {
            "key": bytes(range(32)).hex(),
            "serials": [[n, permutation(bytes(range(32)), n)] for n in (0, 1, 2, 9_999, 10_000, 99_999_999)],
        },
        "rotation": rotation(LOG, GIVER),
    }
    json.dump(vectors, sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
