"""`/api/v1/musters`: freeze what a place or a person must have, see who counted, close it by two.

The counts between are signed statements of kind `count` by `POST /api/v1/scans`. Drawing, and the yearly
inventory of every place, are an auditor's: auditors have no device, so both are done at the page alone.
"""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.bodies import read_model
from app.api.muster_schemas import (
    CloseMusterBody,
    MusterAnswer,
    MusterPath,
    MustersAnswer,
    OpenMusterBody,
    WithdrawMusterBody,
)
from app.api.openapi import BY_DEVICE, PDF_ANSWER, answers, json_body
from app.api.shift_schemas import PageQuery
from app.domain.access import Permission
from app.domain.errors import NotFound
from app.domain.muster import Muster
from app.http.access import access
from app.http.attestation import attest_second, refuse_second
from app.http.muster_paper import muster_paper
from app.http.ports import runtime
from app.services.people.login import LoginRefused
from app.services.shifts import muster_pages, muster_withdrawal, musters
from app.services.shifts.muster_pages import MusterPage
from app.services.shifts.muster_withdrawal import WithdrawMuster
from app.services.shifts.musters import CloseMuster, OpenMuster
from crypto.timestamps import format_at
from reports.list_minutes import render_list_minutes

API: Final = APIBlueprint("api_musters", __name__, url_prefix="/api/v1/musters")


@API.get(
    "", responses=answers(200, MustersAnswer, 401, 403, 422), security=BY_DEVICE, operation_id="listMusters"
)
@access(Permission.VIEW_MUSTER)
def show_all(query: PageQuery) -> Response:
    """List the musters of the caller's office, for a courier those that concern them, 50 at a time.

    Figures are null of open ones, and of all while the caller counts.
    """
    actor, port = auth.current_actor(), runtime()
    page = port.read(muster_pages.list_musters, actor=actor, page=query.page)
    owed = port.read(muster_pages.list_owed, actor=actor)
    return jsonify(
        musters=[_listed(one, page.units[one.unit].code, is_hidden=page.is_hidden) for one in page.musters],
        owed=[one.code for one in owed],
        next_page=page.page + 1 if page.has_more else None,
    )


@API.post(
    "",
    responses=answers(201, MusterAnswer, 400, 401, 403, 404, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="openMuster",
    openapi_extensions=json_body(OpenMusterBody, "Where, and of whom."),
)
@access(Permission.OPEN_MUSTER)
def open_one() -> tuple[Response, int]:
    """Freeze what the caller's own office, or one person there, must have now; the list is shown to nobody.

    409 while a muster of the same hands is open, 404 for another office.
    """
    body = read_model(OpenMusterBody)
    command = OpenMuster(untrusted_unit=body.office, untrusted_person=body.person)
    muster = runtime().write(musters.open_muster, command, actor=auth.current_actor())
    answer = jsonify(_whole(muster.code))
    answer.headers["Location"] = f"/api/v1/musters/{muster.code}"
    return answer, 201


@API.get(
    "/<code>",
    responses=answers(200, MusterAnswer, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="getMuster",
)
@access(Permission.VIEW_MUSTER)
def show(path: MusterPath) -> Response:
    """Tell of one muster; what was expected and found only when it is closed, and to nobody who counts.

    Whoever `owes` a count sends it as statements of kind `count` about this muster by `POST /api/v1/scans`.
    """
    return jsonify(_whole(path.code))


@API.post(
    "/<code>/close",
    responses=answers(200, MusterAnswer, 400, 401, 403, 404, 409, 411, 413, 415, 422, 429, 503),
    security=BY_DEVICE,
    operation_id="closeMuster",
    openapi_extensions=json_body(CloseMusterBody, "Account and password of the person of the place."),
)
@access(Permission.OPEN_MUSTER)
def close(path: MusterPath) -> Response:
    """Close the caller's own muster with a person of the place who stands there; differences open incidents.

    422 for a wrong account or password, 429 after too many.
    """
    body, actor = read_model(CloseMusterBody), auth.current_actor()
    found = attest_second(body.username, body.password, subject=path.code, actor=actor)
    if isinstance(found, LoginRefused):
        return refuse_second(found)
    nonce, second = found
    command = CloseMuster(untrusted_muster=path.code, untrusted_nonce=nonce, partner=second.witness)
    runtime().write(musters.close_muster, command, actor=actor)
    return jsonify(_whole(path.code))


@API.post(
    "/<code>/withdraw",
    responses=answers(200, MusterAnswer, 400, 401, 403, 404, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="withdrawMuster",
    openapi_extensions=json_body(WithdrawMusterBody, "Why it ends."),
)
@access(Permission.OPEN_MUSTER)
def withdraw(path: MusterPath) -> Response:
    """Withdraw the caller's own muster: it ends without a result, and nobody owes it a count any more.

    409 for one that has ended. That another auditor withdraws one that was open too long is done at the page.
    """
    body = read_model(WithdrawMusterBody)
    command = WithdrawMuster(untrusted_muster=path.code, untrusted_reason=body.reason)
    runtime().write(muster_withdrawal.withdraw, command, actor=auth.current_actor())
    return jsonify(_whole(path.code))


@API.get(
    "/<code>/minutes.pdf",
    responses=answers(200, PDF_ANSWER, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="getMusterMinutes",
)
@access(Permission.VIEW_MUSTER)
def minutes(path: MusterPath) -> Response:
    """Give the minutes of a muster as PDF; 404 while it is open, and of a result while the caller counts."""
    page = runtime().read(muster_pages.show, path.code, actor=auth.current_actor())
    paper = muster_paper(page, origin=runtime().settings.origin)
    if paper is None:
        raise NotFound
    return Response(render_list_minutes(paper), mimetype="application/pdf")


def _whole(code: str) -> dict[str, object]:
    actor = auth.current_actor()
    page = runtime().read(muster_pages.show, code, actor=actor)
    muster = page.muster
    is_told = not page.is_hidden and (
        muster.closed_at is not None or (muster.is_open and muster.opened_by == actor.user)
    )
    return _listed(muster, page.unit.code, is_hidden=page.is_hidden) | {
        "owes": page.owes,
        "counters": [{"user": int(one.user), "done": one.is_done} for one in page.counters],
        "scanned": page.scanned if is_told else None,
        "entries": _entries(page),
        "lines": None
        if page.lines is None
        else [{"code": one, "finding": finding} for one, finding in page.lines.items()],
    }


def _entries(page: MusterPage) -> list[dict[str, object]]:
    return [
        {
            "index": one.index,
            "step": one.step,
            "at": format_at(one.at),
            "user": int(one.user),
            "leaf": one.leaf.hex(),
        }
        for one in page.entries
    ]


def _listed(muster: Muster, office: str, *, is_hidden: bool) -> dict[str, object]:
    tells, ended = muster.closed_at is not None and not is_hidden, muster.withdrawal
    return {
        "code": muster.code,
        "office": office,
        "person": muster.user,
        "state": "open" if muster.is_open else "closed" if ended is None else "withdrawn",
        "drawn": muster.is_drawn,
        "opened_by": int(muster.opened_by),
        "opened_at": format_at(muster.opened_at),
        "closed_at": None if muster.closed_at is None else format_at(muster.closed_at),
        "partner": muster.partner,
        "expected": muster.expected if tells else None,
        "missing": muster.missing if tells else None,
        "unexpected": muster.unexpected if tells else None,
        "withdrawn_by": None if ended is None else int(ended.by),
        "withdrawn_at": None if ended is None else format_at(ended.at),
        "withdrawn_reason": None if ended is None else ended.reason,
    }
