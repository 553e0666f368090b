"""One word per thing: the glossary and the enumerations say the same, no more and no less."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from app.domain.access import Permission, Role
from app.domain.access_key import AccessKeyKind, AccessKeyState, AccessKeyStep
from app.domain.acknowledgement import ReceiptKind
from app.domain.authority import AuthorityKind, RevocationReason
from app.domain.bag import BagState, Contents
from app.domain.clock import ClockKind, ClockState
from app.domain.consignment import State
from app.domain.correction import CorrectionOutcome, CorrectionReason
from app.domain.custody import Action, Refusal
from app.domain.device_clock import ClockNotice
from app.domain.erasure import ErasureOutcome, ErasureReason, SealedField
from app.domain.figures import FigureKind
from app.domain.grades import Scope, Secrecy
from app.domain.handover_policy import Demand
from app.domain.held_back import Hold
from app.domain.hold import HoldReason
from app.domain.incident import (
    Cause,
    IncidentKind,
    IncidentStatus,
    IncidentStep,
    Proof,
    ReportedTo,
    Severity,
)
from app.domain.leg import LegCancelReason, LegFate, LegState
from app.domain.mandate import MandateKind
from app.domain.muster import DrawOf, MusterFinding, MusterStep, WithdrawalReason
from app.domain.pouch import PouchCancelReason, PouchMark, PouchState, RetireReason
from app.domain.redirect import RedirectReason
from app.domain.register import Direction
from app.domain.relief import ReliefResult
from app.domain.seal_stock import VoidReason
from app.domain.section import SafeSeal, SectionReason, SectionState
from app.domain.service_standard import Area, Urgency
from app.domain.shift import CountFinding, ShiftStep
from app.domain.tracing import Step, TracerAnswer, TracerState
from app.domain.unattended import UnattendedAnswer, UnattendedReason, UnattendedStep
from app.domain.validity import Validity
from app.http import (
    texts_access_keys,
    texts_incidents,
    texts_legs,
    texts_musters,
    texts_policies,
    texts_pouches,
    texts_sections,
    texts_shifts,
    texts_unattended,
    texts_words,
)
from app.services.scans.scan_outcome import ScanStatus
from audit.entry import Outcome
from audit.evidence import (
    Addressee,
    AttemptAction,
    AttemptReason,
    CoverMark,
    EntryMode,
    EvidenceKind,
    KeyInReason,
    LegMark,
    Mark,
    Purpose,
    SealReason,
    SealState,
    TakeReason,
    Verdict,
)
from audit.kinds import EntryKind

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
ENUMERATIONS: tuple[type[StrEnum], ...] = (
    Secrecy,
    Scope,
    Direction,
    State,
    Role,
    Permission,
    Purpose,
    Verdict,
    EntryMode,
    KeyInReason,
    FigureKind,
    TakeReason,
    CoverMark,
    Addressee,
    AttemptReason,
    AttemptAction,
    Action,
    Refusal,
    EvidenceKind,
    Outcome,
    ScanStatus,
    EntryKind,
    SealedField,
    ErasureReason,
    ErasureOutcome,
    Urgency,
    ClockNotice,
    Area,
    ClockKind,
    ClockState,
    ReceiptKind,
    BagState,
    Contents,
    Mark,
    SealState,
    SealReason,
    IncidentKind,
    Severity,
    IncidentStatus,
    IncidentStep,
    Proof,
    ReportedTo,
    Cause,
    Hold,
    HoldReason,
    VoidReason,
    CorrectionReason,
    CorrectionOutcome,
    Step,
    TracerAnswer,
    TracerState,
    MandateKind,
    AuthorityKind,
    RevocationReason,
    UnattendedReason,
    UnattendedStep,
    UnattendedAnswer,
    Validity,
    RedirectReason,
    ShiftStep,
    ReliefResult,
    MusterStep,
    MusterFinding,
    WithdrawalReason,
    DrawOf,
    AccessKeyKind,
    AccessKeyState,
    AccessKeyStep,
    SectionReason,
    SectionState,
    SafeSeal,
    CountFinding,
    Demand,
    PouchState,
    RetireReason,
    PouchMark,
    PouchCancelReason,
    LegState,
    LegCancelReason,
    LegMark,
    LegFate,
)
TABLES = {
    **texts_words.TABLES,
    **texts_incidents.TABLES,
    **texts_shifts.TABLES,
    **texts_policies.TABLES,
    **texts_legs.TABLES,
    **texts_pouches.TABLES,
    **texts_musters.TABLES,
    **texts_access_keys.TABLES,
    **texts_sections.TABLES,
    **texts_unattended.TABLES,
}

# Where the screen says a value in one word, it says the word of the glossary.
SHOWN: dict[str, str] = {
    "Secrecy": "secrecy",
    "Scope": "scope",
    "Direction": "direction",
    "State": "state",
    "Role": "role",
    "Purpose": "purpose",
    "Verdict": "verdict",
    "EntryMode": "entry_mode",
    "KeyInReason": "key_in_reason",
    "FigureKind": "figure",
    "Outcome": "outcome",
    "ScanStatus": "scan_status",
    "EntryKind": "kind",
    "SealedField": "sealed_field",
    "ErasureReason": "erasure_reason",
    "ErasureOutcome": "erasure_outcome",
    "Urgency": "service_urgency",
    "Area": "area",
    "ClockKind": "clock",
    "Demand": "demand",
    "ClockState": "clock_state",
    "ReceiptKind": "receipt_kind",
    "BagState": "bag_state",
    "Contents": "contents",
    "CoverMark": "cover_mark",
    "Addressee": "addressee",
    "Mark": "mark",
    "SealState": "seal_state",
    "SealReason": "seal_reason",
    "IncidentKind": "incident_kind",
    "Severity": "severity",
    "IncidentStatus": "incident_status",
    "IncidentStep": "incident_step",
    "Proof": "proof",
    "ReportedTo": "reported_to",
    "Cause": "cause",
    "Hold": "hold",
    "HoldReason": "hold_reason",
    "VoidReason": "void_reason",
    "CorrectionReason": "correction_reason",
    "CorrectionOutcome": "correction_outcome",
    "Step": "step",
    "TracerAnswer": "tracer_answer",
    "TracerState": "tracer_state",
    "MandateKind": "mandate_kind",
    "Validity": "validity",
    "UnattendedReason": "unattended_reason",
    "UnattendedStep": "unattended_step",
    "UnattendedAnswer": "unattended_answer",
    "AuthorityKind": "authority_kind",
    "RevocationReason": "revocation_reason",
    "RedirectReason": "redirect_reason",
    "ShiftStep": "shift_step",
    "ReliefResult": "relief_result",
    "MusterStep": "muster_step",
    "MusterFinding": "muster_finding",
    "WithdrawalReason": "muster_withdrawal_reason",
    "DrawOf": "draw_of",
    "AccessKeyKind": "access_key_kind",
    "AccessKeyState": "access_key_state",
    "AccessKeyStep": "access_key_step",
    "SectionReason": "section_reason",
    "SectionState": "section_state",
    "SafeSeal": "safe_seal",
    "CountFinding": "count_finding",
    "PouchState": "pouch_state",
    "RetireReason": "retire_reason",
    "PouchMark": "pouch_mark",
    "PouchCancelReason": "pouch_cancel_reason",
    "LegState": "leg_state",
    "LegCancelReason": "leg_cancel_reason",
    "LegMark": "leg_mark",
    "LegFate": "leg_fate",
}


def sections() -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for part in GLOSSARY.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading, _, body = part.partition("\n")
        cells = [
            tuple(cell.strip() for cell in row.strip("|").split("|"))
            for row in re.findall(r"^\|.*\|$", body, re.MULTILINE)
        ]
        found[heading.strip("`")] = [(row[0], row[1], row[2]) for row in cells[2:]]
    return found


@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=lambda enumeration: enumeration.__name__)
def test_every_value_of_an_enumeration_has_its_line(enumeration: type[StrEnum]) -> None:
    words = [code for code, _, _ in sections()[enumeration.__name__]]
    assert words == [member.value for member in enumeration]


def test_every_enumeration_of_the_glossary_exists() -> None:
    headings = set(sections()) - {"Things"}
    assert headings == {enumeration.__name__ for enumeration in ENUMERATIONS}


def test_every_line_has_a_screen_word_and_a_source() -> None:
    lines = [line for section in sections().values() for line in section]
    assert [line for line in lines if not all(line)] == []


def test_no_thing_has_two_lines() -> None:
    words = [code for code, _, _ in sections()["Things"]]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(("heading", "table"), SHOWN.items())
def test_the_screen_says_the_word_of_the_glossary(heading: str, table: str) -> None:
    words = {code: word for code, word, _ in sections()[heading]}
    assert {code: TABLES[table][code][0] for code in words} == words
