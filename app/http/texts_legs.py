"""Words of legs and vehicles: where a leg stands, why it was cancelled, why one cannot leave or arrive."""

from typing import Final

CONFLICTS: Final[dict[str, tuple[str, str]]] = {
    "leg_not_planned": (
        "Chặng này đã đi hoặc đã hủy, không hủy được nữa. Mở lại trang chặng để xem.",
        "This leg has left or was cancelled already. Open its page again.",
    ),
    "vehicle_in_use": (
        "Xe đang trên đường hoặc đã ngừng dùng. Chờ chặng của xe kết thúc rồi thử lại.",
        "The vehicle is under way or retired already. Wait until its leg has ended.",
    ),
}

PROBLEMS: Final[dict[str, tuple[str, str]]] = {
    "escort_required": (
        "Chuyến này phải có người áp tải. Chọn một người khác của bưu cục đi cùng.",
        "This leg may not travel without an escort. Choose another person of the office to go along.",
    ),
    "not_at_office": (
        "{value} không nằm rời trong tay người của bưu cục. Nhận về hoặc đóng túi trước khi lập chặng.",
        "{value} is not loose in the hands of this office. Receive it or close its bag first.",
    ),
    "on_another_leg": (
        "{value} đã nằm trong một chặng khác chưa kết thúc. Bỏ khỏi danh sách hoặc hủy chặng kia.",
        "{value} is on another leg that is not over. Leave it out, or cancel the other leg.",
    ),
    "vehicle_unknown": (
        "Bưu cục không có xe nào đang dùng mang biển số này. Chọn trong danh sách hoặc thêm xe.",
        "The office has no vehicle in use with this plate. Choose one of the list, or add it.",
    ),
}

REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "not_a_leg": (
        "Không có chặng nào mang mã này. Mở lại trang chặng rồi làm tiếp.",
        "No leg has this code. Open the page of the leg again.",
    ),
    "leg_of_another": (
        "Chặng này của bưu tá khác. Chỉ bưu tá của chặng ký khởi hành và đến nơi.",
        "This leg is another courier's. Only its own courier signs for leaving and arriving.",
    ),
    "leg_not_planned": (
        "Chặng này đã đi hoặc đã hủy. Mở lại trang chặng để xem.",
        "This leg has left or was cancelled. Open its page again.",
    ),
    "leg_not_departed": (
        "Chặng này chưa khởi hành hoặc đã kết thúc. Mở lại trang chặng để xem.",
        "This leg has not left, or is over already. Open its page again.",
    ),
    "vehicle_differs": (
        "Biển số không phải xe của chặng. Đi đúng xe, hoặc giao dịch viên hủy chặng và lập chặng mới.",
        "This is not the vehicle of the leg. Take the right one, or have the leg cancelled and planned anew.",
    ),
    "vehicle_retired": (
        "Xe này đã ngừng dùng. Giao dịch viên hủy chặng và lập chặng mới với xe khác.",
        "This vehicle is out of use. Have the leg cancelled and planned anew with another.",
    ),
    "vehicle_under_way": (
        "Xe này đang ở một chặng chưa kết thúc. Kết thúc chặng đó trước.",
        "This vehicle is on a leg that is not over. Close that leg first.",
    ),
    "courier_under_way": (
        "Bạn đang ở một chặng chưa kết thúc. Kết thúc chặng đó trước.",
        "You are on a leg that is not over. Close that leg first.",
    ),
    "load_differs": (
        "Những gì đã quét không đúng danh sách của chặng. Quét đủ danh sách, không thêm thứ khác.",
        "What was scanned is not the list of the leg. Scan all of the list, and nothing else.",
    ),
    "load_not_in_hand": (
        "Có thứ trong danh sách chưa giao cho bạn. Nhận đủ rồi ký khởi hành.",
        "Something on the list was not handed to you. Take it over, then sign for leaving.",
    ),
    "not_aboard": (
        "Mã này không có trong danh sách của chặng. Bỏ khỏi danh sách rồi ký lại.",
        "This code is not on the list of the leg. Take it off and sign again.",
    ),
    "taken_over": (
        "Nơi khác đã nhận mã này rồi, không cần khai. Bỏ mã này khỏi danh sách rồi ký lại.",
        "Somebody has taken this over already. Leave it out and sign again.",
    ),
    "load_unaccounted": (
        "Còn thứ chưa ai nhận mà bạn chưa khai. Giao tiếp, hoặc khai còn giữ hay thiếu từng mã.",
        "Something was neither taken over nor named. Hand it over, or say of each whether you keep or miss it.",
    ),
    "escort_differs": (
        "Người xác nhận không phải người áp tải của chặng. Mời đúng người, hoặc lập lại chặng.",
        "Whoever confirmed is not the escort of this leg. Ask the right person, or plan the leg anew.",
    ),
    "manifest_differs": (
        "Bản kê bạn trả lời không phải bản kê đã khóa của túi này. Tải lại trang túi rồi ký lại.",
        "The manifest you answered is not the frozen one of this bag. Load the bag again and sign again.",
    ),
}

TABLES: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "leg_state": {
        "planned": ("Đã lập", "Planned"),
        "departed": ("Đang đi", "Under way"),
        "arrived": ("Đã đến", "Arrived"),
        "cancelled": ("Đã hủy", "Cancelled"),
    },
    "leg_cancel_reason": {
        "no_vehicle": ("Không có xe", "No vehicle"),
        "no_courier": ("Không có bưu tá", "No courier"),
        "road_closed": ("Đường không đi được", "Road closed"),
        "joined": ("Gộp vào chặng khác", "Joined with another leg"),
        "mistake": ("Lập nhầm", "Planned by mistake"),
    },
    "leg_fate": {
        "handed": ("Đã giao", "Handed over"),
        "kept": ("Còn giữ", "Still there"),
        "missing": ("Thiếu", "Missing"),
    },
    "leg_mark": {
        "kept": ("Còn giữ", "Still there"),
        "missing": ("Thiếu", "Missing"),
    },
}
