"""Words for refusals of custody: recorded facts, told so that the person holding the item knows what to do.

They must never say more about an item than its holder may know.
"""

from typing import Final

from app.http import texts_legs, texts_sections

REFUSAL: Final[dict[str, tuple[str, str]]] = {
    "unknown_code": (
        "Không có bưu gửi mang mã này. Kiểm tra nhãn; nếu mã đúng, để riêng và báo người phụ trách.",
        "No consignment has this code. Check the label; if it is right, set it apart and tell your supervisor.",
    ),
    "forged_label": (
        "Nhãn không do hệ thống in ra. Giữ riêng bưu gửi, không giao tiếp, báo ngay người phụ trách.",
        "This label was not printed by the system. Keep the item apart, do not pass it on, report it at once.",
    ),
    "tail_wrong": (
        "Các ký tự gõ sau mã không khớp với nhãn. Đọc lại dòng chữ dưới mã vạch rồi gõ lại, hoặc quét nhãn.",
        "The characters keyed after the code are not the label's. Read them again below the barcode, or scan it.",
    ),
    "tail_locked": (
        "Đã gõ sai quá nhiều lần nên không nhận gõ tay mã này trong một giờ. Quét nhãn trên bưu gửi.",
        "Too many wrong tries: this code cannot be keyed for an hour. Scan the label on the item.",
    ),
    "possession_not_proven": (
        "Độ mật này phải chứng minh đang cầm bưu gửi. Quét nhãn, hoặc gõ mã kèm các ký tự in dưới mã vạch.",
        "This grade asks for proof of possession. Scan the label, or key the code with the characters below it.",
    ),
    "cancelled": (
        "Bưu gửi đã bị hủy. Trả lại đầu mối nơi gửi, không chuyển tiếp.",
        "This consignment was cancelled. Return it to the sender's focal point; do not forward it.",
    ),
    "stopped": (
        "DỪNG LẠI. Mã này có lệnh dừng và giữ. Không giao, không nhận, không mở; giữ riêng và báo ngay người phụ trách.",
        "STOP. This code is to be stopped and held. Do not give, take or open it; keep it apart and report at once.",
    ),
    "quarantined": (
        "Bưu gửi đang bị cách ly nên không được chuyển đi. Để nguyên tại chỗ và hỏi người phụ trách sự vụ.",
        "The item is in quarantine and may not move. Leave it where it is and ask whoever owns the incident.",
    ),
    "wrong_state": (
        "Bưu gửi không ở trạng thái làm được việc này. Mở trang bưu gửi để xem bước tiếp theo.",
        "The consignment is not in a state that allows this. Open its page to see the next step.",
    ),
    "wrong_custodian": (
        "Bạn không phải người đang giữ bưu gửi này. Người đang giữ phải quét giao trước.",
        "You are not the custodian of this item. The present custodian must scan it over first.",
    ),
    "wrong_place": (
        "Quét không đúng địa điểm. Hãy chọn đúng nơi giao nhận rồi quét lại.",
        "This is not the right place. Choose the place of the handover and scan again.",
    ),
    "already_offered": (
        "Bưu gửi đang chờ bên nhận xác nhận. Thu hồi lượt giao trước nếu muốn giao cho người khác.",
        "The item is already offered and waits for the taker. Recall the offer to hand it to somebody else.",
    ),
    "not_offered": (
        "Bưu gửi chưa được bên giao quét. Yêu cầu bên giao quét giao trước.",
        "The giver has not offered this item. Ask the giver to scan it first.",
    ),
    "offer_changed": (
        "Lượt giao đã thay đổi sau khi bạn mở. Tải lại danh sách rồi quét lại.",
        "The offer changed after you opened it. Reload the list and scan again.",
    ),
    "own_offer": (
        "Bạn không thể tự nhận bưu gửi do chính mình giao. Bên nhận phải quét bằng tài khoản của họ.",
        "You cannot take what you offered yourself. The taker must scan with their own account.",
    ),
    "wrong_taker": (
        "Lượt giao này dành cho người hoặc đơn vị khác. Trả lại bên giao để giao đúng nơi.",
        "This offer is for another person or unit. Give it back to be offered to the right one.",
    ),
    "role_not_allowed": (
        "Vai trò của bạn không được nhận hoặc giao ở bước này. Gọi người có trách nhiệm.",
        "Your role may not give or take at this step. Call the person in charge.",
    ),
    "not_a_receiver": (
        "Bạn không phải người được phép nhận của cơ quan này. Mời đầu mối của cơ quan đến nhận.",
        "You are not an authorised receiver of this agency. Call its focal point to receive it.",
    ),
    "named_person_only": (
        "Chỉ người có tên trên bì mới được nhận. Liên hệ đúng người hoặc ghi nhận phát không thành công.",
        "Only the person named on the envelope may take it. Reach that person, or record a failed attempt.",
    ),
    "wrong_recipient": (
        "Đây không phải cơ quan nhận của bưu gửi. Kiểm tra địa chỉ trên bì và chuyển đến đúng nơi.",
        "This is not the recipient agency. Check the address and bring the item to the right place.",
    ),
    "seal_differs": (
        "Số niêm phong đọc được khác với số đã ghi. Không nhận; giữ nguyên hiện trạng, lập biên bản và báo người phụ trách.",
        "The seal number differs from the record. Do not take it; leave it as it is, write minutes and report.",
    ),
    "seal_missing": (
        "Bưu gửi có niêm phong nhưng chưa đọc số. Đọc số niêm phong trên bì, điền vào dòng này rồi nhận lại.",
        "The item is sealed and the seal was not read. Read its number off the envelope, enter it and take again.",
    ),
    "check_missing": (
        "Chưa kiểm đủ trước khi ký. Chọn dấu độ mật, số bì và nơi nhận của bưu gửi này rồi ký lại.",
        "Not everything was checked before signing. Choose mark, pieces and addressee of this item and sign again.",
    ),
    "check_differs": (
        "Kiểm nhận không khớp với đăng ký nên không được nhận. Từ chối dòng này kèm lý do; sự vụ tự mở, nơi gửi được báo.",
        "What you checked differs from the registration. Refuse this line with its reason; that opens an incident and tells the sender.",
    ),
    "no_attempt_yet": (
        "Chưa có lần phát nào nên chưa được chuyển hoàn. Phát bưu gửi trước.",
        "There was no delivery attempt yet, so it cannot be returned. Attempt delivery first.",
    ),
    "delegation_expired": (
        "Ủy quyền nhận hoặc tên trong danh sách người được nhận đã hết hạn. Mời người khác của cơ quan, hoặc gia hạn trước.",
        "The delegation, or the entry in the list of receivers, has expired. Call somebody else, or renew it first.",
    ),
    "delegation_not_yet": (
        "Ủy quyền nhận hoặc tên trong danh sách người được nhận chưa đến ngày hiệu lực. Mời người khác của cơ quan.",
        "The delegation, or the entry in the list of receivers, is not valid yet. Call somebody else of the agency.",
    ),
    "wrong_unit": (
        "Đơn vị này không tham gia bước giao nhận đang làm. Kiểm tra lại đơn vị nhận.",
        "This unit has no part in this handover. Check the receiving unit.",
    ),
    "in_bag": (
        "Bưu gửi này được ghi là đang nằm trong túi đóng kín. Không giao nhận riêng; kiểm tra túi và báo người phụ trách.",
        "This item is recorded inside a closed bag. Do not hand it over alone; check the bag and report.",
    ),
    "not_a_bag": (
        "Mã này không phải mã túi. Quét mã trên thẻ túi.",
        "This is not the code of a bag. Scan the code on the bag's tag.",
    ),
    "bag_not_open": (
        "Túi đã đóng, không xếp thêm hoặc lấy ra được. Muốn thay đổi, phải mở túi có người chứng kiến.",
        "The bag is closed: nothing can be put in or taken out. To change it, open it with a witness.",
    ),
    "bag_not_closed": (
        "Túi chưa đóng. Đóng túi, ghi số niêm phong rồi làm bước này.",
        "The bag is not closed. Close and seal it first.",
    ),
    "bag_not_opened": (
        "Túi chưa được mở có người chứng kiến. Mở túi trước rồi mới trả lời bản kê.",
        "The bag has not been opened with a witness. Open it before answering its manifest.",
    ),
    "bag_full": (
        "Túi đã đủ số lượng tối đa. Đóng túi này và mở túi khác.",
        "The bag holds as many items as it may. Close it and start another.",
    ),
    "bag_empty": (
        "Túi chưa có gì. Xếp bưu gửi vào túi rồi mới đóng.",
        "The bag is empty. Pack it before closing.",
    ),
    "bag_in_bag": (
        "Túi này đã chứa túi khác, không xếp vào túi nữa được. Giao riêng túi này.",
        "This bag already holds bags, so it cannot go into another. Hand it over on its own.",
    ),
    "not_in_this_bag": (
        "Mã này không có trong túi đang làm. Kiểm tra lại mã; nếu có thật trong túi, ghi là thừa.",
        "This code is not in this bag. Check it; if it really is inside, mark it as excess.",
    ),
    "contents_differ": (
        "Danh sách trong túi đã khác với danh sách bạn xem. Tải lại, kiểm đếm và đóng túi lần nữa.",
        "The contents differ from the list you saw. Reload, count again and close the bag.",
    ),
    "already_answered": (
        "Mã này đã được trả lời trong bản kê. Không cần quét lại.",
        "This line of the manifest has been answered. There is no need to scan it again.",
    ),
    "seal_used": (
        "Số niêm phong này đã dùng. Lấy niêm phong mới, hủy niêm phong này và báo người phụ trách.",
        "This seal number was used before. Take a new seal, void this one and report it.",
    ),
    "seal_not_issued": (
        "Số niêm phong này chưa được cấp cho bưu cục nào. Đọc lại số; nếu đúng, không dùng và báo người phụ trách.",
        "This seal number was issued to no office. Read it again; if it is right, do not use it and report.",
    ),
    "seal_of_another_office": (
        "Niêm phong này cấp cho bưu cục khác. Không dùng; để riêng và báo người phụ trách.",
        "This seal was issued to another office. Do not use it; set it apart and report.",
    ),
    "seal_same": (
        "Niêm phong mới trùng với niêm phong cũ. Đọc lại số trên niêm phong mới.",
        "The new seal is the old one. Read the number of the new seal again.",
    ),
    "witness_missing": (
        "Việc này phải có người chứng kiến. Mời một đồng nghiệp đang trực xác nhận.",
        "This needs a witness. Ask a colleague on duty to confirm.",
    ),
    "witness_is_actor": (
        "Người chứng kiến phải là người khác, không phải bên giao hay bên nhận. Mời người khác.",
        "The witness must be somebody else, neither giver nor taker. Ask another person.",
    ),
    "witness_not_allowed": (
        "Người này không được chứng kiến ở đây. Mời giao dịch viên, giao thông viên hoặc đầu mối của đơn vị.",
        "This person may not witness here. Ask a clerk, courier or focal point of this place.",
    ),
    "not_a_muster": (
        "Không có cuộc kiểm kê nào mang mã này. Mở lại trang kiểm kê rồi quét.",
        "No muster has this code. Open the muster page again and count there.",
    ),
    "muster_of_another": (
        "Cuộc kiểm kê này không phải của nơi bạn làm việc. Chỉ người của nơi được kiểm kê mới quét.",
        "This muster is not of your place. Only the people of the place that is mustered count.",
    ),
    "muster_withdrawn": (
        "Cuộc kiểm kê này đã hủy. Thôi quét; những gì bạn giữ đã hiện lại.",
        "This muster was withdrawn. Stop counting; what you hold is shown again.",
    ),
    "muster_closed": (
        "Cuộc kiểm kê này đã kết thúc. Không quét nữa; xem kết quả ở trang kiểm kê.",
        "This muster is closed. Stop counting, and see what it found on its page.",
    ),
    "witness_off_duty": (
        "Người chứng kiến không trong ca trực. Mời một đồng nghiệp đang trực xác nhận.",
        "The witness is off duty. Ask a colleague who is on duty to confirm.",
    ),
    "witness_not_present": (
        "Người chứng kiến chưa xác nhận, hoặc xác nhận đã quá năm phút. Mời xác nhận lại rồi gửi.",
        "The witness has not confirmed, or did so over five minutes ago. Ask them to confirm again.",
    ),
    "authority_missing": (
        "Người nhận chưa có thẻ giao liên hoặc giấy giới thiệu. Không giao; đề nghị đơn vị cấp giấy rồi giao lại.",
        "The taker has no courier card or letter of introduction. Do not hand over; have one issued first.",
    ),
    "authority_expired": (
        "Thẻ giao liên hoặc giấy giới thiệu của người nhận đã hết hạn. Không giao; đề nghị cấp giấy mới rồi giao lại.",
        "The taker's courier card or letter of introduction has expired. Do not hand over; have it renewed first.",
    ),
    "authority_not_yet": (
        "Thẻ giao liên hoặc giấy giới thiệu của người nhận chưa đến ngày hiệu lực. Chờ đến ngày ghi trên giấy.",
        "The taker's courier card or letter of introduction is not valid yet. Wait for the day it begins.",
    ),
    "authority_revoked": (
        "Thẻ giao liên hoặc giấy giới thiệu của người nhận đã bị thu hồi. Không giao; báo ngay người phụ trách.",
        "The taker's courier card or letter of introduction was revoked. Do not hand over; report at once.",
    ),
    "mark_above_authority": (
        "Giấy tờ chỉ có giá trị đến độ mật thấp hơn dấu trên bì. Không giao nhận; đề nghị cấp giấy cho độ mật này.",
        "The paper covers lower marks than the cover bears. Do not hand over; have one issued for this mark.",
    ),
    "giver_not_present": (
        "Người gửi chưa xác nhận đúng danh sách này, hoặc xác nhận đã quá năm phút. Mời người gửi nhập lại mật khẩu.",
        "The giver has not confirmed this very list, or did so over five minutes ago. Ask for their password again.",
    ),
    "giver_of_another_agency": (
        "Người gửi không phải đầu mối đang làm việc của cơ quan đã chọn. Không nhận; kiểm tra lại cơ quan và người gửi.",
        "The giver is no active focal point of the agency that was chosen. Do not take it in; check agency and person.",
    ),
    "giver_letter_missing": (
        "Người gửi chưa có giấy giới thiệu. Không nhận; đề nghị cơ quan cấp giấy rồi mang đến lại.",
        "The giver has no letter of introduction. Do not take it in; the agency issues one first.",
    ),
    "giver_letter_expired": (
        "Giấy giới thiệu của người gửi đã hết hạn. Không nhận; đề nghị cơ quan cấp giấy mới rồi mang đến lại.",
        "The giver's letter of introduction has expired. Do not take it in; the agency issues a new one first.",
    ),
    "giver_letter_not_yet": (
        "Giấy giới thiệu của người gửi chưa đến ngày hiệu lực. Không nhận; chờ đến ngày ghi trên giấy.",
        "The giver's letter of introduction is not valid yet. Do not take it in before the day it begins.",
    ),
    "giver_letter_revoked": (
        "Giấy giới thiệu của người gửi đã bị thu hồi. Không nhận; báo ngay cơ quan gửi và người phụ trách.",
        "The giver's letter of introduction was revoked. Do not take it in; report to the agency at once.",
    ),
    "not_registered_by_giver": (
        "Bưu gửi này không do cơ quan của người gửi vào sổ. Không nhận; để riêng và hỏi cơ quan gửi.",
        "The giver's agency did not register this item. Do not take it in; set it apart and ask the agency.",
    ),
    "not_a_shift": (
        "Không có ca nào mang mã này. Mở lại trang ca trực rồi kiểm đếm.",
        "No shift has this code. Open the shift page again and count there.",
    ),
    "shift_of_another": (
        "Đây là ca của người khác. Mỗi người tự kiểm đếm ca của mình.",
        "This shift is another person's. Each person counts their own.",
    ),
    "shift_closed": (
        "Ca này đã đóng. Mở ca mới để kiểm đếm.",
        "This shift is closed. Open a new one to count.",
    ),
    "count_part_missing": (
        "Thiếu một phần của lần kiểm đếm. Kiểm đếm lại từ đầu.",
        "A part of this count did not arrive. Count again from the beginning.",
    ),
    "key_in_missing": (
        "Mã này gõ tay nhưng chưa nhập tay đúng thủ tục. Quét lại nhãn; không quét được thì gõ lại mã và nêu lý do.",
        "This code was typed without being keyed in. Scan the label, or type it again and say why.",
    ),
    "witness_required": (
        "Độ mật này phải có người thứ hai: chứng kiến khi trao tay, đọc lại mã gõ tay. Mời người có mặt xác nhận.",
        "This grade needs a second person: a witness at the handover, a reader of a typed code. Ask one to confirm.",
    ),
    "readings_differ": (
        "Hai lần đọc mã không giống nhau. Đọc lại từng chữ số trên nhãn rồi gõ lại từ đầu.",
        "The two readings of the code differ. Read the label digit by digit and type it again.",
    ),
}

TAKE_REASON: Final[dict[str, tuple[str, str]]] = {
    "damaged": ("Bì hư hỏng", "Envelope damaged"),
    "seal_differs": ("Niêm phong không khớp", "Seal differs"),
    "not_present": ("Không có bưu gửi trong lượt giao", "Item not present"),
    "wrong_addressee": ("Sai nơi nhận", "Wrong addressee"),
    "not_ours": ("Không thuộc đơn vị", "Not for this unit"),
    "pieces_differ": ("Số bì không khớp", "Number of pieces differs"),
    "mark_unreadable": ("Dấu độ mật mất hoặc không đọc được", "Mark missing or unreadable"),
}
ATTEMPT_REASON: Final[dict[str, tuple[str, str]]] = {
    "closed_office": ("Cơ quan đóng cửa", "Office closed"),
    "receiver_absent": ("Người nhận vắng mặt", "Receiver absent"),
    "wrong_address": ("Sai địa chỉ", "Wrong address"),
    "refused": ("Từ chối nhận", "Refused"),
    "unsafe": ("Không an toàn để phát", "Unsafe to deliver"),
}
ATTEMPT_ACTION: Final[dict[str, tuple[str, str]]] = {
    "retry": ("Phát lại", "Try again"),
    "hold_at_office": ("Lưu tại bưu cục", "Hold at the post office"),
    "return_to_sender": ("Chuyển hoàn nơi gửi", "Return to sender"),
}

TABLES: Final = {
    "refusal": REFUSAL | texts_legs.REFUSALS | texts_sections.REFUSALS,
    "take_reason": TAKE_REASON,
    "attempt_reason": ATTEMPT_REASON,
    "attempt_action": ATTEMPT_ACTION,
}
