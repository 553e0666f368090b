"""Typed codes: keyed in first, read twice, for a reason, with a second reader where one stood there."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.access import Role
from app.domain.decision import Refusal
from app.domain.grades import Grade, Secrecy
from app.domain.ids import ConsignmentCode, UnitId, UserId
from app.services.people.login import LoginRefusal, LoginRefused
from app.services.scans.presence import Attested
from app.services.scans.scan_outcome import ScanOutcome
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.evidence import EntryMode, EvidenceKind, Mark, Offer, Take, TakeLine, TakeReason, Verdict
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import plain
from tests.support.shift_town import ShiftTown, hire
from tests.support.town import ELSEWHERE, POST, SENDING, accept

ORDINARY = Grade(secrecy=Secrecy.C, express=False, appointed_at=None)
TOP = Grade(secrecy=Secrecy.A, express=False, appointed_at=None)


class TypingTown(ShiftTown):
    """A town whose items ask for no second reader, unless they are said to."""

    def register(self, count: int = 1, **changes: object) -> list[ConsignmentCode]:
        """Let An register items of class C."""
        return super().register(count, **{"grade": ORDINARY, **changes})


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town whose people key codes in."""
    return TypingTown(writer, clock, signer)


def typed(scan: Offer) -> Offer:
    return replace(scan, lines=tuple(replace(line, entry=EntryMode.TYPED) for line in scan.lines))


def offer(town: ShiftTown, codes: Sequence[str], **more: str) -> Offer:
    return typed(town.offer("an", codes, to=POST, place=SENDING, **more))  # type: ignore[arg-type]


def refusals(outcome: ScanOutcome) -> list[str]:
    return [line.refusal for line in outcome.lines]


def item(town: ShiftTown) -> str:
    return str(town.register()[0])


def test_a_typed_code_that_was_not_keyed_in_is_refused_and_moves_nothing(town: ShiftTown) -> None:
    code = item(town)
    assert refusals(town.send("an", offer(town, [code]))) == [Refusal.KEY_IN_MISSING]
    assert town.item(code).offer is None


def test_a_code_that_was_keyed_in_is_taken_like_a_scanned_one(town: ShiftTown) -> None:
    code = item(town)
    assert town.send("an", town.key_in("an", code)).status == "accepted"
    assert town.send("an", offer(town, [code])).status == "accepted"
    assert town.item(code).offer is not None


def test_of_a_list_only_the_typed_lines_without_a_key_in_are_refused(town: ShiftTown) -> None:
    keyed, scanned, bare = (str(code) for code in town.register(3))
    town.send("an", town.key_in("an", keyed))
    said = town.offer("an", [keyed, scanned, bare], to=POST, place=SENDING)
    modes = (EntryMode.TYPED, EntryMode.SCAN, EntryMode.TYPED)
    lines = tuple(replace(line, entry=mode) for line, mode in zip(said.lines, modes, strict=True))
    assert refusals(town.send("an", replace(said, lines=lines))) == ["", "", Refusal.KEY_IN_MISSING]


def test_the_entry_stands_in_the_chain_of_the_item(town: ShiftTown) -> None:
    code = item(town)
    outcome = town.send("an", town.key_in("an", code, reason="scanner_failed"))
    entry = parse_entry(outcome.entry.data)
    assert entry.kind is EntryKind.CODE_KEYED_IN
    assert b'"reason":"scanner_failed"' in entry.envelopes[0].payload
    assert [one.code for one in entry.items] == [code]
    assert entry.items[0].prev != ""


def test_two_readings_that_differ_are_refused(town: ShiftTown) -> None:
    code, other = (str(one) for one in town.register(2))
    assert refusals(town.send("an", town.key_in("an", code, again=other))) == [Refusal.READINGS_DIFFER]
    assert refusals(town.send("an", offer(town, [code]))) == [Refusal.KEY_IN_MISSING]


def test_readings_are_compared_without_case_spaces_and_the_hidden_tail(town: ShiftTown) -> None:
    code = item(town)
    again = f"{code[:2].lower()} {code[2:]}-7KQ2X"
    assert town.send("an", town.key_in("an", code, again=again)).status == "accepted"


def test_a_code_of_nobody_cannot_be_keyed_in(town: ShiftTown) -> None:
    strange = "ZK999999995VN"
    assert refusals(town.send("an", town.key_in("an", strange))) == [Refusal.UNKNOWN_CODE]
    assert refusals(town.send("an", offer(town, [strange]))) == [Refusal.UNKNOWN_CODE]


def test_one_key_in_serves_one_accepted_statement(town: ShiftTown) -> None:
    code = item(town)
    town.send("an", town.key_in("an", code))
    first = offer(town, [code])
    town.send("an", first)
    town.send("an", town.recall("an", first.nonce, [code]))
    assert refusals(town.send("an", offer(town, [code]))) == [Refusal.KEY_IN_MISSING]
    town.send("an", town.key_in("an", code))
    assert town.send("an", offer(town, [code])).status == "accepted"


def test_a_refused_statement_leaves_the_key_in_for_the_next(town: ShiftTown) -> None:
    code = item(town)
    town.send("an", town.key_in("an", code))
    assert refusals(town.send("an", typed(town.offer("an", [code], to="24.X99")))) != [""]
    assert town.send("an", offer(town, [code])).status == "accepted"


@pytest.mark.parametrize(("minutes", "status"), [(15, "accepted"), (16, "refused"), (-1, "refused")])
def test_a_key_in_serves_for_a_quarter_of_an_hour_of_the_devices_time(
    town: ShiftTown, minutes: int, status: str
) -> None:
    code = item(town)
    act = town.key_in("an", code)
    town.send("an", act)
    said = replace(offer(town, [code]), at=act.at + timedelta(minutes=minutes))
    assert town.send("an", said).status == status


def test_both_may_arrive_hours_later_because_they_were_said_together(
    town: ShiftTown, clock: SteppingClock
) -> None:
    code = item(town)
    act, said = town.key_in("an", code), offer(town, [code])
    clock.now += timedelta(hours=5)
    town.send("an", act)
    assert town.send("an", said).status == "accepted"


def test_a_colleagues_key_in_serves_nobody_else(town: ShiftTown) -> None:
    code = item(town)
    town.send("hanh", town.key_in("hanh", code))
    assert refusals(town.send("an", offer(town, [code]))) == [Refusal.KEY_IN_MISSING]


def test_a_key_in_at_another_place_does_not_serve_here(town: ShiftTown) -> None:
    code = item(town)
    town.send("an", town.key_in("an", code, place=ELSEWHERE))
    assert refusals(town.send("an", offer(town, [code]))) == [Refusal.KEY_IN_MISSING]


def test_what_is_not_there_needs_no_key_in(town: ShiftTown) -> None:
    code = item(town)
    said = town.offer("an", [code], to=POST, place=SENDING)
    town.send("an", said)
    line = TakeLine(code=code, entry=EntryMode.TYPED, verdict=Verdict.REFUSE, reason=TakeReason.NOT_PRESENT)
    assert refusals(town.send("chien", town.take("chien", said.nonce, [line], place=SENDING))) == [""]


def test_a_taker_keys_in_too(town: ShiftTown) -> None:
    code = item(town)
    said = town.offer("an", [code], to=POST, place=SENDING)
    town.send("an", said)
    # The mark asks for proof that the item is there, whatever stands behind the typed code.
    read = f"{code}-{town.tools.label_keys.tail(code)}"
    lines = tuple(replace(line, entry=EntryMode.TYPED) for line in accept([read]))
    take: Take = town.take("chien", said.nonce, lines, place=SENDING)
    assert refusals(town.send("chien", take)) == [Refusal.KEY_IN_MISSING]
    town.send("chien", town.key_in("chien", code, place=SENDING))
    again = town.take("chien", said.nonce, lines, place=SENDING)
    assert town.send("chien", again).status == "accepted"


def test_a_typed_line_of_a_bag_is_left_out_and_the_rest_is_packed(town: ShiftTown) -> None:
    one, two = town.in_hand(2)
    bag = town.start()
    lines = [replace(line, entry=EntryMode.TYPED) for line in plain([one])] + list(plain([two]))
    outcome = town.send("dung", town.act("dung", EvidenceKind.PACK, bag, lines=lines))
    assert refusals(outcome) == ["", Refusal.KEY_IN_MISSING, ""]
    assert town.item(one).bag is None
    assert town.item(two).bag is not None


def test_an_act_on_a_typed_bag_is_refused_whole(town: ShiftTown) -> None:
    (code,) = town.in_hand(1)
    bag = town.start()
    act = replace(town.act("dung", EvidenceKind.PACK, bag, lines=plain([code])), entry=EntryMode.TYPED)
    assert refusals(town.send("dung", act)) == [Refusal.KEY_IN_MISSING] * 2
    town.send("dung", town.key_in("dung", bag))
    again = replace(act, scan=str(uuid.uuid4()), at=town.clock())
    assert refusals(town.send("dung", again)) == ["", ""]


def test_a_missing_line_of_a_manifest_needs_no_key_in(town: ShiftTown) -> None:
    bag, codes = town.arrived(1)
    assert town.open_bag("giang", bag, witness="khanh").status == "accepted"
    lines = [replace(line, entry=EntryMode.TYPED, mark=Mark.MISSING) for line in plain(codes)]
    outcome = town.send("giang", town.act("giang", EvidenceKind.ANSWER, bag, lines=lines))
    assert refusals(outcome) == ["", ""]


def test_a_count_does_not_count_what_was_typed_without_a_key_in(town: ShiftTown) -> None:
    one, two = town.in_hand(2)
    shift = town.open_shift()
    lines = [replace(line, entry=EntryMode.TYPED) for line in plain([one, two])]
    town.send("dung", town.key_in("dung", two))
    facts: dict[str, int | str] = {"part": 1, "last": "yes"}
    act = town.act("dung", EvidenceKind.COUNT, shift.code, facts=facts, lines=lines)
    outcome = town.send("dung", replace(act, entry=EntryMode.TYPED))
    assert refusals(outcome) == ["", Refusal.KEY_IN_MISSING, ""]
    assert town.page(shift).shift.missing == 1


def test_where_the_policy_asks_for_a_second_reader_nobody_keys_in_alone(town: ShiftTown) -> None:
    code, nonce = str(town.register(grade=TOP)[0]), "4" * 32
    assert refusals(town.send("an", town.key_in("an", code))) == [Refusal.WITNESS_REQUIRED]
    assert refusals(town.send("an", offer(town, [code]))) == [Refusal.KEY_IN_MISSING]
    town.attest("an", "hanh", nonce=nonce, subject=code)
    assert town.send("an", town.key_in("an", code, witness="hanh", nonce=nonce)).status == "accepted"
    assert town.send("an", offer(town, [code])).status == "accepted"


def test_a_second_reader_who_is_there_stands_in_the_entry(town: ShiftTown) -> None:
    code, nonce = item(town), "5" * 32
    assert isinstance(town.attest("an", "hanh", nonce=nonce, subject=code), Attested)
    outcome = town.send("an", town.key_in("an", code, witness="hanh", nonce=nonce))
    assert parse_entry(outcome.entry.data).facts["witness"] == int(town.people["hanh"].actor.user)


def test_the_person_across_the_counter_may_be_the_second_reader(town: ShiftTown) -> None:
    code, nonce = item(town), "6" * 32
    town.send("an", town.offer("an", [code], to=POST, place=SENDING))
    assert isinstance(town.attest("chien", "an", nonce=nonce, subject=code), Attested)
    act = town.key_in("chien", code, place=SENDING, witness="an", nonce=nonce)
    assert town.send("chien", act).status == "accepted"


@pytest.mark.parametrize(
    ("witness", "refusal"),
    [
        ("an", Refusal.WITNESS_IS_ACTOR),
        ("oanh", Refusal.WITNESS_NOT_ALLOWED),
        ("hanh", Refusal.WITNESS_NOT_PRESENT),
    ],
)
def test_a_second_reader_who_is_not_one_is_refused(town: ShiftTown, witness: str, refusal: str) -> None:
    code = item(town)
    assert refusals(town.send("an", town.key_in("an", code, witness=witness))) == [refusal]


def test_a_second_reader_off_duty_gets_no_ticket_and_a_ticket_from_before_does_not_help(
    town: ShiftTown,
) -> None:
    hire(town, "hoa", Role.CLERK)
    (code,), shift = town.in_hand(1), town.open_shift("hoa")
    early = town.key_in("dung", code, witness="hoa", nonce="1" * 32)
    assert isinstance(town.attest("dung", "hoa", nonce=early.nonce, subject=code), Attested)
    town.count("hoa", shift, [])
    town.countersign("hoa", shift, supervisor="dung", nonce="2" * 32)
    refused = town.attest("dung", "hoa", nonce="3" * 32, subject=code)
    assert refused == LoginRefused(reason=LoginRefusal.OFF_DUTY)
    assert refusals(town.send("dung", early)) == [Refusal.WITNESS_OFF_DUTY]
    # Nothing was keyed in by that, and whoever is back on duty may read again.
    said = typed(town.offer("dung", [code], to=POST))
    assert refusals(town.send("dung", said)) == [Refusal.KEY_IN_MISSING]
    town.open_shift("hoa")
    assert isinstance(town.attest("dung", "hoa", nonce="4" * 32, subject=code), Attested)
    again = town.key_in("dung", code, witness="hoa", nonce="4" * 32)
    assert town.send("dung", again).status == "accepted"


def test_the_same_key_in_again_is_one(town: ShiftTown) -> None:
    code = item(town)
    act = town.key_in("an", code)
    first, second = town.send("an", act), town.send("an", act)
    assert (first.status, second.status) == ("accepted", "duplicate")
    assert second.entry.index == first.entry.index


def test_what_was_keyed_in_is_kept_with_person_place_and_form(town: ShiftTown) -> None:
    code = item(town)
    act = town.key_in("an", code, reason="from_paper", form="PK-0017")
    town.send("an", act)

    def unused(user: UserId, place: UnitId) -> dict[str, str]:
        return dict(
            town.do(
                lambda uow: uow.key_ins.list_unused(
                    [code], user=user, place=place, since=act.at, until=act.at
                )
            )
        )

    assert unused(town.people["an"].actor.user, town.units[SENDING]) == {code: act.scan}
