"""A list registered: all rows or none, the good rows only, and never the same file twice."""

import csv
import io

import pytest
from sqlalchemy import event, text

from app.domain.errors import Conflict, InvalidInput, NotPermitted
from app.services.intake import importing
from app.services.intake.importing import Imported, ImportList
from app.services.intake.preview import Mode, Preview
from app.storage.engine import Engines
from app.storage.uow import UnitOfWork
from audit.entry import parse_entry
from crypto.digest import sha256_hex
from tests.support.office import Office
from tests.support.town import RECEIVING

HEADINGS = ("Ma co quan nhan", "Độ mật", "Số, ký hiệu tài liệu", "Trích yếu", "Bì trong", "Khối lượng (g)")


def sheet(*rows: tuple[object, ...]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([HEADINGS, *rows])
    return stream.getvalue().encode()


def good(count: int, start: int = 1) -> list[tuple[object, ...]]:
    return [(RECEIVING, "C", f"{start + number}/BC", "", "", 250) for number in range(count)]


def preview(office: Office, file: bytes, *, by: str = "an") -> Preview:
    return importing.prepare(office.read, file, "danh-sach.csv", actor=office.actors[by])


def bring_in(office: Office, file: bytes, mode: Mode = Mode.ALL_OR_NOTHING, *, by: str = "an") -> Imported:
    command = ImportList(preview=preview(office, file, by=by), mode=mode)
    return office.write(importing.import_list, command, actor=office.actors[by])


def size(office: Office) -> int:
    return int(office.read(lambda uow: uow.audit.head()).size)


def test_a_list_of_48_becomes_48_items_with_consecutive_numbers(office: Office) -> None:
    before = size(office)
    made = bring_in(office, sheet(*good(48)))
    assert (len(set(made.codes)), made.skipped) == (48, 0)
    details = [office.read(lambda uow, c=code: uow.consignments.get_details(c)) for code in made.codes]
    assert [one.register_number for one in details] == list(range(1, 49))
    assert size(office) == before + 49
    row = office.read(lambda uow: uow.audit.find(before))
    assert row is not None
    entry = parse_entry(row.data)
    assert (entry.kind, entry.facts["rows"]) == ("items_imported", 48)


def test_the_log_does_not_tell_which_file_a_list_came_from(office: Office) -> None:
    file, before = sheet(*good(1)), size(office)
    bring_in(office, file)
    row = office.read(lambda uow: uow.audit.find(before))
    assert row is not None
    digest = sha256_hex(file)
    assert digest not in row.data.decode()
    keyed = office.town.tools.vault.blind_index(digest, context="import/file").hex()
    assert parse_entry(row.data).facts["keyed_digest"] == keyed


def test_one_bad_row_stops_all_or_is_left_out(office: Office) -> None:
    file = sheet(
        *good(3), ("nowhere", "C", "9/BC", "", "", 1), (RECEIVING, "A", "10/BC", "Về việc", "x", 100)
    )
    before = size(office)
    with pytest.raises(InvalidInput) as caught:
        bring_in(office, file)
    assert {(one.row, one.column, one.code) for one in caught.value.problems} == {
        (5, "A", "unknown_unit"),
        (6, "D", "abstract_forbidden"),
    }
    assert size(office) == before
    made = bring_in(office, file, Mode.GOOD_ROWS)
    assert (len(made.codes), made.skipped) == (3, 2)


def test_the_same_file_is_taken_once_per_agency(office: Office) -> None:
    file = sheet(*good(2))
    digest = preview(office, file).digest
    assert office.read(importing.find_earlier, digest, actor=office.actors["an"]) is None
    bring_in(office, file)
    with pytest.raises(Conflict, match="file_already_imported"):
        bring_in(office, file, by="hanh")
    earlier = office.read(importing.find_earlier, digest, actor=office.actors["hanh"])
    assert earlier is not None
    assert (earlier.rows, earlier.file_name) == (2, "danh-sach.csv")
    assert len(bring_in(office, file, by="oanh").codes) == 2


def test_a_failed_list_may_be_corrected_and_sent_again(office: Office) -> None:
    with pytest.raises(InvalidInput):
        bring_in(office, sheet(("nowhere", "C", "1/BC", "", "", 1)))
    assert len(bring_in(office, sheet(*good(1))).codes) == 1


def test_headings_that_do_not_fit_stop_even_the_good_rows(office: Office) -> None:
    file = sheet(*good(2)).replace("Độ mật".encode(), "Màu".encode())
    with pytest.raises(InvalidInput) as caught:
        bring_in(office, file, Mode.GOOD_ROWS)
    assert [problem.code for problem in caught.value.problems] == ["unknown_column"]


def test_nothing_good_is_nothing_done(office: Office) -> None:
    with pytest.raises(InvalidInput) as caught:
        bring_in(office, sheet(("nowhere", "C", "1/BC", "", "", 1)), Mode.GOOD_ROWS)
    assert caught.value.problems[0].code == "empty_file"


@pytest.mark.parametrize("name", ["chien", "dung", "giang", "hoa", "khanh"])
def test_only_focal_points_bring_lists(office: Office, name: str) -> None:
    with pytest.raises(NotPermitted):
        preview(office, sheet(*good(1)), by=name)


def test_every_item_of_a_list_is_first_held_under_its_own_entry(office: Office, engines: Engines) -> None:
    codes = bring_in(office, sheet(*good(5))).codes
    question = text(
        "SELECT c.code, h.entry_idx FROM holdings h JOIN consignments c ON c.id = h.consignment_id"
    )
    with engines.read.connect() as connection:
        held = {(str(code), int(index)) for code, index in connection.execute(question)}
    named = {(code, office.read(lambda uow, c=code: uow.audit.list_for_code(c))[0].index) for code in codes}
    assert held == named
    assert len({index for _, index in held}) == 5


def test_a_list_of_two_hundred_asks_hardly_more_than_a_single_form(office: Office, engines: Engines) -> None:
    command = ImportList(preview=preview(office, sheet(*good(200))), mode=Mode.ALL_OR_NOTHING)
    asked: list[str] = []
    event.listen(engines.write, "before_cursor_execute", lambda *given: asked.append(str(given[2])))

    def use_case(uow: UnitOfWork) -> int:
        before = len(asked)
        tools, clock = office.town.tools, office.town.clock
        importing.import_list(uow, command, actor=office.actors["an"], now=clock(), tools=tools)
        return len(asked) - before

    assert office.town.do(use_case) <= 15
