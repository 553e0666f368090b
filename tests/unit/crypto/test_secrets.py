"""Vault, commitments, label MACs, the permutation of serials and passwords."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.commitment import Opening, commit, pack_opening, unpack_opening, verify_commitment
from crypto.errors import BadCommitment, CryptoError, ForgedLabel, MalformedKey, NotCanonical, VaultError
from crypto.label_mac import TAIL_LENGTH, LabelKeys
from crypto.passwords import hash_password, needs_rehash, verify_password
from crypto.permutation import SERIALS, SerialPermutation
from crypto.vault import Vault

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
VAULT = Vault({"v1": OLD}, "v1")
ROTATED = Vault({"v1": OLD, "v2": NEW}, "v2")
WHERE = "consignments.abstract/17"


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_a_sealed_value_opens_in_its_context(value: str, context: str) -> None:
    assert VAULT.open(VAULT.seal(value, context=context), context=context) == value


def test_equal_values_do_not_look_equal() -> None:
    assert VAULT.seal("Tuyệt mật", context=WHERE) != VAULT.seal("Tuyệt mật", context=WHERE)


def test_a_sealed_value_opens_nowhere_else() -> None:
    with pytest.raises(VaultError):
        VAULT.open(VAULT.seal("x", context=WHERE), context="consignments.abstract/18")


@given(data=st.data())
def test_any_changed_byte_closes_it(data: st.DataObject) -> None:
    blob = bytearray(VAULT.seal("bí mật", context=WHERE))
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(VaultError):
        VAULT.open(bytes(blob), context=WHERE)


@given(st.binary(max_size=60))
def test_noise_does_not_open(noise: bytes) -> None:
    with pytest.raises(VaultError):
        VAULT.open(noise, context=WHERE)


def test_rotation_seals_again_once() -> None:
    old = VAULT.seal("x", context=WHERE)
    new = ROTATED.reseal(old, context=WHERE)
    assert new is not None
    assert ROTATED.open(new, context=WHERE) == ROTATED.open(old, context=WHERE) == "x"
    assert ROTATED.reseal(new, context=WHERE) is None
    with pytest.raises(VaultError):
        VAULT.open(new, context=WHERE)


def test_a_blind_index_finds_equal_text_only_in_its_context() -> None:
    index = VAULT.blind_index("12/QĐ-UBND", context="documents")
    assert index == VAULT.blind_index("12/QĐ-UBND", context="documents")
    assert index != VAULT.blind_index("13/QĐ-UBND", context="documents")
    assert index != VAULT.blind_index("12/QĐ-UBND", context="other")
    assert ROTATED.blind_index_candidates("12/QĐ-UBND", context="documents") == (
        ROTATED.blind_index("12/QĐ-UBND", context="documents"),
        index,
    )


@pytest.mark.parametrize(
    ("keys", "active"), [({}, "v1"), ({"v1": OLD}, "v2"), ({"v1": b"short"}, "v1"), ({"": OLD}, "")]
)
def test_a_vault_needs_proper_keys(keys: dict[str, bytes], active: str) -> None:
    with pytest.raises(MalformedKey):
        Vault(keys, active)


def test_a_commitment_is_opened_by_salt_and_value() -> None:
    made = commit("abstract", "Về việc…")
    opening = unpack_opening(pack_opening(made, "Về việc…"))
    verify_commitment(made.digest, "abstract", opening)
    assert commit("abstract", "Về việc…").digest != made.digest
    assert commit("abstract", "Về việc…", made.salt) == made
    for label, salt, value in [
        ("receiver", made.salt, "Về việc…"),
        ("abstract", made.salt, "Về việc"),
        ("abstract", bytes(32), "Về việc…"),
        ("abstract", b"", "Về việc…"),
    ]:
        with pytest.raises(BadCommitment):
            verify_commitment(made.digest, label, Opening(salt, value))


@pytest.mark.parametrize("text", ["", "x", "zz\nvalue", "00" * 31 + "\nvalue", "00" * 32])
def test_what_is_no_opening_is_refused(text: str) -> None:
    with pytest.raises(BadCommitment):
        unpack_opening(text)


@pytest.mark.parametrize(("label", "value"), [("nhãn", "x"), ("a", "e\u0301"), ("a", "\ud800")])
def test_what_has_no_single_form_is_not_committed_to(label: str, value: str) -> None:
    with pytest.raises(NotCanonical):
        commit(label, value)


LABELS = LabelKeys({"k1": OLD, "k2": NEW}, "k1")


def test_a_label_yields_its_code() -> None:
    text = LABELS.qr_text("RT000000005VN")
    assert text == "RT000000005VN|" + LABELS.tag("RT000000005VN")
    assert LABELS.verify(text) == "RT000000005VN"
    assert LabelKeys({"k1": OLD, "k2": NEW}, "k2").verify(text) == "RT000000005VN"


@given(data=st.data())
def test_a_changed_label_is_forged(data: st.DataObject) -> None:
    text = LABELS.qr_text("RT000000005VN")
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(max_codepoint=127).filter(lambda character: character != text[at]))
    with pytest.raises(ForgedLabel):
        LABELS.verify(text[:at] + other + text[at + 1 :])


@pytest.mark.parametrize("text", ["", "RT000000005VN", "||", "a|k1|", "a|k9|AAAA", "é|k1|A", "a|k1|b|c"])
def test_what_is_no_label_is_forged(text: str) -> None:
    with pytest.raises(ForgedLabel):
        LABELS.verify(text)


def test_a_tail_is_read_as_people_write_it_and_under_every_key_held() -> None:
    keys = LabelKeys({"k1": OLD, "k2": NEW}, "k2")
    for code in ("RT000000005VN", "RT999999990VN", "RT473124829VN"):
        tail = LABELS.tail(code)
        assert len(tail) == TAIL_LENGTH
        assert not set(tail) & set("ILOU")
        for read in (tail, tail.lower(), tail.replace("0", "O").replace("1", "l")):
            keys.verify_tail(code, read)


def test_a_tail_is_of_its_code_and_key_alone_and_tells_nothing_of_the_mac() -> None:
    code = "RT000000005VN"
    others = [
        LABELS.tail("RT999999990VN"),
        LabelKeys({"k3": b"x" * 32}, "k3").tail(code),
        LABELS.tag(code)[3:8],
    ]
    for wrong in ("", "7KQ2", LABELS.tail(code) + "0", "\u0660" * 5, *others):
        with pytest.raises(ForgedLabel):
            LABELS.verify_tail(code, wrong)


@pytest.mark.parametrize(("keys", "active"), [({}, "k1"), ({"k1": b"x"}, "k1"), ({"k|1": OLD}, "k|1")])
def test_labels_need_proper_keys(keys: dict[str, bytes], active: str) -> None:
    with pytest.raises(MalformedKey):
        LabelKeys(keys, active)


SHUFFLE = SerialPermutation(OLD)


@given(st.integers(0, SERIALS - 1))
def test_a_serial_belongs_to_one_number(number: int) -> None:
    serial = SHUFFLE.apply(number)
    assert 0 <= serial < SERIALS
    assert SHUFFLE.invert(serial) == number


def test_serials_do_not_follow_each_other_and_depend_on_the_key() -> None:
    serials = [SHUFFLE.apply(number) for number in range(2000)]
    assert len(set(serials)) == 2000
    assert not any(abs(one - two) == 1 for one, two in itertools.pairwise(serials))
    assert serials != [SerialPermutation(NEW).apply(number) for number in range(2000)]


@pytest.mark.parametrize("number", [-1, SERIALS])
def test_serials_end(number: int) -> None:
    with pytest.raises(CryptoError):
        SHUFFLE.apply(number)
    with pytest.raises(CryptoError):
        SHUFFLE.invert(number)


def test_a_short_permutation_key_is_refused() -> None:
    with pytest.raises(MalformedKey):
        SerialPermutation(b"short")


def test_a_password_fits_its_hash_only() -> None:
    stored = hash_password("mật khẩu dài")
    assert stored.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert verify_password(stored, "mật khẩu dài")
    assert not verify_password(stored, "mật khẩu ngắn")
    assert not needs_rehash(stored)


def test_a_password_fits_however_its_letters_were_composed() -> None:
    assert verify_password(hash_password("m\u1eadt"), "ma\u0323\u0302t")


@pytest.mark.parametrize("password", ["", "x", "no user has this password", "x" * 300, "\ud800"])
def test_nobody_has_a_password(password: str) -> None:
    assert verify_password(None, password) is False


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$broken"])
def test_a_broken_hash_fits_nothing(stored: str) -> None:
    assert verify_password(stored, "x") is False
    assert needs_rehash(stored)


def test_a_password_has_a_length() -> None:
    for password in ("", "x" * 257):
        with pytest.raises(CryptoError):
            hash_password(password)
