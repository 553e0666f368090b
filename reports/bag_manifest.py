"""The manifest of a closed bag on paper (bản kê): what was frozen at the closing, for two signatures.

It carries its own code and the digest of the frozen bytes, so that paper and log can be compared years later.
It must never show anything of an item but its code, nor a seal that somebody still has to read off the bag.
"""

from reports.bag_model import BagManifest
from reports.list_paper import ListPaper, render_list
from reports.official import ROOM, paper_time

_EDGES = (0.0, 14.0, 66.0, 100.0, ROOM)
_HEADERS = ("TT", "Mã", "Loại", "Kết quả kiểm khi mở túi")
_BAG_INDICATOR = 2


def render_bag_manifest(data: BagManifest) -> bytes:
    """Return the manifest as a PDF of as many A4 pages as it needs; the same data gives the same bytes."""
    note = f" · {data.entry_note}" if data.entry_note else ""
    return render_list(
        ListPaper(
            name="Bản kê túi KT1",
            heading=data.origin.name,
            title="BẢN KÊ TÚI KT1",
            about=dispatch_line(data),
            day=data.closed_at,
            code=data.manifest_code,
            qr=data.qr,
            facts=_facts(data),
            headers=_HEADERS,
            edges=_EDGES,
            rows=tuple(
                (str(number), code, kind_of(code, data.code), "")
                for number, code in enumerate(data.lines, start=1)
            ),
            signers=(("NGƯỜI ĐÓNG TÚI", data.closed_by), ("NGƯỜI MỞ TÚI", "")),
            foot=f"SHA-256 {data.digest}{note}",
        )
    )


def dispatch_line(data: BagManifest) -> str:
    """Name the place of the bag in its dispatch."""
    dispatch = data.dispatch
    about = f"Chuyến thư số {dispatch.number}/{dispatch.year}, túi số {dispatch.serial}"
    return f"{about} (túi cuối)" if dispatch.last else about


def kind_of(code: str, bag: str) -> str:
    """Name what a code is: a bag has the two letters of the bag it lies in."""
    return "Túi" if code[:_BAG_INDICATOR] == bag[:_BAG_INDICATOR] else "Bưu gửi"


def _facts(data: BagManifest) -> tuple[tuple[str, str], ...]:
    weight = f"{data.weight_g / 1000:.3f} kg".replace(".", ",")
    return (
        ("Bưu cục đóng túi", data.origin.name),
        ("Bưu cục mở túi", data.destination.name),
        ("Số vỏ túi", data.asset),
        ("Số niêm phong", data.seal or "(đọc trên túi rồi ghi) ........................"),
        ("Khối lượng khi đóng", weight),
        ("Số lượng trong túi", str(len(data.lines))),
        ("Đóng túi lúc", paper_time(data.closed_at)),
    )
