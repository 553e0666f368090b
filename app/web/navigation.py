"""The menu: what each role may open, in one place. It hides what would be refused and protects nothing."""

from dataclasses import dataclass

from flask import Flask, request, url_for

from app.domain.access import Permission
from app.http.person import current_person
from app.web.translate import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the menu."""

    url: str
    label: str
    icon: str
    current: bool


def allowed(permission: str) -> bool:
    """Tell whether whoever looks at this page ever does this."""
    person = current_person()
    return person is not None and person.may(Permission(permission))


def navigation() -> list[Item]:
    """List the menu of the logged-in person."""
    pages = (
        ("home.show", _("Việc của tôi"), "house", Permission.VIEW_HOME),
        ("scan.show", _("Quét"), "upc-scan", Permission.SCAN),
        ("bags.show_all", _("Túi"), "box-seam", Permission.VIEW_BAG),
        ("register.show", _("Đăng ký"), "envelope-paper", Permission.REGISTER),
        ("acknowledgements.show", _("Phiếu báo về"), "journal-check", Permission.FILE_RECEIPT),
        ("shifts.show_all", _("Ca trực"), "clock-history", Permission.VIEW_SHIFT),
        ("incidents.show_all", _("Sự vụ"), "exclamation-triangle-fill", Permission.VIEW_INCIDENT),
        ("holds.show_all", _("Lệnh giữ"), "x-octagon-fill", Permission.HOLD_CODE),
        ("tracers.show", _("Tra cứu"), "question-circle", Permission.VIEW_TRACERS),
        ("log.show", _("Nhật ký"), "journal-check", Permission.VIEW_LOG),
        ("seals.show", _("Niêm phong"), "shield-check", Permission.VIEW_SEALS),
        ("erasures.show_all", _("Đề nghị xóa"), "trash", Permission.DECIDE_ERASURE),
        ("figures.show", _("Số liệu"), "list-ul", Permission.VIEW_LOG),
        ("corrections.show_all", _("Đính chính"), "pencil", Permission.DECIDE_CORRECTION),
        ("admin.users", _("Người dùng"), "people", Permission.MANAGE_USERS),
        ("admin.show_units", _("Danh mục đơn vị"), "building", Permission.MANAGE_UNITS),
        ("standards.show", _("Chỉ tiêu thời gian"), "clock-history", Permission.MANAGE_STANDARD),
        ("policies.show", _("Quy tắc giao nhận"), "shield-check", Permission.MANAGE_POLICY),
        ("devices.show", _("Thiết bị"), "laptop", Permission.ENROL_OWN_DEVICE),
        ("devices.show_all", _("Thiết bị"), "laptop", Permission.MANAGE_DEVICES),
    )
    shown: list[Item] = []
    for endpoint, label, icon, permission in pages:
        url = url_for(endpoint)
        # Agencies find the tracers beside the slips they wait for: the bar has room for what is used daily.
        hidden = endpoint == "tracers.show" and allowed(Permission.FILE_RECEIPT)
        if allowed(permission) and not hidden:
            shown.append(Item(url=url, label=label, icon=icon, current=request.endpoint == endpoint))
    return shown


def install(app: Flask) -> None:
    """Let templates draw the menu."""
    app.jinja_env.globals.update(navigation=navigation, allowed=allowed)
