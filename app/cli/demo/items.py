"""The sixteen consignments of the demo: every secrecy with every urgency, inside the province and beyond.

All content is made up and says nothing but what stands on an envelope.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from app.cli.demo import cast

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
SECRECIES = ("none", "C", "B", "A")
URGENCIES = ("", "express", "appointed", "both")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One consignment to register: who sends it to whom, and in which class."""

    sender: str
    recipient: str
    secrecy: str
    urgency: str
    number: int
    named: bool = False

    @property
    def summary(self) -> str:
        """Say its class in a few words."""
        mark = "thường" if self.secrecy == "none" else f"độ mật {self.secrecy}"
        urgent = {"": "", "express": ", hỏa tốc", "appointed": ", hẹn giờ", "both": ", hỏa tốc + hẹn giờ"}
        return f"{mark}{urgent[self.urgency]}, {self.sender} -> {self.recipient}"

    @property
    def seal(self) -> str:
        """The number on its seal."""
        return f"NP{2600 + self.number}"

    def form(self, now: datetime) -> dict[str, str]:
        """Return the registration form as a person would fill it in."""
        local = now.astimezone(HANOI)
        fields = {
            "secrecy": self.secrecy,
            "document_numbers": f"{self.number}/{self.sender.partition('-')[2]}",
            "document_date": local.date().isoformat(),
            "document_type": "Công văn",
            "pieces": "1",
            "weight_g": str(120 + 10 * self.number),
            "outer_envelope": "yes",
            "sealed": "yes",
            "seal": self.seal,
        }
        if self.secrecy == "A":
            fields["inner_envelope"] = "yes"
        else:
            fields["abstract"] = f"Trích yếu mẫu số {self.number}"
        if self.urgency in {"express", "both"}:
            fields["express"] = "yes"
        if self.urgency in {"appointed", "both"}:
            agreed = (local + timedelta(days=1)).replace(hour=9, minute=30)
            fields |= {"appointed": "yes", "appointed_at": agreed.strftime("%Y-%m-%dT%H:%M")}
        if self.named:
            fields |= {"receiver_name": cast.NAMED_RECEIVER, "named_only": "yes"}
        return fields


_ROUTES = {
    "none": (cast.OFFICE, cast.SCIENCE),
    "C": (cast.OFFICE, cast.FINANCE),
    "B": (cast.SCIENCE, cast.MINISTRY),
    "A": (cast.OFFICE, cast.FINANCE),
}


def items() -> tuple[Item, ...]:
    """List the sixteen, four of each secrecy: B goes beyond the province, A to the named person only."""
    return tuple(
        Item(
            sender=_ROUTES[secrecy][0],
            recipient=_ROUTES[secrecy][1],
            secrecy=secrecy,
            urgency=urgency,
            number=number,
            named=secrecy == "A",
        )
        for number, (secrecy, urgency) in enumerate(product(SECRECIES, URGENCIES), 101)
    )
