"""Words of musters: their steps, what one finds, and why one cannot be opened, closed or withdrawn."""

from typing import Final

CONFLICTS: Final[dict[str, tuple[str, str]]] = {
    "muster_open_already": (
        "Nơi này hoặc người này đang có một cuộc kiểm kê chưa kết thúc. Kết thúc cuộc đó trước.",
        "A muster of this place or person is still open. Close that one first.",
    ),
    "muster_closed": (
        "Cuộc kiểm kê này đã kết thúc. Cần kiểm lại thì mở cuộc kiểm kê mới.",
        "This muster is closed and stays as it is. Open another if you must look again.",
    ),
    "muster_withdrawn": (
        "Cuộc kiểm kê này đã hủy, không có kết quả. Cần kiểm thì mở cuộc kiểm kê mới.",
        "This muster was withdrawn and has no result. Open another if you must look.",
    ),
    "muster_withdrawn_by_opener": (
        "Chỉ người mở cuộc kiểm kê mới hủy được. Mời người đó, hoặc báo kiểm toán viên khi đã quá hạn.",
        "Only whoever opened the muster withdraws it. Ask them, or an auditor once it has been open too long.",
    ),
    "muster_not_old": (
        "Chưa đến ngày kiểm toán viên khác được hủy. Mời người mở cuộc kiểm kê, hoặc chờ đến ngày ghi trên trang.",
        "Another auditor may not withdraw it yet. Ask whoever opened it, or wait for the day its page names.",
    ),
    "muster_of_opener": (
        "Chỉ người mở cuộc kiểm kê mới kết thúc được. Mời người đó.",
        "Only whoever opened the muster closes it. Ask them.",
    ),
    "muster_not_counted": (
        "Chưa ai quét xong. Người của nơi được kiểm kê phải quét và ký trước khi kết thúc.",
        "Nobody has finished counting. The people of the place scan and sign before it is closed.",
    ),
    "muster_being_counted": (
        "Còn người đang quét dở. Chờ họ ký phần cuối rồi kết thúc.",
        "Somebody is in the middle of counting. Wait for their last part, then close.",
    ),
    "muster_too_different": (
        "Sai lệch quá nhiều, cuộc kiểm kê chưa thể đã đếm đủ. Quét tiếp rồi kết thúc.",
        "Far too much differs: not everything can have been counted. Count on, then close.",
    ),
    "partner_not_allowed": (
        "Người này không được ký biên bản ở đây. Mời một người của chính nơi được kiểm kê.",
        "This person may not sign here. Ask somebody of the very place that was mustered.",
    ),
    "partner_not_present": (
        "Người của nơi được kiểm kê chưa nhập mật khẩu, hoặc đã quá năm phút. Mời nhập lại.",
        "The person of the place has not confirmed, or did so over five minutes ago. Ask them again.",
    ),
}

TABLES: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "muster_step": {
        "opened": ("Mở kiểm kê", "Opened"),
        "counted": ("Quét kiểm kê", "Counted"),
        "closed": ("Kết thúc kiểm kê", "Closed"),
        "withdrawn": ("Hủy kiểm kê", "Withdrawn"),
    },
    "muster_withdrawal_reason": {
        "mistake": ("Mở nhầm", "Opened by mistake"),
        "wrong_hands": ("Mở sai nơi hoặc sai người", "Of the wrong place or person"),
        "cannot_count": ("Không thể kiểm đếm", "Cannot be counted"),
        "abandoned": ("Bỏ dở, quá hạn", "Abandoned, open too long"),
    },
    "muster_finding": {
        "missing": ("Thiếu", "Missing"),
        "unexpected": ("Thừa", "Unexpected"),
        "explained": ("Thiếu, đã kết luận là mất", "Missing, known as lost"),
        "moved_out": ("Đã giao đi sau khi chốt", "Moved out after the freezing"),
        "moved_in": ("Mới nhận sau khi chốt", "Moved in after the freezing"),
        "found": ("Đủ", "Found"),
    },
    "draw_of": {
        "places": ("Nơi (bưu cục)", "Places"),
        "people": ("Người", "People"),
    },
}
