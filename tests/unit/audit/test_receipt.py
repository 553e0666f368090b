"""A receipt is checked offline with its entry under the trust file: good, bad and named, or not checked."""

import json
from pathlib import Path

import pytest

from audit.__main__ import main
from audit.errors import BadEntry, CannotVerify
from audit.receipt import verify_receipt
from audit.trust import CheckpointKey, Trust
from audit.trust_file import format_trust
from tests.support import logs, tlog, trees

ENTRIES = logs.seal(logs.honest_drafts())
INDEX = 5
RECEIPT = trees.receipt(ENTRIES, INDEX)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return logs.write(tmp_path / "a.tlog-proof", RECEIPT), logs.write(tmp_path / "entry", ENTRIES[INDEX])


def bad(files: tuple[Path, Path], trust: Trust | None = None) -> tuple[str, str | None]:
    with pytest.raises(BadEntry) as found:
        verify_receipt(*files, trust or trees.trust())
    return found.value.check, None if found.value.path is None else Path(found.value.path).name


def test_a_good_receipt_says_what_was_checked(files: tuple[Path, Path]) -> None:
    report = verify_receipt(*files, trees.trust())
    assert (report.index, report.size, report.kind) == (5, 12, "handover_taken")
    assert (report.log_signatures, report.hashes) == (1, 4)
    assert report.cosignatures == dict.fromkeys(("w1", "w2", "w3"), "2026-11-22T07:43:06Z")


def test_another_entry_is_not_proven(files: tuple[Path, Path]) -> None:
    files[1].write_bytes(ENTRIES[INDEX - 1])
    assert bad(files) == ("inclusion", "a.tlog-proof")


def test_the_same_index_is_not_bound_to_another_size(files: tuple[Path, Path]) -> None:
    other = trees.checkpoint(ENTRIES[:11], signers=(trees.ED,))
    files[0].write_bytes(trees.receipt(ENTRIES, INDEX, note=other))
    assert bad(files) == ("inclusion", "a.tlog-proof")


def test_an_entry_that_stands_elsewhere_than_it_says(files: tuple[Path, Path]) -> None:
    swapped = [*ENTRIES[:INDEX], ENTRIES[0], *ENTRIES[INDEX + 1 :]]
    files[0].write_bytes(trees.receipt(swapped, INDEX))
    files[1].write_bytes(ENTRIES[0])
    assert bad(files) == ("index", "entry")


def test_inclusion_is_never_believed_without_the_signed_checkpoint(files: tuple[Path, Path]) -> None:
    files[0].write_bytes(trees.receipt(ENTRIES, INDEX, note=trees.head(ENTRIES).to_text().encode()))
    assert bad(files)[0] == "checkpoint form"
    stranger = trees.checkpoint(ENTRIES, signers=(tlog.STRANGER_LOG,))
    files[0].write_bytes(trees.receipt(ENTRIES, INDEX, note=stranger))
    with pytest.raises(CannotVerify, match="not signed by any key of the trust file"):
        verify_receipt(*files, trees.trust())


def test_a_key_counts_for_its_sizes_only(files: tuple[Path, Path]) -> None:
    ended = trees.trust(keys=[CheckpointKey(key=trees.ED.key, last=11)])
    assert bad(files, ended) == ("checkpoint key", "a.tlog-proof")


def test_too_few_witnesses_are_bad_unless_none_were_asked_for(files: tuple[Path, Path]) -> None:
    note = trees.checkpoint(ENTRIES, signers=(trees.ED,), witnesses=(tlog.W2,))
    files[0].write_bytes(trees.receipt(ENTRIES, INDEX, note=note))
    assert bad(files) == ("quorum", "a.tlog-proof")
    alone = verify_receipt(*files, trees.trust(), require_witnesses=False)
    assert list(alone.cosignatures) == ["w2"]


def test_a_trust_file_without_witnesses_cannot_check_a_receipt(files: tuple[Path, Path]) -> None:
    with pytest.raises(CannotVerify, match="no witnesses"):
        verify_receipt(*files, logs.trust())


@pytest.mark.parametrize("at", range(0, len(RECEIPT), 7))
def test_every_changed_byte_of_a_receipt_is_caught_or_weakens_nothing(
    files: tuple[Path, Path], at: int
) -> None:
    files[0].write_bytes(RECEIPT[:at] + bytes([RECEIPT[at] ^ 1]) + RECEIPT[at + 1 :])
    try:
        report = verify_receipt(*files, trees.trust())
    except (BadEntry, CannotVerify):
        return
    # A line of a witness that is now unknown is ignored; the quorum of two still stands.
    assert (report.index, len(report.cosignatures)) == (INDEX, 2)


@pytest.mark.parametrize("at", range(0, len(ENTRIES[INDEX]), 41))
def test_every_changed_byte_of_the_entry_is_caught(files: tuple[Path, Path], at: int) -> None:
    data = ENTRIES[INDEX]
    files[1].write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    assert bad(files) == ("inclusion", "a.tlog-proof")


def test_the_command(files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trust = logs.write(tmp_path / "trust.json", format_trust(trees.trust()))
    command = ["verify-receipt", str(files[0]), "--entry", str(files[1]), "--trust", str(trust)]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "entry        5 (handover_taken" in said
    assert "cosignatures 3: w1 at 2026-11-22T07:43:06Z" in said
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["result"] == "good"
    files[1].write_bytes(ENTRIES[0])
    assert main(command) == 1
    assert "BAD: the first bad thing is entry 5 in file" in capsys.readouterr().out
    assert main([*command, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["first_bad"]["check"] == "inclusion"
    for lost in files:
        lost.write_bytes(b"")
        assert main(command) == 2
        assert "COULD NOT CHECK" in capsys.readouterr().err
