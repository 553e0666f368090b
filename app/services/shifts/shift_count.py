"""Take a blind count of what a person has in hand, hold it against what must be there, raise the difference.

The answer to a count says of each code only whether it is one of ours, never whether it was expected: that is
shown when the whole count is recorded. Codes counted in earlier parts are not counted twice. Rules:
:mod:`app.domain.shift`.
"""

from collections.abc import Collection

from app.domain import shift as rules
from app.domain.decision import Refusal
from app.domain.incident import MOST_ITEMS, IncidentKind
from app.domain.shift import Balance, Shift, ShiftStep
from app.services.bags.bag_things import lock_thing
from app.services.incidents.incidents import Found, Raised, ScanInHand, bind, raise_in_scan
from app.services.scans.act_scan import ActScan, Done
from app.services.shifts.in_hand import freeze_in_hand
from app.storage.group import PendingEntry
from app.storage.uow import UnitOfWork
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.timestamps import format_at


def count(uow: UnitOfWork, scan: ActScan) -> Done:
    """Record one part of a count; with the last part, what is missing and what nobody expected."""
    shift = uow.shifts.lock(scan.act.subject)
    part = int(scan.act.facts["part"])
    refusal = rules.find_count_refusal(shift, scan.actor, scan.place, part=part)
    if refusal is not None or shift is None:
        return _refused(scan, refusal or Refusal.NOT_A_SHIFT)
    answers = tuple(answers_of(uow, scan))
    counted = {read.code for read in scan.lines if not read.forged and read.code not in scan.lacking}
    shift = rules.begin_part(shift, part=part)
    known = uow.shifts.list_lines(shift.id, "counted", number=shift.counts) if part > 1 else frozenset()
    uow.shifts.add_lines(shift, "counted", counted - known, number=shift.counts)
    facts: dict[str, JsonValue] = {"shift": shift.code, "count": shift.counts, "part": part}
    raised = Raised(facts={})
    if scan.act.facts["last"] == "yes":
        result = weigh(uow, shift, counted | known)
        raised = _raise(uow, scan, shift, result)
        shift = rules.finish_count(shift, result)
        facts |= {
            "expected": len(result.expected),
            "counted": len(result.counted),
            "missing": shift.missing,
            "unexpected": shift.unexpected,
            "explained": len(result.explained - result.counted),
            "counted_at": format_at(scan.now),
            **raised.facts,
        }
    uow.shifts.save(shift)
    recorded = shift

    def finish(entry: PendingEntry) -> None:
        uow.shifts.bind(recorded, ShiftStep.COUNTED, entry, number=recorded.counts)
        bind(uow, raised, entry)

    return Done(kind=EntryKind.SHIFT_COUNTED, subject="", lines=answers, facts=facts, finish=finish)


def weigh(uow: UnitOfWork, shift: Shift, counted: Collection[str]) -> Balance:
    """Hold a whole count against what must be there at this moment, and keep both lists."""
    expected = freeze_in_hand(uow, shift.user)
    explained = uow.shifts.list_explained(expected - frozenset(counted), since=shift.opened_at)
    result = rules.balance(opening=(), held=(), expected=expected, counted=counted, explained=explained)
    for name, codes in (
        ("expected", expected),
        ("explained", explained),
        ("differing", result.missing | result.unexpected),
    ):
        uow.shifts.add_lines(shift, name, codes, number=shift.counts)
    return result


def answers_of(uow: UnitOfWork, scan: ActScan) -> list[str]:
    """Tell of each line whether its code is of ours, and nothing more: the count is blind."""
    answers = []
    for read in scan.lines:
        known = Refusal.KEY_IN_MISSING if read.code in scan.lacking else ""
        unknown = known if lock_thing(uow, read) is not None else Refusal.UNKNOWN_CODE
        answers.append(read.forgery if read.forged else unknown)
    return answers


def _raise(uow: UnitOfWork, scan: ActScan, shift: Shift, result: Balance) -> Raised:
    """Open incidents for what no earlier count of this shift has raised."""
    differing = result.missing | result.unexpected
    before = uow.shifts.list_differences(shift.id, below=shift.counts)
    found = found_differing(differing - before)
    # Numbers of lines are those of the entry, in which a count's subject is no line.
    lines = tuple(read.code for read in scan.lines)
    in_hand = ScanInHand(scan=scan.act.scan, place=scan.place, lines=lines)
    return raise_in_scan(uow, found, scan=in_hand, actor=scan.actor, now=scan.now, tools=scan.tools)


def found_differing(codes: Collection[str]) -> list[Found]:
    """Word what a count or a muster found wrong, as many incidents as it takes."""
    ordered = sorted(codes)
    return [
        Found(kind=IncidentKind.COUNT_DIFFERS, codes=tuple(ordered[at : at + MOST_ITEMS]))
        for at in range(0, len(ordered), MOST_ITEMS)
    ]


def _refused(scan: ActScan, code: Refusal) -> Done:
    """Refuse a count as a whole; its subject is no line of the entry, so a fact says why."""
    return Done(
        kind=EntryKind.SHIFT_COUNTED,
        subject=code,
        lines=tuple(code for _ in scan.lines),
        facts={"shift": scan.act.subject, "refusal": code.value},
    )
