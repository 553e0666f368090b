"""The policy file: what the specification allows is read, and nobody counts twice."""

import json
from typing import Any

import pytest

from audit.errors import MalformedPolicy, QuorumMissing
from audit.policy import Policy, PolicyGroup, open_witnessed
from audit.policy_file import format_policy, load_policy, parse_policy
from audit.vkey import SignatureType, VerifierKey
from tests.house.tree import ROOT
from tests.support import tlog

OURS: dict[str, Any] = json.loads((ROOT / "tests/vectors/tlog.json").read_text(encoding="utf-8"))
LOG = f"log {tlog.LOG.key.to_text()}\n"
VKEYS = [item.key.to_text() for item in tlog.WITNESSES]
W1, W2, W3 = (f"witness w{n} {vkey}\n" for n, vkey in enumerate(VKEYS, 1))


def again(key: VerifierKey, name: str, kind: SignatureType) -> str:
    """Give the same public key another name, type and ID."""
    return VerifierKey(name, kind, key.public_key).to_text()


def parse(text: str) -> Policy:
    return parse_policy(text.encode(errors="surrogateescape"))


def test_the_policy_of_our_pages() -> None:
    policy = parse(OURS["policy"])
    assert [key.to_text() for key in policy.log_keys] == [OURS["vkeys"]["log"]]
    assert [key.to_text() for key in policy.witness_keys] == OURS["vkeys"]["witnesses"]
    assert policy.groups == (PolicyGroup(name="witnesses", threshold=2, members=("W1", "W2", "W3")),)
    assert open_witnessed(OURS["published"].encode(), policy).head.size == 7
    with pytest.raises(QuorumMissing, match="cosigned by nobody"):
        open_witnessed(OURS["checkpoint"].encode(), policy)


@pytest.mark.parametrize(
    "text",
    [
        "quorum none\n",
        "\n# comment\n\t # another\n\t" + W1.replace(" w1 ", " \t w1   ") + "  quorum\tw1  \n",
        LOG.replace("\n", " https://log.example/\n") + W1 + "quorum w1\n",
        f"witness all {VKEYS[0]}\nwitness any {VKEYS[1]}\ngroup group 2 all any\nquorum group\n",
        f"witness w\udc80\udcff {VKEYS[0]}\nquorum w\udc80\udcff\n",
        f"witness Ủy-ban {VKEYS[0]} https://nhân-chứng.example/\nquorum Ủy-ban\n",
        f"log {tlog.LOG_PQ.key.to_text()}\nquorum none\n",
        W1 + W2 + W3 + "group a any w1 w2\ngroup b all a w3\nquorum b\n",
        W1 + "quorum w1\n" + LOG + W2,
    ],
)
def test_what_a_policy_may_say(text: str) -> None:
    policy = parse(text)
    assert parse_policy(format_policy(policy)) == policy


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "exactly one quorum"),
        (W1, "exactly one quorum"),
        (W1 + "quorum w1", "does not end"),
        ("quorum none\n\x01\n", "control"),
        ("quorum none\r\n", "control"),
        ("quorum none\x7f\n", "control"),
        ("quibble w1\nquorum none\n", "begins with"),
        (W1[:-1] + " https://w1.example/ # comment\nquorum w1\n", "witness <name>"),
        ("log\nquorum none\n", "log <vkey>"),
        ("log garbage\nquorum none\n", "vkey"),
        (f"log {VKEYS[0]}\nquorum none\n", "no such use"),
        (f"witness w1 {tlog.LOG.key.to_text()}\nquorum w1\n", "no such use"),
        (LOG + LOG + "quorum none\n", "listed twice"),
        (W1 + f"witness w2 {VKEYS[0]}\nquorum w1\n", "listed twice"),
        ("witness w1\nquorum none\n", "witness <name>"),
        (f"witness none {VKEYS[0]}\nquorum none\n", "reserved"),
        (W1 + W2.replace("w2", "w1") + "quorum w1\n", "taken"),
        (W1 + "group w1 any w1\nquorum w1\n", "taken"),
        (W1 + "group none any w1\nquorum none\n", "reserved"),
        (W1 + "group g 1\nquorum w1\n", "group <name>"),
        (W1 + "group g 0 w1\nquorum g\n", "needs 1 to 1"),
        (W1 + "group g -1 w1\nquorum g\n", "decimal"),
        (W1 + "group g 01 w1\nquorum g\n", "decimal"),
        (W1 + "group g 2 w1\nquorum g\n", "needs 1 to 1"),
        (W1 + "group g any w2\nquorum g\n", "not defined before"),
        ("group g any w1\n" + W1 + "quorum g\n", "not defined before"),
        (W1 + "group g any g\nquorum g\n", "not defined before"),
        (W1 + "group g any none w1\nquorum g\n", "not defined before"),
        (W1 + "group g all w1 w1\nquorum g\n", "member already"),
        (W1 + W2 + "group g any w1 w2\ngroup h any w1\nquorum g\n", "member already"),
        (W1 + "quorum w1\nquorum w1\n", "exactly once"),
        (W1 + "quorum w1 w1\n", "exactly once"),
        ("quorum unknown\n", "not defined before"),
        ("quorum w1\n" + W1, "not defined before"),
        ("quorum\n", "exactly once"),
    ],
)
def test_what_a_policy_may_not_say(text: str, reason: str) -> None:
    with pytest.raises(MalformedPolicy, match=reason):
        parse(text)


def test_the_line_is_named() -> None:
    with pytest.raises(MalformedPolicy, match="line 3: ") as caught:
        parse(LOG + W1 + "nonsense\nquorum w1\n")
    assert caught.value.line == 3


@pytest.mark.parametrize("kind", [SignatureType.ED25519_COSIGNATURE])
def test_the_same_public_key_never_counts_twice_whatever_it_is_called(kind: SignatureType) -> None:
    twin = again(tlog.W1.key, "impostor.test", kind)
    with pytest.raises(MalformedPolicy, match="listed twice"):
        parse(W1 + f"witness w2 {twin}\ngroup g 2 w1 w2\nquorum g\n")
    as_log = again(tlog.W1.key, "impostor.test", SignatureType.ED25519)
    for text in (W1 + f"log {as_log}\nquorum w1\n", f"log {as_log}\n" + W1 + "quorum w1\n"):
        with pytest.raises(MalformedPolicy, match="listed twice"):
            parse(text)


@pytest.mark.parametrize(
    ("quorum", "cosigned", "met"),
    [
        ("quorum w1\n", (tlog.W1,), True),
        ("quorum w1\n", (tlog.W2, tlog.W3), False),
        ("group g any w1 w2\nquorum g\n", (tlog.W2,), True),
        ("group g any w1 w2\nquorum g\n", (tlog.W3,), False),
        ("group g 2 w1 w2 w3\nquorum g\n", (tlog.W1, tlog.W3), True),
        ("group g 2 w1 w2 w3\nquorum g\n", (tlog.W1,), False),
        ("group g all w1 w2 w3\nquorum g\n", tlog.WITNESSES, True),
        ("group g all w1 w2 w3\nquorum g\n", (tlog.W1, tlog.W2), False),
        ("group in any w2 w3\ngroup out all w1 in\nquorum out\n", (tlog.W1, tlog.W3), True),
        ("group in any w2 w3\ngroup out all w1 in\nquorum out\n", (tlog.W2, tlog.W3), False),
        ("group in any w2 w3\ngroup out all w1 in\nquorum out\n", (), False),
    ],
)
def test_the_quorum(quorum: str, cosigned: tuple[Any, ...], *, met: bool) -> None:
    policy, checkpoint = tlog.policy(quorum), tlog.witnessed(7, cosigned)
    if met:
        opened = open_witnessed(checkpoint.data, policy)
        assert {item.key for item in policy.verify_quorum(opened)} == {item.key for item in cosigned}
    else:
        with pytest.raises(QuorumMissing, match="not met"):
            open_witnessed(checkpoint.data, policy)


def test_signing_twice_counts_once() -> None:
    lines = "".join(tlog.W1.sign(tlog.head(7), time=tlog.NOW + n).to_line() for n in range(3))
    with pytest.raises(QuorumMissing, match="cosigned by w1"):
        open_witnessed(tlog.note(7) + lines.encode(), tlog.policy())


def test_an_unknown_witness_counts_for_nothing() -> None:
    line = tlog.STRANGER.sign(tlog.head(7), time=tlog.NOW).to_line()
    with pytest.raises(QuorumMissing):
        open_witnessed(tlog.note(7) + line.encode(), tlog.policy("group g any w1 w2 w3\nquorum g\n"))


def test_no_quorum_is_never_witnessed() -> None:
    policy = tlog.policy("quorum none\n")
    assert policy.may_accept(policy.witness_keys) is False
    with pytest.raises(QuorumMissing, match="asks for no witnesses"):
        open_witnessed(tlog.witnessed(7).data, policy)


def test_a_policy_file(tmp_path: Any) -> None:
    path = tmp_path / "policy"
    path.write_bytes(format_policy(tlog.policy()))
    assert load_policy(path) == tlog.policy()
    with pytest.raises(MalformedPolicy, match="cannot read"):
        load_policy(tmp_path / "missing")
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(MalformedPolicy, match="1 MB"):
        load_policy(path)
