"""Times on a page: Vietnam's clock, and a page that opens whatever moment somebody signed."""

from datetime import UTC, datetime

import pytest

from app.web.filters import local_day, when, when_short

EDGES = (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC))


def test_times_are_told_in_vietnam() -> None:
    moment = datetime(2026, 11, 21, 17, 0, 1, tzinfo=UTC)
    assert when(moment) == "22/11/2026 00:00:01"
    assert when_short(moment) == "22/11/2026 00:00"
    assert local_day(moment).isoformat() == "2026-11-22"
    assert when(None) == when_short(None) == "–"


@pytest.mark.parametrize("moment", EDGES)
def test_the_edges_of_the_calendar_are_shown_too(moment: datetime) -> None:
    assert when(moment).startswith(moment.strftime("%d/%m/"))
    assert when_short(moment).startswith(moment.strftime("%d/%m/"))
    assert local_day(moment).month == moment.month
