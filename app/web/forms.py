"""Carry a form from the browser to a service and back: what was typed is never lost, errors sit beside it.

Only shapes: values stay untrusted text, and nothing here may decide whether a value is good.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flask import request

from app.domain.errors import Conflict, InvalidInput, Problem
from app.domain.handover_policy import Demand
from app.http.i18n import words
from app.http.texts import has_text
from app.web.translate import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One problem as the page shows it: beside its field, and in the summary with a link to the field."""

    field: str
    anchor: str
    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What was typed, by field name, and what is wrong with it."""

    untrusted: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Shown, ...] = ()

    def value(self, name: str) -> str:
        """Give back what was typed, "" for nothing."""
        return self.untrusted.get(name, "")

    def errors_of(self, name: str) -> tuple[str, ...]:
        """List the texts to show beside one field."""
        return tuple(problem.text for problem in self.problems if problem.field == name)

    def refused(self, error: InvalidInput | Conflict, *, at: str = "") -> "Form":
        """Return the same values with what a service found; a conflict is shown at the field named `at`."""
        if isinstance(error, InvalidInput):
            return replace(self, problems=tuple(_shown(problem) for problem in error.problems))
        text = words(f"conflict.{error.code}")
        return replace(
            self, problems=(Shown(field=at, anchor=f"{at}-field", label=field_label(at), text=text),)
        )

    def moved(self, name: str, to: str) -> "Form":
        """Return the same with the problems of one field shown at another, for a page with two forms."""
        problems = (
            replace(one, field=to, anchor=f"{to}-field") if one.field == name else one
            for one in self.problems
        )
        return replace(self, problems=tuple(problems))


def posted() -> Form:
    """Return the form of this request: the first value of each field, without the CSRF token."""
    values = {name: value for name, value in request.form.items() if name != "csrf_token"}
    return Form(untrusted=values)


def _shown(problem: Problem) -> Shown:
    return Shown(
        field=problem.field,
        anchor=f"{problem.field}-field",
        label=field_label(problem.field),
        text=words(f"problem.{problem.code}", **problem.params),
    )


def field_label(name: str) -> str:
    """Name a field in the reader's language; an unforeseen name is shown as it is."""
    labels = {
        "recipient_unit": _("Cơ quan nhận"),
        "receiver_name": _("Người nhận đích danh"),
        "named_only": _("Chỉ người có tên mới được bóc bì"),
        "secrecy": _("Độ mật"),
        "express": _("Hỏa tốc"),
        "appointed": _("Hẹn giờ"),
        "appointed_at": _("Giờ hẹn phát"),
        "document_numbers": _("Số, ký hiệu"),
        "document_date": _("Ngày văn bản"),
        "document_type": _("Tên loại"),
        "abstract": _("Trích yếu"),
        "pieces": _("Số lượng (gói)"),
        "weight_g": _("Khối lượng (gam)"),
        "seal": _("Số niêm phong"),
        "inner_envelope": _("Đã có bì trong"),
        "outer_envelope": _("Đã có bì ngoài"),
        "sealed": _("Đã đóng dấu niêm phong"),
        "reason": _("Lý do"),
        "office": _("Bưu cục"),
        "first": _("Từ số"),
        "last": _("Đến số"),
        "inner_reason": _("Lý do in lại"),
        "username": _("Tên đăng nhập"),
        "full_name": _("Họ và tên"),
        "position": _("Chức vụ"),
        "role": _("Vai trò"),
        "unit": _("Đơn vị"),
        "person": _("Chỉ một người"),
        "of": _("Rút trong"),
        "count": _("Bao nhiêu"),
        "password": _("Mật khẩu"),
        "old_password": _("Mật khẩu hiện tại"),
        "new_password": _("Mật khẩu mới"),
        "code": _("Mã"),
        "kind": _("Loại"),
        "name": _("Tên"),
        "short_name": _("Tên ngắn"),
        "province": _("Tỉnh"),
        "commune": _("Xã, phường"),
        "address": _("Địa chỉ"),
        "file": _("Tệp"),
        "header": _("Dòng tiêu đề"),
        "sheet": _("Trang tính"),
        "row": _("Dòng"),
        "from": _("Đăng ký từ ngày"),
        "until": _("Đến hết ngày"),
        "document": _("Số văn bản"),
        "agency": _("Cơ quan gửi hoặc nhận"),
        "codes": _("Danh sách mã"),
        "state": _("Trạng thái"),
        "queue": _("Hàng việc"),
        "format": _("Khổ giấy"),
        "start": _("Ô bắt đầu"),
        "fields": _("Thông tin cần xóa"),
        "decision": _("Quyết định xóa (số, ngày)"),
        "text": _("Nội dung"),
        "hold": _("Hình thức giữ"),
        "corrective": _("Bản ghi đã ghi lại cho đúng"),
        "owner": _("Người xử lý"),
        "proof": _("Chứng cứ"),
        "to": _("Báo cáo cho"),
        "cause": _("Nguyên nhân"),
        "first_day": _("Từ ngày"),
        "last_day": _("Hết ngày"),
        "reference": _("Số hiệu sự cố"),
        "to_office": _("Bưu cục đến"),
        "pouches": _("Số vỏ túi"),
        "excess": _("Vỏ túi thừa"),
        "retirement": _("Quyết định"),
        "vehicle": _("Xe"),
        "plate": _("Biển số"),
        "courier": _("Bưu tá"),
        "escort": _("Người áp tải"),
        "departs_at": _("Giờ đi dự kiến"),
        "arrives_at": _("Giờ phải đến"),
        "slip": _("Mã trên phiếu"),
        "destination": _("Bưu cục mở túi"),
        "asset": _("Số vỏ túi"),
        "answer": _("Câu trả lời"),
        "source": _("Văn bản"),
        "valid_from": _("Áp dụng từ"),
        "window_before": _("Hẹn giờ: sớm nhất"),
        "window_after": _("Hẹn giờ: muộn nhất"),
        "special": _("Địa bàn đặc thù"),
        "hold_days": _("Lưu giữ khi không phát được (ngày)"),
        "user": _("Người"),
        "holder": _("Người được cấp"),
        "number": _("Số in trên giấy"),
        "up_to": _("Độ mật cao nhất"),
        "access_key": _("Chìa khóa, mã khóa"),
        "expected": _("Hẹn mở lại lúc"),
        "instead": _("Giao nhận thay tại"),
        "second": _("Người thứ hai"),
        "note": _("Ghi chú"),
        "basis": _("Văn bản (số, ngày)"),
        "valid_until": _("Đến trước"),
        "opens_named": _("Ủy quyền cả bì ghi đích danh tôi"),
        "at": _("Vào lúc"),
        "value": _("Tên đăng nhập, mã đơn vị, mã túi hoặc mã bưu gửi"),
        "active": _("Được đăng nhập"),
        "dedicated": _("Xe chuyên dụng"),
        "report": _("Ghi báo cáo đầu"),
        "evidence": _("Bổ sung chứng cứ"),
        "assign": _("Giao người xử lý"),
        "resolve": _("Kết luận"),
        "comment": _("Ghi ý kiến"),
        "judge": _("Người thứ hai: đóng hoặc trả lại"),
        "waiting": _("Chờ duyệt"),
    }
    return labels.get(name) or _cell_label(name)


def _cell_label(name: str) -> str:
    """Name a cell of a published table by its parts; any other name is shown as it is."""
    if name.startswith("mark."):
        return _("Vỏ túi %(asset)s", asset=name.removeprefix("mark."))
    table, *parts = name.split(".")
    tables = {
        "delivery": _("Thời gian toàn trình"),
        "acknowledgement": _("Phiếu báo phát"),
        "reminder": _("Nhắc"),
        "tracer": _("Thư tra cứu"),
        "investigation": _("Điều tra"),
        "answer": _("Trả lời thư tra cứu"),
        **{demand.value: words(f"demand.{demand}") for demand in Demand},
    }
    families = ("secrecy", "service_urgency", "scope", "area")
    keys = [f"{family}.{part}" for family, part in zip(families, parts, strict=False)]
    if table not in tables or not keys or not all(has_text(key) for key in keys):
        return name
    return ", ".join((tables[table], *(words(key) for key in keys)))
