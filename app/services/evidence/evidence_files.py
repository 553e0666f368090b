"""What lies in an evidence bundle for people: summary, verifier, keys to look at, and how to begin.

Nothing in these files is evidence: the manifest vouches for their bytes, the verifier believes none of them.
A person's name is printed only where sealed values are disclosed too; otherwise the number in the log stands
for it. The keys come in no form that could be given to the verifier.

    make_reading(uow, story, *, sources, tools) -> dict[str, bytes]      read
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from app.domain.access import Role
from app.domain.erasure import SealedField
from app.domain.ids import UnitId, UserId
from app.services.log.log_keys import list_log_keys
from app.services.log.published_log import PublishedLog
from app.services.tools import Tools
from app.storage.records import Unit, User
from app.storage.uow import UnitOfWork
from audit import pack
from audit.entry import Entry, ItemLine
from audit.errors import AuditError
from audit.evidence import parse_evidence
from audit.evidence_bundle import KEYS, READ_ME, SUMMARY, VERIFIER, Manifest
from audit.policy import PolicyWitness
from audit.tree_head import TreeHead
from crypto.digest import sha256_hex
from crypto.timestamps import parse_at
from reports.evidence_model import EvidenceEvent, EvidenceField, EvidenceSummary, FieldWord
from reports.evidence_summary import render_summary
from reports.layout import VIETNAM_TIME

_CODES_SHOWN = 3
_READ_ME = """BẰNG CHỨNG TỪ NHẬT KÝ KT1

Đọc trước: summary.pdf. Tệp này tự chứng minh các bản ghi nằm trong đó, không cần máy chủ và không cần mạng:

    python3 kt1-verify.pyz verify-evidence TEP.zip --trust trust.json

trust.json là tệp khóa nhận bằng đường khác (lễ tạo khóa), không lấy từ tệp này. kt1-verify.pyz ở đây chỉ để
tiện dùng: kẻ gửi gói giả cũng gửi được chương trình giả, nên hãy lấy nó từ nơi mình tin.

This file proves the entries in it, without a server or a network. Get trust.json another way, and the
verifier from somebody you trust: whoever forges a bundle can forge the program beside it.
"""
_KEYS = """CHỈ ĐỂ ĐỌC, KHÔNG DÙNG LÀM TỆP KHÓA
FOR READING ONLY: trust must come another way

Khóa trong gói không chứng minh được gì: kẻ gửi gói giả cũng gửi được khóa giả. Hãy so với tệp khóa trust.json
nhận bằng đường khác.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the rest of a bundle comes from.

    `words` gives the Vietnamese words of a code (`kind.registered`); `witnesses` are those of the policy.
    """

    log: PublishedLog
    words: Callable[[str], str]
    witnesses: tuple[PolicyWitness, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What was chosen: the entries, what the manifest says of them, and the tree they were proven in."""

    manifest: Manifest
    entries: tuple[Entry, ...]
    head: TreeHead
    with_fields: bool


def make_reading(uow: UnitOfWork, story: Story, *, sources: Sources, tools: Tools) -> dict[str, bytes]:
    """Return the files for people, by name."""
    verifier = _pack_verifier()
    manifest = story.manifest
    summary = EvidenceSummary(
        origin=manifest.origin,
        subject=_subject(manifest.scope),
        made_at=manifest.made_at,
        size=story.head.size,
        root=story.head.root.hex(),
        key_id=tools.signer.key_id,
        verifier_digest=sha256_hex(verifier),
        events=_events(uow, story, sources),
        fields=tuple(
            EvidenceField(
                index=field.entry,
                label=_label(field.label, sources),
                state=FieldWord(field.state.value),
                value=field.value,
            )
            for field in manifest.fields
        ),
    )
    return {
        READ_ME: _READ_ME.encode(),
        KEYS: _keys(uow, sources, tools).encode(),
        SUMMARY: render_summary(summary),
        VERIFIER: verifier,
    }


@cache
def _pack_verifier() -> bytes:
    # The sources of a running program do not change, and reading them takes longer than all the rest here.
    return pack.pack()


def _keys(uow: UnitOfWork, sources: Sources, tools: Tools) -> str:
    lines = [_KEYS, f"Nhật ký / log: {tools.origin}", "", "Khóa ký bản ghi / keys of entries:"]
    for key in list_log_keys(uow, tools=tools):
        last = "" if key.until is None else f" .. {key.until - 1}"
        lines.append(f"  {key.public_key.key_id} {key.public_key.to_text()}  ({key.first}{last or ' ..'})")
    lines += ["", "Khóa ký điểm chốt / keys of checkpoints:"]
    for known in sources.log.ring.ranges:
        size = f"{known.first} .. {'' if known.last is None else known.last}".rstrip()
        lines.append(f"  {known.key.to_text()}  ({size})")
    lines += ["", "Nhân chứng / witnesses:"]
    lines += [f"  {one.name} {one.key.to_text()}" for one in sources.witnesses] or ["  –"]
    return "\n".join(lines) + "\n"


def _subject(scope: Mapping[str, str]) -> str:
    match scope["kind"]:
        case "consignment":
            bags = f" và túi đã chở {scope['bags'].replace(',', ', ')}" if "bags" in scope else ""
            if "entries" not in scope:
                return f"Bưu gửi {scope['code']}{bags}"
            listed = scope["entries"].replace(",", ", ")
            return f"Bưu gửi {scope['code']}{bags}, chỉ các bản ghi {listed} (không phải toàn bộ)"
        case "period":
            return _period(scope)
        case _:
            chosen = f"bưu gửi {scope['codes']}" if "codes" in scope else f"bản ghi {scope['entries']}"
            when = f", {_period(scope).lower()}" if "from" in scope else ""
            return f"Sự cố {scope['reference']}: {chosen.replace(',', ', ')}{when}"


def _period(scope: Mapping[str, str]) -> str:
    first, until = (
        f"{parse_at(scope[name]).astimezone(VIETNAM_TIME):%H:%M %d/%m/%Y}" for name in ("from", "until")
    )
    return f"Từ {first} đến trước {until}"


def _label(label: str, sources: Sources) -> str:
    family = "sealed_field" if label in set(SealedField) else "commitment"
    return sources.words(f"{family}.{label}")


def _events(uow: UnitOfWork, story: Story, sources: Sources) -> tuple[EvidenceEvent, ...]:
    actors = {actor for entry in story.entries if (actor := _actor(entry)) is not None}
    users = uow.users.list_by_ids(actors) if actors else {}
    units = uow.units.list_by_ids({user.unit_id for user in users.values()}) if users else {}
    codes = _codes(story.manifest.scope)
    return tuple(
        EvidenceEvent(
            index=entry.index,
            what=sources.words(f"kind.{entry.kind}"),
            items=_items(entry.items, codes),
            device_at=_device_at(entry),
            recorded_at=entry.at,
            who=_who(entry, users, units, sources=sources, named=story.with_fields),
            device_keys=tuple(signed.key_id for signed in entry.envelopes),
        )
        for entry in story.entries
    )


def _codes(scope: Mapping[str, str]) -> frozenset[str]:
    said = (scope.get(name, "").split(",") for name in ("code", "codes", "bags"))
    return frozenset(code for codes in said for code in codes if code)


def _items(lines: tuple[ItemLine, ...], codes: frozenset[str]) -> str:
    """Name the items that the bundle is about; of others on the same list only how many they are."""
    own = [line for line in lines if not codes or line.code in codes]
    shown = own if codes else own[:_CODES_SHOWN]
    words = [f"{line.code} (từ chối)" if line.refusal else line.code for line in shown]
    rest = len(lines) - len(shown)
    if rest:
        words.append(f"và {rest} bưu gửi khác trong bản kê")
    return ", ".join(words) or "–"


def _device_at(entry: Entry) -> datetime | None:
    try:
        return parse_evidence(entry.envelopes[0].payload).at if entry.envelopes else None
    except AuditError:
        # A statement nobody can read has no time; the verifier says what is wrong with it.
        return None


def _actor(entry: Entry) -> UserId | None:
    actor = entry.facts.get("actor")
    return UserId(actor) if isinstance(actor, int) else None


def _who(
    entry: Entry,
    users: Mapping[UserId, User],
    units: Mapping[UnitId, Unit],
    *,
    sources: Sources,
    named: bool,
) -> str:
    actor = _actor(entry)
    if actor is None:
        return "Hệ thống"
    user = users.get(actor)
    if user is None:
        return f"Người dùng số {actor}"
    unit = units.get(user.unit_id)
    role = sources.words(f"role.{Role(user.role)}")
    told = [user.full_name] if named else []
    told += [role, *([] if unit is None else [unit.name]), f"người dùng số {actor}"]
    return ", ".join(told)
