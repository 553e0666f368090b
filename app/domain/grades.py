"""Grade a consignment: secrecy, urgency and scope, the three axes of the KT1 service.

Source: Circular 15/2022/TT-BTTTT Art. 3 (secrecy A, B, C; Hỏa tốc and Hẹn giờ, which may combine; nội tỉnh
or liên tỉnh) and Decree 63/2026 (no abstract for Tuyệt mật). This module must never print the words of a
secrecy grade: outside the envelope there is only the letter.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.errors import Problem, ProblemCode


class Secrecy(StrEnum):
    """Độ mật: A Tuyệt mật, B Tối mật, C Mật, or none."""

    NONE = "none"
    A = "A"
    B = "B"
    C = "C"

    @property
    def takes_abstract(self) -> bool:
        """Tuyệt mật takes no abstract, anywhere: Decree 63/2026, absolute since then."""
        return self is not Secrecy.A

    @property
    def rank(self) -> int:
        """Return how high it is, 0 where nothing is marked."""
        return (Secrecy.NONE, Secrecy.C, Secrecy.B, Secrecy.A).index(self)

    @property
    def needs_inner_envelope(self) -> bool:
        """Tuyệt mật travels in two envelopes: Decree 26/2020."""
        return self is Secrecy.A


class Scope(StrEnum):
    """Nội tỉnh or liên tỉnh."""

    INTRA = "intra"
    INTER = "inter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """What the service promises: `express` is Hỏa tốc, `appointed_at` is the agreed time of Hẹn giờ."""

    secrecy: Secrecy
    express: bool
    appointed_at: datetime | None


def scope_between(sender_province: str, recipient_province: str) -> Scope:
    """Work the scope out from the two units' provinces; nobody types it in."""
    return Scope.INTRA if sender_province == recipient_province else Scope.INTER


def grade_problems(
    grade: Grade, *, abstract: str, inner_envelope: bool, now: datetime
) -> tuple[Problem, ...]:
    """Check what a grade demands of the form; an empty tuple means that it is consistent."""
    problems: list[Problem] = []
    if grade.appointed_at is not None and grade.appointed_at <= now:
        problems.append(Problem(field="appointed_at", code=ProblemCode.NOT_IN_FUTURE))
    if abstract and not grade.secrecy.takes_abstract:
        problems.append(Problem(field="abstract", code=ProblemCode.ABSTRACT_FORBIDDEN))
    if grade.secrecy.needs_inner_envelope and not inner_envelope:
        problems.append(Problem(field="inner_envelope", code=ProblemCode.INNER_ENVELOPE_REQUIRED))
    return tuple(problems)
