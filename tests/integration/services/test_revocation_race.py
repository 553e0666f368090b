"""Two server processes on one PostgreSQL: what one changes while the other is about to record a scan.

SQLite has one writer at a time, so there nothing can change in between.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from app.domain.access import Role
from app.domain.errors import InvalidInput
from app.services.people import devices
from app.services.scans import handover
from app.services.scans.handover import ScanOutcome, ScanStatus
from app.storage.engine import make_engines
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from audit.evidence import sign_evidence
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from tests.support.databases import Database, PostgresFactory, SteppingClock
from tests.support.town import POST, SENDING, Town


@pytest.fixture
def servers(
    postgres: PostgresFactory, clock: SteppingClock, signer: FileSigner
) -> Iterator[tuple[Town, Writer]]:
    """Settle a town on one server process and give it a second one beside it."""
    database = postgres.make()
    with _server(database, clock, signer) as one, _server(database, clock, signer) as other:
        yield Town(one, clock, signer), other
    postgres.drop(database)


@contextmanager
def _server(database: Database, clock: SteppingClock, signer: FileSigner) -> Iterator[Writer]:
    engines = make_engines(database)
    writer = Writer(engines.write, signer, clock)
    try:
        yield writer
    finally:
        writer.stop()
        engines.dispose()


def _offer_while(town: Town, change: Callable[[], None]) -> ScanOutcome:
    """Let An offer an item, and let `change` happen after her device was read, at the first run only."""
    runs: list[UnitOfWork] = []
    member = town.people["an"]
    (code,) = town.register()
    envelope = sign_evidence(town.offer("an", [code], to=POST, place=SENDING), member.device)

    def use_case(uow: UnitOfWork) -> ScanOutcome:
        assert uow.devices.find_signer(member.device.key_id) is not None
        runs.append(uow)
        if len(runs) == 1:
            change()
        return handover.receive(uow, envelope, actor=member.actor, now=town.clock(), tools=town.tools)

    return town.do(use_case)


def test_a_scan_is_never_recorded_behind_the_revocation_of_its_device(servers: tuple[Town, Writer]) -> None:
    town, other = servers
    member = town.people["an"]

    def revoke() -> None:
        other.submit(
            lambda uow: devices.revoke(
                uow, member.device.key_id, actor=member.actor, now=town.clock(), tools=town.tools
            )
        )

    with pytest.raises(InvalidInput, match="revoked"):
        _offer_while(town, revoke)
    (last,) = town.do(lambda uow: uow.audit.list_latest(limit=1))
    assert f'"kind":"{EntryKind.DEVICE_REVOKED}"'.encode() in last.data


def test_a_person_moved_to_another_role_meanwhile_is_refused_by_the_new_role(
    servers: tuple[Town, Writer],
) -> None:
    town, other = servers
    member = town.people["an"]

    def demote() -> None:
        other.submit(change_role)

    def change_role(uow: UnitOfWork) -> None:
        user = uow.users.find(member.actor.user)
        assert user is not None
        uow.users.amend(replace(user, role=Role.AUDITOR))

    outcome = _offer_while(town, demote)
    assert outcome.status is ScanStatus.REFUSED
    assert [line.refusal for line in outcome.lines] == ["role_not_allowed"]
