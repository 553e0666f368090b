"""Closed lists as options of a form: units, roles, reasons. It offers nothing that a service would refuse."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from flask import Flask

from app.http.i18n import words
from app.http.person import Person
from app.http.ports import runtime
from app.services.people import units
from audit.evidence import KeyInReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One line of a list to choose from."""

    value: str
    label: str


def unit_options(person: Person) -> list[Option]:
    """List the open units by code and name, which the page lets people find without tone marks."""
    found = runtime().read(units.list_units, actor=person.actor)
    return [Option(value=unit.code, label=f"{unit.name} · {unit.code}") for unit in found if unit.active]


def install(app: Flask) -> None:
    """Let the panel for a typed code offer its reasons at every station: no page may open it without them."""
    app.jinja_env.globals.update(key_in_reasons=lambda: code_options(KeyInReason, "key_in_reason"))


def code_options(codes: Iterable[StrEnum], family: str) -> list[Option]:
    """List the codes of an enum with their words."""
    return [Option(value=code.value, label=words(f"{family}.{code.value}")) for code in codes]
