"""Say in one line what an act did: to its subject, or to one of its lines.

It must never tell a seal's number, nor what else is in a bag, nor how much.
"""

from collections.abc import Mapping

from app.http.i18n import words
from app.services.log.events import Event
from app.web.filters import when_short
from app.web.translate import _
from audit.evidence import Act, EvidenceKind, named_code
from crypto.canonical import JsonValue
from crypto.timestamps import parse_at


def act_detail(event: Event, said: Act, code: str) -> str:
    """Describe an act on the page of `code`."""
    if named_code(said.subject) != code:
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
    if said.kind is EvidenceKind.DEPART:
        return f"{said.subject} · {said.facts['vehicle']}"
    family = "leg_mark" if said.kind is EvidenceKind.ARRIVE else "mark"
    for line in said.lines:
        if line.mark and named_code(line.code) == code:
            return words(f"{family}.{line.mark}")
    return ""


def leg_detail(facts: Mapping[str, JsonValue], units: Mapping[str, str]) -> str:
    """Describe the planning or the cancelling of a leg."""
    said = [str(facts["leg"])]
    if "reason" in facts:
        said.append(words(f"leg_cancel_reason.{facts['reason']}"))
    if "vehicle" in facts:
        ends = (units.get(str(facts[name]), str(facts[name])) for name in ("from", "to"))
        planned = (when_short(parse_at(str(facts[name]))) for name in ("departs_at", "arrives_at"))
        said += [str(facts["vehicle"]), " → ".join(ends), " – ".join(planned)]
    return " · ".join(said)
