"""Read JSON bodies strictly: one reading for everybody, so that no two programs can see two meanings.

Duplicate keys, NaN and text that is not UTF-8 are refused. What comes out is plain data, not yet
believed; nothing here may look at what it means.
"""

import json
from collections.abc import Iterable
from typing import Final, NoReturn, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from app.domain.errors import InvalidInput, Problem, ProblemCode

Model = TypeVar("Model", bound=BaseModel)


class MalformedJson(Exception):  # noqa: N818  # named after what it says
    """The body is not JSON with one meaning."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedJson
    return found


def _refuse_constant(_text: str) -> NoReturn:
    raise MalformedJson


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)


_NUL: Final = "\\u0000"


def read_json() -> object:
    """Read this request's body; raises MalformedJson, and UnsupportedMediaType for another content type."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    untrusted_body = request.get_data(cache=False)
    try:
        text = untrusted_body.decode("utf-8")
        value: object = _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise MalformedJson from None
    if _NUL in text and _holds_nul(value):
        # PostgreSQL takes no text with one; a JSON text can hold it in this way alone.
        raise InvalidInput("body", ProblemCode.CONTROL_CHARACTER)
    return value


def _holds_nul(value: object) -> bool:
    """Tell whether any text in there has a NUL: the escape alone may also be a backslash and five letters."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(_holds_nul, value))


def read_model(model: type[Model]) -> Model:
    """Read this request's body as one of the small shapes; raises InvalidInput naming every wrong field."""
    return validate(model, read_json())


def validate(model: type[Model], untrusted: object) -> Model:
    """Check plain data against a shape; raises InvalidInput naming every wrong field."""
    try:
        return model.model_validate(untrusted)
    except ValidationError as error:
        raise InvalidInput.all_of(problems_of(error)) from None


_CODES: Final = {
    "missing": ProblemCode.REQUIRED,
    "extra_forbidden": ProblemCode.UNKNOWN_FIELD,
    "string_too_long": ProblemCode.TOO_LONG,
    "string_too_short": ProblemCode.REQUIRED,
    "too_long": ProblemCode.TOO_MANY,
    "too_short": ProblemCode.REQUIRED,
    "int_type": ProblemCode.NOT_A_NUMBER,
    "int_from_float": ProblemCode.NOT_A_NUMBER,
    "literal_error": ProblemCode.NOT_A_CHOICE,
}
_LONGEST_FIELD: Final = 64


def problems_of(error: ValidationError) -> Iterable[Problem]:
    """Say pydantic's findings in our words; values are never echoed."""
    for found in error.errors(include_url=False, include_input=False, include_context=True):
        code = _CODES.get(found["type"], ProblemCode.MALFORMED)
        context = found.get("ctx", {})
        params = {
            ours: int(context[theirs])
            for ours, theirs in _PARAMS.get(code, {}).items()
            if isinstance(context.get(theirs), int)
        }
        path = ".".join(str(part) for part in found["loc"]) or "body"
        name = "".join(letter for letter in path if letter.isprintable())[:_LONGEST_FIELD]
        yield Problem(field=name or "body", code=code, params=params)


_PARAMS: Final = {
    ProblemCode.TOO_LONG: {"longest": "max_length"},
    ProblemCode.TOO_MANY: {"most": "max_length"},
}
