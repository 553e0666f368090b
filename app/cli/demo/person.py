"""One person of the demo at their own browser: logs in, enrols a key, registers, prints, scans.

Everything goes through the pages and forms a real browser uses, signed by a key that stays here. It must
never be given a fact (a code, an offer's nonce) that its own screen does not show.
"""

import json
import re
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any

from app.cli.demo.browser import Browser, Page, UnexpectedAnswer, expect
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
    TakeReason,
    Verdict,
    sign_evidence,
)
from crypto.digest import b64encode
from crypto.keys import generate_signing_key
from crypto.signer import FileSigner

_CODE = re.compile(r"/consignments/([A-Z]{2}[0-9]{9}[A-Z]{2})$")
# What whoever receives an item ticks off when it is as the sender registered it.
_SOUND = Checklist(mark=CoverMark.INTACT, pieces=1, addressee=Addressee.OURS)
_OPTION = re.compile(r'<option value="([^"]+)"[^>]*>([^<]*)')


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanAnswer:
    """What the server said to one signed list."""

    status: str
    entry: int
    refusals: Mapping[str, str]


class Person:
    """A browser, and whoever sits at it."""

    def __init__(self, browser: Browser, *, username: str, password: str, title: str) -> None:
        self.browser = browser
        self.title = title
        self._username = username
        self._password = password
        self._signer = FileSigner(generate_signing_key())
        self._sequence = 0
        self._user = 0
        self._log = ""
        self._unit = ""

    def log_in(self) -> Page:
        """Fill in the login form; afterwards the home page is open."""
        self.browser.get("/login")
        fields = {"username": self._username, "password": self._password, "next": ""}
        page = expect(self.browser.post("/login", fields))
        if page.path.startswith("/login"):
            raise UnexpectedAnswer(f"{self._username} could not log in: {page.words[:300]}")
        return page

    def enrol(self) -> str:
        """Enrol this browser's key, which proves itself to this log for this person; returns its name."""
        page = expect(self.browser.get("/devices"))
        self._user = int(_attribute(page, "data-user"))
        public_key = self._signer.public_key.to_text()
        self._log = _attribute(page, "data-origin")
        statement = f"kt1/enrol/v1\n{self._log}\n{self._user}\n{public_key}\n"
        fields = {
            "name": f"Trình duyệt của {self._username}",
            "public_key": public_key,
            "signature": b64encode(self._signer.sign(statement.encode())),
        }
        expect(self.browser.post("/devices/enrol", fields), 200, 201)
        self._unit = str(self._desk()["me"]["unit_code"])
        return self._signer.key_id

    def register(self, *, recipient: str, fields: Mapping[str, str]) -> str:
        """Fill in the registration form and return the new item's code."""
        form = expect(self.browser.get("/consignments/new"))
        chosen = _option(form, recipient)
        page = self.browser.post("/consignments/new", {**fields, "recipient_unit": chosen})
        found = _CODE.search(page.path)
        if not found:
            raise UnexpectedAnswer(f"the registration was refused: {page.words[:400]}")
        return found[1]

    def refused_registration(self, *, recipient: str, fields: Mapping[str, str]) -> None:
        """Fill in a form that must be refused; raises UnexpectedAnswer when it is accepted."""
        form = expect(self.browser.get("/consignments/new"))
        page = self.browser.post("/consignments/new", {**fields, "recipient_unit": _option(form, recipient)})
        if _CODE.search(page.path):
            raise UnexpectedAnswer("a wrong form was accepted")

    def print_label(self, code: str) -> int:
        """Fetch the label as PDF and return its size in bytes."""
        expect(self.browser.get(f"/consignments/{code}/label"))
        page = expect(self.browser.post(f"/consignments/{code}/label.pdf", {"format": "a6", "start": "1"}))
        if not page.body.startswith(b"%PDF-"):
            raise UnexpectedAnswer(f"the label of {code} is not a PDF: {page.words[:200]}")
        return len(page.body)

    def cancel(self, code: str, *, reason: str) -> None:
        """Cancel an item before dispatch."""
        expect(self.browser.get(f"/consignments/{code}/cancel"))
        expect(self.browser.post(f"/consignments/{code}/cancel", {"reason": reason}))

    def timeline(self, code: str) -> Page:
        """Open the item's page."""
        return expect(self.browser.get(f"/consignments/{code}"))

    def offer(
        self, codes: Sequence[str], *, to: str, place: str = "", purpose: Purpose = Purpose.TRANSFER
    ) -> ScanAnswer:
        """Sign a list over to a unit, at our own unit unless a place is named."""
        lines = tuple(OfferLine(code=code, entry=EntryMode.SCAN) for code in codes)
        said = Offer(
            **self._common(place or self._unit, _nonce()),
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

    def recall(self, codes: Sequence[str]) -> ScanAnswer:
        """Take an offer back that nobody has answered yet."""
        waiting = self._offer_of(codes[0], "outgoing")
        lines = tuple(RecallLine(code=code, entry=EntryMode.SCAN) for code in codes)
        common = self._common(str(waiting["place"]["code"]), str(waiting["nonce"]))
        return self._scan(Recall(**common, lines=lines))

    def attempt(self, codes: Sequence[str], *, place: str, reason: AttemptReason) -> ScanAnswer:
        """Record a delivery that failed and goes back to the sender."""
        lines = tuple(AttemptLine(code=code, entry=EntryMode.SCAN) for code in codes)
        common = self._common(place, _nonce())
        action = AttemptAction.RETURN_TO_SENDER
        return self._scan(Attempt(**common, reason=reason, action=action, lines=lines))

    def issue_seals(self, *, office: str, first: str, last: str) -> None:
        """Give an office a range of seals."""
        expect(self.browser.get("/seals"))
        expect(self.browser.post("/seals/issues", {"office": office, "first": first, "last": last}))

    def start_bag(self, *, to: str, asset: str) -> str:
        """Begin a bag's trip and return its code."""
        expect(self.browser.get("/bags/new"))
        page = expect(self.browser.post("/bags/new", {"destination": to, "asset": asset}))
        return page.path.rpartition("/")[2]

    def act(
        self,
        kind: EvidenceKind,
        bag: str,
        *,
        facts: Mapping[str, int | str] | None = None,
        marks: Mapping[str, str] | None = None,
        witness: "Person | None" = None,
    ) -> ScanAnswer:
        """Sign what is done to a bag; a witness types their password at this very browser."""
        nonce = _nonce()
        lines = tuple(
            ActLine(code=code, entry=EntryMode.SCAN, mark=mark) for code, mark in (marks or {}).items()
        )
        seen = None
        if witness is not None:
            about = {"nonce": nonce, "subject": bag}
            seen = self._attested(witness, "/bags/station/witness", about)
        said = Act(
            **self._common(self._unit, nonce),
            kind=kind,
            subject=bag,
            entry=EntryMode.SCAN,
            witness=seen,
            facts=facts or {},
            lines=lines,
        )
        return self._scan(said)

    def _attested(self, witness: "Person", door: str, about: Mapping[str, str]) -> int:
        typed = {"username": witness._username, "password": witness._password}  # noqa: SLF001  # of the same class
        body = json.dumps({**typed, **about}).encode()
        return int(expect(self.browser.post_json(door, body)).json()["witness"])

    def _common(self, place: str, nonce: str) -> dict[str, Any]:
        self._sequence += 1
        return {
            "log": self._log,
            "scan": str(uuid.uuid4()),
            "at": datetime.now(UTC),
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
        refusals = {
            str(line["code"]): str(line["refusal"])
            for line in result["lines"]
            if line["outcome"] == "refused"
        }
        return ScanAnswer(
            status=str(result["status"]), entry=int(result["entry"]["index"]), refusals=refusals
        )

    def _desk(self) -> Any:  # noqa: ANN401  # JSON of our own server, read field by field
        return expect(self.browser.get("/scan/offers", accept="application/json")).json()

    def _offer_of(self, code: str, side: str) -> Any:  # noqa: ANN401  # the same
        for waiting in self._desk()[side]:
            if code in {line["code"] for line in waiting["lines"]}:
                return waiting
        raise UnexpectedAnswer(f"{self.title} sees no offer of {code}")


def _attribute(page: Page, name: str) -> str:
    found = re.search(rf'{name}="([^"]*)"', page.text)
    if not found:
        raise UnexpectedAnswer(f"{page.path} says nothing of {name}")
    return unescape(found[1])


def _option(page: Page, unit: str) -> str:
    for value, shown in _options(page):
        if shown.endswith(f"· {unit}"):
            return value
    raise UnexpectedAnswer(f"{page.path} does not offer the unit {unit}")


def _options(page: Page) -> Iterable[tuple[str, str]]:
    return ((unescape(value), unescape(shown).strip()) for value, shown in _OPTION.findall(page.text))


def _nonce() -> str:
    return secrets.token_hex(16)
