"""Every code that can reach a reader has an HTTP status and words in both languages; none is left without."""

import re
from enum import StrEnum

import pytest

from app.domain.access import Role
from app.domain.access_key import AccessKeyKind, AccessKeyState, AccessKeyStep
from app.domain.acknowledgement import ReceiptKind
from app.domain.authority import AuthorityKind, RevocationReason
from app.domain.bag import BagState, Contents
from app.domain.clock import ClockKind, ClockState
from app.domain.consignment import State
from app.domain.correction import CorrectionOutcome, CorrectionReason
from app.domain.decision import Refusal
from app.domain.erasure import ErasureOutcome, ErasureReason, SealedField
from app.domain.errors import ConflictCode, DomainError, ProblemCode
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
from app.domain.muster import DrawOf, MusterFinding, MusterStep
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
from app.http import errors
from app.http.texts import TEXTS, text
from app.services.incidents import corrections, holds
from app.services.scans.delivery import SIGNED_BY
from audit.evidence import (
    Addressee,
    AttemptAction,
    AttemptReason,
    CoverMark,
    EntryMode,
    LegMark,
    Mark,
    Purpose,
    SealReason,
    SealState,
    TakeReason,
    Verdict,
)
from audit.kinds import EntryKind

FAMILIES: dict[str, type[StrEnum]] = {
    "refusal": Refusal,
    "conflict": ConflictCode,
    "problem": ProblemCode,
    "kind": EntryKind,
    "state": State,
    "role": Role,
    "secrecy": Secrecy,
    "scope": Scope,
    "direction": Direction,
    "take_reason": TakeReason,
    "cover_mark": CoverMark,
    "addressee": Addressee,
    "attempt_reason": AttemptReason,
    "attempt_action": AttemptAction,
    "purpose": Purpose,
    "verdict": Verdict,
    "entry_mode": EntryMode,
    "sealed_field": SealedField,
    "erasure_reason": ErasureReason,
    "erasure_outcome": ErasureOutcome,
    "service_urgency": Urgency,
    "area": Area,
    "clock": ClockKind,
    "clock_state": ClockState,
    "receipt_kind": ReceiptKind,
    "bag_state": BagState,
    "contents": Contents,
    "mark": Mark,
    "seal_state": SealState,
    "seal_reason": SealReason,
    "incident_kind": IncidentKind,
    "severity": Severity,
    "incident_status": IncidentStatus,
    "incident_step": IncidentStep,
    "proof": Proof,
    "reported_to": ReportedTo,
    "cause": Cause,
    "shift_step": ShiftStep,
    "relief_result": ReliefResult,
    "muster_step": MusterStep,
    "muster_finding": MusterFinding,
    "draw_of": DrawOf,
    "access_key_kind": AccessKeyKind,
    "access_key_state": AccessKeyState,
    "access_key_step": AccessKeyStep,
    "section_reason": SectionReason,
    "section_state": SectionState,
    "safe_seal": SafeSeal,
    "count_finding": CountFinding,
    "pouch_state": PouchState,
    "retire_reason": RetireReason,
    "pouch_mark": PouchMark,
    "pouch_cancel_reason": PouchCancelReason,
    "leg_state": LegState,
    "leg_cancel_reason": LegCancelReason,
    "leg_mark": LegMark,
    "leg_fate": LegFate,
    "hold": Hold,
    "hold_reason": HoldReason,
    "void_reason": VoidReason,
    "correction_reason": CorrectionReason,
    "correction_outcome": CorrectionOutcome,
    "step": Step,
    "tracer_answer": TracerAnswer,
    "tracer_state": TracerState,
    "mandate_kind": MandateKind,
    "validity": Validity,
    "unattended_reason": UnattendedReason,
    "unattended_advice": UnattendedReason,
    "unattended_step": UnattendedStep,
    "unattended_answer": UnattendedAnswer,
    "authority_kind": AuthorityKind,
    "revocation_reason": RevocationReason,
    "redirect_reason": RedirectReason,
    "demand": Demand,
    "demand_means": Demand,
}
# What sentences may ask for: the figures of a limit, and what a file itself calls the place that is wrong.
PARAMS = {"incident", "count", "holder", "longest", "least", "most", "expected", "value"}
# Of a closed section: whose, why, from when until when.
PARAMS |= {"office", "reason", "since", "until"}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_code_of_the_house_has_words_in_both_languages(family: str) -> None:
    missing = [code for code in FAMILIES[family] if f"{family}.{code}" not in TEXTS]
    assert missing == []


@pytest.mark.parametrize("family", FAMILIES)
def test_no_words_are_kept_for_a_code_that_is_gone(family: str) -> None:
    extra = {"state.offered"}  # being offered is the presence of an offer, and has a word of its own
    known = {f"{family}.{code}" for code in FAMILIES[family]} | extra
    assert {key for key in TEXTS if key.startswith(f"{family}.")} <= known


def _codes(root: type[DomainError]) -> set[str]:
    own = {root.code} - {"domain_error"}
    return own.union(*(_codes(child) for child in root.__subclasses__()))


def test_every_error_code_has_a_status_and_words() -> None:
    codes = _codes(DomainError) | set(ConflictCode) | {key[6:] for key in TEXTS if key.startswith("error.")}
    assert {str(code) for code in codes} == set(errors.STATUS)
    for code in errors.STATUS:
        for locale in ("vi", "en"):
            assert errors.message_of(code, locale=locale, incident="1A2B3C4D")


def test_a_refusal_is_answered_like_an_acceptance() -> None:
    assert int(errors.REFUSAL_STATUS) == 200


def test_both_languages_ask_for_the_same_parameters() -> None:
    for key, words in TEXTS.items():
        asked = set(re.findall(r"{(\w+)}", words.vi))
        assert asked == set(re.findall(r"{(\w+)}", words.en)), key
        assert asked <= PARAMS, key


def test_every_sentence_tells_what_to_do_next() -> None:
    for key, words in TEXTS.items():
        if key.partition(".")[0] in {"error", "conflict", "refusal"}:
            sentences = [part for part in re.split(r"[.;]\s+", words.vi) if part]
            assert len(sentences) >= 2, f"{key} says what happened but not what to do"


def test_no_text_speaks_of_the_machine() -> None:
    for words in TEXTS.values():
        assert not re.search(r"traceback|sql|null|exception|http \d", f"{words.vi} {words.en}", re.IGNORECASE)


def test_a_missing_parameter_never_breaks_an_answer() -> None:
    assert "…" in text("problem.too_long", locale="vi")


def test_every_label_of_a_commitment_has_words_for_the_summary_of_a_bundle() -> None:
    labels = {SIGNED_BY, holds.PLACED, holds.LIFTED, corrections.LABEL, *IncidentStep}
    assert {key for key in TEXTS if key.startswith("commitment.")} == {f"commitment.{one}" for one in labels}
