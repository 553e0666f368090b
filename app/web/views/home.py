"""The first page of every role: its own queues, its own numbers, each number opening its list."""

from dataclasses import dataclass, replace
from typing import Final

from flask import Blueprint, render_template, url_for

from app.domain.access import Permission, Role
from app.http.access import access
from app.http.i18n import words
from app.http.person import Person
from app.http.ports import runtime
from app.services import home
from app.services.bags import bag_queues, pouch_pages
from app.services.bags.bag_queues import BagQueue
from app.services.bags.pouch_pages import PouchQueue
from app.services.home import Home, Queue, QueueView, Totals, Upkeep
from app.services.incidents import incident_pages
from app.services.owed import unattended
from app.services.people import access_key_pages
from app.services.shifts import section_pages
from app.web.bag_pages import queue_title as bag_queue_title
from app.web.incidents import search_of
from app.web.pouch_pages import queue_title as pouch_queue_title
from app.web.rows import list_rows
from app.web.section_pages import own_notice
from app.web.translate import _
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("home", __name__)
OVERDUE: Final = frozenset(
    {Queue.OVERDUE_DELIVERY, Queue.OVERDUE_ACKNOWLEDGEMENT, Queue.SLIPS_TO_SEND, Queue.UNCLAIMED}
)
_HELD: Final = frozenset({Queue.IN_HAND, Queue.OFFERED_BY_ME})
_URGENT: Final = (
    frozenset({Queue.TO_RECEIVE, Queue.TO_HAND_OVER, Queue.IN_HAND, Queue.OFFERED_BY_ME}) | OVERDUE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One number of the page and the list it opens, "" where the reader may see numbers only.

    `hidden`: whoever reads it is counting what it would tell.
    """

    number: int
    label: str
    url: str = ""
    attention: bool = False
    hidden: bool = False


@BLUEPRINT.get("/")
@access(Permission.VIEW_HOME)
def show() -> str:
    """Show what waits for this person."""
    person = require_person()
    found = runtime().read(home.get_home, actor=person.actor)
    counts = _queue_counts(found)
    if person.may(Permission.VIEW_BAG):
        counts += _bag_counts(runtime().read(bag_queues.count_queues, actor=person.actor))
    if found.totals is not None:
        counts += _total_counts(found.totals, person.actor.role)
    if found.log_size is not None:
        counts.append(Count(number=found.log_size, label=_("Bản ghi trong nhật ký"), url=url_for("log.show")))
    if found.upkeep is not None:
        counts += _upkeep_counts(found.upkeep)
    if person.may(Permission.VIEW_POUCH):
        counts += _pouch_counts(person)
    if person.may(Permission.VIEW_UNATTENDED):
        counts += _unattended_counts(person)
    if person.may(Permission.VIEW_SECTION):
        counts += _section_counts(person)
    if person.may(Permission.VIEW_INCIDENT):
        counts += _incident_counts(person)
    if person.may(Permission.VIEW_ACCESS_KEY):
        counts += _access_key_counts(person)
    return render_template(
        "home.html",
        counts=counts,
        queues=[_queue(view) for view in found.queues if not (found.is_counting and view.queue in _HELD)],
        is_counting=found.is_counting,
        owed=[muster.code for muster in found.owed_musters],
        closed=own_notice(person),
    )


def _unattended_counts(person: Person) -> list[Count]:
    """Show that something is in nobody's hands; where nothing is, the page keeps quiet."""
    number = runtime().read(unattended.count_unattended, actor=person.actor)
    label = _("không ai cầm: cần xử lý ngay")
    return (
        [Count(number=number, label=label, url=url_for("unattended.show"), attention=True)] if number else []
    )


def _pouch_counts(person: Person) -> list[Count]:
    """Show what of the pouches somebody must do something about; where nothing is, the page keeps quiet."""
    coming = runtime().read(pouch_pages.count_coming, actor=person.actor)
    queues = runtime().read(pouch_pages.count_queues, actor=person.actor)
    found = [(coming, _("phiếu trả vỏ túi chờ ký nhận"), url_for("pouches.show_lists", open=1))]
    found += [
        (
            queues[queue],
            _("Vỏ túi: %(queue)s", queue=pouch_queue_title(queue)),
            url_for("pouches.show_all", queue=queue.value),
        )
        for queue in (PouchQueue.OVERDUE, PouchQueue.MISSING, PouchQueue.PROPOSED)
    ]
    return [
        Count(number=number, label=label, url=url, attention=True) for number, label, url in found if number
    ]


def _access_key_counts(person: Person) -> list[Count]:
    """Show what is to be changed; where every key and code is in order, the page keeps quiet."""
    number = runtime().read(access_key_pages.count_due, actor=person.actor)
    url = url_for("access_keys.show_all", show="due")
    label = _("chìa khóa, mã khóa phải đổi")
    return [Count(number=number, label=label, url=url, attention=True)] if number else []


def _section_counts(person: Person) -> list[Count]:
    """Show which counters have not opened again in time; where everybody is back, the page keeps quiet."""
    number = runtime().read(section_pages.count_overdue, actor=person.actor)
    label, url = _("quầy quá giờ hẹn mở lại"), url_for("sections.show_all")
    return [Count(number=number, label=label, url=url, attention=True)] if number else []


def _incident_counts(person: Person) -> list[Count]:
    """Count the incidents under way, and those whose clock has run out."""
    found = []
    for chosen, label in (("", _("Sự vụ đang xử lý")), ("late", _("Sự vụ quá hạn"))):
        search = replace(search_of(chosen, person.actor, now=runtime().now(), before=None), limit=1)
        page = runtime().read(incident_pages.list_incidents, search, actor=person.actor)
        url = url_for("incidents.show_all", show=chosen or None)
        found.append(Count(number=page.total, label=label, url=url, attention=bool(chosen)))
    return found


def queue_title(queue: Queue) -> str:
    """Name a queue in the reader's language."""
    titles = {
        Queue.TO_RECEIVE: _("Chờ tôi nhận"),
        Queue.TO_HAND_OVER: _("Chờ giao đi"),
        Queue.IN_HAND: _("Tôi đang giữ"),
        Queue.OFFERED_BY_ME: _("Tôi đã giao, bên kia chưa nhận"),
        Queue.SENT_UNDER_WAY: _("Đã gửi, đang trên đường"),
        Queue.COMING_TO_US: _("Sắp đến cơ quan"),
        Queue.OVERDUE_DELIVERY: _("Quá hạn phát"),
        Queue.OPEN_ACKNOWLEDGEMENT: _("Chờ phiếu báo phát về"),
        Queue.OVERDUE_ACKNOWLEDGEMENT: _("Quá hạn phiếu báo phát"),
        Queue.SLIPS_TO_SEND: _("Nhắc: cần gửi trả phiếu báo phát"),
        Queue.UNCLAIMED: _("Vô thừa nhận: chuyển hoàn nơi gửi"),
    }
    return titles[queue]


def _queue_counts(found: Home) -> list[Count]:
    return [
        Count(
            number=view.total,
            label=queue_title(view.queue),
            url=url_for("consignments.search", queue=view.queue.value),
            attention=view.queue in _URGENT,
            hidden=found.is_counting and view.queue in _HELD,
        )
        for view in found.queues
    ]


def _bag_counts(found: dict[BagQueue, int]) -> list[Count]:
    """Show the queues of bags in which something waits; most days most of them are empty."""
    return [
        Count(
            number=number,
            label=_("Túi: %(queue)s", queue=bag_queue_title(queue)),
            url=url_for("bags.show_all", queue=queue.value),
            attention=queue is not BagQueue.ON_THE_WAY,
        )
        for queue, number in found.items()
        if number
    ]


def _queue(view: QueueView) -> dict[str, object]:
    more = url_for("consignments.search", queue=view.queue.value)
    return {
        "name": view.queue.value,
        "title": queue_title(view.queue),
        "total": view.total,
        "rows": list_rows(view.page),
        "empty": _("Không có bưu gửi nào."),
        "more": more if view.total > len(view.page.rows) else "",
    }


def _total_counts(totals: Totals, role: Role) -> list[Count]:
    """Numbers of the installation: what is open, and what ended; whoever may open items gets a link."""
    opens = role is Role.AUDITOR
    states = [
        Count(
            number=number,
            label=words(f"state.{state.value}"),
            url=url_for("consignments.search", state=state.value) if opens else "",
        )
        for state, number in totals.by_state.items()
    ]
    grades = [
        Count(
            number=number,
            label=_("Đang mở, độ mật: %(name)s", name=words(f"secrecy.{grade.value}")),
        )
        for grade, number in totals.by_secrecy.items()
    ]
    ended = [
        Count(number=number, label=_("%(state)s trong 7 ngày qua", state=words(f"state.{state.value}")))
        for state, number in totals.ended.items()
    ]
    return states + grades + ended


def _upkeep_counts(upkeep: Upkeep) -> list[Count]:
    return [
        Count(number=upkeep.active_users, label=_("người dùng đang hoạt động"), url=url_for("admin.users")),
        Count(number=upkeep.closed_users, label=_("tài khoản đã khóa"), url=url_for("admin.users")),
        Count(number=upkeep.active_units, label=_("đơn vị"), url=url_for("admin.show_units")),
        Count(number=upkeep.devices_in_use, label=_("thiết bị đang dùng"), url=url_for("devices.show_all")),
    ]
