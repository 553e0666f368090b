"""Every word the station of a leg shows from its own script; what all stations say is in `station_texts`."""

from app.web.bag_station_texts import bag_station_texts
from app.web.translate import _


def leg_texts() -> dict[str, str]:
    """Return the texts by the key the script uses; `{name}` is filled in by the script."""
    return {
        **bag_station_texts(),
        "say_depart": _("Quét từng thứ khi xếp lên xe. Đủ danh sách thì ký khởi hành."),
        "say_arrive": _("Quét thứ bạn còn giữ. Thứ không còn trên xe: bấm Thiếu."),
        "say_arrive_none": _("Mọi thứ trên xe đã có người nhận. Ký kết thúc chặng."),
        "say_aboard": _("Có trong danh sách. Quét tiếp."),
        "say_all": _("Đã đủ danh sách. Ký khi mọi thứ đã ở trên xe."),
        "say_named": _("Đã khai đủ. Ký kết thúc chặng."),
        "say_not_aboard": _("Không có trong danh sách của chặng. Để riêng, hỏi giao dịch viên."),
        "say_taken_over": _("Nơi đến đã nhận mã này, không cần khai."),
        "kept": _("Còn giữ"),
        "missing": _("Thiếu"),
    }
