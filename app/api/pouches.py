"""`/api/v1/pouches`: balances and queues, entering, and returns sent and answered.

The same use cases as the pages. Writing a pouch off needs two persons at a page, and is done there alone.
"""

from dataclasses import asdict
from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.bodies import read_model
from app.api.openapi import BY_DEVICE, answers, json_body
from app.api.pouch_schemas import (
    BalancesAnswer,
    CancelPouchesBody,
    EnteredAnswer,
    EnterPouchesBody,
    PouchesAnswer,
    PouchesQuery,
    PouchListAnswer,
    PouchListPath,
    ReceivePouchesBody,
    SendPouchesBody,
)
from app.domain.access import Permission
from app.domain.bag import contents_digest
from app.domain.errors import InvalidInput, ProblemCode
from app.http.access import access
from app.http.ports import runtime
from app.services.bags import pouch_pages, pouch_returns, pouches
from app.services.bags.pouch_pages import PouchQueue
from app.services.bags.pouch_returns import CancelPouches, ReceivePouches, SendPouches
from app.services.bags.pouches import EnterPouches
from crypto.timestamps import format_at

API: Final = APIBlueprint("api_pouches", __name__, url_prefix="/api/v1")


@API.get(
    "/pouches/balances",
    responses=answers(200, BalancesAnswer, 401, 403, 409),
    security=BY_DEVICE,
    operation_id="listPouchBalances",
)
@access(Permission.VIEW_POUCH)
def balances() -> Response:
    """Tell the balance of the caller's office; 409 while the caller counts: it tells of bags they hold."""
    sheet = runtime().read(pouch_pages.list_balances, actor=auth.current_actor())
    return jsonify(
        balances=[{"office": row.unit.code, **asdict(row.balance)} for row in sheet.rows],
        return_days=sheet.return_days,
        sample=sheet.is_sample,
    )


@API.get(
    "/pouches",
    responses=answers(200, PouchesAnswer, 401, 403, 422),
    security=BY_DEVICE,
    operation_id="listPouches",
)
@access(Permission.VIEW_POUCH)
def show_all(query: PouchesQuery) -> Response:
    """List what the caller's office owns or has, of one queue or all, 50 at a time; `after` continues.

    While the caller counts, pouches of the bags they hold are left out.
    """
    queue = None if query.queue is None else PouchQueue(query.queue)
    page = runtime().read(pouch_pages.list_pouches, queue, actor=auth.current_actor(), after=query.after)
    return jsonify(
        pouches=[
            {
                "pouch": row.pouch.asset,
                "owner": page.units[row.pouch.owner].code,
                "place": page.units[row.place].code,
                "state": row.pouch.state,
                "bag": row.bag or None,
                "since": format_at(row.pouch.since),
            }
            for row in page.rows
        ],
        next_after=page.next_after or None,
    )


@API.post(
    "/pouches",
    responses=answers(201, EnteredAnswer, 400, 401, 403, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="enterPouches",
    openapi_extensions=json_body(EnterPouchesBody, "The numbers on the pouches."),
)
@access(Permission.HANDLE_POUCH)
def enter() -> tuple[Response, int]:
    """Put pouches into the register as the caller's office's; a missing one is found again there."""
    command = EnterPouches(untrusted_pouches=_joined(read_model(EnterPouchesBody).pouches))
    entered = runtime().write(pouches.enter, command, actor=auth.current_actor())
    return jsonify(pouches=list(entered)), 201


@API.post(
    "/pouches/lists",
    responses=answers(201, PouchListAnswer, 400, 401, 403, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="sendPouches",
    openapi_extensions=json_body(SendPouchesBody, "Which pouches go to which office."),
)
@access(Permission.HANDLE_POUCH)
def send() -> tuple[Response, int]:
    """Send empty pouches of the caller's office to another; 422 says of each that cannot go who has it."""
    body = read_model(SendPouchesBody)
    command = SendPouches(untrusted_to=body.to, untrusted_pouches=_joined(body.pouches))
    sent = runtime().write(pouch_returns.send, command, actor=auth.current_actor())
    return jsonify(_list(sent.code)), 201


@API.get(
    "/pouches/lists/<code>",
    responses=answers(200, PouchListAnswer, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="getPouchList",
)
@access(Permission.VIEW_POUCH)
def show_list(path: PouchListPath) -> Response:
    """Tell what was sent and what was answered."""
    return jsonify(_list(path.code))


@API.post(
    "/pouches/lists/<code>/received",
    responses=answers(200, PouchListAnswer, 400, 401, 403, 404, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="receivePouches",
    openapi_extensions=json_body(ReceivePouchesBody, "What came, what is missing, what came besides."),
)
@access(Permission.HANDLE_POUCH)
def receive(path: PouchListPath) -> Response:
    """Answer every line once, as the receiving office; a difference opens an incident."""
    body = read_model(ReceivePouchesBody)
    command = ReceivePouches(
        untrusted_list=path.code, untrusted_marks=_marks(body), untrusted_excess=_joined(body.excess)
    )
    runtime().write(pouch_returns.receive, command, actor=auth.current_actor())
    return jsonify(_list(path.code))


@API.post(
    "/pouches/lists/<code>/cancel",
    responses=answers(200, PouchListAnswer, 400, 401, 403, 404, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="cancelPouches",
    openapi_extensions=json_body(CancelPouchesBody, "Why."),
)
@access(Permission.HANDLE_POUCH)
def cancel(path: PouchListPath) -> Response:
    """Take a return back as the sending office, while nobody has answered it; its number stays used."""
    reason = read_model(CancelPouchesBody).reason
    command = CancelPouches(untrusted_list=path.code, untrusted_reason=reason)
    runtime().write(pouch_returns.cancel, command, actor=auth.current_actor())
    return jsonify(_list(path.code))


def _marks(body: ReceivePouchesBody) -> dict[str, str]:
    """Put both lists together; a number in both would mean nothing."""
    if set(body.received) & set(body.missing):
        raise InvalidInput("missing", ProblemCode.REPEATED)
    return dict.fromkeys(body.received, "received") | dict.fromkeys(body.missing, "missing")


def _joined(numbers: list[str]) -> str:
    return "\n".join(numbers)


def _list(code: str) -> dict[str, object]:
    file = runtime().read(pouch_pages.show_list, code, actor=auth.current_actor())
    found = file.list
    return {
        "code": found.code,
        "sender": file.units[found.sender].code,
        "receiver": file.units[found.receiver].code,
        "sent_by": int(found.sent_by),
        "sent_at": format_at(found.sent_at),
        "received_by": found.received_by,
        "received_at": None if found.received_at is None else format_at(found.received_at),
        "cancelled_by": found.cancelled_by,
        "cancelled_at": None if found.cancelled_at is None else format_at(found.cancelled_at),
        "cancel_reason": found.cancel_reason,
        **{name: sorted(assets) for name, assets in file.lines.items()},
        "digest": contents_digest(file.lines["sent"]),
    }
