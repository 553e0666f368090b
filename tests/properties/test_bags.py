"""Bags against a naive model, in both databases: exactly one person answers for each item, whatever is done.

Everything is done through the real services by signed scans; most of it is absurd. Beside them stands a model
so simple that it can be read as the law: who holds what, what lies where, which bag is in which state. Each
outcome must be the model's, a refusal must change nothing, and at the end the tables must be what the log
says when it is replayed from nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.services.log import custody_check
from app.services.scans.scan_outcome import ScanOutcome
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.entry import Outcome
from audit.evidence import EvidenceKind, Mark
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import OTHER_POST, PostTown, plain
from tests.support.town import POST

PEOPLE = {"dung": POST, "chien": POST, "duc": POST, "giang": OTHER_POST, "khanh": OTHER_POST}
COURIERS = {"chien", "duc", "khanh"}
people = st.sampled_from(sorted(PEOPLE))
items = st.integers(0, 2)
bags = st.integers(0, 1)
marks = st.sampled_from(list(Mark))
STEPS = st.one_of(
    st.tuples(st.just("pack"), people, bags, items),
    st.tuples(st.just("unpack"), people, bags, items),
    st.tuples(st.just("close"), people, bags, items),
    st.tuples(st.just("carry"), people, people, bags),
    st.tuples(st.just("pass_on"), people, people, items),
    st.tuples(st.just("open"), people, people, bags),
    st.tuples(st.just("answer"), people, bags, items, marks),
)
# Where whole trips make sense, so that the machine gets beyond refusals; a part of the first bag is found in
# the second.
TRIP = [
    ("pack", "dung", 0, 0),
    ("pack", "dung", 0, 1),
    ("pack", "dung", 1, 2),
    ("close", "dung", 0, 0),
    ("close", "dung", 1, 0),
    ("carry", "dung", "chien", 0),
    ("carry", "dung", "chien", 1),
    ("carry", "chien", "giang", 0),
    ("carry", "chien", "giang", 1),
    ("open", "giang", "khanh", 1),
    ("answer", "giang", 1, 0, Mark.EXCESS),
    ("answer", "giang", 1, 2, Mark.MISSING),
    ("open", "giang", "khanh", 0),
    ("answer", "giang", 0, 1, Mark.RECEIVED),
    ("answer", "giang", 0, 0, Mark.MISSING),
]


@dataclass(slots=True)
class Model:
    """Who has each item in hand and in which bag it lies; each bag's holder, state and list.

    `owed` is what of a bag's list nobody has taken out or answered, wherever it may have been found since.
    """

    holder: list[str] = field(default_factory=lambda: ["dung"] * 3)
    inside: list[int | None] = field(default_factory=lambda: [None] * 3)
    carrier: list[str] = field(default_factory=lambda: ["dung"] * 2)
    state: list[str] = field(default_factory=lambda: ["open"] * 2)
    listed: list[set[int]] = field(default_factory=lambda: [set(), set()])
    owed: list[set[int]] = field(default_factory=lambda: [set(), set()])

    def answers(self, item: int) -> str:
        """Tell who answers for an item: the holder of the bag it lies in, or whoever has it in hand."""
        bag = self.inside[item]
        return self.holder[item] if bag is None else self.carrier[bag]


@dataclass(slots=True)
class Play:
    """One run: fresh items and bags in a town that lives on."""

    town: PostTown
    codes: list[str]
    bags: list[str]
    model: Model = field(default_factory=Model)

    def step(self, name: str, *given_: object) -> None:
        """Do one thing in the town and in the model; both must say the same."""
        doing: Callable[..., bool] = getattr(self, name)
        doing(*given_)
        for number, code in enumerate(self.codes):
            item, bag = self.town.item(code), self.model.inside[number]
            assert item.custodian == self.town.people_custodian(self.model.holder[number])
            assert item.bag == (None if bag is None else self.town.bag(self.bags[bag]).id)
        for number, code in enumerate(self.bags):
            stored = self.town.bag(code)
            assert stored.custodian == self.town.people_custodian(self.model.carrier[number])
            assert stored.state.value == self.model.state[number]
            assert stored.pieces == len(self.model.owed[number])

    def pack(self, name: str, bag: int, item: int) -> None:
        model = self.model
        mine = model.carrier[bag] == name and PEOPLE[name] == POST and model.state[bag] == "open"
        free = model.inside[item] is None and model.holder[item] == name
        outcome = self.act(name, EvidenceKind.PACK, bag, [item])
        assert took(outcome) == (mine and free)
        if mine and free:
            model.inside[item] = bag
            model.owed[bag].add(item)

    def unpack(self, name: str, bag: int, item: int) -> None:
        model = self.model
        mine = model.carrier[bag] == name and PEOPLE[name] == POST and model.state[bag] == "open"
        right = mine and item in model.owed[bag]
        assert took(self.act(name, EvidenceKind.UNPACK, bag, [item])) == right
        if right:
            model.owed[bag].discard(item)
            model.inside[item] = None if model.inside[item] == bag else model.inside[item]

    def close(self, name: str, bag: int, item: int) -> None:
        del item
        model = self.model
        right = (
            model.carrier[bag] == name
            and PEOPLE[name] == POST
            and model.state[bag] == "open"
            and bool(model.owed[bag])
            and all(model.inside[item] == bag for item in model.owed[bag])
        )
        outcome = self.town.close(name, self.bags[bag], seal=self.seal(bag))
        assert took(outcome) == right
        if right:
            model.state[bag] = "closed"
            model.listed[bag] = set(model.owed[bag])

    def carry(self, giver: str, taker: str, bag: int) -> None:
        model = self.model
        place = PEOPLE[taker]
        at_place = giver in COURIERS or PEOPLE[giver] == place
        right = model.state[bag] == "closed" and model.carrier[bag] == giver and giver != taker and at_place
        outcome = self.town.hand_bag(giver, taker, self.bags[bag], place=place, seal=self.seal(bag))
        assert took(outcome) == right
        if right:
            model.carrier[bag] = taker
        elif model.state[bag] == "closed" and model.carrier[bag] == giver and at_place:
            # Offered to one's own office and answered by nobody: taken back.
            self.take_back(giver, self.bags[bag])

    def pass_on(self, giver: str, taker: str, item: int) -> None:
        model = self.model
        place = PEOPLE[taker]
        at_place = giver in COURIERS or PEOPLE[giver] == place
        mine = model.inside[item] is None and model.holder[item] == giver
        right = mine and giver != taker and at_place
        outcome = self.town.pass_on(giver, taker, [self.codes[item]], place=place)
        assert took(outcome) == right
        if right:
            model.holder[item] = taker
        elif mine and at_place:
            self.take_back(giver, self.codes[item])

    def take_back(self, giver: str, code: str) -> None:
        found = self.town.do(lambda uow: uow.consignments.lock(code) or uow.bags.lock(code))
        assert found is not None
        if found.offer is not None:
            assert took(self.town.send(giver, self.town.recall(giver, found.offer.nonce, [code])))

    def open(self, name: str, witness: str, bag: int) -> None:
        model = self.model
        there = PEOPLE[name] == OTHER_POST and model.carrier[bag] == name and model.state[bag] == "closed"
        right = there and witness != name and PEOPLE[witness] == OTHER_POST
        act = self.town.open_act(name, self.bags[bag], witness=witness, seal=self.seal(bag))
        self.town.attest(name, witness, nonce=act.nonce, subject=self.bags[bag])
        assert took(self.town.send(name, act)) == right
        if right:
            model.state[bag] = "opened"

    def answer(self, name: str, bag: int, item: int, mark: Mark) -> None:
        model = self.model
        there = PEOPLE[name] == OTHER_POST and model.carrier[bag] == name and model.state[bag] == "opened"
        known = item not in model.listed[bag] if mark is Mark.EXCESS else item in model.owed[bag]
        outcome = self.town.answer(name, self.bags[bag], {self.codes[item]: mark})
        assert took(outcome) == (there and known)
        if not (there and known):
            return
        if mark is not Mark.MISSING:
            model.holder[item] = name
        if mark is not Mark.MISSING or model.inside[item] == bag:
            model.inside[item] = None
        # What was listed in another bag, and is found in this one, is still to be answered there: as missing.
        model.owed[bag].discard(item)
        if not model.owed[bag]:
            model.state[bag] = "emptied"

    def act(self, name: str, kind: EvidenceKind, bag: int, chosen: list[int]) -> ScanOutcome:
        lines = plain([self.codes[item] for item in chosen])
        return self.town.send(name, self.town.act(name, kind, self.bags[bag], lines=lines))

    def seal(self, bag: int) -> str:
        return f"NP-{int(self.bags[bag][2:10]) % 10_000:04d}"


def took(outcome: ScanOutcome) -> bool:
    """Tell whether the last line was accepted: the subject's refusal refuses every line."""
    return outcome.lines[-1].outcome is Outcome.ACCEPTED


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PostTown:
    """Settle one town for every run in this database."""
    return PostTown(writer, clock, signer)


def new_play(town: PostTown, number: int) -> Play:
    """Bring three items and two bags into the clerk's hands."""
    codes = [str(code) for code in town.register(3)]
    town.post(codes)
    town.pass_on("chien", "dung", codes, place=POST)
    pouches = [town.start(asset=f"TUI-{number}-{place}") for place in range(2)]
    return Play(town=town, codes=codes, bags=pouches)


def test_exactly_one_person_answers_whatever_people_do(town: PostTown, reader: Reader) -> None:
    runs = iter(range(10_000))

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(at=st.integers(0, len(TRIP)), between=st.lists(STEPS, max_size=10))
    def play(at: int, between: list[tuple[object, ...]]) -> None:
        run = new_play(town, next(runs))
        for name, *rest in [*TRIP[:at], *between, *TRIP[at:]]:
            run.step(str(name), *rest)

    play()
    assert reader.read(custody_check.compare_custody).first is None
