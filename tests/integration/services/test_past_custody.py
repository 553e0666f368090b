"""Who answered for a thing at any time and what anybody held then, against a replay made at that time."""

from collections.abc import Mapping
from datetime import datetime

import pytest

from app.domain.access import Actor, Role
from app.domain.consignment import State
from app.domain.errors import InvalidInput, NotFound, ProblemCode
from app.domain.held import Custody
from app.domain.ids import UnitId, UserId
from app.services.items import past_custody
from app.services.items.past_custody import CustodyAt, HoldingsAt
from app.services.log import custody_check
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.evidence import EvidenceKind, Mark, Purpose
from crypto.signer import FileSigner
from crypto.timestamps import format_at
from tests.support.databases import SteppingClock
from tests.support.post_town import HUB, OTHER_POST, PostTown, plain
from tests.support.town import POST, RECEIVING, accept

AUDITOR = "auditor"
Moment = tuple[datetime, dict[str, Custody]]


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PostTown:
    """Settle a town with three post offices."""
    return PostTown(writer, clock, signer)


class Asked:
    """Ask about the past of a town, as one of its people."""

    def __init__(self, town: PostTown, reader: Reader) -> None:
        self._town, self._reader = town, reader

    def _actor(self, name: str) -> Actor:
        if name != AUDITOR:
            return self._town.people[name].actor
        return Actor(user=UserId(0), unit=UnitId(0), role=Role.AUDITOR, active=True, name_key="")

    def now(self) -> Moment:
        """Return the time of the last entry and what the log says at this moment."""
        replayed = dict(self._reader.read(custody_check.list_replayed))
        size = self._reader.read(lambda uow: uow.audit.head().size)
        last = self._reader.read(lambda uow: uow.audit.find(size - 1))
        assert last is not None
        return last.at, replayed

    def custodian(self, code: str, at: datetime | str, *, by: str) -> CustodyAt:
        """Ask who answered for a thing."""
        text = at if isinstance(at, str) else format_at(at)
        town = self._town
        return self._reader.read(
            lambda uow: past_custody.find_custodian_at(
                uow, code, untrusted_at=text, actor=self._actor(by), now=town.clock(), tools=town.tools
            )
        )

    def holdings(self, holder: str, value: str, at: datetime | None, *, by: str) -> HoldingsAt:
        """Ask what somebody held."""
        town = self._town
        form = {"holder": holder, "value": value, "at": "" if at is None else format_at(at)}
        return self._reader.read(
            lambda uow: past_custody.list_holdings_at(uow, form, actor=self._actor(by), now=town.clock())
        )


@pytest.fixture
def asked(town: PostTown, reader: Reader) -> Asked:
    """Read the town's past."""
    return Asked(town, reader)


def answering(state: Mapping[str, Custody], code: str) -> int:
    """Say who answers in a replay: whoever has the outermost bag."""
    custody = state[code]
    return answering(state, custody.inside) if custody.inside else custody.user


def play(town: PostTown, asked: Asked) -> list[Moment]:
    """Play the life of some items and bags: a bag in a bag, one item missing, one delivered, one returned."""
    moments = [asked.now()]
    codes = [str(code) for code in town.register(4)]
    moments.append(asked.now())
    town.post(codes)
    moments.append(asked.now())
    town.pass_on("chien", "dung", codes, place=POST)
    moments.append(asked.now())
    inner, outer = town.start(), town.start(to=HUB, asset="TUI-002")
    town.pack("dung", inner, codes[:3])
    moments.append(asked.now())
    town.send("dung", town.act("dung", EvidenceKind.UNPACK, inner, lines=plain(codes[2:3])))
    moments.append(asked.now())
    town.close("dung", inner, seal="NP-2001")
    town.pack("dung", outer, [inner])
    town.close("dung", outer, seal="NP-2002")
    moments.append(asked.now())
    town.hand_bag("dung", "duc", outer, place=POST, seal="NP-2002")
    moments.append(asked.now())
    town.hand_bag("duc", "son", outer, place=HUB, seal="NP-2002")
    town.open_bag("son", outer, witness="khanh", seal="NP-2002")
    moments.append(asked.now())
    town.answer("son", outer, {inner: Mark.RECEIVED})
    moments.append(asked.now())
    town.hand_bag("son", "khanh", inner, place=HUB, seal="NP-2001")
    moments.append(asked.now())
    town.hand_bag("khanh", "giang", inner, place=OTHER_POST, seal="NP-2001")
    town.open_bag("giang", inner, witness="khanh", seal="NP-2001")
    town.answer("giang", inner, {codes[0]: Mark.RECEIVED, codes[1]: Mark.MISSING})
    moments.append(asked.now())
    town.pass_on("dung", "chien", codes[2:3], place=POST)
    moments.append(asked.now())
    offer = town.offer("chien", codes[2:3], to=RECEIVING, place=RECEIVING, purpose=Purpose.DELIVERY)
    town.send("chien", offer)
    town.send("binh", town.take("binh", offer.nonce, accept(codes[2:3]), place=RECEIVING))
    moments.append(asked.now())
    return moments


def test_the_custodian_at_any_time_is_the_one_a_replay_at_that_time_names(
    town: PostTown, asked: Asked
) -> None:
    moments = play(town, asked)
    codes = sorted(moments[-1][1])
    assert moments[-1][1][codes[0]].state in set(State)
    for at, state in moments:
        for code in codes:
            found = asked.custodian(code, at, by=AUDITOR)
            expected = answering(state, code) if code in state else None
            assert (None if found.custodian is None else found.custodian.user) == expected
            assert found.inferred == (code in state and bool(state[code].inside))
            assert found.is_proven == (expected is not None)


def test_holdings_at_any_time_sum_up_to_the_items_that_were_not_final(town: PostTown, asked: Asked) -> None:
    for at, state in play(town, asked):
        found: dict[str, int] = {}
        for name, member in town.people.items():
            for thing in asked.holdings("user", name, at, by=AUDITOR).things:
                assert thing.code not in found
                assert thing.custodian.user == member.actor.user
                found[thing.code] = member.actor.user
        expected = {
            code: answering(state, code)
            for code, custody in state.items()
            if not custody.state.is_final and custody.state != "emptied"
        }
        assert found == expected


def test_a_unit_held_what_its_people_held(town: PostTown, asked: Asked) -> None:
    for at, _ in play(town, asked):
        for unit in town.units:
            held = {thing.code for thing in asked.holdings("unit", unit, at, by=AUDITOR).things}
            people = {
                thing.code
                for name, member in town.people.items()
                if member.unit == unit
                for thing in asked.holdings("user", name, at, by=AUDITOR).things
            }
            assert held == people


def test_a_bag_held_what_was_packed_and_not_yet_taken_out(town: PostTown, asked: Asked) -> None:
    moments = play(town, asked)
    bags = [code for code in moments[-1][1] if code.startswith("ZT")]
    assert len(bags) == 2
    for at, state in moments:
        for bag in bags:
            expected = {code for code, custody in state.items() if custody.inside == bag}
            nested = {code for code, custody in state.items() if custody.inside in expected}
            held = {thing.code for thing in asked.holdings("bag", bag, at, by=AUDITOR).things}
            assert held == expected | nested


def test_a_time_before_the_item_existed_has_no_custodian(town: PostTown, asked: Asked) -> None:
    code = str(town.register(1)[0])
    found = asked.custodian(code, "01/01/2020 08:00", by="an")
    assert (found.custodian, found.is_proven) == (None, False)


def test_a_time_to_come_is_refused(town: PostTown, asked: Asked) -> None:
    code = str(town.register(1)[0])
    with pytest.raises(InvalidInput) as refused:
        asked.custodian(code, "01/01/2100 08:00", by="an")
    assert [one.code for one in refused.value.problems] == [ProblemCode.IN_FUTURE]


def test_nobody_sees_the_past_of_what_is_not_theirs(town: PostTown, asked: Asked) -> None:
    code = str(town.register(1)[0])
    with pytest.raises(NotFound):
        asked.custodian(code, "01/01/2020 08:00", by="chien")
    with pytest.raises(NotFound):
        asked.holdings("user", "dung", None, by="chien")
    with pytest.raises(NotFound):
        asked.holdings("unit", POST, None, by="chien")
    with pytest.raises(NotFound):
        asked.holdings("user", "nobody", None, by=AUDITOR)
    assert [thing.code for thing in asked.holdings("unit", "", None, by="an").things] == [code]
    assert [thing.code for thing in asked.holdings("user", "an", None, by="an").things] == [code]
    with pytest.raises(NotFound):
        asked.holdings("unit", RECEIVING, None, by="an")
