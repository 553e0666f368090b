"""Words of pouches and their returns: where one stands, why one cannot be used, why one is written off."""

from typing import Final

CONFLICTS: Final[dict[str, tuple[str, str]]] = {
    "pouch_busy": (
        "Vỏ túi đang trong chuyến hoặc đang trả về. Chờ mở túi hoặc nhận trả xong rồi thử lại.",
        "The pouch is on a trip or on its way back. Wait until the bag is emptied or the return answered.",
    ),
    "pouch_retired": (
        "Vỏ túi đã xóa khỏi sổ. Mở lại trang vỏ túi để xem.",
        "The pouch was written off already. Open its page again.",
    ),
    "pouch_proposed": (
        "Đã có người đề nghị xóa vỏ túi này. Người thứ hai mở trang vỏ túi để quyết định.",
        "Somebody has proposed this already. A second person decides on the page of the pouch.",
    ),
    "pouch_not_proposed": (
        "Chưa ai đề nghị xóa, và chưa có sự vụ đã đóng về vỏ túi này. Đề nghị trước.",
        "Nobody proposed it, and no closed incident stands for it. Propose it first.",
    ),
    "pouch_same_person": (
        "Phải là hai người khác nhau. Mời người thứ hai đăng nhập và làm bước này.",
        "These must be two persons. Let a second one log in and do this step.",
    ),
    "pouch_list_answered": (
        "Phiếu trả vỏ túi này đã có người nhận ký. Mở lại trang phiếu để xem.",
        "This return was answered already. Open its page again.",
    ),
    "pouch_list_cancelled": (
        "Nơi gửi đã hủy phiếu trả vỏ túi này. Không ký nhận; hỏi nơi gửi nếu vỏ túi đã đến.",
        "The sender has cancelled this return. Do not sign for it; ask the sender if pouches came.",
    ),
}

PROBLEMS: Final[dict[str, tuple[str, str]]] = {
    "pouch_in_use": (
        "Vỏ túi {value} đang trong một chuyến khác, {holder} giữ. Kiểm tra lại số hoặc chọn vỏ túi khác.",
        "Pouch {value} is on another trip, with {holder}. Check its number or choose another pouch.",
    ),
    "pouch_unknown": (
        "Sổ không có vỏ túi {value}. Kiểm tra lại số, hoặc ghi vỏ túi vào sổ trước.",
        "The register has no pouch {value}. Check its number, or enter the pouch first.",
    ),
    "pouch_known": (
        "Vỏ túi {value} đã có trong sổ, của {holder}. Bỏ khỏi danh sách.",
        "Pouch {value} is in the register already, as {holder}'s. Leave it out.",
    ),
    "pouch_elsewhere": (
        "Vỏ túi {value} do {holder} giữ. Chọn vỏ túi khác, hoặc nhờ nơi đó lập phiếu trả.",
        "Pouch {value} is with {holder}. Choose another, or ask them to send it with a list.",
    ),
    "pouch_on_way": (
        "Vỏ túi {value} đang trên đường trả về, {holder} đã gửi. Ký nhận phiếu trả trước.",
        "Pouch {value} is on its way back, sent by {holder}. Answer that list first.",
    ),
    "pouch_missing": (
        "Vỏ túi {value} đã báo thiếu khi {holder} trả. Nếu nay có ở đây, ghi lại vào sổ trước.",
        "Pouch {value} was missed in a return of {holder}. If it is here now, enter it again first.",
    ),
    "pouch_retired": (
        "Vỏ túi {value} đã xóa khỏi sổ, không dùng lại. Chọn vỏ túi khác và báo người phụ trách.",
        "Pouch {value} was written off and is not used again. Take another and tell who is in charge.",
    ),
}

TABLES: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "pouch_state": {
        "held": ("Rỗng, đang giữ", "Empty, held"),
        "sent": ("Đang trả về", "On its way back"),
        "missing": ("Thiếu", "Missing"),
        "retired": ("Đã xóa khỏi sổ", "Written off"),
    },
    "retire_reason": {
        "lost": ("Mất", "Lost"),
        "worn": ("Cũ, không dùng được", "Worn out"),
        "damaged": ("Hỏng", "Damaged"),
    },
    "pouch_cancel_reason": {
        "mistake": ("Lập nhầm", "Made by mistake"),
        "wrong_office": ("Sai nơi nhận", "Wrong office"),
        "wrong_pouches": ("Sai vỏ túi", "Wrong pouches"),
        "not_sent": ("Không gửi nữa", "Not sent after all"),
    },
    "pouch_mark": {
        "received": ("Đã nhận", "Received"),
        "missing": ("Thiếu", "Missing"),
        "excess": ("Thừa", "Excess"),
    },
}
