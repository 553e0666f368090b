"""Closed sections: which counters are closed and until when; close one's own, come back, print the notice.

The number of the seal on a safe is asked for on return and shown on no page before.
"""

from typing import Final

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission, Role
from app.domain.errors import Conflict, InvalidInput
from app.domain.section import OVERDUE_TERMS, SafeSeal, SectionReason
from app.http.access import access
from app.http.i18n import words
from app.http.ports import runtime
from app.http.section_paper import section_notice
from app.services.shifts import section_pages, sections
from app.services.shifts.section_pages import SectionList
from app.services.shifts.sections import CloseSection, ReopenSection
from app.web.forms import Form, posted
from app.web.numbers import parse_number
from app.web.section_pages import notice_row
from app.web.translate import _
from app.web.views.choices import Option, code_options
from app.web.views.labels import PDF
from app.web.views.person import require_person
from reports.section_notice import render_section_notice

BLUEPRINT: Final = Blueprint("sections", __name__, url_prefix="/sections")


@BLUEPRINT.get("")
@access(Permission.VIEW_SECTION)
def show_all() -> str:
    """List what is closed now, with the form to close the own section."""
    return _list(Form())


@BLUEPRINT.post("")
@access(Permission.KEEP_SECTION)
def close() -> BaseResponse:
    """Close the section of the person's office."""
    form = posted()
    command = CloseSection(untrusted=form.untrusted)
    try:
        closing = runtime().write(sections.close_section, command, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_list(form.refused(error)), 422)
    except Conflict as error:
        return make_response(_list(form, words(f"conflict.{error.code}")), 409)
    flash(_("Quầy đã đóng. In giấy báo và treo trước quầy."), "ok")
    return redirect(url_for("sections.show", code=closing.code), code=303)


@BLUEPRINT.get("/<code>")
@access(Permission.VIEW_SECTION)
def show(code: str) -> str:
    """Show one closing, with the form to come back."""
    return _page(code, Form())


@BLUEPRINT.post("/<code>/reopen")
@access(Permission.KEEP_SECTION)
def reopen(code: str) -> BaseResponse:
    """Open the section again."""
    form = posted()
    command = ReopenSection(untrusted_closing=code, untrusted_seal=form.value("seal"))
    try:
        after = runtime().write(sections.reopen_section, command, actor=require_person().actor)
    except InvalidInput as error:
        return make_response(_page(code, form.refused(error)), 422)
    except Conflict as error:
        return make_response(_page(code, form, words(f"conflict.{error.code}")), 409)
    if after.seal_state is SafeSeal.DIFFERS:
        flash(_("Quầy đã mở. Niêm phong két KHÔNG khớp: đã mở sự vụ, kiểm đếm két ngay."), "warn")
    else:
        flash(_("Quầy đã mở lại. Gỡ giấy báo trước quầy."), "ok")
    return redirect(url_for("sections.show", code=code), code=303)


@BLUEPRINT.get("/<code>/notice.pdf")
@access(Permission.VIEW_SECTION)
def notice(code: str) -> Response:
    """Give the notice that hangs at the counter."""
    page = runtime().read(section_pages.get_section, code, actor=require_person().actor)
    answer = Response(render_section_notice(section_notice(page)), mimetype=PDF)
    answer.headers["Content-Disposition"] = f'inline; filename="{page.notice.closing.code}.pdf"'
    return answer


def _list(form: Form, fault: str = "") -> str:
    person = require_person()
    before = parse_number(request.args.get("before", ""))
    found = runtime().read(section_pages.list_sections, actor=person.actor, before=before)
    may_close = person.may(Permission.KEEP_SECTION) and found.mine is None
    return render_template(
        "sections/list.html",
        form=form,
        fault=fault,
        standing=_rows(found, ended=False),
        ended=_rows(found, ended=True),
        older=found.older,
        mine=None if found.mine is None else notice_row(found.mine),
        shows_ended=person.actor.role in {Role.CLERK, Role.AUDITOR},
        grace=int(OVERDUE_TERMS[0].grace.total_seconds() // 60),
        **(_closing_form() if may_close else {"asked": None}),
    )


def _rows(found: SectionList, *, ended: bool) -> list[dict[str, object]]:
    rows = []
    for one in found.ended if ended else found.standing:
        back = one.closing.reopened_by
        rows.append(
            notice_row(one)
            | {
                "by": found.people[one.closing.closed_by].full_name,
                "back": "" if back is None else found.people[back].full_name,
            }
        )
    return rows


def _closing_form() -> dict[str, object]:
    asked = runtime().read(section_pages.prepare_closing, actor=require_person().actor)
    return {
        "asked": asked,
        "reasons": code_options(SectionReason, "section_reason"),
        "safes": [Option(value=str(one.id), label=one.name) for one in asked.safes],
        "others": [Option(value=one.code, label=f"{one.name} · {one.code}") for one in asked.others],
    }


def _page(code: str, form: Form, fault: str = "") -> str:
    page = runtime().read(section_pages.get_section, code, actor=require_person().actor)
    closing = page.notice.closing
    back = closing.reopened_by
    return render_template(
        "sections/show.html",
        form=form,
        fault=fault,
        page=page,
        row=notice_row(page.notice),
        closing=closing,
        unit=page.notice.unit,
        by=page.people[closing.closed_by].full_name,
        back="" if back is None else page.people[back].full_name,
    )
