"""The forms of acts: which facts each kind of act states, and what it may say about each line.

One form for all of them, so that a new act is one row of the table below: a subject, a witness or none, facts
of a closed list, lines with a mark. Whether an act is allowed is never decided here. Format:
docs/formats/evidence.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from audit import fields
from audit.errors import MalformedEvidence
from audit.statements import (
    Act,
    ActLine,
    EntryMode,
    EvidenceKind,
    KeyInReason,
    LegMark,
    Mark,
    SealReason,
    SealState,
)
from crypto.canonical import JsonValue

# A seal that is there: evidence elsewhere may leave a seal out, an act that is about one may not.
_SEAL = re.compile(r"[!-~](?:[ -~]{0,30}[!-~])?")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PLATE = re.compile(r"[A-Z0-9][A-Z0-9.\-]{3,15}")
_COUNT = "count"
_FLAG = re.compile(r"yes|no")
# Numbers of the paper forms that are filled in while no device works; "" where there was none.
_FORM_NUMBER = re.compile(r"(?:[!-~](?:[ -~]{0,30}[!-~])?)?")
_NO_MARK = frozenset({""})

FactForm = re.Pattern[str] | str


def _one_of(codes: type[SealReason | SealState | KeyInReason]) -> re.Pattern[str]:
    return re.compile("|".join(codes))


@dataclass(frozen=True, slots=True, kw_only=True)
class ActForm:
    """What an act of one kind says: its facts, the marks of its lines, how many lines.

    `about` is "" where the subject is an item or a bag. Any other subject has no chain in the log; the entry
    then states it as the fact of this name. `may_state` are facts that older programs leave out.
    """

    facts: Mapping[str, FactForm]
    marks: frozenset[str] = _NO_MARK
    least_lines: int = 0
    most_lines: int = 0
    about: str = ""
    may_state: Mapping[str, FactForm] = field(default_factory=dict)


_LIST: Final = ActForm(facts={}, least_lines=1, most_lines=200)
FORMS: Final[Mapping[EvidenceKind, ActForm]] = {
    EvidenceKind.PACK: _LIST,
    EvidenceKind.UNPACK: _LIST,
    # `contents` is the SHA-256 of the packed codes, sorted, each with a line feed: what the closer has seen.
    EvidenceKind.CLOSE: ActForm(
        facts={"seal": _SEAL, "weight_g": _COUNT, "contents": _DIGEST, "pieces": _COUNT, "last": _FLAG}
    ),
    EvidenceKind.OPEN: ActForm(facts={"seal": _SEAL, "weight_g": _COUNT, "found": _one_of(SealState)}),
    # `manifest` is the digest of the frozen list that the lines answer: the receiver signs for it too.
    EvidenceKind.ANSWER: ActForm(
        facts={}, marks=frozenset(Mark), least_lines=1, most_lines=200, may_state={"manifest": _DIGEST}
    ),
    EvidenceKind.CHECK_SEAL: ActForm(facts={"seal": _SEAL}),
    EvidenceKind.CHANGE_SEAL: ActForm(
        facts={
            "old_seal": _SEAL,
            "new_seal": _SEAL,
            "old_weight_g": _COUNT,
            "weight_g": _COUNT,
            "reason": _one_of(SealReason),
            "inner_intact": _FLAG,
        }
    ),
    # Whoever has nothing in hand counts nothing; more than one statement holds comes in parts.
    EvidenceKind.COUNT: ActForm(facts={"part": _COUNT, "last": _FLAG}, most_lines=200, about="shift"),
    # Everything aboard is read as it is loaded; at the end only what nobody took over.
    EvidenceKind.DEPART: ActForm(facts={"vehicle": _PLATE}, least_lines=1, most_lines=200, about="leg"),
    EvidenceKind.ARRIVE: ActForm(facts={}, marks=frozenset(LegMark), most_lines=200, about="leg"),
    # `again` is the code as it was read the second time, the first hidden.
    EvidenceKind.KEY_IN: ActForm(
        facts={"reason": _one_of(KeyInReason), "again": fields.CODE, "form": _FORM_NUMBER}
    ),
}
NAMES: Final = frozenset({"subject", "entry", "witness", "facts"})
LINE_NAMES: Final = frozenset({"code", "entry", "mark"})


def check_act(act: Act) -> None:
    """Hold a statement against the form of its kind; raises MalformedEvidence that names field and line."""
    form = FORMS[act.kind]
    if act.facts.keys() - form.may_state.keys() != form.facts.keys():
        raise MalformedEvidence("facts", reason=f"must state {', '.join(form.facts) or 'nothing'}")
    forms = {**form.facts, **form.may_state}
    for name, said in act.facts.items():
        _check_fact(name, said, forms[name])
    if act.kind is EvidenceKind.KEY_IN and act.entry is not EntryMode.TYPED:
        raise MalformedEvidence("entry", reason="what is keyed in was typed")
    if not form.least_lines <= len(act.lines) <= form.most_lines:
        raise MalformedEvidence("lines", reason=f"must be {form.least_lines} to {form.most_lines}")
    for number, line in enumerate(act.lines, 1):
        if line.mark not in form.marks:
            raise MalformedEvidence("mark", number, "unknown code")
        if line.code == act.subject:
            raise MalformedEvidence("code", number, "the subject is no line of itself")


def _check_fact(name: str, value: int | str, wanted: FactForm) -> None:
    if isinstance(wanted, str):
        if not isinstance(value, int) or value < 1:
            raise MalformedEvidence(name, reason="must be an integer of at least 1")
    elif not isinstance(value, str) or wanted.fullmatch(value) is None:
        raise MalformedEvidence(name)


def read_facts(value: fields.JsonObject) -> dict[str, int | str]:
    """Return the facts of an act: texts and integers, nothing deeper."""
    found: dict[str, int | str] = {}
    for name, fact in fields.as_object(value["facts"], "facts").items():
        if isinstance(fact, bool) or not isinstance(fact, int | str):
            raise MalformedEvidence(name, reason="must be a text or an integer")
        found[name] = fact
    return found


def read_witness(value: fields.JsonObject) -> int | None:
    """Return the user id of the second person, or None."""
    return None if value["witness"] is None else fields.count(value, "witness")


def act_value(act: Act) -> dict[str, JsonValue]:
    """Return what an act says beyond every statement's fields."""
    facts: dict[str, JsonValue] = dict(act.facts)
    return {"subject": act.subject, "entry": act.entry, "witness": act.witness, "facts": facts}


def line_value(line: ActLine) -> dict[str, JsonValue]:
    """Return one line of an act."""
    return {"code": line.code, "entry": line.entry, "mark": line.mark}
