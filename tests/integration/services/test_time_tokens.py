"""Time stamps by a real authority: our verdict is openssl's, and what does not hold is never stored."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.cli.main import run
from app.domain.errors import LogDisagrees
from app.factory import Toolbox
from app.services.log import time_tokens
from app.services.log.time_authority import HttpTransport
from app.services.log.time_tokens import (
    FROM_FILE,
    Reply,
    Stamps,
    each_token,
    import_reply,
    list_tokens,
    stamp,
    stamp_after_publishing,
    stamp_published,
)
from app.storage.records import TimeToken
from app.storage.uow import UnitOfWork
from audit.checkpoint import sign_checkpoint
from audit.errors import MalformedNote
from crypto.errors import MalformedKey, TimeTokenRefused
from crypto.timestamping import Authority
from tests.support import tlog
from tests.support.office import Office
from tests.support.publishing import publish_now, published_log
from tests.support.time_authority import TimeAuthority

CHECKPOINT = tlog.note(7)


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> TimeAuthority:
    return TimeAuthority(tmp_path_factory.mktemp("tsa") / "authority")


@pytest.mark.parametrize("known", ["root", "both"])
def test_ours_and_openssl_agree(tsa: TimeAuthority, tmp_path: Path, known: str) -> None:
    authority = Authority.load(getattr(tsa, known))
    reply = tsa.reply(authority.make_request(CHECKPOINT))
    stamped = authority.verify(reply, CHECKPOINT)
    assert stamped.policy == "1.3.6.1.4.1.55555.1"
    assert stamped.at.tzinfo is not None
    message, token = tmp_path / "checkpoint", tmp_path / "reply.tsr"
    message.write_bytes(CHECKPOINT)
    token.write_bytes(reply)
    assert tsa.verifies(message, token)
    message.write_bytes(CHECKPOINT + b"x")
    assert not tsa.verifies(message, token)
    with pytest.raises(TimeTokenRefused):
        authority.verify(reply, CHECKPOINT + b"x")


def test_every_changed_byte_is_refused(tsa: TimeAuthority) -> None:
    authority = Authority.load(tsa.both)
    reply = tsa.reply(authority.make_request(CHECKPOINT))
    for position in range(0, len(reply), 7):
        changed = reply[:position] + bytes([reply[position] ^ 1]) + reply[position + 1 :]
        try:
            stamped = authority.verify(changed, CHECKPOINT)
        except TimeTokenRefused:
            continue
        # What neither signature nor hash covers may differ; what the token says may not.
        assert stamped == authority.verify(reply, CHECKPOINT)


@pytest.mark.parametrize("untrusted", [b"", b"\x30\x00", b"<html>", bytes(1_000_001)])
def test_what_is_no_reply_is_refused(tsa: TimeAuthority, untrusted: bytes) -> None:
    with pytest.raises(TimeTokenRefused):
        Authority.load(tsa.root).verify(untrusted, CHECKPOINT)


def test_a_chain_in_another_order_is_avoided_by_asking_for_none(tsa: TimeAuthority) -> None:
    """OpenSSL 3.0 writes the longer certificate first, which is not DER."""
    knows_root, knows_signer = Authority.load(tsa.root), Authority.load(tsa.both)
    with pytest.raises(TimeTokenRefused, match="DER"):
        knows_root.verify(tsa.reply(knows_root.make_request(CHECKPOINT), chain=True), CHECKPOINT)
    knows_signer.verify(tsa.reply(knows_signer.make_request(CHECKPOINT), chain=True), CHECKPOINT)


def test_another_authority_does_not_count(tsa: TimeAuthority, tmp_path: Path) -> None:
    other = TimeAuthority(tmp_path / "other")
    reply = other.reply(Authority.load(other.root).make_request(CHECKPOINT))
    with pytest.raises(TimeTokenRefused):
        Authority.load(tsa.root).verify(reply, CHECKPOINT)
    (tmp_path / "none.pem").write_bytes(b"")
    for path in (tmp_path / "none.pem", tsa.folder / "signer.pem", tmp_path / "missing"):
        with pytest.raises(MalformedKey):
            Authority.load(path)


def test_one_token_an_hour(office: Office, tsa: TimeAuthority) -> None:
    authority = Authority.load(tsa.root)
    with tsa.served() as url:
        first = stamp(office, CHECKPOINT, authority=authority, transport=HttpTransport(url=url))
        assert first is not None
        assert (first.size, first.checkpoint, first.source) == (7, CHECKPOINT, "network")
        with pytest.raises(TimeTokenRefused, match="404"):
            HttpTransport(url=url + "/elsewhere")(b"")
    assert stamp(office, CHECKPOINT, authority=authority, transport=never) is None
    assert office.read(list_tokens) == (first,)
    assert office.read(lambda uow: time_tokens.is_due(uow, now=first.stored_at + timedelta(hours=1)))
    with pytest.raises(TimeTokenRefused, match="did not answer"):
        HttpTransport(url=url, timeout=2)(b"")


def never(request: bytes) -> bytes:
    raise AssertionError(request)


def test_the_published_checkpoint_is_what_is_stamped(
    office: Office, tsa: TimeAuthority, tmp_path: Path
) -> None:
    authority, log = Authority.load(tsa.root), published_log(tmp_path)
    assert stamp_published(office, log, authority=authority, transport=never) is None
    with tsa.served() as url:
        published = publish_now(office, log)
        token = stamp_published(office, log, authority=authority, transport=HttpTransport(url=url))
    assert token is not None
    assert (token.checkpoint, token.size) == (published.checkpoint, published.head.size)
    message, stored = tmp_path / "checkpoint", tmp_path / "token.tsr"
    message.write_bytes(token.checkpoint)
    stored.write_bytes(token.token)
    assert tsa.verifies(message, stored)


def test_a_checkpoint_the_log_did_not_sign_is_never_sent_to_be_stamped(
    office: Office, tsa: TimeAuthority, tmp_path: Path
) -> None:
    log = published_log(tmp_path)
    publish_now(office, log)
    forged = sign_checkpoint(tlog.head(9), (tlog.STRANGER_LOG,), time=tlog.NOW)
    (log.folder.path / "checkpoint").write_bytes(forged)
    with pytest.raises(LogDisagrees):
        stamp_published(office, log, authority=Authority.load(tsa.root), transport=never)
    assert office.read(list_tokens) == ()


def test_every_token_is_exported_however_many_years_there_are(office: Office) -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    hours = [first + timedelta(hours=number) for number in range(123)]

    def store(uow: UnitOfWork) -> None:
        for hour in hours:
            uow.time_tokens.add(
                TimeToken(
                    hour_at=hour,
                    size=7,
                    checkpoint=CHECKPOINT,
                    token=b"token",
                    token_at=hour,
                    source=FROM_FILE,
                    stored_at=hour,
                )
            )

    office.town.do(store)
    assert [token.hour_at for token in each_token(office)] == hours[::-1]


def test_an_authority_that_fails_is_loud_and_publishing_goes_on(
    office: Office, tsa: TimeAuthority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log, authority = published_log(tmp_path), Authority.load(tsa.root)
    publish_now(office, log)
    for transport, told in (
        (HttpTransport(url="http://127.0.0.1:1/tsa"), "did not answer"),
        (never, "never"),
    ):
        caplog.clear()
        with caplog.at_level(logging.ERROR, logger="kt1.time"):
            stamp_after_publishing(office, log, Stamps(authority=authority, transport=transport))
        assert "no time stamp of this hour" in caplog.text
        assert told in caplog.text
    assert office.read(list_tokens) == ()
    forged = sign_checkpoint(tlog.head(9), (tlog.STRANGER_LOG,), time=tlog.NOW)
    (log.folder.path / "checkpoint").write_bytes(forged)
    with pytest.raises(LogDisagrees):
        stamp_after_publishing(office, log, Stamps(authority=authority, transport=never))


def test_a_reply_by_file_is_verified_before_it_is_stored(office: Office, tsa: TimeAuthority) -> None:
    authority = Authority.load(tsa.root)
    good = Reply(untrusted=tsa.reply(authority.make_request(CHECKPOINT)), source=FROM_FILE)
    ours = office.town.tools
    office.town.tools = replace(ours, origin="kt1.other/1")
    with pytest.raises(MalformedNote, match="checkpoint of"):
        office.write(import_reply, CHECKPOINT, good, authority=authority)
    office.town.tools = ours
    with pytest.raises(TimeTokenRefused):
        office.write(import_reply, tlog.note(6), good, authority=authority)
    assert office.read(list_tokens) == ()
    stored = office.write(import_reply, CHECKPOINT, good, authority=authority)
    assert office.write(import_reply, CHECKPOINT, good, authority=authority) == stored
    assert office.read(list_tokens) == (stored,)


def test_an_office_without_network_carries_two_files(
    tsa: TimeAuthority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KT1_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("KT1_ORIGIN", tlog.ORIGIN)
    monkeypatch.setenv("KT1_TIME_AUTHORITY_CERTS", str(tsa.root))
    checkpoint, request, reply = (tmp_path / name for name in ("checkpoint", "request", "reply"))
    checkpoint.write_bytes(CHECKPOINT)
    assert run(Toolbox(), ["init"]) == 0
    assert run(Toolbox(), ["log", "timestamp-request", str(checkpoint), str(request)]) == 0
    reply.write_bytes(tsa.reply(request.read_bytes()))
    assert run(Toolbox(), ["log", "timestamp-import", str(checkpoint), str(reply)]) == 0
    assert run(Toolbox(), ["log", "timestamps", str(tmp_path / "out")]) == 0
    (token,) = (tmp_path / "out").glob("*.tsr")
    assert tsa.verifies(token.with_suffix(".checkpoint"), token)
    assert run(Toolbox(), ["log", "timestamp", str(checkpoint)]) == 1
    assert "KT1_TIME_AUTHORITY_URL" in capsys.readouterr().err
    with tsa.served() as url:
        monkeypatch.setenv("KT1_TIME_AUTHORITY_URL", url)
        assert run(Toolbox(), ["log", "timestamp", str(checkpoint)]) == 0
        assert run(Toolbox(), ["log", "timestamp"]) == 1
        assert "nothing is published yet" in capsys.readouterr().err
    reply.write_bytes(b"nothing")
    assert run(Toolbox(), ["log", "timestamp-import", str(checkpoint), str(reply)]) == 1


def test_the_first_token_over_an_entry_is_found_from_an_hour_on(office: Office) -> None:
    begin = datetime(2026, 11, 22, 8, tzinfo=UTC)

    def add_all(uow: UnitOfWork) -> None:
        for hour, size in enumerate((3, 7, 7, 20)):
            at = begin + timedelta(hours=hour)
            uow.time_tokens.add(
                TimeToken(
                    hour_at=at,
                    size=size,
                    checkpoint=CHECKPOINT,
                    token=b"token",
                    token_at=at,
                    source=FROM_FILE,
                    stored_at=at,
                )
            )

    def found(index: int, since: datetime) -> int | None:
        token = office.read(lambda uow: uow.time_tokens.find_over(index, since=since))
        return None if token is None else int((token.hour_at - begin).total_seconds() // 3600)

    office.write(add_all)
    assert [found(index, begin) for index in (0, 2, 3, 6, 7, 19, 20)] == [0, 0, 1, 1, 3, 3, None]
    assert [found(0, begin + timedelta(hours=hour)) for hour in (-1, 1, 2, 3, 4)] == [0, 1, 2, 3, None]
