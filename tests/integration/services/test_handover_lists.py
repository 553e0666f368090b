"""A list of up to 200 is one scan: one entry that fits, decided line by line, all or nothing on disk."""

import pytest

from app.domain.errors import InvalidInput
from audit.entry import MAX_ENTRY_BYTES
from audit.evidence import MAX_LINES, Purpose
from tests.support.town import POST, RECEIVING, SENDING, Town, accept


def test_a_list_of_200_is_offered_and_taken_in_two_entries_that_fit(town: Town) -> None:
    codes = town.register(MAX_LINES)
    read = [town.tools.label_keys.qr_text(code) for code in codes]
    offer = town.offer("an", read, to=POST)
    offered = town.send("an", offer)
    taken = town.send("chien", town.take("chien", offer.nonce, accept(read, check=None), place=SENDING))
    assert (offered.status, taken.status) == ("accepted", "accepted")
    assert taken.entry.index == offered.entry.index + 1
    assert max(len(offered.entry.data), len(taken.entry.data)) <= MAX_ENTRY_BYTES
    chien = town.people["chien"].actor.user
    assert {town.item(code).custodian.user for code in codes} == {chien}


def test_a_refused_list_of_200_fits_into_its_entry_too(town: Town) -> None:
    codes = town.register(MAX_LINES)
    town.post(codes)
    read = [f"{code}|L1|AAAAAAAAAAAAAAAA" for code in codes]
    outcome = town.send("chien", town.offer("chien", read, to=RECEIVING, purpose=Purpose.DELIVERY))
    assert outcome.status == "refused"
    assert len(outcome.entry.data) <= MAX_ENTRY_BYTES


def test_a_list_of_201_is_malformed(town: Town) -> None:
    codes = [f"X{number:04}" for number in range(MAX_LINES + 1)]
    with pytest.raises(Exception, match="lines"):
        town.send("an", town.offer("an", codes, to=POST))


def test_one_unreadable_line_leaves_the_whole_list_untouched(town: Town) -> None:
    (code,) = town.register()
    scan = town.offer("an", [code, f"{code[:2].lower()}{code[2:]}"], to=POST)
    with pytest.raises(InvalidInput):
        town.send("an", scan)
    assert town.item(code).offer is None
