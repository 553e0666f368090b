"""The menu: what each role may open, in one place. It hides what would be refused and protects nothing."""

from dataclasses import dataclass

from flask import Flask, request, url_for

from app.domain.access import Permission
from app.http.person import current_person
from app.web.translate import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the menu; what is used daily stands in the bar itself, the rest behind one word."""

    url: str
    label: str
    icon: str
    current: bool
    daily: bool


def allowed(permission: str) -> bool:
    """Tell whether whoever looks at this page ever does this."""
    person = current_person()
    return person is not None and person.may(Permission(permission))


def navigation() -> list[Item]:
    """List the menu of the logged-in person."""
    daily = (
        ("home.show", _("Việc của tôi"), "house", Permission.VIEW_HOME),
        ("scan.show", _("Quét"), "upc-scan", Permission.SCAN),
        ("bags.show_all", _("Túi"), "box-seam", Permission.VIEW_BAG),
        ("register.show", _("Đăng ký"), "envelope-paper", Permission.REGISTER),
        ("acknowledgements.show", _("Phiếu báo về"), "journal-check", Permission.FILE_RECEIPT),
        ("shifts.show_all", _("Ca trực"), "clock-history", Permission.VIEW_SHIFT),
        ("musters.show_all", _("Kiểm kê"), "list-ul", Permission.VIEW_MUSTER),
        ("incidents.show_all", _("Sự vụ"), "exclamation-triangle-fill", Permission.VIEW_INCIDENT),
        ("log.show", _("Nhật ký"), "journal-check", Permission.VIEW_LOG),
        ("admin.users", _("Người dùng"), "people", Permission.MANAGE_USERS),
        ("admin.show_units", _("Danh mục đơn vị"), "building", Permission.MANAGE_UNITS),
        ("devices.show_all", _("Thiết bị"), "laptop", Permission.MANAGE_DEVICES),
    )
    other = (
        ("legs.show_all", _("Chặng"), "signpost", Permission.VIEW_LEG),
        ("holdings.show", _("Ai giữ, giữ gì"), "people", Permission.VIEW_HOLDINGS),
        ("authorities.show", _("Thẻ, giấy giới thiệu"), "person-circle", Permission.VIEW_AUTHORITY),
        ("sections.show_all", _("Đóng quầy"), "building", Permission.VIEW_SECTION),
        ("access_keys.show_all", _("Chìa khóa"), "key", Permission.VIEW_ACCESS_KEY),
        ("holds.show_all", _("Lệnh giữ"), "x-octagon-fill", Permission.HOLD_CODE),
        ("tracers.show", _("Tra cứu"), "question-circle", Permission.VIEW_TRACERS),
        ("seals.show", _("Niêm phong"), "shield-check", Permission.VIEW_SEALS),
        ("pouches.show_all", _("Vỏ túi"), "box-seam", Permission.VIEW_POUCH),
        ("erasures.show_all", _("Đề nghị xóa"), "trash", Permission.DECIDE_ERASURE),
        ("figures.show", _("Số liệu"), "list-ul", Permission.VIEW_LOG),
        ("corrections.show_all", _("Đính chính"), "pencil", Permission.DECIDE_CORRECTION),
        ("standards.show", _("Chỉ tiêu thời gian"), "clock-history", Permission.VIEW_STANDARD),
        ("policies.show", _("Quy tắc giao nhận"), "shield-check", Permission.VIEW_POLICY),
        ("devices.show", _("Thiết bị"), "laptop", Permission.ENROL_OWN_DEVICE),
    )
    return [
        Item(
            url=url_for(endpoint),
            label=label,
            icon=icon,
            current=request.endpoint == endpoint,
            daily=pages is daily,
        )
        for pages in (daily, other)
        for endpoint, label, icon, permission in pages
        if allowed(permission)
    ]


def install(app: Flask) -> None:
    """Let templates draw the menu."""
    app.jinja_env.globals.update(navigation=navigation, allowed=allowed)
