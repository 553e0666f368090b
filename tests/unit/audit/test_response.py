"""The answer to a manifest: the same bytes every time, complete, and bound to the list it answers."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from audit.errors import MalformedEvidence
from audit.evidence import Mark
from audit.manifest import Manifest, manifest_bytes
from audit.response import (
    Response,
    ResponseLine,
    check_complete,
    differing,
    parse_response,
    response_bytes,
)
from crypto.digest import sha256_hex

MANIFEST = Manifest(
    log="kt1.example/24",
    bag="ZT000000005VN",
    asset="TUI-001",
    origin="24.BD",
    destination="24.BD2",
    year=2026,
    number=2,
    serial=1,
    last=True,
    seal="NP-0018",
    weight_g=1500,
    closed_by=1,
    closed_at=datetime(2026, 11, 22, 7, 43, 6, tzinfo=UTC),
    lines=("RT000000005VN", "RT000000014VN"),
)
DIGEST = sha256_hex(manifest_bytes(MANIFEST))


def line(code: str, answer: Mark = Mark.RECEIVED) -> ResponseLine:
    return ResponseLine(code=code, answer=answer, entry=17, hash="ab" * 32)


ANSWER = Response(
    log=MANIFEST.log,
    bag=MANIFEST.bag,
    manifest=DIGEST,
    lines=(line("RT000000005VN"), line("RT000000014VN", Mark.MISSING), line("RT000000028VN", Mark.EXCESS)),
)


def test_an_answer_is_read_back_as_it_was_written_and_is_complete() -> None:
    data = response_bytes(ANSWER)
    assert parse_response(data) == ANSWER
    check_complete(ANSWER, MANIFEST, DIGEST)
    assert differing(ANSWER.lines) == 2


@pytest.mark.parametrize(
    "changed",
    [
        replace(ANSWER, lines=ANSWER.lines[1:]),
        replace(ANSWER, lines=(*ANSWER.lines, line("RT000000031VN"))),
        replace(ANSWER, manifest="cd" * 32),
        replace(ANSWER, bag="ZT000000014VN"),
        replace(ANSWER, log="kt1.example/25"),
    ],
)
def test_an_answer_to_another_list_or_to_a_part_of_it_is_none(changed: Response) -> None:
    with pytest.raises(MalformedEvidence):
        check_complete(changed, MANIFEST, DIGEST)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"kt1/response/1", b"kt1/response/2"),
        (b'"received"', b'"perhaps"'),
        (b'"entry":17', b'"entry":0'),
        (b'"hash":"ab', b'"hash":"xy'),
        (b"RT000000005VN", b"RT000000099VN"),
        (b'{"bag"', b'{ "bag"'),
    ],
)
def test_bytes_of_another_form_are_refused(old: bytes, new: bytes) -> None:
    data = response_bytes(ANSWER)
    assert old in data
    with pytest.raises(MalformedEvidence):
        parse_response(data.replace(old, new, 1))


def test_an_answer_without_lines_is_refused() -> None:
    with pytest.raises(MalformedEvidence, match="lines"):
        parse_response(response_bytes(replace(ANSWER, lines=())))
