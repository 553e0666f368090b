"""Words for what is in nobody's hands: why, what was done, what the place said, and what to do next."""

from typing import Final

TABLES: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "unattended_reason": {
        "offer_unanswered": ("Đã giao đi, chưa ai nhận", "Given out, taken by nobody"),
        "custodian_closed": ("Tài khoản người giữ đã khóa", "The custodian's account is closed"),
        "unit_closed": ("Đơn vị giữ đã đóng", "The custodian's unit is closed"),
        "shift_ended": ("Người giữ đã hết ca", "The custodian's shift is over"),
        "held_at_office": (
            "Phát không được, chưa nhập kho bưu cục",
            "Not delivered, not put into the office's store",
        ),
        "bag_overdue": ("Túi quá giờ đến, không thấy quét", "A bag is late and was not scanned"),
    },
    "unattended_advice": {
        "offer_unanswered": (
            "Gọi bên nhận quét nhận ngay, hoặc thu hồi lượt giao rồi cất vào két.",
            "Call the taker to take it now, or recall the offer and lock it away.",
        ),
        "custodian_closed": (
            "Cất vào két, mở lại tài khoản để người giữ bàn giao, hoặc lập biên bản với người phụ trách.",
            "Lock it away; open the account again for a handover, or draw up minutes with the supervisor.",
        ),
        "unit_closed": (
            "Đơn vị cấp trên cử người đến nhận, chuyển về đơn vị đang hoạt động.",
            "The unit above sends somebody to take it to an office that works.",
        ),
        "shift_ended": (
            "Người giữ mở ca mới, hoặc bàn giao từng vật cho người trực ca này.",
            "The custodian opens a new shift, or hands each thing over to who is on duty.",
        ),
        "held_at_office": (
            "Giao cho giao dịch viên giữ kho của bưu cục, hai bên cùng quét.",
            "Hand it to the clerk who keeps the office's store; both scan.",
        ),
        "bag_overdue": (
            "Hỏi người đang giữ túi và bưu cục đến; thấy túi thì quét ngay niêm phong.",
            "Ask who has the bag and the office it goes to; scan its seal as soon as it is seen.",
        ),
    },
    "unattended_step": {
        "asked": ("Đã hỏi nơi giữ", "The place was asked"),
        "answered": ("Nơi giữ đã trả lời", "The place answered"),
        "raised": ("Đã mở sự vụ", "An incident was raised"),
    },
    "unattended_answer": {
        "secured": ("Đang khóa an toàn, có người trông", "Locked away, somebody is there"),
        "handing_over": ("Đang bàn giao cho người khác", "Being handed over"),
        "called_back": ("Đã gọi người giữ quay lại", "The custodian was called back"),
        "not_found": ("Không thấy, đang tìm", "Not found, being looked for"),
    },
}

CONFLICTS: Final[dict[str, tuple[str, str]]] = {
    "unattended_answered": (
        "Việc này đã được trả lời trước đó. Tải lại trang để xem câu trả lời.",
        "This was answered before. Reload the page to see the answer.",
    ),
    "own_unattended": (
        "Người đang giữ không tự trả lời thay người phụ trách. Mời đồng nghiệp kiểm tra và trả lời.",
        "Whoever holds it does not answer for the supervisor. Ask a colleague to look and answer.",
    ),
}
