"""Shifts come back from the published log: opened, counted in parts, unbalanced, closed, opened again."""

import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.access import Role
from app.services.log import custody_check
from app.services.log.publishing import publish
from app.services.recovery.recover import recover
from app.storage.engine import Engines
from app.storage.reader import Reader
from app.storage.refill import Refill
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.evidence import EntryMode
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from tests.integration.services.test_recovery_of_bags import Ports
from tests.support.databases import Database, SteppingClock
from tests.support.gap import shown
from tests.support.publishing import published_log
from tests.support.restored import dump, restore
from tests.support.shift_town import ShiftTown, hire
from tests.support.town import POST

SHIFT_KINDS = {
    EntryKind.SHIFT_OPENED,
    EntryKind.SHIFT_COUNTED,
    EntryKind.SHIFT_CLOSED,
    EntryKind.CODE_KEYED_IN,
}


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town with a second clerk at the first office."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    return town


def keep_shifts(town: ShiftTown) -> None:
    """Let one shift fail to balance, be counted again in parts and closed; open the next and count it."""
    codes = town.in_hand(3)
    shift = town.open_shift()
    town.count("dung", shift, codes[:2])
    town.count("dung", shift, codes[:2], last=False)
    town.count("dung", shift, codes[2:], part=2)
    town.countersign("dung", shift, nonce="1" * 32)
    type_in(town, codes[0])
    following = town.open_shift()
    town.count("dung", following, [*codes, "ZK999999999VN"])


def type_in(town: ShiftTown, code: str) -> None:
    """Key a code in before a second reader, offer it by it, and fail to use the same reading twice."""
    nonce = "2" * 32
    town.attest("dung", "hoa", nonce=nonce, subject=code)
    town.send("dung", town.key_in("dung", code, witness="hoa", nonce=nonce, form="PK-0001"))
    offer = town.offer("dung", [code], to=POST)
    typed = replace(offer, lines=(replace(offer.lines[0], entry=EntryMode.TYPED),))
    assert town.send("dung", typed).status == "accepted"
    town.send("dung", town.recall("dung", offer.nonce, [code]))
    again = replace(typed, scan=str(uuid.uuid4()), nonce="3" * 32)
    assert town.send("dung", again).lines[0].refusal == "key_in_missing"


def test_shifts_come_back_as_they_were(
    town: ShiftTown, reader: Reader, engines: Engines, database: Database, tmp_path: Path
) -> None:
    published, ports = published_log(tmp_path / "log"), Ports(reader)
    old = dump(database)
    keep_shifts(town)
    publish(ports, published, clock=town.clock)
    lost = dump(database)
    restore(database, old)
    assert recover(ports, Refill(engines.write), log=published, tools=town.tools) > 0
    now, then = shown(dump(database)), shown(lost)
    for table in then:
        assert now[table] == then[table], table
    kinds = {parse_entry(data).kind for data in reader.read(lambda uow: list(uow.audit.stream()))}
    assert kinds >= SHIFT_KINDS
    assert ports.read(custody_check.compare_custody).first is None
