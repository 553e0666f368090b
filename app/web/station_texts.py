"""Every word the scan station shows from its own script, in the reader's language.

One word per signal, and for each stop what to do next. Refusals that the server records have their words in
`app/http/texts.py`; nothing here may repeat them.
"""

from app.http.i18n import words
from app.web.translate import _


def station_texts() -> dict[str, str]:
    """Return the texts by the key the scripts use; `{name}` is filled in by the script."""
    return {**_signals(), **_prompts(), **_stops(), **_unreadable(), **_key_ins(), **_rest()}


def _signals() -> dict[str, str]:
    return {
        "word_idle": _("Sẵn sàng"),
        "word_ok": _("Đạt"),
        "word_warning": _("Chú ý"),
        "word_already": _("Đã quét"),
        "word_removed": _("Đã bỏ"),
        "word_stop": _("Dừng"),
    }


def _prompts() -> dict[str, str]:
    return {
        "say_choose_place": _("Chọn nơi giao nhận trước: quét thẻ nơi hoặc gõ tên."),
        "say_choose_taker": _("Chọn đơn vị bên nhận trước: quét thẻ đơn vị hoặc gõ tên."),
        "say_choose_counter": _("Chọn cơ quan đến nhận tại quầy trước: quét thẻ đơn vị hoặc gõ tên."),
        "say_choose_giver": _("Chọn cơ quan gửi trước: quét thẻ đơn vị hoặc gõ tên."),
        "say_choose_reason": _("Chọn lý do phát không thành công trước."),
        "say_choose_action": _("Chọn cách xử lý tiếp trước."),
        "say_scan_offer": _("Quét từng bưu gửi để giao."),
        "say_scan_take": _("Quét từng bưu gửi bạn cầm trên tay để nhận."),
        "say_scan_handin": _("Quét từng bưu gửi mà người của cơ quan đưa đến."),
        "say_scan_recall": _("Quét từng bưu gửi cần thu hồi."),
        "say_scan_attempt": _("Quét từng bưu gửi phát không thành công."),
        "say_added": _("Quét tiếp, hoặc ký khi đủ."),
        "say_added_seal": _("Đọc số niêm phong trên bì và điền vào dòng này."),
        "say_added_check": _("Kiểm dấu, niêm phong, số bì, nơi nhận của bưu gửi này rồi quét tiếp."),
        "say_unit_chosen": _("Đã chọn."),
        "say_removed": _("Đã bỏ khỏi danh sách."),
        "say_already": _("Đã có trong danh sách, không tính hai lần."),
        "say_confirm_sign": _(
            "Mã vạch yêu cầu ký. Mã vạch không ký được: bấm nút Ký hoặc Ctrl+Enter để ký {count} bưu gửi."
        ),
        "say_recorded": _("Máy chủ đã ghi sổ và trả biên nhận."),
    }


def _stops() -> dict[str, str]:
    return {
        "say_stopped": words("refusal.stopped"),
        "say_quarantined": words("refusal.quarantined"),
        "say_not_held": _("Bạn không phải người đang giữ bưu gửi này. Để riêng và kiểm tra."),
        "say_already_offered": _("Đang chờ bên nhận quét. Muốn giao cho người khác thì thu hồi trước."),
        "say_bag_moves_only": _("Túi chỉ được chuyển giao, không phát. Bỏ khỏi danh sách."),
        "say_not_for_here": _("Bưu gửi này không phát tại đây. Bỏ khỏi danh sách."),
        "say_not_for_unit": _("Bưu gửi này không phải của cơ quan đang chọn. Bỏ khỏi danh sách."),
        "say_no_attempt_yet": _("Chưa phát lần nào nên chưa được chuyển hoàn."),
        "say_not_offered": _("Chưa có ai giao bưu gửi này cho bạn. Yêu cầu bên giao quét trước."),
        "say_not_brought": _("Cơ quan đang chọn không có bưu gửi này chờ gửi. Để riêng, hỏi lại người gửi."),
        "say_not_asked": _("Không liên lạc được máy chủ. Nhận gửi tại quầy cần có mạng; quét lại."),
        "say_other_offer": _("Thuộc lượt giao khác. Ký lượt này xong rồi quét lượt kia."),
        "say_not_mine_to_recall": _("Bạn không có lượt giao nào đang chờ với bưu gửi này."),
        "say_possession": words("refusal.possession_not_proven"),
        "say_list_full": _("Danh sách đã đủ. Ký rồi mở danh sách mới."),
        "say_finish_first": _("Ký hoặc bỏ hết danh sách đang mở trước khi đổi việc."),
        "say_not_sent": _("Không liên lạc được máy chủ. Lô đã ký vẫn nằm trong máy này; sẽ gửi lại."),
        "say_not_recorded": _("Máy chủ không ghi nhận."),
        "say_bad_seal": _("Số niêm phong chỉ gồm chữ không dấu và chữ số. Tắt bộ gõ rồi điền lại."),
        "say_partly": _("Có bưu gửi bị từ chối. Xem biên nhận."),
    }


def _unreadable() -> dict[str, str]:
    return {
        "say_bad_control": _("Mã chứa ký tự điều khiển: nhãn bất thường. Để riêng, báo người phụ trách."),
        "say_bad_check_digit": _("Sai số kiểm tra. Quét lại, hoặc gõ lại cho đúng."),
        "say_bad_input_method": _("Bộ gõ tiếng Việt làm hỏng mã. Tắt bộ gõ rồi quét lại."),
        "say_bad_format": _("Không phải mã bưu gửi KT1. Kiểm tra nhãn."),
        "say_bad_long": _("Mã quá dài, không phải nhãn KT1."),
        "say_bad_empty": _("Không đọc được gì. Quét lại."),
    }


def _key_ins() -> dict[str, str]:
    return {
        "keyin_no_reason": _("Chọn lý do gõ tay."),
        "keyin_unreadable": _("Mã gõ lại chưa đúng dạng. Đọc lại nhãn rồi gõ đủ 13 ký tự."),
        "keyin_differs": words("refusal.readings_differ"),
        "keyin_offline": _("Chưa xác nhận được người thứ hai: mất kết nối. Thử lại khi có mạng."),
    }


def _rest() -> dict[str, str]:
    return {
        "sync_sending": _("Đang gửi"),
        "sync_saved": _("Máy chủ đã ghi"),
        "sync_waiting": _("Chưa gửi được"),
        "sync_fresh": _("Dữ liệu mới nhất"),
        "sync_offline": _("Mất kết nối"),
        "unsent": _("Còn {count} lô đã ký chưa gửi được. Không đóng trang, không xóa dữ liệu trình duyệt."),
        "rejected": _("Máy chủ không ghi {count} lô đã ký. Xuất ra tệp và nộp cho người phụ trách."),
        "say_seal_letters": _("Chỉ chữ không dấu và chữ số"),
        "say_seal_missing": _("Phải đọc số niêm phong trên bì"),
        "say_check_missing": _("Chọn đủ từng mục sau khi đã xem tận mắt"),
        "say_check_differs": _("Không được nhận: chọn Từ chối kèm lý do ở dưới"),
        "unchecked": _("{count} bưu gửi chưa kiểm đủ hoặc không khớp nên chưa ký được."),
        "sign_offer": _("Ký giao {count} bưu gửi"),
        "sign_take": _("Ký nhận {count} bưu gửi"),
        "sign_handin": _("Ký nhận gửi {count} bưu gửi"),
        "sign_recall": _("Ký thu hồi {count} bưu gửi"),
        "sign_attempt": _("Ký báo {count} bưu gửi phát không thành công"),
        "typed": _("gõ tay"),
        "need_possession": _("Phải quét nhãn, hoặc gõ mã kèm ký tự dưới mã vạch."),
        "need_witness": _("Phải có người chứng kiến khi ký."),
        "witness_empty": _("Nhập tên đăng nhập và mật khẩu của người chứng kiến."),
        "say_not_sent_witness": _("Không liên lạc được máy chủ. Chứng kiến cần có mạng; thử lại."),
        "giver_empty": _("Nhập tên đăng nhập và mật khẩu của người gửi."),
        "say_not_sent_giver": _("Không liên lạc được máy chủ. Xác nhận của người gửi cần có mạng; thử lại."),
        "giver_count": _("nhận {taken}, trả lại {left}"),
        "giver_left": _("trả lại"),
        "bag": _("TÚI"),
        "remove_line": _("Bỏ {code} khỏi danh sách"),
        "refuse_line": _("Nhận hay từ chối {code}"),
        "absent_line": _("{code} không có mặt"),
        "offer_detail": _("{purpose} · {place} · {at}"),
        "offer_count": _("{count} bưu gửi"),
        "entry": _("bản ghi {index}"),
    }
