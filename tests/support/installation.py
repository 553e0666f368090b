"""A whole installation in a folder: keys, migrated database, units, one person per role, devices.

Real rooms only: what a test sees here is what a fresh installation gives its users. The clock is the test's.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url
from werkzeug.test import TestResponse

from app.domain.access import Actor, Role
from app.domain.ids import UnitId, UserId
from app.domain.text import name_key
from app.factory import build_runtime, create_app
from app.http.surface import Surface
from app.keystore import create_keys
from app.runtime import Runtime
from app.services.people import accounts, units
from app.services.people.accounts import CreateUser, IssuedPassword
from app.services.people.units import AddUnit
from app.storage import migrate
from app.storage.engine import private_file
from config import Config
from crypto.passwords import hash_password
from tests.support.cards import issue_cards

PASSWORD = "đường làng quanh co mười hai"
BEGIN = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
_HASHED = hash_password(PASSWORD)
UNITS = (
    ("24.H01", "agency", "Ủy ban nhân dân tỉnh Bắc Ninh"),
    ("24.H02", "agency", "Sở Nội vụ"),
    ("24.P01", "point", "Bưu cục Trung tâm"),
    ("24.S01", "department", "Sở Khoa học và Công nghệ"),
)
PEOPLE = (
    ("an.nguyen", "Nguyễn Văn An", Role.FOCAL_POINT, "24.H01"),
    ("binh", "Trần Thị Bình", Role.FOCAL_POINT, "24.H02"),
    ("chien", "Lê Đức Chiến", Role.COURIER, "24.P01"),
    ("dung", "Phạm Thị Dung", Role.CLERK, "24.P01"),
    ("giang", "Hoàng Giang", Role.AUDITOR, "24.S01"),
    ("hoa", "Vũ Thị Hoa", Role.MINISTRY_READER, "24.S01"),
    ("khanh", "Đỗ Khánh", Role.ADMINISTRATOR, "24.S01"),
)


@dataclass(slots=True)
class Clock:
    """A clock that moves when the test says so."""

    at: datetime = BEGIN

    def __call__(self) -> datetime:
        """Read it."""
        return self.at

    def forward(self, step: timedelta) -> None:
        """Let time pass."""
        self.at += step


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What a test holds of an installation."""

    config: Config
    runtime: Runtime
    clock: Clock
    unit_ids: dict[str, UnitId]
    actors: dict[str, Actor]
    apps: dict[Surface, Flask] = field(default_factory=dict)

    def app(self, surface: Surface) -> Flask:
        """Build a surface once."""
        if surface not in self.apps:
            self.apps[surface] = create_app(self.config, surface, self.runtime)
        return self.apps[surface]

    def browser(self, username: str | None = None) -> "Browser":
        """Open a browser, logged in when a name is given."""
        browser = Browser(client=self.app(Surface.PEOPLE).test_client(), config=self.config)
        if username is not None:
            answer = browser.log_in(username)
            assert answer.status_code == 303, answer.text
        return browser

    def by_role(self, role: Role) -> str:
        """Name the first person of a role."""
        return next(username for username, _, has, _ in PEOPLE if has is role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """A browser as far as HTTP goes: cookies, forms with their token, and the headers browsers send."""

    client: FlaskClient
    config: Config

    @property
    def origin(self) -> str:
        """Scheme and host of the server."""
        return "https://localhost" if self.config.https else "http://localhost"

    def get(self, path: str, **headers: str) -> TestResponse:
        """Follow a link."""
        return self.client.get(path, base_url=self.origin, headers=_named(headers))

    def post(
        self, path: str, data: dict[str, str] | None = None, *, page: str = "/", **headers: str
    ) -> TestResponse:
        """Send a form with the token that `page` carries."""
        form = {"csrf_token": self.token(page), **(data or {})}
        return self.client.post(path, base_url=self.origin, data=form, headers=self.own(headers))

    def own(self, headers: dict[str, str] | None = None) -> dict[str, str]:
        """Return the headers a browser adds to a request of our own pages."""
        return {"Sec-Fetch-Site": "same-origin", "Origin": "null", **_named(headers or {})}

    def token(self, page: str = "/") -> str:
        """Read the CSRF token off a page."""
        found = re.search(r'data-csrf="([^"]+)"', self.get(page).text)
        assert found is not None, f"{page} carries no token"
        return found[1]

    def log_in(self, username: str, password: str = PASSWORD) -> TestResponse:
        """Fill in the login form."""
        form = {"username": username, "password": password}
        return self.post("/login", form, page="/login")


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@contextmanager
def installed(folder: Path, **settings: object) -> Iterator[Installation]:
    """Make an installation in an empty folder and close it afterwards; `settings` are fields of Config."""
    config = Config(data_dir=folder, **settings)  # type: ignore[arg-type]
    create_keys(config.keys_path)
    _make_database(config)
    clock = Clock()
    runtime = build_runtime(config, clock=clock)
    try:
        unit_ids = {code: _add_unit(runtime, code, kind, name) for code, kind, name in UNITS}
        actors = {
            username: Actor(
                user=_add_person(runtime, username, full_name, role, unit),
                unit=unit_ids[unit],
                role=role,
                active=True,
                name_key=name_key(full_name),
            )
            for username, full_name, role, unit in PEOPLE
        }
        issue_cards(runtime, next(one for one in actors.values() if one.role is Role.ADMINISTRATOR))
        yield Installation(config=config, runtime=runtime, clock=clock, unit_ids=unit_ids, actors=actors)
    finally:
        runtime.close()


def _make_database(config: Config) -> None:
    """Migrate a new database; a file gets the bytes that the same migrations made once in this process."""
    url = make_url(config.database_url)
    if url.drivername != "sqlite" or url.database is None:
        migrate.upgrade(config.database_url)
        return
    path = Path(url.database)
    private_file(path)
    path.write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    with TemporaryDirectory(prefix="kt1-migrated-") as room:
        path = Path(room) / "kt1.sqlite3"
        migrate.upgrade(f"sqlite:///{path}")
        return path.read_bytes()


def _add_unit(runtime: Runtime, code: str, kind: str, name: str) -> UnitId:
    form = {"code": code, "kind": kind, "name": name, "province": "24"}
    return runtime.write(units.add_unit, AddUnit(untrusted=form), actor=None)


def _add_person(runtime: Runtime, username: str, full_name: str, role: Role, unit: str) -> UserId:
    form = {"username": username, "full_name": full_name, "role": role, "unit": unit, "locale": "vi"}
    issued = IssuedPassword(text=PASSWORD, hashed=_HASHED, must_change=False)
    return runtime.write(accounts.create_user, CreateUser(untrusted=form), issued=issued, actor=None)
