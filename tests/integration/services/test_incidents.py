"""Incidents on both databases: numbered without gaps, one entry a step, closed by another person."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from app.domain.errors import Conflict, InvalidInput
from app.domain.incident import Incident, IncidentKind, IncidentStatus, Proof, Severity
from app.domain.incident_search import IncidentSearch
from app.services.incidents import incident_pages, incidents
from app.services.incidents.incidents import Found, OpenIncident
from app.services.log import keys, log
from app.storage.uow import UnitOfWork
from audit.evidence import AttemptReason, EntryMode, Purpose, TakeLine, TakeReason, Verdict
from audit.kinds import EntryKind
from crypto.vault import Vault
from tests.support.incidents import TEXT, entries_of, file_of, last_entry, opened, resolved, staffed, step
from tests.support.office import Office
from tests.support.town import POST, RECEIVING, SENDING, accept


@pytest.fixture
def desk(office: Office) -> Office:
    """Staff the offices."""
    return staffed(office)


def test_a_clerk_opens_one_and_it_is_one_entry_of_the_items_chain(desk: Office) -> None:
    (code,) = desk.town.register()
    desk.town.post([code])
    incident = opened(desk, code)
    assert (str(incident.number), incident.status) == ("24.P01/2026/1", IncidentStatus.OPEN)
    entry = last_entry(desk)
    assert entry.kind is EntryKind.INCIDENT_OPENED
    assert [item.code for item in entry.items] == [code]
    assert entry.items[0].prev
    assert entry.facts["incident"] == "24.P01/2026/1"
    assert entry.facts["severity"] == incident.severity == Severity.SERIOUS
    assert entry.facts["standard"] == "mau-2026"
    assert incident.report_due_at - incident.opened_at == timedelta(hours=24)
    assert desk.read(log.verify_log, jobs=1).first_bad is None


def test_what_people_write_is_sealed_and_only_committed_to(desk: Office) -> None:
    incident = opened(desk)
    entry = last_entry(desk)
    assert "rách" not in entry.data.decode()
    (note,) = file_of(desk, incident).notes
    assert note.text.text == TEXT
    assert entry.commitments == {"opened": note.note.commitment}
    assert note.note.text_sealed is not None
    assert TEXT.encode() not in note.note.text_sealed


def test_a_code_that_is_nobodys_is_kept_as_it_was_read(desk: Office) -> None:
    incident = opened(desk, "RR123456785VN", "zk-0", kind="unrecorded")
    assert last_entry(desk).facts["codes"] == "RR123456785VN,zk-0"
    assert file_of(desk, incident).strangers == ("RR123456785VN", "zk-0")
    assert desk.read(log.verify_log, jobs=1).first_bad is None


def test_every_mistake_of_the_form_is_named(desk: Office) -> None:
    command = OpenIncident(untrusted_kind="theft", untrusted_codes="mã", untrusted_text=" ")
    with pytest.raises(InvalidInput) as caught:
        desk.write(incidents.open_incident, command, actor=desk.actors["dung"])
    assert {problem.field for problem in caught.value.problems} == {"kind", "codes", "text"}


def test_numbers_have_no_gap_per_unit_and_year_also_when_many_open_at_once(desk: Office) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: opened(desk), range(16)))
    with pytest.raises(InvalidInput):
        opened(desk, kind="theft")
    found.append(opened(desk))
    assert sorted(one.number.number for one in found) == list(range(1, 18))
    other = opened(desk, by="an")
    assert str(other.number) == f"{SENDING}/2026/1"
    desk.town.clock.now += timedelta(days=60)  # type: ignore[attr-defined]  # the test's own clock
    assert str(opened(desk).number) == "24.P01/2027/1"


def test_an_incident_goes_its_whole_way_and_every_step_is_an_entry(desk: Office) -> None:
    (code,) = desk.town.register()
    desk.town.post([code])
    incident = opened(desk, code)
    step(desk, "assign", incident, str(int(desk.actors["nga"].user)))
    step(desk, "comment", incident, text="Đã gọi nơi gửi")
    resolved(desk, incident)
    done = step(desk, "close", incident, text="", by="nga")
    assert done.status is IncidentStatus.CLOSED
    told = entries_of(desk, incident)
    assert [entry.kind for entry in told] == [
        EntryKind.INCIDENT_OPENED,
        EntryKind.INCIDENT_NOTED,
        EntryKind.INCIDENT_NOTED,
        EntryKind.INCIDENT_REPORTED,
        *[EntryKind.INCIDENT_NOTED] * 3,
        EntryKind.INCIDENT_RESOLVED,
        EntryKind.INCIDENT_CLOSED,
    ]
    assert all([item.code for item in entry.items] == [code] for entry in told)
    assert told[1].facts["owner"] == int(desk.actors["nga"].user)
    assert told[-1].facts["resolver"] == int(desk.actors["dung"].user)
    shown = file_of(desk, incident)
    assert [one.note.number for one in shown.notes] == list(range(1, 10))
    assert shown.notes[2].text.text == "Đã gọi nơi gửi"
    assert desk.read(log.verify_log, jobs=1).first_bad is None


def test_control_5_the_first_report_is_due_in_24_hours_and_stops_its_clock(desk: Office) -> None:
    incident = opened(desk)
    desk.town.clock.now += timedelta(hours=25)  # type: ignore[attr-defined]  # the test's own clock
    late = IncidentSearch(overdue_at=desk.town.clock())
    assert desk.read(incident_pages.list_incidents, late, actor=desk.actors["dung"]).total == 1
    after = step(desk, "report", incident, "sender")
    assert after.reported_at is not None
    assert after.reported_at > after.report_due_at
    assert desk.read(incident_pages.list_incidents, late, actor=desk.actors["dung"]).total == 0


def test_resolving_asks_for_the_evidence_of_its_kind(desk: Office) -> None:
    incident = opened(desk)
    with pytest.raises(Conflict, match="incident_not_reported"):
        step(desk, "resolve", incident, "transport")
    step(desk, "report", incident, "sender")
    assert file_of(desk, incident).owed == (Proof.MINUTES, Proof.COVER_PHOTO, Proof.SENDER_TOLD)
    with pytest.raises(Conflict, match="evidence_owed"):
        step(desk, "resolve", incident, "transport")


@pytest.mark.parametrize("by", ["dung", "nga"])
def test_control_5_a_second_person_closes(desk: Office, by: str) -> None:
    incident = opened(desk, by="nga")
    resolved(desk, incident)
    with pytest.raises(Conflict, match="own_incident"):
        step(desk, "close", incident, by=by)
    assert step(desk, "close", incident, by="giang").closed_by == desk.actors["giang"].user


def test_a_grave_one_is_closed_by_an_auditor(desk: Office) -> None:
    (code,) = desk.town.register()
    incident = opened(desk, code, kind="loss")
    assert incident.severity is Severity.GRAVE
    step(desk, "assign", incident, str(int(desk.actors["giang"].user)), by="giang")
    resolved(desk, incident)
    with pytest.raises(Conflict, match="auditor_closes"):
        step(desk, "close", incident, by="nga")
    step(desk, "close", incident, by="giang")


def test_the_second_person_may_send_it_back(desk: Office) -> None:
    incident = opened(desk)
    resolved(desk, incident)
    after = step(desk, "reopen", incident, text="Chưa rõ ai làm rách", by="nga")
    assert (after.status, after.resolved_by) == (IncidentStatus.REPORTED, None)
    assert last_entry(desk).kind is EntryKind.INCIDENT_REOPENED
    step(desk, "resolve", incident, "handling")
    step(desk, "close", incident, by="nga")


@pytest.mark.parametrize(
    "name", ["comment", "assign", "add_evidence", "report", "resolve", "reopen", "close"]
)
def test_nothing_is_added_to_what_is_closed(desk: Office, name: str) -> None:
    incident = opened(desk)
    resolved(desk, incident)
    step(desk, "close", incident, by="nga")
    size = desk.read(lambda uow: uow.audit.head().size)
    with pytest.raises(Conflict, match="incident_closed"):
        step(desk, name, incident, str(int(desk.actors["nga"].user)), by="giang")
    assert desk.read(lambda uow: uow.audit.head().size) == size


def test_a_line_turned_down_raises_its_incident_in_the_scans_one_entry(desk: Office) -> None:
    codes = desk.town.register(3)
    desk.town.post(codes)
    offer = desk.town.offer("chien", codes, to=RECEIVING, place=RECEIVING, purpose=Purpose.DELIVERY)
    desk.town.send("chien", offer)
    size = desk.read(lambda uow: uow.audit.head().size)
    lines = [
        accept([codes[0]])[0],
        turned_down(codes[1], TakeReason.DAMAGED),
        turned_down(codes[2], TakeReason.DAMAGED),
    ]
    desk.town.send("binh", desk.town.take("binh", offer.nonce, lines, place=RECEIVING))
    assert desk.read(lambda uow: uow.audit.head().size) == size + 1
    entry = last_entry(desk)
    (fact,) = cast("list[dict[str, str]]", entry.facts["incidents"])
    assert fact["incident"] == f"{RECEIVING}/2026/1"
    assert (fact["kind"], fact["lines"]) == ("damaged", "2,3")
    page = desk.read(incident_pages.list_incidents, IncidentSearch(), actor=desk.actors["dung"])
    (row,) = page.rows
    assert set(row.codes) == set(codes[1:])
    assert file_of(desk, row.incident).entries == (entry.index,)
    assert row.incident.opened_by == desk.actors["binh"].user
    assert desk.read(log.verify_log, jobs=1).first_bad is None


def turned_down(code: str, reason: TakeReason) -> TakeLine:
    return TakeLine(code=code, entry=EntryMode.SCAN, verdict=Verdict.REFUSE, reason=reason)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (AttemptReason.CLOSED_OFFICE, IncidentKind.CLOSED_OFFICE),
        (AttemptReason.REFUSED, IncidentKind.REFUSED),
        (AttemptReason.WRONG_ADDRESS, IncidentKind.MISSENT),
        (AttemptReason.RECEIVER_ABSENT, None),
    ],
)
def test_an_attempt_that_ended_badly_raises_its_incident(
    desk: Office, reason: AttemptReason, kind: IncidentKind | None
) -> None:
    codes = desk.town.register()
    desk.town.post(codes)
    desk.town.send("chien", replace(desk.town.attempt("chien", codes, place=RECEIVING), reason=reason))
    page = desk.read(incident_pages.list_incidents, IncidentSearch(), actor=desk.actors["giang"])
    assert [row.incident.kind for row in page.rows] == ([] if kind is None else [kind])


def test_the_same_scan_again_raises_nothing_again(desk: Office) -> None:
    codes = desk.town.register()
    desk.town.post(codes)
    attempt = replace(desk.town.attempt("chien", codes, place=RECEIVING), reason=AttemptReason.CLOSED_OFFICE)
    assert desk.town.send("chien", attempt).status == "accepted"
    assert desk.town.send("chien", attempt).status == "duplicate"
    page = desk.read(incident_pages.list_incidents, IncidentSearch(), actor=desk.actors["giang"])
    assert page.total == 1


def test_the_machine_opens_one_without_an_actor_and_anybody_may_close_it(desk: Office) -> None:
    (code,) = desk.town.register()
    desk.town.post([code])

    def late(uow: UnitOfWork) -> Incident:
        return incidents.open_by_machine(
            uow,
            Found(kind=IncidentKind.LATE, codes=(code,)),
            unit=desk.town.units[POST],
            now=desk.town.clock(),
            tools=desk.town.tools,
        )

    incident = desk.town.do(late)
    assert "actor" not in last_entry(desk).facts
    assert incident.opened_by is None
    resolved(desk, incident)
    step(desk, "close", incident, by="nga")


def test_an_installations_own_table_decides_and_is_named(desk: Office) -> None:
    standards = desk.town.tools.incident_standards
    own = replace(standards.tables[0], name="24-2026", sample=False)
    desk.town.tools = replace(desk.town.tools, incident_standards=replace(standards, tables=(own,)))
    opened(desk)
    assert last_entry(desk).facts["standard"] == "24-2026"


def test_a_change_of_the_vault_key_reaches_the_texts(desk: Office) -> None:
    incident = opened(desk)
    old = file_of(desk, incident).notes[0].note.text_sealed
    both = Vault({"v1": bytes(range(32)), "v2": bytes(range(1, 33))}, "v2")
    desk.town.tools = replace(desk.town.tools, vault=both)
    assert keys.reseal_all(desk.write) == 1
    (note,) = file_of(desk, incident).notes
    assert note.text.text == TEXT
    assert note.note.text_sealed != old
    assert keys.reseal_all(desk.write) == 0


def test_a_page_has_an_end_and_the_next_begins_there(desk: Office) -> None:
    made = [opened(desk).id for _ in range(5)]
    first = desk.read(incident_pages.list_incidents, IncidentSearch(limit=3), actor=desk.actors["dung"])
    assert [row.incident.id for row in first.rows] == made[:1:-1]
    rest = IncidentSearch(limit=3, before_id=first.next_before)
    second = desk.read(incident_pages.list_incidents, rest, actor=desk.actors["dung"])
    assert [row.incident.id for row in second.rows] == made[1::-1]
    assert (second.next_before, second.total) == (None, 2)
