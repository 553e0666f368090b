"""`/api/v1/sections`: counters that stand closed, closed and reopened by a clerk of the office."""

from datetime import datetime
from typing import Any, Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from app.api import auth
from app.api.bodies import read_model
from app.api.openapi import BY_DEVICE, answers, json_body
from app.api.section_schemas import (
    CloseSectionBody,
    ReopenSectionBody,
    SectionPath,
    SectionsAnswer,
    SectionShape,
    SectionsQuery,
)
from app.domain.access import Permission
from app.http import section_words
from app.http.access import access
from app.http.negotiate import locale
from app.http.ports import runtime
from app.http.section_paper import section_notice
from app.services.shifts import section_pages, sections
from app.services.shifts.section_notices import SectionNotice
from app.services.shifts.sections import CloseSection, ReopenSection
from crypto.timestamps import format_at
from reports.section_notice import render_section_notice

API: Final = APIBlueprint("api_sections", __name__, url_prefix="/api/v1/sections")
_PDF: Final[dict[str, Any]] = {
    "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
}


@API.get(
    "",
    responses=answers(200, SectionsAnswer, 401, 403, 422),
    security=BY_DEVICE,
    operation_id="listSections",
)
@access(Permission.VIEW_SECTION)
def show_all(query: SectionsQuery) -> Response:
    """List which counters are closed, and until when."""
    found = runtime().read(section_pages.list_sections, actor=auth.current_actor(), before=query.before)
    return jsonify(
        closed=[_view(one) for one in found.standing],
        ended=[_view(one) for one in found.ended],
        older=found.older,
    )


@API.post(
    "",
    responses=answers(201, SectionShape, 400, 401, 403, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="closeSection",
    openapi_extensions=json_body(CloseSectionBody, "Why, until when, and where what is left lies."),
)
@access(Permission.KEEP_SECTION)
def close() -> tuple[Response, int]:
    """Close the section of the caller's office. 409: something is not secured, or half given away."""
    body = read_model(CloseSectionBody)
    untrusted = {
        "reason": body.reason,
        "note": body.note,
        "expected": body.expected_at,
        "instead": body.instead,
        "access_key": "" if body.access_key is None else str(body.access_key),
        "seal": body.seal,
    }
    closing = runtime().write(
        sections.close_section, CloseSection(untrusted=untrusted), actor=auth.current_actor()
    )
    return _answer(closing.code), 201


@API.get(
    "/<closing>",
    responses=answers(200, SectionShape, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="getSection",
)
@access(Permission.VIEW_SECTION)
def show(path: SectionPath) -> Response:
    """Show one closing: while it stands to whoever may come, afterwards to its office and auditors."""
    return _answer(path.closing)


@API.post(
    "/<closing>/reopen",
    responses=answers(200, SectionShape, 400, 401, 403, 404, 409, 411, 413, 415, 422, 503),
    security=BY_DEVICE,
    operation_id="reopenSection",
    openapi_extensions=json_body(ReopenSectionBody, "What the seal of the safe reads."),
)
@access(Permission.KEEP_SECTION)
def reopen(path: SectionPath) -> Response:
    """Reopen it; a seal that differs opens it too, with an incident. 409: it is open already."""
    body = read_model(ReopenSectionBody)
    command = ReopenSection(untrusted_closing=path.closing, untrusted_seal=body.seal)
    runtime().write(sections.reopen_section, command, actor=auth.current_actor())
    return _answer(path.closing)


@API.get(
    "/<closing>/notice",
    responses=answers(200, _PDF, 401, 403, 404, 422),
    security=BY_DEVICE,
    operation_id="printSectionNotice",
)
@access(Permission.VIEW_SECTION)
def notice(path: SectionPath) -> Response:
    """Give the notice that hangs at the counter, always in Vietnamese."""
    page = runtime().read(section_pages.get_section, path.closing, actor=auth.current_actor())
    return Response(render_section_notice(section_notice(page)), mimetype="application/pdf")


def _answer(code: str) -> Response:
    page = runtime().read(section_pages.get_section, code, actor=auth.current_actor())
    return jsonify(_view(page.notice, things=page.things))


def _view(found: SectionNotice, *, things: int | None = None) -> dict[str, object]:
    closing, now, language = found.closing, runtime().now(), locale()
    return {
        "closing": closing.code,
        "office": found.unit.code,
        "state": closing.state(now),
        "reason": closing.reason,
        "note": closing.note,
        "instead": None if found.instead is None else found.instead.code,
        "closed_by": int(closing.closed_by),
        "closed_at": format_at(closing.closed_at),
        "expected_at": format_at(closing.expected_at),
        "things": things,
        "reopened_by": None if closing.reopened_by is None else int(closing.reopened_by),
        "reopened_at": _moment(closing.reopened_at),
        "seal_state": closing.seal_state,
        "incident": closing.incident,
        "message": ""
        if closing.reopened_at is not None
        else section_words.refusal_text(found, now=now, locale=language),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else format_at(at)
