"""Keys and codes of offices: as they stand, their steps, and the seals spent on envelopes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, insert, or_, select, update

from app.domain.access_key import AccessKey, AccessKeyKind, AccessKeyStep, StepTaken
from app.domain.ids import UnitId, UserId
from app.domain.seal_stock import Issue, SealNumber
from app.storage.statements import Statements
from app.storage.tables.access_keys import ACCESS_KEY_SEALS, ACCESS_KEY_STEPS, ACCESS_KEYS

K, S, E = ACCESS_KEYS.c, ACCESS_KEY_STEPS.c, ACCESS_KEY_SEALS.c


def is_due(now: datetime) -> ColumnElement[bool]:
    """Say in SQL which are to be changed: their time is up, or somebody left."""
    return and_(K.retired_at.is_(None), or_(K.due_at <= now, K.staff_left_at.is_not(None)))


class AccessKeys:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, key: AccessKey) -> AccessKey:
        """Write a new one and return it with its id."""
        return replace(
            key, id=self._statements.insert(insert(ACCESS_KEYS).values(_values(key)).returning(K.id))
        )

    def put_back(self, key: AccessKey) -> None:
        """Write one under the id that the log gave; whatever comes after gets another."""
        self._statements.write(insert(ACCESS_KEYS).values({"id": key.id, **_values(key)}))
        self._statements.draw_past(ACCESS_KEYS, key.id)

    def save(self, after: AccessKey) -> None:
        """Keep how a locked one stands."""
        self._statements.update_one(update(ACCESS_KEYS).where(K.id == after.id).values(_moving(after)))

    def add_step(self, key: AccessKey, step: StepTaken) -> None:
        """Write what happened."""
        values = {
            "access_key_id": key.id,
            "step": step.step.value,
            "round": step.round,
            "user_id": step.user,
            "partner_id": step.partner,
            "at": step.at,
        }
        self._statements.write(insert(ACCESS_KEY_STEPS).values(values))

    def spend_seal(self, seal: SealNumber, issue: Issue, key: AccessKey, *, now: datetime) -> bool:
        """Put a number of the stock on an envelope; False when it is on another, whoever was faster."""
        values = {"seal_key": seal.key, "access_key_id": key.id, "issue_id": issue.id, "used_at": now}
        return self._statements.insert_missing(ACCESS_KEY_SEALS, values)

    def find(self, identity: int) -> AccessKey | None:
        """Return one."""
        row = self._statements.first(select(ACCESS_KEYS).where(K.id == identity))
        return None if row is None else _key(row)

    def lock(self, identity: int) -> AccessKey | None:
        """Return one that nobody else changes until the end of this transaction."""
        row = self._statements.first(select(ACCESS_KEYS).where(K.id == identity).with_for_update())
        return None if row is None else _key(row)

    def list(self, unit: UnitId | None = None) -> tuple[AccessKey, ...]:
        """Return those of an office, or all, by office and name."""
        asked = select(ACCESS_KEYS).order_by(K.unit_id, K.name, K.id)
        if unit is not None:
            asked = asked.where(K.unit_id == unit)
        return tuple(_key(row) for row in self._statements.rows(asked))

    def count_due(self, unit: UnitId | None, *, now: datetime) -> int:
        """Return how many of an office, or of all, are to be changed."""
        asked = select(func.count()).select_from(ACCESS_KEYS).where(is_due(now))
        if unit is not None:
            asked = asked.where(K.unit_id == unit)
        row = self._statements.first(asked)
        return 0 if row is None else int(row[0])

    def list_steps(self, keys: Iterable[int]) -> dict[int, tuple[StepTaken, ...]]:
        """Return every step of these, oldest first."""
        found: dict[int, list[StepTaken]] = {}
        asked = select(ACCESS_KEY_STEPS).where(S.access_key_id.in_(sorted(set(keys)))).order_by(S.id)
        for row in self._statements.rows(asked):
            found.setdefault(int(row.access_key_id), []).append(_step(row))
        return {key: tuple(steps) for key, steps in found.items()}

    def list_touched(self, user: UserId) -> tuple[int, ...]:
        """Return those in use in whose present round a person took a part."""
        asked = (
            select(K.id)
            .distinct()
            .join(ACCESS_KEY_STEPS, and_(S.access_key_id == K.id, S.round == K.round))
            .where(K.retired_at.is_(None), or_(S.user_id == user, S.partner_id == user))
            .order_by(K.id)
        )
        return tuple(int(row[0]) for row in self._statements.rows(asked))


def _values(key: AccessKey) -> dict[str, object]:
    return {
        "unit_id": key.unit,
        "kind": key.kind.value,
        "name": key.name,
        "registered_by_id": key.registered_by,
        "registered_at": key.registered_at,
        **_moving(key),
    }


def _moving(key: AccessKey) -> dict[str, object]:
    return {
        "seal": key.seal,
        "holder_id": key.holder,
        "round": key.round,
        "changed_at": key.changed_at,
        "due_at": key.due_at,
        "staff_left_at": key.staff_left_at,
        "retired_at": key.retired_at,
    }


def _key(row: Row[*tuple[Any, ...]]) -> AccessKey:
    return AccessKey(
        id=int(row.id),
        unit=UnitId(int(row.unit_id)),
        kind=AccessKeyKind(row.kind),
        name=row.name,
        seal=row.seal,
        holder=UserId(int(row.holder_id)),
        round=int(row.round),
        registered_by=UserId(int(row.registered_by_id)),
        registered_at=row.registered_at,
        changed_at=row.changed_at,
        due_at=row.due_at,
        staff_left_at=row.staff_left_at,
        retired_at=row.retired_at,
    )


def _step(row: Row[*tuple[Any, ...]]) -> StepTaken:
    return StepTaken(
        step=AccessKeyStep(row.step),
        round=int(row.round),
        user=UserId(int(row.user_id)),
        partner=None if row.partner_id is None else UserId(int(row.partner_id)),
        at=row.at,
    )
