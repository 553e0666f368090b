"""Every route declares who may use it, and is refused to everybody else before its view runs.

An application with an undeclared route does not start. Which *object* a person may see is never decided here:
that is `app/services/people/access.py`.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from flask import Flask, current_app, request

from app.domain.access import Permission, may
from app.domain.errors import NotPermitted
from app.http.person import current_person

View = TypeVar("View", bound=Callable[..., object])
PUBLIC: Final = "public"
_RULE: Final = "kt1_access"


class Unauthenticated(Exception):  # noqa: N818  # named after what it says
    """Nobody is logged in, or the session has ended."""


class PasswordIsKnown(Exception):  # noqa: N818  # the same
    """The person still uses a password that was issued to them: nothing but their own account is open."""


def access(permission: Permission) -> Callable[[View], View]:
    """Declare that a view needs this permission, whatever the method."""

    def mark(view: View) -> View:
        setattr(view, _RULE, permission)
        return view

    return mark


def public(view: View) -> View:
    """Declare that a view is for anybody, logged in or not."""
    setattr(view, _RULE, PUBLIC)
    return view


def rule_of(view: object) -> Permission | str | None:
    """Return what a view declared: a permission, PUBLIC, or None for nothing."""
    rule = getattr(view, _RULE, None)
    return rule if rule == PUBLIC else (Permission(rule) if rule is not None else None)


def install(app: Flask) -> None:
    """Refuse each request of the people surface that its route's declaration does not allow."""
    if "static" in app.view_functions:
        public(app.view_functions["static"])

    @app.before_request
    def guard() -> None:
        rule = rule_of(current_app.view_functions[request.endpoint or ""])
        if rule == PUBLIC:
            return
        person = current_person()
        if person is None:
            raise Unauthenticated
        if person.must_change_password and rule != Permission.OWN_ACCOUNT:
            raise PasswordIsKnown
        # `rule` is a Permission: check_declared ran before the first request.
        if not may(person.actor.role, Permission(str(rule))):
            raise NotPermitted


def check_declared(app: Flask) -> None:
    """Refuse to start with a route that declares nothing; raises RuntimeError naming it."""
    silent = sorted(
        {
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if rule_of(app.view_functions[rule.endpoint]) is None
        }
    )
    if silent:
        raise RuntimeError(f"These routes declare no access: {', '.join(silent)}")
