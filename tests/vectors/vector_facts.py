"""The facts of `kt1.json`: what the entry of each kind states and which codes it names.

It must never import `crypto` or `audit` (see `make_vectors`).
"""

import rfc8785

from tests.vectors.vector_statements import (
    ACTS,
    BAG,
    CODE,
    GIVER,
    LEG,
    LOG,
    MUSTER,
    ORIGIN,
    SAME_NAME,
    SHIFT,
    SHIFTED,
    STATEMENTS,
    TAKER,
    Json,
    b64,
    enrolment,
    scanned,
    sha,
)

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
ALL_OR_NONE: dict[str, Json] = {
    secrecy: dict.fromkeys(("authority", "possession", "second_reader", "witness"), secrecy != "none")
    for secrecy in ("A", "B", "C", "none")
}
POLICY: dict[str, Json] = {
    "actor": 4, "version": 1, "valid_from": "2026-12-01T00:00:00.000Z",
    "source": "13/2026/QĐ-UBND", "table": ALL_OR_NONE,
}  # fmt: skip
MUSTERED: dict[str, Json] = {"actor": 4, "muster": MUSTER, "digest": SHIFTED["digest"]}
DRAWN: dict[str, Json] = {"digest": sha(b"24.UBND\n"), "drawn": "24.UBND"}
INCIDENT = {"incident": "24.BD/2026/3"}
UNATTENDED = {"reason": "offer_unanswered", "since": "2026-11-22T00:00:00.000Z", "unit": "24.P01"}
WRONG = {"entry": 5, "leaf": "ab" * 32}
LEGGED: dict[str, Json] = {"actor": 1, "leg": LEG}
POUCHED: dict[str, Json] = {"actor": 1, "list": "VT-24.BD2-24.BD-2026-1"}
KEPT: dict[str, Json] = {"actor": 1, "access_key": 1, "acted_at": "2026-11-22T08:00:00.000Z"}
CLOSING: dict[str, Json] = {"actor": 1, "closing": "DQ-24.BD-2026-1"}
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
    "code_keyed_in": scanned(ACTS["code_keyed_in"]) | {"witness": 2},
    "shift_opened": SHIFTED | {"unit": "24.UBND", "opening": 1},
    "shift_closed": SHIFTED | {"supervisor": 2, "closing": 1},
    "vehicle_added": {"actor": 1, "unit": "24.UBND", "vehicle": "99A-123.45", "dedicated": True},
    "vehicle_retired": {"actor": 1, "vehicle": "99A-123.45"},
    "leg_planned": LEGGED
    | {"from": "24.UBND", "to": "24.BD", "courier": 1, "vehicle": "99A-123.45", "escort": 2}
    | {"departs_at": "2026-11-22T08:00:00.000Z", "arrives_at": "2026-11-22T10:00:00.000Z"},
    "leg_departed": scanned(ACTS["leg_departed"]) | {"leg": LEG, "vehicle": "99A-123.45", "witness": 2},
    "leg_arrived": scanned(ACTS["leg_arrived"]) | {"leg": LEG, "handed": 0, "kept": 1, "missing": 0},
    "leg_cancelled": LEGGED | {"reason": "no_vehicle"},
    "pouches_entered": {"actor": 1, "unit": "24.BD", "pouches": "TUI-001,TUI-002", "count": 2},
    "pouches_sent": POUCHED
    | {"from": "24.BD2", "to": "24.BD", "pouches": "TUI-001,TUI-002", "digest": sha(b"TUI-001\nTUI-002\n")},
    "pouches_received": POUCHED | {"actor": 2, "received": 1, "missing": "TUI-002", "excess": ""},
    "pouches_cancelled": POUCHED | {"reason": "mistake"},
    "pouch_retirement_proposed": {"actor": 1, "pouch": "TUI-002", "reason": "lost"},
    "pouch_retirement_refused": {"actor": 2, "pouch": "TUI-002", "proposer": 1},
    "pouch_retired": {"actor": 2, "pouch": "TUI-002", "reason": "lost", "proposer": 1},
    "relief_listed": SHIFTED | {"successor": 2, "lines": 1},
    "muster_drawn": {"actor": 4, "of": "places", "seed": "00" * 32, "size": 1, "pool": 1, **DRAWN},
    "muster_opened": MUSTERED | {"unit": "24.UBND", "expected": 1},
    "muster_counted": scanned(ACTS["muster_counted"]) | {"muster": MUSTER, "part": 1, "last": "yes"},
    "muster_closed": MUSTERED | {"partner": 2, "missing": 0, "unexpected": 0},
    "muster_withdrawn": {"actor": 4, "muster": MUSTER, "reason": "mistake"},
    "access_key_registered": KEPT
    | {"unit": "24.BD", "access_key_kind": "combination", "name": "Két sắt kho KT1", "seal": "np-0021"}
    | {"due": "2027-05-22T08:00:00.000Z"},
    "access_key_handed": KEPT | {"partner": 2},
    "access_key_changed": KEPT | {"partner": 2, "seal": "", "due": "2027-05-22T08:00:00.000Z"},
    "access_key_retired": KEPT | {"partner": 2},
    "section_closed": CLOSING
    | {"unit": "24.BD", "reason": "errand", "note": "Giao tại trụ sở", "instead": "24.BD2"}
    | {"expected": "2026-11-22T08:00:00.000Z", "closed_at": "2026-11-22T06:00:00.000Z"}
    | {"things": 1, "digest": sha(f"{CODE}\n".encode()), "access_key": 1, "seal": "np-0031"},
    "section_reopened": CLOSING
    | {"actor": 2, "seal_state": "differs", "reopened_at": "2026-11-22T09:30:00.000Z", **INCIDENT},
    "section_overdue": {"closing": "DQ-24.BD-2026-1", "raised_at": "2026-11-22T09:00:00.000Z", **INCIDENT},
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
    "authority_issued": {
        "actor": 6,
        "authority": 1,
        "number": "07/TGL",
        "authority_kind": "courier_card",
        "unit": "24.P01",
        "holder": 2,
        "valid_from": "2026-11-22T00:00:00.000Z",
        "valid_until": "2027-11-22T00:00:00.000Z",
    },
    "authority_revoked": {"actor": 6, "authority": 1, "reason": "lost"},
    "unattended_asked": UNATTENDED,
    "unattended_answered": {
        "actor": 4,
        **UNATTENDED,
        "answer": "secured",
        "note": "Trong két",
    },
    "unattended_raised": {**UNATTENDED, **INCIDENT},
    "redirected": {"actor": 1, "from": "24.SKHCN", "to": "24.SYT", "reason": "wrong_unit"},
    "policy_published": POLICY | {"digest": sha(rfc8785.dumps(ALL_OR_NONE))},
}
OF_AN_ITEM = {"registered", "amended", "label_printed", "cancelled", *STATEMENTS}
OF_AN_ITEM |= {"redirected", "investigation_opened", "erasure_proposed", "field_erased", "acknowledged"}
OF_AN_ITEM |= {"unattended_asked", "unattended_answered", "unattended_raised"}
OF_AN_ITEM -= ACTS.keys()
BEGIN = ("incident_", "hold_", "tracer_", "correction_", "error_", "erasure_refused", "leg_")
OF_AN_ITEM |= {
    "shift_counted",
    "code_keyed_in",
    "muster_counted",
    *(kind for kind in FACTS if kind.startswith(BEGIN)),
}


def named(kind: str) -> list[str]:
    """List the codes an entry names: of an act its subject first, then its lines."""
    if kind == "bag_started":
        return [BAG]
    if kind in ACTS and kind not in OF_AN_ITEM:
        return [BAG, *(line["code"] for line in ACTS[kind]["lines"])]
    return [CODE] if kind in OF_AN_ITEM else []
