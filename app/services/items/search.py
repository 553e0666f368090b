"""Finds consignments by code, pasted list of codes, register number, document number, agency, date or words.

Outside a person's scope the answer is neither yes nor no: a code that is not theirs is "not found" like one
that never was. A document number is compared by its blind index, among what the person may read.

    search(uow, untrusted, *, actor, now, tools) -> SearchResult
Fields: `q` (code, part of one, `12/2026`, or words of an agency's name without tone marks), `codes` (pasted
list), `document`, `agency` (unit code), `from` and `until` (days, both included), `state`, `secrecy`,
`queue`, `before`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from app.domain.access import Actor, Permission, may_read_sealed
from app.domain.consignment import State
from app.domain.errors import InvalidInput, ProblemCode
from app.domain.grades import Secrecy
from app.domain.ids import ConsignmentId, UnitId, parse_code
from app.domain.register import VIETNAM
from app.domain.text import search_key
from app.services.fields import Fields
from app.services.home import Queue, queue_search
from app.services.items.sealed_fields import document_candidates
from app.services.people.access import ConsignmentPage, list_consignments, name_rows
from app.services.people.permissions import require
from app.services.people.units import find_open_unit
from app.services.tools import Tools
from app.storage.repositories.consignment_queries import Search
from app.storage.uow import UnitOfWork

MOST_CODES = 500
SEARCH_FIELDS = frozenset(
    {"q", "codes", "document", "agency", "from", "until", "state", "secrecy", "queue", "before"}
)
T = TypeVar("T", State, Secrecy)
_PAGE = 50
_MOST_UNITS = 200
# Six digits and more without a year are part of a code: no agency registers a hundred thousand items a year.
_REGISTER = re.compile(r"(?P<number>[0-9]{1,7})/(?P<year>[0-9]{4})|(?P<bare>[0-9]{1,5})", re.ASCII)
_CODE_PART = re.compile(r"(?=.*[0-9])[A-Z0-9]{4,13}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What was found. `not_found` lists pasted codes without a result, in the order they were pasted."""

    page: ConsignmentPage
    not_found: tuple[str, ...]


def search(
    uow: UnitOfWork, untrusted: Mapping[str, str], *, actor: Actor, now: datetime, tools: Tools
) -> SearchResult:
    """Answer one search; raises InvalidInput naming each field that cannot be read."""
    require(actor, Permission.SEARCH)
    fields = Fields(untrusted=untrusted)
    fields.refuse_unknown(SEARCH_FIELDS)
    pasted = _read_codes(fields)
    asked = _narrow(uow, _begin(uow, fields, actor, now), fields)
    document = fields.line("document", longest=100)
    fields.raise_problems()
    if pasted:
        asked = replace(asked, codes=pasted, limit=MOST_CODES)
    if document:
        page = _find_document(uow, asked, document, actor=actor, now=now, tools=tools)
    else:
        page = list_consignments(uow, asked, actor=actor, now=now, tools=tools)
    found = {str(row.consignment.code) for row in page.rows}
    return SearchResult(page=page, not_found=tuple(text for text in pasted if text not in found))


def _begin(uow: UnitOfWork, fields: Fields, actor: Actor, now: datetime) -> Search:
    name = fields.untrusted.get("queue", "")
    if not name:
        return Search(limit=_PAGE)
    try:
        return queue_search(uow, Queue(name), actor, now=now, limit=_PAGE)
    except ValueError:
        fields.refuse("queue", ProblemCode.NOT_A_CHOICE)
        return Search(limit=_PAGE)


def _narrow(uow: UnitOfWork, asked: Search, fields: Fields) -> Search:
    asked = _narrow_by_words(uow, asked, fields.line("q", longest=100))
    agency = fields.line("agency", longest=16)
    if agency:
        unit = find_open_unit(uow, agency)
        if unit is None:
            fields.refuse("agency", ProblemCode.UNKNOWN_UNIT)
        asked = replace(asked, units=(unit or UnitId(0),))
    state, secrecy = _choice(fields, "state", State), _choice(fields, "secrecy", Secrecy)
    since, until = fields.day("from"), fields.day("until")
    before = fields.count("before", default=0)
    return replace(
        asked,
        states=(state,) if state is not None else asked.states,
        secrecy=secrecy,
        registered_from_at=_midnight(since),
        registered_until_at=_midnight(until + timedelta(days=1)) if until and until < date.max else None,
        before_id=ConsignmentId(before) if before else None,
    )


def _narrow_by_words(uow: UnitOfWork, asked: Search, words: str) -> Search:
    """Take what was typed for what it looks like: a code, a register number, part of a code, or a name."""
    if not words:
        return asked
    try:
        return replace(asked, codes=(parse_code(words),))
    except InvalidInput:
        compact = "".join(words.split()).upper()
    if match := _REGISTER.fullmatch(compact):
        year = int(match["year"]) if match["year"] else None
        return replace(asked, register_number=int(match["number"] or match["bare"]), register_year=year)
    if _CODE_PART.fullmatch(compact):
        return replace(asked, code_part=compact)
    units = uow.units.list(search_key=search_key(words), limit=_MOST_UNITS)
    return replace(asked, units=tuple(unit.id for unit in units))


def _read_codes(fields: Fields) -> tuple[str, ...]:
    """Return the pasted codes as they should read; what is no code stays as typed and is not found."""
    parts = re.split(r"[\s,;]+", fields.untrusted.get("codes", "").strip())
    texts = list(dict.fromkeys(part for part in parts if part))
    if len(texts) > MOST_CODES:
        fields.refuse("codes", ProblemCode.TOO_MANY, most=MOST_CODES)
    return tuple(_read_code(text) for text in texts[:MOST_CODES])


def _read_code(text: str) -> str:
    try:
        return parse_code(text)
    except InvalidInput:
        return text[:40]


def _find_document(
    uow: UnitOfWork, asked: Search, document: str, *, actor: Actor, now: datetime, tools: Tools
) -> ConsignmentPage:
    require(actor, Permission.READ_SEALED)
    candidates = document_candidates(document, tools.vault)
    page = list_consignments(uow, replace(asked, document_candidates=candidates), actor=actor, now=now)
    # A match would tell what is inside an item that is still on its way, so only readable ones are shown.
    rows = tuple(row for row in page.rows if may_read_sealed(row.consignment, actor))
    return name_rows(uow, rows, total=len(rows), limit=asked.limit, now=now)


def _choice(fields: Fields, name: str, kind: type[T]) -> T | None:
    text = fields.untrusted.get(name, "")
    try:
        return kind(text) if text else None
    except ValueError:
        fields.refuse(name, ProblemCode.NOT_A_CHOICE)
        return None


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), VIETNAM)
