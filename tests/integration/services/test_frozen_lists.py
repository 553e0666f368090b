"""What somebody has in hand is listed as it stands at the entry that says so, while other processes scan."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from app.domain.access import Role
from app.domain.shift import Shift
from app.services.shifts import shifts
from app.storage.engine import Engines
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.evidence import sign_evidence
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.shift_town import ShiftTown, hire
from tests.support.town import POST, accept

CLERKS = ("hoa", "uyen", "vy", "yen")


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town with clerks who never had a shift."""
    town = ShiftTown(writer, clock, signer)
    for name in CLERKS:
        hire(town, name, Role.CLERK)
    return town


@pytest.fixture
def other(engines: Engines, signer: FileSigner, clock: SteppingClock) -> Iterator[Writer]:
    """Write as a second process of the installation would."""
    writer = Writer(engines.write, signer, clock)
    yield writer
    writer.stop()


def list_opening(shift: Shift, uow: UnitOfWork) -> frozenset[str]:
    return uow.shifts.list_lines(shift.id, "opening")


def open_by(town: ShiftTown, name: str, by: Writer) -> Shift:
    actor = town.people[name].actor
    return by.submit(lambda uow: shifts.open_shift(uow, actor=actor, now=town.clock(), tools=town.tools))


def test_a_shift_opens_with_what_is_in_hand_at_its_place_in_the_log(town: ShiftTown, other: Writer) -> None:
    for name in CLERKS:
        codes = [str(code) for code in town.register(3)]
        town.post(codes)
        offer = town.offer("chien", codes, to=POST, place=POST)
        town.send("chien", offer)
        take = sign_evidence(
            town.take(name, offer.nonce, accept(codes), place=POST), town.people[name].device
        )
        with ThreadPoolExecutor(2) as pool:
            taken = pool.submit(town.hand_in, name, take)
            opened = pool.submit(open_by, town, name, other)
            outcome, shift = taken.result(), opened.result()
        opening = town.do(partial(list_opening, shift))
        rows = town.do(lambda uow: [parse_entry(row.data) for row in uow.audit.list_latest(limit=10)])
        [index] = [
            one.index
            for one in rows
            if one.kind is EntryKind.SHIFT_OPENED and one.facts["shift"] == shift.code
        ]
        assert opening == (set(codes) if outcome.entry.index < index else set())
