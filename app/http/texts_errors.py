"""Words for errors of a whole request: what happened, and what to do next. Never a cause inside the server."""

from typing import Final

from app.http import (
    texts_access_keys,
    texts_incidents,
    texts_legs,
    texts_musters,
    texts_pouches,
    texts_sections,
    texts_shifts,
    texts_unattended,
)

ERROR: Final[dict[str, tuple[str, str]]] = {
    "bad_request": (
        "Máy chủ không hiểu yêu cầu này. Hãy quay lại trang trước và làm lại.",
        "The server does not understand this request. Go back and try again.",
    ),
    "malformed_json": (
        "Nội dung gửi lên không phải JSON hợp lệ. Hãy kiểm tra phần mềm của thiết bị rồi gửi lại.",
        "What was sent is not valid JSON. Check the device's software and send it again.",
    ),
    "wrong_host": (
        "Địa chỉ truy cập không đúng. Hãy dùng đúng tên máy chủ mà quản trị viên đã cấp.",
        "This server does not answer to that host name. Use the address your administrator gave you.",
    ),
    "unauthenticated": (
        "Bạn chưa đăng nhập hoặc phiên làm việc đã hết. Hãy đăng nhập lại.",
        "You are not signed in, or your session has ended. Sign in again.",
    ),
    "unknown_device_token": (
        "Thiết bị chưa được ghi danh hoặc đã bị thu hồi. Hãy nhờ quản trị viên ghi danh lại thiết bị.",
        "This device is not enrolled or has been revoked. Ask your administrator to enrol it again.",
    ),
    "login_failed": (
        "Tên đăng nhập hoặc mật khẩu không đúng. Hãy thử lại; nếu quên mật khẩu, hãy báo quản trị viên.",
        "The user name or the password is wrong. Try again, or ask your administrator if you forgot it.",
    ),
    "password_change_required": (
        "Mật khẩu này do người khác cấp. Hãy đổi mật khẩu của bạn ở trang tài khoản trước khi làm việc khác.",
        "Somebody else issued this password. Change it on your account page before you do anything else.",
    ),
    "csrf": (
        "Trang này đã mở quá lâu hoặc được gửi từ nơi khác nên chưa có gì được lưu. Hãy tải lại trang và gửi lại.",
        "This page was open too long or was sent from elsewhere, so nothing was saved. Reload it and send again.",
    ),
    "cross_site": (
        "Yêu cầu đến từ một trang khác nên bị từ chối. Hãy mở KT1 trực tiếp và thao tác lại.",
        "The request came from another site and was refused. Open KT1 directly and try again.",
    ),
    "not_permitted": (
        "Vai trò của bạn không được làm việc này. Nếu cần, hãy liên hệ quản trị viên.",
        "Your role may not do this. Contact your administrator if you need to.",
    ),
    "not_found": (
        "Không tìm thấy, hoặc không thuộc phạm vi của bạn. Hãy kiểm tra lại mã số.",
        "Not found, or not within your scope. Check the code again.",
    ),
    "method_not_allowed": (
        "Không thể thực hiện thao tác này tại địa chỉ đó. Hãy quay lại và dùng nút trên trang.",
        "This address does not accept that operation. Go back and use the buttons on the page.",
    ),
    "not_acceptable": (
        "Máy chủ không có dạng dữ liệu mà phần mềm yêu cầu. Hãy chọn dạng khác.",
        "The server has no answer in the format asked for. Ask for another one.",
    ),
    "length_required": (
        "Phần mềm gửi dữ liệu mà không cho biết độ dài. Hãy gửi lại kèm Content-Length.",
        "The software sent a body without saying its length. Send it again with Content-Length.",
    ),
    "too_large": (
        "Dữ liệu gửi lên quá lớn. Hãy chia nhỏ rồi gửi lại từng phần.",
        "What was sent is too large. Split it and send the parts one by one.",
    ),
    "unsupported_media_type": (
        "Kiểu dữ liệu gửi lên không được hỗ trợ. Hãy gửi bằng application/json hoặc bằng biểu mẫu trên trang.",
        "This type of content is not supported. Send application/json, or use the form on the page.",
    ),
    "witness_off_duty": (
        "Người này không trong ca trực. Mời một đồng nghiệp đang trực, hoặc người này mở ca rồi xác nhận lại.",
        "This person is off duty. Ask a colleague on duty, or let them open their shift and confirm again.",
    ),
    "too_many_attempts": (
        "Đã thử quá nhiều lần. Hãy đợi ít phút rồi thử lại; nếu quên mật khẩu, hãy báo quản trị viên.",
        "Too many attempts. Wait a few minutes and try again, or tell your administrator if you forgot it.",
    ),
    "invalid_input": (
        "Một số ô chưa đúng nên chưa có gì được lưu. Hãy sửa các ô được đánh dấu rồi gửi lại.",
        "Some fields are wrong, so nothing was saved. Correct the marked fields and send again.",
    ),
    "malformed_evidence": (
        "Lượt quét không đúng định dạng nên không được ghi. Hãy cập nhật phần mềm quét và quét lại.",
        "The scan is not in the right form and was not recorded. Update the scanning software and scan again.",
    ),
    "bad_signature": (
        "Chữ ký của thiết bị không đúng nên lượt quét không được ghi. Hãy ghi danh lại thiết bị rồi quét lại.",
        "The device's signature is wrong, so the scan was not recorded. Enrol the device again and rescan.",
    ),
    "log_halted": (
        "Nhật ký đang tạm khóa ghi để bảo vệ dữ liệu; chưa có gì được lưu. Hãy báo ngay quản trị viên, vẫn xem được dữ liệu cũ.",
        "The log is closed for writing to protect it; nothing was saved. Tell your administrator now; reading still works.",
    ),
    "log_behind": (
        "Cơ sở dữ liệu cũ hơn điểm chốt nhật ký đã ký: đây là một bản sao lưu cũ. Vẫn đọc và xuất được, không ghi được. Báo người vận hành chạy kt1 log recover.",
        "The database is older than the checkpoint this log has signed: it is an old copy. Reading and export go on, nothing is written. The operator must run kt1 log recover.",
    ),
    "checkpoints_lost": (
        "Kho điểm chốt của nhật ký bị mất, trong khi nhân chứng vẫn nhớ nhật ký này; chưa có gì được ký. Người vận hành phải đưa lại điểm chốt mới nhất mà nhân chứng giữ: kt1 log restore-checkpoint.",
        "The log's checkpoint store is lost, and a witness remembers this log; nothing was signed. The operator must put back the newest checkpoint that a witness has: kt1 log restore-checkpoint FILE.",
    ),
    "log_disagrees": (
        "Cơ sở dữ liệu không khớp với điểm chốt nhật ký đã ký. Vẫn đọc được, không ghi được. Giữ nguyên mọi tệp và báo ngay cho người vận hành và Sở KH&CN.",
        "The database does not agree with the checkpoint this log has signed. Reading goes on, nothing is written. Keep every file as it is and tell the operator and the Department of Science and Technology at once.",
    ),
    "not_in_the_log": (
        "Không thể phục hồi cơ sở dữ liệu cũ từ nhật ký: một số dữ liệu chỉ có trong cơ sở dữ liệu đã mất. Chưa có gì bị thay đổi. Cần một bản sao lưu mới hơn.",
        "The old database cannot be refilled from the log: some of it was only in the lost database. Nothing was changed. A newer backup is needed.",
    ),
    "clock_went_back": (
        "Đồng hồ máy chủ bị lùi quá một ngày so với nhật ký; chưa có gì được lưu. Hãy báo quản trị viên chỉnh lại giờ máy chủ, lượt quét vẫn còn trên thiết bị.",
        "The server's clock went back by more than a day against the log; nothing was saved. Ask your administrator to set the server's clock; scans stay on the device.",
    ),
    "unavailable": (
        "Máy chủ đang bận hoặc đang bảo trì. Hãy thử lại sau ít phút; lượt quét vẫn còn trên thiết bị.",
        "The server is busy or under maintenance. Try again in a few minutes; scans stay on the device.",
    ),
    "internal": (
        "Có lỗi ở máy chủ và chưa có gì được lưu. Hãy thử lại; nếu vẫn lỗi, báo quản trị viên mã sự cố {incident}.",
        "The server made an error and nothing was saved. Try again, or give your administrator incident {incident}.",
    ),
}

CONFLICT: Final[dict[str, tuple[str, str]]] = {
    "scan_conflict": (
        "Mã lượt quét này đã dùng cho một lượt quét khác. Sự việc đã được ghi lại; hãy quét lại để tạo lượt mới.",
        "This scan number was already used for a different scan. It has been recorded; scan again to make a new one.",
    ),
    "not_amendable": (
        "Bưu gửi đã được giao hoặc đang chờ giao nên không sửa được nữa. Hãy thu hồi lượt giao trước khi sửa.",
        "The consignment has been handed over or offered and can no longer be edited. Recall the offer first.",
    ),
    "not_cancellable": (
        "Bưu gửi đã được giao hoặc đang chờ giao nên không hủy được. Hãy thu hồi lượt giao trước khi hủy.",
        "The consignment has been handed over or offered and cannot be cancelled. Recall the offer first.",
    ),
    "changed_meanwhile": (
        "Có người vừa thay đổi bưu gửi này. Hãy tải lại trang để xem bản mới rồi làm lại.",
        "Somebody has just changed this consignment. Reload the page to see it, then try again.",
    ),
    "duplicate": (
        "Đã có bưu gửi cùng nơi gửi, nơi nhận, số văn bản trong ngày. Hãy kiểm tra; nếu đúng là bưu gửi khác, hãy xác nhận.",
        "A consignment with the same parties, document number and day exists. Check it; confirm if this one is different.",
    ),
    "already_enrolled": (
        "Khóa của thiết bị này đã được ghi danh. Hãy dùng thiết bị hoặc tạo khóa mới.",
        "This device's key is already enrolled. Use the device, or make a new key.",
    ),
    "already_revoked": (
        "Thiết bị này đã bị thu hồi trước đó. Không cần làm gì thêm.",
        "This device was revoked before. Nothing more needs to be done.",
    ),
    "username_taken": (
        "Tên đăng nhập này đã có người dùng. Hãy chọn tên khác.",
        "This user name is taken. Choose another one.",
    ),
    "unit_taken": (
        "Mã đơn vị này đã tồn tại. Hãy chọn mã khác.",
        "A unit with this code already exists. Choose another code.",
    ),
    "serials_exhausted": (
        "Đã dùng hết dãy số của ký hiệu dịch vụ hiện tại. Hãy báo quản trị viên cấu hình ký hiệu mới.",
        "Every number of this service indicator has been used. Ask your administrator to set a new one.",
    ),
    "label_not_in_hand": (
        "Chỉ cơ quan gửi khi chưa giao, hoặc người đang giữ, được in nhãn. Đề nghị người đang giữ in.",
        "Only the sender before dispatch, or the present custodian, prints a label. Ask the custodian to print it.",
    ),
    "file_already_imported": (
        "Tệp này đã được nhập trước đó. Nếu cần nhập thêm, hãy tạo tệp mới chỉ gồm các dòng mới.",
        "This file was imported before. To add more, make a new file with the new rows only.",
    ),
    "own_account": (
        "Bạn không thể tự khóa hoặc đổi vai trò của chính mình. Hãy nhờ quản trị viên khác.",
        "You cannot disable yourself or change your own role. Ask another administrator.",
    ),
    "not_erasable": (
        "Chưa xóa được ô này. Bưu gửi chưa giao đi thì sửa đăng ký; tên người nhận đích danh chỉ xóa khi bưu gửi đã kết thúc.",
        "This field cannot be erased yet. Before dispatch amend the registration; a named receiver goes once the item has ended.",
    ),
    "erasure_pending": (
        "Bưu gửi này đã có một đề nghị xóa đang chờ duyệt. Hãy chờ kiểm tra viên quyết định.",
        "An erasure of this consignment is waiting for its decision. Wait for the auditor.",
    ),
    "erasure_decided": (
        "Đề nghị này đã có người quyết định. Hãy tải lại trang để xem kết quả.",
        "This proposal has been decided. Reload the page to see how.",
    ),
    "own_erasure": (
        "Người đề nghị không được tự duyệt. Hãy để kiểm tra viên khác quyết định.",
        "Whoever proposed it cannot decide. Leave it to another auditor.",
    ),
    "not_published": (
        "Chưa có bản ghi nào ở đây được công bố, nên chưa chứng minh được gì. Hãy đợi lần công bố sau rồi thử lại.",
        "Nothing of this is published yet, so nothing can be proven. Try again after the next publication.",
    ),
    "entries_of_others": (
        "Bản ghi nào của bưu gửi này cũng nêu việc của cơ quan khác. Hãy đề nghị kiểm tra viên xuất gói bằng chứng.",
        "Every entry of this consignment speaks of other agencies too. Ask the auditor for the evidence bundle.",
    ),
    "receipt_not_due": (
        "Phiếu này không ứng với tình trạng bưu gửi hoặc vai trò của bạn. Mở trang bưu gửi để xem phiếu nào đang cần.",
        "This receipt does not fit the state of the item or your role. Open its page to see which one is due.",
    ),
    "already_filed": (
        "Phiếu này đã được ghi nhận trước đó. Không cần làm lại; giữ tờ giấy trong hồ sơ.",
        "This receipt was filed before. Nothing needs to be done; keep the paper with the file.",
    ),
    "mandate_revoked": (
        "Dòng này đã được thu hồi trước đó. Tải lại trang để xem danh sách hiện nay.",
        "This line was revoked before. Reload the page to see the present list.",
    ),
    "authority_revoked": (
        "Giấy này đã được thu hồi trước đó. Tải lại trang để xem tình trạng hiện nay.",
        "This paper was revoked before. Reload the page to see how it stands now.",
    ),
    "authority_number_taken": (
        "Số này đơn vị đã cấp cho một giấy khác. Ghi đúng số in trên giấy, hoặc chọn số kế tiếp.",
        "The unit has given this number to another paper. Write the number printed on it, or take the next.",
    ),
    "not_redirectable": (
        "Chỉ chuyển tiếp được bưu gửi bưu điện đang giữ và không có lượt giao nào đang chờ. Chờ bên nhận trả lời đã.",
        "Only what the post holds, with no offer waiting, can be redirected. Let the taker answer first.",
    ),
    "tracer_answered": (
        "Thư tra cứu này đã được trả lời. Tải lại trang để xem câu trả lời.",
        "This tracer was answered before. Reload the page to see the answer.",
    ),
    "standard_not_later": (
        "Ngày hiệu lực phải sau bản đã ban hành gần nhất. Chọn ngày muộn hơn.",
        "It must be valid from a later day than the latest published version. Choose a later day.",
    ),
    "policy_not_later": (
        "Ngày hiệu lực phải sau lần ban hành gần nhất của quy tắc giao nhận. Chọn ngày muộn hơn.",
        "It must be valid from a later day than the latest handover policy published. Choose a later day.",
    ),
    "label_reason_required": (
        "Nhãn đã in trước đó. Hãy ghi lý do in lại.",
        "The label was printed before. Give the reason for printing it again.",
    ),
}

_OTHERS: Final = (
    texts_incidents.CONFLICTS
    | texts_shifts.CONFLICTS
    | texts_legs.CONFLICTS
    | texts_pouches.CONFLICTS
    | texts_musters.CONFLICTS
    | texts_access_keys.CONFLICTS
    | texts_sections.CONFLICTS
    | texts_unattended.CONFLICTS
)
TABLES: Final = {"error": ERROR, "conflict": CONFLICT | _OTHERS}
