"""What counts as a password somebody else would try."""

import unicodedata

import pytest

from app.domain.errors import InvalidInput
from app.services.people.password_policy import check_password, generate_password

ABOUT = ("nguyen.anh", "Nguyễn Thị Ánh", "Sở Khoa học và Công nghệ")


@pytest.mark.parametrize(
    "password",
    [
        "matkhaubimat2026",
        "Mật khẩu bí mật!",
        "passwordpassword",
        "P@ssw0rd12345678",
        "qwertyuiopasdfgh",
        "aaaaaaaaaaaaaaaaaaaa",
        "abc12abc12abc12abc12",
        "01234567890123456789",
        "Bắc Ninh quê hương tôi 2026"[:17],
        "nguyenthianh2026",
        "SoKhoaHocVaCongNghe1",
        "anh yeu em nhieu"[:15],
        "vietnamvodich123",
        "Iloveyou1234567",
    ],
)
def test_guessable_passwords_are_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_password(password, about=ABOUT)
    assert caught.value.problems[0].code == "weak_password"


@pytest.mark.parametrize(
    "password",
    [
        "con ốc sên bò ngược dốc đêm rằm",
        "trăng khuyết qua khe liếp thủng",
        "wobbly kettle hums 7 fjords",
        "k9fxm-w3hq7-zzrbu-28dme",
    ],
)
def test_long_phrases_with_spaces_and_tones_are_welcome(password: str) -> None:
    assert check_password(password, about=ABOUT) == password


def test_the_same_phrase_typed_in_pieces_is_the_same_password() -> None:
    phrase = "con ốc sên bò ngược dốc đêm rằm"
    assert check_password(unicodedata.normalize("NFD", phrase), about=()) == phrase


@pytest.mark.parametrize(
    ("password", "code"), [("short", "too_short"), ("", "too_short"), ("a7 " * 100, "too_long")]
)
def test_length_has_its_own_words(password: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_password(password, about=(), field="new_password")
    assert (caught.value.problems[0].field, caught.value.problems[0].code) == ("new_password", code)


def test_generated_passwords_pass_their_own_policy_and_differ() -> None:
    made = {generate_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        assert check_password(password, about=ABOUT) == password
