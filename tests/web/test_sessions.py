"""Sessions live in the database: dead at the next request after logout, change of role, disabling, time."""

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.domain.access import Role
from app.services.people import accounts
from app.services.people.accounts import ChangeAccount
from tests.support.installation import PASSWORD, PEOPLE, Browser, Installation, installed


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("sessions")) as installation:
        yield installation


def cookie_of(browser: Browser) -> str:
    """Read the session id off the browser."""
    cookie = browser.client.get_cookie("kt1", domain="localhost")
    assert cookie is not None
    return cookie.value


def copy_of(house: Installation, browser: Browser) -> Browser:
    """Steal the cookie: another browser with the same id."""
    thief = house.browser()
    thief.client.set_cookie("kt1", cookie_of(browser), domain="localhost")
    return thief


def is_in(browser: Browser) -> bool:
    """Tell whether the home page opens."""
    status = browser.get("/").status_code
    assert status in {200, 303}
    return status == 200


def change(house: Installation, username: str, *, role: Role | None = None, active: bool = True) -> None:
    """Change an account as the administrator does."""
    _, full_name, has, unit = next(person for person in PEOPLE if person[0] == username)
    form = {"full_name": full_name, "position": "", "role": role or has, "unit": unit}
    command = ChangeAccount(user=house.actors[username].user, untrusted=form, active=active)
    house.runtime.write(accounts.change_account, command, actor=house.actors["khanh"])


def test_a_copied_cookie_is_worthless_after_logout(house: Installation) -> None:
    browser = house.browser("chien")
    thief = copy_of(house, browser)
    assert is_in(thief)
    assert browser.post("/logout").status_code == 303
    assert not is_in(browser)
    assert not is_in(thief)


def test_login_changes_the_id_and_a_planted_one_stays_worthless(house: Installation) -> None:
    browser = house.browser()
    browser.get("/login")
    planted = copy_of(house, browser)
    before = cookie_of(browser)
    assert browser.log_in("chien").status_code == 303
    assert cookie_of(browser) != before
    assert is_in(browser)
    assert not is_in(planted)


def test_a_token_from_before_the_login_is_refused_after_it(house: Installation) -> None:
    browser = house.browser()
    before = browser.token("/login")
    browser.log_in("chien")
    answer = browser.client.post("/logout", data={"csrf_token": before}, headers=browser.own())
    assert answer.status_code == 403
    assert is_in(browser)


def test_only_digests_are_stored(house: Installation) -> None:
    session_id = cookie_of(house.browser("chien"))
    path = house.config.data_dir / "kt1.sqlite3"
    with sqlite3.connect(path) as connection:
        stored = [row[0] for row in connection.execute("SELECT id_hash FROM sessions")]
    connection.close()
    assert stored == [hashlib.sha256(session_id.encode()).hexdigest()]
    assert session_id.encode() not in path.read_bytes()
    assert PASSWORD.encode() not in path.read_bytes()


@pytest.mark.parametrize("how", ["role", "disabled", "password"])
def test_a_changed_account_is_out_at_the_next_request(house: Installation, how: str) -> None:
    browsers = [house.browser("dung"), house.browser("dung")]
    other = house.browser("chien")
    if how == "password":
        issued = accounts.issue_password()
        user = house.actors["dung"].user
        house.runtime.write(accounts.reset_password, user, issued=issued, actor=house.actors["khanh"])
    else:
        change(house, "dung", role=Role.COURIER if how == "role" else None, active=how != "disabled")
    assert [is_in(browser) for browser in browsers] == [False, False]
    assert is_in(other)
    assert house.browser().log_in("dung").status_code == (303 if how == "role" else 401)


def test_an_idle_session_ends_after_half_an_hour(house: Installation) -> None:
    browser = house.browser("chien")
    for _ in range(3):
        house.clock.forward(timedelta(minutes=29))
        assert is_in(browser)
    house.clock.forward(timedelta(minutes=30))
    assert not is_in(browser)


def test_an_administrators_session_idles_half_as_long(house: Installation) -> None:
    browser = house.browser("khanh")
    house.clock.forward(timedelta(minutes=14))
    assert is_in(browser)
    house.clock.forward(timedelta(minutes=15))
    assert not is_in(browser)


def test_no_session_outlives_a_shift(house: Installation) -> None:
    browser = house.browser("chien")
    for _ in range(12 * 3 - 1):
        house.clock.forward(timedelta(minutes=20))
        assert is_in(browser)
    house.clock.forward(timedelta(minutes=20))
    assert not is_in(browser)


def test_a_request_in_flight_does_not_revive_a_killed_session(house: Installation) -> None:
    browser = house.browser("chien")
    thief = copy_of(house, browser)
    house.clock.forward(timedelta(minutes=10))
    browser.post("/logout")
    assert not is_in(thief)
    assert not is_in(thief)


def test_logging_in_again_leaves_no_second_session(house: Installation) -> None:
    browser = house.browser("chien")
    first = copy_of(house, browser)
    form = {"csrf_token": browser.token(), "username": "dung", "password": PASSWORD}
    assert browser.client.post("/login", data=form, headers=browser.own()).status_code == 303
    assert not is_in(first)
    assert "Phạm Thị Dung" in browser.get("/").text


def test_unknown_user_and_wrong_password_get_the_same_answer(house: Installation) -> None:
    browser = house.browser()
    pages = [browser.log_in(*pair) for pair in (("nobody", PASSWORD), ("chien", "sai mật khẩu rồi"))]
    assert [page.status_code for page in pages] == [401, 401]
    # Only the clock at the foot of the page and the form's token, which holds the second, may differ.
    changing = r'[0-9]{2}:[0-9]{2}:[0-9]{2}|data-csrf="[^"]+"|name="csrf_token" value="[^"]+"'
    assert len({re.sub(changing, "", page.text).replace("nobody", "chien") for page in pages}) == 1


def test_after_the_login_one_goes_where_one_wanted_and_never_elsewhere(house: Installation) -> None:
    browser = house.browser()
    answer = browser.get("/account")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=%2Faccount")
    for wanted, led in (("/account", "/account"), ("//evil.example", "/"), ("https://evil.example", "/")):
        fresh = house.browser()
        form = {"username": "chien", "password": PASSWORD, "next": wanted}
        assert fresh.post("/login", form, page="/login").headers["Location"] == led


def test_guessing_is_slowed_down_but_never_locks_the_account_for_good(house: Installation) -> None:
    browser = house.browser()
    statuses = [browser.log_in("chien", f"đoán lần {number}").status_code for number in range(6)]
    assert statuses == [401] * 4 + [429] * 2
    assert browser.log_in("chien").status_code == 429
    house.clock.forward(timedelta(minutes=1))
    assert browser.log_in("chien").status_code == 303


def test_a_changed_password_is_said_on_the_login_page_in_the_same_language(house: Installation) -> None:
    browser = house.browser("chien")
    browser.post("/locale", {"locale": "en", "next": "/"})
    form = {"old_password": PASSWORD, "new_password": "con đò lá trúc qua sông năm ấy"}
    answer = browser.post("/account", form, page="/account")
    assert answer.headers["Location"] == "/login"
    assert "cookies" not in answer.headers["Clear-Site-Data"]
    page = browser.get("/login").text
    assert '<html lang="en"' in page
    assert 'class="note ok" role="status"' in page
    assert 'role="status"' not in browser.get("/login").text
    assert not is_in(browser)


def test_the_chosen_language_stays_with_the_person(house: Installation) -> None:
    browser = house.browser("chien")
    assert browser.post("/locale", {"locale": "en", "next": "/"}).status_code == 303
    assert '<html lang="en"' in browser.get("/").text
    assert '<html lang="en"' in house.browser("chien").get("/").text
    assert '<html lang="vi"' in house.browser("dung").get("/").text
