"""A device in a test's hand: a real key, a real enrolment, real signed scans.

It says what a handheld would say, and can be told to say wrong things too.
"""

import secrets
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import TypedDict

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.domain.access import Actor
from app.http.surface import Surface
from app.services.people import devices
from app.services.people.devices import EnrolDevice
from audit.evidence import (
    Act,
    ActLine,
    Addressee,
    Attempt,
    AttemptAction,
    AttemptLine,
    AttemptReason,
    Checklist,
    CoverMark,
    EntryMode,
    Evidence,
    EvidenceKind,
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
from crypto.canonical import JsonValue
from crypto.digest import b64encode
from crypto.envelope import Envelope
from crypto.keys import SigningKey, generate_signing_key
from crypto.signer import FileSigner
from tests.support.installation import Installation

# An item that is found as it was registered.
SOUND = Checklist(mark=CoverMark.INTACT, pieces=1, addressee=Addressee.OURS)


class _Common(TypedDict):
    log: str
    scan: str
    at: datetime
    device: str
    actor: int
    place: str
    seq: int
    nonce: str


@dataclass(slots=True, kw_only=True)
class Device:
    """One enrolled device and its owner."""

    installation: Installation
    actor: Actor
    unit_code: str
    key: SigningKey
    token: str
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def signer(self) -> FileSigner:
        """What signs."""
        return FileSigner(self.key)

    @property
    def client(self) -> FlaskClient:
        """The device surface."""
        return self.installation.app(Surface.DEVICES).test_client()

    def offer(self, *codes: str, to: str, purpose: Purpose = Purpose.TRANSFER, place: str = "") -> Offer:
        """Say: I offer these."""
        lines = tuple(OfferLine(code=code, entry=EntryMode.SCAN) for code in codes)
        return Offer(**self._common(place), lines=lines, purpose=purpose, to=Recipient(unit=to, user=None))

    def take(self, *codes: str, nonce: str, place: str = "", seal: str = "") -> Take:
        """Say: I take these."""
        lines = tuple(
            TakeLine(code=code, entry=EntryMode.SCAN, verdict=Verdict.ACCEPT, seal=seal, check=SOUND)
            for code in codes
        )
        return Take(**self._common(place, nonce), lines=lines)

    def recall(self, *codes: str, nonce: str, place: str = "") -> Recall:
        """Say: I take my offer back."""
        lines = tuple(RecallLine(code=code, entry=EntryMode.SCAN) for code in codes)
        return Recall(**self._common(place, nonce), lines=lines)

    def attempt(self, *codes: str, place: str = "") -> Attempt:
        """Say: nobody was there."""
        lines = tuple(AttemptLine(code=code, entry=EntryMode.SCAN) for code in codes)
        return Attempt(
            **self._common(place),
            lines=lines,
            reason=AttemptReason.CLOSED_OFFICE,
            action=AttemptAction.RETRY,
        )

    def act(
        self,
        kind: EvidenceKind,
        subject: str,
        *lines: ActLine,
        facts: Mapping[str, int | str] | None = None,
        witness: int | None = None,
        nonce: str = "",
    ) -> Act:
        """Say: I did this to that."""
        return Act(
            **self._common("", nonce),
            kind=kind,
            subject=subject,
            entry=EntryMode.SCAN,
            witness=witness,
            facts=facts or {},
            lines=lines,
        )

    def sign(self, evidence: Evidence) -> Envelope:
        """Sign a statement."""
        return sign_evidence(evidence, self.signer)

    def send(self, *scans: Evidence, **headers: str) -> TestResponse:
        """Sign and send scans in one request."""
        return self.post(
            "/api/v1/scans", {"envelopes": [self.sign(scan).to_json() for scan in scans]}, **headers
        )

    def post(self, path: str, body: JsonValue, **headers: str) -> TestResponse:
        """Send JSON."""
        return self.client.post(path, json=body, headers={**self.headers, **headers})

    def get(self, path: str) -> TestResponse:
        """Ask."""
        return self.client.get(path, headers=self.headers)

    @property
    def headers(self) -> dict[str, str]:
        """What proves which device calls."""
        return {"Authorization": f"Bearer {self.token}"}

    def _common(self, place: str, nonce: str = "") -> _Common:
        return {
            "log": self.installation.config.origin,
            "scan": str(uuid.uuid4()),
            "at": self._now(),
            "device": self.key.public_key.key_id,
            "actor": int(self.actor.user),
            "place": place or self.unit_code,
            "seq": next(self.numbers),
            "nonce": nonce or secrets.token_hex(16),
        }

    def _now(self) -> datetime:
        return self.installation.clock()


def enrol(installation: Installation, username: str) -> Device:
    """Enrol a new device for a person."""
    key, actor = generate_signing_key(), installation.actors[username]
    public = key.public_key.to_text()
    challenge = devices.challenge_text(installation.config.origin, actor.user, public)
    command = EnrolDevice(
        untrusted_name=f"Máy của {username}",
        untrusted_public_key=public,
        untrusted_signature=b64encode(key.sign(challenge)),
    )
    enrolled = installation.runtime.write(devices.enrol, command, actor=actor)
    unit = next(code for code, found in installation.unit_ids.items() if found == actor.unit)
    return Device(installation=installation, actor=actor, unit_code=unit, key=key, token=enrolled.token)
