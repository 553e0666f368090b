"""Control 2, pre-advice and response: the answer to a manifest goes back to the sender, line by line."""

import uuid
from dataclasses import replace

import pytest

from app.domain.access import Role
from app.domain.decision import Refusal
from app.domain.errors import NotFound
from app.services.bags import bag_responses
from app.services.bags.bag_responses import ResponseFile
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.evidence import ActLine, EntryMode, EvidenceKind, Mark
from audit.manifest import parse_manifest
from audit.response import check_complete, parse_response
from crypto.digest import leaf_hash, sha256_hex
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import OTHER_POST
from tests.support.shift_town import ShiftTown, hire


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town with three post offices and an auditor."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "kiem", Role.AUDITOR)
    return town


def answered(town: ShiftTown) -> tuple[str, list[str]]:
    """Return a bag whose list is answered in two parts: one received, one missing, one damaged."""
    bag, codes = town.arrived(3)
    town.open_bag("giang", bag, witness="khanh")
    town.answer("giang", bag, {codes[0]: Mark.RECEIVED})
    town.answer("giang", bag, {codes[1]: Mark.MISSING, codes[2]: Mark.DAMAGED})
    return bag, codes


def response(town: ShiftTown, bag: str, by: str = "dung") -> ResponseFile:
    return town.read(bag_responses.get_response, bag, by=by)


def test_control_2_pre_advice_and_response_the_answer_reaches_the_sender_bound_to_manifest_and_log(
    town: ShiftTown, reader: Reader
) -> None:
    bag, codes = answered(town)
    found = response(town, bag)
    stored = town.bag(bag)
    data = reader.read(lambda uow: uow.bags.find_manifest(stored.id))
    assert data is not None
    check_complete(parse_response(found.data), parse_manifest(data), sha256_hex(data))
    marks = {line.code: line.answer for line in found.response.lines}
    assert marks == {codes[0]: Mark.RECEIVED, codes[1]: Mark.MISSING, codes[2]: Mark.DAMAGED}
    assert found.answered_by.id == town.people["giang"].actor.user
    # Each line names the very entry of the log.
    entries = list(reader.read(lambda uow: list(uow.audit.stream())))
    for line in found.response.lines:
        assert leaf_hash(entries[line.entry]).hex() == line.hash
    assert len({line.entry for line in found.response.lines}) == 2
    assert response(town, bag, by="giang").digest == response(town, bag, by="kiem").digest == found.digest


def test_the_answer_is_for_both_offices_and_the_auditor_when_it_is_whole(town: ShiftTown) -> None:
    bag, codes = town.arrived(2)
    town.open_bag("giang", bag, witness="khanh")
    town.answer("giang", bag, {codes[0]: Mark.RECEIVED})
    with pytest.raises(NotFound):
        response(town, bag)
    town.answer("giang", bag, {codes[1]: Mark.RECEIVED})
    assert response(town, bag).bag.code == bag
    for name in ("duc", "son", "khanh"):
        with pytest.raises(NotFound):
            response(town, bag, by=name)


def test_a_receiver_who_signs_for_another_list_is_refused(town: ShiftTown) -> None:
    bag, codes = town.arrived(1)
    town.open_bag("giang", bag, witness="khanh")
    act = town.act(
        "giang",
        EvidenceKind.ANSWER,
        bag,
        lines=[ActLine(code=codes[0], entry=EntryMode.SCAN, mark=Mark.RECEIVED)],
        facts={"manifest": "ab" * 32},
        place=OTHER_POST,
    )
    assert town.send("giang", act).lines[0].refusal == Refusal.MANIFEST_DIFFERS
    right = replace(act, scan=str(uuid.uuid4()), nonce="ef" * 16, seq=act.seq + 1)
    right = replace(right, facts={"manifest": town.bag(bag).manifest})
    assert town.send("giang", right).status == "accepted"
