"""Words about incidents: kinds, steps, evidence, causes. A leak (lộ) is never called a loss (mất)."""

from typing import Final

TABLES: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "incident_kind": {
        "leak": ("Lộ bí mật", "Leak"),
        "loss": ("Mất bưu gửi", "Loss"),
        "damaged": ("Bì rách, hỏng", "Damaged"),
        "seal_broken": ("Niêm phong hỏng hoặc khác số", "Seal broken or different"),
        "missent": ("Chuyển lạc hướng", "Missent"),
        "late": ("Chậm", "Late"),
        "refused": ("Bị từ chối nhận", "Refused"),
        "closed_office": ("Cơ quan đóng cửa", "Office closed"),
        "unrecorded": ("Có bưu gửi ngoài sổ", "Found without record"),
        "count_differs": ("Số lượng không khớp", "Count differs"),
    },
    "severity": {
        "minor": ("Nhẹ", "Minor"),
        "serious": ("Nghiêm trọng", "Serious"),
        "grave": ("Đặc biệt nghiêm trọng", "Grave"),
    },
    "incident_status": {
        "open": ("Chờ báo cáo đầu", "Waiting for the first report"),
        "reported": ("Đang xử lý", "Being dealt with"),
        "resolved": ("Chờ người thứ hai", "Waiting for the second person"),
        "closed": ("Đã đóng", "Closed"),
    },
    "incident_step": {
        "opened": ("Mở sự vụ", "Incident opened"),
        "commented": ("Ghi ý kiến", "Comment"),
        "assigned": ("Giao người xử lý", "Owner named"),
        "evidenced": ("Bổ sung chứng cứ", "Evidence added"),
        "reported": ("Báo cáo đầu", "First report"),
        "resolved": ("Kết luận", "Resolved"),
        "reopened": ("Trả lại xử lý tiếp", "Sent back"),
        "closed": ("Đóng sự vụ", "Incident closed"),
    },
    "proof": {
        "minutes": ("Biên bản", "Minutes"),
        "cover_photo": ("Ảnh bì ngoài", "Photograph of the outer cover"),
        "kept_packing": ("Giữ lại túi, nhãn, niêm phong", "Bag, label and seal kept"),
        "statement": ("Bản tường trình", "Written statement"),
        "recount": ("Biên bản kiểm đếm lại", "Recount"),
        "search": ("Kết quả truy tìm", "Result of the search"),
        "sender_told": ("Đã thông báo nơi gửi", "Sender told"),
        "police_told": ("Đã thông báo công an", "Police told"),
    },
    "reported_to": {
        "sender": ("Cơ quan gửi", "Sending agency"),
        "post_leader": ("Lãnh đạo bưu điện", "Head of the post office"),
        "department": ("Sở Khoa học và Công nghệ", "Department of Science and Technology"),
        "police": ("Công an tỉnh", "Provincial police"),
    },
    "correction_reason": {
        "did_not_occur": ("Không xảy ra", "Did not occur"),
        "incorrect_data": ("Dữ liệu sai", "Incorrect data"),
    },
    "correction_outcome": {
        "confirmed": ("Đã xác nhận sai", "Confirmed as wrong"),
        "refused": ("Không chấp nhận", "Refused"),
    },
    "hold": {
        "quarantined": ("Cách ly", "Quarantine"),
        "stopped": ("Lệnh dừng và giữ", "Stop and hold"),
    },
    "hold_reason": {
        "incident": ("Theo sự vụ", "Because of an incident"),
        "leak_suspected": ("Nghi lộ bí mật", "Leak suspected"),
        "lost": ("Đã báo mất", "Reported lost"),
        "copied_label": ("Nghi nhãn bị sao chép", "Label suspected to be copied"),
        "damaged": ("Bì hư hỏng", "Damaged"),
        "order": ("Theo văn bản chỉ đạo", "By order"),
    },
    "cause": {
        "handling": ("Khai thác, giao nhận", "Handling"),
        "transport": ("Vận chuyển", "Transport"),
        "packing": ("Bao gói nơi gửi", "Sender's packing"),
        "address": ("Sai địa chỉ", "Wrong address"),
        "recipient": ("Phía cơ quan nhận", "Recipient's side"),
        "crime_suspected": ("Nghi có vi phạm pháp luật", "Crime suspected"),
        "force_majeure": ("Bất khả kháng", "Force majeure"),
        "wrong_record": ("Ghi chép sai", "Wrong record"),
        "unknown": ("Chưa rõ", "Unknown"),
    },
}
CONFLICTS: Final[dict[str, tuple[str, str]]] = {
    "incident_closed": (
        "Sự vụ đã đóng nên không thêm được gì. Nếu có tình tiết mới, hãy mở sự vụ khác và nhắc số cũ.",
        "The incident is closed, so nothing is added. Open another one and name the old number.",
    ),
    "incident_reported": (
        "Báo cáo đầu đã được ghi. Hãy ghi báo cáo tiếp theo vào phần ý kiến.",
        "The first report is noted already. Note further reports as comments.",
    ),
    "incident_not_reported": (
        "Chưa có báo cáo đầu. Hãy ghi báo cáo đầu rồi mới kết luận.",
        "There was no first report yet. Note it before you resolve the incident.",
    ),
    "incident_resolved": (
        "Sự vụ đã có kết luận. Hãy để người thứ hai đóng hoặc trả lại.",
        "The incident is resolved already. Leave it to the second person to close it or send it back.",
    ),
    "incident_not_resolved": (
        "Sự vụ chưa có kết luận. Hãy chờ người xử lý ghi kết luận.",
        "The incident is not resolved yet. Wait until its owner has said how it ended.",
    ),
    "evidence_owed": (
        "Còn thiếu chứng cứ bắt buộc của loại sự vụ này. Hãy bổ sung đủ rồi kết luận lại.",
        "Evidence that this kind requires is still owed. Add it and resolve again.",
    ),
    "own_incident": (
        "Người mở hoặc kết luận không được tự đóng. Hãy để người khác quyết định.",
        "Whoever opened or resolved it cannot judge it. Leave it to another person.",
    ),
    "not_correctable": (
        "Bản ghi loại này không đính chính được. Giao nhận sai thì sửa bằng lượt giao nhận mới; việc khác làm lại cho đúng.",
        "An entry of this kind is not declared wrong. Put a wrong handover right by a new one; do anything else again.",
    ),
    "correction_stands": (
        "Bản ghi này đã có đề nghị đính chính hoặc đã đính chính. Hãy xem đề nghị đó trước.",
        "An error was declared for this entry already. Look at that declaration first.",
    ),
    "correction_decided": (
        "Đề nghị này đã có người quyết định. Hãy tải lại trang để xem kết quả.",
        "This declaration is decided already. Reload the page to see the result.",
    ),
    "own_correction": (
        "Người đề nghị hoặc người đã ghi không được tự duyệt. Hãy để kiểm tra viên khác quyết định.",
        "Whoever declared or made the error cannot decide. Leave it to another auditor.",
    ),
    "already_held": (
        "Mã này đang bị giữ theo đúng hình thức đó. Hãy xem lệnh giữ đang có hiệu lực.",
        "This code is held back in that way already. Look at the hold that is in force.",
    ),
    "own_hold": (
        "Người ra lệnh giữ không được tự gỡ. Hãy để người khác gỡ và ghi lý do.",
        "Whoever placed a hold cannot lift it. Leave it to another person, who says why.",
    ),
    "hold_lifted": (
        "Lệnh giữ này đã được gỡ. Hãy tải lại trang để xem ai đã gỡ.",
        "This hold is lifted already. Reload the page to see by whom.",
    ),
    "still_held": (
        "Còn bưu gửi của sự vụ đang bị cách ly. Hãy gỡ cách ly rồi đóng sự vụ.",
        "An item of this incident is still in quarantine. Lift it, then close the incident.",
    ),
    "auditor_closes": (
        "Sự vụ đặc biệt nghiêm trọng do kiểm tra viên đóng. Hãy chuyển cho kiểm tra viên.",
        "A grave incident is closed by an auditor. Pass it to an auditor.",
    ),
}
