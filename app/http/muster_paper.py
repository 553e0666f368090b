"""Put a closed muster on paper: who looked where, what each code came to, and the entries that prove it."""

from app.domain.muster import MusterFinding, result_digest
from app.services.muster_pages import MusterPage
from app.http.list_words import word, word_entry, word_lines, word_totals
from reports.list_minutes_model import ListMinutes, Signer
from reports.official import paper_time

_ALWAYS = frozenset({MusterFinding.MISSING, MusterFinding.UNEXPECTED, MusterFinding.FOUND})


def muster_paper(page: MusterPage, *, origin: str) -> ListMinutes | None:
    """Word the minutes, always in Vietnamese; None while the muster is open."""
    muster, people = page.muster, page.people
    if page.lines is None or muster.closed_at is None or muster.partner is None:
        return None
    opener, partner = people[muster.opened_by].full_name, people[muster.partner].full_name
    whom = "toàn bộ nơi này" if muster.user is None else people[muster.user].full_name
    return ListMinutes(
        title="BIÊN BẢN KIỂM KÊ ĐỘT XUẤT",
        about=f"Kiểm kê tại {page.unit.name}",
        issuer=page.unit.name,
        code=muster.code,
        day=muster.closed_at,
        facts=(
            ("Nơi kiểm kê", f"{page.unit.name} ({page.unit.code})"),
            ("Kiểm kê của", whom),
            ("Cách chọn", "hệ thống rút thăm" if muster.is_drawn else "người mở chỉ định"),
            ("Chốt danh sách lúc", f"{paper_time(muster.opened_at)}, phải có {muster.expected}"),
            ("Kết thúc lúc", paper_time(muster.closed_at)),
            ("Người quét", ", ".join(people[one.user].full_name for one in page.counters)),
        ),
        lines=word_lines(page.lines, "muster_finding"),
        totals=word_totals(page.lines, MusterFinding, "muster_finding", always=_ALWAYS),
        entries=tuple(
            word_entry(entry, what=word("muster_step", entry.step), who=people[entry.user].full_name)
            for entry in page.entries
        ),
        signers=(
            Signer(caption="NGƯỜI KIỂM KÊ", name=opener),
            Signer(caption="NGƯỜI CỦA NƠI KIỂM KÊ", name=partner),
        ),
        digest=result_digest(page.lines),
        origin=origin,
    )
