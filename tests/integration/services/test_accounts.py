"""Accounts, logins and sessions, on both databases."""

import time
from datetime import timedelta
from functools import partial

import pytest

from app.domain.access import Role
from app.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from app.services.people import accounts, login, own_password, sessions
from app.services.people.accounts import ChangeAccount, CreateUser, IssuedPassword
from app.services.people.login import LoggedIn, LoginAttempt, LoginRefused
from app.services.people.own_password import PasswordChange
from audit.entry import parse_entry
from crypto.passwords import hash_password
from tests.support.databases import SteppingClock
from tests.support.office import PASSWORD, Office
from tests.support.town import POST, RECEIVING

ISSUED = IssuedPassword(text="x", hashed="$argon2id$")
NEW = {"username": "lan", "full_name": "Bùi Thị Lan", "role": "clerk", "unit": POST, "locale": "vi"}
CHANGED = {"full_name": "Hoàng Giang", "position": "", "role": "clerk", "unit": POST}


def attempt(
    name: str, password: str = PASSWORD, *, address: str = "10.0.0.1", session: str = "s1"
) -> LoginAttempt:
    return LoginAttempt(username=name, password=password, address=address, session_hash=session)


def log_in(office: Office, name: str, password: str = PASSWORD, **more: str) -> LoggedIn | LoginRefused:
    return login.login(office.write, attempt(name, password, **more))


def latest(office: Office) -> dict[str, object]:
    return dict(parse_entry(office.read(lambda uow: uow.audit.list_latest(limit=1))[0].data).facts)


def test_a_login_starts_a_session_that_knows_its_person(office: Office) -> None:
    assert isinstance(log_in(office, "Giang"), LoggedIn)
    live = office.read(sessions.find, "s1")
    assert live is not None
    assert (live.user.username, live.actor.role, live.unit.code) == ("giang", Role.AUDITOR, POST)
    assert not live.is_stale
    office.write(sessions.end, "s1")
    assert office.read(sessions.find, "s1") is None
    assert not office.write(sessions.touch, "s1")


def test_every_failure_is_the_same_failure(office: Office) -> None:
    wrong = log_in(office, "giang", "wrong wrong wrong")
    nobody = log_in(office, "nobody", PASSWORD)
    change = ChangeAccount(user=office.actors["hoa"].user, untrusted=CHANGED, active=False)
    office.write(accounts.change_account, change, actor=office.actors["khanh"])
    closed = log_in(office, "hoa", PASSWORD)
    assert wrong == nobody == closed == LoginRefused(reason=login.LoginRefusal.WRONG)
    assert office.read(sessions.find, "s1") is None


def test_an_unknown_account_costs_a_hash_too(office: Office) -> None:
    log_in(office, "nobody")
    started = time.process_time()
    log_in(office, "nobody2")
    unknown = time.process_time() - started
    started = time.process_time()
    log_in(office, "giang", "wrong wrong wrong")
    # A ratio, not a duration: without the dummy hash the first would be a hundredth of the second.
    assert unknown > (time.process_time() - started) / 10


def test_failures_slow_an_account_down_and_time_or_patience_frees_it(
    office: Office, clock: SteppingClock
) -> None:
    for number in range(4):
        assert log_in(office, "giang", "wrong", address=f"10.0.0.{number}") == LoginRefused(
            reason=login.LoginRefusal.WRONG
        )
        clock.now -= timedelta(seconds=2)
    for _ in range(8):
        office.write(lambda uow: uow.throttle.record("giang", "x", succeeded=False, tried_at=clock.now))
    refused = log_in(office, "giang")
    assert isinstance(refused, LoginRefused)
    assert refused.reason is login.LoginRefusal.TOO_MANY
    assert refused.retry_at is not None
    clock.now = refused.retry_at
    assert isinstance(log_in(office, "giang"), LoggedIn)


def test_one_address_cannot_try_every_account(office: Office) -> None:
    for number in range(25):
        office.write(
            lambda uow, n=number: uow.throttle.record(
                f"user{n}", "10.9.9.9", succeeded=False, tried_at=office.town.clock()
            )
        )
    refused = log_in(office, "giang", address="10.9.9.9")
    assert isinstance(refused, LoginRefused)
    assert refused.reason is login.LoginRefusal.TOO_MANY
    assert isinstance(log_in(office, "giang", address="10.0.0.2"), LoggedIn)


def test_a_thousand_logins_of_a_morning_slow_nobody_down(office: Office) -> None:
    for number in range(20):
        noted = office.write(login.note_attempt, attempt("giang", session=f"s{number}"))
        assert isinstance(noted, login.Noted)
        done = office.write(
            login.finish_login,
            attempt("giang", session=f"s{number}"),
            noted,
            fresh_hash=None,
            limits=sessions.SessionLimits(),
        )
        assert isinstance(done, LoggedIn)


def test_a_session_dies_of_idleness_of_age_and_sooner_for_administrators(
    office: Office, clock: SteppingClock
) -> None:
    log_in(office, "giang", session="auditor")
    log_in(office, "khanh", session="administrator")
    start = clock.now
    clock.now = start + timedelta(minutes=16)
    assert office.read(sessions.find, "administrator") is None
    live = office.read(sessions.find, "auditor")
    assert live is not None
    assert live.is_stale
    assert office.write(sessions.touch, "auditor")
    clock.now = start + timedelta(minutes=40)
    assert office.read(sessions.find, "auditor") is not None
    clock.now = start + timedelta(minutes=71)
    assert office.read(sessions.find, "auditor") is None
    clock.now = start + timedelta(hours=13)
    office.write(lambda uow: uow.sessions.touch("auditor", seen_at=clock.now))
    assert office.read(sessions.find, "auditor") is None


def test_a_change_of_role_ends_every_session_and_is_logged_without_a_name(office: Office) -> None:
    log_in(office, "giang", session="one")
    log_in(office, "giang", session="two")
    change = ChangeAccount(user=office.actors["giang"].user, untrusted=CHANGED, active=True)
    office.write(accounts.change_account, change, actor=office.actors["khanh"])
    assert office.read(sessions.find, "one") is None
    assert office.read(sessions.find, "two") is None
    facts = latest(office)
    assert (facts["account"], facts["role"], facts["actor"]) == (
        office.actors["giang"].user,
        "clerk",
        office.actors["khanh"].user,
    )
    assert "Giang" not in str(facts)


def test_a_login_that_raced_a_change_of_password_does_not_count(office: Office) -> None:
    noted = office.write(login.note_attempt, attempt("giang"))
    assert isinstance(noted, login.Noted)
    office.write(
        accounts.reset_password, office.actors["giang"].user, issued=ISSUED, actor=office.actors["khanh"]
    )
    finish = partial(login.finish_login, fresh_hash=None, limits=sessions.SessionLimits())
    done = office.town.do(lambda uow: finish(uow, attempt("giang"), noted, now=office.town.clock()))
    assert done == LoginRefused(reason=login.LoginRefusal.WRONG)


def test_accounts_are_created_by_administrators_only(office: Office) -> None:
    for name in ("an", "chien", "giang", "hoa"):
        with pytest.raises(NotPermitted):
            office.write(
                accounts.create_user, CreateUser(untrusted=NEW), issued=ISSUED, actor=office.actors[name]
            )
    user = office.write(
        accounts.create_user, CreateUser(untrusted=NEW), issued=ISSUED, actor=office.actors["khanh"]
    )
    assert latest(office)["account"] == user
    with pytest.raises(Conflict, match="username_taken"):
        office.write(
            accounts.create_user, CreateUser(untrusted=NEW), issued=ISSUED, actor=office.actors["khanh"]
        )


def test_a_bad_form_names_every_field(office: Office) -> None:
    form = {"username": "A b", "full_name": "", "role": "king", "unit": "nowhere", "locale": "fr", "x": "1"}
    with pytest.raises(InvalidInput) as caught:
        office.write(
            accounts.create_user, CreateUser(untrusted=form), issued=ISSUED, actor=office.actors["khanh"]
        )
    fields = {problem.field for problem in caught.value.problems}
    assert fields == {"username", "full_name", "role", "unit", "locale", "x"}


def test_nobody_changes_their_own_rights(office: Office) -> None:
    khanh = office.actors["khanh"]
    form = {**CHANGED, "role": "administrator", "unit": RECEIVING}
    change = ChangeAccount(user=khanh.user, untrusted=form, active=True)
    with pytest.raises(Conflict, match="own_account"):
        office.write(accounts.change_account, change, actor=khanh)
    missing = ChangeAccount(user=type(khanh.user)(9999), untrusted=form, active=True)
    with pytest.raises(NotFound):
        office.write(accounts.change_account, missing, actor=khanh)


def test_an_own_password_needs_the_old_one_and_a_good_new_one(office: Office) -> None:
    giang = office.actors["giang"]
    log_in(office, "giang")
    change = partial(own_password.change_password, office.read, office.write, actor=giang)
    for old, new, field, code in (
        ("wrong", "con ốc sên bò ngược dốc", "old_password", "wrong_password"),
        (PASSWORD, "matkhau123456789", "new_password", "weak_password"),
        (PASSWORD, "hoang giang hoang giang", "new_password", "weak_password"),
        (PASSWORD, "short", "new_password", "too_short"),
        (PASSWORD, PASSWORD, "new_password", "repeated"),
    ):
        with pytest.raises(InvalidInput) as caught:
            change(PasswordChange(untrusted_old=old, untrusted_new=new))
        assert (caught.value.problems[0].field, caught.value.problems[0].code) == (field, code)
    assert office.read(sessions.find, "s1") is not None
    change(PasswordChange(untrusted_old=PASSWORD, untrusted_new="con ốc sên bò ngược dốc"))
    assert office.read(sessions.find, "s1") is None
    assert isinstance(log_in(office, "giang", "con ốc sên bò ngược dốc"), LoggedIn)


def test_the_chosen_language_is_kept(office: Office) -> None:
    giang = office.actors["giang"]
    office.write(accounts.set_locale, "en", actor=giang)
    log_in(office, "giang")
    live = office.read(sessions.find, "s1")
    assert live is not None
    assert live.user.locale == "en"
    with pytest.raises(InvalidInput):
        office.write(accounts.set_locale, "fr", actor=giang)


@pytest.mark.parametrize(
    ("field", "change"), [("active", {}), ("role", {"role": "courier"}), ("unit", {"unit": RECEIVING})]
)
def test_a_custodian_does_not_leave_while_items_answer_to_them(
    office: Office, field: str, change: dict[str, str]
) -> None:
    code, dung = office.register(), office.actors["dung"]
    office.town.post([code])
    office.town.pass_on("chien", "dung", [code], place=POST)
    form = {"full_name": "Phạm Thị Dung", "position": "", "role": "clerk", "unit": POST}
    left = ChangeAccount(user=dung.user, untrusted=form | change, active=field != "active")
    with pytest.raises(InvalidInput) as caught:
        office.write(accounts.change_account, left, actor=office.actors["khanh"])
    assert [(one.field, one.code, one.params) for one in caught.value.problems] == [
        (field, "holds_items", {"count": 1})
    ]
    renamed = ChangeAccount(user=dung.user, untrusted=form | {"position": "Trưởng ca"}, active=True)
    office.write(accounts.change_account, renamed, actor=office.actors["khanh"])
    office.town.pass_on("dung", "chien", [code], place=POST)
    office.write(accounts.change_account, left, actor=office.actors["khanh"])


def test_a_renamed_account_says_in_the_log_that_its_name_changed(office: Office) -> None:
    form = {"full_name": "Trần Thị Bình", "position": "", "role": "auditor", "unit": POST}
    change = ChangeAccount(user=office.actors["giang"].user, untrusted=form, active=True)
    office.write(accounts.change_account, change, actor=office.actors["khanh"])
    assert (latest(office)["change"], latest(office)["changed"]) == ("account", ["full_name"])
    assert "Bình" not in str(latest(office))
    moved = ChangeAccount(
        user=office.actors["giang"].user, untrusted=CHANGED | {"unit": RECEIVING}, active=False
    )
    office.write(accounts.change_account, moved, actor=office.actors["khanh"])
    assert latest(office)["changed"] == ["full_name", "role", "unit", "active"]


def test_attempts_that_no_longer_count_are_forgotten(office: Office, clock: SteppingClock) -> None:
    log_in(office, "giang", "wrong")
    clock.now += timedelta(hours=2)
    log_in(office, "giang")
    assert office.write(lambda uow: uow.throttle.forget(before=clock.now - timedelta(hours=1))) == 0
    counted = office.write(lambda uow: uow.throttle.forget(before=clock.now + timedelta(days=1)))
    assert counted == 1


def test_an_issued_password_must_be_changed_and_one_of_ones_own_need_not(office: Office) -> None:
    def must_change() -> bool:
        found = office.read(lambda uow: uow.users.find(giang.user))
        assert found is not None
        return bool(found.must_change_password)

    giang = office.actors["giang"]
    assert not must_change()
    issued = IssuedPassword(text=PASSWORD, hashed=hash_password(PASSWORD))
    office.write(accounts.reset_password, giang.user, issued=issued, actor=office.actors["khanh"])
    assert must_change()
    assert isinstance(log_in(office, "giang"), LoggedIn)
    assert must_change()
    new = PasswordChange(untrusted_old=PASSWORD, untrusted_new="con ốc sên bò ngược dốc")
    own_password.change_password(office.read, office.write, new, actor=giang)
    assert not must_change()
