"""The whole log, for those who may read all of it: its head, its newest entries, verification, export.

It must never change an entry; an export is itself recorded before the bundle leaves.
"""

import tempfile
from typing import Final

from flask import Blueprint, Response, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.http.access import access
from app.http.ports import runtime
from app.services.log import log
from app.services.log.log import LogPage
from app.services.log.outside_times import find_newest_token
from app.web.numbers import parse_number
from app.web.receipts import witness_times
from app.web.translate import _
from app.web.views.person import require_person
from audit.entry import parse_entry
from audit.errors import AuditError, CannotVerify
from audit.evidence import parse_evidence
from audit.trust_file import format_trust
from audit.verify import Report

BLUEPRINT: Final = Blueprint("log", __name__, url_prefix="/log")
_IN_MEMORY: Final = 8 * 1024 * 1024


@BLUEPRINT.get("")
@access(Permission.VIEW_LOG)
def show() -> str:
    """Show the head and one page of entries, newest first."""
    return _page(None)


@BLUEPRINT.post("/verify")
@access(Permission.VIEW_LOG)
def verify() -> str:
    """Verify the whole log now, with the verifier that an auditor runs elsewhere."""
    try:
        # One process: a server of threads must not fork helpers of its own.
        report = runtime().read(log.verify_log, jobs=1)
    except CannotVerify as error:
        return _page(
            {
                "good": False,
                "bad_index": "–",
                "bad_text": str(error),
                "entries": 0,
                "signatures": 0,
                "items": 0,
            }
        )
    return _page(_describe(report))


@BLUEPRINT.post("/export")
@access(Permission.EXPORT_LOG)
def export() -> BaseResponse:
    """Record that the log leaves the house, then give the bundle that contains that entry."""
    person, port = require_person(), runtime()
    port.write(log.record_export, actor=person.actor)
    stream = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # send_file closes it
    head = port.read(log.export_log, stream, actor=person.actor)
    stream.seek(0)
    name = f"kt1-{head.size}.bundle"
    return send_file(stream, mimetype="application/octet-stream", as_attachment=True, download_name=name)


@BLUEPRINT.get("/trust.json")
@access(Permission.EXPORT_LOG)
def trust() -> Response:
    """Give the trust file: whose signatures count for this log. Carry it by another way than the bundle."""
    content = format_trust(log.trust_of(runtime())) + b"\n"
    answer = Response(content, mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="trust.json"'
    return answer


def _describe(report: Report) -> dict[str, object]:
    bad = report.first_bad
    return {
        "good": bad is None,
        "bad_index": "–" if bad is None or bad.index is None else bad.index,
        "bad_text": "" if bad is None else f"{bad.check}: {bad.detail}",
        "entries": report.entries,
        "signatures": report.signatures,
        "items": report.items,
    }


def _page(report: dict[str, object] | None) -> str:
    before = parse_number(request.args.get("before", ""))
    page = runtime().read(log.list_entries, actor=require_person().actor, before=before)
    keys = [key.public_key for key in runtime().read(log.make_trust).log_keys]
    return render_template(
        "log/log.html",
        report=report,
        head={"origin": runtime().settings.origin, "size": page.size, "leaf": page.head},
        keys=[{"key_id": key.key_id, "text": key.to_text()} for key in keys],
        entries=_rows(page),
        witnessed=witness_times(),
        token=runtime().read(find_newest_token),
        following=url_for("log.show", before=page.next_before) if page.next_before else "",
        unreadable=_("Bản ghi không đọc được"),
    )


def _rows(page: LogPage) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for row in page.rows:
        try:
            entry = parse_entry(row.data)
            codes = [item.code for item in entry.items]
            said = [parse_evidence(envelope.payload) for envelope in entry.envelopes[:1]]
        except AuditError:
            rows.append({"index": row.index, "at": row.at, "device_at": None, "kind": None, "codes": []})
        else:
            rows.append(
                {
                    "index": row.index,
                    "at": row.at,
                    "device_at": said[0].at if said else None,
                    "kind": row.kind,
                    "codes": codes[:4],
                    "more": len(codes) - 4,
                }
            )
    return rows
