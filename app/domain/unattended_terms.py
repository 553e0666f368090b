"""Give each reason for being unattended its clock: a part of the dated table of incidents.

No public text says after how many minutes a registered item may lie unattended; that somebody must notice is
what every audit of such mail found missing (USPS OIG FT-AR-17-008). So the values are a sample and are
labelled as the table they stand in. Nothing here may read a file or a clock.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from app.domain.unattended import Terms, UnattendedReason

NAMES: Final = ("show_minutes", "ask_minutes", "incident_minutes")
# Of a bag on a leg: how long after the planned arrival it is late.
GRACE: Final = "leg_grace_minutes"
_PLANNED: Final = frozenset({UnattendedReason.BAG_OVERDUE.value})
_HOUR: Final = 60
_LONGEST: Final = 60 * 24 * 60


def _minutes(show: int, ask: int, escalate: int) -> dict[str, int]:
    return dict(zip(NAMES, (show, ask, escalate), strict=True))


SAMPLE_TERMS: Final[Mapping[str, Mapping[str, int]]] = {
    "offer_unanswered": _minutes(2 * _HOUR, 8 * _HOUR, 24 * _HOUR),
    "custodian_closed": _minutes(0, 1 * _HOUR, 24 * _HOUR),
    "unit_closed": _minutes(0, 1 * _HOUR, 24 * _HOUR),
    # A night in the safe is no incident, a second day without its custodian is.
    "shift_ended": _minutes(30, 16 * _HOUR, 36 * _HOUR),
    "held_at_office": _minutes(4 * _HOUR, 24 * _HOUR, 72 * _HOUR),
    "bag_overdue": _minutes(24 * _HOUR, 36 * _HOUR, 72 * _HOUR) | {GRACE: 1 * _HOUR},
}


def parse_terms(untrusted: object) -> dict[UnattendedReason, Terms]:
    """Read the clocks of every reason; raises ValueError or TypeError with the first mistake."""
    rows = dict(untrusted)  # type: ignore[call-overload]  # what is no object raises
    if set(rows) != {reason.value for reason in UnattendedReason}:
        raise ValueError("unattended names each reason once")
    return {UnattendedReason(name): _parse_row(name, row) for name, row in rows.items()}


def _parse_row(name: str, untrusted: object) -> Terms:
    if not isinstance(untrusted, Mapping):
        raise ValueError(f"unattended {name}: {', '.join(NAMES)}")  # noqa: TRY004  # a mistake in a file, like the rest
    # A table from before there was such a value goes on by the sample's.
    asked = (*NAMES, GRACE) if name in _PLANNED else NAMES
    given = {GRACE: SAMPLE_TERMS[name][GRACE], **untrusted} if name in _PLANNED else dict(untrusted)
    if set(given) != set(asked):
        raise ValueError(f"unattended {name}: {', '.join(asked)}")
    values = [given[one] for one in asked]
    if not all(type(one) is int and 0 <= one <= _LONGEST for one in values):
        raise ValueError(f"unattended {name}: whole minutes, up to 60 days")
    if not values[0] <= values[1] < values[2]:
        raise ValueError(f"unattended {name}: shown before it is asked about, asked about before an incident")
    show, ask, escalate, *grace = (timedelta(minutes=one) for one in values)
    return Terms(show=show, ask=ask, escalate=escalate, grace=grace[0] if grace else timedelta())
