"""The one table from a stable English code to words a clerk would write, Vietnamese first, then English.

Keys are `family.code`, for example `refusal.wrong_custodian`. Nothing below presentation knows these words,
and no text here may carry a name, a code or a number that its parameters did not bring.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.http import (
    texts_access_keys,
    texts_errors,
    texts_incidents,
    texts_legs,
    texts_musters,
    texts_policies,
    texts_pouches,
    texts_problems,
    texts_refusals,
    texts_sections,
    texts_shifts,
    texts_unattended,
    texts_words,
)

LOCALES: Final = ("vi", "en")
DEFAULT_LOCALE: Final = "vi"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One sentence or word in both languages."""

    vi: str
    en: str


TEXTS: Final[Mapping[str, Text]] = {
    f"{family}.{code}": Text(vi=vi, en=en)
    for family, table in {
        **texts_errors.TABLES,
        **texts_problems.TABLES,
        **texts_refusals.TABLES,
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
    }.items()
    for code, (vi, en) in table.items()
}


class _Given(dict[str, object]):
    """Parameters of a sentence; one that is missing shows as an ellipsis instead of breaking the answer."""

    def __missing__(self, key: str) -> str:
        return "…"


def text(key: str, *, locale: str = DEFAULT_LOCALE, **params: object) -> str:
    """Return the words for a key; raises KeyError for a key without words, which a house test rules out."""
    found = TEXTS[key]
    sentence = found.en if locale == "en" else found.vi
    return sentence.format_map(_Given(params)) if params or "{" in sentence else sentence


def has_text(key: str) -> bool:
    """Tell whether a key has words."""
    return key in TEXTS
