"""Words of the handover policy: what a handover may be asked for, in a column's head and in a sentence."""

from typing import Final

TABLES: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "demand": {
        "possession": ("Bằng chứng đang cầm bưu gửi", "Proof of possession"),
        "witness": ("Người chứng kiến", "Witness"),
        "second_reader": ("Người thứ hai đọc lại mã", "Second reader"),
        "authority": ("Thẻ giao liên, giấy giới thiệu", "Card or letter"),
    },
    "demand_means": {
        "possession": (
            "Bên nhận tự quét nhãn trên bưu gửi, hoặc gõ mã kèm các ký tự in dưới mã vạch.",
            "The taker scans the label on the item, or keys the code with the characters under its barcode.",
        ),
        "witness": (
            "Người thứ hai có mặt, nhập mật khẩu của mình ngay lúc trao tay.",
            "A second person is present and enters their password as the item changes hands.",
        ),
        "second_reader": (
            "Mã gõ tay phải được một người khác đọc lại trên bưu gửi.",
            "A code typed by hand is read off the item a second time by somebody else.",
        ),
        "authority": (
            "Bên nhận có thẻ giao liên hoặc giấy giới thiệu còn hạn.",
            "The taker has a valid courier card or letter of introduction.",
        ),
    },
}
