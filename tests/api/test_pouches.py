"""Pouches over the API: entered, counted, sent to another office and answered there."""

from collections.abc import Iterator

import pytest

from app.api.pouch_schemas import BalancesAnswer, EnteredAnswer, PouchesAnswer, PouchListAnswer
from app.domain.access import Role
from app.domain.bag import contents_digest
from app.services.people import accounts, units
from app.services.people.accounts import CreateUser, IssuedPassword
from app.services.people.sessions import actor_of
from app.services.people.units import AddUnit
from app.storage.uow import UnitOfWork
from crypto.passwords import hash_password
from tests.support.device import Device, enrol
from tests.support.installation import PASSWORD, Installation, installed

OFFICE = "24.P02"
_ISSUED = IssuedPassword(text=PASSWORD, hashed=hash_password(PASSWORD), must_change=False)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("pouches")) as installation:
        form = {"code": OFFICE, "kind": "point", "name": "Bưu cục Từ Sơn", "province": "24"}
        installation.unit_ids[OFFICE] = installation.runtime.write(
            units.add_unit, AddUnit(untrusted=form), actor=installation.actors["khanh"]
        )
        person = {"username": "tuan", "full_name": "Ngô Tuấn", "role": Role.CLERK.value, "unit": OFFICE}
        command = CreateUser(untrusted=person)
        user = installation.runtime.write(accounts.create_user, command, issued=_ISSUED, actor=None)

        def find(uow: UnitOfWork) -> None:
            found = uow.users.find(user)
            assert found is not None
            installation.actors["tuan"] = actor_of(found)

        installation.runtime.read(find)
        yield installation


@pytest.fixture(scope="module")
def sender(house: Installation) -> Device:
    return enrol(house, "dung")


@pytest.fixture(scope="module")
def receiver(house: Installation) -> Device:
    return enrol(house, "tuan")


def test_pouches_go_from_office_to_office_over_the_api(sender: Device, receiver: Device) -> None:
    entered = sender.post("/api/v1/pouches", {"pouches": ["tui-1", "TUI-2"]})
    assert entered.status_code == 201
    assert EnteredAnswer.model_validate(entered.json).pouches == ["TUI-1", "TUI-2"]
    sent = sender.post("/api/v1/pouches/lists", {"to": OFFICE, "pouches": ["TUI-1", "TUI-2"]})
    assert sent.status_code == 201, sent.text
    found = PouchListAnswer.model_validate(sent.json)
    assert (found.sent, found.received_at) == (["TUI-1", "TUI-2"], None)
    assert found.digest == contents_digest(["TUI-1", "TUI-2"])
    path = f"/api/v1/pouches/lists/{found.code}/received"
    both = receiver.post(path, {"received": ["TUI-1", "TUI-2"], "missing": ["TUI-2"], "excess": []})
    assert both.status_code == 422
    answer = receiver.post(path, {"received": ["TUI-1"], "missing": ["TUI-2"], "excess": ["X-9"]})
    answered = PouchListAnswer.model_validate(answer.json)
    assert (answered.received, answered.missing, answered.excess) == (["TUI-1"], ["TUI-2"], ["X-9"])
    again = receiver.post(path, {"received": ["TUI-1", "TUI-2"], "missing": [], "excess": []})
    assert again.status_code == 409
    sheet = BalancesAnswer.model_validate(sender.get("/api/v1/pouches/balances").json)
    (balance,) = sheet.balances
    assert (balance.owned, balance.out, balance.missing, sheet.sample) == (2, 1, 1, True)
    listed = PouchesAnswer.model_validate(receiver.get("/api/v1/pouches?queue=of_others").json)
    assert [(one.pouch, one.owner, one.place) for one in listed.pouches] == [("TUI-1", "24.P01", OFFICE)]
    read = PouchListAnswer.model_validate(sender.get(f"/api/v1/pouches/lists/{found.code}").json)
    assert read == answered


def test_what_cannot_go_says_who_has_it_and_others_reach_nothing(
    house: Installation, sender: Device, receiver: Device
) -> None:
    assert receiver.post("/api/v1/pouches", {"pouches": ["B-1"]}).status_code == 201
    refused = sender.post("/api/v1/pouches/lists", {"to": OFFICE, "pouches": ["B-1"]})
    assert refused.status_code == 422
    assert "Bưu cục Từ Sơn" in refused.text or "B\\u01b0u" in refused.text
    courier, agency = enrol(house, "chien"), enrol(house, "an.nguyen")
    assert courier.get("/api/v1/pouches").status_code == 200
    assert courier.post("/api/v1/pouches", {"pouches": ["C-1"]}).status_code == 403
    assert agency.get("/api/v1/pouches/balances").status_code == 403
    assert sender.get("/api/v1/pouches/lists/VT-24.P01-24.P02-2026-99").status_code == 404


def test_a_return_is_taken_back_over_the_api_by_its_sender_once(sender: Device, receiver: Device) -> None:
    sender.post("/api/v1/pouches", {"pouches": ["TUI-71"]})
    sent = sender.post("/api/v1/pouches/lists", {"to": OFFICE, "pouches": ["TUI-71"]})
    path = f"/api/v1/pouches/lists/{PouchListAnswer.model_validate(sent.json).code}/cancel"
    assert receiver.post(path, {"reason": "mistake"}).status_code == 404
    assert sender.post(path, {"reason": "why not"}).status_code == 422
    answer = PouchListAnswer.model_validate(sender.post(path, {"reason": "not_sent"}).json)
    assert (answer.cancel_reason, answer.sent, answer.received_at) == ("not_sent", ["TUI-71"], None)
    assert answer.cancelled_at is not None
    assert sender.post(path, {"reason": "not_sent"}).status_code == 409
