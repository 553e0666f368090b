"""A day of two post offices and two agencies over the device API, and the work that a day leaves open.

Real signed scans through the real surface; only the browsers and printers are missing.
"""

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from itertools import count

from app.domain.access import Role
from app.domain.acknowledgement import ReceiptKind, slip_code
from app.domain.bag import contents_digest
from app.domain.ids import ConsignmentCode
from app.services.bags import seals
from app.services.bags.seals import IssueSeals
from app.services.people import accounts, units
from app.services.people.accounts import CreateUser, IssuedPassword
from app.services.people.sessions import actor_of
from app.services.people.units import AddUnit
from app.storage.uow import UnitOfWork
from audit.evidence import Act, ActLine, EntryMode, EvidenceKind, Mark, Offer, Purpose, Take
from crypto.canonical import JsonValue
from crypto.passwords import hash_password
from tests.support.cards import issue_card
from tests.support.device import Device, enrol
from tests.support.installation import PASSWORD, Installation

SENDER, RECIPIENT, POST, OFFICE = "24.H01", "24.H02", "24.P01", "24.P02"
ITEMS = 4
_ISSUED = IssuedPassword(text=PASSWORD, hashed=hash_password(PASSWORD), must_change=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Everybody's device: an agency, a courier and a clerk of each office, the receiving agency."""

    sender: Device
    courier: Device
    packer: Device
    opener: Device
    carrier: Device
    receiver: Device
    numbers: "count[int]"

    def moved_to(self, house: Installation) -> "Crew":
        """Return the same people with the same keys at an installation that was started anew."""
        devices = {
            one.name: replace(getattr(self, one.name), installation=house)
            for one in fields(self)
            if one.name != "numbers"
        }
        return Crew(**devices, numbers=self.numbers)


def staff(house: Installation) -> Crew:
    """Open the second office and give everybody a device."""
    form = {"code": OFFICE, "kind": "point", "name": "Bưu cục Từ Sơn", "province": "24"}
    administrator = house.actors["khanh"]
    house.unit_ids[OFFICE] = house.runtime.write(units.add_unit, AddUnit(untrusted=form), actor=administrator)
    for username, role in (("tuan", Role.CLERK), ("khai", Role.COURIER)):
        _employ(house, username, role)
        issue_card(house.runtime, administrator, house.actors[username].user)
    for office, letters in ((POST, "NP"), (OFFICE, "TS")):
        stock = IssueSeals(
            untrusted_office=office, untrusted_first=f"{letters}-1000", untrusted_last=f"{letters}-1999"
        )
        house.runtime.write(seals.issue, stock, actor=administrator)
    return Crew(
        sender=enrol(house, "an.nguyen"),
        courier=enrol(house, "chien"),
        packer=enrol(house, "dung"),
        opener=enrol(house, "tuan"),
        carrier=enrol(house, "khai"),
        receiver=enrol(house, "binh"),
        numbers=count(1000),
    )


def live(crew: Crew) -> None:
    """Send items through a bag to their receiver, one of them missing at first, and file their slips."""
    codes = collect(crew, ITEMS)
    bag, seal = close_bag(crew, codes)
    hand_over(crew.packer, crew.courier, bag, place=POST, seal=seal)
    hand_over(crew.courier, crew.opener, bag, place=OFFICE, seal=seal)
    open_bag(crew, bag, seal)
    lines = tuple(ActLine(code=code, entry=EntryMode.SCAN, mark=Mark.RECEIVED) for code in codes)
    send(crew.opener, crew.opener.act(EvidenceKind.ANSWER, bag, *lines))
    hand_over(crew.opener, crew.carrier, *codes, place=OFFICE)
    for code in codes:
        hand_over(crew.carrier, crew.receiver, code, place=RECIPIENT, purpose=Purpose.DELIVERY)
        file_slip(crew, code)
    crew.sender.installation.clock.forward(timedelta(seconds=1))


def open_work(crew: Crew) -> str:
    """Leave some items at every step of their way, and return the one that has gone furthest."""
    collect(crew, 5)
    codes = collect(crew, 6)
    bag, seal = close_bag(crew, codes[:3])
    hand_over(crew.packer, crew.courier, bag, place=POST, seal=seal)
    hand_over(crew.packer, crew.courier, *codes[3:], place=POST)
    waiting = [register(crew) for _ in range(5)]
    send(crew.sender, crew.sender.offer(*waiting[:3], to=POST))
    return codes[0]


def file_slip(crew: Crew, code: str) -> None:
    """Bring the receiver's slip back to the sender."""
    text = crew.sender.installation.runtime.tools.label_keys.qr_text(
        slip_code(ReceiptKind.DELIVERED, ConsignmentCode(code))
    )
    answer = crew.sender.post("/api/v1/acknowledgements", {"slip": text})
    if answer.status_code not in {200, 201}:
        raise RuntimeError(answer.text)


def register(crew: Crew) -> str:
    """Register one item."""
    body: dict[str, JsonValue] = {
        "recipient_unit": RECIPIENT,
        "weight_g": 90,
        "outer_envelope": True,
        "document_numbers": [f"{next(crew.numbers)}/UB"],
    }
    answer = crew.sender.post("/api/v1/consignments", body)
    if answer.status_code != 201 or answer.json is None:
        raise RuntimeError(answer.text)
    return str(answer.json["consignment"]["code"])


def collect(crew: Crew, number: int) -> list[str]:
    """Bring new items into the hands of the first office's clerk."""
    codes = [register(crew) for _ in range(number)]
    hand_over(crew.sender, crew.courier, *codes, place=SENDER)
    hand_over(crew.courier, crew.packer, *codes, place=POST)
    return codes


def close_bag(crew: Crew, codes: list[str]) -> tuple[str, str]:
    """Pack items into a new bag and close it; returns its code and its seal's number."""
    number = next(crew.numbers)
    answer = crew.packer.post("/api/v1/bags", {"destination": OFFICE, "asset": f"TUI-{number}"})
    if answer.status_code != 201 or answer.json is None:
        raise RuntimeError(answer.text)
    bag, seal = str(answer.json["code"]), f"NP-{number}"
    lines = tuple(ActLine(code=code, entry=EntryMode.SCAN) for code in codes)
    send(crew.packer, crew.packer.act(EvidenceKind.PACK, bag, *lines))
    facts: dict[str, int | str] = {
        "seal": seal,
        "weight_g": 900,
        "contents": contents_digest(codes),
        "pieces": len(codes),
        "last": "yes",
    }
    send(crew.packer, crew.packer.act(EvidenceKind.CLOSE, bag, facts=facts))
    return bag, seal


def open_bag(crew: Crew, bag: str, seal: str) -> None:
    """Open a bag at its office before a witness."""
    nonce = f"{next(crew.numbers):032x}"
    body: dict[str, JsonValue] = {"username": "khai", "password": PASSWORD, "nonce": nonce}
    witness = crew.opener.post(f"/api/v1/bags/{bag}/witness", body).json
    if witness is None:
        raise RuntimeError("the witness was not believed")
    facts: dict[str, int | str] = {"seal": seal, "weight_g": 900, "found": "intact"}
    who = int(witness["witness"])
    send(crew.opener, crew.opener.act(EvidenceKind.OPEN, bag, facts=facts, witness=who, nonce=nonce))


def hand_over(
    giver: Device,
    taker: Device,
    *codes: str,
    place: str,
    seal: str = "",
    purpose: Purpose = Purpose.TRANSFER,
) -> None:
    """Offer and take."""
    offer = giver.offer(*codes, to=taker.unit_code, place=place, purpose=purpose)
    send(giver, offer)
    send(taker, taker.take(*codes, nonce=offer.nonce, place=place, seal=seal))


def send(device: Device, scan: Offer | Take | Act) -> None:
    """Send one scan, which must be accepted: what is measured must have happened."""
    answer = device.send(scan)
    found = answer.json
    if answer.status_code != 200 or found is None or found["results"][0]["status"] != "accepted":
        raise RuntimeError(answer.text)


def _employ(house: Installation, username: str, role: Role) -> None:
    form = {"username": username, "full_name": f"Ngô {username.title()}", "role": role.value, "unit": OFFICE}
    user = house.runtime.write(accounts.create_user, CreateUser(untrusted=form), issued=_ISSUED, actor=None)

    def find(uow: UnitOfWork) -> None:
        found = uow.users.find(user)
        if found is None:
            raise RuntimeError(f"{username} is gone")
        house.actors[username] = actor_of(found)

    house.runtime.read(find)
