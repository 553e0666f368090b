"""Every word the counting station shows from its own script; what all stations say is in `station_texts`."""

from app.web.station_texts import station_texts
from app.web.translate import _


def shift_texts() -> dict[str, str]:
    """Return the texts by the key the script uses; `{name}` is filled in by the script."""
    return {
        **station_texts(),
        "say_do_count": _("Quét từng bưu gửi và túi bạn đang giữ. Túi đóng: chỉ quét thẻ túi."),
        "say_counted": _("Đã đếm. Quét tiếp, hoặc ký khi không còn gì."),
        "sign_count": _("Ký lần kiểm đếm: {count}"),
    }


def relief_texts() -> dict[str, str]:
    """Return what the page of a relief says from its own script."""
    return {
        **station_texts(),
        "say_relief_signed": _("Đã ký giao. Người nhận ca quét và ký nhận ở trạm quét."),
        "say_relief_failed": _("Chưa ghi sổ được. Xem lời báo, rồi mở lại trang này."),
    }
