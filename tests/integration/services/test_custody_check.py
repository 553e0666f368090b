"""Whoever changes who holds an item behind the log's back is seen: at once on every page, and by a replay."""

import pytest

from app.domain.consignment import State
from app.domain.decision import Refusal
from app.services.items import registration
from app.services.items.registration import CancelConsignment
from app.services.log import audit_trail, custody_check
from app.services.log.custody_check import CustodyReport, Differs
from app.services.people import access
from app.services.scans.custody_marks import find_mismatches
from app.services.scans.offers import list_offered
from app.storage.repositories.consignment_queries import Search
from audit.evidence import EntryMode, Purpose, TakeLine, TakeReason, Verdict
from tests.support.databases import Database
from tests.support.office import Office
from tests.support.owner import as_owner
from tests.support.town import POST, RECEIVING, SENDING


@pytest.fixture
def codes(office: Office) -> dict[str, str]:
    """Bring items into every state, by every way there is."""
    town = office.town
    found = {
        name: str(office.register(document_numbers=f"{number}/X"))
        for number, name in enumerate(
            ("new", "relieved", "cancelled", "posted", "passed", "delivered", "returned", "tried", "offered")
        )
    }
    town.pass_on("an", "hanh", [found["relieved"]], place=SENDING)
    command = CancelConsignment(code=found["cancelled"], untrusted_reason="Gửi nhầm nơi")  # type: ignore[arg-type]
    office.write(registration.cancel, command, actor=office.actors["an"])
    moving = [found[name] for name in ("posted", "passed", "delivered", "returned", "tried", "offered")]
    town.post(moving)
    town.pass_on("chien", "duc", [found["passed"]], place=POST)
    town.pass_on("chien", "binh", [found["delivered"]], place=RECEIVING, purpose=Purpose.DELIVERY)
    town.send("chien", town.attempt("chien", [found["returned"]]))
    town.pass_on("chien", "an", [found["returned"]], place=SENDING, purpose=Purpose.RETURN)
    # Turned down at the door, and a take of what was never offered: neither moves anything.
    offer = town.offer("chien", [found["tried"]], to=RECEIVING, place=RECEIVING, purpose=Purpose.DELIVERY)
    town.send("chien", offer)
    line = TakeLine(
        code=found["tried"], entry=EntryMode.SCAN, verdict=Verdict.REFUSE, reason=TakeReason.DAMAGED, seal=""
    )
    assert town.send("binh", town.take("binh", offer.nonce, [line], place=RECEIVING)).status == "accepted"
    refused = town.pass_on("hanh", "duc", [found["new"]], place=SENDING)
    assert refused.lines[0].refusal == Refusal.NOT_OFFERED
    # Offered, recalled, and offered again.
    first = town.offer("chien", [found["offered"]])
    town.send("chien", first)
    town.send("chien", town.recall("chien", first.nonce, [found["offered"]]))
    town.send("chien", town.offer("chien", [found["offered"]]))
    return found


def check(office: Office) -> CustodyReport:
    return office.read(custody_check.compare_custody)


def mismatched(office: Office, codes: dict[str, str]) -> set[str]:
    """Name the items that a list would mark."""
    items = [office.town.item(code) for code in codes.values()]
    marked = office.read(lambda uow: find_mismatches(uow, items))
    return {str(item.code) for item in items if item.id in marked}


FORGERIES = {
    "another holder": ("posted", "custodian_user_id = {duc}", Differs.CUSTODIAN),
    "another unit": ("posted", "custodian_unit_id = {receiving}", Differs.CUSTODIAN),
    "never sent": ("posted", "state = 'registered'", Differs.STATE),
    "already delivered": ("posted", "state = 'delivered', closed_at = registered_at", Differs.STATE),
    "returned, not delivered": ("delivered", "state = 'returned'", Differs.STATE),
    "not delivered yet": ("delivered", "state = 'in_custody', closed_at = NULL", Differs.STATE),
    "not cancelled": ("cancelled", "state = 'registered', closed_at = NULL", Differs.STATE),
    "sent by nobody": ("new", "state = 'in_custody'", Differs.STATE),
    "taken by nobody": ("new", "custodian_user_id = {duc}", Differs.CUSTODIAN),
}


def test_finding_25_a_replay_of_the_log_finds_every_item_where_it_is(
    office: Office, codes: dict[str, str]
) -> None:
    steps: list[tuple[int, int]] = []
    report = office.read(
        custody_check.compare_custody, progress=lambda done, total: steps.append((done, total))
    )
    assert (report.items, report.first) == (len(codes), None)
    assert steps
    assert steps[-1][0] == steps[-1][1]
    assert {office.town.item(code).state for code in codes.values()} == set(State)
    assert mismatched(office, codes) == set()


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_finding_25_a_rewritten_holder_or_state_is_marked_everywhere_and_named_by_the_replay(
    office: Office, codes: dict[str, str], database: Database, forgery: tuple[str, str, Differs]
) -> None:
    name, change, differs = forgery
    code = codes[name]
    values = {"duc": office.actors["duc"].user, "receiving": office.town.units[RECEIVING]}
    with as_owner(database, guards_stay=True) as owner:
        owner.exec_driver_sql(f"UPDATE consignments SET {change.format(**values)} WHERE code = '{code}'")
    found = check(office).first
    assert found is not None
    assert (found.code, found.differs) == (code, differs)
    assert found.logged != found.stored
    assert mismatched(office, codes) == {code}
    auditor = office.actors["giang"]
    assert not office.read(access.get_record, code, actor=auditor).fits_log
    timeline = office.read(audit_trail.get_timeline, code, actor=auditor)
    assert not timeline.fits_log
    assert all(event.is_verified for event in timeline.events)
    assert not timeline.is_verified
    page = office.read(access.list_consignments, Search(), actor=auditor)
    assert {row.consignment.code for row in page.rows if row.consignment.id in page.mismatched} == {code}


def test_finding_25_an_offer_of_somebody_elses_item_is_marked(
    office: Office, codes: dict[str, str], database: Database
) -> None:
    clerk = office.actors["dung"]
    assert office.read(list_offered, actor=clerk).mismatched == frozenset()
    with as_owner(database, guards_stay=True) as owner:
        owner.exec_driver_sql(
            f"UPDATE consignments SET custodian_user_id = {office.actors['duc'].user}"
            f" WHERE code = '{codes['offered']}'"
        )
    offered = office.read(list_offered, actor=clerk)
    assert {item.code for item in offered.items if item.id in offered.mismatched} == {codes["offered"]}


def test_finding_25_a_forged_holding_beside_the_row_is_still_named_by_the_replay(
    office: Office, codes: dict[str, str], database: Database
) -> None:
    duc, post = office.actors["duc"].user, office.town.units[POST]
    item = office.town.item(codes["posted"])
    with as_owner(database, guards_stay=True) as owner:
        owner.exec_driver_sql(f"UPDATE consignments SET custodian_user_id = {duc} WHERE id = {item.id}")
        owner.exec_driver_sql(
            f"INSERT INTO holdings (consignment_id, entry_idx, user_id, unit_id)"
            f" VALUES ({item.id}, 999999, {duc}, {post})"
        )
    assert mismatched(office, codes) == set()
    found = check(office).first
    assert found is not None
    assert (found.code, found.differs) == (codes["posted"], Differs.CUSTODIAN)


def test_finding_25_an_item_that_only_one_of_the_two_knows_is_named(
    office: Office, codes: dict[str, str], database: Database
) -> None:
    with as_owner(database, guards_stay=True) as owner:
        owner.exec_driver_sql(f"UPDATE consignments SET code = 'ZZ000000005VN' WHERE code = '{codes['new']}'")
    found = check(office).first
    assert found is not None
    assert (found.code, found.differs) == (codes["new"], Differs.NOT_STORED)


def test_finding_25_an_item_that_was_never_registered_in_the_log_is_named(
    office: Office, codes: dict[str, str], database: Database
) -> None:
    with as_owner(database, guards_stay=True) as owner:
        columns = ", ".join(
            name
            for name in owner.exec_driver_sql("SELECT * FROM consignments WHERE false").keys()  # noqa: SIM118  # a result
            if name not in {"id", "code"}
        )
        owner.exec_driver_sql(
            f"INSERT INTO consignments (id, code, {columns})"
            f" SELECT 9999, 'ZZ000000005VN', {columns} FROM consignments WHERE code = '{codes['new']}'"
        )
    found = check(office).first
    assert found is not None
    assert (found.code, found.differs) == ("ZZ000000005VN", Differs.NOT_IN_LOG)
