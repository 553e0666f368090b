"""The office side of the town: use cases run as the server runs them, and the roles that scan nothing.

Adds `now=` and `tools=` where a use case asks for them, as `app/runtime.py` does.
"""

import inspect
from collections.abc import Callable
from typing import TypeVar

from app.domain.access import Actor, Role
from app.domain.ids import ConsignmentCode
from app.services.items import registration
from app.services.items.registration import RegisterConsignment
from app.services.people import accounts
from app.services.people.accounts import CreateUser, IssuedPassword
from app.services.people.sessions import actor_of
from app.storage.reader import Reader
from app.storage.uow import UnitOfWork
from crypto.passwords import hash_password
from tests.support.town import POST, RECEIVING, Town

T = TypeVar("T")
PASSWORD = "đường làng quanh co mười hai"
_ISSUED = IssuedPassword(text=PASSWORD, hashed=hash_password(PASSWORD), must_change=False)
FORM = {
    "recipient_unit": RECEIVING,
    "receiver_name": "Trần Thị Bình",
    "secrecy": "C",
    "document_numbers": "05/BC-UBND; 06/BC-UBND",
    "document_date": "05/02/2026",
    "document_type": "BC",
    "abstract": "Báo cáo tình hình quý một",
    "pieces": "1",
    "weight_g": "250",
    "outer_envelope": "1",
}
OFFICE_PEOPLE = (
    ("giang", "Hoàng Giang", Role.AUDITOR),
    ("hoa", "Vũ Thị Hoa", Role.MINISTRY_READER),
    ("khanh", "Đỗ Khánh", Role.ADMINISTRATOR),
)


class Office:
    """The town's offices."""

    def __init__(self, town: Town, reader: Reader) -> None:
        self.town = town
        self._reader = reader
        self.actors: dict[str, Actor] = {name: member.actor for name, member in town.people.items()}
        for username, full_name, role in OFFICE_PEOPLE:
            self.actors[username] = self.employ(username, full_name, role)

    def write(self, use_case: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run a writing use case to its commit."""
        given = {**self._added(use_case), **kwargs}
        return self.town.do(lambda uow: use_case(uow, *args, **given))

    def read(self, use_case: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run a reading use case on its own connection."""
        given = {**self._added(use_case), **kwargs}
        return self._reader.read(lambda uow: use_case(uow, *args, **given))

    def employ(self, username: str, full_name: str, role: Role, unit: str = POST) -> Actor:
        """Create an account from the operator's console."""
        form = {"username": username, "full_name": full_name, "role": role, "unit": unit}
        user = self.write(accounts.create_user, CreateUser(untrusted=form), issued=_ISSUED, actor=None)

        def find(uow: UnitOfWork) -> Actor:
            found = uow.users.find(user)
            assert found is not None
            return actor_of(found)

        return self.read(find)

    def register(self, *, by: str = "an", accept_duplicate: bool = True, **changes: str) -> ConsignmentCode:
        """Fill in the form."""
        command = RegisterConsignment(untrusted={**FORM, **changes}, accept_duplicate=accept_duplicate)
        return self.write(registration.register, command, actor=self.actors[by]).code

    def _added(self, use_case: Callable[..., object]) -> dict[str, object]:
        asked = inspect.signature(use_case).parameters
        added: dict[str, object] = {"now": self.town.clock, "tools": self.town.tools}
        return {name: value() if callable(value) else value for name, value in added.items() if name in asked}
