"""Many people at once against a naive model, in both databases: the order of the log explains every answer.

Statements are worded from what everybody could see before, then sent all at once through two writers. Each
leaves an entry; read in the order of the log, the answers must be those of a model that knows no concurrency.
Then whatever should hold afterwards must hold: exactly one custodian each, no seal twice, no number missing,
and a replay of the log that gives the tables.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.bag import BagState, contents_digest
from app.services.log import custody_check
from app.services.scans.scan_outcome import ScanOutcome
from app.storage.engine import make_engines
from app.storage.reader import Reader
from app.storage.repositories.bag_search import BagSearch, BagVisibility
from app.storage.repositories.past_custody import Holder, When
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from audit.entry import Outcome
from audit.evidence import Act, Evidence, EvidenceKind, Offer, Recall, Take
from crypto.signer import FileSigner
from tests.support.databases import Database, SteppingClock
from tests.support.post_town import PostTown, plain
from tests.support.town import POST, accept

EVERYTHING = BagVisibility(everything=True)
MANY = 10_000
PEOPLE = ("dung", "chien", "duc")
people = st.sampled_from(PEOPLE)
items, bags, seals = st.integers(0, 2), st.integers(0, 1), st.integers(0, 2)
MOVES = st.one_of(
    st.tuples(st.just("offer"), people, items),
    st.tuples(st.just("take"), people, items),
    st.tuples(st.just("take"), people, items),
    st.tuples(st.just("recall"), people, items),
    st.tuples(st.just("pack"), people, bags, items),
    st.tuples(st.just("unpack"), people, bags, items),
    st.tuples(st.just("close"), people, bags, seals),
)
AT_ONCE = st.lists(MOVES, min_size=2, max_size=6)
Round = list[tuple[object, ...]]
# Two couriers at one offer; an item packed while it is offered; a seal that two hands break off a roll.
ROUNDS: list[Round] = [
    [
        ("offer", "dung", 0),
        ("offer", "dung", 0),
        ("pack", "dung", 0, 0),
        ("pack", "dung", 1, 1),
        ("pack", "dung", 0, 2),
    ],
    [("take", "chien", 0), ("take", "duc", 0), ("recall", "dung", 0)],
    [("close", "dung", 1, 0), ("close", "dung", 1, 1), ("close", "dung", 0, 0), ("unpack", "dung", 1, 1)],
]


@dataclass(slots=True)
class Model:
    """One thing after another: who holds what, what is offered, what lies where, which seals are spent."""

    holder: list[str] = field(default_factory=lambda: ["dung"] * 3)
    offered: list[str] = field(default_factory=lambda: [""] * 3)
    inside: list[int | None] = field(default_factory=lambda: [None] * 3)
    closed: list[bool] = field(default_factory=lambda: [False] * 2)
    seals: set[str] = field(default_factory=set)

    def may(self, said: Evidence, name: str, item: int | None, bag: int | None, codes: list[str]) -> bool:
        """Do one thing if it may be done, and tell whether it was."""
        match said:
            case Offer() if item is not None:
                right = self.holder[item] == name and self.inside[item] is None and not self.offered[item]
                self.offered[item] = said.nonce if right else self.offered[item]
            case Take() if item is not None:
                right = self.offered[item] == said.nonce and self.holder[item] != name
                if right:
                    self.holder[item], self.offered[item] = name, ""
            case Recall() if item is not None:
                right = self.offered[item] == said.nonce and self.holder[item] == name
                self.offered[item] = "" if right else self.offered[item]
            case Act(kind=EvidenceKind.PACK) if item is not None:
                free = self.inside[item] is None and not self.offered[item] and self.holder[item] == name
                right = free and name == "dung" and bag is not None and not self.closed[bag]
                self.inside[item] = bag if right else self.inside[item]
            case Act(kind=EvidenceKind.UNPACK) if item is not None:
                right = (
                    self.inside[item] == bag and name == "dung" and bag is not None and not self.closed[bag]
                )
                self.inside[item] = None if right else self.inside[item]
            case Act(facts=facts) if bag is not None:
                lies = [code for code, place in zip(codes, self.inside, strict=True) if place == bag]
                seen = bool(lies) and facts["contents"] == contents_digest(lies)
                seal = str(facts["seal"])
                right = seen and name == "dung" and not self.closed[bag] and seal not in self.seals
                if right:
                    self.closed[bag] = True
                    self.seals.add(seal)
            case _:
                raise AssertionError(said)
        return right


@dataclass(slots=True)
class Play:
    """One run with fresh items and bags."""

    towns: tuple[PostTown, PostTown]
    number: int
    codes: list[str]
    bags: list[str]
    model: Model = field(default_factory=Model)

    def play_round(self, moves: Round) -> None:
        """Word everything, send everything at once, and read the answers in the order of the log."""
        worded = [self._word(*move) for move in moves]
        with ThreadPoolExecutor(len(worded)) as pool:
            sent = [
                pool.submit(self.towns[place % 2].send, name, said)
                for place, (name, said, _, _) in enumerate(worded)
            ]
            outcomes = [one.result() for one in sent]
        indexes = [outcome.entry.index for outcome in outcomes]
        assert len(set(indexes)) == len(indexes)
        for place in sorted(range(len(worded)), key=indexes.__getitem__):
            name, said, item, bag = worded[place]
            expected = self.model.may(said, name, item, bag, self.codes)
            assert took(outcomes[place]) == expected, (moves[place], outcomes[place])
        self._compare()

    def _word(self, kind: object, name: object, first: object, second: object = None) -> "Worded":
        town = self.towns[0]
        assert isinstance(name, str)
        assert isinstance(first, int)
        match kind:
            case "offer":
                return name, town.offer(name, [self.codes[first]], to=POST, place=POST), first, None
            case "take":
                nonce = self.model.offered[first] or "0" * 32
                said: Evidence = town.take(name, nonce, accept([self.codes[first]]), place=POST)
                return name, said, first, None
            case "recall":
                nonce = self.model.offered[first] or "0" * 32
                return name, town.recall(name, nonce, [self.codes[first]]), first, None
            case "pack" | "unpack":
                assert isinstance(second, int)
                act = EvidenceKind.PACK if kind == "pack" else EvidenceKind.UNPACK
                said = town.act(name, act, self.bags[first], lines=plain([self.codes[second]]))
                return name, said, second, first
            case _:
                assert isinstance(second, int)
                return name, self._closing(name, first, second), None, first

    def _closing(self, name: str, bag: int, seal: int) -> Act:
        lies = [code for code, place in zip(self.codes, self.model.inside, strict=True) if place == bag]
        facts: dict[str, int | str] = {
            "seal": f"NP-{self.number * 3 + seal:04d}",
            "weight_g": 1500,
            "contents": contents_digest(lies),
            "pieces": max(1, len(lies)),
            "last": "yes",
        }
        return self.towns[0].act(name, EvidenceKind.CLOSE, self.bags[bag], facts=facts)

    def _compare(self) -> None:
        town, model = self.towns[0], self.model
        for number, code in enumerate(self.codes):
            item, bag = town.item(code), model.inside[number]
            assert item.custodian == town.people_custodian(model.holder[number])
            assert item.bag == (None if bag is None else town.bag(self.bags[bag]).id)
            assert (item.offer.nonce if item.offer else "") == model.offered[number]
        for number, code in enumerate(self.bags):
            stored = town.bag(code)
            assert (stored.state == "closed") == model.closed[number]
            assert stored.pieces == model.inside.count(number)


Worded = tuple[str, Evidence, int | None, int | None]


def took(outcome: ScanOutcome) -> bool:
    """Tell whether the last line was accepted: the subject's refusal refuses every line."""
    return outcome.lines[-1].outcome is Outcome.ACCEPTED


@pytest.fixture
def towns(
    writer: Writer, clock: SteppingClock, signer: FileSigner, database: Database
) -> Iterator[tuple[PostTown, PostTown]]:
    """Settle a town that is written to by two processes' writers where the database lets them."""
    town = PostTown(writer, clock, signer)
    other = copy(town)
    if database.kind == "sqlite":
        # A file has one process that writes; its sessions are threads.
        yield town, other
        return
    engines = make_engines(database)
    other.writer = Writer(engines.write, signer, clock)
    yield town, other
    other.writer.stop()
    engines.dispose()


def new_play(towns: tuple[PostTown, PostTown], number: int) -> Play:
    """Bring three items and two bags into the clerk's hands."""
    town = towns[0]
    codes = [str(code) for code in town.register(3)]
    town.post(codes)
    town.pass_on("chien", "dung", codes, place=POST)
    pouches = [town.start(asset=f"TUI-{number}-{place}") for place in range(2)]
    return Play(towns=towns, number=number, codes=codes, bags=pouches)


def test_the_order_of_the_log_explains_what_everybody_was_answered(
    towns: tuple[PostTown, PostTown], reader: Reader
) -> None:
    runs = iter(range(3_000))

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(at=st.integers(0, len(ROUNDS)), between=st.lists(AT_ONCE, max_size=4))
    def play(at: int, between: list[Round]) -> None:
        run = new_play(towns, next(runs))
        for moves in [*ROUNDS[:at], *between, *ROUNDS[at:]]:
            run.play_round(moves)

    play()
    report = reader.read(custody_check.compare_custody)
    assert report.first is None
    assert report.items > 0
    assert _holdings(towns[0], reader) == reader.read(lambda uow: uow.consignments.count_all())
    closed = BagSearch(states=(BagState.CLOSED,), limit=1_000)
    listed = reader.read(lambda uow: uow.bags.list(closed, EVERYTHING))
    drawn = sorted(bag.dispatch.number for bag in listed if bag.dispatch is not None)
    assert drawn == list(range(1, len(drawn) + 1))
    assert len({bag.seal for bag in listed}) == len(listed)


def _holdings(town: PostTown, reader: Reader) -> int:
    """Count what everybody holds, one person after the other, bags opened up: no item is final here."""

    def count(uow: UnitOfWork) -> int:
        when = When(at=town.clock(), size=uow.audit.head().size)
        found: list[str] = []
        for member in town.people.values():
            holder = Holder(user=member.actor.user)
            bags = [bag.code for bag in uow.past_custody.list_bags(holder, when, limit=MANY)]
            alone = uow.past_custody.list_items(holder, when, limit=MANY)
            inside = uow.past_custody.list_contents(bags, when.size, limit=MANY)
            found += [one.code for one in alone] + [one.code for one in inside]
        assert len(set(found)) == len(found)
        return len(found)

    return reader.read(count)
