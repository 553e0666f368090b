"""Control 9, control 10: a delivery is owed its slip until the sender files it by its own code."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DatabaseError

from app.domain.acknowledgement import ReceiptKind, slip_code
from app.domain.clock import ClockState
from app.domain.consignment import State
from app.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from app.domain.grades import Grade, Secrecy
from app.domain.ids import ConsignmentCode
from app.services.home import Queue
from app.services.items import search
from app.services.log import log
from app.services.owed import acknowledgements, standards
from app.services.owed.acknowledgements import Filed, FileReceipt
from app.services.owed.standards import PublishStandard, form_of
from app.services.people.access import get_record
from app.storage.engine import Engines
from audit.entry import parse_entry
from audit.evidence import EntryMode, Purpose
from audit.kinds import EntryKind
from tests.support.office import Office
from tests.support.town import POST, RECEIVING


def delivered(office: Office, count: int = 1, **changes: object) -> list[ConsignmentCode]:
    codes = office.town.register(count, **changes)
    office.town.post(codes)
    office.town.pass_on("chien", "binh", codes, place=RECEIVING, purpose=Purpose.DELIVERY)
    return codes


def slip(office: Office, code: str, kind: ReceiptKind = ReceiptKind.DELIVERED) -> str:
    return office.town.tools.label_keys.qr_text(slip_code(kind, code))


def file(office: Office, text: str, by: str = "an") -> Filed:
    return office.write(
        acknowledgements.file_receipt, FileReceipt(untrusted_slip=text), actor=office.actors[by]
    )


def queue(office: Office, queue: Queue, by: str = "an") -> set[str]:
    found = office.read(search.search, {"queue": queue.value}, actor=office.actors[by])
    return {row.consignment.code for row in found.page.rows}


def forward(office: Office, **step: float) -> None:
    office.town.clock.now += timedelta(**step)  # type: ignore[attr-defined]


def test_control_9_a_delivery_is_owed_its_slip_until_the_sender_files_it(office: Office) -> None:
    first, second = delivered(office, 2)
    assert queue(office, Queue.OPEN_ACKNOWLEDGEMENT) == {first, second}
    filed = file(office, slip(office, first))
    assert (filed.code, filed.receipt.kind, filed.receipt.entry_mode) == (
        first,
        ReceiptKind.DELIVERED,
        EntryMode.SCAN,
    )
    assert queue(office, Queue.OPEN_ACKNOWLEDGEMENT) == {second}
    record = office.read(get_record, first, actor=office.actors["an"])
    assert record.clocks.acknowledgement.state is ClockState.MET
    assert record.clocks.acknowledgement.stopped_at == filed.receipt.filed_at
    # The acknowledgement is a fact of its own: the item stays what it was, with whom it was.
    assert record.details.consignment.state is State.DELIVERED
    assert record.details.consignment.custodian.user == office.actors["binh"].user


def test_the_slip_is_an_entry_in_the_items_chain_and_the_log_verifies(office: Office) -> None:
    (code,) = delivered(office)
    file(office, slip(office, code))
    entry = parse_entry(office.read(lambda uow: uow.audit.list_for_code(code))[-1].data)
    assert entry.kind is EntryKind.ACKNOWLEDGED
    assert entry.facts == {
        "actor": int(office.actors["an"].user),
        "receipt": "delivered",
        "entry_mode": "scan",
    }
    assert office.read(log.verify_log, jobs=1).first_bad is None


def test_a_typed_code_is_recorded_as_typed(office: Office) -> None:
    (code,) = delivered(office)
    typed = slip(office, code).replace("|", " ").lower()
    assert file(office, typed).receipt.entry_mode is EntryMode.TYPED


def test_a_slip_that_was_never_printed_is_not_filed(office: Office) -> None:
    (code,) = delivered(office)
    good = slip(office, code)
    other = "A" if good[-1] != "A" else "B"
    for forged in (good[:-1] + other, f"BP{code}|XX|{good[-16:]}", slip(office, code).replace("BP", "TH")):
        with pytest.raises(InvalidInput, match="forged_slip"):
            file(office, forged)
    # The label on the envelope is not the slip, although the same keys made it.
    with pytest.raises(InvalidInput, match="not_a_slip"):
        file(office, office.town.tools.label_keys.qr_text(code))
    assert queue(office, Queue.OPEN_ACKNOWLEDGEMENT) == {code}


def test_another_agency_and_a_stranger_to_the_item_get_the_same_answer(office: Office) -> None:
    (code,) = delivered(office)
    for name in ("binh", "oanh"):
        with pytest.raises(NotFound):
            file(office, slip(office, code), by=name)
    with pytest.raises(NotFound):
        file(office, slip(office, "ZK000000005VN"))


@pytest.mark.parametrize("name", ["chien", "dung", "giang", "hoa", "khanh"])
def test_only_a_focal_point_files_slips(office: Office, name: str) -> None:
    (code,) = delivered(office)
    with pytest.raises(NotPermitted):
        file(office, slip(office, code), by=name)


def test_a_slip_is_filed_once_also_when_two_colleagues_scan_it(office: Office) -> None:
    (code,) = delivered(office)
    file(office, slip(office, code))
    for name in ("an", "hanh"):
        with pytest.raises(Conflict, match="already_filed"):
            file(office, slip(office, code), by=name)


def test_control_10_the_four_receipts_never_stand_for_one_another(office: Office) -> None:
    (code,) = delivered(office)
    for kind in (ReceiptKind.RETURNED, ReceiptKind.UNDELIVERED):
        with pytest.raises(Conflict, match="receipt_not_due"):
            file(office, slip(office, code, kind))
    file(office, slip(office, code, ReceiptKind.DESTROYED))
    assert queue(office, Queue.OPEN_ACKNOWLEDGEMENT) == {code}

    (tried,) = office.town.register()
    office.town.post([tried])
    office.town.send("chien", office.town.attempt("chien", [tried]))
    file(office, slip(office, tried, ReceiptKind.UNDELIVERED))
    assert office.town.item(tried).state is State.IN_CUSTODY
    office.town.pass_on("chien", "an", [tried], place=office.town.people["an"].unit, purpose=Purpose.RETURN)
    with pytest.raises(Conflict, match="receipt_not_due"):
        file(office, slip(office, tried, ReceiptKind.DELIVERED))
    file(office, slip(office, tried, ReceiptKind.RETURNED))
    record = office.read(get_record, tried, actor=office.actors["an"])
    assert [one.kind for one in record.filed] == [ReceiptKind.UNDELIVERED, ReceiptKind.RETURNED]


def test_the_slip_is_printed_by_who_owes_it_and_by_nobody_of_the_sender(office: Office) -> None:
    (code,) = delivered(office)
    for name in ("binh", "chien"):
        prepared = office.read(
            acknowledgements.prepare_slip, code, ReceiptKind.DELIVERED, actor=office.actors[name]
        )
        assert prepared.qr == slip(office, code)
    for name in ("an", "oanh", "duc"):
        with pytest.raises(NotFound):
            office.read(acknowledgements.prepare_slip, code, ReceiptKind.DELIVERED, actor=office.actors[name])


def test_an_overdue_slip_and_an_overdue_delivery_stand_in_the_queues_of_those_concerned(
    office: Office,
) -> None:
    (code,) = delivered(office)
    (waiting,) = office.town.register()
    office.town.post([waiting])
    for name in ("an", "chien", "giang"):
        assert queue(office, Queue.OVERDUE_DELIVERY, by=name) == set()
        assert queue(office, Queue.OVERDUE_ACKNOWLEDGEMENT, by=name) == set()
    forward(office, days=20)
    for name in ("an", "chien", "giang"):
        assert queue(office, Queue.OVERDUE_DELIVERY, by=name) == {waiting}
        assert queue(office, Queue.OVERDUE_ACKNOWLEDGEMENT, by=name) == {code}
    # Neither the recipient nor a stranger is asked for what the sender waits for.
    for name in ("binh", "oanh"):
        assert queue(office, Queue.OVERDUE_ACKNOWLEDGEMENT, by=name) == set()
    office.town.send("chien", office.town.attempt("chien", [waiting]))
    assert queue(office, Queue.OVERDUE_DELIVERY) == set()


GRADES = (
    Grade(secrecy=Secrecy.A, express=False, appointed_at=None),
    Grade(secrecy=Secrecy.B, express=True, appointed_at=None),
    Grade(secrecy=Secrecy.NONE, express=False, appointed_at=None),
    Grade(secrecy=Secrecy.C, express=True, appointed_at=datetime.fromisoformat("2026-11-25T09:00:00+00:00")),
)


def test_the_queues_say_what_the_clocks_say_at_every_moment_of_every_class(office: Office) -> None:
    """The SQL of the queues and the rule of the domain, held together over classes, versions and times."""
    codes = [code for grade in GRADES for code in office.town.register(2, grade=grade)]
    office.town.post(codes[:4], witness="hanh")
    form = form_of(office.read(standards.list_standards, actor=office.actors["khanh"])[0])
    stricter = {name: "2" for name in form if name.startswith(("delivery", "acknowledgement"))}
    command = PublishStandard(
        untrusted={**form, **stricter, "source": "1", "valid_from": "23/11/2026 08:00", "window_after": "5"}
    )
    office.write(standards.publish, command, actor=office.actors["khanh"])
    forward(office, days=2)
    office.town.post(codes[4:])
    office.town.pass_on("chien", "binh", codes[::2], place=RECEIVING, purpose=Purpose.DELIVERY, witness="mai")
    seen: set[ClockState] = set()
    for _ in range(40):
        forward(office, hours=5)
        records = [office.read(get_record, code, actor=office.actors["an"]) for code in codes]
        late_deliveries = {
            one.details.consignment.code for one in records if one.clocks.delivery.state is ClockState.OVERDUE
        }
        late_slips = {
            one.details.consignment.code
            for one in records
            if one.clocks.acknowledgement.state is ClockState.OVERDUE
        }
        assert queue(office, Queue.OVERDUE_DELIVERY) == late_deliveries
        assert queue(office, Queue.OVERDUE_ACKNOWLEDGEMENT) == late_slips
        seen |= {
            clock.state for one in records for clock in (one.clocks.delivery, one.clocks.acknowledgement)
        }
    assert {ClockState.OVERDUE, ClockState.RUNNING, ClockState.MET} <= seen


STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["deliver", "file", "file_other", "refuse", "wait"])),
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_property_a_delivery_without_acknowledgement_stays_in_the_suspense_list_until_it_is_closed(
    office: Office, steps: list[tuple[int, str]]
) -> None:
    codes = office.town.register(4)
    office.town.post(codes)
    owed: set[str] = set()
    done: set[str] = set()
    for number, step in steps:
        code = codes[number]
        if step == "deliver" and code not in owed | done:
            office.town.pass_on("chien", "binh", [code], place=RECEIVING, purpose=Purpose.DELIVERY)
            owed.add(code)
        elif step == "file" and code in owed:
            file(office, slip(office, code))
            owed.discard(code)
            done.add(code)
        elif step == "file_other":
            with pytest.raises(Conflict):
                file(office, slip(office, code, ReceiptKind.RETURNED))
        elif step == "refuse":
            with pytest.raises(InvalidInput):
                file(office, slip(office, code)[:-1] + "1")
        else:
            forward(office, hours=7)
        assert queue(office, Queue.OPEN_ACKNOWLEDGEMENT) & set(codes) == owed


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE filed_receipts SET filed_by_id = filed_by_id + 1",
        "DELETE FROM filed_receipts",
        "UPDATE consignments SET acknowledged_at = registered_at WHERE state = 'in_custody'",
    ],
)
def test_the_database_keeps_what_was_filed_and_acknowledges_nothing_undelivered(
    office: Office, engines: Engines, attack: str
) -> None:
    (code,) = delivered(office)
    file(office, slip(office, code))
    (waiting,) = office.town.register()
    office.town.post([waiting])
    with engines.write.connect() as connection, pytest.raises(DatabaseError):
        connection.exec_driver_sql(attack)


def test_a_colleague_who_left_the_unit_files_nothing_for_it(office: Office) -> None:
    (code,) = delivered(office)
    moved = replace(office.actors["an"], unit=office.town.units[POST])
    with pytest.raises(NotFound):
        office.write(
            acknowledgements.file_receipt, FileReceipt(untrusted_slip=slip(office, code)), actor=moved
        )
