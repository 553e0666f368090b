"""What a put-back entry says, read strictly, and the list of what it does not say and is lost.

An entry bound to a signed checkpoint was written by this program, but perhaps by an older one: a fact that is
not there is no accident to guess about, it stops the recovery and is named.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from app.domain.consignment import Consignment
from app.domain.errors import NotInTheLog
from app.domain.ids import ConsignmentCode, UserId
from app.services.tools import Tools
from app.storage.records import Unit, User
from app.storage.uow import UnitOfWork
from audit.entry import Entry, EntryDraft
from crypto.timestamps import parse_at

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What an entry did not give back: of which thing (`person 17`), and which of its values."""

    entry: int
    of: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The installation's tools, and whom to tell what is lost."""

    tools: Tools
    lose: Callable[[Lost], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One entry's facts; each reader raises NotInTheLog where the fact is missing or of another form."""

    entry: Entry

    def text(self, name: str) -> str:
        """Return a text."""
        return self._of(name, str)

    def number(self, name: str) -> int:
        """Return an integer."""
        return self._of(name, int)

    def flag(self, name: str) -> bool:
        """Return yes or no."""
        return self._of(name, bool)

    def moment(self, name: str) -> datetime | None:
        """Return a time, None where none was given."""
        return parse_at(self.text(name)) if name in self.entry.facts else None

    def actor(self) -> UserId:
        """Return whose act it was."""
        return UserId(self.number("actor"))

    def code(self) -> ConsignmentCode:
        """Return the one item that it names."""
        if len(self.entry.items) != 1:
            raise NotInTheLog(f"entry {self.entry.index} ({self.entry.kind}) does not name one item")
        return ConsignmentCode(self.entry.items[0].code)

    def differs(self, why: str) -> NotInTheLog:
        """Return the error that says why this entry cannot be done again."""
        return NotInTheLog(f"entry {self.entry.index} ({self.entry.kind}) {why}")

    def _of(self, name: str, kind: type[T]) -> T:
        value = self.entry.facts.get(name)
        if type(value) is not kind:
            raise self.differs(f"does not state {name}, which only the lost database held")
        return value


def draft_of(entry: Entry) -> EntryDraft:
    """Return the draft that stands for a stored entry until its bytes take its place."""
    return EntryDraft(
        kind=entry.kind,
        facts=entry.facts,
        items=entry.items,
        commitments=entry.commitments,
        envelopes=entry.envelopes,
    )


def get_person(uow: UnitOfWork, said: Said, user: UserId) -> User:
    """Return somebody whom an entry names; raises NotInTheLog."""
    person = uow.users.find(user)
    if person is None:
        raise said.differs("is of a person whom the database does not know")
    return person


def get_unit(uow: UnitOfWork, said: Said, code: str) -> Unit:
    """Return a unit that an entry names; raises NotInTheLog."""
    unit = uow.units.find_by_code(code)
    if unit is None:
        raise said.differs(f"is of the unit {code}, which the database does not know")
    return unit


def lock_item(uow: UnitOfWork, said: Said) -> Consignment:
    """Lock the item that an entry names; raises NotInTheLog."""
    item = uow.consignments.lock(said.code())
    if item is None:
        raise said.differs("is of an item that the database does not know")
    return item
