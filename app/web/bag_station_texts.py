"""Every word the bag station shows from its own scripts, in the reader's language.

What both stations say has its words in `station_texts.py`; refusals that the server records in
`app/http/texts_refusals.py`. Nothing here may repeat them.
"""

from app.web.station_texts import station_texts
from app.web.translate import _


def bag_station_texts() -> dict[str, str]:
    """Return the texts by the key the scripts use; `{name}` is filled in by the script."""
    return {**station_texts(), **_prompts(), **_bags(), **_lines(), **_results(), **_rest()}


def _prompts() -> dict[str, str]:
    return {
        "say_choose_bag": _("Quét thẻ túi trước."),
        "say_choose_place": _("Chọn nơi làm việc này trước: quét thẻ nơi hoặc chọn trong danh sách."),
        "say_place_chosen": _("Đã chọn nơi."),
        "say_do_pack": _("Quét từng bưu gửi khi bỏ vào túi."),
        "say_do_unpack": _("Quét từng bưu gửi khi lấy ra khỏi túi."),
        "say_do_close": _("Niêm phong túi, cân, rồi nhập số niêm phong và khối lượng."),
        "say_do_check_seal": _("Đọc số niêm phong trên túi rồi nhập. Máy không cho biết số đã ghi."),
        "say_do_open": _("Đọc số niêm phong, cân túi, rồi mở trước mặt người chứng kiến."),
        "say_do_answer": _("Quét từng bưu gửi trong túi. Cái nào không có thì bấm Thiếu."),
        "say_do_change_seal": _("Nhập số cũ đọc trên túi, số mới, hai lần cân và lý do."),
    }


def _bags() -> dict[str, str]:
    return {
        "say_bag_unknown": _("Không thấy túi này trong phạm vi của bạn. Kiểm tra thẻ túi."),
        "say_bag_offline": _("Chưa tra được túi: mất kết nối. Thử lại khi có mạng."),
        "say_bag_again": _("Đây là thẻ của chính túi đang làm."),
        "say_bag_is_open": _("Túi đang xếp, chưa đóng."),
        "say_bag_is_closed": _("Túi đã đóng. Muốn thêm bớt phải mở túi có chứng kiến."),
        "say_bag_is_opened": _("Túi đã mở, đang chờ trả lời bản kê."),
        "say_bag_is_emptied": _("Túi đã kiểm xong."),
        "say_bag_not_mine": _("Bạn không phải người đang giữ túi này. Ký nhận túi trước."),
        "say_bag_nested": _("Túi đang nằm trong túi khác. Mở túi ngoài trước."),
        "say_bag_offered": _("Túi đang chờ bên kia nhận. Muốn làm tiếp thì thu hồi lượt giao."),
        "bag_asset": _("Vỏ túi {asset}."),
        "bag_dispatch": _("Chuyến thư {dispatch}."),
        "bag_inside": _("Trong túi: {count}."),
    }


def _lines() -> dict[str, str]:
    return {
        "say_packed": _("Bỏ vào túi rồi quét tiếp, hoặc ký khi đủ."),
        "say_unpacked": _("Lấy ra rồi quét tiếp, hoặc ký khi đủ."),
        "say_found": _("Có trong bản kê. Xem bì và niêm phong, rồi quét tiếp."),
        "say_excess": _("Không có trong bản kê: ghi là thừa. Để riêng."),
        "say_answered": _("Bưu gửi này đã được trả lời rồi."),
        "say_not_inside": _("Không có trong túi này. Kiểm tra lại mã."),
        "mark_line": _("Kết quả kiểm {code}"),
        "say_field_missing": _("Phải nhập"),
        "say_field_letters": _("Chỉ chữ không dấu và chữ số"),
        "say_field_weight": _("Số gam, từ 1 đến 1000000"),
    }


def _results() -> dict[str, str]:
    return {
        "word_equal": _("Khớp"),
        "word_differs": _("Không khớp"),
        "say_done_pack": _("Đã ghi vào túi."),
        "say_done_unpack": _("Đã ghi lấy ra khỏi túi."),
        "say_done_close": _("Túi đã đóng. In bản kê và thẻ túi, rồi giao túi ở bàn giao nhận."),
        "say_done_check_seal": _("Số đọc được khớp với số đã ghi."),
        "say_done_open": _("Túi đã mở có chứng kiến. Quét từng bưu gửi để trả lời bản kê."),
        "say_done_answer": _("Đã ghi trả lời."),
        "say_done_change_seal": _("Đã thay niêm phong có chứng kiến."),
        "say_confirm_sign": _("Mã vạch không ký được: bấm nút Ký hoặc Ctrl+Enter."),
        "say_partly": _("Có dòng bị từ chối. Xem biên nhận."),
    }


def _rest() -> dict[str, str]:
    return {
        "sign_pack": _("Ký xếp {count} vào túi"),
        "sign_unpack": _("Ký lấy {count} ra khỏi túi"),
        "sign_close": _("Ký đóng túi"),
        "sign_check_seal": _("Ký kiểm niêm phong"),
        "sign_open": _("Ký mở túi, có chứng kiến"),
        "sign_answer": _("Ký trả lời {count} dòng"),
        "sign_change_seal": _("Ký thay niêm phong, có chứng kiến"),
        "witness_empty": _("Nhập tên đăng nhập và mật khẩu của người chứng kiến."),
        "say_not_sent_witness": _("Không liên lạc được máy chủ. Chứng kiến cần có mạng; thử lại."),
    }
