"""Bags over the API, as a handheld does it: a whole trip, and where contents and seals are not told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from app.api.bag_schemas import BagAnswer, BagsAnswer, ManifestAnswer, OffersAnswer, WitnessAnswer
from app.api.custody_schemas import CustodyAtAnswer, HoldingsAnswer
from app.api.leg_schemas import LegAnswer, LegsAnswer, ResponseAnswer
from app.api.schemas import ScansAnswer, TimelineAnswer
from app.domain.access import Role
from app.domain.bag import contents_digest
from app.services.bags import seals
from app.services.bags.seals import IssueSeals
from app.services.legs import legs
from app.services.legs.legs import AddVehicle, PlanLeg
from app.services.people import accounts, units
from app.services.people.accounts import CreateUser, IssuedPassword
from app.services.people.sessions import actor_of
from app.services.people.units import AddUnit
from app.storage.uow import UnitOfWork
from audit.evidence import ActLine, EntryMode, EvidenceKind, Mark
from crypto.canonical import JsonValue
from crypto.digest import sha256_hex
from crypto.passwords import hash_password
from crypto.timestamps import format_at
from tests.support.cards import issue_card
from tests.support.device import Device, enrol
from tests.support.installation import PASSWORD, Installation, installed

OFFICE, SEAL = "24.P02", "NP-1001"
_ISSUED = IssuedPassword(text=PASSWORD, hashed=hash_password(PASSWORD), must_change=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Everybody's device."""

    sender: Device
    courier: Device
    packer: Device
    receiver: Device


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("bags")) as installation:
        form = {"code": OFFICE, "kind": "point", "name": "Bưu cục Từ Sơn", "province": "24"}
        added = installation.runtime.write(
            units.add_unit, AddUnit(untrusted=form), actor=installation.actors["khanh"]
        )
        installation.unit_ids[OFFICE] = added
        for username, role in (("tuan", Role.CLERK), ("khai", Role.COURIER)):
            _employ(installation, username, role)
        stock = IssueSeals(untrusted_office="24.P01", untrusted_first="NP-1000", untrusted_last="NP-1999")
        installation.runtime.write(seals.issue, stock, actor=installation.actors["khanh"])
        yield installation


def _employ(house: Installation, username: str, role: Role) -> None:
    form = {"username": username, "full_name": f"Ngô {username.title()}", "role": role.value, "unit": OFFICE}
    user = house.runtime.write(accounts.create_user, CreateUser(untrusted=form), issued=_ISSUED, actor=None)

    def find(uow: UnitOfWork) -> None:
        found = uow.users.find(user)
        assert found is not None
        house.actors[username] = actor_of(found)

    house.runtime.read(find)
    issue_card(house.runtime, house.actors["khanh"], user)


@pytest.fixture(scope="module")
def crew(house: Installation) -> Crew:
    return Crew(
        sender=enrol(house, "an.nguyen"),
        courier=enrol(house, "chien"),
        packer=enrol(house, "dung"),
        receiver=enrol(house, "tuan"),
    )


def results(device: Device, *scans: object) -> list[list[str]]:
    answer = device.send(*scans)  # type: ignore[arg-type]  # any statement
    assert answer.status_code == 200, answer.text
    found = ScansAnswer.model_validate(answer.json)
    return [[line.refusal for line in result.lines] for result in found.results]


def hand_over(giver: Device, taker: Device, *codes: str, place: str, seal: str = "") -> list[str]:
    unit = taker.unit_code
    offer = giver.offer(*codes, to=unit, place=place)
    assert results(giver, offer) == [[""] * len(codes)]
    return results(taker, taker.take(*codes, nonce=offer.nonce, place=place, seal=seal))[0]


def plain(*codes: str, mark: str = "") -> tuple[ActLine, ...]:
    return tuple(ActLine(code=code, entry=EntryMode.SCAN, mark=mark) for code in codes)


def items_in_hand(crew: Crew, count: int) -> list[str]:
    codes = []
    for number in range(count):
        body: dict[str, JsonValue] = {
            "recipient_unit": "24.H02",
            "weight_g": 90,
            "outer_envelope": True,
            "document_numbers": [f"{number}/UB"],
            "confirm_duplicate": True,
        }
        answer = crew.sender.post("/api/v1/consignments", body)
        assert answer.status_code == 201, answer.text
        assert answer.json is not None
        codes.append(str(answer.json["consignment"]["code"]))
    assert hand_over(crew.sender, crew.courier, *codes, place="24.H01") == [""] * count
    assert hand_over(crew.courier, crew.packer, *codes, place="24.P01") == [""] * count
    return codes


def start(crew: Crew, asset: str) -> BagAnswer:
    answer = crew.packer.post("/api/v1/bags", {"destination": OFFICE, "asset": asset})
    assert answer.status_code == 201, answer.text
    bag = BagAnswer.model_validate(answer.json)
    assert answer.headers["Location"] == f"/api/v1/bags/{bag.code}"
    return bag


def close(crew: Crew, bag: str, codes: list[str], *, seal: str = SEAL) -> list[list[str]]:
    facts: dict[str, int | str] = {
        "seal": seal,
        "weight_g": 900,
        "contents": contents_digest(codes),
        "pieces": len(codes),
        "last": "yes",
    }
    return results(crew.packer, crew.packer.act(EvidenceKind.CLOSE, bag, facts=facts))


def look(device: Device, bag: str) -> BagAnswer:
    answer = device.get(f"/api/v1/bags/{bag}")
    assert answer.status_code == 200, answer.text
    assert SEAL not in answer.text
    return BagAnswer.model_validate(answer.json)


def test_a_bag_makes_its_whole_trip_over_the_api(house: Installation, crew: Crew) -> None:
    codes = items_in_hand(crew, 2)
    bag = start(crew, "TUI-001").code
    # The first line of an act is its subject.
    assert results(crew.packer, crew.packer.act(EvidenceKind.PACK, bag, *plain(*codes))) == [["", "", ""]]
    inside = look(crew.packer, bag).contents
    assert [(one.code, one.known) for one in inside or ()] == [(code, "verified") for code in sorted(codes)]
    assert close(crew, bag, codes) == [[""]]

    offer = crew.packer.offer(bag, to="24.P01", place="24.P01")
    assert results(crew.packer, offer) == [[""]]
    waiting = OffersAnswer.model_validate(crew.courier.get("/api/v1/offers").json)
    assert [(one.code, one.offer.nonce, one.pieces) for one in waiting.bags] == [(bag, offer.nonce, None)]
    take = crew.courier.take(bag, nonce=offer.nonce, place="24.P01", seal="NP-1002")
    assert results(crew.courier, take) == [["seal_differs"]]
    take = crew.courier.take(bag, nonce=offer.nonce, place="24.P01", seal=SEAL)
    assert results(crew.courier, take) == [[""]]
    carried = look(crew.courier, bag)
    assert (carried.contents, carried.pieces) == (None, None)
    assert crew.courier.get(f"/api/v1/bags/{bag}/manifest").status_code == 404

    assert hand_over(crew.courier, crew.receiver, bag, place=OFFICE, seal=SEAL) == [""]
    assert look(crew.receiver, bag).contents is None
    facts: dict[str, int | str] = {"seal": SEAL, "weight_g": 900, "found": "intact"}
    nonce = "ab" * 16
    body: dict[str, JsonValue] = {"username": "khai", "password": PASSWORD, "nonce": nonce}
    answer = crew.receiver.post(f"/api/v1/bags/{bag}/witness", body)
    attested = WitnessAnswer.model_validate(answer.json)
    opening = crew.receiver.act(EvidenceKind.OPEN, bag, facts=facts, witness=attested.witness, nonce=nonce)
    assert results(crew.receiver, opening) == [[""]]
    answered = crew.receiver.act(
        EvidenceKind.ANSWER, bag, *plain(codes[0], mark=Mark.RECEIVED), *plain(codes[1], mark=Mark.MISSING)
    )
    assert results(crew.receiver, answered) == [["", "", ""]]
    emptied = look(crew.receiver, bag)
    assert emptied.state == "emptied"
    assert {one.code: (one.known, one.mark) for one in emptied.contents or ()} == {
        codes[0]: ("verified", "received"),
        codes[1]: ("inferred", "missing"),
    }
    returned = ResponseAnswer.model_validate(crew.packer.get(f"/api/v1/bags/{bag}/response").json)
    assert sha256_hex(returned.response.encode()) == returned.digest
    assert returned.manifest == emptied.manifest
    assert crew.courier.get(f"/api/v1/bags/{bag}/response").status_code == 404
    found = ManifestAnswer.model_validate(crew.receiver.get(f"/api/v1/bags/{bag}/manifest").json)
    assert sha256_hex(found.manifest.encode()) == found.digest == emptied.manifest
    assert house.config.origin in found.manifest


def test_lists_hold_what_a_person_may_know_about(crew: Crew) -> None:
    bag = start(crew, "TUI-002").code
    packing = BagsAnswer.model_validate(crew.packer.get("/api/v1/bags?queue=packing").json)
    assert bag in {one.code for one in packing.bags}
    everything = BagsAnswer.model_validate(crew.courier.get("/api/v1/bags").json)
    assert bag not in {one.code for one in everything.bags}
    assert crew.courier.get("/api/v1/bags?queue=nothing").status_code == 422
    assert crew.courier.get(f"/api/v1/bags/{bag}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/v1/bags"), ("GET", "/api/v1/bags/ZT000000005VN"), ("POST", "/api/v1/bags")],
)
def test_an_agency_reaches_no_bag(crew: Crew, method: str, path: str) -> None:
    answer = crew.sender.client.open(path, method=method, headers=crew.sender.headers)
    assert answer.status_code == 403


def test_a_wrong_witness_is_one_answer_and_too_many_are_told_so(crew: Crew) -> None:
    path = "/api/v1/bags/ZT000000005VN/witness"
    body: dict[str, JsonValue] = {"username": "khai", "password": "sai", "nonce": "cd" * 16}
    assert crew.receiver.post(path, {**body, "username": "ai"}).status_code == 422
    statuses = [crew.receiver.post(path, body).status_code for _ in range(30)]
    assert (statuses[0], statuses[-1]) == (422, 429)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"destination": OFFICE},
        {"destination": "24.H01", "asset": "T-1"},
        {"destination": OFFICE, "asset": "<"},
    ],
)
def test_a_wrong_start_names_its_fields(crew: Crew, body: dict[str, JsonValue]) -> None:
    answer = crew.packer.post("/api/v1/bags", body)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["error"]["problems"]


def test_who_had_an_item_at_any_time_is_told_with_the_entry_that_proves_it(
    house: Installation, crew: Crew
) -> None:
    codes = items_in_hand(crew, 1)
    house.clock.forward(timedelta(minutes=1))
    bag, seal = start(crew, "TUI-003").code, "NP-1003"
    assert results(crew.packer, crew.packer.act(EvidenceKind.PACK, bag, *plain(*codes))) == [["", ""]]
    facts: dict[str, int | str] = {
        "seal": seal,
        "weight_g": 900,
        "contents": contents_digest(codes),
        "pieces": 1,
        "last": "yes",
    }
    assert results(crew.packer, crew.packer.act(EvidenceKind.CLOSE, bag, facts=facts)) == [[""]]
    packed_at = format_at(house.clock())
    house.clock.forward(timedelta(minutes=1))
    assert hand_over(crew.packer, crew.courier, bag, place="24.P01", seal=seal) == [""]

    before = _custody(crew.sender, codes[0], packed_at)
    assert (before.custodian_user, before.inferred, before.proven) == (house.actors["dung"].user, True, True)
    # An agency is told who has its item, and not in which bag.
    now = _custody(crew.sender, codes[0], "")
    assert (now.custodian_user, now.bag, now.proven) == (house.actors["chien"].user, "", True)
    assert _custody(crew.packer, codes[0], "").bag == bag
    assert _custody(crew.sender, codes[0], "01/01/2020 08:00").custodian_user is None
    timeline = TimelineAnswer.model_validate(
        crew.sender.get(f"/api/v1/consignments/{codes[0]}/timeline").json
    )
    assert [one.kind for one in timeline.carried] == ["handover_taken", "handover_offered", "bag_closed"]
    assert {one.bag for one in timeline.carried} == {""}
    assert timeline.verified


def test_what_a_person_holds_is_told_to_that_person_alone(house: Installation, crew: Crew) -> None:
    before = _holdings(crew.packer, "")
    codes = items_in_hand(crew, 1)
    house.clock.forward(timedelta(minutes=1))
    assert _holdings(crew.packer, "") == before | set(codes)
    assert crew.courier.get("/api/v1/holdings?holder=user&value=dung").status_code == 404
    assert crew.courier.get("/api/v1/holdings?holder=unit&value=24.P01").status_code == 404
    assert crew.courier.get("/api/v1/holdings?at=hôm%20qua").status_code == 422


def _custody(device: Device, code: str, at: str) -> CustodyAtAnswer:
    answer = device.get(f"/api/v1/custody?code={code}&at={at}")
    assert answer.status_code == 200, answer.text
    return CustodyAtAnswer.model_validate(answer.json)


def _holdings(device: Device, query: str) -> set[str]:
    answer = device.get(f"/api/v1/holdings?{query}")
    assert answer.status_code == 200, answer.text
    return {one.code for one in HoldingsAnswer.model_validate(answer.json).things}


def test_a_leg_is_found_by_its_courier_and_left_with_an_escort(house: Installation, crew: Crew) -> None:
    (code,) = items_in_hand(crew, 1)
    hand_over(crew.packer, crew.courier, code, place="24.P01")
    planner, now = house.actors["dung"], house.clock()
    vehicle = AddVehicle(untrusted_plate="99A-123.45", untrusted_dedicated="yes")
    house.runtime.write(legs.add_vehicle, vehicle, actor=planner)
    form = {
        "to_office": OFFICE,
        "vehicle": "99A-123.45",
        "courier": str(house.actors["chien"].user),
        "escort": str(planner.user),
        "departs_at": format_at(now),
        "arrives_at": format_at(now + timedelta(hours=2)),
        "codes": code,
    }
    leg = house.runtime.write(legs.plan, PlanLeg(untrusted=form), actor=planner).code
    listed = LegsAnswer.model_validate(crew.courier.get("/api/v1/legs?queue=planned").json)
    assert [one.code for one in listed.legs] == [leg]
    body: dict[str, JsonValue] = {"username": "dung", "password": PASSWORD, "nonce": "ef" * 16}
    attested = WitnessAnswer.model_validate(crew.courier.post(f"/api/v1/legs/{leg}/witness", body).json)
    facts: dict[str, int | str] = {"vehicle": "99A-123.45"}
    act = crew.courier.act(
        EvidenceKind.DEPART, leg, *plain(code), facts=facts, witness=attested.witness, nonce="ef" * 16
    )
    # A courier stands where the leg begins, whichever unit is their own.
    assert results(crew.courier, act) == [["", ""]]
    found = LegAnswer.model_validate(crew.courier.get(f"/api/v1/legs/{leg}").json)
    assert (found.state, found.escort, found.load) == ("departed", planner.user, 1)
    assert [(one.code, one.with_courier, one.fate) for one in found.aboard or ()] == [(code, True, None)]
    assert crew.sender.get("/api/v1/legs").status_code == 403
    assert crew.courier.get("/api/v1/legs/HT-24.P01-2026-99").status_code == 404


def test_a_bag_on_a_leg_tells_the_planned_arrival_as_what_is_to_come(house: Installation, crew: Crew) -> None:
    codes = items_in_hand(crew, 1)
    bag = start(crew, "TUI-DUE").code
    results(crew.packer, crew.packer.act(EvidenceKind.PACK, bag, *plain(*codes)))
    assert close(crew, bag, codes, seal="NP-1077") == [[""]]
    planner, now = house.actors["dung"], house.clock()
    vehicle = AddVehicle(untrusted_plate="99A-700.00", untrusted_dedicated="yes")
    house.runtime.write(legs.add_vehicle, vehicle, actor=planner)
    form = {
        "to_office": OFFICE,
        "vehicle": "99A-700.00",
        "courier": str(house.actors["chien"].user),
        "escort": str(planner.user),
        "departs_at": format_at(now),
        "arrives_at": format_at(now + timedelta(hours=2)),
        "codes": bag,
    }
    house.runtime.write(legs.plan, PlanLeg(untrusted=form), actor=planner)
    page = house.browser("dung").get(f"/bags/{bag}").text
    assert 'id="planned-leg-' in page
    assert "Đến Bưu cục Từ Sơn theo chặng" in page
    assert "trước " in page
    # The agency is told the same of its item, and not with whom it travels.
    item = house.browser("an.nguyen").get(f"/consignments/{codes[0]}").text
    assert 'id="planned-leg-' in item
    assert "99A-700.00" not in item
    house.clock.forward(timedelta(hours=3))
    late = house.browser("dung").get(f"/bags/{bag}").text
    assert "Quá giờ đến" in late


def test_a_leg_is_planned_and_cancelled_over_the_api(house: Installation, crew: Crew) -> None:
    (code,) = items_in_hand(crew, 1)
    vehicle = AddVehicle(untrusted_plate="99C-777.77", untrusted_dedicated="yes")
    house.runtime.write(legs.add_vehicle, vehicle, actor=house.actors["dung"])
    now = house.runtime.now()
    body: dict[str, JsonValue] = {
        "to_office": OFFICE,
        "courier": int(house.actors["chien"].user),
        "vehicle": "99C-777.77",
        "departs_at": format_at(now + timedelta(hours=1)),
        "arrives_at": format_at(now + timedelta(hours=2)),
        "codes": [code],
    }
    answer = crew.packer.post("/api/v1/legs", body)
    assert answer.status_code == 201, answer.text
    leg = LegAnswer.model_validate(answer.json)
    assert (leg.state, leg.vehicle, [one.code for one in leg.aboard or ()]) == (
        "planned",
        "99C-777.77",
        [code],
    )
    assert answer.headers["Location"] == f"/api/v1/legs/{leg.code}"
    wrong = crew.packer.post("/api/v1/legs", body | {"to_office": "24.P01", "vehicle": "99X-1"})
    assert wrong.status_code == 422
    assert wrong.json is not None
    assert {one["field"] for one in wrong.json["error"]["problems"]} >= {"to_office", "vehicle", "codes"}
    assert crew.courier.post("/api/v1/legs", body).status_code == 403
    path = f"/api/v1/legs/{leg.code}/cancel"
    assert crew.receiver.post(path, {"reason": "joined"}).status_code == 404
    assert crew.packer.post(path, {"reason": "bored"}).status_code == 422
    gone = LegAnswer.model_validate(crew.packer.post(path, {"reason": "joined"}).json)
    assert gone.state == "cancelled"
    assert crew.packer.post(path, {"reason": "joined"}).status_code == 409
