"""Relief of a shift: list it for a successor, sign the offers of that list, see what became of each line.

The successor answers at the scan station like every taker; there is no other door by which custody moves.
"""

from typing import Final

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, NotFound
from app.domain.relief import ReliefResult
from app.http.access import access
from app.http.i18n import words
from app.http.ports import runtime
from app.http.relief_paper import relief_paper
from app.services.shifts import relief_pages, reliefs
from app.services.shifts.reliefs import ListRelief
from app.web.shift_texts import relief_texts
from app.web.translate import _
from app.web.views.choices import Option
from app.web.views.person import require_person
from reports.list_minutes import render_list_minutes

BLUEPRINT: Final = Blueprint("reliefs", __name__, url_prefix="/shifts")
_MOST_LINES: Final = 1_000
_UNFINISHED: Final = frozenset({ReliefResult.REFUSED, ReliefResult.WAITING, ReliefResult.OFFERED})


@BLUEPRINT.get("/<code>/relief/new")
@access(Permission.KEEP_SHIFT)
def new(code: str) -> str:
    """Ask who takes over."""
    return _form(code, "")


@BLUEPRINT.post("/<code>/relief")
@access(Permission.KEEP_SHIFT)
def list_one(code: str) -> BaseResponse:
    """Freeze the last count's list for a successor."""
    command = ListRelief(untrusted_shift=code, untrusted_successor=request.form.get("successor", ""))
    try:
        runtime().write(reliefs.list_relief, command, actor=require_person().actor)
    except Conflict as error:
        return make_response(_form(code, words(f"conflict.{error.code}")), 409)
    flash(_("Đã lập danh sách bàn giao. Ký giao từng phần, người nhận ca ký nhận ở trạm quét."), "ok")
    return redirect(url_for("reliefs.show", code=code), code=303)


@BLUEPRINT.get("/<code>/relief")
@access(Permission.VIEW_SHIFT)
def show(code: str) -> str:
    """Show a relief with what became of every line, and to its leaver the button that signs."""
    person, settings = require_person(), runtime().settings
    page = runtime().read(relief_pages.show, code, actor=person.actor)
    lines = [] if page.lines is None else list(page.lines.items())
    is_open = page.shift.closed_at is None
    waiting = [line for line, result in lines if result is ReliefResult.WAITING and is_open]
    return render_template(
        "shifts/relief.html",
        page=page,
        shift=page.shift,
        lines=lines[:_MOST_LINES],
        figures={result: sum(found is result for _code, found in lines) for result in ReliefResult},
        is_mine=is_open and page.shift.user == person.actor.user,
        is_successor=is_open and page.relief.successor == person.actor.user,
        unfinished=any(result in _UNFINISHED for _code, result in lines),
        waiting=[line for line in waiting if line not in page.typed],
        typed=[line for line in waiting if line in page.typed],
        texts=relief_texts(),
        log=settings.origin,
    )


@BLUEPRINT.get("/<code>/relief.pdf")
@access(Permission.VIEW_SHIFT)
def minutes(code: str) -> Response:
    """Give the minutes of a relief whose shift is closed."""
    page = runtime().read(relief_pages.show, code, actor=require_person().actor)
    paper = relief_paper(page, origin=runtime().settings.origin)
    if paper is None:
        raise NotFound
    answer = Response(render_list_minutes(paper), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{page.shift.code}-relief.pdf"'
    return answer


def _form(code: str, fault: str) -> str:
    people = runtime().read(relief_pages.list_successors, actor=require_person().actor)
    return render_template(
        "shifts/relief_new.html",
        fault=fault,
        code=code,
        people=[Option(value=user.username, label=user.full_name) for user in people],
    )
