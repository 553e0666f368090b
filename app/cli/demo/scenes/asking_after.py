"""Today, by the machine's own clock: an acknowledgement is overdue, and a tracer letter asks after it."""

from app.cli.demo import papers
from app.cli.demo.day import Day
from audit.kinds import EntryKind


def play(day: Day) -> None:
    """Remind, ask, answer."""
    day.scene("báo phát quá hạn: nhắc, gửi phiếu tra cứu")
    sender, asked = day.people["vanthu.ubnd"], day.people["vanthu.tc"]
    for person in (sender, asked):
        person.log_in()
    code = day.codes["top"]
    if code not in papers.overdue_acknowledgements(sender):
        day.wrong(f"{code} is in no list of what is owed")
    day.shown(sender, f"thấy {code} trong danh sách báo phát quá hạn")
    tracer = papers.raise_tracers(sender)
    day.paper(
        sender,
        f"lập phiếu tra cứu (PDF) gửi Sở Tài chính về {code}",
        EntryKind.TRACER_ISSUED,
        code=code,
        control="9 theo dõi: báo phát quá hạn, tra cứu",
        clock="acknowledgement",
    )
    papers.answer_tracer(asked, tracer, "slip_sent_again")
    day.paper(
        asked,
        "trả lời trong hạn: đã gửi lại phiếu báo phát",
        EntryKind.TRACER_ANSWERED,
        code=code,
        control="9 theo dõi: cơ quan bị hỏi trả lời",
        answer="slip_sent_again",
    )
