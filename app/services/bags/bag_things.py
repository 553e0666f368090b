"""Lock what a line of an act names: a bag, or a thing that can lie in one.

Nothing here decides.
"""

from app.domain.bag import Bag
from app.domain.consignment import Consignment
from app.domain.decision import Refusal
from app.domain.packing import Packed
from app.services.scans.act_scan import ActScan
from app.services.scans.scan_opening import ReadLine
from app.storage.uow import UnitOfWork


def lock_thing(uow: UnitOfWork, read: ReadLine) -> Packed | None:
    """Return the item or bag of a line, locked; None where the code is nobody's or the label forged."""
    if not read.is_ours or read.forged:
        return None
    return uow.consignments.lock(read.code) or uow.bags.lock(read.code)


def lock_subject(uow: UnitOfWork, scan: ActScan) -> Bag | Refusal:
    """Return the bag an act is about, locked, or why it is about none."""
    found = lock_thing(uow, scan.subject)
    if found is None:
        return Refusal.UNKNOWN_CODE
    return Refusal.NOT_A_BAG if isinstance(found, Consignment) else found


def save_thing(uow: UnitOfWork, after: Packed) -> None:
    """Queue the new state of a locked thing."""
    if isinstance(after, Consignment):
        uow.consignments.save(after)
    else:
        uow.bags.save(after)


def forged_or(read: ReadLine, refusal: Refusal | None) -> str:
    """Return what a line is answered: a forged label is named as such, whatever else is wrong."""
    if read.forged:
        return read.forgery
    return refusal or ""
