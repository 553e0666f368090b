"""Quarantine and stop: what is held back does not move, a second person lets it go, the log knows both."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import DatabaseError

from app.domain.access import Role
from app.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from app.domain.held_back import Hold
from app.domain.hold import PlacedHold
from app.services.incidents import holds
from app.services.incidents.holds import LiftHold, PlaceHold
from app.services.log import keys, log
from app.services.log.custody_check import compare_custody
from app.storage.engine import Engines
from audit.entry import Entry, parse_entry
from audit.evidence import EntryMode, Purpose, TakeLine, TakeReason, Verdict
from audit.kinds import EntryKind
from crypto.vault import Vault
from tests.support.databases import Database
from tests.support.incidents import opened, resolved, staffed, step
from tests.support.office import Office
from tests.support.owner import as_owner
from tests.support.town import POST, RECEIVING, SENDING, accept

STRANGE = "ZK999999995VN"


@pytest.fixture
def desk(office: Office) -> Office:
    """Staff the offices."""
    return staffed(office)


def place(desk: Office, code: str, hold: str = "quarantined", by: str = "dung", **more: int) -> PlacedHold:
    command = PlaceHold(
        untrusted_hold=hold, untrusted_code=code, untrusted_reason="damaged", untrusted_text="Bì rách", **more
    )
    return desk.write(holds.place, command, actor=desk.actors[by])


def lift(desk: Office, hold: PlacedHold, by: str = "nga", text: str = "Đã gói lại") -> PlacedHold:
    return desk.write(holds.lift, LiftHold(hold=hold.id, untrusted_text=text), actor=desk.actors[by])


def in_hand(desk: Office) -> str:
    """Bring an item into Chiến's hands."""
    (code,) = desk.town.register()
    desk.town.post([code])
    return code


def refusals(desk: Office, name: str, scan: object) -> list[str]:
    return [line.refusal for line in desk.town.send(name, scan).lines]  # type: ignore[arg-type]  # any scan


def last_entry(desk: Office) -> Entry:
    return parse_entry(desk.read(lambda uow: uow.audit.list_latest(limit=1))[0].data)


def agrees(desk: Office) -> bool:
    return desk.read(compare_custody).first is None and desk.read(log.verify_log, jobs=1).first_bad is None


def test_a_quarantined_item_is_offered_to_nobody(desk: Office) -> None:
    code = in_hand(desk)
    place(desk, code)
    assert desk.town.item(code).hold is Hold.QUARANTINED
    offer = desk.town.offer("chien", [code], to=POST, place=SENDING)
    assert refusals(desk, "chien", offer) == ["quarantined"]
    assert agrees(desk)


def test_an_offer_made_before_is_not_taken_but_may_be_turned_down_or_recalled(desk: Office) -> None:
    first, second = in_hand(desk), in_hand(desk)
    offer = desk.town.offer("chien", [first, second], to=POST, place=POST)
    desk.town.send("chien", offer)
    place(desk, first)
    place(desk, second)
    take = desk.town.take("dung", offer.nonce, accept([first]), place=POST)
    assert refusals(desk, "dung", take) == ["quarantined"]
    no = TakeLine(code=first, entry=EntryMode.SCAN, verdict=Verdict.REFUSE, reason=TakeReason.DAMAGED)
    assert refusals(desk, "dung", desk.town.take("dung", offer.nonce, [no], place=POST)) == [""]
    assert refusals(desk, "chien", desk.town.recall("chien", offer.nonce, [second])) == [""]
    assert desk.town.item(first).custodian.user == desk.actors["chien"].user
    assert agrees(desk)


def test_a_stopped_item_is_refused_whatever_is_scanned(desk: Office) -> None:
    code = in_hand(desk)
    place(desk, code, "stopped")
    offer = desk.town.offer("chien", [code], to=POST, place=SENDING)
    assert refusals(desk, "chien", offer) == ["stopped"]
    assert refusals(desk, "chien", desk.town.attempt("chien", [code], place=RECEIVING)) == ["stopped"]
    assert refusals(desk, "chien", desk.town.recall("chien", offer.nonce, [code])) == ["stopped"]
    assert refusals(desk, "chien", desk.town.key_in("chien", code)) == ["stopped"]
    assert [item.refusal for item in last_entry(desk).items] == ["stopped"]
    assert agrees(desk)


def test_a_stopped_item_that_has_ended_still_stops(desk: Office) -> None:
    code = in_hand(desk)
    desk.town.pass_on("chien", "binh", [code], place=RECEIVING, purpose=Purpose.DELIVERY)
    place(desk, code, "stopped")
    offer = desk.town.offer("chien", [code], to=POST, place=SENDING)
    assert refusals(desk, "chien", offer) == ["stopped"]
    assert agrees(desk)


@pytest.mark.parametrize("code", [STRANGE, "RR123456785VN"])
def test_a_code_that_does_not_exist_here_can_be_stopped_and_is_refused_wherever_it_is_scanned(
    desk: Office, code: str
) -> None:
    offer = desk.town.offer("chien", [code], to=POST, place=SENDING)
    assert refusals(desk, "chien", offer) == ["unknown_code"]
    hold = place(desk, code, "stopped")
    assert last_entry(desk).facts["code"] == code
    for name, place_of in (("chien", SENDING), ("an", SENDING), ("dung", POST)):
        again = desk.town.offer(name, [code], to=POST, place=place_of)
        assert refusals(desk, name, again) == ["stopped"]
    lift(desk, hold)
    assert refusals(desk, "chien", desk.town.offer("chien", [code], to=POST, place=SENDING)) == [
        "unknown_code"
    ]
    assert agrees(desk)


def test_the_rest_of_a_list_goes_on(desk: Office) -> None:
    held, free = in_hand(desk), in_hand(desk)
    place(desk, held, "stopped")
    offer = desk.town.offer("chien", [held, free, STRANGE], to=POST, place=SENDING)
    assert refusals(desk, "chien", offer) == ["stopped", "", "unknown_code"]


def test_a_second_person_lets_it_go_with_a_reason(desk: Office) -> None:
    code = in_hand(desk)
    hold = place(desk, code)
    with pytest.raises(Conflict, match="own_hold"):
        lift(desk, hold, by="dung")
    with pytest.raises(InvalidInput):
        lift(desk, hold, text=" ")
    lift(desk, hold)
    entry = last_entry(desk)
    assert entry.kind is EntryKind.HOLD_LIFTED
    assert entry.facts["placer"] == int(desk.actors["dung"].user)
    assert entry.facts["in_force"] == ""
    assert "gói lại" not in entry.data.decode()
    assert refusals(desk, "chien", desk.town.offer("chien", [code], to=POST, place=SENDING)) == [""]
    with pytest.raises(Conflict, match="hold_lifted"):
        lift(desk, hold, by="giang")
    assert agrees(desk)


def test_of_two_holds_the_stronger_counts_until_it_is_lifted(desk: Office) -> None:
    code = in_hand(desk)
    place(desk, code)
    stop = place(desk, code, "stopped", by="giang")
    assert desk.town.item(code).hold is Hold.STOPPED
    desk.actors["quy"] = desk.employ("quy", "Hà Quý", Role.AUDITOR)
    lift(desk, stop, by="quy")
    assert desk.town.item(code).hold is Hold.QUARANTINED
    assert last_entry(desk).facts["in_force"] == "quarantined"
    assert agrees(desk)


def test_one_of_each_kind_at_a_time(desk: Office) -> None:
    code = in_hand(desk)
    hold = place(desk, code)
    with pytest.raises(Conflict, match="already_held"):
        place(desk, code, by="nga")
    lift(desk, hold)
    place(desk, code, by="nga")


def test_only_an_item_is_quarantined(desk: Office) -> None:
    with pytest.raises(InvalidInput, match="unknown_item"):
        place(desk, STRANGE)


def test_every_mistake_of_the_form_is_named(desk: Office) -> None:
    command = PlaceHold(
        untrusted_hold="locked", untrusted_code="mã", untrusted_reason="because", untrusted_text=""
    )
    with pytest.raises(InvalidInput) as caught:
        desk.write(holds.place, command, actor=desk.actors["dung"])
    assert {problem.field for problem in caught.value.problems} == {"hold", "code", "reason", "text"}


@pytest.mark.parametrize("name", ["an", "chien", "hoa", "khanh"])
def test_only_clerks_and_auditors_hold_back(desk: Office, name: str) -> None:
    code = in_hand(desk)
    hold = place(desk, code)
    with pytest.raises(NotPermitted):
        place(desk, code, "stopped", by=name)
    with pytest.raises(NotPermitted):
        lift(desk, hold, by=name)
    with pytest.raises(NotPermitted):
        desk.read(holds.list_holds, actor=desk.actors[name], active=True)


def test_an_office_sees_and_lifts_its_own_and_an_auditor_all(desk: Office) -> None:
    hold = place(desk, in_hand(desk))
    seen = {
        name: len(desk.read(holds.list_holds, actor=desk.actors[name], active=True).rows)
        for name in ("dung", "nga", "tam", "giang")
    }
    assert seen == {"dung": 1, "nga": 1, "tam": 0, "giang": 1}
    with pytest.raises(NotFound):
        lift(desk, hold, by="tam")
    (row,) = desk.read(holds.list_holds, actor=desk.actors["giang"], active=True).rows
    assert row.text.text == "Bì rách"


def test_an_incident_is_not_closed_over_a_quarantine(desk: Office) -> None:
    code = in_hand(desk)
    incident = opened(desk, code)
    hold = place(desk, code, incident=incident.id)
    assert last_entry(desk).facts["incident"] == str(incident.number)
    resolved(desk, incident)
    with pytest.raises(Conflict, match="still_held"):
        step(desk, "close", incident, by="nga")
    lift(desk, hold)
    step(desk, "close", incident, by="nga")


def test_an_incident_is_not_closed_over_a_quarantine_that_a_stop_hides(desk: Office) -> None:
    codes = [in_hand(desk), in_hand(desk)]
    incident = resolved(desk, opened(desk, *codes))
    placed = place(desk, codes[1])
    stop = place(desk, codes[1], "stopped")
    with pytest.raises(Conflict, match="still_held"):
        step(desk, "close", incident, by="nga")
    lift(desk, placed)
    assert step(desk, "close", incident, by="nga").is_closed
    assert desk.read(lambda uow: uow.holds.find(stop.id)) == stop


def test_a_hold_of_an_incident_one_does_not_know_is_not_placed(desk: Office) -> None:
    incident = opened(desk, by="an")
    with pytest.raises(NotFound):
        place(desk, in_hand(desk), incident=incident.id)


def test_a_change_of_the_vault_key_reaches_what_was_written(desk: Office) -> None:
    lift(desk, place(desk, in_hand(desk)))
    both = Vault({"v1": bytes(range(32)), "v2": bytes(range(1, 33))}, "v2")
    desk.town.tools = replace(desk.town.tools, vault=both)
    keys.reseal_all(desk.write)
    only = Vault({"v2": bytes(range(1, 33))}, "v2")
    desk.town.tools = replace(desk.town.tools, vault=only)
    (row,) = desk.read(holds.list_holds, actor=desk.actors["giang"], active=False).rows
    assert (row.text.text, row.lifted_text.text) == ("Bì rách", "Đã gói lại")


ATTACKS = {
    "lift it again": "UPDATE holds SET lifted_by_id = lifted_by_id + 1",
    "hold another code": "UPDATE holds SET code = 'x'",
    "another who placed it": "UPDATE holds SET placed_by_id = lifted_by_id",
    "forget it": "DELETE FROM holds",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
@pytest.mark.parametrize("owner", [False, True], ids=["application", "owner"])
def test_what_was_held_back_stays_written(
    desk: Office, engines: Engines, database: Database, attack: str, *, owner: bool
) -> None:
    lift(desk, place(desk, in_hand(desk)))
    if owner:
        with pytest.raises(DatabaseError), as_owner(database, guards_stay=True) as connection:
            connection.exec_driver_sql(attack)
    else:
        with engines.write.connect() as connection, pytest.raises(DatabaseError):
            connection.exec_driver_sql(attack)


def test_a_hold_taken_off_the_row_alone_is_found_by_the_replay(desk: Office, database: Database) -> None:
    code = in_hand(desk)
    place(desk, code)
    with as_owner(database, guards_stay=True) as owner:
        owner.exec_driver_sql("UPDATE consignments SET hold = ''")
    difference = desk.read(compare_custody).first
    assert difference is not None
    assert (difference.code, difference.differs) == (code, "hold")
