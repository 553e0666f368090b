"""Which of the items on a page do not fit the records of who took them: for a mark nobody can overlook.

    find_mismatches(uow, items) -> frozenset[ConsignmentId]            read; three questions for any list
The whole log against all items: `custody_check.py`.
"""

from collections.abc import Sequence

from app.domain.consignment import Consignment
from app.domain.ids import ConsignmentId
from app.domain.traces import Traces, fits_traces
from app.storage.uow import UnitOfWork

_NONE = Traces()


def find_mismatches(uow: UnitOfWork, items: Sequence[Consignment]) -> frozenset[ConsignmentId]:
    """Return the items whose custodian or state is not the recorded one."""
    suspects = _compare(uow, items)
    if not suspects:
        return frozenset()
    # Perhaps one of them was only handed over between two questions: ask again about one moment.
    with uow.snapshot():
        again = uow.consignments.list_by_codes([item.code for item in items if item.id in suspects])
        return _compare(uow, again)


def _compare(uow: UnitOfWork, items: Sequence[Consignment]) -> frozenset[ConsignmentId]:
    traces = uow.consignments.list_traces({item.id: item.code for item in items})
    return frozenset(item.id for item in items if not fits_traces(item, traces.get(item.id, _NONE)))
