"""Words of keys and codes of offices: kinds, states, steps, and why one cannot be handed, changed or retired."""

from typing import Final

CONFLICTS: Final = {
    "access_key_retired": (
        "Chìa khóa hoặc mã khóa này đã bỏ. Ghi sổ cái mới nếu phòng, két vẫn còn dùng.",
        "This key or code is retired. Register a new one if the room or safe is still used.",
    ),
    "access_key_not_held": (
        "Chỉ người đang giữ mới bàn giao được. Mời người giữ đăng nhập; nếu người đó đã đi, hãy đổi khóa.",
        "Only its holder hands it over. Ask the holder to log in; if they have left, change the lock.",
    ),
    "second_not_allowed": (
        "Người thứ hai phải là một người khác của chính bưu cục này. Mời đúng người.",
        "The second person must be somebody else of this very office. Ask the right one.",
    ),
    "second_not_present": (
        "Người thứ hai chưa nhập mật khẩu, hoặc đã quá năm phút. Mời nhập lại.",
        "The second person has not confirmed, or did so over five minutes ago. Ask them again.",
    ),
}

TABLES: Final = {
    "access_key_kind": {
        "key": ("Chìa khóa", "Key"),
        "combination": ("Mã khóa", "Combination"),
        "override": ("Chìa, mã mở khẩn cấp", "Override"),
    },
    "access_key_state": {
        "in_order": ("Trong hạn", "In order"),
        "overdue": ("Quá hạn đổi", "Overdue for change"),
        "staff_left": ("Đổi ngay: người từng giữ đã đi", "Change now: somebody who had it left"),
        "retired": ("Đã bỏ", "Retired"),
    },
    "access_key_step": {
        "registered": ("Ghi sổ", "Registered"),
        "handed": ("Bàn giao", "Handed over"),
        "changed": ("Đổi khóa", "Changed"),
        "left": ("Người từng giữ đã đi", "Somebody who had it left"),
        "retired": ("Bỏ", "Retired"),
    },
}
