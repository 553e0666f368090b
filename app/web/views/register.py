"""Register, amend and cancel: one form for all, and what was typed is never lost.

It must never put an abstract back into a page of class A, and never decide a rule: the services refuse.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, ConflictCode, InvalidInput
from app.http.access import access
from app.http.person import Person
from app.http.ports import runtime
from app.services.items import duplicates, registration
from app.services.items import search as searching
from app.services.items.registration import AmendConsignment, CancelConsignment, RegisterConsignment
from app.services.people import access as door
from app.services.people.access import Record
from app.web.filters import when_short
from app.web.forms import Form, posted
from app.web.numbers import parse_number
from app.web.translate import _
from app.web.views.choices import Option, unit_options
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("register", __name__, url_prefix="/consignments")
_MOST_RECENT: Final = 5
_TYPES: Final = (
    "Công văn",
    "Báo cáo",
    "Kế hoạch",
    "Quyết định",
    "Tờ trình",
    "Thông báo",
    "Nghị quyết",
    "Chỉ thị",
)


@BLUEPRINT.get("/new")
@access(Permission.REGISTER)
def show() -> str:
    """Show an empty form."""
    return _form_page(Form(untrusted={"pieces": "1", "secrecy": "none"}))


@BLUEPRINT.post("/new")
@access(Permission.REGISTER)
def create() -> BaseResponse:
    """Register one consignment, or show the same form with everything that is wrong."""
    form, fields = _read()
    command = RegisterConsignment(untrusted=fields, accept_duplicate=form.value("confirm_duplicate") == "yes")
    try:
        done = runtime().write(registration.register, command, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_form_page(form.refused(error)), 422)
    except Conflict as error:
        return make_response(
            _form_page(form.refused(error, at="document_numbers"), confirm=_twins(fields, error)), 409
        )
    flash(
        _(
            "Đã đăng ký, số %(number)s trong sổ đi. In nhãn rồi dán lên bì.",
            number=f"{done.register.number}/{done.register.year}",
        ),
        "ok",
    )
    return redirect(url_for("consignments.show", code=done.code), code=303)


@BLUEPRINT.get("/<code>/edit")
@access(Permission.AMEND)
def edit(code: str) -> str:
    """Show what was registered, ready to be changed."""
    record = _record(code)
    return _edit_page(code, Form(untrusted=_values(record)))


@BLUEPRINT.post("/<code>/edit")
@access(Permission.AMEND)
def amend(code: str) -> BaseResponse:
    """Replace the registration, unless somebody else has touched the item meanwhile."""
    form, fields = _read()
    version = parse_number(form.value("version"))
    command = AmendConsignment(
        code=door.parse_seen_code(code), version=-1 if version is None else version, untrusted=fields
    )
    try:
        runtime().write(registration.amend, command, actor=require_person().actor, codes=(command.code,))
    except InvalidInput as error:
        return make_response(_edit_page(code, form.refused(error)), 422)
    except Conflict as error:
        return make_response(_edit_page(code, form.refused(error, at="recipient_unit")), 409)
    flash(_("Đã sửa và ghi vào nhật ký."), "ok")
    return redirect(url_for("consignments.show", code=code), code=303)


@BLUEPRINT.get("/<code>/cancel")
@access(Permission.CANCEL)
def cancel(code: str) -> str:
    """Ask for the reason and say what will happen."""
    return _cancel_page(_record(code).details.consignment.code, Form())


@BLUEPRINT.post("/<code>/cancel")
@access(Permission.CANCEL)
def do_cancel(code: str) -> BaseResponse:
    """Cancel an item that never left the sender."""
    form = posted()
    command = CancelConsignment(code=door.parse_seen_code(code), untrusted_reason=form.value("reason"))
    try:
        runtime().write(registration.cancel, command, actor=require_person().actor, codes=(command.code,))
    except (InvalidInput, Conflict) as error:
        return make_response(_cancel_page(code, form.refused(error, at="reason")), 422)
    flash(_("Đã hủy. Lý do và số thứ tự vẫn giữ trong sổ."), "warn")
    return redirect(url_for("consignments.show", code=code), code=303)


def _read() -> tuple[Form, dict[str, str]]:
    """Return the form as typed, and the fields of the registration alone."""
    form = posted()
    values = dict(form.untrusted)
    if values.get("appointed") != "yes":
        # The browser hides the time when Hẹn giờ is off; a value left over from before must not bind anybody.
        values.pop("appointed_at", None)
    fields = {name: value for name, value in values.items() if name not in {"confirm_duplicate", "version"}}
    return replace(form, untrusted=values), fields


def _twins(fields: dict[str, str], error: Conflict) -> tuple[str, ...]:
    if error.code != ConflictCode.DUPLICATE:
        return ()
    return runtime().read(duplicates.list_duplicate_codes, fields, actor=require_person().actor)


def _record(code: str) -> Record:
    return runtime().read(door.get_record, door.parse_seen_code(code), actor=require_person().actor)


def _values(record: Record) -> dict[str, str]:
    details, item = record.details, record.details.consignment
    flags = {
        "named_only": item.named_only,
        "express": item.grade.express,
        "appointed": item.grade.appointed_at is not None,
        "inner_envelope": details.attestations.inner_envelope,
        "outer_envelope": details.attestations.outer_envelope,
        "sealed": details.attestations.sealed,
    }
    opened = record.opened
    return {
        **{name: "yes" for name, is_set in flags.items() if is_set},
        "recipient_unit": record.units[item.recipient_unit].code,
        "secrecy": item.grade.secrecy.value,
        "appointed_at": _moment(item.grade.appointed_at),
        "document_date": details.document_date.strftime("%d/%m/%Y") if details.document_date else "",
        "document_type": details.document_type,
        "pieces": str(details.pieces),
        "weight_g": str(details.weight_g),
        "seal": item.seal,
        "receiver_name": opened.receiver_name if opened else "",
        "document_numbers": opened.document_numbers if opened else "",
        "abstract": opened.abstract if opened else "",
        "version": str(item.version),
    }


def _moment(value: datetime | None) -> str:
    return when_short(value) if value else ""


def _recent(person: Person) -> list[Option]:
    """Offer the agencies this unit sent to last: most mail goes where the last mail went."""
    found = runtime().read(searching.search, {"agency": person.unit_code}, actor=person.actor).page
    names = {
        found.units[item.recipient_unit].code: found.units[item.recipient_unit].short_name
        for item in (row.consignment for row in found.rows)
        if item.sender_unit == person.actor.unit
    }
    return [Option(value=code, label=name) for code, name in names.items()][:_MOST_RECENT]


def _form_page(form: Form, *, confirm: tuple[str, ...] = ()) -> str:
    person = require_person()
    return render_template(
        "consignments/register.html",
        form=form,
        confirm=confirm,
        units=unit_options(person),
        recent=_recent(person),
        document_types=_TYPES,
        submit_label=_("Đăng ký"),
        back=url_for("home.show"),
    )


def _edit_page(code: str, form: Form) -> str:
    return render_template(
        "consignments/edit.html",
        form=form,
        code=code,
        units=unit_options(require_person()),
        document_types=_TYPES,
        submit_label=_("Lưu thay đổi"),
        back=url_for("consignments.show", code=code),
    )


def _cancel_page(code: str, form: Form) -> str:
    back = url_for("consignments.show", code=code)
    return render_template("consignments/cancel.html", code=code, form=form, back=back)
