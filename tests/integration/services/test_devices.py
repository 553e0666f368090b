"""Devices: enrolled with proof, known by a token shown once, revoked for good."""

import pytest

from app.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from app.services.log.log import list_disputed
from app.services.people import devices
from app.services.people.devices import EnrolDevice, Enrolled, Revocation, RevocationReason
from audit.entry import parse_entry
from audit.trust import RevokedDevice
from crypto.digest import b64encode
from crypto.keys import generate_signing_key
from crypto.signer import FileSigner
from tests.support.office import Office


def word(office: Office, name: str, key: FileSigner, *, signed_for: str | None = None) -> EnrolDevice:
    text = key.public_key.to_text()
    person = office.actors[signed_for or name].user
    proof = key.sign(devices.challenge_text(office.town.tools.origin, person, text))
    return EnrolDevice(
        untrusted_name="Máy quầy 1", untrusted_public_key=text, untrusted_signature=b64encode(proof)
    )


def enrol(office: Office, name: str, key: FileSigner | None = None) -> Enrolled:
    key = key or FileSigner(generate_signing_key())
    return office.write(devices.enrol, word(office, name, key), actor=office.actors[name])


def test_an_enrolled_key_is_in_the_log_and_acts_by_its_token(office: Office) -> None:
    made = enrol(office, "chien")
    row = office.read(lambda uow: uow.audit.find(made.entry.index))
    assert row is not None
    facts = parse_entry(row.data).facts
    assert (facts["device"], facts["owner"]) == (made.key_id, office.actors["chien"].user)
    found = office.read(devices.authenticate, made.token)
    assert found is not None
    assert found.actor == office.actors["chien"]
    assert found.device.enrolled_index == made.entry.index
    stored = office.read(lambda uow: uow.devices.find_by_key(made.key_id))
    assert stored is not None
    assert made.token not in str(stored)
    for wrong in ("", "x" * 43, "é", made.token * 3):
        assert office.read(devices.authenticate, wrong) is None


def test_a_key_proves_itself_for_this_person_and_this_log(office: Office) -> None:
    key = FileSigner(generate_signing_key())
    stolen = word(office, "duc", key, signed_for="chien")
    with pytest.raises(InvalidInput) as caught:
        office.write(devices.enrol, stolen, actor=office.actors["duc"])
    assert caught.value.problems[0].code == "bad_signature"
    for field in ("untrusted_public_key", "untrusted_signature"):
        good = word(office, "duc", key)
        parts = {
            "untrusted_name": good.untrusted_name,
            "untrusted_public_key": good.untrusted_public_key,
            "untrusted_signature": good.untrusted_signature,
        }
        with pytest.raises(InvalidInput):
            office.write(devices.enrol, EnrolDevice(**{**parts, field: "AAAA"}), actor=office.actors["duc"])


def test_a_key_is_enrolled_once(office: Office) -> None:
    key = FileSigner(generate_signing_key())
    enrol(office, "chien", key)
    with pytest.raises(Conflict, match="already_enrolled"):
        enrol(office, "duc", key)


def test_revoking_is_for_the_owner_and_the_administrator(office: Office) -> None:
    made, other = enrol(office, "chien"), enrol(office, "chien")
    for name in ("duc", "an", "giang"):
        with pytest.raises(NotFound):
            office.write(devices.revoke, made.key_id, actor=office.actors[name])
    office.write(devices.revoke, made.key_id, actor=office.actors["chien"])
    office.write(devices.revoke, other.key_id, actor=office.actors["khanh"])
    assert office.read(devices.authenticate, made.token) is None
    with pytest.raises(Conflict, match="already_revoked"):
        office.write(devices.revoke, made.key_id, actor=office.actors["chien"])
    with pytest.raises(NotFound):
        office.write(devices.revoke, "nothing", actor=office.actors["khanh"])


def test_a_revocation_says_why_and_from_which_entry_on_there_is_doubt(office: Office) -> None:
    made = enrol(office, "chien")
    size = office.read(lambda uow: uow.audit.head().size)
    for wrong in (made.entry.index, size + 1):
        why = Revocation(reason=RevocationReason.STOLEN, as_of=wrong)
        with pytest.raises(InvalidInput) as caught:
            office.write(devices.revoke, made.key_id, actor=None, why=why)
        assert caught.value.problems[0].field == "as_of"
    why = Revocation(reason=RevocationReason.STOLEN, as_of=size)
    office.write(devices.revoke, made.key_id, actor=None, why=why)
    (row,) = office.read(lambda uow: uow.audit.list_latest(limit=1))
    facts = parse_entry(row.data).facts
    assert (facts["device"], facts["reason"], facts["as_of"]) == (made.key_id, "stolen", size)
    # A trust file made afterwards says so too; a revocation without doubt about the past is the log's alone.
    plain = enrol(office, "chien")
    office.write(devices.revoke, plain.key_id, actor=None)
    assert office.read(list_disputed) == (RevokedDevice(key_id=made.key_id, until=size),)


def test_devices_are_listed_to_their_owner_or_all_to_the_administrator(office: Office) -> None:
    made = enrol(office, "chien")
    own = office.read(devices.list_devices, actor=office.actors["chien"])
    assert {device.user_id for device in own} == {office.actors["chien"].user}
    assert made.key_id in {device.key_id for device in own}
    everyone = office.read(devices.list_devices, actor=office.actors["khanh"])
    assert len({device.user_id for device in everyone}) > 5
    with pytest.raises(NotPermitted):
        office.read(devices.list_devices, actor=office.actors["giang"])


def test_ten_devices_in_use_are_enough(office: Office) -> None:
    for _ in range(9):
        enrol(office, "chien")
    with pytest.raises(InvalidInput) as caught:
        enrol(office, "chien")
    assert caught.value.problems[0].code == "too_many"
