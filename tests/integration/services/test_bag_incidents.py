"""Whatever differs between a manifest and what came opens an incident by itself, in the scan's own entry."""

import json

import pytest

from app.domain.decision import Refusal
from app.services.scan_outcome import ScanOutcome
from app.storage.writer import Writer
from audit.evidence import EvidenceKind, Mark
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import PostTown


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PostTown:
    """Settle a town with three post offices; the first has seals."""
    return PostTown(writer, clock, signer)


def raised(outcome: ScanOutcome) -> list[tuple[str, str]]:
    """Return the kinds that an entry tells of, each with the numbers of its lines; the subject is line 1."""
    facts = json.loads(outcome.entry.data)["facts"]
    return [(one["kind"], one["lines"]) for one in facts.get("incidents", [])]


def test_a_bag_that_arrives_as_listed_raises_nothing(town: PostTown) -> None:
    bag, codes = town.arrived(2)
    assert raised(town.open_bag("giang", bag, witness="khanh")) == []
    assert raised(town.answer("giang", bag, dict.fromkeys(codes, Mark.RECEIVED))) == []


@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        (Mark.MISSING, "loss"),
        (Mark.DAMAGED, "damaged"),
        (Mark.SEAL_DIFFERS, "seal_broken"),
        (Mark.MISSENT, "missent"),
    ],
)
def test_a_line_that_differs_opens_an_incident(town: PostTown, mark: Mark, kind: str) -> None:
    bag, codes = town.arrived(2)
    town.open_bag("giang", bag, witness="khanh")
    answered = town.answer("giang", bag, {codes[0]: Mark.RECEIVED, codes[1]: mark})
    assert raised(answered) == [(kind, "3")]


def test_what_lies_in_the_bag_and_on_no_list_is_a_count_that_differs(town: PostTown) -> None:
    bag, _ = town.arrived(1)
    stray = [str(code) for code in town.register(1)]
    town.post(stray)
    town.open_bag("giang", bag, witness="khanh")
    outcome = town.answer("giang", bag, {stray[0]: Mark.EXCESS})
    assert [kind for kind, _ in raised(outcome)] == ["count_differs"]


def test_a_thing_of_no_record_is_not_lost_in_a_refusal(town: PostTown) -> None:
    bag, _ = town.arrived(1)
    town.open_bag("giang", bag, witness="khanh")
    outcome = town.answer("giang", bag, {"ZK999999999VN": Mark.EXCESS})
    assert [line.refusal for line in outcome.lines] == ["", Refusal.UNKNOWN_CODE]
    assert [kind for kind, _ in raised(outcome)] == ["unrecorded"]


def test_a_seal_found_broken_opens_an_incident_about_the_bag(town: PostTown) -> None:
    bag, _ = town.arrived(1)
    outcome = town.open_bag("giang", bag, witness="khanh", seal="NP-0", found="broken")
    assert [kind for kind, _ in raised(outcome)] == ["seal_broken"]


def test_an_inner_cover_that_is_not_whole_is_a_possible_leak(town: PostTown) -> None:
    bag, _ = town.packed(1)
    town.close("dung", bag, seal="NP-1")
    facts: dict[str, int | str] = {
        "old_seal": "NP-1",
        "new_seal": "NP-2",
        "old_weight_g": 1500,
        "weight_g": 1480,
        "reason": "rewrap",
        "inner_intact": "no",
    }
    act = town.act("dung", EvidenceKind.CHANGE_SEAL, bag, facts=facts, witness="chien")
    town.attest("dung", "chien", nonce=act.nonce, subject=bag)
    assert [kind for kind, _ in raised(town.send("dung", act))] == ["leak"]


def test_a_refused_act_raises_nothing(town: PostTown) -> None:
    bag, codes = town.arrived(1)
    assert raised(town.answer("giang", bag, {codes[0]: Mark.MISSING})) == []
