"""Print labels and slips. A preview shows the looks of a label and cannot be scanned; each PDF is counted."""

from dataclasses import replace
from typing import Final

from flask import Blueprint, Response, make_response, render_template
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, InvalidInput, NotFound, Problem, ProblemCode
from app.http.access import access
from app.http.ports import runtime
from app.services.items import labels
from app.services.items.labels import LabelForm, PrintedLabel, PrintLabels
from app.services.log import audit_trail
from app.services.people import access as door
from app.services.people import units
from app.web.forms import Form, posted
from app.web.numbers import parse_number
from app.web.receipts import receipt_of
from app.web.slips import compose_slip, holds_handover
from app.web.views.consignments import item_of
from app.web.views.person import require_person
from reports.label import LABELS_ON_SHEET, render_inner_label, render_label, render_sheet, render_test_page
from reports.slip import render_slip

BLUEPRINT: Final = Blueprint("labels", __name__)
PDF: Final = "application/pdf"


@BLUEPRINT.get("/consignments/<code>/label")
@access(Permission.PRINT_LABEL)
def show(code: str) -> str:
    """Show what the label will look like, how often it was printed, and the form to print it."""
    return _page(code, Form())


@BLUEPRINT.post("/consignments/<code>/label.pdf")
@access(Permission.PRINT_LABEL)
def pdf(code: str) -> BaseResponse:
    """Count this print and give the PDF; a reprint needs its reason."""
    form = posted()
    try:
        shape, start = _read_shape(form)
        command = PrintLabels(
            codes=(door.parse_seen_code(code),), form=shape, untrusted_reason=form.value("reason")
        )
        printed = runtime().write(labels.print_labels, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(_page(code, form.refused(error, at="reason")), 422)
    return _pdf(_draw(printed, shape, start), f"{printed[0].code}-{printed[0].print_number}.pdf")


@BLUEPRINT.post("/consignments/<code>/inner-label.pdf")
@access(Permission.PRINT_LABEL)
def inner(code: str) -> BaseResponse:
    """Print the outer label anew together with the inner one of Tuyệt mật, as one counted print."""
    form = posted()
    command = PrintLabels(
        codes=(door.parse_seen_code(code),), form=LabelForm.A6, untrusted_reason=form.value("inner_reason")
    )
    try:
        printed = runtime().write(labels.print_labels, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(
            _page(code, form.refused(error, at="inner_reason").moved("reason", "inner_reason")), 422
        )
    drawn = [label.inner for label in printed if label.inner is not None]
    content = render_inner_label(drawn) if drawn else _draw(printed, LabelForm.A6, 1)
    return _pdf(content, f"{printed[0].code}-inner-{printed[0].print_number}.pdf")


@BLUEPRINT.get("/labels/test-page.pdf")
@access(Permission.PRINT_LABEL)
def test_page() -> Response:
    """Give the page that shows where a printer puts a millimetre."""
    return _pdf(render_test_page(), "kt1-test.pdf")


def _read_shape(form: Form) -> tuple[LabelForm, int]:
    problems = []
    try:
        shape = LabelForm(form.value("format") or LabelForm.A6)
    except ValueError:
        problems.append(Problem(field="format", code=ProblemCode.NOT_A_CHOICE))
        shape = LabelForm.A6
    start = parse_number(form.value("start") or "1") or 0
    if not 1 <= start <= LABELS_ON_SHEET:
        limits: dict[str, str | int] = {"least": 1, "most": LABELS_ON_SHEET}
        problems.append(Problem(field="start", code=ProblemCode.OUT_OF_RANGE, params=limits))
    if problems:
        raise InvalidInput.all_of(problems)
    return shape, start


def _draw(printed: tuple[PrintedLabel, ...], shape: LabelForm, start: int) -> bytes:
    faces = [face for label in printed for face in label.outer]
    return render_sheet(faces, start_at=start) if shape is LabelForm.SHEET else render_label(faces)


def _pdf(content: bytes, name: str) -> Response:
    answer = Response(content, mimetype=PDF)
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def _page(code: str, form: Form) -> str:
    person, seen = require_person(), door.parse_seen_code(code)
    record = runtime().read(door.get_record, seen, actor=person.actor)
    printed = runtime().read(labels.count_prints, seen, actor=person.actor)
    item = item_of(record, person)
    return render_template(
        "consignments/label.html", item=item, form=form, printed=printed, inner=record.opened is not None
    )


@BLUEPRINT.get("/consignments/<code>/slip.pdf")
@access(Permission.PRINT_SLIP)
def slip(code: str) -> Response:
    """Give the slip of the latest handover of this item, with the entry that proves it."""
    person, port, seen = require_person(), runtime(), door.parse_seen_code(code)
    timeline = port.read(audit_trail.get_timeline, seen, actor=person.actor)
    while timeline.next_before is not None and not holds_handover(timeline):
        older = port.read(audit_trail.get_timeline, seen, actor=person.actor, before=timeline.next_before)
        timeline = replace(older, events=timeline.events + older.events)
    known = port.read(units.list_units, actor=person.actor)

    def find_record(other: str) -> door.Record | None:
        try:
            return port.read(door.get_record, other, actor=person.actor)
        except NotFound:
            return None

    data = compose_slip(
        timeline,
        find_record=find_record,
        units={unit.id: (unit.name, unit.address) for unit in known},
        places={unit.code: unit.name for unit in known},
        receipt_of=receipt_of,
        origin=port.settings.origin,
    )
    return _pdf(render_slip(data), f"{seen}-slip-{data.entry_index}.pdf")
