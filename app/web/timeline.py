"""Turn the log's events of one consignment into its page's lines: what, where, who, when, how checked.

It tells only what the entry's own bytes say; it must never soften a mark that failed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final

from app.http.i18n import words
from app.services.log.events import Event
from app.services.scans.carried import CarriedEvent
from app.web.act_words import act_detail, leg_detail
from app.web.check_words import check_words
from app.web.filters import local_day
from app.web.translate import _
from audit.evidence import Act, Attempt, EntryMode, Evidence, Offer, Take, named_code
from audit.kinds import EntryKind
from crypto.canonical import JsonValue

# Device clocks lie a little; below this nobody needs to be told.
_DRIFT_SHOWN: Final = timedelta(seconds=5)
_ICONS: Final[Mapping[EntryKind, str]] = {
    EntryKind.REGISTERED: "envelope-paper",
    EntryKind.AMENDED: "pencil",
    EntryKind.CANCELLED: "x-lg",
    EntryKind.LABEL_PRINTED: "printer",
    EntryKind.HANDOVER_OFFERED: "arrow-right",
    EntryKind.HANDOVER_TAKEN: "box-arrow-in-down",
    EntryKind.HANDOVER_RECALLED: "arrow-counterclockwise",
    EntryKind.ATTEMPT_FAILED: "signpost",
    EntryKind.ERASURE_PROPOSED: "clock-history",
    EntryKind.FIELD_ERASED: "trash",
    EntryKind.ERASURE_REFUSED: "x-lg",
    EntryKind.ACKNOWLEDGED: "check-circle-fill",
    EntryKind.INCIDENT_OPENED: "exclamation-triangle-fill",
    EntryKind.INCIDENT_CLOSED: "shield-check",
    EntryKind.HOLD_PLACED: "x-octagon-fill",
    EntryKind.CORRECTION_PROPOSED: "clock-history",
    EntryKind.ERROR_DECLARED: "pencil",
    EntryKind.CORRECTION_REFUSED: "x-lg",
    EntryKind.HOLD_LIFTED: "check-circle-fill",
    EntryKind.BAG_STARTED: "plus-lg",
    EntryKind.BAG_PACKED: "box-arrow-in-down",
    EntryKind.BAG_UNPACKED: "box-arrow-right",
    EntryKind.BAG_CLOSED: "box-seam",
    EntryKind.BAG_OPENED: "people",
    EntryKind.BAG_ANSWERED: "list-ul",
    EntryKind.SEAL_CHECKED: "shield-check",
    EntryKind.SEAL_CHANGED: "arrow-repeat",
    EntryKind.TRACER_ISSUED: "question-circle",
    EntryKind.TRACER_ANSWERED: "pencil",
    EntryKind.INVESTIGATION_OPENED: "search",
    EntryKind.REDIRECTED: "signpost",
    EntryKind.LEG_PLANNED: "clock-history",
    EntryKind.LEG_DEPARTED: "arrow-right",
    EntryKind.LEG_ARRIVED: "check-circle-fill",
    EntryKind.LEG_CANCELLED: "x-lg",
}
_CORRECTIONS: Final = frozenset(
    {EntryKind.CORRECTION_PROPOSED, EntryKind.ERROR_DECLARED, EntryKind.CORRECTION_REFUSED}
)
_LEGS: Final = frozenset({EntryKind.LEG_PLANNED, EntryKind.LEG_CANCELLED})
_HOLDS: Final = frozenset({EntryKind.HOLD_PLACED, EntryKind.HOLD_LIFTED})
_ERASURES: Final = frozenset({EntryKind.ERASURE_PROPOSED, EntryKind.FIELD_ERASED, EntryKind.ERASURE_REFUSED})
_TRACERS: Final = frozenset(
    {EntryKind.TRACER_ISSUED, EntryKind.TRACER_ANSWERED, EntryKind.INVESTIGATION_OPENED}
)
HANDOVERS: Final = frozenset(
    {
        EntryKind.HANDOVER_OFFERED,
        EntryKind.HANDOVER_TAKEN,
        EntryKind.HANDOVER_RECALLED,
        EntryKind.ATTEMPT_FAILED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEvent:
    """One line of the timeline."""

    index: int
    kind: EntryKind | None
    title: str
    detail: str
    icon: str
    refused: bool
    typed: bool
    at: datetime
    device_at: datetime | None
    drift: str
    place: str
    signer: str
    witness: str
    device: str
    verified: bool
    hash: str
    error: str
    # What happened to the bag that the item lay in: inferred for the item, and which bag, where that is told.
    inferred: bool = False
    bag: str = ""

    @property
    def is_custody(self) -> bool:
        """Whether it made somebody else the custodian, which is known from a scan or from a seal."""
        return self.kind is EntryKind.HANDOVER_TAKEN and not self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is planned and has not happened, as it stands before what has; `tag` says how it stands."""

    id: str
    title: str
    due_at: datetime
    late: bool
    tag: str


def merge_carried(
    events: Iterable[ShownEvent], carried: Iterable[CarriedEvent], *, units: Mapping[str, str]
) -> list[ShownEvent]:
    """Return an item's own events and those of the bags it lay in, newest first."""
    shown = [_show_carried(one, units) for one in carried]
    return sorted((*events, *shown), key=lambda event: -event.index)


def _show_carried(one: CarriedEvent, units: Mapping[str, str]) -> ShownEvent:
    """Describe an event of a bag; whoever may not know the bag is told who had it, and nothing of the bag."""
    event = show_event(one.event, one.code, units=units)
    detail = event.detail if one.bag or event.kind in HANDOVERS or event.refused else ""
    return replace(event, detail=detail, inferred=True, bag=one.bag)


def by_day(events: Iterable[ShownEvent]) -> list[tuple[date, list[ShownEvent]]]:
    """Group events, newest first, by the day in Vietnam."""
    return [(day, list(group)) for day, group in groupby(events, key=lambda event: local_day(event.at))]


def show_event(event: Event, code: str, *, units: Mapping[str, str], with_seal: bool = False) -> ShownEvent:
    """Describe one event; `units` gives the names of unit codes.

    The seal's number is for the parties and the auditor: who reads it here need not look at the seal.
    """
    said = event.evidence[0] if event.evidence else None
    refusal = event.item.refusal if event.item else ""
    return ShownEvent(
        index=event.index,
        kind=event.kind,
        title=words(f"kind.{event.kind}") if event.kind else _("Bản ghi không đọc được"),
        detail=words(f"refusal.{refusal}")
        if refusal
        else _detail(event, said, code, units, with_seal=with_seal),
        icon=_ICONS.get(event.kind, "info-circle") if event.kind else "x-octagon-fill",
        refused=bool(refusal),
        typed=said is not None and _is_typed(said, code),
        at=event.recorded_at,
        device_at=event.device_at,
        drift=_drift(event),
        place=units.get(said.place, said.place) if said else "",
        signer=event.signer.full_name if event.signer else "",
        witness=event.witness.full_name if event.witness else "",
        device=", ".join(event.device_names),
        verified=event.is_verified,
        hash=event.hash_hex,
        error=words(f"correction_reason.{event.error.reason}") if event.error else "",
    )


def _detail(
    event: Event, said: Evidence | None, code: str, units: Mapping[str, str], *, with_seal: bool
) -> str:
    if isinstance(said, Offer):
        unit = units.get(said.to.unit, said.to.unit)
        return f"{words(f'purpose.{said.purpose}')} → {unit}"
    if isinstance(said, Take):
        by = _("gửi tại quầy: %(giver)s", giver=event.giver.full_name) if event.giver else ""
        return " · ".join(part for part in (by, _taken(said, code, with_seal=with_seal)) if part)
    if isinstance(said, Act):
        return act_detail(event, said, code)
    if isinstance(said, Attempt):
        return f"{words(f'attempt_reason.{said.reason}')} · {words(f'attempt_action.{said.action}')}"
    return _of_office(event, units) if event.entry else ""


def _of_office(event: Event, units: Mapping[str, str]) -> str:
    """Describe what an office did at its desk, without an item in hand."""
    facts = event.entry.facts if event.entry else {}
    if event.kind in _LEGS:
        return leg_detail(facts, units)
    if event.kind in _TRACERS:
        return _tracer(facts, units)
    if event.kind in _ERASURES:
        return _erasure(facts)
    if event.kind in _CORRECTIONS:
        return _("bản ghi %(index)s: %(reason)s", index=facts["entry"], reason=_reason_of(facts))
    return words(f"hold.{facts['hold']}") if event.kind in _HOLDS else _of_sender(event.kind, facts, units)


def _of_sender(kind: EntryKind | None, facts: Mapping[str, JsonValue], units: Mapping[str, str]) -> str:
    """Describe what the sender did with an item under way or behind it."""
    if kind is EntryKind.ACKNOWLEDGED:
        receipt, mode = facts["receipt"], facts["entry_mode"]
        return f"{words(f'receipt_kind.{receipt}')} · {words(f'entry_mode.{mode}')}"
    if kind is EntryKind.REDIRECTED:
        old, new = (units.get(str(facts[name]), str(facts[name])) for name in ("from", "to"))
        why = words(f"redirect_reason.{facts['reason']}")
        return f"{old} → {new} · {why}"
    reason = facts.get("reason")
    return str(reason) if reason else ""


def _reason_of(facts: Mapping[str, JsonValue]) -> str:
    reason = facts.get("reason")
    return words(f"correction_reason.{reason}") if reason else ""


def _erasure(facts: Mapping[str, JsonValue]) -> str:
    fields = ", ".join(words(f"sealed_field.{name}") for name in str(facts.get("fields", "")).split(","))
    said = [fields]
    if facts.get("reason"):
        said.append(words(f"erasure_reason.{facts['reason']}"))
    if facts.get("decision"):
        said.append(_("quyết định %(decision)s", decision=facts["decision"]))
    return " · ".join(said)


def _tracer(facts: Mapping[str, JsonValue], units: Mapping[str, str]) -> str:
    said = [f"{facts['number']}/{facts['year']}"]
    if facts.get("clock"):
        said.append(words(f"clock.{facts['clock']}"))
    if facts.get("to"):
        said.append(f"→ {units.get(str(facts['to']), str(facts['to']))}")
    if facts.get("answer"):
        said.append(words(f"tracer_answer.{facts['answer']}"))
    return " · ".join(said)


def _taken(said: Take, code: str, *, with_seal: bool) -> str:
    line = next((line for line in said.lines if _names(line.code, code)), None)
    if line is None:
        return ""
    parts = [words(f"verdict.{line.verdict}")]
    if line.reason:
        parts.append(words(f"take_reason.{line.reason}"))
    if line.seal and not with_seal:
        parts.append(_("đã đọc số niêm phong"))
    elif line.seal:
        parts.append(_("niêm phong đọc được: %(seal)s", seal=line.seal))
    if line.check is not None:
        parts.append(check_words(line.check))
    return " · ".join(parts)


def _is_typed(said: Evidence, code: str) -> bool:
    if isinstance(said, Act) and _names(said.subject, code):
        return said.entry is EntryMode.TYPED
    return any(line.entry is EntryMode.TYPED for line in said.lines if _names(line.code, code))


def _names(read: str, code: str) -> bool:
    return named_code(read) == code


def _drift(event: Event) -> str:
    if event.device_at is None:
        return ""
    gap = event.recorded_at - event.device_at
    if abs(gap) < _DRIFT_SHOWN:
        return ""
    seconds = round(gap.total_seconds())
    if seconds > 0:
        return _("máy chủ ghi sau %(seconds)d giây", seconds=seconds)
    return _("đồng hồ thiết bị nhanh %(seconds)d giây", seconds=-seconds)
