"""The consignments of the demo, by the names that the scenes use: every mark, hỏa tốc and hẹn giờ among them.

All content is made up and says nothing but what stands on an envelope.
"""

from dataclasses import dataclass
from datetime import datetime

from app.cli.demo import cast
from app.cli.demo.clock import HANOI

APPOINTED = (14, 0)
"""The agreed hour of the one that is hẹn giờ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One consignment to register: who sends it to whom, and in which class."""

    name: str
    sender: str
    recipient: str
    secrecy: str
    number: int
    express: bool = False
    appointed: bool = False
    named: bool = False

    @property
    def summary(self) -> str:
        """Say its class in a few words."""
        mark = "thường" if self.secrecy == "none" else f"độ mật {self.secrecy}"
        urgent = (", hỏa tốc" if self.express else "") + (", hẹn giờ" if self.appointed else "")
        return f"{mark}{urgent}, {self.sender} → {self.recipient}"

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
        if self.express:
            fields["express"] = "yes"
        if self.appointed:
            agreed = local.replace(hour=APPOINTED[0], minute=APPOINTED[1])
            fields |= {"appointed": "yes", "appointed_at": agreed.strftime("%Y-%m-%dT%H:%M")}
        if self.named:
            fields |= {"receiver_name": cast.NAMED_RECEIVER, "named_only": "yes"}
        return fields


ITEMS = (
    Item(
        name="top",
        sender=cast.OFFICE,
        recipient=cast.FINANCE,
        secrecy="A",
        number=101,
        express=True,
        named=True,
    ),
    Item(name="astray", sender=cast.OFFICE, recipient=cast.FINANCE, secrecy="C", number=102),
    Item(name="plain", sender=cast.OFFICE, recipient=cast.FINANCE, secrecy="none", number=103),
    Item(name="secret", sender=cast.SCIENCE, recipient=cast.FINANCE, secrecy="B", number=104),
    Item(name="unwanted", sender=cast.SCIENCE, recipient=cast.FINANCE, secrecy="C", number=105),
    Item(
        name="smudged",
        sender=cast.SCIENCE,
        recipient=cast.FINANCE,
        secrecy="none",
        number=106,
        appointed=True,
    ),
    Item(name="drawer", sender=cast.FINANCE, recipient=cast.OFFICE, secrecy="C", number=107),
    Item(name="shelf", sender=cast.FINANCE, recipient=cast.OFFICE, secrecy="none", number=108),
)
BAGGED = ("top", "astray", "plain", "secret", "unwanted", "smudged")
"""What travels in the bag, from the first post office to the other."""

TODAY = (
    Item(name="today_1", sender=cast.OFFICE, recipient=cast.FINANCE, secrecy="C", number=109, express=True),
    Item(name="today_2", sender=cast.OFFICE, recipient=cast.FINANCE, secrecy="none", number=110),
    Item(name="today_3", sender=cast.SCIENCE, recipient=cast.FINANCE, secrecy="B", number=111),
)
"""What is under way when the demo has been played, so that every work list has something in it."""
