"""Which things a closed incident explains: why they are not where they should be.

list_explained(statements, codes, by=condition) -> codes     some thousand codes in one question
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy import ColumnElement, select

from app.domain.incident import IncidentKind, IncidentStatus
from app.storage.statements import Statements
from app.storage.tables.incidents import INCIDENT_ITEMS, INCIDENTS

# A loss that a second person has closed explains for ever.
LOST: Final[ColumnElement[bool]] = INCIDENTS.c.kind == IncidentKind.LOSS.value
_AT_ONCE: Final = 5_000


def list_explained(
    statements: Statements, codes: Collection[str], *, by: ColumnElement[bool]
) -> frozenset[str]:
    """Return those of the codes of which a second person has closed an incident of this condition."""
    items = INCIDENT_ITEMS.c
    ordered, found = sorted(codes), set[str]()
    for start in range(0, len(ordered), _AT_ONCE):
        asked = (
            select(items.code)
            .join(INCIDENTS, INCIDENTS.c.id == items.incident_id)
            .where(
                items.code.in_(ordered[start : start + _AT_ONCE]),
                INCIDENTS.c.status == IncidentStatus.CLOSED.value,
                by,
            )
            .distinct()
        )
        found |= {str(code) for (code,) in statements.rows(asked)}
    return frozenset(found)
