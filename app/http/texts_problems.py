"""Words for one wrong field of input, short enough to stand beside it; each says how to put it right."""

from typing import Final

from app.http import texts_legs, texts_pouches

PROBLEM: Final[dict[str, tuple[str, str]]] = {
    "required": ("Bắt buộc nhập.", "This is required."),
    "unknown_field": (
        "Không có ô này. Hãy bỏ đi rồi gửi lại.",
        "There is no such field. Remove it and send again.",
    ),
    "malformed": ("Sai định dạng. Hãy nhập lại.", "The form is wrong. Enter it again."),
    "not_nfc": (
        "Chữ có dấu đang ở dạng Unicode tổ hợp. Hãy chuyển bộ gõ sang Unicode dựng sẵn rồi gõ lại.",
        "Accented letters are decomposed. Type them again with a precomposed Unicode keyboard.",
    ),
    "control_character": (
        "Có ký tự điều khiển không nhìn thấy. Hãy xóa ô này rồi gõ hoặc quét lại.",
        "There are invisible control characters. Clear the field and type or scan again.",
    ),
    "seal_not_plain": (
        "Số niêm phong chỉ gồm chữ không dấu, chữ số và dấu thường. Hãy chép lại đúng như trên niêm phong.",
        "A seal number has plain letters without marks, digits and signs only. Copy it as it stands on the seal.",
    ),
    "too_long": ("Dài quá {longest} ký tự. Hãy rút gọn.", "Longer than {longest} characters. Shorten it."),
    "too_short": (
        "Ngắn hơn {least} ký tự. Hãy nhập đủ.",
        "Shorter than {least} characters. Complete it.",
    ),
    "not_a_number": ("Phải là số nguyên. Hãy nhập lại.", "This must be a whole number. Enter it again."),
    "out_of_range": (
        "Phải từ {least} đến {most}. Hãy nhập lại.",
        "This must be from {least} to {most}. Enter it again.",
    ),
    "not_a_date": (
        "Không phải ngày hợp lệ. Hãy nhập theo dạng ngày/tháng/năm.",
        "This is not a date. Enter day, month and year.",
    ),
    "not_a_choice": (
        "Không có trong danh sách. Hãy chọn một giá trị trong danh sách.",
        "This is not in the list. Choose one that is.",
    ),
    "not_a_time": (
        "Không phải thời điểm hợp lệ. Hãy nhập đủ ngày và giờ.",
        "This is not a time. Enter the date and the time.",
    ),
    "not_in_future": (
        "Phải sau thời điểm hiện tại. Hãy chọn lại.",
        "This must be later than now. Choose again.",
    ),
    "in_future": (
        "Không được sau hôm nay. Hãy kiểm tra lại.",
        "This must not be later than today. Check it.",
    ),
    "not_a_code": (
        "Không phải mã bưu gửi 13 ký tự. Hãy quét hoặc gõ lại.",
        "This is not a 13-character consignment code. Scan or type it again.",
    ),
    "check_digit": (
        "Sai số kiểm tra của mã. Hãy đối chiếu với nhãn và gõ lại.",
        "The check digit is wrong. Compare with the label and type it again.",
    ),
    "foreign_code": (
        "Mã này không thuộc hệ thống KT1. Hãy kiểm tra lại nhãn.",
        "This code does not belong to KT1. Check the label.",
    ),
    "not_domestic": (
        "Ký hiệu dịch vụ không thuộc nhóm dùng trong nước. Hãy chọn ký hiệu khác.",
        "This service indicator is not domestic-only. Choose another one.",
    ),
    "abstract_forbidden": (
        "Tài liệu Tuyệt mật không được ghi trích yếu. Hãy để trống ô này.",
        "A top secret document takes no abstract. Leave this empty.",
    ),
    "appointed_time_required": (
        "Hẹn giờ phải có thời điểm hẹn. Hãy nhập ngày và giờ hẹn.",
        "An appointed delivery needs its time. Enter the agreed date and time.",
    ),
    "inner_envelope_required": (
        "Tài liệu Tuyệt mật phải có bì trong. Hãy đóng bì trong rồi xác nhận.",
        "A top secret document needs an inner envelope. Add it and confirm.",
    ),
    "named_receiver_required": (
        "Đã chọn «chỉ người có tên mới được bóc bì» thì phải ghi tên người nhận.",
        "“Only the named person may open” needs the receiver's name. Enter it.",
    ),
    "same_unit": (
        "Nơi nhận trùng nơi gửi. Hãy chọn nơi nhận khác.",
        "The recipient is the sender. Choose another recipient.",
    ),
    "unknown_unit": (
        "Không có đơn vị này. Hãy chọn trong danh mục đơn vị.",
        "There is no such unit. Choose one from the list.",
    ),
    "unknown_user": (
        "Không có người dùng này. Hãy chọn trong danh sách.",
        "There is no such user. Choose one from the list.",
    ),
    "unknown_device": (
        "Thiết bị chưa được ghi danh. Hãy ghi danh thiết bị rồi làm lại.",
        "This device is not enrolled. Enrol it and try again.",
    ),
    "revoked_device": (
        "Thiết bị đã bị thu hồi. Hãy dùng thiết bị khác hoặc ghi danh lại.",
        "This device has been revoked. Use another one, or enrol again.",
    ),
    "wrong_actor": (
        "Lượt quét mang tên người khác, không phải người đang dùng thiết bị. Hãy đăng nhập đúng người rồi quét lại.",
        "The scan names somebody other than the device's user. Sign in as that person and scan again.",
    ),
    "wrong_log": (
        "Lượt quét được ký cho một nhật ký khác. Hãy mở đúng hệ thống rồi quét lại.",
        "The scan was signed for another log. Open the right system and scan again.",
    ),
    "bad_signature": (
        "Chữ ký không đúng. Hãy ghi danh lại thiết bị rồi quét lại.",
        "The signature is wrong. Enrol the device again and rescan.",
    ),
    "repeated": ("Bị lặp lại. Hãy bỏ bớt bản trùng.", "This is repeated. Remove the copy."),
    "too_many": ("Nhiều quá {most}. Hãy chia nhỏ.", "More than {most}. Split it."),
    "weak_password": (
        "Mật khẩu dễ đoán. Hãy dùng mật khẩu dài hơn, không có từ thông dụng hay tên của bạn.",
        "The password is too easy to guess. Use a longer one without common words or your own name.",
    ),
    "wrong_password": (
        "Mật khẩu hiện tại không đúng. Hãy nhập lại.",
        "The present password is wrong. Enter it again.",
    ),
    "taken": ("Đã có người dùng. Hãy chọn giá trị khác.", "This is taken. Choose another one."),
    "no_digits": ("Số niêm phong phải có chữ số ở cuối.", "A seal number must end in digits."),
    "not_a_range": (
        "Hai số không thành một dải: phải cùng phần chữ, cùng số chữ số, và số cuối không nhỏ hơn số đầu.",
        "These are no range: letters and count of digits must be the same, and the last not below the first.",
    ),
    "not_in_stock": (
        "Số này không thuộc niêm phong đã cấp cho bưu cục của bạn. Kiểm tra lại số.",
        "This number was not issued to your office. Check it.",
    ),
    "shows_combination": (
        "Các số trong tên đọc như mã khóa. Chỉ ghi tên, nhiều nhất hai số. Không bao giờ ghi mã khóa vào đây.",
        "The figures read like a combination. Give only a name, with two numbers at most. Never write one here.",
    ),
    "seal_gone": (
        "Niêm phong này đã dùng hoặc đã hủy.",
        "This seal was used or voided before.",
    ),
    "section_closed_too": (
        "Quầy của bưu cục này cũng đang đóng. Chọn bưu cục khác, hoặc để trống.",
        "The section of this office stands closed too. Choose another, or leave it blank.",
    ),
    "holds_items": (
        "Người này đang giữ {count} bưu gửi. Hãy giao lại hết rồi mới thay đổi.",
        "This person still holds {count} items. Hand them all over first.",
    ),
    "formula": (
        "Ô có công thức. Hãy dán lại dưới dạng giá trị.",
        "The cell holds a formula. Paste it again as a value.",
    ),
    "merged_cells": (
        "Các ô {value} bị gộp. Hãy bỏ gộp ô rồi tải lên lại.",
        "Cells {value} are merged. Unmerge them and upload again.",
    ),
    "unknown_column": (
        "Tệp mẫu không có cột “{value}”. Hãy xóa cột này hoặc đặt lại tên theo tệp mẫu.",
        "The template has no column “{value}”. Remove it or give it its name in the template.",
    ),
    "repeated_column": (
        "Cột “{value}” có hai lần. Hãy chỉ giữ một cột.",
        "The column “{value}” is there twice. Keep one of them.",
    ),
    "missing_column": (
        "Thiếu cột “{value}”. Hãy tải tệp mẫu và chép dữ liệu vào.",
        "The column “{value}” is missing. Download the template and copy your data in.",
    ),
    "leading_zeros_lost": (
        "Số 0 ở đầu đã bị mất, đúng ra là {expected}. Hãy đặt cột này kiểu Văn bản rồi nhập lại mã.",
        "Leading zeros were lost: it should be {expected}. Set the column to Text and enter the code again.",
    ),
    "not_a_workbook": (
        "Tệp không phải XLSX hoặc CSV đọc được. Hãy lưu lại theo tệp mẫu.",
        "The file is not a readable XLSX or CSV. Save it again from the template.",
    ),
    "damaged_file": (
        "Tệp bị hỏng. Hãy mở bằng phần mềm bảng tính, lưu lại rồi tải lên.",
        "The file is damaged. Open it in a spreadsheet program, save it again and upload it.",
    ),
    "encrypted_file": (
        "Tệp có mật khẩu. Hãy bỏ mật khẩu rồi tải lên lại.",
        "The file has a password. Remove it and upload again.",
    ),
    "active_content": (
        "Tệp có macro hoặc liên kết ngoài. Hãy chép dữ liệu sang tệp mẫu rồi tải lên.",
        "The file holds macros or outside links. Copy the data into the template and upload that.",
    ),
    "empty_file": (
        "Tệp không có dữ liệu. Hãy nhập ít nhất một dòng rồi tải lên.",
        "The file is empty. Enter at least one row and upload it.",
    ),
    "too_large": (
        "Tệp quá lớn. Hãy chia thành nhiều tệp nhỏ.",
        "The file is too large. Split it into smaller ones.",
    ),
    "too_many_rows": (
        "Tệp có quá nhiều dòng. Hãy chia thành nhiều tệp.",
        "The file has too many rows. Split it into several files.",
    ),
    "too_many_columns": (
        "Tệp có quá nhiều cột. Hãy chỉ giữ các cột của tệp mẫu.",
        "The file has too many columns. Keep only those of the template.",
    ),
    "not_utf8": (
        "Tệp CSV không dùng bảng mã UTF-8. Hãy lưu lại dạng CSV UTF-8.",
        "The CSV file is not UTF-8. Save it again as CSV UTF-8.",
    ),
    "stored_as_number": (
        "Ô này phải là văn bản nhưng đang lưu dạng số hoặc ngày. Hãy đặt kiểu Văn bản rồi nhập lại.",
        "This cell must be text but is stored as a number or date. Set it to Text and enter it again.",
    ),
    "cell_fault": (
        "Ô đang báo lỗi tính toán. Hãy nhập lại giá trị.",
        "The cell shows a calculation error. Enter its value again.",
    ),
    "outside_columns": (
        "Có dữ liệu ngoài các cột của mẫu. Hãy xóa hoặc chuyển vào đúng cột.",
        "There is data outside the template's columns. Delete it or move it to its column.",
    ),
    "too_many_entries": (
        "Có {count} bản ghi, quá nhiều cho một gói (tối đa {most}, hoặc 224 MB). Hãy chia nhỏ, hoặc xuất cả nhật ký.",
        "{count} entries are too many for one bundle (at most {most}, or 224 MB). Split it, or export the log.",
    ),
    "unknown_item": (
        "Không có bưu gửi {value}. Hãy kiểm tra lại mã.",
        "There is no consignment {value}. Check the code.",
    ),
    "bag_is_stopped": (
        "{value} là túi. Túi không cách ly được; chọn Dừng và giữ để chặn mọi lượt quét túi này.",
        "{value} is a bag. A bag is not quarantined; choose stop and hold to refuse every scan of it.",
    ),
    "nothing_to_show": (
        "Bưu gửi {value} không có bản ghi nào đã công bố trong khoảng này. Hãy bỏ mã này hoặc mở rộng khoảng.",
        "Consignment {value} has no published entry in this period. Remove it or widen the period.",
    ),
    "not_a_slip": (
        "Đây không phải mã của phiếu báo. Quét mã QR trên phiếu, hoặc gõ mã phiếu và mã kiểm tra in dưới mã QR.",
        "This is not the code of a receipt. Scan its QR symbol, or type the code and control letters below it.",
    ),
    "forged_slip": (
        "Mã kiểm tra không khớp: gõ sai, hoặc phiếu không do hệ thống in. Hãy quét lại; nếu vẫn sai, báo người phụ trách.",
        "The control letters do not match: mistyped, or not printed by the system. Scan again; if wrong, report it.",
    ),
    "not_in_order": (
        "Phải bằng hoặc sau bước trước: nhắc, rồi tra cứu, rồi điều tra. Hãy sửa số ngày.",
        "It must not come before the step before it: reminder, tracer, investigation. Correct the days.",
    ),
}

TABLES: Final = {"problem": PROBLEM | texts_legs.PROBLEMS | texts_pouches.PROBLEMS}
