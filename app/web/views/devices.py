"""Signing keys of people: enrol this browser, see what is enrolled, revoke. No private key comes here."""

from typing import Final

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.http.access import access
from app.http.ports import runtime
from app.services.people import accounts, devices
from app.services.people.devices import EnrolDevice
from app.web.forms import posted
from app.web.translate import _
from app.web.views.person import require_person

BLUEPRINT: Final = Blueprint("devices", __name__)


@BLUEPRINT.get("/devices")
@access(Permission.ENROL_OWN_DEVICE)
def show() -> str:
    """List one's own keys, and offer to make one in this browser."""
    person = require_person()
    texts = {
        "failed": _("Không ghi danh được. Thử lại."),
        "unsupported": _(
            "Trình duyệt này không tạo được khóa an toàn. Dùng Chromium, Edge, Firefox mới, qua HTTPS."
        ),
        "enrolled": _("Máy này đã có khóa của bạn và sẵn sàng ký."),
    }
    found = runtime().read(devices.list_devices, actor=person.actor)
    origin = runtime().settings.origin
    return render_template("devices/list.html", devices=found, texts=texts, origin=origin, owners=None)


@BLUEPRINT.post("/devices/enrol")
@access(Permission.ENROL_OWN_DEVICE)
def enrol() -> Response:
    """Enrol a key that has proved itself; the caller is a script and gets JSON."""
    form = posted()
    command = EnrolDevice(
        untrusted_name=form.value("name"),
        untrusted_public_key=form.value("public_key"),
        untrusted_signature=form.value("signature"),
    )
    done = runtime().write(devices.enrol, command, actor=require_person().actor)
    return jsonify(key_id=done.key_id, entry=done.entry.index, token=done.token)


@BLUEPRINT.post("/devices/<key_id>/revoke")
@access(Permission.ENROL_OWN_DEVICE)
def revoke(key_id: str) -> BaseResponse:
    """Revoke one's own key."""
    return _revoke(key_id, "devices.show")


@BLUEPRINT.get("/admin/devices")
@access(Permission.MANAGE_DEVICES)
def show_all() -> str:
    """List everybody's keys, for the administrator."""
    person = require_person()
    found = runtime().read(devices.list_devices, actor=person.actor)
    owners = {user.id: user.full_name for user in runtime().read(accounts.list_users, actor=person.actor)}
    return render_template("devices/list.html", devices=found, texts={}, origin="", owners=owners)


@BLUEPRINT.post("/admin/devices/<key_id>/revoke")
@access(Permission.MANAGE_DEVICES)
def revoke_any(key_id: str) -> BaseResponse:
    """Revoke anybody's key."""
    return _revoke(key_id, "devices.show_all")


def _revoke(key_id: str, back: str) -> BaseResponse:
    runtime().write(devices.revoke, key_id, actor=require_person().actor)
    flash(_("Đã thu hồi khóa. Các giao nhận đã ký trước đó vẫn còn giá trị."), "ok")
    return redirect(url_for(back), code=303)
