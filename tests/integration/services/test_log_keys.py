"""The log's key is changed once for everybody: whoever holds the old one stops, and both ranges are found."""

from dataclasses import replace

import pytest

from app.domain.errors import LogHalted
from app.services.log import audit_trail, log_keys
from app.services.log.log_keys import find_signing_key, list_log_keys
from app.services.people import devices
from app.storage.engine import Engines
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from audit.trust import TrustedKey
from crypto.canonical import JsonValue
from crypto.keys import generate_signing_key
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.office import Office


def note(uow: UnitOfWork) -> None:
    uow.audit.append(EntryDraft(kind=EntryKind.LOG_EXPORTED, facts={"size": 1}))


def test_after_a_rotation_only_the_new_key_signs(
    office: Office, engines: Engines, writer: Writer, clock: SteppingClock, signer: FileSigner
) -> None:
    code = office.register()
    assert office.read(find_signing_key) == signer.key_id
    fresh = FileSigner(generate_signing_key())
    entry = office.write(log_keys.rotate, fresh)
    assert office.read(find_signing_key) == fresh.key_id
    with pytest.raises(LogHalted):
        writer.submit(note)
    assert writer.is_halted
    with pytest.raises(LogHalted):
        office.register()

    office.town.tools = replace(office.town.tools, signer=fresh)
    successor = Writer(engines.write, fresh, clock)
    try:
        successor.submit(note)
        successor.submit(note)
    finally:
        successor.stop()
    assert office.read(list_log_keys) == (
        TrustedKey(public_key=signer.public_key, first=0, until=entry.index + 1),
        TrustedKey(public_key=fresh.public_key, first=entry.index + 1, until=None),
    )
    timeline = office.read(audit_trail.get_timeline, code, actor=office.actors["an"])
    assert timeline.is_verified
    latest = office.read(audit_trail.get_entry, entry.index + 1, actor=office.actors["giang"])
    assert latest.event.is_verified


def test_a_server_with_an_unknown_key_never_signs(
    office: Office, engines: Engines, clock: SteppingClock
) -> None:
    office.register()
    stranger = Writer(engines.write, FileSigner(generate_signing_key()), clock)
    size = office.read(lambda uow: uow.audit.head().size)
    try:
        with pytest.raises(LogHalted):
            stranger.submit(note)
    finally:
        stranger.stop()
    assert office.read(lambda uow: uow.audit.head().size) == size


def test_the_vaults_rotation_changes_no_log_key(office: Office, signer: FileSigner) -> None:
    def record(uow: UnitOfWork) -> None:
        facts: dict[str, JsonValue] = {"key": "1a2b3c4d", "purpose": "vault", "values": 1}
        uow.audit.append(EntryDraft(kind=EntryKind.KEY_ROTATED, facts=facts))

    office.write(record)
    office.register()
    assert office.read(find_signing_key) == signer.key_id
    assert [key.until for key in office.read(list_log_keys)] == [None]


def test_the_console_revokes_any_device(office: Office) -> None:
    every = office.read(devices.list_devices, actor=None)
    office.write(devices.revoke, every[0].key_id, actor=None)
    after = {device.key_id: device for device in office.read(devices.list_devices, actor=None)}
    assert after[every[0].key_id].revoked_at is not None
