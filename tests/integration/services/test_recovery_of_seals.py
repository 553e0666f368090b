"""Seals come back from the published log as stock: whose they are, which are gone, and none of them twice."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.access import Actor, Role
from app.domain.decision import Refusal
from app.domain.errors import InvalidInput, NotInTheLog, ProblemCode
from app.domain.ids import UserId
from app.services.bags import seals
from app.services.bags.seals import IssueSeals, VoidSeal
from app.services.log.published_log import PublishedLog
from app.services.log.publishing import publish
from app.services.recovery.recover import recover
from app.storage.engine import Engines
from app.storage.reader import Reader
from app.storage.refill import Refill
from app.storage.writer import Writer
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.signer import FileSigner
from tests.integration.services.test_recovery_of_bags import Ports
from tests.support.databases import Database, SteppingClock
from tests.support.gap import shown
from tests.support.post_town import OTHER_POST, PostTown
from tests.support.publishing import published_log
from tests.support.restored import dump, restore
from tests.support.town import POST, SENDING

ISSUED: dict[str, JsonValue] = {"actor": 1, "unit": POST, "first": "kt01", "last": "kt20", "count": 20}
VOIDED: dict[str, JsonValue] = {"actor": 1, "seal": "np-1001", "reason": "lost"}


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PostTown:
    """Settle a town with three post offices; the first has seals."""
    return PostTown(writer, clock, signer)


@pytest.fixture
def log(tmp_path: Path) -> PublishedLog:
    return published_log(tmp_path / "log")


@pytest.fixture
def recovering(town: PostTown, reader: Reader, engines: Engines, log: PublishedLog) -> Callable[[], int]:
    return lambda: recover(Ports(reader), Refill(engines.write), log=log, tools=town.tools)


def issue(town: PostTown, office: str, first: str, last: str) -> None:
    command = IssueSeals(untrusted_office=office, untrusted_first=first, untrusted_last=last)
    issuer = Actor(
        user=UserId(1), unit=town.units[SENDING], role=Role.ADMINISTRATOR, active=True, name_key=""
    )
    town.do(lambda uow: seals.issue(uow, command, actor=issuer, now=town.clock()))


def void(town: PostTown, name: str, seal: str, reason: str) -> None:
    command = VoidSeal(untrusted_seal=seal, untrusted_reason=reason)
    town.do(lambda uow: seals.void(uow, command, actor=town.people[name].actor, now=town.clock()))


def test_what_was_issued_voided_and_used_in_the_gap_is_so_again(
    town: PostTown,
    reader: Reader,
    database: Database,
    log: PublishedLog,
    recovering: Callable[[], int],
) -> None:
    old = dump(database)
    issue(town, POST, "KT 0001", "KT 0500")
    issue(town, OTHER_POST, "KT 0501", "KT 0600")
    void(town, "dung", "kt0007", "spoiled")
    void(town, "giang", "KT0600", "defective")
    void(town, "dung", "NP-1001", "lost")  # of a range that the backup has
    bag, _ = town.packed(1)
    assert town.close("dung", bag, seal="KT0001").status == "accepted"
    publish(Ports(reader), log, clock=town.clock)
    lost = dump(database)
    restore(database, old)
    assert recovering() > 0
    now, then = shown(dump(database)), shown(lost)
    assert len(now["seal_voids"]) == 3
    for table in then:
        assert now[table] == then[table], table


def test_no_number_of_the_gap_is_given_out_or_used_a_second_time(
    town: PostTown,
    reader: Reader,
    database: Database,
    log: PublishedLog,
    recovering: Callable[[], int],
) -> None:
    old = dump(database)
    issue(town, POST, "KT0001", "KT0500")
    void(town, "dung", "KT0007", "spoiled")
    bag, codes = town.packed(1)
    assert town.close("dung", bag, seal="KT0001").status == "accepted"
    publish(Ports(reader), log, clock=town.clock)
    restore(database, old)
    assert recovering() > 0
    with pytest.raises(InvalidInput) as caught:
        issue(town, OTHER_POST, "KT0500", "KT0600")
    assert caught.value.problems[0].code == ProblemCode.TAKEN
    for gone in ("KT0001", "KT0007"):
        with pytest.raises(InvalidInput) as caught:
            void(town, "dung", gone, "lost")
        assert caught.value.problems[0].code == ProblemCode.SEAL_GONE
    more = [str(code) for code in town.register(1)]
    assert more != codes
    town.post(more)
    assert town.pass_on("chien", "dung", more, place=POST).status == "accepted"
    other = town.start(asset="TUI-2")
    assert town.pack("dung", other, more).status == "accepted"
    for gone in ("KT0001", "KT0007"):
        answer = town.close("dung", other, seal=gone)
        assert [line.refusal for line in answer.lines] == [Refusal.SEAL_USED]
    assert town.close("dung", other, seal="KT0002").status == "accepted"


@pytest.mark.parametrize(
    ("kind", "facts", "why"),
    [
        (EntryKind.SEALS_ISSUED, ISSUED | {"unit": "24.P77"}, "is of the unit 24.P77"),
        (EntryKind.SEALS_ISSUED, ISSUED | {"count": 21}, "counts another number of seals"),
        (EntryKind.SEALS_ISSUED, ISSUED | {"first": "np-1001", "last": "np-1020"}, "taken"),
        (EntryKind.SEAL_VOIDED, VOIDED | {"seal": "kt01"}, "is of a seal that the database does not know"),
        (EntryKind.SEAL_VOIDED, VOIDED | {"reason": "eaten"}, "eaten"),
    ],
)
def test_an_entry_that_does_not_fit_the_stock_stops_the_recovery_and_is_named(
    town: PostTown,
    reader: Reader,
    database: Database,
    log: PublishedLog,
    recovering: Callable[[], int],
    kind: EntryKind,
    facts: dict[str, JsonValue],
    why: str,
) -> None:
    old = dump(database)
    index = reader.read(lambda uow: uow.audit.head().size)
    town.do(lambda uow: uow.audit.append(EntryDraft(kind=kind, facts=facts)))
    publish(Ports(reader), log, clock=town.clock)
    restore(database, old)
    with pytest.raises(NotInTheLog, match=rf"entry {index} .*{why}"):
        recovering()
    assert dump(database) == old


def test_a_number_that_is_voided_twice_stops_the_recovery(
    town: PostTown,
    reader: Reader,
    database: Database,
    log: PublishedLog,
    recovering: Callable[[], int],
) -> None:
    old = dump(database)
    void(town, "dung", "NP-1001", "lost")
    town.do(lambda uow: uow.audit.append(EntryDraft(kind=EntryKind.SEAL_VOIDED, facts=VOIDED)))
    publish(Ports(reader), log, clock=town.clock)
    restore(database, old)
    with pytest.raises(NotInTheLog, match="used or voided before"):
        recovering()
    # All of one bundle or nothing.
    assert dump(database) == old
