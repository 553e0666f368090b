"""Reads the usual statement of a device in one look at its bytes, for the verifier that has millions to read.

Canonical JSON has one spelling, so a pattern over the bytes can ask for everything that the strict parser in
`audit/evidence.py` asks for: what matches is canonical, complete and in its form. What does not match is not
wrong, it is only unusual (or wrong), and belongs to the strict parser, which alone may refuse and say why.
It must never accept a byte the strict parser refuses: a property test holds one against the other.
"""

import re
from typing import NamedTuple

from audit.acts import FORMS
from audit.evidence import FORMAT, MAX_EVIDENCE_BYTES, MAX_LINES, parse_evidence
from audit.fields import FIRST_YEAR, LAST_YEAR
from audit.statements import (
    Act,
    AttemptAction,
    AttemptReason,
    EntryMode,
    Evidence,
    EvidenceKind,
    Line,
    Purpose,
    Take,
    TakeReason,
    Verdict,
)
from crypto import timestamps
from crypto.errors import MalformedEncoding


class Glance(NamedTuple):
    """What the verifier holds against the entry and against other entries."""

    kind: EvidenceKind
    actor: int
    device: str
    log: str
    nonce: str
    scan: str
    codes: list[str]
    # What the statement is about where that is no item, else "".
    about: str = ""
    # Who handed in at a counter, where nothing was offered before; else 0.
    giver: int = 0


def glance(untrusted_payload: bytes) -> Glance:
    """Read a statement; raises MalformedEvidence like the strict parser."""
    return _look(untrusted_payload) or _of(parse_evidence(untrusted_payload))


def _look(payload: bytes) -> Glance | None:
    """Return what an undoubtedly good statement says, None for every other."""
    if len(payload) > MAX_EVIDENCE_BYTES or not payload.isascii():
        return None
    found = _STATEMENT.fullmatch(payload.decode())
    if found is None:
        return None
    actor, at, device, kind, lines, log, nonce, scan = found.group(*_NAMES)
    codes = _CODE_OF_LINE.findall(lines)
    if not len(set(codes)) == len(codes) <= MAX_LINES:
        return None
    try:
        year = timestamps.parse_at(at).year
    except MalformedEncoding:
        return None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return Glance(_KINDS[kind], int(actor), device, log, nonce, scan, codes)


def _of(evidence: Evidence) -> Glance:
    """Return what a parsed statement says; an act is about its subject first, and then about its lines."""
    lines: tuple[Line, ...] = evidence.lines
    subject, about = [], ""
    if isinstance(evidence, Act):
        if FORMS[evidence.kind].about:
            about = evidence.subject
        else:
            subject = [evidence.subject]
    return Glance(
        evidence.kind,
        evidence.actor,
        evidence.device,
        evidence.log,
        evidence.nonce,
        evidence.scan,
        subject + [line.code for line in lines],
        about,
        evidence.giver.user if isinstance(evidence, Take) and evidence.giver is not None else 0,
    )


def _one_of(codes: type[EntryMode | Purpose | TakeReason | AttemptReason | AttemptAction]) -> str:
    return "(?:" + "|".join(codes) + ")"


# Printable ASCII without the two characters JSON must escape; numbers short enough to be surely in range.
_CHARACTER = r"[ !#-\[\]-~]"
_VISIBLE = r"[!#-\[\]-~]"
_NUMBER = r"[1-9][0-9]{0,14}"
_HEAD = rf'"code":"{_CHARACTER}{{1,64}}","entry":"{_one_of(EntryMode)}"'
_PLAIN_LINE = rf"\{{{_HEAD}\}}"
_SEAL = rf'"seal":"{_CHARACTER}{{0,32}}"'
_TAKE_LINE = (
    rf'\{{{_HEAD},(?:"reason":"",{_SEAL},"verdict":"{Verdict.ACCEPT}"'
    rf'|"reason":"{_one_of(TakeReason)}",{_SEAL},"verdict":"{Verdict.REFUSE}")\}}'
)
# Fields in the order of their names, with what only some kinds have.
_STATEMENT = re.compile(
    rf'\{{(?:"action":"(?P<action>{_one_of(AttemptAction)})",)?"actor":(?P<actor>{_NUMBER})'
    r',"at":"(?P<at>[^"]{24})"'
    rf',"device":"(?P<device>[0-9a-f]{{16}})","format":"{FORMAT}","kind":"(?P<kind>'
    rf'(?P<offer>offer)|(?P<take>take)|(?P<recall>recall)|(?P<attempt>attempt))"'
    rf',"lines":\[(?P<lines>(?(take){_TAKE_LINE}(?:,{_TAKE_LINE})*|{_PLAIN_LINE}(?:,{_PLAIN_LINE})*))\]'
    rf',"log":"(?P<log>{_VISIBLE}{{1,200}})","nonce":"(?P<nonce>[0-9a-f]{{32}})","place":"{_VISIBLE}{{1,32}}"'
    rf'(?(offer),"purpose":"{_one_of(Purpose)}")'
    # `action` and `reason` stand in an attempt, and nowhere else.
    rf'(?(attempt)(?(action),"reason":"{_one_of(AttemptReason)}"|(?!))|(?(action)(?!)))'
    r',"scan":"(?P<scan>[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"'
    rf',"seq":{_NUMBER}(?(offer),"to":\{{"unit":"{_VISIBLE}{{1,32}}","user":(?:null|{_NUMBER})\}})\}}'
)
_CODE_OF_LINE = re.compile(r'\{"code":"([^"]*)"')
_NAMES = ("actor", "at", "device", "kind", "lines", "log", "nonce", "scan")
_KINDS = {kind.value: kind for kind in EvidenceKind}
