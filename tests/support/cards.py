"""Give everybody of the post a courier card, as an administrator does before the first day of work."""

from datetime import datetime, timedelta

from app.domain.access import POST, Actor, Role
from app.domain.ids import UserId
from app.domain.register import VIETNAM
from app.http.ports import RuntimePort
from app.services.people import accounts, authorities
from app.services.people.authorities import IssueAuthority


def issue_cards(runtime: RuntimePort, administrator: Actor, *, days: int = 300) -> None:
    """Issue a card to every account of the post that is open now."""
    until = (runtime.now() + timedelta(days=days)).astimezone(VIETNAM)
    for user in runtime.read(accounts.list_users, actor=None):
        if user.active and Role(user.role) in POST:
            _issue(runtime, administrator, user.id, until)


def issue_card(runtime: RuntimePort, administrator: Actor, holder: UserId, *, days: int = 300) -> None:
    """Issue a card to one who came later."""
    until = (runtime.now() + timedelta(days=days)).astimezone(VIETNAM)
    _issue(runtime, administrator, holder, until)


def _issue(runtime: RuntimePort, administrator: Actor, holder: UserId, until: datetime) -> None:
    form = {
        "holder": str(holder),
        "number": f"{int(holder):03d}/TGL",
        "valid_until": f"{until:%d/%m/%Y %H:%M}",
    }
    runtime.write(authorities.issue, IssueAuthority(untrusted=form), actor=administrator)
