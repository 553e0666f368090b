"""Whatever is done to one stored entry, the verifier says so and names the first bad one."""

import json
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from audit.entry import DOMAIN
from audit.errors import CannotVerify
from audit.verify import Report, verify_bundle
from crypto import canonical
from crypto.digest import b64encode
from crypto.signer import FileSigner
from tests.support import logs

HONEST = logs.seal(logs.honest_drafts())
GOOD = logs.bundle(HONEST)
HEADER_BYTES = len(GOOD) - sum(2 + len(entry) for entry in HONEST)
POSITIONS = st.integers(0, len(HONEST) - 1)


def verify(data: bytes) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        return verify_bundle(logs.write(Path(folder) / "log.kt1", data), logs.trust(), jobs=1)


def first_bad(entries: list[bytes]) -> int | None:
    found = verify(logs.bundle(entries, promised=HONEST)).first_bad
    assert found is not None, "tampering went unnoticed"
    return found.index


def resigned(
    entry: bytes, signer: FileSigner, *, key: str | None = None, **changes: canonical.JsonValue
) -> bytes:
    value = json.loads(entry) | changes | {"key": key or signer.key_id}
    del value["sig"]
    body = canonical.encode(value)
    signature = b64encode(signer.sign(DOMAIN + body))
    return body[:-1] + b',"sig":"' + signature.encode() + b'"}'


def test_the_honest_log_is_good() -> None:
    report = verify(GOOD)
    assert report.first_bad is None
    assert (report.entries, report.log_signatures) == (len(HONEST), len(HONEST))
    assert (report.device_signatures, report.items, report.devices) == (6, 9, 2)


@given(k=POSITIONS, data=st.data(), bit=st.integers(0, 7))
def test_flipped_bit_in_an_entry(k: int, data: st.DataObject, bit: int) -> None:
    entry = bytearray(HONEST[k])
    entry[data.draw(st.integers(0, len(entry) - 1))] ^= 1 << bit
    assert first_bad([*HONEST[:k], bytes(entry), *HONEST[k + 1 :]]) == k


@given(k=POSITIONS, bit=st.integers(0, 15))
def test_flipped_bit_in_a_length(k: int, bit: int) -> None:
    at = HEADER_BYTES + sum(2 + len(entry) for entry in HONEST[:k])
    data = bytearray(GOOD)
    data[at + bit // 8] ^= 1 << (bit % 8)
    found = verify(bytes(data)).first_bad
    assert found is not None
    assert found.index == k


@given(at=st.integers(0, HEADER_BYTES - 1), bit=st.integers(0, 7))
def test_flipped_bit_in_the_header(at: int, bit: int) -> None:
    data = bytearray(GOOD)
    data[at] ^= 1 << bit
    try:
        found = verify(bytes(data)).first_bad
    except CannotVerify:
        return
    assert found is not None
    assert found.index is None


@given(k=POSITIONS)
def test_dropped_entry(k: int) -> None:
    assert first_bad([*HONEST[:k], *HONEST[k + 1 :]]) == k


@given(k=POSITIONS, times=st.integers(1, 3))
def test_repeated_entry(k: int, times: int) -> None:
    assert first_bad([*HONEST[: k + 1], *[HONEST[k]] * times, *HONEST[k + 1 :]]) == k + 1


@given(pair=st.lists(POSITIONS, min_size=2, max_size=2, unique=True))
def test_swapped_entries(pair: list[int]) -> None:
    i, j = sorted(pair)
    entries = list(HONEST)
    entries[i], entries[j] = entries[j], entries[i]
    assert first_bad(entries) == i


@given(kept=POSITIONS)
def test_tail_cut_between_entries(kept: int) -> None:
    assert first_bad(HONEST[:kept]) == kept


@given(data=st.data())
def test_file_cut_anywhere(data: st.DataObject) -> None:
    kept = data.draw(st.integers(0, len(GOOD) - 1))
    try:
        found = verify(GOOD[:kept]).first_bad
    except CannotVerify:
        assert kept < HEADER_BYTES
        return
    end, whole = HEADER_BYTES, 0
    while whole < len(HONEST) and end + 2 + len(HONEST[whole]) <= kept:
        end += 2 + len(HONEST[whole])
        whole += 1
    assert found is not None
    assert found.index == whole


@given(extra=st.binary(min_size=1, max_size=40))
def test_bytes_behind_the_end(extra: bytes) -> None:
    found = verify(GOOD + extra).first_bad
    assert found is not None
    assert found.index == len(HONEST)


@given(k=POSITIONS, claims_log_key=st.booleans())
def test_entry_signed_again_by_a_stranger(k: int, claims_log_key: bool) -> None:  # noqa: FBT001  # drawn
    key = logs.LOG.key_id if claims_log_key else None
    entry = resigned(HONEST[k], logs.STRANGER, key=key)
    assert first_bad([*HONEST[:k], entry, *HONEST[k + 1 :]]) == k


@given(k=POSITIONS)
def test_entry_rewritten_and_signed_again_by_the_log_itself(k: int) -> None:
    """The entry is genuine by itself; the one behind it, or the header, was signed over other bytes."""
    entry = resigned(HONEST[k], logs.LOG, at="2026-11-22T09:00:00.000Z")
    assert first_bad([*HONEST[:k], entry, *HONEST[k + 1 :]]) == k


@given(k=st.integers(0, len(HONEST)), data=st.data())
def test_foreign_entry_put_in(k: int, data: st.DataObject) -> None:
    foreign = resigned(HONEST[data.draw(POSITIONS)], logs.STRANGER, index=k)
    assert first_bad([*HONEST[:k], foreign, *HONEST[k:]]) == k


@given(k=POSITIONS, other=st.binary(max_size=60))
def test_entry_replaced_by_noise(k: int, other: bytes) -> None:
    assert first_bad([*HONEST[:k], other, *HONEST[k + 1 :]]) == k
