"""The one parser behind form, API and import."""

from datetime import UTC, date, datetime

import pytest

from app.domain.errors import InvalidInput, Problem
from app.domain.grades import Secrecy
from app.domain.ids import UnitId
from app.services.items.registration_form import document_key, parse_registration, split_numbers

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
UNITS = {"07210": UnitId(2), "09169": UnitId(3), "SKHCN": UnitId(1)}
GOOD = {
    "recipient_unit": "07210",
    "receiver_name": "Nguyễn Thị Ánh",
    "secrecy": "C",
    "express": "x",
    "appointed": "1",
    "appointed_at": "23/11/2026 08:30",
    "document_numbers": "05/BC-SKHCN; 06/BC-SKHCN ;05/BC-SKHCN",
    "document_date": "05/02/2026",
    "document_type": "BC",
    "abstract": "Báo cáo quý",
    "pieces": "2",
    "weight_g": "250",
    "outer_envelope": "on",
    "sealed": "có",
    "seal": "bn000123",
}


def parse(**changes: str) -> object:
    return parse_registration({**GOOD, **changes}, find_unit=UNITS.get, sender_unit=UnitId(1), now=NOW)


def problems_of(**changes: str) -> set[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        parse(**changes)
    return {(problem.field, str(problem.code)) for problem in caught.value.problems}


def test_a_good_form_becomes_a_registration() -> None:
    found = parse_registration(GOOD, find_unit=UNITS.get, sender_unit=UnitId(1), now=NOW)
    assert found.recipient_unit == 2
    assert found.grade.secrecy is Secrecy.C
    assert found.grade.express
    assert found.grade.appointed_at == datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    assert found.document_numbers == "05/BC-SKHCN; 06/BC-SKHCN"
    assert found.document_date == date(2026, 2, 5)
    assert (found.pieces, found.weight_g, found.seal) == (2, 250, "BN000123")
    assert (found.attestations.sealed, found.attestations.inner_envelope) == (True, False)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"recipient_unit": ""}, ("recipient_unit", "required")),
        ({"recipient_unit": "7210"}, ("recipient_unit", "leading_zeros_lost")),
        ({"recipient_unit": "99999"}, ("recipient_unit", "unknown_unit")),
        ({"recipient_unit": "SKHCN"}, ("recipient_unit", "same_unit")),
        ({"secrecy": "A"}, ("abstract", "abstract_forbidden")),
        ({"secrecy": "A"}, ("inner_envelope", "inner_envelope_required")),
        ({"secrecy": "D"}, ("secrecy", "not_a_choice")),
        ({"named_only": "1", "receiver_name": ""}, ("receiver_name", "named_receiver_required")),
        ({"appointed_at": ""}, ("appointed_at", "appointed_time_required")),
        ({"appointed_at": "31/02/2027 08:00"}, ("appointed_at", "not_a_time")),
        ({"appointed_at": "21/11/2026 08:00"}, ("appointed_at", "not_in_future")),
        ({"document_date": "2026-13-01"}, ("document_date", "not_a_date")),
        ({"document_date": "23/11/2026"}, ("document_date", "in_future")),
        ({"pieces": "0"}, ("pieces", "out_of_range")),
        ({"pieces": "2.5"}, ("pieces", "not_a_number")),
        ({"pieces": "٢"}, ("pieces", "not_a_number")),
        ({"weight_g": ""}, ("weight_g", "required")),
        ({"weight_g": "9" * 400}, ("weight_g", "out_of_range")),
        ({"express": "maybe"}, ("express", "not_a_choice")),
        ({"seal": "NP-ĐỎ"}, ("seal", "seal_not_plain")),
        ({"abstract": "Ba\u0301o ca\u0301o"}, ("abstract", "not_nfc")),
        ({"receiver_name": "An\x00h"}, ("receiver_name", "control_character")),
        ({"receiver_name": "An\u200bh"}, ("receiver_name", "control_character")),
        (
            {"document_numbers": ";".join(str(number) for number in range(21))},
            ("document_numbers", "too_many"),
        ),
        ({"colour": "red"}, ("colour", "unknown_field")),
    ],
)
def test_each_fault_names_its_field(changes: dict[str, str], expected: tuple[str, str]) -> None:
    assert expected in problems_of(**changes)


def test_all_faults_come_at_once_and_each_field_is_blamed_once() -> None:
    found = problems_of(recipient_unit="x", pieces="zero", appointed_at="soon", document_date="2026")
    assert found == {
        ("recipient_unit", "unknown_unit"),
        ("pieces", "not_a_number"),
        ("appointed_at", "not_a_time"),
        ("document_date", "not_a_date"),
    }


@pytest.mark.parametrize(
    "text", ["2026-11-23T01:30:00Z", "2026-11-23T08:30", "23/11/2026 8h30", "2026-11-23T01:30:00.5Z"]
)
def test_a_time_is_vietnams_unless_it_says_otherwise(text: str) -> None:
    found = parse_registration(
        {**GOOD, "appointed_at": text}, find_unit=UNITS.get, sender_unit=UnitId(1), now=NOW
    )
    assert found.grade.appointed_at == datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "grade"),
    [("Tối mật", "B"), ("toi mat", "B"), ("MẬT", "C"), ("thường", "none"), ("", "none"), ("b", "B")],
)
def test_a_grade_is_read_by_letter_or_words(text: str, grade: str) -> None:
    found = parse_registration({**GOOD, "secrecy": text}, find_unit=UNITS.get, sender_unit=UnitId(1), now=NOW)
    assert found.grade.secrecy == grade


def test_document_numbers_compare_without_blanks_and_case() -> None:
    assert split_numbers(" 1/A ; ;2/B;1/A") == ("1/A", "2/B")
    assert document_key("05 / bc-SKHCN") == document_key("05/BC-skhcn")


def test_a_problem_carries_what_a_text_needs() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(recipient_unit="7210")
    problem: Problem = caught.value.problems[0]
    assert problem.params == {"expected": "07210"}
