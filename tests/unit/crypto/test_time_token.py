"""Time stamps made by `openssl ts` hold under the stand-alone reader; changed ones never do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from crypto.errors import MalformedKey, TimeTokenRefused
from crypto.time_token import TimeCertificates, _check_purpose, read_certificates
from crypto.timestamping import Authority
from tests.support.time_authority import TimeAuthority

MESSAGE = b"kt1.test/24\n7\nroot\n"


@pytest.fixture(scope="module")
def tsa() -> Iterator[TimeAuthority]:
    with TemporaryDirectory() as folder:
        yield TimeAuthority(Path(folder) / "tsa")


@pytest.fixture(scope="module")
def reply(tsa: TimeAuthority) -> bytes:
    return tsa.reply(Authority.load(tsa.both).make_request(MESSAGE))


def trusted(path: Path) -> TimeCertificates:
    return TimeCertificates.parse(read_certificates(path.read_bytes()))


def test_a_token_of_a_pinned_signer_holds_and_says_what_the_other_reader_says(
    tsa: TimeAuthority, reply: bytes
) -> None:
    stamped = trusted(tsa.both).verify(reply, MESSAGE)
    assert stamped == Authority.load(tsa.both).verify(reply, MESSAGE)
    assert abs(datetime.now(UTC) - stamped.at) < timedelta(hours=1)
    assert stamped.policy == "1.3.6.1.4.1.55555.1"


@pytest.mark.parametrize("chain", [False, True])
def test_a_signer_sent_along_is_believed_only_through_a_trusted_root(
    tsa: TimeAuthority, *, chain: bool
) -> None:
    """With `chain` both certificates travel, in the order that the strict library refuses."""
    asked = Authority.load(tsa.root).make_request(MESSAGE)
    carried = tsa.reply(asked, chain=chain)
    assert trusted(tsa.root).verify(carried, MESSAGE).serial > 0
    with pytest.raises(TimeTokenRefused, match="no chain"):
        TimeCertificates.parse(()).verify(carried, MESSAGE)


@pytest.mark.parametrize("keys", ["rsa:2048", "ec -pkeyopt ec_paramgen_curve:secp384r1"])
@pytest.mark.parametrize("cert_id", ["sha1", "sha256", "sha512"])
def test_authorities_of_other_algorithms_hold_and_their_changed_bytes_do_not(
    tmp_path: Path, keys: str, cert_id: str
) -> None:
    """RSA is what most authorities sign with; RFC 3161 itself names the signer's certificate by SHA-1."""
    authority = TimeAuthority(tmp_path / "tsa", keys=keys, cert_id=cert_id)
    asked = Authority.load(authority.root).make_request(MESSAGE)
    carried = authority.reply(asked)
    message, token = tmp_path / "message", tmp_path / "token"
    message.write_bytes(MESSAGE)
    token.write_bytes(carried)
    assert authority.verifies(message, token)
    for path in (authority.root, authority.both):
        assert trusted(path).verify(carried, MESSAGE).policy == "1.3.6.1.4.1.55555.1"
    assert Authority.load(authority.root).verify(carried, MESSAGE) == trusted(authority.root).verify(
        carried, MESSAGE
    )
    with pytest.raises(TimeTokenRefused):
        trusted(authority.root).verify(carried, MESSAGE + b"\n")
    for at in (len(carried) // 3, len(carried) // 2, len(carried) - 1):
        changed = carried[:at] + bytes([carried[at] ^ 1]) + carried[at + 1 :]
        with pytest.raises(TimeTokenRefused):
            trusted(authority.root).verify(changed, MESSAGE)


def test_another_authority_of_the_same_names_is_refused(
    tsa: TimeAuthority, reply: bytes, tmp_path: Path
) -> None:
    stranger = TimeAuthority(tmp_path / "stranger")
    for path in (stranger.root, stranger.both):
        with pytest.raises(TimeTokenRefused, match="neither trusted nor sent along"):
            trusted(path).verify(reply, MESSAGE)
    carried = tsa.reply(Authority.load(tsa.root).make_request(MESSAGE))
    with pytest.raises(TimeTokenRefused, match="no chain"):
        trusted(stranger.root).verify(carried, MESSAGE)


def test_a_token_is_over_exactly_these_bytes(tsa: TimeAuthority, reply: bytes) -> None:
    for other in (b"", MESSAGE + b"\n", MESSAGE[:-1]):
        with pytest.raises(TimeTokenRefused, match="over other bytes"):
            trusted(tsa.both).verify(reply, other)


def test_a_certificate_that_is_not_for_time_stamps_stamps_no_time(tsa: TimeAuthority) -> None:
    (root,) = trusted(tsa.root).certificates
    with pytest.raises(TimeTokenRefused, match="does not say what it is for"):
        _check_purpose(root)


def test_every_changed_byte_is_refused(tsa: TimeAuthority, reply: bytes) -> None:
    certificates = trusted(tsa.both)
    good = certificates.verify(reply, MESSAGE)
    for at in range(len(reply)):
        changed = reply[:at] + bytes([reply[at] ^ 1]) + reply[at + 1 :]
        try:
            said = certificates.verify(changed, MESSAGE)
        except TimeTokenRefused:
            continue
        # Nothing hangs on these bytes and nobody signs them: the status, versions, null parameters.
        assert said == good


@pytest.mark.parametrize("cut", [0, 1, 2, 10, 100, -1, -2])
def test_what_ends_too_early_or_too_late_is_refused(tsa: TimeAuthority, reply: bytes, cut: int) -> None:
    for data in (reply[:cut], reply + b"\x00", reply * 2):
        with pytest.raises(TimeTokenRefused):
            trusted(tsa.both).verify(data, MESSAGE)


@pytest.mark.parametrize(
    "data", [b"", b"\x30\x00", b"<html>", bytes(1_000_001), bytes.fromhex("3005300302010 2".replace(" ", ""))]
)
def test_what_is_no_granted_reply_is_refused(tsa: TimeAuthority, data: bytes) -> None:
    with pytest.raises(TimeTokenRefused):
        trusted(tsa.both).verify(data, MESSAGE)


def test_what_is_no_certificate_is_refused() -> None:
    with pytest.raises(MalformedKey):
        TimeCertificates.parse((b"x",))
    with pytest.raises(MalformedKey):
        read_certificates(b"x")
