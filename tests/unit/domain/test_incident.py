"""Incidents: grave by kind and mark, due by a dated table, resolved with evidence, judged by another."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.access import Actor, Role
from app.domain.errors import Conflict
from app.domain.grades import Secrecy
from app.domain.ids import UnitId, UserId
from app.domain.incident import (
    REQUIRED_PROOFS,
    Incident,
    IncidentKind,
    IncidentNumber,
    IncidentStatus,
    Proof,
    Severity,
    check_judged_by,
    check_open,
    check_reportable,
    check_resolvable,
    missing_proofs,
)
from app.domain.incident_standards import (
    SAMPLE,
    SAMPLE_STANDARDS,
    IncidentStandards,
    MalformedStandards,
    highest,
    parse_standards,
)

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
OPENER, RESOLVER, OTHER = UserId(1), UserId(2), UserId(3)
INCIDENT = Incident(
    id=1,
    number=IncidentNumber(unit_code="24.P01", year=2026, number=3),
    unit=UnitId(1),
    kind=IncidentKind.DAMAGED,
    severity=Severity.SERIOUS,
    standard="mau-2026",
    status=IncidentStatus.OPEN,
    opened_by=OPENER,
    opened_at=NOW,
    scan="",
    owner=None,
    report_due_at=NOW + timedelta(hours=24),
    resolve_due_at=NOW + timedelta(hours=72),
    reported_at=None,
    resolved_by=None,
    resolved_at=None,
    closed_by=None,
    closed_at=None,
    steps=1,
)
REPORTED = replace(INCIDENT, status=IncidentStatus.REPORTED, reported_at=NOW)
RESOLVED = replace(REPORTED, status=IncidentStatus.RESOLVED, resolved_by=RESOLVER, resolved_at=NOW)
CLOSED = replace(RESOLVED, status=IncidentStatus.CLOSED, closed_by=OTHER, closed_at=NOW)


def actor(user: UserId, role: Role = Role.CLERK) -> Actor:
    return Actor(user=user, unit=UnitId(1), role=role, active=True, name_key="a")


def table(**changes: object) -> dict[str, object]:
    return {**SAMPLE, **changes}


def parsed(*tables: object) -> IncidentStandards:
    return parse_standards(json.dumps(tables).encode())


def test_a_leak_and_a_loss_are_two_kinds() -> None:
    assert IncidentKind("leak") is not IncidentKind("loss")
    assert REQUIRED_PROOFS[IncidentKind.LEAK] != REQUIRED_PROOFS[IncidentKind.LOSS]


def test_a_number_is_written_with_unit_year_and_number() -> None:
    assert str(INCIDENT.number) == "24.P01/2026/3"


def test_every_kind_asks_for_evidence() -> None:
    assert set(REQUIRED_PROOFS) == set(IncidentKind)
    assert all(REQUIRED_PROOFS.values())


def test_the_first_report_is_due_within_24_hours_of_every_incident_of_the_sample() -> None:
    standard = SAMPLE_STANDARDS.at(NOW)
    assert standard.sample
    assert {deadlines.report for deadlines in standard.deadlines.values()} == {timedelta(hours=24)}


@pytest.mark.parametrize("mark", [Secrecy.A, Secrecy.B, Secrecy.C])
@pytest.mark.parametrize("kind", [IncidentKind.LEAK, IncidentKind.LOSS])
def test_a_leak_or_loss_of_anything_marked_is_grave(kind: IncidentKind, mark: Secrecy) -> None:
    assert SAMPLE_STANDARDS.at(NOW).severity[kind, mark] is Severity.GRAVE


def test_no_higher_mark_is_ever_less_grave() -> None:
    severity = SAMPLE_STANDARDS.at(NOW).severity
    order = list(Severity)
    for kind in IncidentKind:
        ranks = [
            order.index(severity[kind, mark]) for mark in (Secrecy.NONE, Secrecy.C, Secrecy.B, Secrecy.A)
        ]
        assert ranks == sorted(ranks), kind


def test_the_highest_mark_of_what_is_involved_counts() -> None:
    assert highest([Secrecy.C, Secrecy.A, Secrecy.NONE]) is Secrecy.A
    assert highest([]) is Secrecy.NONE


def test_a_table_counts_from_its_day_on_in_vietnam() -> None:
    later = table(name="so-2", valid_from="2026-12-01", sample=False)
    standards = parse_standards(json.dumps([later, SAMPLE]).encode())
    assert standards.at(datetime(2026, 11, 30, 16, 59, tzinfo=UTC)).name == "mau-2026"
    assert standards.at(datetime(2026, 11, 30, 17, 0, tzinfo=UTC)).name == "so-2"
    assert standards.at(datetime(2020, 1, 1, tzinfo=UTC)).name == "mau-2026"


def deadlines(**changes: object) -> dict[str, object]:
    hours = {"report_hours": 24, "resolve_hours": 72, **changes}
    return dict.fromkeys(("grave", "serious", "minor"), hours)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ([], "not a list"),
        ([{"name": "x"}], "a table has exactly"),
        ([table(name="Mẫu")], "name is"),
        ([table(valid_from="01/01/2026")], "valid_from"),
        ([table(severity={})], "says nothing of"),
        ([table(severity={"theft": {"A": "grave"}})], "theft"),
        ([table(deadlines={})], "deadlines of minor"),
        ([table(deadlines=deadlines(report_hours=0))], "whole hours"),
        ([table(deadlines=deadlines(report_hours=True))], "whole hours"),
        ([table(deadlines=deadlines(resolve_hours=1))], "before it is reported"),
        ([table(pouch_return_days=0)], "pouch_return_days is whole days"),
        ([table(muster_open_days="7")], "muster_open_days is whole days"),
        ([SAMPLE, SAMPLE], "one name or one day"),
    ],
)
def test_a_table_with_a_mistake_is_refused_by_name(tables: list[object], said: str) -> None:
    with pytest.raises(MalformedStandards, match=said):
        parsed(*tables)


def test_a_table_from_before_there_were_such_days_goes_on_by_the_samples() -> None:
    older = {name: value for name, value in SAMPLE.items() if name != "muster_open_days"}
    assert parsed(older).at(NOW).muster_open == timedelta(days=7)


def test_a_file_that_is_no_json_is_refused() -> None:
    with pytest.raises(MalformedStandards, match="not a JSON file"):
        parse_standards(b"{")


def test_first_the_report_is_due_then_the_solution_then_nothing() -> None:
    assert INCIDENT.due_at() == INCIDENT.report_due_at
    assert REPORTED.due_at() == INCIDENT.resolve_due_at
    assert RESOLVED.due_at() is None
    assert CLOSED.due_at() is None


def test_the_first_report_is_made_once() -> None:
    check_reportable(INCIDENT)
    for incident in (REPORTED, RESOLVED):
        with pytest.raises(Conflict, match="incident_reported"):
            check_reportable(incident)


def test_nothing_is_resolved_before_its_first_report() -> None:
    with pytest.raises(Conflict, match="incident_not_reported"):
        check_resolvable(INCIDENT, frozenset(Proof))


def test_nothing_is_resolved_while_evidence_is_owed() -> None:
    needed = REQUIRED_PROOFS[IncidentKind.DAMAGED]
    check_resolvable(REPORTED, needed)
    for proof in needed:
        with pytest.raises(Conflict, match="evidence_owed"):
            check_resolvable(REPORTED, needed - {proof})
        assert missing_proofs(IncidentKind.DAMAGED, needed - {proof}) == (proof,)


def test_nothing_is_resolved_twice() -> None:
    with pytest.raises(Conflict, match="incident_resolved"):
        check_resolvable(RESOLVED, frozenset(Proof))


def test_a_second_person_judges() -> None:
    check_judged_by(RESOLVED, actor(OTHER))
    for user in (OPENER, RESOLVER):
        with pytest.raises(Conflict, match="own_incident"):
            check_judged_by(RESOLVED, actor(user))


def test_whoever_opened_it_never_judges_it_even_as_an_auditor() -> None:
    with pytest.raises(Conflict, match="own_incident"):
        check_judged_by(RESOLVED, actor(OPENER, Role.AUDITOR))


def test_what_is_grave_is_judged_by_an_auditor() -> None:
    grave = replace(RESOLVED, severity=Severity.GRAVE)
    with pytest.raises(Conflict, match="auditor_closes"):
        check_judged_by(grave, actor(OTHER))
    check_judged_by(grave, actor(OTHER, Role.AUDITOR))


@pytest.mark.parametrize("incident", [INCIDENT, REPORTED])
def test_nothing_is_closed_before_it_is_resolved(incident: Incident) -> None:
    with pytest.raises(Conflict, match="incident_not_resolved"):
        check_judged_by(incident, actor(OTHER))


def test_what_is_closed_stays_closed() -> None:
    for check in (check_open, check_reportable, lambda one: check_judged_by(one, actor(OTHER))):
        with pytest.raises(Conflict, match="incident_closed"):
            check(CLOSED)
    with pytest.raises(Conflict, match="incident_closed"):
        check_resolvable(CLOSED, frozenset(Proof))
