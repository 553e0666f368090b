"""Seals are stock: issued by range, used once by the office that has them, voided with a reason, counted."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.domain.access import Actor, Role
from app.domain.decision import Refusal
from app.domain.errors import InvalidInput, NotPermitted, ProblemCode
from app.domain.ids import UserId
from app.services.bags import seals
from app.services.bags.seals import IssueSeals, Stock, VoidSeal
from app.services.scans.scan_outcome import ScanOutcome
from app.storage.engine import Engines
from app.storage.reader import Reader
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import OTHER_POST, PostTown
from tests.support.town import POST, SENDING


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PostTown:
    """Settle a town with three post offices; the first has seals."""
    return PostTown(writer, clock, signer)


@pytest.fixture
def issuer(town: PostTown) -> Actor:
    """Return whoever may issue seals."""
    return Actor(user=UserId(1), unit=town.units[SENDING], role=Role.ADMINISTRATOR, active=True, name_key="")


def issue(town: PostTown, issuer: Actor, office: str, first: str, last: str) -> None:
    command = IssueSeals(untrusted_office=office, untrusted_first=first, untrusted_last=last)
    town.do(lambda uow: seals.issue(uow, command, actor=issuer, now=town.clock()))


def void(town: PostTown, name: str, seal: str, reason: str = "spoiled") -> None:
    command = VoidSeal(untrusted_seal=seal, untrusted_reason=reason)
    town.do(lambda uow: seals.void(uow, command, actor=town.people[name].actor, now=town.clock()))


def stock(reader: Reader, actor: Actor) -> Stock:
    return reader.read(lambda uow: seals.list_stock(uow, actor=actor))


def test_the_balance_tells_what_must_still_be_in_the_drawer(
    town: PostTown, issuer: Actor, reader: Reader
) -> None:
    issue(town, issuer, OTHER_POST, "TS 00001", "ts00100")
    bag, _ = town.packed(1)
    town.close("dung", bag, seal="NP-1001")
    void(town, "dung", "NP-1002")
    ours = stock(reader, town.people["dung"].actor).issues
    assert [(one.range.count, one.used, one.voided, one.left) for one in ours] == [
        (10_000, 1, 1, 9_998),
        (100, 0, 0, 100),
        (10, 0, 0, 10),
    ]
    theirs = stock(reader, town.people["giang"].actor).issues
    assert [(one.range.first, one.range.last, one.left) for one in theirs] == [(1, 100, 100)]


def test_control_3_a_seal_of_another_office_is_refused(town: PostTown, issuer: Actor) -> None:
    issue(town, issuer, OTHER_POST, "TS00001", "TS00100")
    bag, _ = town.packed(1)
    outcome = town.close("dung", bag, seal="TS00007")
    assert [line.refusal for line in outcome.lines] == [Refusal.SEAL_OF_ANOTHER_OFFICE]


@pytest.mark.parametrize("seal", ["XX0001", "NP-00001", "NP-", "NPA"])
def test_a_seal_that_was_issued_to_nobody_is_refused(town: PostTown, seal: str) -> None:
    bag, _ = town.packed(1)
    assert [line.refusal for line in town.close("dung", bag, seal=seal).lines] == [Refusal.SEAL_NOT_ISSUED]


def test_a_voided_seal_is_never_used(town: PostTown) -> None:
    void(town, "dung", "np - 1001", "lost")
    bag, _ = town.packed(1)
    outcome = town.close("dung", bag, seal="NP-1001")
    assert [line.refusal for line in outcome.lines] == [Refusal.SEAL_USED]


def test_a_used_seal_is_not_voided_and_a_voided_one_not_twice(town: PostTown) -> None:
    bag, _ = town.packed(1)
    town.close("dung", bag, seal="NP-1001")
    void(town, "dung", "NP-1002")
    for seal in ("NP-1001", "NP-1002"):
        with pytest.raises(InvalidInput) as caught:
            void(town, "dung", seal)
        assert caught.value.problems[0].code == ProblemCode.SEAL_GONE


def test_a_number_is_not_used_by_one_process_and_voided_by_another_at_once(
    town: PostTown, engines: Engines, signer: FileSigner, clock: SteppingClock
) -> None:
    bag, _ = town.packed(1)
    command = VoidSeal(untrusted_seal="NP-1001", untrusted_reason="lost")
    actor, other = town.people["dung"].actor, Writer(engines.write, signer, clock)
    is_voided, is_closed = threading.Event(), threading.Event()

    def void_slowly(uow: UnitOfWork) -> None:
        seals.void(uow, command, actor=actor, now=town.clock())
        is_voided.set()
        is_closed.wait(0.3)

    def close() -> ScanOutcome:
        is_voided.wait()
        outcome = town.close("dung", bag, seal="NP-1001")
        is_closed.set()
        return outcome

    try:
        with ThreadPoolExecutor(2) as pool:
            voiding, closing = pool.submit(other.submit, void_slowly), pool.submit(close)
            voiding.result()
            assert [line.refusal for line in closing.result().lines] == [Refusal.SEAL_USED]
    finally:
        other.stop()


def test_only_the_office_that_has_a_seal_voids_it(town: PostTown) -> None:
    with pytest.raises(InvalidInput) as caught:
        void(town, "giang", "NP-1001")
    assert caught.value.problems[0].code == ProblemCode.NOT_IN_STOCK
    with pytest.raises(NotPermitted):
        void(town, "chien", "NP-1001")


def test_ranges_never_overlap(town: PostTown, issuer: Actor) -> None:
    issue(town, issuer, OTHER_POST, "TS0001", "TS0100")
    for first, last in (("TS0100", "TS0200"), ("TS0050", "TS0060"), ("ts 0001", "ts 0100")):
        with pytest.raises(InvalidInput) as caught:
            issue(town, issuer, POST, first, last)
        assert caught.value.problems[0].code == ProblemCode.TAKEN
    # The same digits behind other letters, or written with another width, are other seals.
    issue(town, issuer, POST, "TX0001", "TX0100")
    issue(town, issuer, POST, "TS00001", "TS00100")


@pytest.mark.parametrize(
    ("first", "last", "field", "code"),
    [
        ("", "NP-2", "first", ProblemCode.REQUIRED),
        ("ABC", "NP-2", "first", ProblemCode.NO_DIGITS),
        ("NQ-1", "NQ-A", "last", ProblemCode.NO_DIGITS),
        ("NQ-9", "NQ-10", "last", ProblemCode.NOT_A_RANGE),
        ("NQ-09", "NQ-01", "last", ProblemCode.NOT_A_RANGE),
        ("NQ-1", "NR-2", "last", ProblemCode.NOT_A_RANGE),
        ("NQ-000000", "NQ-999999", "last", ProblemCode.TOO_MANY),
    ],
)
def test_a_range_that_is_none_is_refused(
    town: PostTown, issuer: Actor, first: str, last: str, field: str, code: ProblemCode
) -> None:
    with pytest.raises(InvalidInput) as caught:
        issue(town, issuer, POST, first, last)
    assert (caught.value.problems[0].field, caught.value.problems[0].code) == (field, code)


def test_seals_go_to_post_offices_only(town: PostTown, issuer: Actor) -> None:
    with pytest.raises(InvalidInput):
        issue(town, issuer, SENDING, "NQ-1", "NQ-2")
    with pytest.raises(NotPermitted):
        issue(town, town.people["dung"].actor, POST, "NQ-1", "NQ-2")


def test_issues_and_voids_are_entries_of_the_log(town: PostTown, issuer: Actor, reader: Reader) -> None:
    issue(town, issuer, OTHER_POST, "TS1", "TS5")
    void(town, "giang", "TS3", "defective")
    last = reader.read(lambda uow: list(uow.audit.stream()))[-2:]
    assert b'"kind":"seals_issued"' in last[0]
    assert b'"first":"ts1"' in last[0]
    assert b'"kind":"seal_voided"' in last[1]
    assert b'"seal":"ts3"' in last[1]
