"""`/api/v1/access-keys`: keys and codes of offices; handed, changed and retired before a second person."""

from collections.abc import Callable
from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.access_key_schemas import (
    AccessKeyPath,
    AccessKeysAnswer,
    AccessKeyShape,
    AccessKeysQuery,
    ChangeAccessKeyBody,
    RegisterAccessKeyBody,
    SecondBody,
)
from app.api.bodies import read_model
from app.api.openapi import BY_DEVICE, answers, json_body
from app.domain.access import Permission
from app.domain.access_key import AccessKey
from app.http.access import access
from app.http.attestation import attest_second, refuse_second
from app.http.ports import runtime
from app.services.people import access_key_pages, access_keys
from app.services.people.access_key_pages import ShownAccessKey
from app.services.people.access_keys import RegisterAccessKey, StepAccessKey, subject_of
from app.services.people.login import LoginRefused
from crypto.timestamps import format_at

API: Final = APIBlueprint("api_access_keys", __name__, url_prefix="/api/v1/access-keys")
_BAD: Final = (400, 401, 403, 404, 409, 411, 413, 415, 422, 429, 503)


@API.get(
    "",
    responses=answers(200, AccessKeysAnswer, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="listAccessKeys",
)
@access(Permission.VIEW_ACCESS_KEY)
def show_all(query: AccessKeysQuery) -> Response:
    """List the register of the caller's office; an auditor's of every office."""
    found = runtime().read(
        access_key_pages.list_access_keys,
        actor=auth.current_actor(),
        due_only=query.due,
        office=query.office,
    )
    return jsonify(access_keys=[_view(one) for one in found.rows], due=found.due)


@API.post(
    "",
    responses=answers(201, AccessKeyShape, 400, 401, 403, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="registerAccessKey",
    openapi_extensions=json_body(RegisterAccessKeyBody, "What the caller has in hand."),
)
@access(Permission.KEEP_ACCESS_KEY)
def register() -> tuple[Response, int]:
    """Enter a key or code of the caller's office, never what opens the lock."""
    body, actor = read_model(RegisterAccessKeyBody), auth.current_actor()
    command = RegisterAccessKey(untrusted={"name": body.name, "kind": body.kind, "seal": body.seal})
    key = runtime().write(access_keys.register, command, actor=actor)
    return _answer(key.id), 201


@API.post(
    "/<access_key>/hand",
    responses=answers(200, AccessKeyShape, *_BAD),
    security=BY_DEVICE,
    operation_id="handAccessKey",
    openapi_extensions=json_body(SecondBody, "Who takes it."),
)
@access(Permission.KEEP_ACCESS_KEY)
def hand(path: AccessKeyPath) -> Response:
    """Hand it to the second person. 409: the caller does not hold it, or the other may not."""
    return _step(path.access_key, access_keys.hand, read_model(SecondBody))


@API.post(
    "/<access_key>/change",
    responses=answers(200, AccessKeyShape, *_BAD),
    security=BY_DEVICE,
    operation_id="changeAccessKey",
    openapi_extensions=json_body(ChangeAccessKeyBody, "Who was there."),
)
@access(Permission.KEEP_ACCESS_KEY)
def change(path: AccessKeyPath) -> Response:
    """Record that it was changed by two: the caller has the new one, and the period begins anew."""
    body = read_model(ChangeAccessKeyBody)
    return _step(path.access_key, access_keys.change, body, seal=body.seal)


@API.post(
    "/<access_key>/retire",
    responses=answers(200, AccessKeyShape, *_BAD),
    security=BY_DEVICE,
    operation_id="retireAccessKey",
    openapi_extensions=json_body(SecondBody, "Who was there."),
)
@access(Permission.KEEP_ACCESS_KEY)
def retire(path: AccessKeyPath) -> Response:
    """Take it out of use for good, before the second person."""
    return _step(path.access_key, access_keys.retire, read_model(SecondBody))


def _step(
    access_key: int, use_case: Callable[..., AccessKey], body: SecondBody, *, seal: str = ""
) -> Response:
    actor = auth.current_actor()
    found = attest_second(body.username, body.password, subject=subject_of(access_key), actor=actor)
    if isinstance(found, LoginRefused):
        return refuse_second(found)
    nonce, second = found
    command = StepAccessKey(access_key=access_key, second=second.witness, nonce=nonce, untrusted_seal=seal)
    runtime().write(use_case, command, actor=actor)
    return _answer(access_key)


def _answer(access_key: int) -> Response:
    page = runtime().read(access_key_pages.get_access_key, access_key, actor=auth.current_actor())
    return jsonify(_view(page.shown))


def _view(shown: ShownAccessKey) -> dict[str, object]:
    key = shown.key
    return {
        "id": key.id,
        "name": key.name,
        "kind": key.kind,
        "office": shown.unit.code,
        "holder": int(key.holder),
        "seal": key.seal,
        "changed_at": format_at(key.changed_at),
        "due_at": format_at(key.due_at),
        "staff_left_at": None if key.staff_left_at is None else format_at(key.staff_left_at),
        "state": shown.state,
    }
