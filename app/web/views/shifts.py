"""Shifts: open one's own, count it blind, see what the count says, close it before a supervisor.

What is expected is rendered only from a page whose count stands: `app/services/shifts/shift_pages.py` gives
nothing before. A supervisor's password goes to the service and nowhere else.
"""

from secrets import token_hex
from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission, Role
from app.domain.errors import Conflict
from app.domain.shift import CountFinding, Shift
from app.http.access import access
from app.http.i18n import words
from app.http.ports import runtime
from app.http.security_log import report
from app.services.people.login import LoginRefused
from app.services.scans import presence
from app.services.scans.presence import Attestation
from app.services.shifts import relief_pages, shift_pages, shifts
from app.services.shifts.shift_pages import ShiftList, ShiftPage
from app.services.shifts.shifts import CloseShift
from app.web.numbers import parse_number
from app.web.section_pages import own_notice
from app.web.shift_texts import shift_texts
from app.web.translate import _
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("shifts", __name__, url_prefix="/shifts")
_MOST_LINES: Final = 500


@BLUEPRINT.get("")
@access(Permission.VIEW_SHIFT)
def show_all() -> str:
    """List shifts, those that do not balance first."""
    return _list("")


@BLUEPRINT.post("")
@access(Permission.KEEP_SHIFT)
def open_one() -> BaseResponse:
    """Open the person's own shift."""
    try:
        shift = runtime().write(shifts.open_shift, actor=require_person().actor)
    except Conflict as error:
        return make_response(_list(words(f"conflict.{error.code}")), 409)
    flash(_("Đã mở ca %(code)s.", code=shift.code), "ok")
    return redirect(url_for("shifts.show", code=shift.code), code=303)


@BLUEPRINT.get("/<code>")
@access(Permission.VIEW_SHIFT)
def show(code: str) -> str:
    """Show one shift; what was expected only when it has been counted."""
    return _page(code, "")


@BLUEPRINT.post("/<code>/count")
@access(Permission.KEEP_SHIFT)
def begin_count(code: str) -> BaseResponse:
    """Sit down to a count: from here on nothing shows this person what they hold."""
    try:
        runtime().write(shifts.begin_count, code, actor=require_person().actor)
    except Conflict as error:
        return make_response(_page(code, words(f"conflict.{error.code}")), 409)
    return redirect(url_for("shifts.count", code=code), code=303)


@BLUEPRINT.get("/<code>/count")
@access(Permission.KEEP_SHIFT)
def count(code: str) -> BaseResponse:
    """Show the counting station, which is told nothing of what is expected."""
    person = require_person()
    page = runtime().read(shift_pages.show, code, actor=person.actor)
    if page.shift.user != person.actor.user or not page.shift.is_counting:
        return redirect(url_for("shifts.show", code=code), code=303)
    body = render_template(
        "shifts/count.html",
        title=_("Kiểm đếm cuối ca"),
        subject=page.shift.code,
        done_url=url_for("shifts.show", code=page.shift.code),
        unit_code=page.unit_code,
        texts=shift_texts(),
        log=runtime().settings.origin,
    )
    return make_response(body)


@BLUEPRINT.post("/<code>/close")
@access(Permission.KEEP_SHIFT)
def close(code: str) -> BaseResponse:
    """Close the person's own shift with the supervisor who stands there."""
    actor, nonce = require_person().actor, token_hex(16)
    attestation = Attestation(
        username=request.form.get("username", ""),
        password=request.form.get("password", ""),
        address=request.remote_addr or "",
        nonce=nonce,
        subject=code[:64],
        on_duty=False,
    )
    found = presence.attest(runtime().write, attestation, actor=actor)
    if isinstance(found, LoginRefused):
        report("witness_not_attested", user=actor.user, why=found.reason)
        return make_response(_page(code, _("Người ký xác nhận nhập sai tài khoản hoặc mật khẩu.")), 422)
    command = CloseShift(untrusted_shift=code, untrusted_nonce=nonce, supervisor=found.witness)
    try:
        runtime().write(shifts.close_shift, command, actor=actor)
    except Conflict as error:
        return make_response(_page(code, words(f"conflict.{error.code}")), 409)
    flash(_("Ca đã đóng, %(name)s ký xác nhận.", name=found.full_name), "ok")
    return redirect(url_for("shifts.show", code=code), code=303)


def _list(fault: str) -> str:
    person, number = require_person(), parse_number(request.args.get("page", "")) or 1
    page = runtime().read(shift_pages.list_shifts, actor=person.actor, page=number)
    mine = next((one for one in page.shifts if one.user == person.actor.user and one.closed_at is None), None)
    return render_template(
        "shifts/list.html",
        fault=fault,
        rows=[_row(shift, page) for shift in page.shifts],
        blocked=_blocked(page),
        shows_office=person.actor.role is Role.AUDITOR,
        mine=mine,
        waiting=runtime().read(relief_pages.list_mine, actor=person.actor),
        may_open=person.may(Permission.KEEP_SHIFT) and mine is None,
        page=page,
        closed=own_notice(person),
    )


def _blocked(page: ShiftList) -> list[tuple[str, str]]:
    """Name each office whose people cannot open the next shift, and those people."""
    found: dict[str, list[str]] = {}
    for shift in page.shifts:
        if shift.is_unbalanced:
            unit = page.units[shift.unit]
            found.setdefault(f"{unit.code} {unit.short_name}", []).append(page.people[shift.user].full_name)
    return [(office, ", ".join(names)) for office, names in sorted(found.items())]


def _row(shift: Shift, page: ShiftList) -> dict[str, object]:
    return {
        "code": shift.code,
        "name": page.people[shift.user].full_name,
        "office": page.units[shift.unit].code,
        "counting": shift.is_counting,
        "opened_at": shift.opened_at,
        "closed_at": shift.closed_at,
        "unbalanced": shift.is_unbalanced,
        "missing": shift.missing,
        "unexpected": shift.unexpected,
        "counts": shift.counts,
    }


def _page(code: str, fault: str) -> str:
    person = require_person()
    page = runtime().read(shift_pages.show, code, actor=person.actor)
    shift = page.shift
    supervisor = page.people.get(shift.supervisor) if shift.supervisor is not None else None
    is_mine = shift.user == person.actor.user and shift.closed_at is None
    return render_template(
        "shifts/show.html",
        fault=fault,
        page=page,
        shift=shift,
        owner=page.people[shift.user].full_name,
        supervisor=supervisor.full_name if supervisor else "",
        is_mine=is_mine,
        may_hand_over=is_mine
        and page.balance is not None
        and page.balance.is_balanced
        and bool(page.balance.counted),
        may_close=is_mine and page.balance is not None and page.balance.is_balanced,
        lines=_lines(page),
    )


def _lines(page: ShiftPage) -> list[tuple[str, CountFinding]]:
    return [] if page.balance is None else list(page.balance.lines().items())[:_MOST_LINES]
