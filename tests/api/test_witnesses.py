"""The second person of a handover proves who they are over the API, for one take."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.api.bag_schemas import WitnessAnswer
from app.domain.access import Role
from app.services.people import accounts
from app.services.people.accounts import CreateUser, IssuedPassword
from app.services.scans import presence
from app.services.scans.presence import Attestation, Attested
from app.services.shifts import shifts
from app.services.shifts.shifts import CloseShift
from audit.evidence import EvidenceKind, Offer
from crypto.canonical import JsonValue
from crypto.passwords import hash_password
from crypto.timestamps import format_at
from tests.api.test_scans import register, results
from tests.support.databases import Database
from tests.support.device import Device, enrol
from tests.support.installation import PASSWORD, Installation, installed

WRAPPED = {"inner_envelope": True, "outer_envelope": True, "sealed": True}
COLLEAGUE = {"username": "thuha", "full_name": "Vũ Thu Hà", "locale": "vi"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A top secret item that its sender offers to the post, and the courier who is to take it."""

    house: Installation
    code: str
    offer: Offer
    sender: Device
    courier: Device

    def take(self, scan: str, witness: int | None) -> tuple[str, str | None]:
        """Take it under this name of a scan, and return the scan's status and its line's refusal."""
        said = self.courier.take(self.code, nonce=self.offer.nonce, place="24.H01")
        (result,) = results(self.courier.send(replace(said, scan=scan, witness=witness)))
        lines = result["lines"]
        assert isinstance(lines, list)
        return str(result["status"]), lines[0]["refusal"] or None

    def body(self, **changes: JsonValue) -> dict[str, JsonValue]:
        """Word what a witness types."""
        return {"username": "dung", "password": PASSWORD, "nonce": self.offer.nonce, **changes}


@pytest.fixture
def waiting(tmp_path: Path, database: Database) -> Iterator[Waiting]:
    with installed(tmp_path / "house", database_url=database.database_url) as house:
        sender, courier = enrol(house, "an.nguyen"), enrol(house, "chien")
        code = register(sender, secrecy="A", **WRAPPED)
        offer = sender.offer(code, to="24.P01")
        assert results(sender.send(offer))[0]["status"] == "accepted"
        yield Waiting(house=house, code=code, offer=offer, sender=sender, courier=courier)


def path_of(scan: str) -> str:
    return f"/api/v1/scans/{scan}/witness"


def test_a_top_secret_item_is_taken_before_a_witness_who_typed_their_password(waiting: Waiting) -> None:
    scan, witness = str(uuid.uuid4()), int(waiting.house.actors["dung"].user)
    assert waiting.take(str(uuid.uuid4()), None)[1] == "witness_required"
    assert waiting.take(str(uuid.uuid4()), witness)[1] == "witness_not_present"
    answer = waiting.courier.post(path_of(scan), waiting.body())
    attested = WitnessAnswer.model_validate(answer.json)
    until = format_at(waiting.house.clock() + timedelta(minutes=5))
    assert (attested.witness, attested.name, attested.until) == (witness, "Phạm Thị Dung", until)
    assert waiting.take(scan, witness) == ("accepted", None)


def test_a_confirmation_counts_for_the_scan_and_the_offer_that_it_names_alone(waiting: Waiting) -> None:
    scan, other = str(uuid.uuid4()), str(uuid.uuid4())
    witness = WitnessAnswer.model_validate(waiting.courier.post(path_of(scan), waiting.body()).json).witness
    assert waiting.take(other, witness)[1] == "witness_not_present"
    elsewhere = waiting.body(nonce="ab" * 16)
    assert waiting.courier.post(path_of(other), elsewhere).status_code == 200
    assert waiting.take(other.replace("-4", "-7", 1), witness)[1] == "witness_not_present"
    assert waiting.take(scan, witness)[1] is None


def test_a_confirmation_is_over_after_five_minutes(waiting: Waiting) -> None:
    scan = str(uuid.uuid4())
    witness = WitnessAnswer.model_validate(waiting.courier.post(path_of(scan), waiting.body()).json).witness
    waiting.house.clock.forward(timedelta(minutes=5, seconds=1))
    assert waiting.take(scan, witness)[1] == "witness_not_present"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"password": "sai"}, 422),
        ({"username": "khong.co.ai"}, 422),
        # Nobody is their own witness.
        ({"username": "chien"}, 422),
        ({"nonce": "AB" * 16}, 422),
        ({"nonce": ""}, 422),
        ({"password": ""}, 422),
        ({"comment": "xin chào"}, 422),
    ],
)
def test_a_wrong_second_person_is_refused_and_nothing_is_taken(
    waiting: Waiting, changes: dict[str, JsonValue], status: int
) -> None:
    scan = str(uuid.uuid4())
    answer = waiting.courier.post(path_of(scan), waiting.body(**changes))
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["error"]["message"]
    witness = int(waiting.house.actors["dung"].user)
    assert waiting.take(scan, witness)[1] == "witness_not_present"


@pytest.mark.parametrize("scan", ["khong-phai", "00000000-0000-1000-8000-000000000001"])
def test_what_is_no_name_of_a_scan_gets_no_confirmation(waiting: Waiting, scan: str) -> None:
    assert waiting.courier.post(path_of(scan), waiting.body()).status_code == 422


def test_whoever_has_gone_home_is_no_witness_and_is_told_so(waiting: Waiting) -> None:
    house = waiting.house
    colleague = CreateUser(untrusted={**COLLEAGUE, "role": Role.CLERK, "unit": "24.P01"})
    supervisor = house.runtime.write(accounts.create_user, colleague, issued=_issued(), actor=None)
    dung = enrol(house, "dung")
    shift = house.runtime.write(shifts.open_shift, actor=dung.actor).code
    house.runtime.write(shifts.begin_count, shift, actor=dung.actor)
    counted = dung.act(EvidenceKind.COUNT, shift, facts={"part": 1, "last": "yes"})
    assert results(dung.send(counted))[0]["status"] == "accepted"
    ticket = Attestation(
        username="thuha", password=PASSWORD, address="127.0.0.1", nonce="1" * 32, subject=shift, on_duty=False
    )
    assert isinstance(presence.attest(house.runtime.write, ticket, actor=dung.actor), Attested)
    closing = CloseShift(untrusted_shift=shift, untrusted_nonce="1" * 32, supervisor=supervisor)
    house.runtime.write(shifts.close_shift, closing, actor=dung.actor)
    answer = waiting.courier.post(path_of(str(uuid.uuid4())), waiting.body())
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["error"]["code"] == "witness_off_duty"


def _issued() -> IssuedPassword:
    return IssuedPassword(text=PASSWORD, hashed=hash_password(PASSWORD), must_change=False)


def test_too_many_wrong_passwords_are_slowed_down_and_the_right_one_too(waiting: Waiting) -> None:
    path = path_of(str(uuid.uuid4()))
    statuses = [waiting.courier.post(path, waiting.body(password=f"sai {n}")).status_code for n in range(30)]
    assert (statuses[0], statuses[-1]) == (422, 429)
    assert waiting.courier.post(path, waiting.body()).status_code == 429


def test_nobody_confirms_without_a_device_that_is_known(waiting: Waiting) -> None:
    path = path_of(str(uuid.uuid4()))
    assert waiting.courier.client.post(path, json=waiting.body()).status_code == 401
