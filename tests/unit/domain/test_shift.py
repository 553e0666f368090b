"""The formula of a shift: opening + in - out = what must be there, and what a count makes of it."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.shift import CountFinding, balance

codes = st.sets(st.sampled_from([f"ZK{number:09d}VN" for number in range(8)]))


@given(opening=codes, held=codes, expected=codes, counted=codes, explained=codes)
def test_opening_plus_in_minus_out_is_what_must_be_there(
    opening: set[str], held: set[str], expected: set[str], counted: set[str], explained: set[str]
) -> None:
    result = balance(opening=opening, held=held, expected=expected, counted=counted, explained=explained)
    assert (result.opening | result.came) - result.left == result.expected
    assert len(result.opening) + len(result.came) - len(result.left) == len(expected)
    assert not result.opening & result.came


@given(expected=codes, counted=codes, explained=codes)
def test_every_code_has_one_finding_and_only_explained_ones_may_lack_at_the_end(
    expected: set[str], counted: set[str], explained: set[str]
) -> None:
    result = balance(opening=(), held=(), expected=expected, counted=counted, explained=explained)
    lines = result.lines()
    assert lines.keys() == expected | counted
    for code, finding in lines.items():
        assert (code in expected) == (finding is not CountFinding.UNEXPECTED)
        assert (code in counted) == (finding in {CountFinding.MATCHED, CountFinding.UNEXPECTED})
    wrong = {CountFinding.MISSING, CountFinding.UNEXPECTED} & set(lines.values())
    assert result.is_balanced == (not wrong)
    assert result.is_balanced == (counted <= expected <= counted | explained)
