"""`kt1 consignment`: look an item up from the console, as a person with an account, through the same door.

Whoever runs the machine is nobody in KT1: without the password of an account nothing is shown.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click

from app.cli.console import fail, open_runtime, say
from app.cli.toolbox import Toolbox
from app.domain.access import Actor
from app.http.ports import RuntimePort
from app.services.log import audit_trail
from app.services.people import access, sessions
from app.services.people.login import LoginAttempt, LoginRefused, login
from crypto.timestamps import format_at

_EVERY_EVENT = 1_000_000
as_person = click.option("--as", "username", required=True, help="User name of the account to look with.")
with_password = click.password_option(
    "--password", confirmation_prompt=False, help="Asked for when left out."
)


@click.group()
def consignment() -> None:
    """Consignments, as one person may see them."""


@consignment.command()
@click.argument("code")
@as_person
@with_password
@click.pass_obj
def show(toolbox: Toolbox, /, code: str, username: str, password: str) -> None:
    """Show what stands on an item's envelope, and who holds it."""
    with open_runtime(toolbox) as runtime, logged_in(runtime, username, password) as actor:
        record = runtime.read(access.get_record, access.parse_seen_code(code), actor=actor)
        item = record.details.consignment
        say(f"code       {item.code}")
        say(f"state      {item.state}{' (offered)' if item.offer else ''}")
        say(f"secrecy    {item.grade.secrecy}{', express' if item.grade.express else ''}")
        say(f"appointed  {_shown(item.grade.appointed_at)}")
        say(f"from       {record.units[item.sender_unit].name}")
        say(f"to         {record.units[item.recipient_unit].name}")
        say(f"custodian  {record.users[record.custodian.user].full_name}")
        say(f"registered {_shown(item.registered_at)}")
        say(f"closed     {_shown(item.closed_at)}")


@consignment.command()
@click.argument("code")
@as_person
@with_password
@click.pass_obj
def timeline(toolbox: Toolbox, /, code: str, username: str, password: str) -> None:
    """List what the log says of an item, oldest first; exit 1 when something does not hold."""
    with open_runtime(toolbox) as runtime, logged_in(runtime, username, password) as actor:
        seen = access.parse_seen_code(code)
        told = runtime.read(audit_trail.get_timeline, seen, actor=actor, limit=_EVERY_EVENT)
        for event in reversed(told.events):
            signer = event.signer.full_name if event.signer else "-"
            held = "ok " if event.is_verified else "BAD"
            kind = event.kind or "unreadable"
            say(f"{held} #{event.index:<6} {_shown(event.recorded_at)} {kind:<18} {signer}")
        if not told.is_verified:
            fail("not every event could be verified: run kt1 log verify")


@contextmanager
def logged_in(runtime: RuntimePort, username: str, password: str) -> Iterator[Actor]:
    """Log in like the login page does, throttled and counted, and end the session afterwards."""
    session_hash = hashlib.sha256(secrets.token_bytes(32)).hexdigest()
    attempt = LoginAttempt(username=username, password=password, address="console", session_hash=session_hash)
    result = login(runtime.write, attempt)
    if isinstance(result, LoginRefused):
        fail("the user name or the password is wrong, or there were too many attempts")
    try:
        yield sessions.actor_of(result.user)
    finally:
        runtime.write(sessions.end, session_hash)


def _shown(moment: datetime | None) -> str:
    return "-" if moment is None else format_at(moment)
