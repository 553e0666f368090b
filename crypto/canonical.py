"""Canonical JSON: the restricted RFC 8785 profile in which everything we sign is written.

The profile leaves out all that makes canonicalisation hard: no floats, integers within ±(2^53-1), ASCII keys
only, text in NFC and free of lone surrogates. Inside it the standard library writes exactly what RFC 8785
asks for (a property test compares with `rfc8785`). It must never repair: whatever differs by one byte is
refused.
"""

import json
import json.encoder
import unicodedata
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

from crypto.errors import NotCanonical

JsonValue: TypeAlias = dict[str, "JsonValue"] | list["JsonValue"] | str | int | bool | None

MAX_INTEGER = 2**53 - 1
_MAX_DIGITS = 16


def _refuse_number(_text: str) -> NoReturn:
    raise NotCanonical("numbers must be integers")


def _parse_integer(text: str) -> int:
    if len(text) > _MAX_DIGITS + 1:
        raise NotCanonical("integer outside ±(2^53-1)")
    number = int(text)
    if not -MAX_INTEGER <= number <= MAX_INTEGER:
        raise NotCanonical("integer outside ±(2^53-1)")
    return number


# Built once: json.dumps and json.loads would build a new coder at every call when given options.
_DECODER = json.JSONDecoder(
    parse_float=_refuse_number, parse_constant=_refuse_number, parse_int=_parse_integer
)
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False)


def _build_writer() -> Callable[[JsonValue], str]:
    # JSONEncoder.encode builds CPython's C encoder anew for every document, which is half of its time on
    # entries of our size. Where the C encoder exists it is built once with the same options.
    module: Any = json.encoder
    if getattr(module, "c_make_encoder", None) is None:
        return _ENCODER.encode
    write = module.c_make_encoder(
        None, _ENCODER.default, module.encode_basestring, None, ":", ",", True, False, False
    )
    return lambda value: "".join(write(value, 0))


_write = _build_writer()


def encode(value: JsonValue) -> bytes:
    """Return the one canonical form of `value` (RFC 8785 section 3.2); raises NotCanonical."""
    try:
        _check_types(value)
        text = _write(value)
        if not text.isascii() and not unicodedata.is_normalized("NFC", text):
            # An escaped control character before a combining mark looks denormalised only in the
            # encoded text, so the verdict belongs to the strings themselves.
            _check_texts(value)
        return text.encode()
    except UnicodeEncodeError:
        raise NotCanonical("text holds a lone surrogate") from None
    except RecursionError:
        raise NotCanonical("nested too deeply") from None


def parse(untrusted: bytes) -> JsonValue:
    """Read bytes that must already be canonical; anything else, down to one byte, raises NotCanonical.

    Writing the value again and comparing refuses, at once: duplicate keys, white space, wrong key order,
    escapes that need not be, `-0`, leading zeros and a byte order mark.
    """
    try:
        text = untrusted.decode()
        # Unlike decode(), raw_decode() accepts no white space before the value.
        value: JsonValue
        value, end = _DECODER.raw_decode(text)
        if end != len(text) or _write(value) != text:
            raise NotCanonical(_difference(text))
        if not text.isascii():
            _check_types(value)
            _check_texts(value)
    except UnicodeError:
        raise NotCanonical("not UTF-8, or text holds a lone surrogate") from None
    except RecursionError:
        raise NotCanonical("nested too deeply") from None
    except ValueError as error:
        raise NotCanonical(f"not JSON: {error}") from None
    return value


def _check_types(value: JsonValue) -> None:
    # Nearly everything here is plain text, so what is exactly that is left out at once.
    waiting: list[object] = [value]
    for item in waiting:
        if isinstance(item, dict):
            try:
                ascii_keys = "".join(item).isascii()
            except TypeError:
                ascii_keys = False
            if not ascii_keys:
                raise NotCanonical("keys must be ASCII text")
            waiting += [inner for inner in item.values() if type(inner) is not str]
        elif isinstance(item, list):
            waiting += [inner for inner in item if type(inner) is not str]
        elif isinstance(item, int):
            if not -MAX_INTEGER <= item <= MAX_INTEGER:
                raise NotCanonical("integer outside ±(2^53-1)")
        elif item is not None and not isinstance(item, str):
            raise NotCanonical(f"{type(item).__name__} has no canonical form here")


def _check_texts(value: JsonValue) -> None:
    waiting: list[object] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if not item.isascii() and not unicodedata.is_normalized("NFC", item):
                raise NotCanonical("text is not in NFC")
        elif isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _difference(text: str) -> str:
    """Say why a text is not canonical; only reached on the way to a refusal."""
    repeated: list[str] = []

    def pairs(found: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in found]
        repeated.extend(sorted({name for name in names if names.count(name) > 1}))
        return dict(found)

    json.JSONDecoder(object_pairs_hook=pairs).raw_decode(text)
    if repeated:
        return f"duplicate key {repeated[0]!r}"
    return "bytes differ from their canonical form"
