"""Turns the untrusted fields of a registration into the domain's Registration: form, API and import alike.

Field names (all text; missing means empty): `recipient_unit` (unit code), `receiver_name`, `named_only`,
`secrecy` (none|A|B|C), `express`, `appointed` (Hẹn giờ chosen), `appointed_at` (`dd/mm/yyyy hh:mm`,
`yyyy-mm-ddThh:mm` in Vietnam time, or with offset), `document_numbers` (separated by `;`), `document_date`,
`document_type`, `abstract`, `pieces`, `weight_g`, `inner_envelope`, `outer_envelope`, `sealed`, `seal`.

Never looks into the database: whoever calls brings `find_unit`. Never stops at the first problem.
"""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime

from app.domain.consignment import Attestations, Registration
from app.domain.errors import InvalidInput, Problem, ProblemCode
from app.domain.grades import Grade
from app.domain.ids import UnitId
from app.domain.registration import registration_problems
from app.domain.seal import FIELD as SEAL_FIELD
from app.domain.seal import parse_seal
from app.services.fields import Fields

FORM_FIELDS = frozenset(
    {
        "recipient_unit",
        "receiver_name",
        "named_only",
        "secrecy",
        "express",
        "appointed",
        "appointed_at",
        "document_numbers",
        "document_date",
        "document_type",
        "abstract",
        "pieces",
        "weight_g",
        "inner_envelope",
        "outer_envelope",
        "sealed",
        "seal",
    }
)
LONGEST_NAME = 120
LONGEST_NUMBERS = 400
LONGEST_ABSTRACT = 500
LONGEST_TYPE = 60
MOST_NUMBERS = 20

FindUnit = Callable[[str], UnitId | None]


def parse_registration(
    untrusted: Mapping[str, str], *, find_unit: FindUnit, sender_unit: UnitId, now: datetime
) -> Registration:
    """Read and judge one form. Raises InvalidInput with every problem, each naming its field."""
    registration, problems = read_registration(
        untrusted, find_unit=find_unit, sender_unit=sender_unit, now=now
    )
    if problems:
        raise InvalidInput.all_of(problems)
    return registration


def read_registration(
    untrusted: Mapping[str, str], *, find_unit: FindUnit, sender_unit: UnitId, now: datetime
) -> tuple[Registration, tuple[Problem, ...]]:
    """Read one form and list its problems; the registration is only good when there are none."""
    fields = Fields(untrusted=untrusted)
    fields.refuse_unknown(FORM_FIELDS)
    registration = Registration(
        recipient_unit=_read_unit(fields, find_unit),
        receiver_name=fields.line("receiver_name", longest=LONGEST_NAME),
        named_only=fields.flag("named_only"),
        grade=_read_grade(fields),
        document_numbers=_read_numbers(fields),
        document_date=fields.day("document_date"),
        document_type=fields.line("document_type", longest=LONGEST_TYPE),
        abstract=fields.line("abstract", longest=LONGEST_ABSTRACT),
        pieces=fields.count("pieces", default=1),
        weight_g=fields.count("weight_g"),
        attestations=Attestations(
            inner_envelope=fields.flag("inner_envelope"),
            outer_envelope=fields.flag("outer_envelope"),
            sealed=fields.flag("sealed"),
        ),
        seal=_read_seal(fields),
    )
    named = {problem.field for problem in fields.problems}
    judged = registration_problems(registration, sender_unit=sender_unit, now=now)
    # A field that could not be read must not be blamed twice for the value put in its place.
    return registration, (*fields.problems, *(problem for problem in judged if problem.field not in named))


def split_numbers(text: str) -> tuple[str, ...]:
    """Return the single document numbers of a field, in order, without repetitions."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


def document_key(number: str) -> str:
    """Return what two people writing the same document number agree on: no blanks, no case."""
    return "".join(unicodedata.normalize("NFC", number).casefold().split())


def _read_unit(fields: Fields, find_unit: FindUnit) -> UnitId:
    code = fields.line("recipient_unit", longest=16, required=True)
    unit = find_unit(code) if code else None
    if unit is not None:
        return unit
    if code and code.isascii() and code.isdigit() and find_unit(code.zfill(5)) is not None:
        fields.refuse("recipient_unit", ProblemCode.LEADING_ZEROS_LOST, expected=code.zfill(5))
    elif code:
        fields.refuse("recipient_unit", ProblemCode.UNKNOWN_UNIT)
    return UnitId(0)


def _read_seal(fields: Fields) -> str:
    try:
        return parse_seal(fields.untrusted.get(SEAL_FIELD, ""))
    except InvalidInput as error:
        fields.problems.extend(error.problems)
        return ""


def _read_grade(fields: Fields) -> Grade:
    appointed_at = fields.moment("appointed_at")
    refused = any(problem.field == "appointed_at" for problem in fields.problems)
    if fields.flag("appointed") and appointed_at is None and not refused:
        fields.refuse("appointed_at", ProblemCode.APPOINTED_TIME_REQUIRED)
    return Grade(secrecy=fields.secrecy("secrecy"), express=fields.flag("express"), appointed_at=appointed_at)


def _read_numbers(fields: Fields) -> str:
    numbers = split_numbers(fields.line("document_numbers", longest=LONGEST_NUMBERS))
    if len(numbers) > MOST_NUMBERS:
        fields.refuse("document_numbers", ProblemCode.TOO_MANY, most=MOST_NUMBERS)
    return "; ".join(numbers)
