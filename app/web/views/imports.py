"""Import a list: template, upload, preview, error workbook, confirm. Nothing is stored before confirmation.

Between preview and confirmation the file waits in the page itself, so that the server keeps no secret files;
it is read again from nothing at every step.
"""

import base64
import binascii
from typing import Final

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.domain.errors import Conflict, InvalidInput, ProblemCode
from app.http.access import access
from app.http.limits import body_limit
from app.http.ports import runtime
from app.services.intake import importing
from app.services.intake.importing import ImportList
from app.services.intake.preview import Mode, Preview
from app.web.forms import Form, posted
from app.web.import_sheets import XLSX, error_workbook, import_template, preview_page
from app.web.translate import plural
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("imports", __name__, url_prefix="/consignments/import")


@BLUEPRINT.get("")
@access(Permission.IMPORT)
def show() -> str:
    """Offer the template and ask for a file."""
    return _page(Form())


@BLUEPRINT.get("/template.xlsx")
@access(Permission.IMPORT)
def template() -> Response:
    """Give the template: headings, notes, one example, every cell text."""
    return _workbook(import_template(), "kt1-mau-nhap.xlsx")


@BLUEPRINT.post("")
@body_limit("import_body_bytes")
@access(Permission.IMPORT)
def preview() -> BaseResponse:
    """Read the file and show what it would do; nothing is stored."""
    try:
        content, name = _uploaded()
        found = _prepare(content, name)
    except InvalidInput as error:
        return make_response(_page(Form().refused(error)), 422)
    return make_response(_page(Form(), found, content))


@BLUEPRINT.post("/errors.xlsx")
@body_limit("import_body_bytes")
@access(Permission.IMPORT)
def errors() -> BaseResponse:
    """Give the list back as a workbook with its mistakes coloured in."""
    form = posted()
    content = _carried(form)
    return _workbook(error_workbook(_prepare(content, form.value("filename"))), "kt1-loi.xlsx")


@BLUEPRINT.post("/confirm")
@body_limit("import_body_bytes")
@access(Permission.IMPORT)
def confirm() -> BaseResponse:
    """Register the list: every row, or only the good ones where the person chose that."""
    form = posted()
    content = _carried(form)
    mode = Mode.GOOD_ROWS if form.value("mode") == Mode.GOOD_ROWS else Mode.ALL_OR_NOTHING
    found = _prepare(content, form.value("filename"))
    try:
        command = ImportList(preview=found, mode=mode)
        done = runtime().write(importing.import_list, command, actor=require_person().actor)
    except (InvalidInput, Conflict) as error:
        return make_response(_page(Form().refused(error, at="file"), found, content), 422)
    number = len(done.codes)
    flash(
        plural(
            "Đã đăng ký %(num)d bưu gửi từ bảng tính.", "Đã đăng ký %(num)d bưu gửi từ bảng tính.", number
        ),
        "ok",
    )
    return redirect(url_for("consignments.search", queue="to_hand_over"), code=303)


def _uploaded() -> tuple[bytes, str]:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise InvalidInput("file", ProblemCode.REQUIRED)
    content = file.stream.read()
    # In the page the file is written in base64, a third longer, and must come back within the same limit.
    most = runtime().settings.import_body_bytes * 3 // 4
    if len(content) > most:
        raise InvalidInput("file", ProblemCode.TOO_LARGE, params={"most": most})
    return content, file.filename


def _carried(form: Form) -> bytes:
    try:
        return base64.b64decode(form.value("content"), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("file", ProblemCode.DAMAGED_FILE) from None


def _prepare(content: bytes, name: str) -> Preview:
    return importing.prepare(runtime().read, content, name, actor=require_person().actor)


def _workbook(content: bytes, name: str) -> Response:
    answer = Response(content, mimetype=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _page(form: Form, found: Preview | None = None, content: bytes = b"") -> str:
    shown = preview_page(found, base64.b64encode(content).decode("ascii")) if found else None
    return render_template("consignments/import.html", form=form, preview=shown)
