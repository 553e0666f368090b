"""Control 7 over the API: while somebody counts, no answer to any GET tells them what they hold, or how much.

Every GET of the surface is walked as it stands, with every code there is, so that a route that is added later
is walked too. What a person types in full is answered still: they have read it off the thing.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from app.domain.access import Role
from app.domain.decision import Refusal
from app.services.incidents import holds, incidents
from app.services.incidents.holds import PlaceHold
from app.services.incidents.incidents import OpenIncident
from app.services.owed.tracers import raise_due
from app.services.scans.presence import Attested
from app.services.shifts import musters, reliefs
from app.services.shifts.musters import CloseMuster, OpenMuster
from app.services.shifts.reliefs import ListRelief
from app.storage.repositories.bag_search import BagSearch, BagVisibility
from app.storage.repositories.consignment_queries import Search, Visibility
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from audit.evidence import EvidenceKind
from crypto.signer import FileSigner
from tests.support.databases import Database, SteppingClock
from tests.support.leg_town import LegTown
from tests.support.post_town import plain
from tests.support.pouch_town import PouchTown
from tests.support.shift_town import hire
from tests.support.town import POST, accept
from tests.support.town_api import TownApi, town_api


class BusyTown(LegTown, PouchTown):
    """A town in which one clerk and one courier hold things that every list might name."""

    def muster(self, codes: list[str], *, by: str, counting: str) -> str:
        """Muster a person to the end, so that there is an earlier result to look at."""
        command = OpenMuster(untrusted_unit=POST, untrusted_person=counting)
        muster = self.use(musters.open_muster, command, by=by)
        self.count_muster(counting, muster.code, codes)
        nonce = "c" * 32
        ticket = self.attest(by, counting, nonce=nonce, subject=muster.code, on_duty=False)
        assert isinstance(ticket, Attested)
        closing = CloseMuster(
            untrusted_muster=muster.code, untrusted_nonce=nonce, partner=self.people[counting].actor.user
        )
        self.use(musters.close_muster, closing, by=by)
        return muster.code

    def count_muster(self, name: str, muster: str, codes: list[str]) -> None:
        """Count a whole muster."""
        facts: dict[str, int | str] = {"part": 1, "last": "yes"}
        act = self.act(name, EvidenceKind.COUNT, muster, facts=facts, lines=plain(codes))
        outcome = self.send(name, act)
        assert {line.refusal for line in outcome.lines} <= {"", Refusal.STOPPED}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The town with its surface; `codes` are all that a path may name."""

    town: BusyTown
    api: TownApi
    codes: frozenset[str]

    def hidden(self, name: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return what a person must be able to show, and what lies in their closed bags besides."""
        user = self.town.people[name].actor.user
        counted = self.town.do(lambda uow: uow.shifts.list_in_hand(user))
        every = self.town.do(lambda uow: uow.shifts.list_answered_for(user))
        return counted, every - counted

    def told(self, name: str) -> dict[str, set[str]]:
        """Return which rules told a person which of the things they hold, unless the code was typed."""
        counted, carried = self.hidden(name)
        found: dict[str, set[str]] = {}
        for path, (rule, answer) in self.api.walk(name, self.codes).items():
            typed = {code for code in self.codes if code in path}
            # Whoever types a closed bag's code may read its list: it is counted by its own code alone.
            unseen = (counted | (frozenset() if typed else carried)) - typed
            text = _text(answer)
            found.setdefault(rule, set()).update(code for code in unseen if code in text)
        return {rule: codes for rule, codes in found.items() if codes}


def _text(answer: TestResponse) -> str:
    assert answer.status_code < 500, answer.text
    return answer.text if answer.mimetype == "application/json" else repr(answer.data)


def every_code(uow: UnitOfWork) -> frozenset[str]:
    items = uow.consignments.list(Search(limit=200), Visibility(everything=True))
    bags = uow.bags.list(BagSearch(limit=200), BagVisibility(everything=True))
    return frozenset([*(str(one.consignment.code) for one in items), *(str(one.code) for one in bags)])


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> BusyTown:
    """Settle the town, with a second clerk and an auditor."""
    town = BusyTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    hire(town, "kiem", Role.AUDITOR)
    return town


@pytest.fixture
def world(town: BusyTown, database: Database, tmp_path: Path, clock: SteppingClock) -> Iterator[World]:
    """Give the clerk `dung` and the courier `duc` things of every kind, and let every list learn of them."""
    town.add_vehicle()
    loose = town.in_hand(3)
    taken = relieved(town)
    bag, _ = town.packed(1)
    town.close("dung", bag)
    half = town.start(asset="TUI-002")
    town.pack("dung", half, town.in_hand(1))
    riding, _ = _bag_for(town, "duc")
    legs = [town.plan([one], escort="chien").code for one in (bag, riding)]
    held = [*loose, *taken, bag, half, *town.do(lambda uow: _inside(uow, half))]
    town.muster(held, by="hoa", counting="dung")
    shift = town.open_shift()
    town.count("dung", shift, held)
    town.countersign("dung", shift, nonce="a" * 32)
    own = [town.open_shift(name).code for name in ("dung", "duc")]
    for code in (loose[0], bag):
        tell_of(town, code)
    town.send("dung", town.offer("dung", loose[1:2], to=POST, to_user="hoa"))
    town.send("duc", town.offer("duc", [riding], to=POST, to_user="hoa"))
    clock.now += timedelta(days=20)
    assert town.do(lambda uow: raise_due(uow, now=clock(), tools=town.tools)) > 0
    made = town.do(lambda uow: [one.code for one in uow.musters.list_page()])
    before = town.do(lambda uow: [one.code for one in uow.shifts.list_page()])
    codes = town.do(every_code) | {*legs, *own, *made, *before}
    with town_api(town, database, tmp_path) as api:
        yield World(town=town, api=api, codes=codes)


def relieved(town: BusyTown) -> list[str]:
    """Let a courier hand the clerk a counted list, whose shift stays open."""
    codes = [str(code) for code in town.register()]
    town.post(codes)
    shift = town.open_shift("chien")
    town.count("chien", shift, codes)
    command = ListRelief(untrusted_shift=shift.code, untrusted_successor="dung")
    town.use(reliefs.list_relief, command, by="chien")
    said = town.offer("chien", codes, to=POST, to_user="dung", place=POST)
    town.send("chien", said)
    assert town.send("dung", town.take("dung", said.nonce, accept(codes), place=POST)).status == "accepted"
    return codes


def _bag_for(town: BusyTown, courier: str) -> tuple[str, list[str]]:
    codes = town.in_hand(1)
    bag = town.start(asset="TUI-003")
    town.pack("dung", bag, codes)
    town.close("dung", bag, seal="NP-1002")
    assert town.hand_bag("dung", courier, bag, place=POST, seal="NP-1002").status == "accepted"
    return bag, codes


def _inside(uow: UnitOfWork, code: str) -> list[str]:
    bag = uow.bags.find(code)
    assert bag is not None
    return list(uow.bags.lines(bag.id))


def tell_of(town: BusyTown, code: str) -> None:
    """Open an incident about a thing and stop it."""
    opening = OpenIncident(untrusted_kind="damaged", untrusted_codes=code, untrusted_text="Rách")
    town.use(incidents.open_incident, opening, by="hoa")
    stop = PlaceHold(
        untrusted_hold="stopped", untrusted_code=code, untrusted_reason="damaged", untrusted_text="Chờ xem"
    )
    town.use(holds.place, stop, by="hoa")


# Which lists told of what is held before the count: where one of these is empty, the walk would prove little.
OF_A_CLERK = {
    "/api/v1/bags",
    "/api/v1/holdings",
    "/api/v1/holds",
    "/api/v1/incidents",
    "/api/v1/incidents/<incident>",
    "/api/v1/legs/<code>",
    "/api/v1/musters/<code>",
    "/api/v1/pouches",
    "/api/v1/shifts/<code>",
    "/api/v1/shifts/<code>/relief",
    "/api/v1/suspense",
    "/api/v1/tracers",
    "/api/v1/unattended",
}
OF_A_COURIER = {"/api/v1/bags", "/api/v1/holdings", "/api/v1/legs/<code>", "/api/v1/unattended"}


@pytest.mark.parametrize(("name", "lists"), [("dung", OF_A_CLERK), ("duc", OF_A_COURIER)])
def test_control_7_no_answer_tells_whoever_counts_a_shift_what_they_hold(
    world: World, name: str, lists: set[str]
) -> None:
    assert world.told(name).keys() >= lists
    shift = world.town.do(lambda uow: uow.shifts.find_open(world.town.people[name].actor.user))
    assert shift is not None
    assert world.api.post(name, f"/api/v1/shifts/{shift.code}/count").status_code == 200
    assert world.told(name) == {}
    # Whoever sits at no count is shown what they were shown before.
    other = {"dung": "duc", "duc": "dung"}[name]
    assert "/api/v1/holdings" in world.told(other)


@pytest.mark.parametrize("name", ["dung", "duc"])
def test_control_15_no_answer_tells_whoever_owes_a_muster_what_they_hold(world: World, name: str) -> None:
    muster = world.town.use(musters.open_muster, OpenMuster(untrusted_unit=POST), by="kiem")
    assert world.told(name) == {}
    counted, _ = world.hidden(name)
    world.town.count_muster(name, muster.code, sorted(counted))
    # Whoever has counted sees their own again, and of the muster still nothing.
    after = world.told(name)
    assert "/api/v1/holdings" in after
    shown = world.api.get(name, f"/api/v1/musters/{muster.code}").json
    assert shown is not None
    assert (shown["owes"], shown["expected"], shown["lines"], shown["scanned"]) == (False, None, None, None)


def take_item(town: BusyTown) -> str:
    """Let the clerk take an item more, of which no list of theirs told before."""
    (code,) = [str(one) for one in town.register()]
    town.post([code])
    town.pass_on("chien", "hoa", [code], place=POST)
    town.pass_on("hoa", "dung", [code], place=POST)
    return code


def take_bag(town: BusyTown) -> str:
    """Let the clerk take the courier's bag back, which the office's lists told of as the courier's."""
    user = town.people["duc"].actor.user
    (code,) = town.do(lambda uow: uow.shifts.list_in_hand(user))
    bag = town.bag(code)
    assert bag.offer is not None
    town.send("duc", town.recall("duc", bag.offer.nonce, [code]))
    assert town.hand_bag("duc", "dung", code, place=POST, seal="NP-1002").status == "accepted"
    return code


@pytest.mark.parametrize("take", [take_item, take_bag])
def test_control_7_no_figure_changes_with_what_somebody_holds_while_they_count(
    world: World, take: Callable[[BusyTown], str]
) -> None:
    counted, _ = world.hidden("dung")
    world.town.use(musters.open_muster, OpenMuster(untrusted_unit=POST), by="kiem")
    asked = frozenset(code for code in world.codes if re.match(r"(HT|CA|KK)-", code) or code in counted)
    before = figures(world, asked)
    moved = take(world.town)
    after = figures(world, asked)
    assert len(world.hidden("dung")[0]) == len(counted) + 1
    # What was somebody else's is gone from the list that named it as theirs; nothing else says anything.
    assert {path for path in before if before[path] != after[path] and moved not in before[path]} == set()


def figures(world: World, codes: frozenset[str]) -> dict[str, str]:
    """Return what the clerk is answered, without times and the length of the log, which go on anyway."""
    return {
        path: re.sub(r'"(at|size)":\s*("[^"]*"|\d+)', "", _text(answer))
        for path, (_rule, answer) in world.api.walk("dung", codes).items()
    }
