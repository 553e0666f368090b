"""Whatever differs between a manifest and what came opens an incident by itself, in the scan's own entry."""

import json
from dataclasses import replace

import pytest

from app.domain.decision import Refusal
from app.domain.errors import Conflict, ConflictCode
from app.domain.incident import IncidentKind, IncidentStatus, Severity, check_judged_by
from app.domain.incident_search import IncidentSearch
from app.services.incidents.incident_pages import get_incident, list_incidents
from app.services.scans.scan_outcome import ScanOutcome
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.evidence import (
    Act,
    EntryMode,
    EvidenceKind,
    Mark,
    TakeLine,
    TakeReason,
    Verdict,
    parse_evidence,
)
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import OTHER_POST, PostTown
from tests.support.town import POST


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


def rewrap(town: PostTown, bag: str, *, inner_intact: str, attested: bool = True) -> ScanOutcome:
    """Give a closed bag a new cover and seal, before a witness."""
    facts: dict[str, int | str] = {
        "old_seal": "NP-1",
        "new_seal": "NP-2",
        "old_weight_g": 1500,
        "weight_g": 1480,
        "reason": "rewrap",
        "inner_intact": inner_intact,
    }
    act = town.act("dung", EvidenceKind.CHANGE_SEAL, bag, facts=facts, witness="chien")
    if attested:
        town.attest("dung", "chien", nonce=act.nonce, subject=bag)
    return town.send("dung", act)


def test_control_6_a_rewrap_keeps_both_seals_both_weights_and_its_witness(town: PostTown) -> None:
    bag, _ = town.packed(1)
    town.close("dung", bag, seal="NP-1")
    alone = rewrap(town, bag, inner_intact="yes", attested=False)
    assert [line.refusal for line in alone.lines] == [Refusal.WITNESS_NOT_PRESENT]
    outcome = rewrap(town, bag, inner_intact="yes")
    assert raised(outcome) == []
    (envelope,) = parse_entry(outcome.entry.data).envelopes
    said = parse_evidence(envelope.payload)
    assert isinstance(said, Act)
    assert (said.facts["old_seal"], said.facts["new_seal"]) == ("NP-1", "NP-2")
    assert (said.facts["old_weight_g"], said.facts["weight_g"]) == (1500, 1480)
    assert said.witness == town.people["chien"].actor.user
    assert town.bag(bag).seal == "NP-2"


def test_control_6_a_possible_compromise_is_a_leak_that_only_an_auditor_closes(
    town: PostTown, reader: Reader
) -> None:
    bag, _ = town.packed(1)
    town.close("dung", bag, seal="NP-1")
    assert [kind for kind, _ in raised(rewrap(town, bag, inner_intact="no"))] == ["leak"]
    clerk = town.people["dung"].actor
    (row,) = reader.read(lambda uow: list_incidents(uow, IncidentSearch(), actor=clerk)).rows
    assert (row.incident.kind, row.incident.severity) == (IncidentKind.LEAK, Severity.GRAVE)
    resolved = replace(row.incident, status=IncidentStatus.RESOLVED)
    with pytest.raises(Conflict) as refused:
        check_judged_by(resolved, town.people["giang"].actor)
    assert refused.value.code is ConflictCode.AUDITOR_CLOSES


@pytest.mark.parametrize(
    ("reason", "kind"), [(TakeReason.DAMAGED, "damaged"), (TakeReason.SEAL_DIFFERS, "seal_broken")]
)
def test_a_closed_bag_that_is_turned_down_opens_an_incident_as_an_item_does(
    town: PostTown, reader: Reader, reason: TakeReason, kind: str
) -> None:
    bag, _ = town.packed(1)
    town.close("dung", bag)
    town.hand_bag("dung", "duc", bag, place=POST)
    offer = town.offer("duc", [bag], to=OTHER_POST, place=OTHER_POST)
    town.send("duc", offer)
    line = TakeLine(code=bag, entry=EntryMode.SCAN, verdict=Verdict.REFUSE, reason=reason)
    outcome = town.send("giang", town.take("giang", offer.nonce, [line], place=OTHER_POST))
    assert outcome.status == "accepted"
    assert raised(outcome) == [(kind, "1")]
    assert town.bag(bag).custodian == town.people_custodian("duc")
    # The office that turned it down and the office whose courier still has it both see it, as the bag it is.
    for name in ("giang", "dung"):
        actor = town.people[name].actor
        (row,) = reader.read(
            lambda uow, actor=actor: list_incidents(uow, IncidentSearch(), actor=actor)  # type: ignore[misc]
        ).rows
        found = reader.read(
            lambda uow, actor=actor, row=row: get_incident(  # type: ignore[misc]
                uow, row.incident.id, actor=actor, tools=town.tools
            )
        )
        assert (found.codes, found.bags, found.strangers) == ((), (bag,), ())


def test_a_refused_act_raises_nothing(town: PostTown) -> None:
    bag, codes = town.arrived(1)
    assert raised(town.answer("giang", bag, {codes[0]: Mark.MISSING})) == []
