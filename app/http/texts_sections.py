"""Words of closed sections: why, how one stands, what its seal said, and what to do at a closed counter."""

from typing import Final

CONFLICTS: Final = {
    "section_closed_already": (
        "Quầy này đang đóng. Mở quầy lại trước khi đóng lần khác.",
        "This section stands closed. Reopen it before you close it again.",
    ),
    "section_counting": (
        "Bạn đang kiểm đếm hoặc còn nợ một lần kiểm kê. Ký xong rồi mới đóng quầy.",
        "You are counting, or owe a count to a muster. Sign it first, then close the section.",
    ),
    "section_offered": (
        "Còn bưu gửi hoặc túi của quầy đã giao mà bên kia chưa nhận. Chờ bên kia quét nhận, hoặc thu hồi, rồi đóng quầy.",
        "Something of this section is given out and not taken. Let the taker scan it, or recall it, then close.",
    ),
    "section_shift_open": (
        "Hết giờ thì ca phải cân và đóng trước. Kiểm đếm, ký xác nhận ca rồi đóng quầy.",
        "The day ends with balanced shifts. Count and close every shift of the office, then close the section.",
    ),
    "section_not_secured": (
        "Quầy còn giữ bưu gửi hoặc túi. Cất tất cả vào két, dán niêm phong rồi ghi két và số niêm phong; hoặc giao hết trước khi đóng.",
        "The section still has items or bags. Lock them in the safe and name safe and seal, or hand everything over.",
    ),
    "section_safe_empty": (
        "Quầy không còn giữ gì. Để trống két và số niêm phong, giữ lại niêm phong cho lần sau.",
        "Nothing is left in hand. Leave safe and seal blank, and keep the seal for another time.",
    ),
    "section_open": (
        "Quầy đã mở lại rồi. Tải lại trang để xem.",
        "The section is open again. Reload the page.",
    ),
}

REFUSALS: Final = {
    "section_closed": (
        "Quầy tại nơi này đang đóng, không giao nhận được. Giữ nguyên trong tay; xem giấy báo: mấy giờ mở lại, giao ở đâu thay.",
        "The counter at this place is closed: nothing changes hands here. Keep it; the notice says until when, and where to go.",
    ),
}

TABLES: Final = {
    "section_reason": {
        "break": ("Nghỉ giữa ca", "Break"),
        "end_of_day": ("Hết giờ làm việc", "End of the day"),
        "errand": ("Đi giao, nhận ngoài quầy", "Out to deliver or collect"),
        "meeting": ("Họp, tập huấn", "Meeting or training"),
        "unforeseen": ("Vắng đột xuất", "Unforeseen absence"),
        "premises": ("Sự cố tại trụ sở", "Trouble with the premises"),
        "other": ("Lý do khác", "Other reason"),
    },
    "section_state": {
        "closed": ("Đang đóng", "Closed"),
        "overdue": ("Quá giờ hẹn mở lại", "Not reopened in time"),
        "reopened": ("Đã mở lại", "Reopened"),
    },
    "safe_seal": {
        "none": ("Không có két niêm phong", "No safe was sealed"),
        "intact": ("Niêm phong két còn nguyên, đúng số", "The safe's seal was the one put on it"),
        "differs": ("Niêm phong két KHÔNG khớp", "The safe's seal DIFFERS"),
    },
    # What is told where somebody stands before a closed counter.
    "section_notice": {
        "closed": (
            "Quầy {office} đóng từ {since} ({reason}), hẹn mở lại {until}.",
            "The counter of {office} is closed since {since} ({reason}); back at {until}.",
        ),
        "overdue": (
            "Quầy {office} đóng từ {since} ({reason}), hẹn mở lại {until} nhưng CHƯA mở.",
            "The counter of {office} is closed since {since} ({reason}); due back at {until} and NOT yet open.",
        ),
        "instead": ("Giao nhận tại {office} trong lúc chờ.", "Go to {office} meanwhile."),
        "wait": (
            "Giữ nguyên trong tay, quay lại đúng giờ hẹn; việc gấp thì báo người phụ trách.",
            "Keep it in hand and come back then; if it cannot wait, tell your supervisor.",
        ),
    },
}
