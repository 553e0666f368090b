"""The demo's bookkeeping: a log that differs from the story ends it, and its clock is for demos only."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.cli.demo.browser import UnexpectedAnswer
from app.cli.demo.clock import DAYS, HANOI, StoryClock
from app.cli.demo.ledger import Ledger, Step
from app.factory import Toolbox, rehearse
from audit.entry import Entry, ItemLine, Outcome
from audit.kinds import EntryKind
from config import Config, ConfigError
from crypto.canonical import JsonValue

CODE, OTHER = "ZK000000019VN", "ZK000000022VN"


def entry(
    index: int,
    kind: EntryKind = EntryKind.HANDOVER_TAKEN,
    *,
    code: str = CODE,
    refusal: str = "",
    facts: Mapping[str, JsonValue] | None = None,
) -> Entry:
    outcome = Outcome.REFUSED if refusal else Outcome.ACCEPTED
    return Entry(
        index=index,
        at=datetime(2026, 11, 29, tzinfo=UTC),
        kind=kind,
        key="0" * 16,
        prev=b"",
        facts=dict(facts or {}),
        items=(ItemLine(code=code, outcome=outcome, refusal=refusal),),
        commitments={},
        envelopes=(),
        signature=b"",
        data=b"",
    )


def told(*steps: Step, incidents: int = 0) -> Ledger:
    ledger = Ledger()
    for step in steps:
        ledger.tell(step)
    ledger.incidents = incidents
    return ledger


TAKEN = Step(kind=EntryKind.HANDOVER_TAKEN, what="nhận", index=0, codes=(CODE,))
REFUSED = Step(kind=EntryKind.HANDOVER_TAKEN, what="nhận", index=1, refusal="seal_differs")


def test_a_log_that_says_what_the_story_says_is_found_step_by_step() -> None:
    entries = [entry(0), entry(1, refusal="seal_differs"), entry(2, EntryKind.LABEL_PRINTED), entry(3)]
    later = Step(kind=EntryKind.HANDOVER_TAKEN, what="nhận lại", codes=(CODE,))
    found = told(TAKEN, REFUSED, later).find_all(entries)
    assert [index for _, index in found] == [0, 1, 3]


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [entry(0, EntryKind.HANDOVER_OFFERED)],
        [entry(0, code=OTHER)],
        [entry(0, refusal="seal_differs")],
    ],
    ids=["nothing", "another kind", "another item", "refused"],
)
def test_a_step_that_the_log_does_not_say_is_a_difference(entries: list[Entry]) -> None:
    with pytest.raises(UnexpectedAnswer, match="the log does not say at entry 0"):
        told(TAKEN).find_all(entries)


def test_a_fact_that_differs_is_a_difference() -> None:
    step = Step(kind=EntryKind.SHIFT_COUNTED, what="đếm", index=0, facts={"missing": 1})
    entries = [entry(0, EntryKind.SHIFT_COUNTED, facts={"missing": 0})]
    with pytest.raises(UnexpectedAnswer, match="the log does not say"):
        told(step).find_all(entries)


def test_steps_in_another_order_are_a_difference() -> None:
    with pytest.raises(UnexpectedAnswer, match="the log does not say"):
        told(REFUSED, TAKEN).find_all([entry(0), entry(1, refusal="seal_differs")])


def test_a_refusal_that_nobody_told_of_is_a_difference() -> None:
    with pytest.raises(UnexpectedAnswer, match=r"entry 1 .* is a refusal nobody told of"):
        told(TAKEN).find_all([entry(0), entry(1, refusal="seal_differs")])


@pytest.mark.parametrize("incidents", [0, 2])
def test_an_incident_too_many_or_too_few_is_a_difference(incidents: int) -> None:
    raised: dict[str, JsonValue] = {"incidents": [{"incident": "24.P01/2026/1"}]}
    with pytest.raises(UnexpectedAnswer, match="the log opens 1 incidents"):
        told(TAKEN, incidents=incidents).find_all([entry(0, facts=raised)])


def test_the_clock_of_the_story_goes_forward_only_and_ends_as_the_machines(tmp_path: Path) -> None:
    clock = StoryClock(tmp_path / "clock")
    began = clock.local()
    assert (datetime.now(HANOI).date() - began.date()).days == DAYS
    clock.set(day=1, at="17:00")
    with pytest.raises(ValueError, match="it is later than 08:00"):
        clock.set(day=1, at="08:00")
    before = clock.now()
    clock.pass_a_minute()
    assert clock.now() - before >= timedelta(minutes=1)
    clock.let_go()
    assert clock.now() >= before
    clock.pass_a_minute()
    assert float(clock.file.read_text(encoding="ascii")) == 0


def test_only_a_log_whose_name_says_demo_may_go_by_a_clock_that_can_be_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KT1_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KT1_ORIGIN", "kt1.example/bac-ninh")
    clock = StoryClock(tmp_path / "clock")
    with pytest.raises(ConfigError, match="is no demo"):
        rehearse(str(clock.file))
    with (
        pytest.raises(ConfigError, match="is no demo"),
        Toolbox().open_runtime(Config.from_env(), clock.now),
    ):
        pass
