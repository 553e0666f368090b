"""`kt1 user`: accounts, from the operator's console. Every change is an entry of the log.

A password is made at random and printed once; none is ever taken from the command line, where it would stay
in the shell's history.
"""

from dataclasses import replace

import click

from app.cli.console import fail, open_runtime, say, tell
from app.cli.toolbox import Toolbox
from app.domain.access import Role
from app.domain.ids import UserId
from app.http.ports import RuntimePort
from app.services.people import accounts, units
from app.services.people.accounts import ChangeAccount, CreateUser, RestoreAccount

ROLES = [role.value for role in Role]


@click.group()
def user() -> None:
    """Accounts of people: create, list, close, new password."""


@user.command("list")
@click.pass_obj
def list_users(toolbox: Toolbox) -> None:
    """List the accounts: user name, role, full name, one a line."""
    with open_runtime(toolbox) as runtime:
        for account in runtime.read(accounts.list_users, actor=None):
            closed = "" if account.active else " (closed)"
            say(f"{account.username:<24} {account.role:<16} {account.full_name}{closed}")


@user.command()
@click.argument("username")
@click.option(
    "--full-name", required=True, help="As it stands on the person's papers: named delivery compares it."
)
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--unit", required=True, help="Code of the person's unit (kt1 agency list).")
@click.option("--position", default="", help="Chức vụ.")
@click.option("--locale", default="vi", show_default=True, type=click.Choice(["vi", "en"]))
@click.pass_obj
def create(toolbox: Toolbox, /, username: str, **fields: str) -> None:
    """Create an account and print its random password, once."""
    with open_runtime(toolbox) as runtime:
        _, password = create_account(runtime, {**fields, "username": username})
    tell(f"created {username}; the password is shown only now:")
    say(password)


@user.command("password")
@click.argument("username")
@click.pass_obj
def reset_password(toolbox: Toolbox, /, username: str) -> None:
    """Give a person a new random password; all their sessions end."""
    issued = accounts.issue_password()
    with open_runtime(toolbox) as runtime:
        runtime.write(accounts.reset_password, _get(runtime, username)[0], issued=issued, actor=None)
    tell(f"new password for {username}; it is shown only now:")
    say(issued.text)


@user.command()
@click.argument("username")
@click.confirmation_option(prompt="Close this account? The person is logged out at once.")
@click.pass_obj
def close(toolbox: Toolbox, /, username: str) -> None:
    """Close an account. It is never deleted: the log names it."""
    _amend(toolbox, username, active=False)
    tell(f"closed {username}")


@user.command()
@click.argument("username")
@click.option("--role", type=click.Choice(ROLES))
@click.option("--unit", help="Code of the new unit.")
@click.option("--full-name")
@click.option("--position")
@click.pass_obj
def change(toolbox: Toolbox, /, username: str, **fields: str | None) -> None:
    """Change role, unit, name or position (or open a closed account); all the person's sessions end."""
    _amend(toolbox, username, active=True, **fields)
    tell(f"changed {username}")


@user.command()
@click.argument("username")
@click.option("--username", "new_username", required=True, help="The person's user name, as it was.")
@click.option("--full-name", required=True, help="As it stands on the person's papers.")
@click.option("--position", default="", help="Chức vụ.")
@click.pass_obj
def restore(toolbox: Toolbox, /, username: str, new_username: str, full_name: str, position: str) -> None:
    """Name a person again who came back as lost-NUMBER by `kt1 log recover`; then: kt1 user password."""
    untrusted = {"username": new_username, "full_name": full_name, "position": position}
    with open_runtime(toolbox) as runtime:
        command = RestoreAccount(user=_get(runtime, username)[0], untrusted=untrusted)
        runtime.write(accounts.restore_account, command)
    tell(f"{username} is {new_username.strip().casefold()} again; kt1 user password gives a new password")


def create_account(
    runtime: RuntimePort, untrusted: dict[str, str], *, must_change: bool = True
) -> tuple[UserId, str]:
    """Create one account; returns its id and its password, which is stored nowhere.

    `must_change` is False only where the operator at the console is the person, as in the demo.
    """
    issued = replace(accounts.issue_password(), must_change=must_change)
    user_id = runtime.write(accounts.create_user, CreateUser(untrusted=untrusted), issued=issued, actor=None)
    return user_id, issued.text


def _amend(toolbox: Toolbox, username: str, *, active: bool, **changed: str | None) -> None:
    with open_runtime(toolbox) as runtime:
        user_id, untrusted = _get(runtime, username)
        untrusted |= {name: value for name, value in changed.items() if value is not None}
        command = ChangeAccount(user=user_id, untrusted=untrusted, active=active)
        runtime.write(accounts.change_account, command, actor=None)


def _get(runtime: RuntimePort, username: str) -> tuple[UserId, dict[str, str]]:
    """Return an account's id and its form as it is now."""
    known = {account.username: account for account in runtime.read(accounts.list_users, actor=None)}
    if username.casefold() not in known:
        fail(f"there is no account {username}")
    account = known[username.casefold()]
    unit_codes = {unit.id: unit.code for unit in runtime.read(units.list_units, actor=None)}
    return account.id, {
        "full_name": account.full_name,
        "position": account.position,
        "role": account.role,
        "unit": unit_codes[account.unit_id],
    }
