"""Bags: the work lists, the start of a trip, one bag with its timeline, its tag and its manifest.

"Not yours" and "not there" are the same page. What is in a bag is shown to those whose business it is, and
the recorded seal to nobody who may still have to read it; `app/services/bags/bag_access.py` decides both.
"""

from typing import Final

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.bag import BagState
from app.domain.errors import Conflict, InvalidInput, NotFound
from app.http.access import access
from app.http.person import Person
from app.http.ports import runtime
from app.services.bags import (
    bag_access,
    bag_queues,
    bag_responses,
    bag_tags,
    bag_trail,
    bags,
)
from app.services.bags.bag_queues import BAG_QUEUES, BagQueue
from app.services.bags.bag_tags import PrintTag
from app.services.bags.bags import StartBag
from app.services.legs import leg_pages
from app.services.people import units
from app.services.people.access import parse_seen_code
from app.web.bag_pages import bag_rows, describe_bag, manifest_paper, queue_title, response_paper
from app.web.forms import Form, posted
from app.web.leg_pages import planned_arrivals
from app.web.numbers import parse_number
from app.web.timeline import by_day, show_event
from app.web.translate import _
from app.web.views.choices import Option
from app.web.views.labels import PDF
from app.web.views.person import require_person
from reports.bag_manifest import render_bag_manifest
from reports.bag_response import render_bag_response
from reports.bag_tag import render_bag_tag

BLUEPRINT: Final = Blueprint("bags", __name__, url_prefix="/bags")


@BLUEPRINT.get("")
@access(Permission.VIEW_BAG)
def show_all() -> str:
    """List the bags of one queue, or all that this person may know about."""
    actor = require_person().actor
    queue = _queue_of(request.args.get("queue", ""))
    before = parse_number(request.args.get("before", ""))
    page = runtime().read(bag_queues.list_queue, queue, actor=actor, before=before)
    counts = runtime().read(bag_queues.count_queues, actor=actor)
    name = queue.value if queue is not None else None
    following = url_for("bags.show_all", queue=name, before=page.next_before) if page.next_before else ""
    return render_template(
        "bags/list.html",
        rows=bag_rows(page),
        total=page.total,
        queues=[
            {
                "name": one.value,
                "title": queue_title(one),
                "count": counts[one],
                "current": one is queue,
                "url": url_for("bags.show_all", queue=one.value),
            }
            for one in BAG_QUEUES[actor.role]
        ],
        title=queue_title(queue) if queue is not None else _("Túi KT1"),
        chosen=queue is not None,
        following=following,
    )


@BLUEPRINT.get("/new")
@access(Permission.HANDLE_BAG)
def show_start() -> str:
    """Show the form that begins a trip."""
    return _start_page(Form())


@BLUEPRINT.post("/new")
@access(Permission.HANDLE_BAG)
def start() -> BaseResponse:
    """Begin a bag's trip; whoever does answers for it."""
    form = posted()
    command = StartBag(untrusted_destination=form.value("destination"), untrusted_asset=form.value("asset"))
    try:
        bag = runtime().write(bags.start, command, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_start_page(form.refused(error)), 422)
    flash(_("Đã mở chuyến túi %(code)s. In thẻ túi, rồi quét từng bưu gửi vào túi.", code=bag.code), "ok")
    return redirect(url_for("bags.show", code=bag.code), code=303)


@BLUEPRINT.get("/<code>")
@access(Permission.VIEW_BAG)
def show(code: str) -> str:
    """Show one bag: who answers for it, what was planned and what happened, what is in it."""
    return _page(code, Form())


@BLUEPRINT.post("/<code>/tag.pdf")
@access(Permission.HANDLE_BAG)
def tag(code: str) -> BaseResponse:
    """Log this print and give the tag; a reprint needs its reason."""
    form = posted()
    command = PrintTag(code=parse_seen_code(code), untrusted_reason=form.value("reason"))
    try:
        printed = runtime().write(bag_tags.print_tag, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(_page(code, form.refused(error, at="reason")), 422)
    return _pdf(render_bag_tag(printed), f"{printed.code}-tag.pdf")


@BLUEPRINT.get("/<code>/manifest.pdf")
@access(Permission.VIEW_BAG)
def manifest(code: str) -> Response:
    """Give the manifest on paper; a seal that is still to be read is a blank on it."""
    found = runtime().read(bag_access.get_manifest, parse_seen_code(code), actor=require_person().actor)
    return _pdf(render_bag_manifest(manifest_paper(found)), f"BK{found.manifest.bag}.pdf")


@BLUEPRINT.get("/<code>/manifest.json")
@access(Permission.VIEW_BAG)
def stored_manifest(code: str) -> Response:
    """Give the frozen bytes, whose digest stands in the log, once nobody compares the seal any more."""
    found = runtime().read(bag_access.get_manifest, parse_seen_code(code), actor=require_person().actor)
    if found.data is None:
        raise NotFound
    answer = Response(found.data, mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="BK{found.manifest.bag}.json"'
    return answer


@BLUEPRINT.get("/<code>/response.pdf")
@access(Permission.VIEW_BAG)
def response(code: str) -> Response:
    """Give the complete answer to the manifest on paper: the sender's returned copy."""
    found = runtime().read(bag_responses.get_response, parse_seen_code(code), actor=require_person().actor)
    return _pdf(render_bag_response(response_paper(found)), f"TL{found.bag.code}.pdf")


@BLUEPRINT.get("/<code>/response.json")
@access(Permission.VIEW_BAG)
def stored_response(code: str) -> Response:
    """Give the bytes of the answer, whose digest is in the symbol on its paper."""
    found = runtime().read(bag_responses.get_response, parse_seen_code(code), actor=require_person().actor)
    answer = Response(found.data, mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="TL{found.bag.code}.json"'
    return answer


def _pdf(content: bytes, name: str) -> Response:
    answer = Response(content, mimetype=PDF)
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def _queue_of(name: str) -> BagQueue | None:
    allowed = {queue.value: queue for queue in BAG_QUEUES.get(require_person().actor.role, ())}
    return allowed.get(name)


def _start_page(form: Form) -> str:
    person = require_person()
    return render_template("bags/start.html", form=form, offices=other_offices(person))


def other_offices(person: Person) -> list[Option]:
    """List the offices a bag may go to: of the same kind as one's own, and not one's own."""
    known = runtime().read(units.list_units, actor=person.actor)
    own = next(unit for unit in known if unit.id == person.actor.unit)
    return [
        Option(value=unit.code, label=f"{unit.name} · {unit.code}")
        for unit in known
        if unit.active and unit.kind == own.kind and unit.id != own.id
    ]


def _page(code: str, form: Form) -> str:
    person, seen = require_person(), parse_seen_code(code)
    record = runtime().read(bag_access.get_bag_record, seen, actor=person.actor)
    before = parse_number(request.args.get("before", ""))
    timeline = runtime().read(bag_trail.get_bag_timeline, seen, actor=person.actor, before=before)
    names = {unit.code: unit.name for unit in runtime().read(units.list_units, actor=person.actor)}
    events = [show_event(event, seen, units=names) for event in timeline.events]
    ways = runtime().read(leg_pages.list_of_thing, seen, actor=person.actor)
    moves = record.bag.state is BagState.CLOSED
    arrivals = planned_arrivals(ways, record.custodian.user, runtime().now()) if moves else []
    return render_template(
        "bags/show.html",
        bag=describe_bag(record, person, due=arrivals[0].due_at if arrivals else None),
        # What is still to come stands before what has happened, on the newest page only.
        planned=[] if before is not None else arrivals,
        printed=runtime().read(bag_tags.count_tags, seen, actor=person.actor),
        form=form,
        days=by_day(events),
        newer=before is not None,
        older=timeline.next_before,
        ways=ways,
    )
