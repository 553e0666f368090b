"""The stage of the played days: who is there, what time it is, and how each step is told and kept.

A step is printed as it happens and expected in the log; a step that ends otherwise than the story says ends
the demo. Scenes: :mod:`app.cli.demo.scenes`. It must never look behind the server's pages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from app.cli.console import say
from app.cli.demo.browser import UnexpectedAnswer
from app.cli.demo.cast import CAST
from app.cli.demo.clock import HANOI, StoryClock
from app.cli.demo.items import Item
from app.cli.demo.ledger import Ledger, Step
from app.cli.demo.person import Person, ScanAnswer
from audit.kinds import EntryKind
from crypto.canonical import JsonValue

ReadSlip = Callable[[str, str, str], str]
"""Reads a printed slip as a scanner does: whose print (user name), the item, the kind; gives its symbol."""
_WHERE = {part.username: part for part in CAST}


@dataclass(slots=True, kw_only=True)
class Day:
    """What the scenes share. `codes` names the items of the story; `seals` are read off their envelopes."""

    people: Mapping[str, Person]
    clock: StoryClock
    read_slip: ReadSlip
    ledger: Ledger = field(default_factory=Ledger)
    items: dict[str, Item] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    seals: dict[str, str] = field(default_factory=dict)
    bag: str = ""
    shifts: dict[str, str] = field(default_factory=dict)
    legs: dict[str, str] = field(default_factory=dict)

    def named(self, *names: str) -> list[str]:
        """Return the codes of the story's items by their names."""
        return [self.codes[name] for name in names]

    def scene(self, title: str, *, day: int = 0, at: str = "") -> None:
        """Begin a scene at its hour."""
        if at:
            self.clock.set(day=day or 1, at=at)
        now = self.clock.now().astimezone(HANOI)
        say(f"\n── Ngày {self.clock.day} ({now:%d/%m/%Y}), {now:%H:%M} · {title}")

    def note(self, text: str) -> None:
        """Say something that is no step."""
        say(f"         {text}")

    def done(
        self, person: Person, what: str, answer: ScanAnswer, *, control: str = "", **facts: JsonValue
    ) -> None:
        """Tell a signed statement that was accepted whole, and what its entry states."""
        if answer.refusals:
            self.wrong(f"{person.title} {what}: {dict(answer.refusals)}")
        self.ledger.tell(
            Step(
                kind=answer.kind,
                what=f"{person.title} {what}",
                index=answer.entry,
                codes=answer.codes,
                facts=facts,
                control=control,
            )
        )
        self._say(person, f"{what}  #{answer.entry}")

    def refused(
        self, person: Person, refusal: str, answer: ScanAnswer, *, what: str, control: str = ""
    ) -> None:
        """Tell a signed statement that the rules refuse, in the words of the screen; it is logged too."""
        if set(answer.refusals.values()) != {refusal}:
            self.wrong(f"expected {refusal}, got {dict(answer.refusals)} ({answer.status})")
        self.ledger.tell(
            Step(
                kind=answer.kind,
                what=f"{person.title} {what}",
                index=answer.entry,
                refusal=refusal,
                control=control,
            )
        )
        self._say(person, f"{what}: TỪ CHỐI  #{answer.entry}")
        self.note(f"       màn hình: “{answer.text}”")

    def paper(
        self,
        person: Person,
        what: str,
        kind: EntryKind,
        *,
        code: str = "",
        control: str = "",
        **facts: JsonValue,
    ) -> None:
        """Tell what a page did; its entry is looked for in the log at the end."""
        codes = (code,) if code else ()
        self.ledger.tell(
            Step(kind=kind, what=f"{person.title} {what}", codes=codes, facts=facts, control=control)
        )
        self._say(person, what)

    def shown(self, person: Person, what: str, text: str = "") -> None:
        """Tell what a page answered that leaves no entry."""
        self._say(person, what)
        if text:
            self.note(f"       màn hình: “{text}”")

    def incident(self) -> None:
        """Expect one more incident in the log."""
        self.ledger.incidents += 1

    def wrong(self, what: str) -> NoReturn:
        """End the demo: something went otherwise than the story says."""
        raise UnexpectedAnswer(f"the story went wrong: {what}")

    def _say(self, person: Person, what: str) -> None:
        unit = _WHERE[person.username].unit.partition("-")[2]
        say(f"  {self.clock.local():%H:%M}  {person.title} ({unit}): {what}")
        self.clock.pass_a_minute()
