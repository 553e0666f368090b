"""Bags come back from the published log with what was packed, closed, carried, opened and answered."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from app.services.bags import bag_tags
from app.services.bags.bag_tags import PrintTag
from app.services.log import custody_check, log
from app.services.log.publishing import publish
from app.services.recovery.recover import recover
from app.storage.engine import Engines
from app.storage.reader import Reader
from app.storage.refill import Refill
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.evidence import EvidenceKind, Mark
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from tests.support.databases import Database, SteppingClock
from tests.support.gap import shown
from tests.support.post_town import PostTown, plain
from tests.support.publishing import published_log
from tests.support.restored import dump, restore

T = TypeVar("T")
BAG_KINDS = {
    EntryKind.BAG_STARTED,
    EntryKind.BAG_PACKED,
    EntryKind.BAG_UNPACKED,
    EntryKind.BAG_CLOSED,
    EntryKind.BAG_OPENED,
    EntryKind.BAG_ANSWERED,
    EntryKind.SEAL_CHECKED,
    EntryKind.SEAL_CHANGED,
}


class Ports:
    """Reading as the server does it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self, use_case: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run a use case that only reads."""
        return self._reader.read(lambda uow: use_case(uow, *args, **kwargs))


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PostTown:
    """Settle a town with three post offices."""
    return PostTown(writer, clock, signer)


def print_tag(town: PostTown, bag: str, reason: str) -> None:
    """Print the tag of a bag of the first office's clerk."""
    command, actor = PrintTag(code=bag, untrusted_reason=reason), town.people["dung"].actor
    town.do(lambda uow: bag_tags.print_tag(uow, command, actor=actor, now=town.clock(), tools=town.tools))


def carry(town: PostTown) -> None:
    """Let one bag go the whole way, and leave another one open with something in it."""
    bag, codes = town.arrived(3)
    checked = town.act("giang", EvidenceKind.CHECK_SEAL, bag, facts={"seal": "NP-1001"})
    assert town.send("giang", checked).status == "accepted"
    assert town.open_bag("giang", bag, witness="khanh").status == "accepted"
    marks = {codes[0]: Mark.RECEIVED, codes[1]: Mark.RECEIVED}
    assert town.answer("giang", bag, marks).status == "accepted"
    more = [str(code) for code in town.register(2)]
    town.post(more)
    assert town.pass_on("chien", "dung", more, place="24.P01").status == "accepted"
    other = town.start(asset="TUI-2")
    for reason in ("", "Thẻ rách"):
        print_tag(town, other, reason)
    assert town.pack("dung", other, more).status == "accepted"
    taken_out = town.act("dung", EvidenceKind.UNPACK, other, lines=plain(more[:1]))
    assert town.send("dung", taken_out).status == "accepted"
    assert town.close("dung", other, seal="NP-1").status == "accepted"
    facts: dict[str, int | str] = {
        "old_seal": "NP-1",
        "new_seal": "NP-2",
        "old_weight_g": 1500,
        "weight_g": 1510,
        "reason": "inspection",
        "inner_intact": "yes",
    }
    changed = town.act("dung", EvidenceKind.CHANGE_SEAL, other, facts=facts, witness="chien")
    town.attest("dung", "chien", nonce=changed.nonce, subject=other)
    assert town.send("dung", changed).status == "accepted"


def test_bags_come_back_as_they_were(
    town: PostTown, reader: Reader, engines: Engines, database: Database, tmp_path: Path
) -> None:
    published, ports = published_log(tmp_path / "log"), Ports(reader)
    old = dump(database)
    carry(town)
    publish(ports, published, clock=town.clock)
    lost = dump(database)
    restore(database, old)
    assert recover(ports, Refill(engines.write), log=published, tools=town.tools) > 0
    now, then = shown(dump(database)), shown(lost)
    for table in then:
        assert now[table] == then[table], table
    assert ports.read(custody_check.compare_custody).first is None
    kinds = {parse_entry(data).kind for data in reader.read(lambda uow: list(uow.audit.stream()))}
    assert kinds >= BAG_KINDS
    fresh = town.start(asset="TUI-3")
    assert fresh not in {row["code"] for row in lost["bags"]}
    report = ports.read(log.verify_log, jobs=1, tools=town.tools, now=town.clock())
    assert report.first_bad is None
