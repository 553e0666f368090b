"""Makes `kt1.json` from the words of docs/formats alone, with rfc8785, hashlib and raw Ed25519.

    .venv/bin/python -m tests.vectors.make_vectors > tests/vectors/kt1.json

Neither it nor the modules it reads may import `crypto` or `audit`: a vector our own code made would only
prove that the code agrees with itself.
"""

import base64
import hashlib
import hmac
import json
import sys

import rfc8785

from tests.vectors.vector_facts import FACTS, named
from tests.vectors.vector_statements import (
    BAG,
    CODE,
    GIVER,
    HANDED_IN,
    LOG,
    ORIGIN,
    PACKED_AGAIN,
    RECEIVED,
    SAME_NAME,
    SECOND_OFFER,
    STATEMENTS,
    TAKER,
    WITNESSED,
    Json,
    Key,
    b64,
    enrolment,
    envelope,
    scanned,
    sha,
)


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
            "at": f"2026-11-22T07:{43 + index // 60}:{index % 60:02d}.000Z",
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
    # The first 25 bits, most significant first, five to a character.
    bits = "".join(
        f"{byte:08b}" for byte in hmac.new(key, b"kt1/label-tail/v1\n" + code.encode(), "sha256").digest()
    )
    tail = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[int(bits[at : at + 5], 2)] for at in range(0, 25, 5))
    return {
        "code": code,
        "key_id": "k1",
        "key": key.hex(),
        "qr": f"{code}|k1|{base64.b32encode(mac).decode()}",
        "tail": tail,
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
            for pair in (*STATEMENTS.values(), *((said, TAKER) for said in (RECEIVED, WITNESSED, HANDED_IN)))
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
