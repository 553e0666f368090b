"""Words of shifts: their steps, what a count finds, and why one cannot be opened or closed."""

from typing import Final

CONFLICTS: Final[dict[str, tuple[str, str]]] = {
    "shift_open_already": (
        "Bạn đang có một ca chưa đóng. Kiểm đếm và đóng ca đó trước khi mở ca mới.",
        "You have a shift that is not closed. Count and close it before you open another.",
    ),
    "shift_closed": (
        "Ca này đã đóng, không làm gì thêm được. Mở ca mới khi bắt đầu làm việc.",
        "This shift is closed and stays as it is. Open a new one when you start work.",
    ),
    "counting": (
        "Bạn đang kiểm đếm nên phần này tạm che. Ký xong phần cuối của lần kiểm đếm rồi mở lại.",
        "You are counting, so this is not shown now. Sign the last part of your count, then open it again.",
    ),
    "shift_unbalanced": (
        "Ca chưa cân: còn bưu gửi thiếu hoặc thừa. Đếm lại, giao nhận cho đúng, hoặc chờ người khác đóng sự vụ.",
        "Something is missing or too much. Count again, hand it over, or have the incident closed.",
    ),
    "count_missing": (
        "Ca chưa được kiểm đếm xong. Quét mọi thứ đang giữ rồi gửi lần kiểm đếm.",
        "The shift has no finished count. Scan everything in hand and send the count.",
    ),
    "count_outdated": (
        "Sau lần kiểm đếm đã có giao nhận. Kiểm đếm lại rồi đóng ca.",
        "Something was handed over after the count. Count again, then close the shift.",
    ),
    "supervisor_is_actor": (
        "Không thể tự ký xác nhận ca của mình. Mời một giao dịch viên khác của bưu cục.",
        "Nobody countersigns their own shift. Ask another clerk of this office.",
    ),
    "supervisor_not_allowed": (
        "Người này không được ký xác nhận ca ở đây. Mời giao dịch viên của chính bưu cục này.",
        "This person may not countersign here. Ask a clerk of this very office.",
    ),
    "supervisor_not_present": (
        "Người ký xác nhận chưa nhập mật khẩu, hoặc đã quá năm phút. Mời nhập lại rồi đóng ca.",
        "The supervisor has not confirmed, or did so over five minutes ago. Ask them to confirm again.",
    ),
    "successor_not_allowed": (
        "Người này không nhận ca ở đây được. Chọn một người khác đang làm việc tại chính bưu cục này.",
        "This person cannot take over here. Choose somebody else who works at this very office.",
    ),
    "relief_empty": (
        "Bạn không giữ gì để bàn giao. Đóng ca như thường.",
        "You hold nothing to hand over. Close the shift as usual.",
    ),
    "relief_bag_open": (
        "Còn túi đang mở. Đóng túi hoặc lấy hết ra, kiểm đếm lại rồi lập danh sách bàn giao.",
        "A bag is still open. Close it or empty it, count again, then make the list.",
    ),
    "relief_offered": (
        "Có thứ đang chờ người khác nhận. Thu hồi ở trạm quét hoặc chờ họ nhận, rồi lập danh sách bàn giao.",
        "Something waits for another taker. Recall it at the scan station or wait for them, then make the list.",
    ),
    "relief_unfinished": (
        "Bạn vẫn còn thứ trong danh sách bàn giao. Chờ người nhận ca ký; dòng bị từ chối phải có kết luận sự vụ.",
        "Something of the list is still with you. Wait for the take; a refused line needs its incident closed.",
    ),
}

TABLES: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "shift_step": {
        "opened": ("Mở ca", "Opened"),
        "counted": ("Kiểm đếm", "Counted"),
        "closed": ("Đóng ca", "Closed"),
    },
    "relief_result": {
        "taken": ("Đã nhận", "Taken"),
        "refused": ("Từ chối, còn ở người giao ca", "Refused, with the leaver"),
        "offered": ("Chờ người nhận ca", "Waits for the successor"),
        "waiting": ("Chưa giao", "Not handed over yet"),
        "elsewhere": ("Đã giao cho người khác", "Handed to somebody else"),
        "explained": ("Từ chối, đã có kết luận", "Refused, explained"),
    },
    "count_finding": {
        "matched": ("Đủ", "Matched"),
        "missing": ("Thiếu", "Missing"),
        "explained": ("Thiếu, đã có kết luận", "Missing, explained"),
        "unexpected": ("Thừa", "Unexpected"),
    },
}
