"""Who is logged in, as the views and templates see them; read afresh from the database at every request.

It must never be kept between requests: a session that was ended elsewhere is dead at the next one.
"""

from dataclasses import dataclass

from flask import has_request_context
from flask_login import current_user

from app.domain.access import Actor, Permission, Role, may


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One logged-in person; `actor` is what services ask for, the rest is for the screen."""

    actor: Actor
    username: str
    full_name: str
    position: str
    locale: str
    unit_code: str
    unit_name: str
    must_change_password: bool

    @property
    def role(self) -> Role:
        """What this person is in KT1."""
        return self.actor.role

    @property
    def is_authenticated(self) -> bool:
        """Flask-Login asks; only a live session makes a Person."""
        return True

    @property
    def is_active(self) -> bool:
        """Flask-Login asks; a disabled account has no sessions, and this says so twice."""
        return self.actor.active

    @property
    def is_anonymous(self) -> bool:
        """Flask-Login asks."""
        return False

    def get_id(self) -> str:
        """Flask-Login asks; the id of the account."""
        return str(self.actor.user)

    def may(self, permission: Permission | str) -> bool:
        """Tell whether this person's role ever does this; for menus and buttons."""
        return may(self.actor.role, Permission(permission))


def current_person() -> Person | None:
    """Return the person of this request, or None."""
    if not has_request_context():
        return None
    found = current_user._get_current_object() if current_user else None  # noqa: SLF001  # werkzeug's own name
    return found if isinstance(found, Person) else None
