"""Word the receipt for what was handed in at a counter, always in Vietnamese."""

from app.http import texts
from app.services.scans.hand_in_receipt import HandIn, HandInLine
from reports.hand_in_receipt import HandInLine as PaperLine
from reports.hand_in_receipt import HandInReceipt


def hand_in_paper(found: HandIn, *, origin: str) -> HandInReceipt:
    """Return what the paper says."""
    return HandInReceipt(
        code=f"BN-{found.office.code}-{found.index}",
        office=found.office.name,
        agency=found.agency.name,
        giver=found.giver.full_name,
        giver_position=found.giver.position or texts.text(f"role.{found.giver.role}", locale="vi"),
        letter=found.letter,
        clerk=found.clerk.full_name,
        taken_at=found.recorded_at,
        lines=tuple(_line(line) for line in found.lines),
        entry_hash=found.leaf,
        origin=origin,
    )


def _line(line: HandInLine) -> PaperLine:
    if line.details is None:
        key = f"refusal.{line.refusal}" if line.refusal else f"take_reason.{line.reason}"
        return PaperLine(code=line.code, reason=texts.text(key, locale="vi"))
    grade = line.details.consignment.grade
    urgency = [texts.text("urgency.express", locale="vi")] if grade.express else []
    urgency += [texts.text("urgency.appointed", locale="vi")] if grade.appointed_at else []
    return PaperLine(
        code=line.code,
        mark="" if grade.secrecy.value == "none" else grade.secrecy.value,
        urgency=", ".join(urgency),
        register_number=f"{line.details.register_number}/{line.details.register_year}",
        pieces=line.details.pieces,
    )
