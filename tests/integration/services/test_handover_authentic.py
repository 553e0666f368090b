"""What is not authentic leaves nothing, what comes twice does nothing twice."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.errors import InvalidInput, ProblemCode
from app.services.scans.handover import ScanOutcome, ScanStatus, read_ahead
from app.storage.reader import Reader
from audit.entry import parse_entry
from audit.evidence import Offer, evidence_payload, sign_evidence
from audit.kinds import EntryKind
from crypto import canonical, envelope
from crypto.envelope import EVIDENCE_TYPE, Envelope
from crypto.keys import generate_signing_key
from crypto.signer import FileSigner
from tests.support.town import POST, SENDING, Town, accept


@pytest.fixture
def offer(town: Town) -> Offer:
    """Let An offer one item to the post office."""
    return town.offer("an", town.register(), to=POST)


def refused_input(town: Town, act: Callable[[], ScanOutcome]) -> tuple[str, ProblemCode, int | None]:
    """Return what was wrong, after making sure that nothing was recorded."""
    before = town.do(lambda uow: uow.audit.head())
    with pytest.raises(InvalidInput) as caught:
        act()
    assert town.do(lambda uow: uow.audit.head()) == before
    problem = caught.value.problems[0]
    return problem.field, problem.code, problem.row


def test_a_device_that_was_never_enrolled_leaves_no_entry(town: Town, offer: Offer) -> None:
    stranger = FileSigner(generate_signing_key())
    signed = sign_evidence(replace(offer, device=stranger.key_id), stranger)
    found = refused_input(town, lambda: town.hand_in("an", signed))
    assert found == ("device", ProblemCode.UNKNOWN_DEVICE, None)


def test_a_revoked_device_leaves_no_entry(town: Town, offer: Offer) -> None:
    device = town.do(lambda uow: uow.devices.find_by_key(offer.device))
    assert device is not None
    town.do(lambda uow: uow.devices.revoke(device.id, revoked_at=town.clock()))
    found = refused_input(town, lambda: town.send("an", offer))
    assert found == ("device", ProblemCode.REVOKED_DEVICE, None)


def test_a_device_revoked_after_its_scan_still_gets_the_receipt(town: Town, offer: Offer) -> None:
    signed = sign_evidence(offer, town.people["an"].device)
    first = town.hand_in("an", signed)
    device = town.do(lambda uow: uow.devices.find_by_key(offer.device))
    assert device is not None
    town.do(lambda uow: uow.devices.revoke(device.id, revoked_at=town.clock()))
    again = town.hand_in("an", signed)
    assert again.status is ScanStatus.DUPLICATE
    assert again.entry.leaf == first.entry.leaf


def test_a_changed_byte_of_the_signature_leaves_no_entry(town: Town, offer: Offer) -> None:
    signed = sign_evidence(offer, town.people["an"].device)
    flipped = bytes([signed.signature[0] ^ 1]) + signed.signature[1:]
    found = refused_input(town, lambda: town.hand_in("an", replace(signed, signature=flipped)))
    assert found == ("signature", ProblemCode.BAD_SIGNATURE, None)


def test_a_changed_statement_leaves_no_entry(town: Town, offer: Offer) -> None:
    signed = sign_evidence(offer, town.people["an"].device)
    other = evidence_payload(replace(offer, place=POST))
    found = refused_input(town, lambda: town.hand_in("an", replace(signed, payload=other)))
    assert found == ("signature", ProblemCode.BAD_SIGNATURE, None)


def test_a_statement_of_another_type_leaves_no_entry(town: Town, offer: Offer) -> None:
    signed = envelope.sign(evidence_payload(offer), "application/json", town.people["an"].device)
    assert refused_input(town, lambda: town.hand_in("an", signed))[1] is ProblemCode.MALFORMED


def test_somebody_elses_device_leaves_no_entry(town: Town, offer: Offer) -> None:
    signed = sign_evidence(offer, town.people["an"].device)
    found = refused_input(town, lambda: town.hand_in("hanh", signed))
    assert found == ("device", ProblemCode.WRONG_ACTOR, None)


def test_a_statement_in_another_persons_name_leaves_no_entry(town: Town, offer: Offer) -> None:
    as_hanh = replace(offer, actor=int(town.people["hanh"].actor.user))
    found = refused_input(town, lambda: town.send("an", as_hanh))
    assert found == ("actor", ProblemCode.WRONG_ACTOR, None)


def test_finding_10_a_statement_said_to_another_log_leaves_no_entry(town: Town, offer: Offer) -> None:
    found = refused_input(town, lambda: town.send("an", replace(offer, log="kt1.test/25")))
    assert found == ("log", ProblemCode.WRONG_LOG, None)


def signed_value(town: Town, offer: Offer, **changes: canonical.JsonValue) -> Envelope:
    """Sign a statement that no honest program would write."""
    value = canonical.parse(evidence_payload(offer))
    assert isinstance(value, dict)
    return envelope.sign(canonical.encode({**value, **changes}), EVIDENCE_TYPE, town.people["an"].device)


@pytest.mark.parametrize(
    ("field", "value", "row"),
    [
        ("nonce", "0", None),
        ("purpose", "gift", None),
        ("lines", [], None),
        ("lines", [{"code": "ZK473124829VN", "entry": "scan"}, {"code": "", "entry": "scan"}], 2),
        ("surprise", 1, None),
        ("actor", "1", None),
    ],
)
def test_a_malformed_statement_names_its_field_and_line_and_leaves_no_entry(
    town: Town, offer: Offer, field: str, value: canonical.JsonValue, row: int | None
) -> None:
    signed = signed_value(town, offer, **{field: value})
    found = refused_input(town, lambda: town.hand_in("an", signed))
    assert (found[1], found[2]) == (ProblemCode.MALFORMED, row)
    assert found[0] in {field, "code"}


def test_two_readings_of_one_item_in_a_list_leave_no_entry(town: Town) -> None:
    (code,) = town.register()
    twice = town.offer("an", [code, town.tools.label_keys.qr_text(code)], to=POST)
    found = refused_input(town, lambda: town.send("an", twice))
    assert found == ("lines", ProblemCode.REPEATED, 2)


def test_the_same_scan_again_gets_the_same_receipt_and_no_second_entry(town: Town, offer: Offer) -> None:
    first = town.send("an", offer)
    size = town.do(lambda uow: uow.audit.head().size)
    again = town.send("an", offer)
    assert again.status == "duplicate"
    assert (again.lines, again.entry.data) == (first.lines, first.entry.data)
    assert town.do(lambda uow: uow.audit.head().size) == size


def test_the_receipt_stays_the_same_when_the_item_has_moved_on(town: Town, offer: Offer) -> None:
    first = town.send("an", offer)
    code = first.lines[0].code
    town.send("chien", town.take("chien", offer.nonce, accept([code]), place=SENDING))
    assert town.send("an", offer).entry.index == first.entry.index


def test_a_refusal_has_a_receipt_too(town: Town) -> None:
    scan = town.offer("oanh", town.register(), to=POST)
    first, again = town.send("oanh", scan), town.send("oanh", scan)
    assert (first.status, again.status) == ("refused", "duplicate")
    assert again.lines == first.lines


def test_one_scan_id_with_two_contents_is_recorded_as_a_conflict(
    town: Town, offer: Offer, reader: Reader
) -> None:
    town.send("an", offer)
    item = town.item(offer.lines[0].code)
    outcome = town.send("an", replace(offer, seq=offer.seq + 1))
    assert (outcome.status, outcome.lines) == ("conflict", ())
    assert town.item(offer.lines[0].code) == item
    row = reader.read(lambda uow: uow.audit.find(outcome.entry.index))
    assert row is not None
    entry = parse_entry(row.data)
    assert (entry.kind, entry.facts["scan"]) == (EntryKind.SCAN_CONFLICT, offer.scan)
    assert len(entry.envelopes) == 1


def test_reading_ahead_names_everything_a_scan_will_touch(town: Town) -> None:
    (code,) = town.register()
    offer = town.offer("an", [town.tools.label_keys.qr_text(code)], to=POST)
    wanted = read_ahead(sign_evidence(offer, town.people["an"].device))
    assert (wanted.codes, wanted.scans) == ({code}, {offer.scan})
    assert (wanted.devices, wanted.units) == ({offer.device}, {SENDING, POST})


def test_reading_ahead_refuses_what_is_malformed(town: Town, offer: Offer) -> None:
    with pytest.raises(InvalidInput):
        read_ahead(signed_value(town, offer, nonce="0"))
