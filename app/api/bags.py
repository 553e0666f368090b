"""`/api/v1/bags`: list bags, look at one, start one, prove a witness, fetch a manifest.

What is done to a bag travels as signed acts by `POST /api/v1/scans`. Who may see what is decided by
`app/services/bags/bag_access.py`; the recorded seal leaves by the manifest alone, once nobody compares it.
"""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.bag_schemas import (
    BagAnswer,
    BagsAnswer,
    BagsQuery,
    ManifestAnswer,
    StartBagBody,
    WitnessAnswer,
    WitnessBody,
)
from app.api.bag_views import bag_view, listed_view
from app.api.bodies import read_model
from app.api.openapi import BY_DEVICE, answers, json_body
from app.api.schemas import CodePath
from app.domain.access import Permission
from app.domain.errors import NotFound
from app.http.access import access
from app.http.attestation import attest_from
from app.http.ports import runtime
from app.services.bags import bag_access, bag_queues, bags
from app.services.bags.bag_queues import BAG_QUEUES, BagQueue
from app.services.bags.bags import StartBag

API: Final = APIBlueprint("api_bags", __name__, url_prefix="/api/v1")


@API.get(
    "/bags",
    responses=answers(200, BagsAnswer, 401, 403, 422),
    security=BY_DEVICE,
    operation_id="listBags",
)
@access(Permission.VIEW_BAG)
def show_all(query: BagsQuery) -> Response:
    """List bags that the device's owner may know about, newest first, of one queue or all.

    50 at a time; `before` continues. A queue that the owner's role does not have is empty.
    """
    actor = auth.current_actor()
    queue = None if query.queue is None else BagQueue(query.queue)
    if queue is not None and queue not in BAG_QUEUES.get(actor.role, ()):
        return jsonify(bags=[], total=0, next_before=None)
    page = runtime().read(bag_queues.list_queue, queue, actor=actor, before=query.before)
    return jsonify(
        bags=[listed_view(bag, page) for bag in page.rows], total=page.total, next_before=page.next_before
    )


@API.post(
    "/bags",
    responses=answers(201, BagAnswer, 400, 401, 403, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="startBag",
    openapi_extensions=json_body(StartBagBody, "Where the bag goes, and the number on the pouch."),
)
@access(Permission.HANDLE_BAG)
def start() -> tuple[Response, int]:
    """Begin the trip of a pouch at the owner's office; the owner answers for it, empty and open."""
    body = read_model(StartBagBody)
    command = StartBag(untrusted_destination=body.destination, untrusted_asset=body.asset)
    actor, port = auth.current_actor(), runtime()
    bag = port.write(bags.start, command, actor=actor)
    answer = jsonify(bag_view(port.read(bag_access.get_bag_record, bag.code, actor=actor)))
    answer.headers["Location"] = f"/api/v1/bags/{bag.code}"
    return answer, 201


@API.get(
    "/bags/<code>",
    responses=answers(200, BagAnswer, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="getBag",
)
@access(Permission.VIEW_BAG)
def show(path: CodePath) -> Response:
    """Tell who answers for a bag, and what is in it to those whose business that is."""
    return jsonify(bag_view(runtime().read(bag_access.get_bag_record, path.code, actor=auth.current_actor())))


@API.get(
    "/bags/<code>/manifest",
    responses=answers(200, ManifestAnswer, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="getManifest",
)
@access(Permission.VIEW_BAG)
def manifest(path: CodePath) -> Response:
    """Give the frozen manifest (docs/formats/manifest.md); 404 for whoever may have to read the seal."""
    found = runtime().read(bag_access.get_manifest, path.code, actor=auth.current_actor())
    if found.data is None:
        raise NotFound
    return jsonify(code=found.manifest.bag, digest=found.record.bag.manifest, manifest=found.data.decode())


@API.post(
    "/bags/<code>/witness",
    responses=answers(200, WitnessAnswer, 400, 401, 403, 411, 413, 415, 422, 429, 503),
    security=BY_DEVICE,
    operation_id="attestWitness",
    openapi_extensions=json_body(
        WitnessBody, "Account and password of the second person, and the act's nonce."
    ),
)
@access(Permission.HANDLE_BAG)
def witness(path: CodePath) -> Response:
    """Let a second person prove who they are for one act on this bag, for five minutes.

    The act that names `witness` must carry this nonce and this subject. 422 for a wrong account or password,
    429 after too many.
    """
    body = read_model(WitnessBody)
    return attest_from({**body.model_dump(), "subject": path.code}, actor=auth.current_actor())
