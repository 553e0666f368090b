"""File the slips that come back, see what is still owed, and print the slips that are sent back."""

from typing import Final

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.acknowledgement import FIELD, ReceiptKind
from app.domain.errors import Conflict, InvalidInput, NotFound, ProblemCode
from app.http.access import access
from app.http.i18n import words
from app.http.ports import runtime
from app.services.home import Queue
from app.services.items import search
from app.services.owed import acknowledgements
from app.services.owed.acknowledgements import FileReceipt, Slip
from app.services.people import access as door
from app.web.forms import Form, posted
from app.web.rows import list_rows
from app.web.translate import _
from app.web.views.home import queue_title
from app.web.views.labels import PDF
from app.web.views.person import require_person
from reports.acknowledgement import render_acknowledgement
from reports.acknowledgement_model import Acknowledgement, AcknowledgementKind
from reports.model import OuterMark, Party

BLUEPRINT: Final = Blueprint("acknowledgements", __name__)
_SHOWN: Final = (Queue.OVERDUE_ACKNOWLEDGEMENT, Queue.OPEN_ACKNOWLEDGEMENT)


@BLUEPRINT.get("/acknowledgements")
@access(Permission.FILE_RECEIPT)
def show() -> str:
    """Show the one field to scan into, and what is still owed."""
    return _page(Form())


@BLUEPRINT.post("/acknowledgements")
@access(Permission.FILE_RECEIPT)
def file() -> BaseResponse:
    """File one slip; the page comes back ready for the next."""
    form = posted()
    command = FileReceipt(untrusted_slip=form.value(FIELD))
    try:
        filed = runtime().write(acknowledgements.file_receipt, command, actor=require_person().actor)
    except NotFound:
        # Another agency's slip and one of nobody answer alike.
        error = InvalidInput(FIELD, ProblemCode.NOT_A_SLIP)
        return make_response(_page(form.refused(error)), 422)
    except (InvalidInput, Conflict) as error:
        return make_response(_page(form.refused(error, at=FIELD)), 422)
    kind = words(f"receipt_kind.{filed.receipt.kind}")
    flash(_("Đã ghi nhận: %(kind)s của bưu gửi %(code)s.", kind=kind, code=filed.code), "ok")
    return redirect(url_for("acknowledgements.show"), code=303)


@BLUEPRINT.get("/consignments/<code>/receipts/<kind>.pdf")
@access(Permission.PRINT_SLIP)
def slip(code: str, kind: str) -> Response:
    """Give the slip that travels back to the sender."""
    try:
        wanted = ReceiptKind(kind)
    except ValueError:
        raise NotFound from None
    actor, seen = require_person().actor, door.parse_seen_code(code)
    prepared = runtime().read(acknowledgements.prepare_slip, seen, wanted, actor=actor)
    answer = Response(render_acknowledgement(_on_paper(prepared)), mimetype=PDF)
    answer.headers["Content-Disposition"] = f'inline; filename="{prepared.code}.pdf"'
    return answer


def _page(form: Form) -> str:
    actor = require_person().actor
    queues = [
        {
            "name": queue.value,
            "title": queue_title(queue),
            "total": found.page.total,
            "rows": list_rows(found.page),
            "more": url_for("consignments.search", queue=queue.value) if found.page.next_before else "",
        }
        for queue in _SHOWN
        for found in (runtime().read(search.search, {"queue": queue.value}, actor=actor),)
    ]
    return render_template("acknowledgements/show.html", form=form, queues=queues)


def _on_paper(slip: Slip) -> Acknowledgement:
    item = slip.details.consignment
    person = slip.printed_by
    return Acknowledgement(
        kind=AcknowledgementKind(slip.kind.value),
        code=slip.code,
        qr=slip.qr,
        item_code=item.code,
        mark=OuterMark(item.grade.secrecy.value),
        sender=Party(name=slip.sender.name, address=slip.sender.address),
        recipient=Party(name=slip.recipient.name, address=slip.recipient.address),
        office=slip.office.name,
        register_number=f"{slip.details.register_number}/{slip.details.register_year}",
        pieces=slip.details.pieces,
        accepted_at=item.accepted_at,
        first_attempt_at=item.first_attempt_at,
        attempts=item.attempts,
        closed_at=item.closed_at,
        printed_by=person.full_name,
        position=person.position or words(f"role.{person.role}"),
        printed_at=runtime().now(),
    )
