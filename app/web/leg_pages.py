"""Describe legs for their pages and their paper: names instead of ids, planned beside actual."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.domain.bag import contents_digest
from app.domain.ids import UserId
from app.domain.leg import Leg, LegState
from app.http import texts
from app.http.i18n import words
from app.services.legs.leg_pages import LegList, LegOnWay, LegPage, LegQueue
from app.web.timeline import Due
from app.web.translate import _
from reports.leg_sheet import LegSheet


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRow:
    """One line of a list of legs."""

    code: str
    origin: str
    destination: str
    state: LegState
    overdue: bool
    vehicle: str
    courier: str
    escort: str
    load: int | None
    departs_at: datetime
    departed_at: datetime | None
    arrives_at: datetime
    arrived_at: datetime | None


def leg_rows(page: LegList, now: datetime) -> list[LegRow]:
    """Return the rows of one page of a list."""
    return [
        LegRow(
            code=leg.code,
            origin=page.units[leg.origin].short_name,
            destination=page.units[leg.destination].short_name,
            state=leg.state,
            overdue=leg.is_overdue(now),
            vehicle=leg.vehicle,
            courier=page.people[leg.courier].full_name,
            escort=escort_of(leg, page),
            load=None if page.loads is None else page.loads.get(leg.id, 0),
            departs_at=leg.departs_at,
            departed_at=leg.departed_at,
            arrives_at=leg.arrives_at,
            arrived_at=leg.arrived_at,
        )
        for leg in page.rows
    ]


def planned_arrivals(ways: Iterable[LegOnWay], custodian: UserId, now: datetime) -> list[Due]:
    """List when a thing is due by the legs that carry it, or are to: the leg's planned arrival."""
    return [
        Due(
            id=f"leg-{way.leg.id}",
            title=_("Đến %(unit)s theo chặng", unit=way.destination.short_name),
            due_at=way.leg.arrives_at,
            late=way.leg.is_overdue(now),
            tag=_("Quá giờ đến") if way.leg.is_overdue(now) else words(f"leg_state.{way.leg.state}"),
        )
        for way in ways
        if way.leg.is_carrying(custodian)
    ]


def escort_of(leg: Leg, page: LegPage | LegList) -> str:
    """Name who goes along, "" where nobody does."""
    return "" if leg.escort is None else page.people[leg.escort].full_name


def queue_title(queue: LegQueue) -> str:
    """Name a queue in the reader's language."""
    titles = {
        LegQueue.TODAY: _("Hôm nay"),
        LegQueue.PLANNED: _("Chờ khởi hành"),
        LegQueue.UNDER_WAY: _("Đang đi"),
        LegQueue.OVERDUE: _("Quá giờ đến"),
        LegQueue.KEPT: _("Còn giữ sau chặng"),
    }
    return titles[queue]


def leg_steps(page: LegPage) -> list[dict[str, object]]:
    """Return the leg as planned, each step with the moment it happened."""
    leg = page.leg
    origin, destination = page.units[leg.origin].name, page.units[leg.destination].name
    return [
        {"title": _("Khởi hành"), "place": origin, "planned": leg.departs_at, "at": leg.departed_at},
        {"title": _("Đến nơi"), "place": destination, "planned": leg.arrives_at, "at": leg.arrived_at},
    ]


def leg_paper(page: LegPage, *, log: str) -> LegSheet:
    """Put a leg on paper, in Vietnamese whatever the reader's language."""
    leg = page.leg

    def word(key: str) -> str:
        return texts.text(key, locale="vi")

    entries = ", ".join(f"{word(f'leg_state.{one.step}')} {one.index}" for one in page.entries)
    return LegSheet(
        code=leg.code,
        state=word(f"leg_state.{leg.state}"),
        origin=page.units[leg.origin].name,
        destination=page.units[leg.destination].name,
        vehicle=leg.vehicle,
        vehicle_kind="xe chuyên dụng" if page.vehicle.dedicated else "xe khác",
        courier=page.people[leg.courier].full_name,
        escort=escort_of(leg, page),
        departs_at=leg.departs_at,
        arrives_at=leg.arrives_at,
        departed_at=leg.departed_at,
        arrived_at=leg.arrived_at,
        planned_at=leg.planned_at,
        planned_by=page.people[leg.planned_by].full_name,
        lines=tuple(
            (
                code,
                "Túi" if code in page.bags else "Bưu gửi",
                word(f"leg_fate.{page.fates[code]}") if code in page.fates else "",
            )
            for code in page.aboard
        ),
        digest=contents_digest(page.aboard),
        entry_note=f"{log}, bản ghi: {entries}",
    )
