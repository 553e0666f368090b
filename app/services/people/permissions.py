"""One line for every use case: may this person do this at all? Which objects is asked in `access.py`."""

from app.domain.access import Actor, Permission, may
from app.domain.errors import NotPermitted


def require(actor: Actor, permission: Permission) -> None:
    """Raise NotPermitted unless the person is active and the role carries the permission."""
    if not actor.active or not may(actor.role, permission):
        raise NotPermitted
