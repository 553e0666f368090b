"""The demo, as a person starts it: it plays its days, and its exported log says what the story says."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from app.cli.demo import cast
from app.cli.demo.ledger import incidents_of, read_entries
from app.domain.device_clock import judge
from audit.entry import Entry
from audit.evidence import parse_evidence
from audit.kinds import EntryKind
from tests.house.tree import ROOT

KT1 = [sys.executable, "-c", "import sys; from app.factory import main; sys.exit(main())", "demo"]


@dataclass(frozen=True, kw_only=True)
class Played:
    """What a demo printed until it was stopped, how it ended, and the log that it exported."""

    said: str
    code: int
    entries: tuple[Entry, ...]

    def of(self, kind: EntryKind, *, refusal: str = "") -> list[Entry]:
        """Return the entries of a kind, refused for this or not at all."""
        return [one for one in self.entries if one.kind is kind and reason(one) == refusal]


def reason(entry: Entry) -> str:
    """Return why an entry was refused, as the log says it."""
    return next((item.refusal for item in entry.items if item.refusal), "") or str(
        entry.facts.get("refusal", "")
    )


def start(folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "KT1_DATA_DIR": "/nowhere/at/all"}
    environment.pop("PORT", None)
    return subprocess.Popen(
        [*KT1, "--folder", str(folder)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("demo") / "demo"
    said: list[str] = []
    with start(folder) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if "serving:" in line:
                break
        everything = "".join(said)
        assert "serving:" in everything, everything
        process.send_signal(signal.SIGINT)
        code = process.wait(180)
    return Played(said=everything, code=code, entries=read_entries(folder / "log.kt1"))


def test_the_demo_verifies_serves_and_leaves_no_server_behind(played: Played) -> None:
    assert played.code == 0
    for judged in ("kt1 log verify", "kt1 log replay --check"):
        assert f"{judged}: GOOD" in played.said
    assert "GOOD: everything above was checked and holds." in played.said
    port = int(re.findall(r"http://127\.0\.0\.1:([0-9]+)/", played.said)[-1])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_the_table_of_controls_names_entries_that_say_so(played: Played) -> None:
    rows = re.findall(r"^  \S.*?  +#([0-9]+)  (.*)$", played.said, re.MULTILINE)
    assert len(rows) > 25
    for index, what in rows:
        refusal = re.search(r"từ chối \(([a-z_]+)\)$", what)
        assert reason(played.entries[int(index)]) == (refusal[1] if refusal else "")


def test_the_log_holds_every_refusal_of_the_story_and_no_other(played: Played) -> None:
    assert Counter(filter(None, map(reason, played.entries))) == Counter(
        {
            "witness_required": 1,
            "forged_label": 1,
            "key_in_missing": 1,
            "seal_of_another_office": 1,
            "witness_missing": 2,
            "seal_differs": 1,
            "in_bag": 1,
            "stopped": 1,
            "named_person_only": 1,
            "check_differs": 1,
        }
    )


def test_three_agencies_register_and_every_mark_is_among_them(played: Played) -> None:
    registered = played.of(EntryKind.REGISTERED)
    recipients = Counter(str(one.facts["recipient"]) for one in registered)
    assert recipients == {cast.FINANCE: 9, cast.OFFICE: 2}
    assert {one.facts["secrecy"] for one in registered} == {"A", "B", "C", "none"}
    assert len({one.facts["actor"] for one in registered}) == 3
    assert any(one.facts["express"] for one in registered)
    assert any("appointed_at" in one.facts for one in registered)


def test_the_bag_travels_over_the_hub_in_two_legs_with_vehicle_and_escort(played: Played) -> None:
    planned = played.of(EntryKind.LEG_PLANNED)
    assert [(one.facts["from"], one.facts["to"]) for one in planned] == [
        (cast.POST_OFFICE, cast.HUB),
        (cast.HUB, cast.OTHER_POST_OFFICE),
    ]
    departed = played.of(EntryKind.LEG_DEPARTED)
    assert [one.facts["vehicle"] for one in departed] == [one.facts["vehicle"] for one in planned]
    assert [one.facts["witness"] for one in departed] == [one.facts["escort"] for one in planned]
    assert [one.facts["handed"] for one in played.of(EntryKind.LEG_ARRIVED)] == [1, 1]


def test_the_bag_is_closed_resealed_by_two_and_opened_before_a_witness(played: Played) -> None:
    (closed,) = played.of(EntryKind.BAG_CLOSED)
    (changed,) = played.of(EntryKind.SEAL_CHANGED)
    (opened,) = played.of(EntryKind.BAG_OPENED)
    assert closed.index < changed.index < opened.index
    for entry in (changed, opened):
        assert entry.facts["witness"] != entry.facts["actor"]


def test_one_item_is_missing_stopped_found_and_delivered(played: Played) -> None:
    (answered,) = played.of(EntryKind.BAG_ANSWERED)
    assert answered.facts["missing"] == 1
    (told,) = the_incidents(answered)
    assert told["kind"] == "loss"
    (placed,), (lifted,) = played.of(EntryKind.HOLD_PLACED), played.of(EntryKind.HOLD_LIFTED)
    code = str(placed.facts["code"])
    assert lifted.facts["code"] == code
    assert lifted.facts["actor"] != lifted.facts["placer"]
    closed = incident_closed(played, str(told["incident"]))
    assert placed.index < closed.index < lifted.index
    after = [one for one in played.entries[lifted.index :] if code in {item.code for item in one.items}]
    assert EntryKind.HANDOVER_TAKEN in {one.kind for one in after}
    assert EntryKind.ACKNOWLEDGED in {one.kind for one in after}


def test_one_delivery_is_refused_and_returned_with_its_own_slip(played: Played) -> None:
    refused = next(
        one
        for one in played.of(EntryKind.HANDOVER_TAKEN)
        if any(row["kind"] == "missent" for row in the_incidents(one))
    )
    (slip,) = [one for one in played.of(EntryKind.ACKNOWLEDGED) if one.facts["receipt"] == "returned"]
    code = slip.items[0].code
    assert code in {item.code for item in refused.items}
    assert slip.index > refused.index


def test_the_shift_is_unbalanced_then_solved_and_countersigned(played: Played) -> None:
    opened, after, _ = [
        one for one in played.of(EntryKind.SHIFT_OPENED) if one.facts["unit"] == cast.OTHER_POST_OFFICE
    ]
    shift = opened.facts["shift"]
    counts = [one for one in played.of(EntryKind.SHIFT_COUNTED) if one.facts["shift"] == shift]
    assert [one.facts["missing"] for one in counts] == [1, 0]
    (told,) = the_incidents(counts[0])
    assert told["kind"] == "count_differs"
    solved = incident_closed(played, str(told["incident"]))
    (closed,) = [one for one in played.of(EntryKind.SHIFT_CLOSED) if one.facts["shift"] == shift]
    assert counts[1].index < solved.index < closed.index
    assert closed.facts["supervisor"] != closed.facts["actor"]
    assert closed.index < after.index
    assert closed.facts["closing"] == after.facts["opening"] == 2


def test_control_8_a_shift_is_relieved_by_a_counted_list_that_both_sign(played: Played) -> None:
    (listed,) = played.of(EntryKind.RELIEF_LISTED)
    leaver, successor = listed.facts["actor"], listed.facts["successor"]
    offered = next(one for one in played.of(EntryKind.HANDOVER_OFFERED) if one.index > listed.index)
    taken = next(one for one in played.of(EntryKind.HANDOVER_TAKEN) if one.index > offered.index)
    assert (offered.facts["actor"], taken.facts["actor"]) == (leaver, successor)
    assert {one.code for one in offered.items} == {one.code for one in taken.items}
    assert len(taken.items) == listed.facts["lines"] == 2
    (closed,) = [
        one for one in played.of(EntryKind.SHIFT_CLOSED) if one.facts["shift"] == listed.facts["shift"]
    ]
    assert taken.index < closed.index
    assert closed.facts["closing"] == 0
    assert len(re.findall(r"^  8 giao ca: .*#[0-9]+", played.said, re.MULTILINE)) == 4


def test_the_auditor_musters_a_place_that_counts_blind_and_both_close_it(played: Played) -> None:
    (opened,) = played.of(EntryKind.MUSTER_OPENED)
    (counted,) = played.of(EntryKind.MUSTER_COUNTED)
    (closed,) = played.of(EntryKind.MUSTER_CLOSED)
    assert opened.index < counted.index < closed.index
    assert (closed.facts["found"], closed.facts["missing"], closed.facts["unexpected"]) == (2, 0, 0)
    assert closed.facts["partner"] == counted.facts["actor"] != closed.facts["actor"]


def test_one_acknowledgement_is_overdue_asked_after_and_answered(played: Played) -> None:
    (issued,) = played.of(EntryKind.TRACER_ISSUED)
    (answered,) = played.of(EntryKind.TRACER_ANSWERED)
    assert issued.facts["clock"] == "acknowledgement"
    (item,) = issued.items
    assert [one.code for one in answered.items] == [item.code]
    delivered = max(
        one.at
        for one in played.of(EntryKind.HANDOVER_TAKEN)
        if item.code in {line.code for line in one.items}
    )
    assert issued.at - delivered > timedelta(days=3)
    assert not played.of(EntryKind.INVESTIGATION_OPENED)
    filed = {line.code for one in played.of(EntryKind.ACKNOWLEDGED) for line in one.items}
    assert item.code not in filed


def test_time_goes_forward_only_and_devices_say_the_time_of_the_log(played: Played) -> None:
    times = [one.at for one in played.entries]
    assert times == sorted(times)
    assert times[-1] - times[0] > timedelta(days=3)
    for entry in played.entries:
        for envelope in entry.envelopes:
            assert judge(parse_evidence(envelope.payload).at, entry.at) is None
    origin = played.entries[0].facts["origin"]
    assert isinstance(origin, str)
    assert origin.startswith("demo.")


def test_a_typed_code_rests_on_a_key_in_of_its_own(played: Played) -> None:
    (keyed,) = played.of(EntryKind.CODE_KEYED_IN)
    (subject,) = keyed.items
    (refused,) = played.of(EntryKind.HANDOVER_TAKEN, refusal="key_in_missing")
    taken = next(one for one in played.of(EntryKind.HANDOVER_TAKEN) if one.index > keyed.index)
    assert [one.code for one in refused.items] == [subject.code] == [one.code for one in taken.items]


def the_incidents(entry: Entry) -> list[Mapping[str, object]]:
    raised = entry.facts.get("incidents")
    rows = [row for row in raised if isinstance(row, dict)] if isinstance(raised, list) else []
    assert len(rows) == len(incidents_of(entry))
    return list(rows)


def incident_closed(played: Played, number: str) -> Entry:
    """Return the entry that closes an incident; who closes is not who resolved."""
    (closed,) = [one for one in played.of(EntryKind.INCIDENT_CLOSED) if one.facts["incident"] == number]
    assert closed.facts["actor"] != closed.facts["resolver"]
    return closed


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("kept", encoding="utf-8")
    done = subprocess.run(
        [*KT1, "--once", "--folder", str(tmp_path)], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "not made by a demo" in done.stderr
    assert precious.read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize("port", ["0", "70000", "http"])
def test_a_port_that_is_none_is_misuse(port: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [*KT1, "--once", "--folder", str(tmp_path / "demo"), "--port", port],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
