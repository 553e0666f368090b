"""The only door through which a person reaches a bag.

"Not there" and "not yours" are the same answer, NotFound. What is in a bag, and how many, is given only to
those whose business it is; the number of its seal to nobody who may still have to read it off the bag.

For the surfaces:
    get_bag(uow, code, *, actor, now, tools) -> Bag
    get_bag_record(uow, code, *, actor, now, tools) -> BagRecord      the page
    get_manifest(uow, code, *, actor, now, tools) -> ManifestFile
    list_bags(uow, search, *, actor, now, tools) -> BagPage
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.access import POST, Actor, Permission, Role
from app.domain.bag import Bag, BagState, Contents
from app.domain.bag_access import may_see_bag, may_see_contents, may_see_seal
from app.domain.consignment import Custodian
from app.domain.errors import NotFound
from app.domain.ids import BagId, UnitId, UserId
from app.services.people.permissions import require
from app.services.shifts.blind import unseen_holder
from app.services.tools import Tools
from app.storage.records import Unit, User
from app.storage.repositories.bag_search import BagSearch, BagVisibility
from app.storage.uow import UnitOfWork
from audit.evidence import Mark
from audit.manifest import Manifest, parse_manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One code in a bag: `known` says whether a seal vouches for it or somebody looked; `mark` once answered.

    `is_listed` is False for what was found in it though no manifest names it.
    """

    code: str
    known: Contents
    mark: Mark | None
    is_listed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BagRecord:
    """Everything one person may know about one bag.

    `contents` is None for whoever must not know what is in it; `seal` for whoever may have to read it.
    `custodian` answers for it now: of a bag in another bag, the outer one's.
    """

    bag: Bag
    custodian: Custodian
    outer_code: str
    contents: tuple[Content, ...] | None
    seal: str | None
    has_left: bool
    units: dict[UnitId, Unit]
    users: dict[UserId, User]

    def count(self, known: Contents) -> int:
        """How many of what lies or lay in it are known in this way; 0 for whoever must not know."""
        return sum(one.known is known for one in self.contents or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFile:
    """A frozen manifest; `data` is None for whoever may still have to read the seal."""

    record: BagRecord
    manifest: Manifest
    closed_by: User
    data: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BagPage:
    """One page of a list, newest first, with the names in it; `next_before` continues it.

    `custodians` answer for the bags now; `counted` are the bags whose number of pieces this person may know.
    """

    rows: tuple[Bag, ...]
    custodians: dict[BagId, Custodian]
    counted: frozenset[BagId]
    total: int
    units: dict[UnitId, Unit]
    users: dict[UserId, User]
    next_before: int | None


def find_visible_bag(uow: UnitOfWork, code: str, *, actor: Actor) -> Bag | None:
    """Return a bag this person may know about, None for every other code alike."""
    bag = uow.bags.find(code)
    if bag is None:
        return None
    was_holder = actor.role in POST and uow.bags.was_holder(bag.id, actor.user)
    return bag if may_see_bag(bag, actor, was_holder=was_holder) else None


def get_bag(
    uow: UnitOfWork, code: str, *, actor: Actor, now: datetime | None = None, tools: Tools | None = None
) -> Bag:
    """Return a bag this person may know about; raises NotFound for every other code alike."""
    del now, tools
    require(actor, Permission.VIEW_BAG)
    bag = find_visible_bag(uow, code, actor=actor)
    if bag is None:
        raise NotFound
    return bag


def get_bag_record(
    uow: UnitOfWork, code: str, *, actor: Actor, now: datetime | None = None, tools: Tools | None = None
) -> BagRecord:
    """Return a bag with everything about it that is for this person."""
    bag = get_bag(uow, code, actor=actor, now=now, tools=tools)
    outer = uow.bags.list_by_ids({bag.outer}).get(bag.outer) if bag.outer is not None else None
    custodian = bag.custodian if outer is None else outer.custodian
    units = {bag.origin, bag.destination, custodian.unit, bag.custodian.unit}
    users = {custodian.user, bag.custodian.user}
    if bag.offer is not None:
        units |= {bag.offer.to_unit, bag.offer.place}
        users |= {bag.offer.by, bag.offer.to_user or bag.offer.by}
    people = uow.users.list_by_ids(users)
    has_left = _has_left(bag, custodian, people)
    # Whoever counts what lies in an open bag reads it off the things, not off this page.
    hides = custodian.user == unseen_holder(uow, actor)
    sees_contents = may_see_contents(bag, actor, has_left=has_left) and not hides
    sees_outer = (
        outer is not None and not hides and find_visible_bag(uow, outer.code, actor=actor) is not None
    )
    return BagRecord(
        bag=bag,
        custodian=custodian,
        outer_code=outer.code if outer is not None and sees_outer else "",
        contents=_contents(uow, bag) if sees_contents else None,
        seal=bag.seal if may_see_seal(bag, actor, has_left=has_left) else None,
        has_left=has_left,
        units=uow.units.list_by_ids(units),
        users=people,
    )


def get_manifest(
    uow: UnitOfWork, code: str, *, actor: Actor, now: datetime | None = None, tools: Tools | None = None
) -> ManifestFile:
    """Return the manifest of a closed bag to whoever may know its contents; raises NotFound otherwise."""
    record = get_bag_record(uow, code, actor=actor, now=now, tools=tools)
    data = uow.bags.find_manifest(record.bag.id)
    if data is None or record.contents is None:
        raise NotFound
    manifest = parse_manifest(data)
    closer = uow.users.find(UserId(manifest.closed_by))
    if closer is None:
        raise NotFound
    return ManifestFile(
        record=record, manifest=manifest, closed_by=closer, data=None if record.seal is None else data
    )


def list_bags(
    uow: UnitOfWork,
    search: BagSearch,
    *,
    actor: Actor,
    now: datetime | None = None,
    tools: Tools | None = None,
) -> BagPage:
    """Return one page of what was asked for, within what this person may know about."""
    del now, tools
    require(actor, Permission.VIEW_BAG)
    visibility = bags_seen_by(uow, actor)
    rows = uow.bags.list(search, visibility)
    total = len(rows)
    if search.before_id is not None or total == search.limit:
        total = uow.bags.count(search, visibility)
    custodians = custodians_of(uow, rows)
    units = {unit for bag in rows for unit in (bag.origin, bag.destination)}
    units |= {one.unit for one in custodians.values()} | {bag.custodian.unit for bag in rows}
    users = {one.user for one in custodians.values()}
    people = uow.users.list_by_ids(users) if users else {}
    return BagPage(
        rows=rows,
        custodians=custodians,
        counted=frozenset(
            bag.id
            for bag in rows
            if may_see_contents(bag, actor, has_left=_has_left(bag, custodians[bag.id], people))
        ),
        total=total,
        units=uow.units.list_by_ids(units) if units else {},
        users=people,
        next_before=int(rows[-1].id) if len(rows) == search.limit else None,
    )


def bags_seen_by(uow: UnitOfWork, actor: Actor) -> BagVisibility:
    """Return which bags a list shows this person now: not those they are counting at this moment."""
    return replace(bag_visibility(actor), unseen_holder=unseen_holder(uow, actor))


def bag_visibility(actor: Actor) -> BagVisibility:
    """Return `may_see_bag` in the words of storage; the two are held together by a test."""
    match actor.role:
        case Role.COURIER:
            return BagVisibility(holder=actor.user, offered_unit=actor.unit)
        case Role.CLERK:
            return BagVisibility(holder=actor.user, offered_unit=actor.unit, office=actor.unit)
        case Role.AUDITOR:
            return BagVisibility(everything=True)
        case Role.FOCAL_POINT | Role.MINISTRY_READER | Role.ADMINISTRATOR:
            return BagVisibility()


def custodians_of(uow: UnitOfWork, bags: Iterable[Bag]) -> dict[BagId, Custodian]:
    """Say who answers for each bag now: its own custodian, or that of the bag it lies in."""
    listed = tuple(bags)
    outer = uow.bags.list_by_ids({bag.outer for bag in listed if bag.outer is not None})
    return {bag.id: outer[bag.outer].custodian if bag.outer in outer else bag.custodian for bag in listed}


def _has_left(bag: Bag, custodian: Custodian, users: dict[UserId, User]) -> bool:
    """Tell whether a closed bag is no longer with a clerk of the office that packed it."""
    if bag.closed_at is None:
        return False
    return custodian.unit != bag.origin or Role(users[custodian.user].role) is not Role.CLERK


def _contents(uow: UnitOfWork, bag: Bag) -> tuple[Content, ...]:
    """Return what lies in it and what was answered; what was taken out again before closing is gone.

    Whoever fills a bag has each thing in hand, so what is in an open bag is verified; the seal makes it
    inferred until somebody answers. An item that is missing is known to nobody: it stays inferred.
    """
    looked = bag.state is BagState.OPEN
    found: dict[str, Content] = {}
    for packing in uow.bags.list_packings(bag.id):
        if packing.mark == "":
            found.pop(packing.code, None)
            continue
        mark = None if packing.mark is None else Mark(packing.mark)
        seen = looked or mark not in {None, Mark.MISSING}
        found[packing.code] = Content(
            code=packing.code,
            known=Contents.VERIFIED if seen else Contents.INFERRED,
            mark=mark,
            is_listed=mark is not Mark.EXCESS,
        )
    return tuple(found[code] for code in sorted(found))
