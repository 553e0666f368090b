"""`/api/v1/shifts`: open one's own, sit down to its count, see what the count says, close it before another.

The count itself is a signed statement of kind `count` by `POST /api/v1/scans`. What is expected leaves only
as `app/services/shifts/shift_pages.py` gives it: to nobody who counts.
"""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.bodies import read_model
from app.api.openapi import BY_DEVICE, answers, json_body
from app.api.shift_schemas import CloseShiftBody, PageQuery, ShiftAnswer, ShiftPath, ShiftsAnswer
from app.domain.access import Permission
from app.domain.shift import Shift
from app.http.access import access
from app.http.attestation import attest_second, refuse_second
from app.http.ports import runtime
from app.services.people.login import LoginRefused
from app.services.shifts import shift_pages, shifts
from app.services.shifts.shift_pages import ShiftPage
from app.services.shifts.shifts import CloseShift
from crypto.timestamps import format_at

API: Final = APIBlueprint("api_shifts", __name__, url_prefix="/api/v1/shifts")


@API.get(
    "", responses=answers(200, ShiftsAnswer, 401, 403, 422), security=BY_DEVICE, operation_id="listShifts"
)
@access(Permission.VIEW_SHIFT)
def show_all(query: PageQuery) -> Response:
    """List a courier's own shifts, a clerk's office's, 50 at a time.

    Figures of counts are null for a shift that is being counted, and all of them while the caller counts.
    """
    page = runtime().read(shift_pages.list_shifts, actor=auth.current_actor(), page=query.page)
    return jsonify(
        shifts=[_listed(one, page.units[one.unit].code, is_hidden=page.is_hidden) for one in page.shifts],
        next_page=page.page + 1 if page.has_more else None,
    )


@API.post(
    "",
    responses=answers(201, ShiftAnswer, 401, 403, 409, 503),
    security=BY_DEVICE,
    operation_id="openShift",
)
@access(Permission.KEEP_SHIFT)
def open_one() -> tuple[Response, int]:
    """Open the caller's own shift at their office; 409 while one of theirs is open."""
    shift = runtime().write(shifts.open_shift, actor=auth.current_actor())
    answer = jsonify(_whole(shift.code))
    answer.headers["Location"] = f"/api/v1/shifts/{shift.code}"
    return answer, 201


@API.get(
    "/<code>",
    responses=answers(200, ShiftAnswer, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="getShift",
)
@access(Permission.VIEW_SHIFT)
def show(path: ShiftPath) -> Response:
    """Tell of one shift; what was expected only once it has been counted, and to nobody who counts."""
    return jsonify(_whole(path.code))


@API.post(
    "/<code>/count",
    responses=answers(200, ShiftAnswer, 401, 403, 404, 409, 422, 503),
    security=BY_DEVICE,
    operation_id="beginCount",
)
@access(Permission.KEEP_SHIFT)
def begin_count(path: ShiftPath) -> Response:
    """Sit down to the count of the caller's own shift: from here on nothing tells them what they hold.

    What is counted is sent as statements of kind `count` about this shift by `POST /api/v1/scans`, in parts;
    the last part lifts the curtain.
    """
    runtime().write(shifts.begin_count, path.code, actor=auth.current_actor())
    return jsonify(_whole(path.code))


@API.post(
    "/<code>/close",
    responses=answers(200, ShiftAnswer, 400, 401, 403, 404, 409, 411, 413, 415, 422, 429, 503),
    security=BY_DEVICE,
    operation_id="closeShift",
    openapi_extensions=json_body(CloseShiftBody, "Account and password of the supervisor."),
)
@access(Permission.KEEP_SHIFT)
def close(path: ShiftPath) -> Response:
    """Close the caller's own shift with the supervisor who stands there.

    409 unless the last count balances and nothing moved since; 422 for a wrong account or password, 429 after
    too many.
    """
    body, actor = read_model(CloseShiftBody), auth.current_actor()
    # Somebody is always the last to go: whoever countersigns may have closed their own.
    found = attest_second(body.username, body.password, subject=path.code, actor=actor, on_duty=False)
    if isinstance(found, LoginRefused):
        return refuse_second(found)
    nonce, second = found
    command = CloseShift(untrusted_shift=path.code, untrusted_nonce=nonce, supervisor=second.witness)
    runtime().write(shifts.close_shift, command, actor=actor)
    return jsonify(_whole(path.code))


def _whole(code: str) -> dict[str, object]:
    page = runtime().read(shift_pages.show, code, actor=auth.current_actor())
    listed = _listed(page.shift, page.unit_code, is_hidden=page.is_hidden)
    entries = [
        {"index": one.index, "step": one.step, "at": format_at(one.at), "count": one.number}
        for one in page.entries
    ]
    return listed | {"entries": entries} | _count(page) | {"relieved": page.relief is not None}


def _count(page: ShiftPage) -> dict[str, object]:
    """Describe the count that stands; nothing where none does, or where nothing may be told."""
    result = page.balance
    if result is None:
        return {"balance": None, "lines": None, "since": None, "replay": None, "more": False}
    figures = {
        name: len(getattr(result, name)) for name in ("opening", "came", "left", "expected", "counted")
    }
    return {
        "balance": {**figures, "balanced": result.is_balanced},
        "lines": [{"code": code, "finding": finding} for code, finding in result.lines().items()],
        "since": page.since,
        "replay": [
            {"index": row.index, "at": format_at(row.at), "kind": row.kind, "code": row.code}
            for row in page.replay
        ],
        "more": page.is_cut,
    }


def _listed(shift: Shift, office: str, *, is_hidden: bool) -> dict[str, object]:
    tells = shift.counts > 0 and not shift.is_counting and not is_hidden
    return {
        "code": shift.code,
        "office": office,
        "user": int(shift.user),
        "state": _state(shift),
        "unbalanced": shift.is_unbalanced,
        "counts": shift.counts,
        "missing": shift.missing if tells else None,
        "unexpected": shift.unexpected if tells else None,
        "opened_at": format_at(shift.opened_at),
        "closed_at": None if shift.closed_at is None else format_at(shift.closed_at),
        "supervisor": shift.supervisor,
    }


def _state(shift: Shift) -> str:
    if shift.closed_at is not None:
        return "closed"
    if shift.is_counting:
        return "counting"
    return "counted" if shift.is_counted else "open"
