"""Prepares a real installation to measure: keys, a migrated database, people with devices, registered items.

Everything goes through the services a server uses; only the signing of scans stands in for the browser.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

from app.domain.access import Actor, Role
from app.domain.consignment import Attestations, Registration
from app.domain.grades import Grade, Secrecy
from app.domain.ids import ConsignmentCode, UnitId
from app.domain.text import name_key
from app.factory import build_runtime
from app.keystore import create_keys
from app.runtime import Runtime
from app.services.items.registration import record_registration
from app.services.people import accounts, authorities, devices, units
from app.services.people.accounts import CreateUser, IssuedPassword
from app.services.people.authorities import IssueAuthority
from app.services.people.devices import EnrolDevice, challenge_text
from app.services.people.units import AddUnit
from app.services.scans import handover
from app.services.scans.handover import ScanStatus
from app.services.tools import Tools
from app.storage import migrate
from app.storage.uow import UnitOfWork
from audit.evidence import (
    EntryMode,
    Offer,
    OfferLine,
    Purpose,
    Recall,
    RecallLine,
    Recipient,
    Take,
    TakeLine,
    Verdict,
    sign_evidence,
)
from config import Config
from crypto.digest import b64encode
from crypto.envelope import Envelope
from crypto.keys import generate_signing_key
from crypto.signer import FileSigner
from crypto.timestamps import format_at

SENDER, RECIPIENT, POST = "24.H01", "24.H02", "24.P01"
_UNITS = (
    (SENDER, "agency", "Cơ quan gửi"),
    (RECIPIENT, "agency", "Cơ quan nhận"),
    (POST, "point", "Bưu cục"),
)
_PER_JOB = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person with an enrolled device."""

    actor: Actor
    unit: str
    device: FileSigner
    token: str


class World:
    """See the module. `config` describes the installation, so that a server can be started on it."""

    def __init__(self, config: Config) -> None:
        self.config = config
        config.data_dir.mkdir(parents=True, exist_ok=True)
        create_keys(config.keys_path)
        migrate.upgrade(config.database_url)
        self._runtime = build_runtime(config)
        for code, kind, name in _UNITS:
            form = {"code": code, "kind": kind, "name": name, "province": "24"}
            self._runtime.write(units.add_unit, AddUnit(untrusted=form), actor=None)
        self._units: dict[str, UnitId] = self._runtime.read(units.unit_ids)
        self.giver = _person(self._runtime, self._units, "giver", Role.FOCAL_POINT, SENDER)
        self.courier = _person(self._runtime, self._units, "courier", Role.COURIER, POST)
        self._give_card(self.courier)
        self._seq = count(1)

    def _give_card(self, person: Person) -> None:
        """Let an administrator issue the card without which the policy lets nobody take what bears a mark."""
        issuer = _account(self._runtime, self._units, "administrator", Role.ADMINISTRATOR, POST)
        until = self._runtime.now() + timedelta(days=300)
        form = {"holder": str(person.actor.user), "number": "01/TGL", "valid_until": format_at(until)}
        self._runtime.write(authorities.issue, IssueAuthority(untrusted=form), actor=issuer)

    def environment(self) -> dict[str, str]:
        """Return the variables with which a server finds this installation."""
        return {"KT1_DATA_DIR": str(self.config.data_dir), "KT1_DATABASE_URL": self.config.database_url}

    def close(self) -> None:
        """Let go of the database before a server takes it."""
        self._runtime.close()

    def register(self, items: int) -> list[ConsignmentCode]:
        """Register so many items of the giver's unit."""
        form = Registration(
            recipient_unit=self._units[RECIPIENT],
            receiver_name="",
            named_only=False,
            grade=Grade(secrecy=Secrecy.C, express=False, appointed_at=None),
            document_numbers="12/BC",
            document_date=date(2026, 11, 22),
            document_type="Báo cáo",
            abstract="",
            pieces=1,
            weight_g=200,
            attestations=Attestations(inner_envelope=False, outer_envelope=True, sealed=True),
            seal="",
        )
        actor = self.giver.actor

        def job(uow: UnitOfWork, size: int, *, now: datetime, tools: Tools) -> list[ConsignmentCode]:
            return [
                record_registration(uow, form, actor=actor, now=now, tools=tools).code for _ in range(size)
            ]

        sizes = [_PER_JOB] * (items // _PER_JOB) + [items % _PER_JOB] * bool(items % _PER_JOB)
        return [code for size in sizes for code in self._runtime.write(job, size)]

    def offer(self, codes: Sequence[ConsignmentCode], nonce: str) -> Envelope:
        """Let the giver offer a list to the courier at the giver's counter."""
        lines = tuple(OfferLine(code=code, entry=EntryMode.SCAN) for code in codes)
        statement = Offer(
            log=self.config.origin,
            scan=str(uuid.uuid4()),
            at=datetime.now(UTC),
            device=self.giver.device.key_id,
            actor=int(self.giver.actor.user),
            place=SENDER,
            seq=next(self._seq),
            nonce=nonce,
            purpose=Purpose.TRANSFER,
            to=Recipient(unit=POST, user=None),
            lines=lines,
        )
        return sign_evidence(statement, self.giver.device)

    def recall(self, codes: Sequence[ConsignmentCode], nonce: str) -> Envelope:
        """Let the giver take an offer back."""
        statement = Recall(
            log=self.config.origin,
            scan=str(uuid.uuid4()),
            at=datetime.now(UTC),
            device=self.giver.device.key_id,
            actor=int(self.giver.actor.user),
            place=SENDER,
            seq=next(self._seq),
            nonce=nonce,
            lines=tuple(RecallLine(code=code, entry=EntryMode.SCAN) for code in codes),
        )
        return sign_evidence(statement, self.giver.device)

    def receive(self, person: Person, envelope: Envelope) -> None:
        """Record a scan beside the measurement; raises RuntimeError unless every line is accepted."""
        outcome = self._runtime.write(handover.receive, envelope, actor=person.actor)
        if outcome.status is not ScanStatus.ACCEPTED:
            raise RuntimeError(f"not accepted: {outcome}")

    def take(self, codes: Sequence[ConsignmentCode], nonce: str) -> Envelope:
        """Let the courier take what was offered under the nonce."""
        lines = tuple(
            TakeLine(code=code, entry=EntryMode.SCAN, verdict=Verdict.ACCEPT, reason=None, seal="")
            for code in codes
        )
        statement = Take(
            log=self.config.origin,
            scan=str(uuid.uuid4()),
            at=datetime.now(UTC),
            device=self.courier.device.key_id,
            actor=int(self.courier.actor.user),
            place=SENDER,
            seq=next(self._seq),
            nonce=nonce,
            lines=lines,
        )
        return sign_evidence(statement, self.courier.device)


def make_world(folder: Path, database_url: str = "") -> World:
    """Make an installation in an empty folder."""
    return World(Config(data_dir=folder, database_url=database_url))


def request_body(envelopes: Sequence[Envelope]) -> bytes:
    """Return the body of one POST /api/v1/scans."""
    return b'{"envelopes":[' + b",".join(envelope.to_bytes() for envelope in envelopes) + b"]}"


def _account(runtime: Runtime, unit_ids: dict[str, UnitId], username: str, role: Role, unit: str) -> Actor:
    form = {"username": username, "full_name": username, "role": role, "unit": unit, "locale": "vi"}
    user = runtime.write(
        accounts.create_user,
        CreateUser(untrusted=form),
        issued=IssuedPassword(text="", hashed="-", must_change=False),
        actor=None,
    )
    return Actor(user=user, unit=unit_ids[unit], role=role, active=True, name_key=name_key(username))


def _person(runtime: Runtime, unit_ids: dict[str, UnitId], username: str, role: Role, unit: str) -> Person:
    actor = _account(runtime, unit_ids, username, role, unit)
    device = FileSigner(generate_signing_key())
    text = device.public_key.to_text()
    proof = device.sign(challenge_text(runtime.tools.origin, actor.user, text))
    command = EnrolDevice(
        untrusted_name="bench", untrusted_public_key=text, untrusted_signature=b64encode(proof)
    )
    enrolled = runtime.write(devices.enrol, command, actor=actor)
    return Person(actor=actor, unit=unit, device=device, token=enrolled.token)
