"""Put back what entries did to units, accounts and devices.

Of a person the log knows number, role, unit and whether the account is open; never a name or a password. Who
comes back so has the user name `lost-17`, the name `#17` and a password that nothing fits. A password that
was changed in the gap is gone too: the backup's older one must not open anything again. A device comes back
with its key, which signatures are checked by, and without its token.
"""

from collections.abc import Mapping
from dataclasses import replace

from app.domain.errors import NotInTheLog
from app.domain.ids import KeyId, UnitId, UserId
from app.domain.text import name_key, search_key
from app.services.people.access_keys import note_departure
from app.services.people.accounts import LOCALES, NO_PASSWORD, lost_username
from app.services.recovery.facts import Lost, Replay, Said, draft_of, get_person, get_unit
from app.storage.records import Device, Unit, User
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from crypto.canonical import JsonValue
from crypto.errors import CryptoError
from crypto.keys import PublicKey


def create_account(uow: UnitOfWork, entry: Entry, *, replay: Replay) -> None:
    """Let a person exist again whom nobody can name from the log."""
    said = Said(entry=entry)
    user = UserId(said.number("account"))
    if uow.users.find(user) is not None:
        raise said.differs(f"creates account {user}, which is there already")
    uow.users.put_back(
        User(
            id=user,
            username=lost_username(user),
            full_name=_lost_name(user),
            name_key=name_key(_lost_name(user)),
            position="",
            role=said.text("role"),
            unit_id=get_unit(uow, said, said.text("unit")).id,
            password_hash=NO_PASSWORD,
            locale=LOCALES[0],
            active=said.flag("active"),
            created_at=entry.at,
            must_change_password=True,
        )
    )
    replay.lose(
        Lost(
            entry=entry.index,
            of=f"person {user}",
            values=("username", "full_name", "position", "locale", "password"),
        )
    )
    uow.audit.append(draft_of(entry))


def change_account(uow: UnitOfWork, entry: Entry, *, replay: Replay) -> None:
    """Change role, unit and state; what was changed in name or password is lost, the old value with it."""
    said = Said(entry=entry)
    before = get_person(uow, said, UserId(said.number("account")))
    change = said.text("change")
    lost: tuple[str, ...] = ()
    if change in {"password", "own_password"}:
        uow.users.set_password(before.id, NO_PASSWORD, must_change=True)
        lost = ("password",)
    else:
        after = replace(
            before,
            role=said.text("role"),
            unit_id=get_unit(uow, said, said.text("unit")).id,
            active=said.flag("active"),
            closed_at=None if said.flag("active") else before.closed_at or entry.at,
        )
        changed = entry.facts.get("changed", [])
        listed = changed if isinstance(changed, list) else []
        lost = tuple(name for name in ("username", "full_name", "position") if name in listed)
        uow.users.amend(_forget(after, lost))
        note_departure(uow, before, after, now=entry.at)
    uow.sessions.delete_of_user(before.id)
    if lost:
        replay.lose(Lost(entry=entry.index, of=f"person {before.id}", values=lost))
    uow.audit.append(draft_of(entry))


def enrol_device(uow: UnitOfWork, entry: Entry, *, replay: Replay) -> None:
    """Let a device's signatures count again; its token and its name are gone."""
    said = Said(entry=entry)
    try:
        key = PublicKey.from_text(said.text("public_key"))
    except CryptoError:
        raise said.differs("states no key") from None
    owner = get_person(uow, said, UserId(said.number("owner")))
    device = Device(
        id=0,
        key_id=KeyId(key.key_id),
        public_key=key.raw,
        user_id=owner.id,
        name=key.key_id,
        token_hash=None,
        enrolled_at=entry.at,
        revoked_at=None,
        enrolled_index=0,
    )
    uow.devices.add(device, uow.audit.append(draft_of(entry)))
    replay.lose(Lost(entry=entry.index, of=f"device {key.key_id}", values=("name", "token")))


def revoke_device(uow: UnitOfWork, entry: Entry) -> None:
    """Mark a device as revoked again."""
    said = Said(entry=entry)
    device = uow.devices.find_by_key(said.text("device"))
    if device is None:
        raise said.differs("revokes a device that the database does not know")
    uow.devices.revoke(device.id, revoked_at=entry.at)
    uow.audit.append(draft_of(entry))


def check_units(entry: Entry) -> None:
    """Raise NotInTheLog for a list of units of which an older program stated only the digest."""
    _list_units(entry)


def add_units(uow: UnitOfWork, entry: Entry) -> None:
    """Add one unit or a list of them, parents first."""
    for values in _list_units(entry):
        said = Said(entry=replace(entry, facts=dict(values)))
        uow.units.add(_unit(uow, said, UnitId(0), said.text("unit")))
    uow.audit.append(draft_of(entry))


def change_unit(uow: UnitOfWork, entry: Entry) -> None:
    """Change what was changed of a unit."""
    said = Said(entry=entry)
    before = get_unit(uow, said, said.text("unit"))
    parent = None if before.parent_id is None else uow.units.get(before.parent_id)
    values: dict[str, JsonValue] = {
        "kind": before.kind,
        "name": before.name,
        "short_name": before.short_name,
        "province": before.province,
        "commune": before.commune,
        "address": before.address,
        "parent": "" if parent is None else parent.code,
        "active": before.active,
    }
    values |= {name: entry.facts[f"new_{name}"] for name in values if f"new_{name}" in entry.facts}
    after = _unit(uow, Said(entry=replace(entry, facts=values)), before.id, before.code)
    closed_at = None if after.active else before.closed_at or entry.at
    uow.units.amend(replace(after, closed_at=closed_at))
    uow.audit.append(draft_of(entry))


def _list_units(entry: Entry) -> list[Mapping[str, JsonValue]]:
    if "unit" in entry.facts:
        return [entry.facts]
    listed = entry.facts.get("units")
    if not isinstance(listed, list):
        raise NotInTheLog(f"entry {entry.index} ({entry.kind}) states only the digest of a list of units")
    return [values for values in listed if isinstance(values, dict)]


def _unit(uow: UnitOfWork, said: Said, identity: UnitId, code: str) -> Unit:
    name, short_name, parent = said.text("name"), said.text("short_name"), said.text("parent")
    return Unit(
        id=identity,
        code=code,
        kind=said.text("kind"),
        name=name,
        short_name=short_name,
        search_name=search_key(f"{name} {short_name} {code}"),
        province=said.text("province"),
        commune=said.text("commune"),
        address=said.text("address"),
        parent_id=get_unit(uow, said, parent).id if parent else None,
        active=said.flag("active"),
    )


def _forget(user: User, lost: tuple[str, ...]) -> User:
    if "username" in lost:
        user = replace(user, username=lost_username(user.id))
    if "full_name" in lost:
        user = replace(user, full_name=_lost_name(user.id), name_key=name_key(_lost_name(user.id)))
    return replace(user, position="") if "position" in lost else user


def _lost_name(user: UserId) -> str:
    return f"#{user}"
