"""What people did at their desks comes back: incidents, holds, corrections, tracers, mandates, redirects.

Each kind of entry lies alone in a gap once, on a backup that holds all that led up to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from app.domain.access import Role
from app.domain.incident import Incident
from app.domain.incident_search import IncidentSearch
from app.services.incidents import corrections, holds, incident_pages
from app.services.items import mandates
from app.services.items.sealed_texts import OpenedText
from app.services.log import custody_check, keys, log
from app.services.log.published_log import PublishedLog
from app.services.owed import unattended
from app.services.owed.unattended import AnswerUnattended
from app.services.recovery.facts import Lost
from app.services.recovery.recover import Watch, recover
from app.storage.engine import Engines
from app.storage.refill import Refill
from audit.entry import parse_entry
from audit.evidence import TakeReason
from audit.kinds import EntryKind
from crypto.vault import Vault
from tests.integration.services.test_corrections import decide, declare, printed
from tests.integration.services.test_holds import STRANGE, in_hand, lift, place, refusals
from tests.integration.services.test_incidents import turned_down
from tests.integration.services.test_receiving import deliver, deliver_at, grant, send_on
from tests.integration.services.test_tracers import (
    INVESTIGATION_DUE,
    LETTER_DUE,
    answer,
    delivered,
    forward,
    listed,
    run,
)
from tests.support.databases import Database
from tests.support.gap import shown
from tests.support.incidents import TEXT, file_of, opened, resolved, staffed, step
from tests.support.office import Office
from tests.support.publishing import publish_now, stored
from tests.support.restored import Rows, dump, restore
from tests.support.town import ELSEWHERE, POST, SENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What the backup holds, what is done after it, and what is told as lost: of what, and which value."""

    before: Callable[[Office], Any]
    after: Callable[[Office, Any], object]
    lost: tuple[tuple[str, str], ...] = ()


def traced(office: Office) -> int:
    """Let a letter be raised and return its id."""
    delivered(office)
    forward(office, LETTER_DUE)
    assert run(office) == 1
    return listed(office)[0].tracer.id


def due(office: Office) -> None:
    delivered(office)
    forward(office, LETTER_DUE)


def to_be_investigated(office: Office) -> None:
    traced(office)
    forward(office, INVESTIGATION_DUE - LETTER_DUE + timedelta(minutes=5))


def wrong(office: Office) -> int:
    """Print a label and return the entry that will be declared wrong."""
    return printed(office, office.register())


def reported(office: Office) -> Incident:
    """Bring an incident to where its cause can be told."""
    incident = opened(office, kind="late")
    step(office, "report", incident, "sender")
    step(office, "add_evidence", incident, "statement")
    return incident


def note_all(office: Office, incident: Incident) -> None:
    """Comment, give it an owner of another office, and note evidence."""
    step(office, "comment", incident, text="Đã gọi nơi gửi")
    step(office, "assign", incident, str(int(office.actors["tam"].user)), by="giang")
    step(office, "add_evidence", incident, "minutes", "BB 12, tủ 3")


def two_in_hand(office: Office) -> tuple[str, str]:
    return in_hand(office), in_hand(office)


def open_by_hand(office: Office, codes: tuple[str, str]) -> None:
    """Open one about an item and a code that is nobody's, and one of an agency about what it cannot see."""
    opened(office, codes[0], STRANGE, kind="loss")
    opened(office, codes[1], by="oanh")


def hold_on_an_incident(office: Office, code: str) -> None:
    """Quarantine an item for an incident, and stop it and a code that is nobody's."""
    incident = opened(office, code)
    place(office, code, incident=incident.id)
    place(office, code, "stopped")
    place(office, STRANGE, "stopped")


def of_incident(number: int, *steps: str) -> tuple[tuple[str, str], ...]:
    """Name the lost texts of an incident of the post office."""
    return tuple((f"incident 24.P01/2026/{number}", f"text of step {text}") for text in steps)


def unanswered(office: Office) -> None:
    """Leave an item given out that nobody takes, for longer than the place may look on."""
    codes = office.town.register()
    assert office.town.send("an", office.town.offer("an", codes, to=POST, place=SENDING)).status == "accepted"
    forward(office, timedelta(hours=9))


def look_around(office: Office) -> int:
    """Let the installation's command ask and raise what is due."""
    return office.write(unattended.raise_unattended)


def asked(office: Office) -> int:
    """Let the place be asked, and return the number of the question."""
    unanswered(office)
    assert look_around(office) == 1
    page = office.read(unattended.list_unattended, actor=office.actors["giang"])
    assert page.rows[0].question is not None
    return page.rows[0].question


def asked_long_ago(office: Office) -> None:
    asked(office)
    forward(office, timedelta(hours=16))


def say_where_it_is(office: Office, question: int) -> None:
    command = AnswerUnattended(question=question, untrusted_answer="secured", untrusted_note="Trong két")
    office.write(unattended.answer, command, actor=office.actors["hanh"])


GAPS = {
    EntryKind.UNATTENDED_ASKED: Gap(before=unanswered, after=lambda office, _: look_around(office)),
    EntryKind.UNATTENDED_ANSWERED: Gap(before=asked, after=say_where_it_is),
    EntryKind.UNATTENDED_RAISED: Gap(before=asked_long_ago, after=lambda office, _: look_around(office)),
    EntryKind.TRACER_ISSUED: Gap(before=due, after=lambda office, _: run(office)),
    EntryKind.TRACER_ANSWERED: Gap(before=traced, after=answer),
    EntryKind.INVESTIGATION_OPENED: Gap(before=to_be_investigated, after=lambda office, _: run(office)),
    EntryKind.MANDATE_GRANTED: Gap(
        before=lambda office: grant(office, "mai"),
        after=lambda office, _: grant(office, "mai", kind="receiver", opens_named=""),
    ),
    EntryKind.MANDATE_REVOKED: Gap(
        before=lambda office: grant(office, "mai"),
        after=lambda office, found: office.write(mandates.revoke, found, actor=office.actors["binh"]),
    ),
    EntryKind.REDIRECTED: Gap(before=in_hand, after=send_on),
    EntryKind.INCIDENT_OPENED: Gap(
        before=two_in_hand,
        after=open_by_hand,
        lost=(*of_incident(1, "1 (opened)"), ("incident 24.H03/2026/1", "text of step 1 (opened)")),
    ),
    EntryKind.INCIDENT_NOTED: Gap(
        before=opened,
        after=note_all,
        lost=of_incident(1, "2 (commented)", "4 (evidenced)"),
    ),
    EntryKind.INCIDENT_REPORTED: Gap(
        before=opened,
        after=lambda office, found: step(office, "report", found, "sender"),
        lost=of_incident(1, "2 (reported)"),
    ),
    EntryKind.INCIDENT_RESOLVED: Gap(
        before=reported,
        after=lambda office, found: step(office, "resolve", found, "transport"),
        lost=of_incident(1, "4 (resolved)"),
    ),
    EntryKind.INCIDENT_REOPENED: Gap(
        before=lambda office: resolved(office, opened(office, kind="late")),
        after=lambda office, found: step(office, "reopen", found, by="nga"),
        lost=of_incident(1, "5 (reopened)"),
    ),
    EntryKind.INCIDENT_CLOSED: Gap(
        before=lambda office: resolved(office, opened(office, kind="late")),
        after=lambda office, found: step(office, "close", found, by="nga", text=""),
    ),
    EntryKind.HOLD_PLACED: Gap(
        before=in_hand,
        after=hold_on_an_incident,
        lost=(*of_incident(1, "1 (opened)"), *3 * (("hold on ", "text (placed)"),)),
    ),
    EntryKind.HOLD_LIFTED: Gap(
        before=lambda office: place(office, in_hand(office)),
        after=lift,
        lost=(("hold on ", "text (lifted)"),),
    ),
    EntryKind.CORRECTION_PROPOSED: Gap(
        before=wrong,
        after=declare,
        lost=(("declared error in entry ", "text"),),
    ),
    EntryKind.ERROR_DECLARED: Gap(
        before=lambda office: declare(office, wrong(office)),
        after=decide,
    ),
    EntryKind.CORRECTION_REFUSED: Gap(
        before=lambda office: declare(office, wrong(office)),
        after=lambda office, found: decide(office, found, confirm=False),
    ),
}
DESK_KINDS = set(GAPS)


@pytest.fixture
def desk(office: Office) -> Office:
    """Staff the offices: two clerks here, one elsewhere, a second auditor."""
    office.actors["quy"] = office.employ("quy", "Hà Quý", Role.AUDITOR)
    return staffed(office)


def lose_and_recover(
    desk: Office, database: Database, engines: Engines, at: PublishedLog, old: Rows
) -> list[Lost]:
    """Publish, put the old copy back, recover; return what was told as lost."""
    told: list[Lost] = []
    publish_now(desk, at)
    restore(database, old)
    watch = Watch(lost=told.append)
    assert recover(desk, Refill(engines.write), log=at, tools=desk.town.tools, watch=watch) > 0
    return told


@pytest.mark.parametrize("kind", GAPS)
def test_what_was_done_comes_back_alone(
    desk: Office, published: PublishedLog, database: Database, engines: Engines, kind: EntryKind
) -> None:
    gap = GAPS[kind]
    found = gap.before(desk)
    old, size = dump(database), len(stored(desk))
    gap.after(desk, found)
    lost, entries = dump(database), stored(desk)
    assert kind in {parse_entry(data).kind for data in entries[size:]}
    told = lose_and_recover(desk, database, engines, published, old)
    assert stored(desk) == entries
    now, then = shown(dump(database)), shown(lost)
    for table in then:
        assert now[table] == then[table], table
    assert len(told) == len(gap.lost)
    for one, (of, value) in zip(told, gap.lost, strict=True):
        assert one.of.startswith(of)
        assert one.values == (value,)
    assert desk.read(custody_check.compare_custody).first is None
    assert desk.read(log.verify_log, jobs=1).first_bad is None


def turn_down(desk: Office, code: str) -> Incident:
    """Let a clerk turn an item down as damaged; return the incident that the scan raised by itself."""
    offer = desk.town.offer("chien", [code], to=POST, place=POST)
    desk.town.send("chien", offer)
    line = turned_down(code, TakeReason.DAMAGED)
    assert (
        desk.town.send("dung", desk.town.take("dung", offer.nonce, (line,), place=POST)).status == "accepted"
    )
    page = desk.read(incident_pages.list_incidents, IncidentSearch(), actor=desk.actors["giang"])
    return page.rows[0].incident


def live_on(desk: Office, codes: Sequence[str]) -> None:
    """Do a little of everything, and let the scans between be ruled on by it."""
    held, listed_for, elsewhere, damaged = codes
    incident = opened(desk, held)
    place(desk, held, incident=incident.id)
    offer = desk.town.offer("chien", [held], to=POST, place=SENDING)
    assert [line.refusal for line in desk.town.send("chien", offer).lines] == ["quarantined"]
    grant(desk, "binh", kind="receiver")
    assert deliver(desk, listed_for, "mai") == "not_a_receiver"
    assert deliver(desk, listed_for, "binh") == "accepted"
    send_on(desk, elsewhere)
    assert deliver_at(desk, elsewhere, "oanh", ELSEWHERE) == "accepted"
    step(desk, "comment", turn_down(desk, damaged), text="Đã chụp ảnh bì ngoài")
    declare(desk, printed(desk, desk.register()))


def test_scans_of_the_gap_are_ruled_on_by_what_came_back_and_people_go_on(
    desk: Office, published: PublishedLog, database: Database, engines: Engines
) -> None:
    codes = [in_hand(desk) for _ in range(4)]
    old = dump(database)
    live_on(desk, codes)
    lost = dump(database)
    lose_and_recover(desk, database, engines, published, old)
    now, then = shown(dump(database)), shown(lost)
    for table in then:
        assert now[table] == then[table], table
    # Every series goes on where it was, and what waits is decided.
    last = max(int(str(row["number"])) for row in lost["incidents"])
    assert opened(desk).number.number == last + 1
    assert grant(desk, "mai", kind="receiver") > max(int(str(row["id"])) for row in lost["mandates"])
    (hold,) = desk.read(holds.list_holds, actor=desk.actors["dung"], active=True).rows
    lift(desk, hold.placed)
    assert refusals(desk, "chien", desk.town.offer("chien", codes[:1], to=POST, place=SENDING)) == [""]
    (waits,) = desk.read(corrections.list_corrections, actor=desk.actors["giang"], is_open=True)
    decide(desk, waits.correction)
    assert desk.read(custody_check.compare_custody).first is None
    assert desk.read(log.verify_log, jobs=1).first_bad is None


def test_what_was_asked_about_in_the_gap_is_not_asked_about_again(
    desk: Office, published: PublishedLog, database: Database, engines: Engines
) -> None:
    old = dump(database)
    asked(desk)
    lose_and_recover(desk, database, engines, published, old)
    assert look_around(desk) == 0
    forward(desk, timedelta(hours=16))
    assert (look_around(desk), look_around(desk)) == (1, 0)


def test_a_lost_text_is_told_from_none_and_from_what_the_backup_has(
    desk: Office, published: PublishedLog, database: Database, engines: Engines
) -> None:
    code = in_hand(desk)
    incident = opened(desk, code)
    old = dump(database)
    step(desk, "assign", incident, str(int(desk.actors["nga"].user)))
    step(desk, "comment", incident, text="Đã gọi nơi gửi")
    lift(desk, place(desk, code))
    declare(desk, printed(desk, desk.register()))
    lose_and_recover(desk, database, engines, published, old)
    # A change of the vault's key passes over what is not there.
    vault = Vault({"v2": bytes(32), "v1": bytes(range(32))}, "v2")
    desk.town.tools = replace(desk.town.tools, vault=vault)
    assert keys.reseal_all(desk.write) > 0
    assert [note.text for note in file_of(desk, incident).notes] == [
        OpenedText(text=TEXT),
        OpenedText(),
        OpenedText(is_lost=True),
    ]
    (hold,) = desk.read(holds.list_holds, actor=desk.actors["dung"], active=False).rows
    assert (hold.text, hold.lifted_text) == (OpenedText(is_lost=True), OpenedText(is_lost=True))
    (waits,) = desk.read(corrections.list_corrections, actor=desk.actors["giang"], is_open=True)
    assert waits.text == OpenedText(is_lost=True)
    # What people still know is written down once more, as a comment.
    step(desk, "comment", incident, text="Ghi lại: đã gọi nơi gửi")
    assert file_of(desk, incident).notes[-1].text == OpenedText(text="Ghi lại: đã gọi nơi gửi")
