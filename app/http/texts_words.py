"""Words for the closed lists of the domain: states, roles, classes, kinds of entry.

One word per thing, as in docs/glossary.md; a second word for the same thing must never appear here.
"""

from typing import Final

TABLES: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "state": {
        "registered": ("Đã đăng ký", "Registered"),
        "in_custody": ("Bưu điện đang giữ", "In custody of the post"),
        "delivered": ("Đã phát", "Delivered"),
        "returned": ("Đã chuyển hoàn", "Returned"),
        "cancelled": ("Đã hủy", "Cancelled"),
        "offered": ("Đang chờ nhận", "Offered"),
    },
    "role": {
        "focal_point": ("Đầu mối cơ quan", "Focal point"),
        "courier": ("Giao thông viên", "Courier"),
        "clerk": ("Giao dịch viên bưu cục", "Post-office clerk"),
        "auditor": ("Kiểm tra viên", "Auditor"),
        "ministry_reader": ("Cán bộ theo dõi của Bộ", "Ministry reader"),
        "administrator": ("Quản trị viên", "Administrator"),
    },
    "secrecy": {
        "none": ("Không mật", "Not secret"),
        "A": ("Tuyệt mật (A)", "Top secret (A)"),
        "B": ("Tối mật (B)", "Secret (B)"),
        "C": ("Mật (C)", "Confidential (C)"),
    },
    "urgency": {
        "express": ("Hỏa tốc", "Express"),
        "appointed": ("Hẹn giờ", "Appointed time"),
        "none": ("Thường", "Ordinary"),
    },
    "scope": {"intra": ("Nội tỉnh", "Within the province"), "inter": ("Liên tỉnh", "Between provinces")},
    "direction": {"out": ("Đi", "Outgoing"), "in": ("Đến", "Incoming")},
    "purpose": {
        "transfer": ("Bàn giao vận chuyển", "Transfer"),
        "delivery": ("Phát cho cơ quan nhận", "Delivery"),
        "return": ("Chuyển hoàn nơi gửi", "Return to sender"),
    },
    "verdict": {"accept": ("Nhận", "Accept"), "refuse": ("Từ chối", "Refuse")},
    "entry_mode": {"scan": ("Quét", "Scanned"), "typed": ("Gõ tay", "Typed")},
    "outcome": {"accepted": ("Chấp nhận", "Accepted"), "refused": ("Từ chối", "Refused")},
    "scan_status": {
        "accepted": ("Đã ghi nhận", "Recorded"),
        "partly": ("Ghi nhận một phần", "Recorded in part"),
        "refused": ("Bị từ chối", "Refused"),
        "duplicate": ("Đã ghi nhận trước đó", "Recorded before"),
        "conflict": ("Trùng mã lượt quét", "Scan number reused"),
        "error": ("Không ghi được", "Not recorded"),
    },
    "unit_kind": {
        "agency": ("Cơ quan", "Agency"),
        "point": ("Bưu cục", "Post office"),
        "department": ("Sở, ngành", "Department"),
        "committee": ("Ủy ban nhân dân", "People's Committee"),
    },
    "kind": {
        "log_created": ("Khởi tạo nhật ký", "Log opened"),
        "registered": ("Đăng ký bưu gửi", "Consignment registered"),
        "amended": ("Sửa đăng ký", "Registration amended"),
        "cancelled": ("Hủy bưu gửi", "Consignment cancelled"),
        "label_printed": ("In nhãn", "Label printed"),
        "handover_offered": ("Bên giao đã quét giao", "Offered by the giver"),
        "handover_taken": ("Bên nhận đã quét nhận", "Taken by the taker"),
        "handover_recalled": ("Thu hồi lượt giao", "Offer recalled"),
        "attempt_failed": ("Phát không thành công", "Delivery attempt failed"),
        "scan_conflict": ("Trùng mã lượt quét", "Scan number reused"),
        "device_enrolled": ("Ghi danh thiết bị", "Device enrolled"),
        "device_revoked": ("Thu hồi thiết bị", "Device revoked"),
        "account_created": ("Tạo tài khoản", "Account created"),
        "account_changed": ("Thay đổi tài khoản", "Account changed"),
        "key_rotated": ("Thay khóa", "Key rotated"),
        "unit_added": ("Thêm đơn vị", "Unit added"),
        "unit_changed": ("Thay đổi đơn vị", "Unit changed"),
        "items_imported": ("Nhập danh sách", "List imported"),
        "log_exported": ("Xuất nhật ký", "Log exported"),
        "erasure_proposed": ("Đề nghị xóa thông tin", "Erasure proposed"),
        "field_erased": ("Đã duyệt xóa thông tin", "Fields erased"),
        "evidence_exported": ("Xuất bằng chứng", "Evidence exported"),
        "erasure_refused": ("Không duyệt xóa thông tin", "Erasure refused"),
    },
    "sealed_field": {
        "abstract": ("Trích yếu", "Abstract"),
        "receiver_name": ("Người nhận đích danh", "Named receiver"),
        "document_numbers": ("Số, ký hiệu tài liệu", "Document numbers"),
    },
    "commitment": {"signed_by": ("Người ký nhận", "Signed by")},
    "erasure_reason": {
        "misplaced_secret": ("Nội dung bí mật nhập nhầm chỗ", "Secret content typed in the wrong place"),
        "personal_data": ("Yêu cầu xóa dữ liệu cá nhân", "Request to erase personal data"),
        "retention_expired": ("Hết thời hạn lưu giữ", "Retention period over"),
    },
    "erasure_outcome": {"erased": ("Đã xóa", "Erased"), "refused": ("Không duyệt", "Refused")},
    "page": {
        "error_title": ("Không thực hiện được", "This could not be done"),
        "home": ("Về trang chủ", "Go to the home page"),
    },
}
