"""Put a muster on paper: who looked where, what each code came to, and the entries that prove it.

One that was withdrawn has minutes too, which say so and why; nothing of what was frozen stands on them.
"""

from app.domain.muster import MusterFinding, MusterStep, Withdrawal, result_digest
from app.http.list_words import word, word_entry, word_lines, word_totals
from app.services.shifts.muster_pages import MusterPage
from reports.list_minutes_model import ListMinutes, SignedEntry, Signer
from reports.official import paper_time

_ALWAYS = frozenset({MusterFinding.MISSING, MusterFinding.UNEXPECTED, MusterFinding.FOUND})


def muster_paper(page: MusterPage, *, origin: str) -> ListMinutes | None:
    """Word the minutes, always in Vietnamese; None while the muster is open."""
    muster, people = page.muster, page.people
    if muster.withdrawal is not None:
        return _withdrawn(page, muster.withdrawal, origin=origin)
    if page.lines is None or muster.closed_at is None or muster.partner is None:
        return None
    opener, partner = people[muster.opened_by].full_name, people[muster.partner].full_name
    return ListMinutes(
        title="BIÊN BẢN KIỂM KÊ ĐỘT XUẤT",
        about=f"Kiểm kê tại {page.unit.name}",
        issuer=page.unit.name,
        code=muster.code,
        day=muster.closed_at,
        facts=(
            *_where(page),
            ("Chốt danh sách lúc", f"{paper_time(muster.opened_at)}, phải có {muster.expected}"),
            ("Kết thúc lúc", paper_time(muster.closed_at)),
            ("Người quét", ", ".join(people[one.user].full_name for one in page.counters)),
        ),
        lines=word_lines(page.lines, "muster_finding"),
        totals=word_totals(page.lines, MusterFinding, "muster_finding", always=_ALWAYS),
        entries=_entries(page),
        signers=(
            Signer(caption="NGƯỜI KIỂM KÊ", name=opener),
            Signer(caption="NGƯỜI CỦA NƠI KIỂM KÊ", name=partner),
        ),
        digest=result_digest(page.lines),
        origin=origin,
    )


def _withdrawn(page: MusterPage, withdrawal: Withdrawal, *, origin: str) -> ListMinutes:
    muster, people = page.muster, page.people
    by, opener = people[withdrawal.by].full_name, people[muster.opened_by].full_name
    # There is no result, so the paper is held to the entry that ended it.
    (leaf,) = (one.leaf.hex() for one in page.entries if one.step is MusterStep.WITHDRAWN)
    return ListMinutes(
        title="BIÊN BẢN HỦY KIỂM KÊ",
        about=f"Hủy cuộc kiểm kê tại {page.unit.name}",
        issuer=page.unit.name,
        code=muster.code,
        day=withdrawal.at,
        facts=(
            *_where(page),
            ("Chốt danh sách lúc", paper_time(muster.opened_at)),
            ("Hủy lúc", paper_time(withdrawal.at)),
            ("Người hủy", by),
            ("Lý do hủy", word("muster_withdrawal_reason", withdrawal.reason)),
            ("Người đã quét", ", ".join(people[one.user].full_name for one in page.counters) or "không có"),
        ),
        lines=(),
        totals="CUỘC KIỂM KÊ ĐÃ HỦY, KHÔNG CÓ KẾT QUẢ.",
        entries=_entries(page),
        signers=(
            Signer(caption="NGƯỜI HỦY KIỂM KÊ", name=by),
            Signer(caption="NGƯỜI CỦA NƠI KIỂM KÊ", name="")
            if withdrawal.by == muster.opened_by
            else Signer(caption="NGƯỜI MỞ KIỂM KÊ", name=opener),
        ),
        digest=leaf,
        origin=origin,
    )


def _where(page: MusterPage) -> tuple[tuple[str, str], ...]:
    muster = page.muster
    whom = "toàn bộ nơi này" if muster.user is None else page.people[muster.user].full_name
    return (
        ("Nơi kiểm kê", f"{page.unit.name} ({page.unit.code})"),
        ("Kiểm kê của", whom),
        ("Cách chọn", "hệ thống rút thăm" if muster.is_drawn else "người mở chỉ định"),
    )


def _entries(page: MusterPage) -> tuple[SignedEntry, ...]:
    return tuple(
        word_entry(entry, what=word("muster_step", entry.step), who=page.people[entry.user].full_name)
        for entry in page.entries
    )
