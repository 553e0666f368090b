"""Shifts, reliefs and musters over the API, on both databases: what the pages do, for a program."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.api.muster_schemas import MusterAnswer, MustersAnswer
from app.api.shift_schemas import ReliefAnswer, ReliefsAnswer, ShiftAnswer, ShiftsAnswer
from app.domain.access import Role
from app.storage.writer import Writer
from audit.evidence import EvidenceKind
from crypto.canonical import JsonValue
from crypto.signer import FileSigner
from tests.support.databases import Database, SteppingClock
from tests.support.post_town import OTHER_POST, PASSWORD, plain
from tests.support.shift_town import ShiftTown, hire
from tests.support.town import POST, accept
from tests.support.town_api import TownApi, town_api

SHIFTS, MUSTERS = "/api/v1/shifts", "/api/v1/musters"


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town, with a second clerk at the first office and an auditor."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    hire(town, "kiem", Role.AUDITOR)
    return town


@pytest.fixture
def api(town: ShiftTown, database: Database, tmp_path: Path) -> Iterator[TownApi]:
    with town_api(town, database, tmp_path) as opened:
        yield opened


def second(name: str, password: str = PASSWORD) -> JsonValue:
    return {"username": name, "password": password}


def refused(answer: TestResponse) -> tuple[int, str]:
    body: Any = answer.json
    return answer.status_code, body["error"]["code"]


def opened(api: TownApi, name: str = "dung") -> ShiftAnswer:
    answer = api.post(name, SHIFTS)
    assert answer.status_code == 201, answer.text
    shift = ShiftAnswer.model_validate(answer.json)
    assert answer.headers["Location"] == f"{SHIFTS}/{shift.code}"
    return shift


def test_control_7_a_shift_is_opened_counted_blind_and_countersigned_over_the_api(
    town: ShiftTown, api: TownApi
) -> None:
    codes = town.in_hand(2)
    shift = opened(api)
    assert (shift.state, shift.user, shift.balance) == ("open", town.people["dung"].actor.user, None)
    assert refused(api.post("dung", SHIFTS)) == (409, "shift_open_already")
    path = f"{SHIFTS}/{shift.code}"
    begun = ShiftAnswer.model_validate(api.post("dung", f"{path}/count").json)
    assert (begun.state, begun.counts, begun.missing, begun.lines) == ("counting", 0, None, None)
    assert refused(api.post("dung", f"{path}/close", second("hoa"))) == (409, "count_missing")
    facts: dict[str, int | str] = {"part": 1, "last": "yes"}
    town.send("dung", town.act("dung", EvidenceKind.COUNT, shift.code, facts=facts, lines=plain(codes[:1])))
    counted = ShiftAnswer.model_validate(api.get("dung", path).json)
    assert (counted.state, counted.unbalanced, counted.missing) == ("counted", True, 1)
    assert counted.balance is not None
    assert (counted.balance.expected, counted.balance.counted, counted.balance.balanced) == (2, 1, False)
    assert {one.code: one.finding for one in counted.lines or ()} == {
        codes[0]: "matched",
        codes[1]: "missing",
    }
    assert refused(api.post("dung", f"{path}/close", second("hoa"))) == (409, "shift_unbalanced")
    town.send("dung", town.act("dung", EvidenceKind.COUNT, shift.code, facts=facts, lines=plain(codes)))
    closed = api.post("dung", f"{path}/close", second("hoa"))
    assert closed.status_code == 200, closed.text
    found = ShiftAnswer.model_validate(closed.json)
    assert (found.state, found.supervisor) == ("closed", town.people["hoa"].actor.user)
    assert [one.step for one in found.entries] == ["opened", "counted", "counted", "closed"]


def test_a_supervisor_proves_who_they_are_and_may_have_gone_off_duty(town: ShiftTown, api: TownApi) -> None:
    own = town.open_shift("hoa")
    town.count("hoa", own, [])
    town.countersign("hoa", own, supervisor="dung", nonce="1" * 32)
    path = f"{SHIFTS}/{opened(api).code}"
    town.count("dung", town.do(lambda uow: uow.shifts.list_open(town.units[POST]))[0], [])
    assert refused(api.post("dung", f"{path}/close", second("hoa", "sai")))[0] == 422
    assert refused(api.post("dung", f"{path}/close", second("dung")))[0] == 422
    assert refused(api.post("dung", f"{path}/close", second("chien"))) == (409, "supervisor_not_allowed")
    assert api.post("dung", f"{path}/close", second("hoa")).status_code == 200
    assert refused(api.post("dung", f"{path}/count")) == (409, "shift_closed")


def test_a_shift_is_its_persons_and_its_offices(api: TownApi) -> None:
    path = f"{SHIFTS}/{opened(api).code}"
    assert api.get("hoa", path).status_code == 200
    for stranger in ("chien", "giang"):
        assert refused(api.get(stranger, path)) == (404, "not_found")
        assert ShiftsAnswer.model_validate(api.get(stranger, SHIFTS).json).shifts == []
    assert refused(api.post("hoa", f"{path}/count")) == (404, "not_found")
    assert refused(api.post("hoa", f"{path}/close", second("dung"))) == (404, "not_found")
    assert api.get("an", SHIFTS).status_code == 403


def test_shifts_are_listed_page_by_page(town: ShiftTown, api: TownApi) -> None:
    for number in range(51):
        shift = town.open_shift()
        town.count("dung", shift, [])
        town.countersign("dung", shift, nonce=f"{number:032x}")
    first = ShiftsAnswer.model_validate(api.get("dung", SHIFTS).json)
    rest = ShiftsAnswer.model_validate(api.get("dung", f"{SHIFTS}?page={first.next_page}").json)
    assert (len(first.shifts), first.next_page, len(rest.shifts), rest.next_page) == (50, 2, 1, None)
    assert len({one.code for one in (*first.shifts, *rest.shifts)}) == 51
    assert api.get("dung", f"{SHIFTS}?page=0").status_code == 422


def test_control_8_a_relief_is_listed_over_the_api_and_moves_by_signed_statements_alone(
    town: ShiftTown, api: TownApi
) -> None:
    codes = town.in_hand(2)
    shift = town.open_shift()
    town.count("dung", shift, codes)
    path = f"{SHIFTS}/{shift.code}"
    assert api.get("dung", f"{path}/relief").status_code == 404
    assert refused(api.post("dung", f"{path}/relief", {"successor": "giang"})) == (
        409,
        "successor_not_allowed",
    )
    made = api.post("dung", f"{path}/relief", {"successor": "hoa"})
    assert made.status_code == 201, made.text
    relief = ReliefAnswer.model_validate(made.json)
    assert (relief.size, {one.result for one in relief.lines or ()}) == (2, {"waiting"})
    mine = ReliefsAnswer.model_validate(api.get("hoa", "/api/v1/reliefs").json)
    assert [(one.shift, one.size) for one in mine.waiting] == [(shift.code, 2)]
    assert {one.username for one in mine.successors} == {"dung", "chien", "duc"}
    said = town.offer("dung", codes, to=POST, to_user="hoa", place=POST)
    town.send("dung", said)
    town.send("hoa", town.take("hoa", said.nonce, accept(codes), place=POST))
    taken = ReliefAnswer.model_validate(api.get("hoa", f"{path}/relief").json)
    assert {one.result for one in taken.lines or ()} == {"taken"}
    assert api.get("hoa", f"{path}/relief.pdf").status_code == 404
    assert api.post("dung", f"{path}/close", second("hoa")).status_code == 200
    paper = api.get("hoa", f"{path}/relief.pdf")
    assert (paper.mimetype, paper.data[:5]) == ("application/pdf", b"%PDF-")
    own = town.open_shift("hoa")
    town.begin_count(own, "hoa")
    hidden = ReliefAnswer.model_validate(api.get("hoa", f"{path}/relief").json)
    assert (hidden.size, hidden.lines) == (None, None)
    assert api.get("hoa", f"{path}/relief.pdf").status_code == 404


def test_control_15_a_muster_is_opened_counted_and_closed_by_two_over_the_api(
    town: ShiftTown, api: TownApi
) -> None:
    held = town.in_hand(2)
    made = api.post("hoa", MUSTERS, {"office": POST, "person": "dung"})
    assert made.status_code == 201, made.text
    muster = MusterAnswer.model_validate(made.json)
    path = f"{MUSTERS}/{muster.code}"
    assert made.headers["Location"] == path
    assert (muster.state, muster.expected, muster.lines, muster.scanned) == ("open", None, None, 0)
    assert refused(api.post("hoa", MUSTERS, {"office": POST, "person": "dung"})) == (
        409,
        "muster_open_already",
    )
    listed = MustersAnswer.model_validate(api.get("dung", MUSTERS).json)
    assert (listed.owed, [one.expected for one in listed.musters]) == ([muster.code], [None])
    facts: dict[str, int | str] = {"part": 1, "last": "yes"}
    town.send("dung", town.act("dung", EvidenceKind.COUNT, muster.code, facts=facts, lines=plain(held[:1])))
    assert MustersAnswer.model_validate(api.get("dung", MUSTERS).json).owed == []
    assert refused(api.post("hoa", f"{path}/close", second("giang"))) == (409, "partner_not_allowed")
    assert api.get("hoa", f"{path}/minutes.pdf").status_code == 404
    closed = api.post("hoa", f"{path}/close", second("dung"))
    assert closed.status_code == 200, closed.text
    found = MusterAnswer.model_validate(closed.json)
    assert (found.state, found.expected, found.missing, found.unexpected) == ("closed", 2, 1, 0)
    assert {one.code: one.finding for one in found.lines or ()} == {held[0]: "found", held[1]: "missing"}
    paper = api.get("dung", f"{path}/minutes.pdf")
    assert (paper.mimetype, paper.data[:5]) == ("application/pdf", b"%PDF-")


def test_control_15_a_muster_is_withdrawn_over_the_api_and_its_minutes_say_so(
    town: ShiftTown, api: TownApi
) -> None:
    town.in_hand(1)
    made = api.post("hoa", MUSTERS, {"office": POST, "person": ""})
    path = f"{MUSTERS}/{MusterAnswer.model_validate(made.json).code}"
    assert refused(api.post("hoa", f"{path}/withdraw", {"reason": "x"})) == (422, "invalid_input")
    assert refused(api.post("dung", f"{path}/withdraw", {"reason": "mistake"})) == (
        409,
        "muster_withdrawn_by_opener",
    )
    assert MustersAnswer.model_validate(api.get("dung", MUSTERS).json).owed != []
    answer = api.post("hoa", f"{path}/withdraw", {"reason": "mistake"})
    assert answer.status_code == 200, answer.text
    found = MusterAnswer.model_validate(answer.json)
    assert (found.state, found.withdrawn_reason) == ("withdrawn", "mistake")
    assert found.withdrawn_by == town.people["hoa"].actor.user
    assert (found.expected, found.lines, found.scanned, found.closed_at) == (None, None, None, None)
    assert MustersAnswer.model_validate(api.get("dung", MUSTERS).json).owed == []
    assert refused(api.post("hoa", f"{path}/withdraw", {"reason": "mistake"})) == (409, "muster_withdrawn")
    paper = api.get("dung", f"{path}/minutes.pdf")
    assert (paper.mimetype, paper.data[:5]) == ("application/pdf", b"%PDF-")


def test_a_clerk_musters_their_own_office_and_a_courier_none(api: TownApi) -> None:
    assert refused(api.post("hoa", MUSTERS, {"office": OTHER_POST})) == (404, "not_found")
    assert refused(api.post("hoa", MUSTERS, {"office": "24.H01"})) == (422, "invalid_input")
    assert refused(api.post("chien", MUSTERS, {"office": POST})) == (403, "not_permitted")
    assert api.get("an", MUSTERS).status_code == 403
    assert refused(api.get("hoa", f"{MUSTERS}/KK-24.P01-2026-9")) == (404, "not_found")


@pytest.mark.parametrize(("locale", "words"), [("vi", "Bạn đang kiểm đếm"), ("en", "You are counting")])
def test_whoever_counts_is_told_why_in_their_language(
    town: ShiftTown, api: TownApi, locale: str, words: str
) -> None:
    town.begin_count(town.open_shift())
    answer = api.get("dung", "/api/v1/pouches/balances", locale=locale)
    assert refused(answer) == (409, "counting")
    assert words in str(answer.json)
