"""One rule for seal numbers, wherever they come from."""

import pytest

from app.domain.errors import InvalidInput, ProblemCode
from app.domain.seal import LONGEST_SEAL, parse_seal, seal_key
from audit.fields import SEAL


@pytest.mark.parametrize("text", ["", "NP-004711", "A" * LONGEST_SEAL, "np 00/47.11 #2"])
def test_whatever_the_form_takes_a_device_can_sign(text: str) -> None:
    assert SEAL.fullmatch(parse_seal(text))
    assert parse_seal(text) == text.upper()


@pytest.mark.parametrize("text", ["NP-ĐỎ", "№ 12", "số 4711", "NP–4711", "ＮＰ４７１１"])
def test_a_seal_with_vietnamese_letters_or_signs_is_refused_with_its_own_code(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_seal(text)
    assert [(one.field, one.code) for one in caught.value.problems] == [("seal", ProblemCode.SEAL_NOT_PLAIN)]


@pytest.mark.parametrize("text", ["A" * (LONGEST_SEAL + 1), "NP\t1", "NP\u200b1"])
def test_a_seal_is_one_short_clean_line(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_seal(text)


def test_seals_compare_as_they_are_read() -> None:
    assert seal_key(" np-00 4711") == seal_key("NP-004711") != seal_key("NP-004712")
