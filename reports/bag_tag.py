"""The tag of a bag, one A6 page: code as bars and QR, the two offices, its place in the dispatch.

It hangs in sight of everybody, so it shows neither the seal's number nor how many pieces are in the bag; the
seal is read off the bag. The same data gives the same bytes.
"""

from reports.bag_model import BagTag
from reports.label_face import draw_code, draw_code128, draw_party, draw_qr
from reports.layout import BOLD, REGULAR, Box, cap_height, fit, text_width
from reports.official import paper_time
from reports.pen import Pen

_WIDTH, _HEIGHT = 105.0, 148.0
_LEFT, _RIGHT = 5.0, 100.0
_CAPTION = 6.5
_MODULE_MM = 0.5


def render_bag_tag(tag: BagTag) -> bytes:
    """Return the tag as a PDF of one A6 page."""
    pen = Pen(width=_WIDTH, height=_HEIGHT, title=f"Thẻ túi KT1 {tag.code}")
    _draw_head(pen, tag)
    for top, thickness in ((26, 0.6), (46.5, 0.2), (84, 0.6), (118, 0.2)):
        pen.line((_LEFT, top), (_RIGHT, top), thickness=thickness)
    draw_party(
        pen, Box(left=_LEFT, top=28, width=95, height=17.5), "BƯU CỤC ĐÓNG TÚI", tag.origin, (_CAPTION, 10)
    )
    draw_party(
        pen, Box(left=_LEFT, top=49, width=95, height=33), "BƯU CỤC MỞ TÚI", tag.destination, (_CAPTION, 19)
    )
    _draw_details(pen, tag)
    draw_qr(pen, Box(left=66, top=85, width=34, height=32.5), tag.qr)
    draw_code128(pen, Box(left=13.5, top=121, width=78, height=14), tag.code, _MODULE_MM)
    draw_code(pen, (_WIDTH / 2, 142.5), f"{tag.code}-{tag.tail}", 17.0)
    pen.text((_RIGHT, 146.5), f"In lúc {paper_time(tag.printed_at)}", REGULAR, 5.5, align="right")
    pen.next_page()
    return pen.finish()


def _draw_head(pen: Pen, tag: BagTag) -> None:
    pen.text((_LEFT, 5 + cap_height(30)), "TÚI KT1", BOLD, 30)
    pen.text((_LEFT, 22.5), "CHỈ MỞ TẠI BƯU CỤC MỞ TÚI", BOLD, 7)
    box = Box(left=58, top=5, width=42, height=19)
    if tag.dispatch is None:
        pen.frame(box, thickness=0.4)
        pen.text((box.left + 21, box.top + 11), "CHƯA ĐÓNG", BOLD, 12, align="centre")
        return
    pen.text((_RIGHT, 5 + cap_height(_CAPTION)), "CHUYẾN THƯ", REGULAR, _CAPTION, align="right")
    number = f"{tag.dispatch.number}/{tag.dispatch.year}"
    pen.text((_RIGHT, 15), number, BOLD, 18, align="right")
    if not tag.dispatch.last:
        pen.text((_RIGHT, 22.5), f"Túi số {tag.dispatch.serial}", BOLD, 12, align="right")
        return
    words = f"TÚI SỐ {tag.dispatch.serial} · TÚI CUỐI"
    width = text_width(words, BOLD, 10) + 4
    place = Box(left=_RIGHT - width, top=17.5, width=width, height=6.5)
    pen.fill(place)
    pen.text((place.left + width / 2, 22.2), words, BOLD, 10, align="centre", white=True)


def _draw_details(pen: Pen, tag: BagTag) -> None:
    weight = "–" if tag.weight_g is None else f"{tag.weight_g / 1000:.3f} kg".replace(".", ",")
    for top, caption, value in ((87.0, "SỐ VỎ TÚI", tag.asset), (102.0, "KHỐI LƯỢNG", weight)):
        pen.text((_LEFT, top + cap_height(_CAPTION)), caption, REGULAR, _CAPTION)
        room = Box(left=_LEFT, top=top + cap_height(_CAPTION) + 0.8, width=58, height=8)
        pen.block(fit(value, BOLD, 15, room), (room.left, room.top))
