"""Who sees what: one rule for single items and for lists, and one answer for "not there" and "not yours"."""

from datetime import timedelta

import pytest

from app.domain.access import Actor, may_see
from app.domain.consignment import State
from app.domain.errors import InvalidInput, NotFound, NotPermitted
from app.domain.ids import ConsignmentCode
from app.services import home
from app.services.home import Queue
from app.services.items import search
from app.services.people import access
from app.storage.repositories.consignment_queries import Search
from app.storage.uow import UnitOfWork
from audit.evidence import Purpose
from tests.support.office import Office
from tests.support.town import POST, RECEIVING

LOOKERS = ("an", "hanh", "binh", "mai", "chien", "duc", "dung", "oanh", "giang", "hoa", "khanh")


@pytest.fixture
def codes(office: Office) -> dict[str, ConsignmentCode]:
    """Bring items into every state that matters to sight."""
    made = {
        name: office.register(document_numbers=f"{number}/X")
        for number, name in enumerate(("waiting", "offered", "carried", "passed_on", "delivered"), 1)
    }
    town = office.town
    town.send("an", town.offer("an", [made["offered"]], to=POST))
    town.post([made["carried"], made["passed_on"], made["delivered"]])
    town.pass_on("chien", "dung", [made["passed_on"]], place=POST)
    town.pass_on("chien", "binh", [made["delivered"]], place=RECEIVING, purpose=Purpose.DELIVERY)
    return made


def seen_by(office: Office, actor: Actor, codes: dict[str, ConsignmentCode]) -> set[str]:
    found = set()
    for name, code in codes.items():
        try:
            office.read(access.get_consignment, code, actor=actor)
        except (NotFound, NotPermitted):
            continue
        found.add(name)
    return found


@pytest.mark.parametrize("name", LOOKERS)
def test_lists_and_single_items_show_the_same(
    office: Office, codes: dict[str, ConsignmentCode], name: str
) -> None:
    actor = office.actors[name]

    def listed(uow: UnitOfWork) -> set[str]:
        rows = uow.consignments.list(Search(limit=100), access.visibility_of(actor))
        return {str(row.consignment.code) for row in rows}

    def ruled(uow: UnitOfWork) -> set[str]:
        items = [uow.consignments.find(code) for code in codes.values()]
        return {
            str(item.code)
            for item in items
            if item
            and may_see(item, actor, was_custodian=uow.consignments.was_custodian(item.id, actor.user))
        }

    assert office.read(listed) == office.read(ruled)
    assert {codes[one] for one in seen_by(office, actor, codes)} == office.read(ruled)


def test_who_sees_what(office: Office, codes: dict[str, ConsignmentCode]) -> None:
    everything = set(codes)
    expected = {
        "an": everything,
        "hanh": everything,
        "binh": {"carried", "passed_on", "delivered"},
        "chien": {"offered", "carried", "passed_on", "delivered"},
        "duc": {"offered"},
        "dung": {"offered", "passed_on"},
        "oanh": set(),
        "giang": everything,
        "hoa": set(),
        "khanh": set(),
    }
    assert {name: seen_by(office, office.actors[name], codes) for name in expected} == expected


def test_not_there_and_not_yours_are_one_answer(office: Office, codes: dict[str, ConsignmentCode]) -> None:
    answers = set()
    for code in (codes["waiting"], "ZK000000000VN", "nonsense"):
        with pytest.raises(NotFound) as caught:
            office.read(access.get_consignment, code, actor=office.actors["oanh"])
        answers.add((type(caught.value), str(caught.value), caught.value.code))
    assert len(answers) == 1


def test_sealed_fields_open_for_the_two_parties_only(
    office: Office, codes: dict[str, ConsignmentCode]
) -> None:
    def opened(name: str, item: str) -> access.OpenedFields | None:
        return office.read(access.get_record, codes[item], actor=office.actors[name]).opened

    found = opened("an", "carried")
    assert found is not None
    assert (found.document_numbers, found.receiver_name) == ("3/X", "Trần Thị Bình")
    assert opened("binh", "carried") is None
    assert opened("binh", "delivered") is not None
    assert opened("chien", "carried") is None
    assert opened("giang", "carried") is None


def test_a_record_names_everybody_on_it(office: Office, codes: dict[str, ConsignmentCode]) -> None:
    record = office.read(access.get_record, codes["offered"], actor=office.actors["chien"])
    item = record.details.consignment
    assert record.units[item.recipient_unit].code == RECEIVING
    assert item.offer is not None
    assert record.units[item.offer.to_unit].code == POST
    assert record.users[item.offer.by].username == "an"


def find(office: Office, name: str, **fields: str) -> search.SearchResult:
    return office.read(search.search, fields, actor=office.actors[name])


def names(result: search.SearchResult, codes: dict[str, ConsignmentCode]) -> set[str]:
    by_code = {code: name for name, code in codes.items()}
    return {by_code[row.consignment.code] for row in result.page.rows}


def test_search_by_every_way_a_person_knows_an_item(
    office: Office, codes: dict[str, ConsignmentCode]
) -> None:
    code = codes["carried"]
    everything = set(codes)
    typed = f"{code[:2].lower()} {code[2:6]} {code[6:]}"
    assert names(find(office, "an", q=typed), codes) == {"carried"}
    assert names(find(office, "an", q=code[2:9]), codes) == {"carried"}
    assert names(find(office, "an", q="3/2026"), codes) == {"carried"}
    assert names(find(office, "an", q="3"), codes) == {"carried"}
    assert names(find(office, "an", q="so noi vu"), codes) == everything
    assert names(find(office, "an", q="Sở Nội vụ"), codes) == everything
    assert names(find(office, "an", q="so tu phap"), codes) == set()
    assert names(find(office, "an", agency=RECEIVING), codes) == everything
    assert names(find(office, "an", **{"from": "22/11/2026", "until": "2026-11-22"}), codes) == everything
    assert names(find(office, "an", until="21/11/2026"), codes) == set()
    assert names(find(office, "an", state="delivered"), codes) == {"delivered"}
    assert names(find(office, "an", secrecy="C", queue="to_hand_over"), codes) == {"waiting"}
    assert names(find(office, "an", document="3 / x"), codes) == {"carried"}


def test_a_document_number_is_found_only_where_it_may_be_read(
    office: Office, codes: dict[str, ConsignmentCode]
) -> None:
    assert names(find(office, "binh", document="5/X"), codes) == {"delivered"}
    assert names(find(office, "binh", document="3/X"), codes) == set()
    with pytest.raises(NotPermitted):
        find(office, "giang", document="3/X")


def test_a_pasted_list_says_what_was_not_found(office: Office, codes: dict[str, ConsignmentCode]) -> None:
    other = office.register(by="oanh", document_numbers="9/Y")
    pasted = f"{codes['carried']}\n{other}; {codes['waiting'].lower()}  garbage, ZK000000000VN"
    result = find(office, "an", codes=pasted)
    assert names(result, codes) == {"carried", "waiting"}
    assert result.not_found == (other, "garbage", "ZK000000000VN")


def test_bad_questions_name_their_fields(office: Office) -> None:
    with pytest.raises(InvalidInput) as caught:
        find(office, "an", agency="x", until="soon", state="lost", secrecy="Z", queue="q", colour="red")
    fields = {problem.field for problem in caught.value.problems}
    assert fields == {"agency", "until", "state", "secrecy", "queue", "colour"}
    for name in ("hoa", "khanh"):
        with pytest.raises(NotPermitted):
            find(office, name, q="1")


def test_home_counts_what_its_lists_show(office: Office, codes: dict[str, ConsignmentCode]) -> None:
    def totals(name: str) -> dict[Queue, int]:
        shown = office.read(home.get_home, actor=office.actors[name])
        return {view.queue: view.total for view in shown.queues}

    assert totals("an") == {
        Queue.TO_RECEIVE: 0,
        Queue.TO_HAND_OVER: 1,
        Queue.OFFERED_BY_ME: 1,
        Queue.SENT_UNDER_WAY: 2,
        Queue.COMING_TO_US: 0,
        Queue.OVERDUE_DELIVERY: 0,
        Queue.OVERDUE_ACKNOWLEDGEMENT: 0,
        Queue.OPEN_ACKNOWLEDGEMENT: 1,
        Queue.SLIPS_TO_SEND: 0,
        Queue.UNCLAIMED: 0,
    }
    assert totals("binh")[Queue.COMING_TO_US] == 2
    assert totals("chien") == {
        Queue.TO_RECEIVE: 1,
        Queue.IN_HAND: 1,
        Queue.OFFERED_BY_ME: 0,
        Queue.OVERDUE_DELIVERY: 0,
        Queue.UNCLAIMED: 0,
    }
    for queue, total in totals("an").items():
        assert find(office, "an", queue=queue).page.total == total
    assert len(codes) == 5


def test_readers_and_administrators_get_numbers_and_no_item(
    office: Office, codes: dict[str, ConsignmentCode]
) -> None:
    ministry = office.read(home.get_home, actor=office.actors["hoa"])
    assert ministry.totals is not None
    told = ministry.totals
    assert sum(told.by_state.values()) == sum(told.by_secrecy.values())
    assert sum(told.by_state.values()) + sum(told.ended.values()) == len(codes)
    assert set(told.by_state) | set(told.ended) == set(State)
    week_later = office.town.clock() + timedelta(days=8)
    later = office.town.do(lambda uow: home.get_home(uow, actor=office.actors["hoa"], now=week_later))
    assert later.totals is not None
    assert (later.totals.by_state, sum(later.totals.ended.values())) == (told.by_state, 0)
    assert (ministry.queues, ministry.log_size, ministry.upkeep) == ((), None, None)
    auditor = office.read(home.get_home, actor=office.actors["giang"])
    assert auditor.log_size == office.read(lambda uow: uow.audit.head()).size
    administrator = office.read(home.get_home, actor=office.actors["khanh"])
    assert administrator.totals is None
    assert administrator.upkeep is not None
    assert administrator.upkeep.active_users == len(office.actors)
