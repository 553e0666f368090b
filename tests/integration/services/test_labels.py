"""Labels: every print counted, every reprint with its reason, no label that says too much."""

from dataclasses import asdict

import pytest

from app.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from app.services.items import labels, registration
from app.services.items.labels import LabelForm, PrintedLabel, PrintLabels
from app.services.items.registration import CancelConsignment
from audit.entry import parse_entry
from audit.evidence import Purpose
from tests.support.office import FORM, Office
from tests.support.town import POST, RECEIVING


def print_one(office: Office, code: str, *, by: str = "an", reason: str = "") -> PrintedLabel:
    command = PrintLabels(codes=(code,), form=LabelForm.A6, untrusted_reason=reason)
    return office.write(labels.print_labels, command, actor=office.actors[by])[0]


def test_a_first_print_needs_no_reason_and_is_logged(office: Office) -> None:
    code = office.register(pieces="3")
    printed = print_one(office, code)
    assert printed.print_number == 1
    assert [label.piece for label in printed.outer] == [1, 2, 3]
    assert office.town.tools.label_keys.verify(printed.outer[0].qr) == code
    rows = office.read(lambda uow: uow.audit.list_for_code(code))
    facts = parse_entry(rows[-1].data).facts
    assert (facts["copies"], facts["number"], facts["reason"]) == (3, 1, "")


def test_a_reprint_counts_and_asks_a_reason(office: Office) -> None:
    code = office.register()
    print_one(office, code)
    for reason in ("", "   "):
        with pytest.raises(Conflict, match="label_reason_required"):
            print_one(office, code, reason=reason)
    with pytest.raises(InvalidInput):
        print_one(office, code, reason="rách\x00")
    printed = print_one(office, code, reason="Nhãn bị rách")
    assert printed.print_number == 2
    assert printed.outer[0].print_number == 2
    assert office.read(labels.count_prints, code, actor=office.actors["an"]) == 2
    stored = office.read(lambda uow: uow.labels.list(uow.consignments.get_details(code).consignment.id))
    assert [one.reason for one in stored] == ["", "Nhãn bị rách"]


def test_the_outer_label_names_neither_receiver_nor_document(office: Office) -> None:
    code = office.register(secrecy="A", inner_envelope="1", abstract="", named_only="1")
    printed = print_one(office, code)
    outer = str(asdict(printed.outer[0]))
    for hidden in (FORM["receiver_name"], "05/BC-UBND", "Tuyệt"):
        assert hidden not in outer
    assert printed.outer[0].mark == "A"
    assert printed.inner is not None
    assert printed.inner.receiver == FORM["receiver_name"]
    assert printed.inner.named_only


def test_the_post_office_reprints_the_outer_label_only(office: Office) -> None:
    code = office.register(secrecy="A", inner_envelope="1", abstract="")
    print_one(office, code)
    with pytest.raises(NotFound):
        print_one(office, code, by="dung", reason="Rách")
    office.town.post([code], witness="hanh")
    office.town.pass_on("chien", "dung", [code], place="24.P01", witness="duc")
    again = print_one(office, code, by="dung", reason="Rách")
    assert again.inner is None
    assert {label.tail for label in again.outer} == {office.town.tools.label_keys.tail(code)}


def test_others_do_not_print(office: Office) -> None:
    code = office.register()
    for name in ("chien", "giang", "hoa", "khanh"):
        with pytest.raises(NotPermitted):
            print_one(office, code, by=name)
    with pytest.raises(NotFound):
        print_one(office, code, by="oanh")


def test_a_sheet_is_printed_whole_or_not_at_all(office: Office) -> None:
    codes = [office.register() for _ in range(3)]
    print_one(office, codes[1])
    command = PrintLabels(codes=tuple(codes), form=LabelForm.SHEET)
    with pytest.raises(Conflict):
        office.write(labels.print_labels, command, actor=office.actors["an"])
    assert [office.read(labels.count_prints, code, actor=office.actors["an"]) for code in codes] == [0, 1, 0]
    with pytest.raises(InvalidInput):
        office.write(labels.print_labels, PrintLabels(codes=(), form=LabelForm.A6), actor=office.actors["an"])


def test_only_whoever_has_the_item_in_hand_prints_its_label(office: Office) -> None:
    code, town = office.register(), office.town
    assert print_one(office, code, by="hanh").print_number == 1
    town.post([code])
    for name in ("an", "hanh", "binh"):
        with pytest.raises(Conflict, match="label_not_in_hand"):
            print_one(office, code, by=name, reason="Rách")
    town.pass_on("chien", "dung", [code], place=POST)
    assert print_one(office, code, by="dung", reason="Rách").print_number == 2
    town.pass_on("dung", "chien", [code], place=POST)
    with pytest.raises(Conflict, match="label_not_in_hand"):
        print_one(office, code, by="dung", reason="Rách")


def test_an_item_that_has_ended_gets_no_label_any_more(office: Office) -> None:
    code, cancelled = office.register(), office.register()
    office.town.post([code])
    office.town.pass_on("chien", "binh", [code], place=RECEIVING, purpose=Purpose.DELIVERY)
    command = CancelConsignment(code=cancelled, untrusted_reason="Nhầm")
    office.write(registration.cancel, command, actor=office.actors["an"])
    for name, ended in (("binh", code), ("an", code), ("an", cancelled)):
        with pytest.raises(Conflict, match="label_not_in_hand"):
            print_one(office, ended, by=name, reason="Rách")


def test_one_job_prints_a_bounded_number_of_labels(office: Office) -> None:
    codes = tuple(office.register(pieces="501") for _ in range(2))
    with pytest.raises(InvalidInput) as caught:
        office.write(
            labels.print_labels, PrintLabels(codes=codes, form=LabelForm.A6), actor=office.actors["an"]
        )
    assert [(one.field, one.code) for one in caught.value.problems] == [("codes", "too_many")]
    assert office.read(labels.count_prints, codes[0], actor=office.actors["an"]) == 0
