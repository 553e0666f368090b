"""What stands on a label in words: all of the Vietnamese, no class word, the same bytes twice."""

import hashlib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.errors import InvalidReportData
from reports.label import render_inner_label, render_label, render_sheet, render_test_page
from reports.label_inner import NAMED_ONLY_NOTICE
from reports.layout import BOLD, ITALIC, REGULAR, Box, clean, fit, text_width
from reports.model import InnerLabelData, LabelData, OuterMark, Party, PrinterOffset
from reports.pen import Pen
from tests.unit.reports.paper import (
    CODE,
    QR,
    RECIPIENT,
    SENDER,
    fonts_of,
    is_blank,
    label,
    pages,
    read_by_zbar,
    read_by_zxing,
    text_of,
)

Render = Callable[[Sequence[LabelData]], bytes]
TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
VOWELS = "aăâeêioôơuưy"
LETTERS = [unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in TONES]
ALPHABET = [form for letter in [*LETTERS, "đ"] for form in (letter, letter.upper())]
INNER = InnerLabelData(
    code=CODE,
    document_numbers="15/BC-UBND",
    sender=SENDER,
    recipient=RECIPIENT,
    receiver="Nguyễn Thị Thuỷ Tiên",
    named_only=True,
)


@pytest.mark.parametrize("font", [REGULAR, BOLD, ITALIC])
def test_every_vietnamese_letter_has_a_shape_of_its_own(font: str, tmp_path: Path) -> None:
    """A font without a letter shows the same empty box for each missing one: so all shapes must differ."""
    pen = Pen(width=210, height=297, title="letters")
    for number, letter in enumerate(ALPHABET):
        row, column = divmod(number, 12)
        pen.text((10 + column * 15, 20 + row * 20), letter, font, 24)
    (page,) = pages(pen.finish(), tmp_path, 150)
    shapes = set()
    for number in range(len(ALPHABET)):
        row, column = divmod(number, 12)
        place = (9 + column * 15, 8 + row * 20, 23 + column * 15, 26 + row * 20)
        image = page.crop(tuple(int(edge * 150 / 25.4) for edge in place))  # type: ignore[arg-type]  # four edges
        assert not is_blank(image)
        shapes.add(image.tobytes())
    assert len(shapes) == len(ALPHABET) == 146


@pytest.mark.parametrize("render", [render_label, render_sheet])
def test_every_vietnamese_letter_is_found_again_in_the_text(render: Render) -> None:
    words = [" ".join(ALPHABET[start : start + 49]) for start in (0, 49, 98)]
    pdf = render(
        [label(sender=Party(name=words[0], address=words[1]), recipient=Party(name=words[2], address=""))]
    )
    found = text_of(pdf)
    assert all(letter in found for letter in ALPHABET)
    assert found == unicodedata.normalize("NFC", found)


def test_decomposed_text_prints_the_same_bytes_as_composed_text() -> None:
    apart = Party(
        name=unicodedata.normalize("NFD", SENDER.name), address=unicodedata.normalize("NFD", SENDER.address)
    )
    assert apart != SENDER
    assert render_label([label(sender=apart)]) == render_label([label(sender=SENDER)])


def test_the_label_says_what_a_clerk_needs() -> None:
    found = " ".join(text_of(render_label([label(print_number=2)])).split())
    for words in ("KT1", "LIÊN TỈNH", "HỎA TỐC", "HẸN GIỜ", "08:30 ngày 23/11/2026", "0127/2026", "2/3"):
        assert words in found
    for words in ("NƠI GỬI", SENDER.name, "NƠI NHẬN", "2 (in lại)", "KT 4731 2482 9 VN"):
        assert words in found


def test_nothing_stands_where_there_is_nothing_to_say() -> None:
    found = text_of(render_label([label(mark=OuterMark.NONE, express=False, appointed_at=None)]))
    assert "HỎA" not in found
    assert "HẸN" not in found
    assert "in lại" not in found
    assert not {"A", "B", "C"} & set(found.split())


@pytest.mark.parametrize("mark", [OuterMark.A, OuterMark.B, OuterMark.C])
def test_the_outer_label_carries_the_letter_and_never_the_words_nor_the_notice(mark: OuterMark) -> None:
    for pdf in (render_label([label(mark=mark)]), render_sheet([label(mark=mark)])):
        found = text_of(pdf)
        assert {"A", "B", "C"} & set(found.split()) == {mark.value}
        assert "mật" not in found.lower()
        assert NAMED_ONLY_NOTICE.lower() not in found.lower()


def test_the_inner_label_carries_the_notice_only_for_a_named_person() -> None:
    named = text_of(render_inner_label([INNER]))
    assert NAMED_ONLY_NOTICE in named
    assert "Nguyễn Thị Thuỷ Tiên" in named
    assert "15/BC-UBND" in named
    assert "mật" not in named.lower()
    assert NAMED_ONLY_NOTICE not in text_of(render_inner_label([replace(INNER, named_only=False)]))
    with pytest.raises(InvalidReportData, match="receiver"):
        replace(INNER, receiver=" ")


def test_the_longest_inner_label_keeps_every_letter() -> None:
    party = Party(name="M" * 200, address="M" * 300)
    inner = replace(INNER, document_numbers="M" * 500, receiver="M" * 200, sender=party, recipient=party)
    assert text_of(render_inner_label([inner])).count("M") >= 1700


def test_an_inner_envelope_cannot_be_scanned_as_the_item(tmp_path: Path) -> None:
    (page,) = pages(render_inner_label([INNER]), tmp_path, 203)
    assert read_by_zxing(page) == read_by_zbar(page) == []


def test_the_same_data_gives_the_same_bytes() -> None:
    digests = {
        hashlib.sha256(
            render_label([label()])
            + render_sheet([label()] * 9)
            + render_inner_label([INNER])
            + render_test_page()
        ).hexdigest()
        for _ in range(3)
    }
    assert len(digests) == 1


@pytest.mark.parametrize("render", [render_label, render_sheet])
def test_only_embedded_fonts_are_used(render: Render, tmp_path: Path) -> None:
    fonts = fonts_of(render([label()]), tmp_path)
    assert fonts
    for font in fonts:
        assert "BeVietnamPro" in font[0]
        assert font[3] == "yes", "the font is not embedded"


@given(st.text(min_size=1, max_size=200), st.text(max_size=300))
def test_any_name_and_address_of_the_allowed_length_fits(name: str, address: str) -> None:
    if not name.strip():
        name = "x"
    party = Party(name=name, address=address)
    assert render_sheet([label(sender=party, recipient=party)])


@pytest.mark.parametrize("word", ["M", "Ẫ", "ừ W"])
def test_the_widest_names_fit_and_keep_every_letter(word: str) -> None:
    party = Party(name=(word * 200)[:200], address=(word * 300)[:300])
    for render in (render_label, render_sheet):
        found = "".join(
            text_of(render([label(sender=party, recipient=party, register_number="M" * 20)])).split()
        )
        letters = word.replace(" ", "")
        assert sum(found.count(letter) for letter in letters) >= 2 * len(
            "".join((party.name + party.address).split())
        )


@given(st.text(alphabet="abc ềẫMW", max_size=300), st.floats(min_value=5, max_value=24))
def test_wrapped_text_stays_in_its_box_and_loses_nothing(text: str, size: float) -> None:
    box = Box(left=0, top=0, width=90, height=60)
    fitted = fit(text, BOLD, size, box)
    assert fitted.height <= box.height
    assert all(text_width(line, BOLD, fitted.size) <= box.width for line in fitted.lines)
    assert "".join("".join(fitted.lines).split()) == "".join(clean(text, BOLD).split())


@pytest.mark.parametrize(
    ("given_text", "printed"),
    [("a\u0000b", "a b"), ("a\nb\tc", "a b c"), ("a\u200bb\u202e", "ab"), ("漢字", "??"), ("  x  ", "x")],
)
def test_what_cannot_be_printed_is_seen_and_never_breaks_the_page(given_text: str, printed: str) -> None:
    assert clean(given_text) == printed


def test_bad_label_data_is_refused_by_name() -> None:
    cases = {
        "code": {"code": "KT473124829vn", "qr": QR},
        "qr": {"qr": "KT000000000VN|k|m"},
        "register_number": {"register_number": "9" * 21},
        "print_number": {"print_number": 0},
        "appointed_at": {"appointed_at": datetime(2026, 11, 23, 8, 30)},  # noqa: DTZ001  # the mistake tested
    }
    for field, wrong in cases.items():
        with pytest.raises(InvalidReportData) as caught:
            label(**wrong)  # type: ignore[arg-type]  # one wrong value at a time
        assert caught.value.field == field
    with pytest.raises(InvalidReportData, match="offset"):
        PrinterOffset(x_mm=float("nan"))
    with pytest.raises(InvalidReportData, match="labels"):
        render_label([])
    with pytest.raises(InvalidReportData, match="start_at"):
        render_sheet([label()], start_at=9)


def test_the_vendored_fonts_are_the_ones_that_were_checked() -> None:
    folder = Path(__file__).parents[3] / "reports" / "fonts"
    lines = (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    listed = {name: digest for digest, name in (line.split() for line in lines)}
    present = {path.name for path in folder.iterdir() if path.name not in {"SHA256SUMS", "README.md"}}
    assert present == set(listed)
    for name, digest in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
