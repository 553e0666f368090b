"""One person of the demo at their own browser: logs in, enrols a key, fills in forms, signs what is scanned.

Everything goes through the pages and forms a real browser uses, signed by a key that stays here. It must
never be given a fact (a code, an offer's nonce) that its own screen does not show.
"""

import json
import re
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from app.cli.demo.browser import Browser, Page, UnexpectedAnswer, expect
from app.cli.demo.clock import StoryClock
from audit.evidence import (
    Act,
    ActLine,
    Addressee,
    Checklist,
    CoverMark,
    EntryMode,
    Evidence,
    EvidenceKind,
    Offer,
    OfferLine,
    Purpose,
    Recipient,
    Take,
    TakeLine,
    TakeReason,
    Verdict,
    sign_evidence,
)
from audit.kinds import REQUIRED_EVIDENCE, EntryKind
from crypto.digest import b64encode
from crypto.keys import generate_signing_key
from crypto.signer import FileSigner

# What whoever receives an item ticks off when it is as the sender registered it.
_SOUND = Checklist(mark=CoverMark.INTACT, pieces=1, addressee=Addressee.OURS)
_OPTION = re.compile(r'<option value="([^"]+)"[^>]*>([^<]*)')
_KINDS = {evidence: kind for kind, evidence in REQUIRED_EVIDENCE.items()}
# What is counted blind is a shift or a muster; the code of its subject says which.
_COUNTS = {"CA": EntryKind.SHIFT_COUNTED, "KK": EntryKind.MUSTER_COUNTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanAnswer:
    """What the server said to one signed list: its entry, which lines were refused, in which words."""

    kind: EntryKind
    status: str
    entry: int
    codes: tuple[str, ...]
    refusals: Mapping[str, str]
    text: str


class Person:
    """A browser, and whoever sits at it."""

    def __init__(
        self, browser: Browser, *, username: str, password: str, title: str, clock: StoryClock
    ) -> None:
        self.browser = browser
        self.title = title
        self.username = username
        self.password = password
        self.unit = ""
        self._clock = clock
        self._signer = FileSigner(generate_signing_key())
        self._sequence = 0
        self._user = 0
        self._log = ""

    def now(self) -> datetime:
        """Read the clock of this person's device, which goes right."""
        return self._clock.now()

    def log_in(self) -> Page:
        """Fill in the login form; afterwards the home page is open."""
        self.browser.get("/login")
        fields = {"username": self.username, "password": self.password, "next": ""}
        page = expect(self.browser.post("/login", fields))
        if page.path.startswith("/login"):
            raise UnexpectedAnswer(f"{self.username} could not log in: {page.words[:300]}")
        return page

    def enrol(self) -> str:
        """Enrol this browser's key, which proves itself to this log for this person; returns its name."""
        page = expect(self.browser.get("/devices"))
        self._user = int(attribute(page, "data-user"))
        public_key = self._signer.public_key.to_text()
        self._log = attribute(page, "data-origin")
        statement = f"kt1/enrol/v1\n{self._log}\n{self._user}\n{public_key}\n"
        fields = {
            "name": f"Trình duyệt của {self.username}",
            "public_key": public_key,
            "signature": b64encode(self._signer.sign(statement.encode())),
        }
        expect(self.browser.post("/devices/enrol", fields), 200, 201)
        self.unit = str(self._desk()["me"]["unit_code"])
        return self._signer.key_id

    def offer(
        self, codes: Sequence[str], *, to: str, place: str = "", purpose: Purpose = Purpose.TRANSFER
    ) -> ScanAnswer:
        """Sign a list over to a unit, at our own unit unless a place is named."""
        lines = tuple(OfferLine(code=code, entry=EntryMode.SCAN) for code in codes)
        said = Offer(
            **self._common(place or self.unit, _nonce()),
            purpose=purpose,
            to=Recipient(unit=to, user=None),
            lines=lines,
        )
        return self._scan(said)

    def take(
        self,
        codes: Sequence[str],
        *,
        refuse: Mapping[str, TakeReason] | None = None,
        seals: Mapping[str, str] | None = None,
        checks: Mapping[str, Checklist | None] | None = None,
        entry: EntryMode = EntryMode.SCAN,
        witness: "Person | None" = None,
    ) -> ScanAnswer:
        """Answer the offer that holds the first code, line by line; found sound unless `checks`.

        A witness types their password here.
        """
        waiting = self._offer_of(codes[0], "incoming")
        refused, read, found = refuse or {}, seals or {}, checks or {}
        lines = tuple(
            TakeLine(
                code=code,
                entry=entry,
                verdict=Verdict.REFUSE if code in refused else Verdict.ACCEPT,
                reason=refused.get(code),
                seal=read.get(code, ""),
                check=None if code in refused else found.get(code, _SOUND),
            )
            for code in codes
        )
        common = self._common(str(waiting["place"]["code"]), str(waiting["nonce"]))
        seen = None
        if witness is not None:
            about = {"scan": common["scan"], "nonce": common["nonce"]}
            seen = self._attested(witness, "/scan/take-witness", about)
        return self._scan(Take(**common, lines=lines, witness=seen))

    def act(
        self,
        kind: EvidenceKind,
        subject: str,
        *,
        facts: Mapping[str, int | str] | None = None,
        marks: Mapping[str, str] | None = None,
        witness: "Person | None" = None,
        place: str = "",
        entry: EntryMode = EntryMode.SCAN,
    ) -> ScanAnswer:
        """Sign what is done to a bag, a leg, a shift or a code; a witness types their password here."""
        nonce = _nonce()
        lines = tuple(
            ActLine(code=code, entry=EntryMode.SCAN, mark=mark) for code, mark in (marks or {}).items()
        )
        seen = None
        if witness is not None:
            seen = self._attested(witness, "/bags/station/witness", {"nonce": nonce, "subject": subject})
        said = Act(
            **self._common(place or self.unit, nonce),
            kind=kind,
            subject=subject,
            entry=entry,
            witness=seen,
            facts=facts or {},
            lines=lines,
        )
        return self._scan(said)

    def _attested(self, witness: "Person", door: str, about: Mapping[str, str]) -> int:
        typed = {"username": witness.username, "password": witness.password}
        body = json.dumps({**typed, **about}).encode()
        return int(expect(self.browser.post_json(door, body)).json()["witness"])

    def _common(self, place: str, nonce: str) -> dict[str, Any]:
        self._sequence += 1
        return {
            "log": self._log,
            "scan": str(uuid.uuid4()),
            "at": self.now(),
            "device": self._signer.key_id,
            "actor": self._user,
            "place": place,
            "seq": self._sequence,
            "nonce": nonce,
        }

    def _scan(self, said: Evidence) -> ScanAnswer:
        envelope = sign_evidence(said, self._signer)
        body = b'{"envelopes":[' + envelope.to_bytes() + b"]}"
        result = expect(self.browser.post_json("/scan/submit", body)).json()["results"][0]
        if not result.get("entry"):
            raise UnexpectedAnswer(f"the scan was not recorded: {result}")
        refused = [line for line in result["lines"] if line["outcome"] == "refused"]
        about = {line.code for line in said.lines} & {str(line["code"]) for line in result["lines"]}
        return ScanAnswer(
            kind=_entry_kind(said),
            status=str(result["status"]),
            entry=int(result["entry"]["index"]),
            codes=tuple(sorted(about)),
            refusals={str(line["code"]): str(line["refusal"]) for line in refused},
            text=str(refused[0]["text"]) if refused else "",
        )

    def _desk(self) -> Any:  # noqa: ANN401  # JSON of our own server, read field by field
        return expect(self.browser.get("/scan/offers", accept="application/json")).json()

    def _offer_of(self, code: str, side: str) -> Any:  # noqa: ANN401  # the same
        for waiting in self._desk()[side]:
            if code in {line["code"] for line in waiting["lines"]}:
                return waiting
        raise UnexpectedAnswer(f"{self.title} sees no offer of {code}")


def _entry_kind(said: Evidence) -> EntryKind:
    """Name the entry that a statement leaves."""
    if isinstance(said, Act) and said.kind is EvidenceKind.COUNT:
        return _COUNTS[said.subject[:2]]
    return _KINDS[said.kind]


def attribute(page: Page, name: str) -> str:
    """Return what an attribute of a page's HTML says."""
    found = re.search(rf'{name}="([^"]*)"', page.text)
    if not found:
        raise UnexpectedAnswer(f"{page.path} says nothing of {name}")
    return unescape(found[1])


def option(page: Page, shown: str) -> str:
    """Return the value of the choice whose words end so: a unit's code, a person's name."""
    for value, label in _OPTION.findall(page.text):
        if unescape(label).strip().endswith(shown):
            return unescape(value)
    raise UnexpectedAnswer(f"{page.path} does not offer {shown}")


def _nonce() -> str:
    return secrets.token_hex(16)
