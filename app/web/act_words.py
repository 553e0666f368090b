"""Say in one line what an act did: to its subject, or to one of its lines.

It must never tell a seal's number, nor what else is in a bag, nor how much.
"""

from app.http.i18n import words
from app.services.events import Event
from app.web.translate import _
from audit.evidence import Act, EvidenceKind


def act_detail(event: Event, said: Act, code: str) -> str:
    """Describe an act on the page of `code`."""
    if said.subject.partition("|")[0] != code:
        return _of_line(said, code)
    match said.kind:
        case EvidenceKind.CLOSE:
            return _closed(event, said)
        case EvidenceKind.OPEN:
            return " · ".join((words(f"seal_state.{said.facts['found']}"), *_weights(event)))
        case EvidenceKind.CHECK_SEAL:
            return _("số đọc được khớp với sổ")
        case EvidenceKind.CHANGE_SEAL:
            return " · ".join((words(f"seal_reason.{said.facts['reason']}"), *_weights(event)))
        case _:
            return ""


def _closed(event: Event, said: Act) -> str:
    facts = {} if event.entry is None else event.entry.facts
    if "number" not in facts:
        return ""
    dispatch = _(
        "chuyến thư %(number)s/%(year)s, túi số %(serial)s",
        number=facts["number"],
        year=facts["year"],
        serial=facts["serial"],
    )
    weight = _("%(weight)s g", weight=said.facts["weight_g"])
    return f"{dispatch} · {weight}"


def _weights(event: Event) -> tuple[str, ...]:
    differs = event.entry is not None and event.entry.facts.get("weight_differs") is True
    return (_("khối lượng khác khi đóng"),) if differs else ()


def _of_line(said: Act, code: str) -> str:
    for line in said.lines:
        if line.mark and line.code.partition("|")[0] == code:
            return words(f"mark.{line.mark}")
    return ""
