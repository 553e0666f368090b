"""Slips that come back: four kinds that never stand for one another, read by their own code."""

from dataclasses import replace

import pytest

from app.domain.access import Actor
from app.domain.acknowledgement import (
    PREFIXES,
    ReceiptKind,
    check_filing,
    list_printable,
    parse_slip,
    slip_code,
)
from app.domain.consignment import State
from app.domain.errors import Conflict, InvalidInput, NotFound
from audit.evidence import EntryMode
from tests.unit.domain.builders import (
    AUDITOR,
    CLERK,
    CODE,
    COURIER,
    NOW,
    RECEIVER,
    SENDER,
    in_custody,
    in_state,
)

MAC = "K7QF2M3DABCDEFGH"
DELIVERED = replace(in_state(State.DELIVERED), closed_at=NOW)
RETURNED = replace(in_state(State.RETURNED), attempts=1, closed_at=NOW)
TRIED = in_custody(attempts=1)


def test_every_kind_has_letters_of_its_own() -> None:
    assert set(PREFIXES) == set(ReceiptKind)
    assert len(set(PREFIXES.values())) == len(ReceiptKind)
    assert slip_code(ReceiptKind.DELIVERED, CODE) == f"BP{CODE}"


@pytest.mark.parametrize("kind", ReceiptKind)
def test_a_scanner_gives_the_whole_symbol(kind: ReceiptKind) -> None:
    read = parse_slip(f"{slip_code(kind, CODE)}|9f2c|{MAC}\r\n")
    assert (read.kind, read.code, read.entry_mode) == (kind, CODE, EntryMode.SCAN)
    assert read.qrs == (f"{slip_code(kind, CODE)}|9f2c|{MAC}",)


@pytest.mark.parametrize(
    "typed",
    [f"BP{CODE} L1 K7QF 2M3D ABCD EFGH", f"bp-{CODE.lower()}-l1-k7qf2m3dabcdefgh", f"BP{CODE}L1{MAC}"],
)
def test_a_person_may_type_it_with_spaces_dashes_and_small_letters(typed: str) -> None:
    read = parse_slip(typed)
    assert (read.kind, read.code, read.entry_mode) == (ReceiptKind.DELIVERED, CODE, EntryMode.TYPED)
    assert read.qrs == (f"BP{CODE}|L1|{MAC}", f"BP{CODE}|l1|{MAC}")


@pytest.mark.parametrize(
    "text",
    ["", CODE, f"{CODE}|L1|{MAC}", f"XX{CODE}|L1|{MAC}", f"BP{CODE}", f"BP{CODE}|L1|short", "phiếu" * 9],
)
def test_what_is_no_slip_is_refused_before_anything_is_looked_up(text: str) -> None:
    with pytest.raises(InvalidInput, match="not_a_slip"):
        parse_slip(text)


@pytest.mark.parametrize(
    ("item", "actor", "kinds"),
    [
        (DELIVERED, RECEIVER, (ReceiptKind.DELIVERED, ReceiptKind.DESTROYED)),
        (DELIVERED, COURIER, (ReceiptKind.DELIVERED,)),
        (DELIVERED, CLERK, (ReceiptKind.DELIVERED,)),
        (RETURNED, COURIER, (ReceiptKind.RETURNED, ReceiptKind.UNDELIVERED)),
        (TRIED, COURIER, (ReceiptKind.UNDELIVERED,)),
        (TRIED, RECEIVER, ()),
        (in_custody(), COURIER, ()),
        (DELIVERED, AUDITOR, ()),
        # The sender waits for the paper: it never prints what it is going to file.
        (DELIVERED, SENDER, ()),
        (RETURNED, SENDER, ()),
    ],
)
def test_a_slip_is_printed_by_whoever_owes_it(
    item: object, actor: Actor, kinds: tuple[ReceiptKind, ...]
) -> None:
    assert list_printable(item, actor=actor) == kinds  # type: ignore[arg-type]


def test_only_the_senders_unit_files_a_slip() -> None:
    check_filing(DELIVERED, ReceiptKind.DELIVERED, actor=SENDER, filed=())
    with pytest.raises(NotFound):
        check_filing(DELIVERED, ReceiptKind.DELIVERED, actor=RECEIVER, filed=())


@pytest.mark.parametrize("kind", [kind for kind in ReceiptKind if kind is not ReceiptKind.RETURNED])
def test_a_slip_of_another_end_is_not_filed(kind: ReceiptKind) -> None:
    item = replace(RETURNED, attempts=0)
    with pytest.raises(Conflict, match="receipt_not_due"):
        check_filing(item, kind, actor=SENDER, filed=())


def test_a_slip_is_filed_once_and_another_kind_beside_it() -> None:
    with pytest.raises(Conflict, match="already_filed"):
        check_filing(DELIVERED, ReceiptKind.DELIVERED, actor=SENDER, filed={ReceiptKind.DELIVERED})
    check_filing(DELIVERED, ReceiptKind.DESTROYED, actor=SENDER, filed={ReceiptKind.DELIVERED})
