"""Say which incidents are looked for; what of them a person may know about is asked elsewhere."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.ids import ConsignmentId, UserId
from app.domain.incident import IncidentKind, IncidentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSearch:
    """What to look for; fields left alone do not narrow. `before_id` continues an earlier page."""

    statuses: tuple[IncidentStatus, ...] = ()
    kind: IncidentKind | None = None
    owner: UserId | None = None
    overdue_at: datetime | None = None
    consignment: ConsignmentId | None = None
    before_id: int | None = None
    limit: int = 50
