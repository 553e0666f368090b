"""Close and reopen the section of the first office of a town, as its clerks do at their desk."""

from datetime import datetime, timedelta
from functools import partial

from app.domain.section import Closing
from app.services.people import access_keys
from app.services.people.access_keys import RegisterAccessKey
from app.services.shifts import section_pages, sections
from app.services.shifts.section_pages import SectionPage
from app.services.shifts.sections import CloseSection, ReopenSection
from audit.entry import Entry, parse_entry
from audit.kinds import EntryKind
from crypto.timestamps import format_at
from tests.support.databases import SteppingClock
from tests.support.shift_town import ShiftTown

SEAL = "np-0031"


def forward(town: ShiftTown, by: timedelta) -> datetime:
    """Let time pass."""
    assert isinstance(town.clock, SteppingClock)
    town.clock.now += by
    return town.clock.now


def safe(town: ShiftTown, by: str = "dung", **changes: str) -> str:
    """Register the safe of the office and return its number as a form writes it."""
    form = {"name": "Két sắt kho KT1", "kind": "combination", "seal": ""} | changes
    command = RegisterAccessKey(untrusted=form)
    actor = town.people[by].actor
    key = town.do(lambda uow: access_keys.register(uow, command, actor=actor, now=town.clock()))
    return str(key.id)


def close(town: ShiftTown, by: str = "dung", *, hours: float = 2, **changes: str) -> Closing:
    """Close the section of somebody's office, for so many hours."""
    expected = format_at(town.clock() + timedelta(hours=hours))
    form = {"reason": "errand", "note": "", "expected": expected, "instead": "", "access_key": "", "seal": ""}
    command = CloseSection(untrusted=form | changes)
    actor = town.people[by].actor
    return town.do(lambda uow: sections.close_section(uow, command, actor=actor, now=town.clock()))


def lock_away(town: ShiftTown, by: str = "dung", *, hours: float = 2, **changes: str) -> Closing:
    """Close with what is left in hand in the safe, under a seal."""
    return close(town, by, hours=hours, **({"access_key": safe(town, by), "seal": SEAL} | changes))


def reopen(town: ShiftTown, closing: Closing, by: str = "dung", *, seal: str = "") -> Closing:
    """Reopen a section."""
    command = ReopenSection(untrusted_closing=closing.code, untrusted_seal=seal)
    return town.use(sections.reopen_section, command, by=by)


def raise_late(town: ShiftTown) -> int:
    """Run what the installation's command runs."""
    call = partial(sections.raise_sections, tools=town.tools)
    return town.do(lambda uow: call(uow, now=town.clock()))


def page(town: ShiftTown, closing: Closing, by: str = "dung") -> SectionPage:
    """Open a closing's page."""
    actor = town.people[by].actor
    return town.do(lambda uow: section_pages.get_section(uow, closing.code, actor=actor, now=town.clock()))


def entries(town: ShiftTown, kind: EntryKind) -> list[Entry]:
    """Return the entries of a kind."""
    found = [parse_entry(data) for data in town.do(lambda uow: list(uow.audit.stream()))]
    return [entry for entry in found if entry.kind is kind]
