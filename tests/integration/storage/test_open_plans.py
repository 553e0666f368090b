"""What is open is found by indexes that hold nothing else, however many items and trips are done."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from app.domain.bag import BagState
from app.domain.consignment import State
from app.domain.ids import UnitId, UserId
from app.storage.engine import Engines
from app.storage.repositories.bag_search import BagSearch, BagVisibility, conditions
from app.storage.repositories.consignment_queries import HOT_COLUMNS, C, Search, Visibility, narrow
from app.storage.repositories.past_custody import Holder, When, ask_bags, ask_items
from app.storage.tables.bags import BAGS
from tests.support.plans import explained

ME, UNIT = UserId(1), UnitId(1)
POST = Visibility(holder=ME, offered_unit=UNIT)
AGENCY = Visibility(party_unit=UNIT)
MINE = BagVisibility(holder=ME, offered_unit=UNIT)
OFFICE = BagVisibility(holder=ME, offered_unit=UNIT, office=UNIT)
NOW = When(at=datetime(2026, 1, 1, tzinfo=UTC), size=10, is_now=True)

ITEMS = {
    "offered to me": (Search(offered_to=(ME, UNIT)), POST, ("offered_to",)),
    "offered to my agency": (Search(offered_to=(ME, UNIT)), AGENCY, ("offered_to",)),
    "offered by me": (Search(offered_by=ME, is_offered=True), POST, ("offered_by",)),
    "in my hands": (
        Search(custodian=ME, states=(State.IN_CUSTODY,), is_offered=False),
        POST,
        ("held_by_user",),
    ),
    "sent by us and under way": (
        Search(sender_unit=UNIT, states=(State.IN_CUSTODY,)),
        AGENCY,
        ("open_from", "open_to"),
    ),
    "coming to us": (
        Search(recipient_unit=UNIT, states=(State.IN_CUSTODY,)),
        AGENCY,
        ("open_to", "open_from"),
    ),
}
BAG_QUESTIONS = {
    "offered to me": (BagSearch(offered_to=(ME, UNIT)), MINE, ("offered_to",)),
    "in my hands": (
        BagSearch(states=(BagState.CLOSED,), holder=ME, is_nested=False),
        MINE,
        ("held_by_user",),
    ),
    "being packed here": (BagSearch(states=(BagState.OPEN,), origin=UNIT), OFFICE, ("open_from",)),
    "anybody's to be answered": (
        BagSearch(states=(BagState.OPENED,)),
        BagVisibility(everything=True),
        ("open",),
    ),
    "to be answered here": (BagSearch(states=(BagState.OPENED,), destination=UNIT), OFFICE, ("open_to",)),
}


def begins_at_open_work(plan: list[str], table: str, indexes: tuple[str, ...]) -> bool:
    """Tell whether the first touch of the table is by one of these indexes."""
    touches = [step for step in plan if f" {table}" in step and step.startswith(("SCAN", "SEARCH"))]
    return any(f"ix_{table}_{index} " in f"{touches[0]} " for index in indexes)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ITEMS)
def test_a_question_about_open_items_begins_at_what_is_open(engines: Engines, name: str) -> None:
    search, visibility, indexes = ITEMS[name]
    plan = explained(engines, narrow(select(*HOT_COLUMNS), search, visibility).order_by(C.id.desc()).limit(9))
    assert begins_at_open_work(plan, "consignments", indexes), plan


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("search", "index"),
    [
        (Search(states=(State.REGISTERED, State.IN_CUSTODY)), "open"),
        (Search(closed_from_at=NOW.at), "ended"),
    ],
)
def test_totals_are_counted_without_what_ended_long_ago(engines: Engines, search: Search, index: str) -> None:
    asked = narrow(select(C.state, C.secrecy, func.count()), search, Visibility(everything=True))
    plan = explained(engines, asked.group_by(C.state, C.secrecy))
    assert begins_at_open_work(plan, "consignments", (index,)), plan


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", BAG_QUESTIONS)
def test_a_question_about_open_trips_begins_at_what_is_open(engines: Engines, name: str) -> None:
    search, visibility, indexes = BAG_QUESTIONS[name]
    asked = select(BAGS.c.code).where(*conditions(search, visibility)).order_by(BAGS.c.id.desc()).limit(9)
    plan = explained(engines, asked)
    assert begins_at_open_work(plan, "bags", indexes), plan


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("whose", ["user", "unit"])
def test_what_somebody_holds_now_is_found_without_what_they_ever_held(engines: Engines, whose: str) -> None:
    holder = Holder(user=ME) if whose == "user" else Holder(unit=UNIT)
    for table, asked in (("consignments", ask_items(holder, NOW)), ("bags", ask_bags(holder, NOW))):
        plan = explained(engines, asked)
        assert begins_at_open_work(plan, table, (f"held_by_{whose}",)), plan
        assert not [step for step in plan if "_id_consignment_id" in step or "_id_bag_id" in step], plan
