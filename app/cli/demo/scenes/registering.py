"""Three agencies register what they send and print the labels; a wrong form saves nothing."""

from app.cli.demo import cast, papers
from app.cli.demo.day import Day
from app.cli.demo.items import ITEMS, Item
from app.cli.demo.ledger import Step
from app.cli.demo.person import Person
from audit.kinds import EntryKind

FOCAL_POINTS = {cast.OFFICE: "vanthu.ubnd", cast.SCIENCE: "vanthu.khcn", cast.FINANCE: "vanthu.tc"}


def play(day: Day) -> None:
    """Register everything of the day."""
    day.scene("ba cơ quan đăng ký bưu gửi, in nhãn", at="07:15")
    office, top = day.people["vanthu.ubnd"], ITEMS[0]
    fields = {**top.form(day.clock.now()), "abstract": "Không được ghi"}
    papers.refuse_registration(office, recipient=top.recipient, fields=fields)
    day.shown(office, "ghi trích yếu cho bưu gửi Tuyệt mật: phiếu bị từ chối, không lưu gì")
    for item in ITEMS:
        register(day, item)


def register(day: Day, item: Item) -> str:
    """Register one item at its sender's, print its label, and return its code."""
    sender: Person = day.people[FOCAL_POINTS[item.sender]]
    code = papers.register(sender, recipient=item.recipient, fields=item.form(day.clock.now()))
    day.items[code], day.codes[item.name], day.seals[code] = item, code, item.seal
    day.paper(sender, f"đăng ký {code} ({item.summary})", EntryKind.REGISTERED, code=code)
    papers.print_label(sender, code)
    day.ledger.tell(Step(kind=EntryKind.LABEL_PRINTED, what="in nhãn", codes=(code,)))
    return code
