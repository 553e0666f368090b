"""What people must be able to show, as it stands where the entry that says so stands in the log.

Another process may take something over between our question and our entry; the list would then be of neither
moment, and a log read again would not come to it. Pages ask ``uow.shifts`` and hold nothing still.
"""

from app.domain.ids import UserId
from app.storage.uow import UnitOfWork


def freeze_in_hand(uow: UnitOfWork, *users: UserId) -> frozenset[str]:
    """Let nothing move until the end of this transaction, and list what these people have in hand."""
    uow.audit.hold_still()
    return uow.shifts.list_in_hand(*users)
