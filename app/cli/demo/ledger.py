"""What the story says happened, held at the end against the entries of the exported log.

Each step that ought to leave an entry is told here as it is played. Nothing told may be missing in the log,
and no refusal and no incident may stand in the log that the story did not tell. It must never look at
anything but the log: what a page said was checked when it was read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.cli.demo.browser import UnexpectedAnswer
from audit.bundle import MAGIC, split_entries
from audit.entry import Entry, parse_entry
from audit.kinds import EntryKind
from crypto.canonical import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry that the story expects.

    `index` is None where the page that did it names none: the next entry that fits is then meant. `codes` are
    items and bags that the entry is about; `facts` are facts that it states, among others. `control` names
    the control that the step shows, "" for what is only on the way.
    """

    kind: EntryKind
    what: str
    index: int | None = None
    refusal: str = ""
    codes: tuple[str, ...] = ()
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    control: str = ""

    def fits(self, entry: Entry) -> bool:
        """Tell whether the entry says what this step says."""
        return (
            entry.kind is self.kind
            and {item.code for item in entry.items}.issuperset(self.codes)
            and all(entry.facts.get(name) == said for name, said in self.facts.items())
            and refusals_of(entry) == ({self.refusal} if self.refusal else set())
        )


class Ledger:
    """The steps in the order in which they were played."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.incidents = 0

    def tell(self, step: Step) -> None:
        """Expect one more entry."""
        self.steps.append(step)

    def find_all(self, entries: Sequence[Entry]) -> tuple[tuple[Step, int], ...]:
        """Return each step with the index of its entry; raises UnexpectedAnswer for the first difference."""
        found, last = [], -1
        for step in self.steps:
            last = _find(step, entries, after=last)
            found.append((step, last))
        told = {index for _, index in found}
        for entry in entries:
            untold = refusals_of(entry) and entry.index not in told
            if untold:
                raise UnexpectedAnswer(f"entry {entry.index} ({entry.kind}) is a refusal nobody told of")
        opened = sum(len(incidents_of(entry)) for entry in entries)
        if opened != self.incidents:
            raise UnexpectedAnswer(f"the log opens {opened} incidents, the story {self.incidents}")
        return tuple(found)


def _find(step: Step, entries: Sequence[Entry], *, after: int) -> int:
    here = entries[after + 1 :] if step.index is None else entries[step.index : step.index + 1]
    for entry in here:
        if step.fits(entry) and entry.index > after:
            return entry.index
    where = f"after entry {after}" if step.index is None else f"at entry {step.index}"
    raise UnexpectedAnswer(f"the log does not say {where}: {step.kind} {step.refusal} ({step.what})")


def refusals_of(entry: Entry) -> set[str]:
    """Return why an entry, or a line of it, was refused; a line that somebody turned down was not."""
    whole = entry.facts.get("refusal")
    return {item.refusal for item in entry.items if item.refusal} | ({str(whole)} if whole else set())


def incidents_of(entry: Entry) -> tuple[str, ...]:
    """Return the numbers of the incidents that an entry opens."""
    if entry.kind is EntryKind.INCIDENT_OPENED:
        return (str(entry.facts["incident"]),)
    raised = entry.facts.get("incidents")
    rows = raised if isinstance(raised, list) else []
    return tuple(str(row["incident"]) for row in rows if isinstance(row, dict))


def read_entries(bundle: Path) -> tuple[Entry, ...]:
    """Read the entries of an exported log; they are verified by the auditor's own program."""
    data = bundle.read_bytes()
    header, _, block = data.removeprefix(MAGIC).partition(b"\n")
    if not header or not data.startswith(MAGIC):
        raise UnexpectedAnswer(f"{bundle} is not an exported log")
    return tuple(parse_entry(stored) for stored in split_entries(block))
