"""Versions of the service standard: published whole, dated ahead, never changed; on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import DatabaseError

from app.domain.errors import Conflict, InvalidInput, NotPermitted
from app.services.log import log
from app.services.owed import standards
from app.services.owed.standards import PublishStandard, form_of
from app.services.people.access import get_record
from app.storage.engine import Engines
from audit.entry import Entry, parse_entry
from audit.kinds import EntryKind
from crypto.canonical import encode
from crypto.digest import sha256_hex
from tests.support.office import Office

AHEAD = "25/11/2026 08:00"
BACKWARDS = (
    "INSERT INTO service_standards"
    " SELECT 9, published_at, source, body, published_by_id, valid_from_at FROM service_standards"
)
FROM_AT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


def form(office: Office, **changes: str) -> dict[str, str]:
    latest = office.read(standards.list_standards, actor=office.actors["khanh"])[0]
    return {**form_of(latest), "source": "12/QĐ-UBND", "valid_from": AHEAD, **changes}


def publish(office: Office, by: str = "khanh", **changes: str) -> None:
    command = PublishStandard(untrusted=form(office, **changes))
    office.write(standards.publish, command, actor=office.actors[by])


def last_entry(office: Office) -> Entry:
    return parse_entry(office.read(lambda uow: uow.audit.list_latest(limit=1))[0].data)


def test_without_a_published_version_the_sample_counts_and_says_so(office: Office) -> None:
    (only,) = office.read(standards.list_standards, actor=office.actors["an"])
    assert only.is_sample


def test_a_version_is_published_whole_and_its_entry_states_the_table(office: Office) -> None:
    publish(office, **{"delivery.A.express.intra.centre": "5", "special": "07492, 07210"})
    first, sample = office.read(standards.list_standards, actor=office.actors["giang"])
    assert (first.version, first.valid_from_at, first.source) == (1, FROM_AT, "12/QĐ-UBND")
    assert first.delivery_hours["A.express.intra.centre"] == 5
    assert first.special_communes == {"07210", "07492"}
    assert sample.is_sample
    entry = last_entry(office)
    assert entry.kind is EntryKind.STANDARD_PUBLISHED
    assert entry.facts["digest"] == sha256_hex(encode(entry.facts["table"]))
    assert entry.facts["valid_from"] == "2026-11-25T01:00:00.000Z"
    assert office.read(log.verify_log, jobs=1).first_bad is None


@pytest.mark.parametrize("name", ["an", "binh", "chien", "dung", "giang", "hoa"])
def test_only_an_administrator_publishes(office: Office, name: str) -> None:
    with pytest.raises(NotPermitted):
        publish(office, by=name)


def test_no_version_reaches_back(office: Office) -> None:
    with pytest.raises(InvalidInput, match="not_in_future"):
        publish(office, valid_from="22/11/2026 08:00")
    publish(office)
    for same_or_earlier in (AHEAD, "24/11/2026 08:00"):
        with pytest.raises(Conflict, match="standard_not_later"):
            publish(office, valid_from=same_or_earlier)
    publish(office, valid_from="26/11/2026 08:00")
    assert [one.version for one in office.read(standards.list_standards, actor=office.actors["an"])] == [
        2,
        1,
        0,
    ]


WRONG = {
    "source": ("", "required"),
    "valid_from": ("tomorrow", "not_a_time"),
    "window_after": ("99999", "out_of_range"),
    "special": ("07492 x", "malformed"),
    "delivery.A.none.intra.centre": ("0", "out_of_range"),
    "acknowledgement.B.appointed.inter.special": ("", "required"),
    "reminder.C.none": ("soon", "not_a_number"),
    "tracer.A.none": ("0", "not_in_order"),
    "investigation.A.express": ("1", "not_in_order"),
    "delivery.A.appointed.intra.centre": ("5", "unknown_field"),
}


def test_every_wrong_cell_is_named_at_once(office: Office) -> None:
    wrong = {name: value for name, (value, _) in WRONG.items()}
    with pytest.raises(InvalidInput) as caught:
        publish(office, **wrong)
    found = {problem.field: problem.code.value for problem in caught.value.problems}
    assert found == {name: code for name, (_, code) in WRONG.items()}


def test_a_cell_left_out_is_a_problem_and_not_a_default(office: Office) -> None:
    untrusted = form(office)
    del untrusted["delivery.C.express.inter.commune"]
    with pytest.raises(InvalidInput, match=r"delivery.C.express.inter.commune: required"):
        office.write(standards.publish, PublishStandard(untrusted=untrusted), actor=office.actors["khanh"])


@pytest.mark.parametrize(
    "attack",
    ["UPDATE service_standards SET source = 'x'", "DELETE FROM service_standards", BACKWARDS],
)
def test_the_database_keeps_a_version_as_it_was_and_takes_none_that_reaches_back(
    office: Office, engines: Engines, attack: str
) -> None:
    publish(office)
    with engines.write.connect() as connection, pytest.raises(DatabaseError):
        connection.exec_driver_sql(attack)


def test_an_item_on_its_way_keeps_its_times_when_a_stricter_version_comes(office: Office) -> None:
    before = office.register()
    office.town.post([before])
    due = office.read(get_record, before, actor=office.actors["an"]).clocks.delivery.due_at
    publish(office, **{"delivery.C.none.intra.centre": "1"})
    office.town.clock.now = FROM_AT + timedelta(minutes=1)  # type: ignore[attr-defined]
    after = office.register()
    office.town.post([after])
    record = office.read(get_record, before, actor=office.actors["an"])
    assert (record.clocks.delivery.due_at, record.clocks.standard.version) == (due, 0)
    record = office.read(get_record, after, actor=office.actors["an"])
    assert record.clocks.standard.version == 1
    assert record.clocks.delivery.due_at is not None
    assert record.details.consignment.accepted_at is not None
    assert record.clocks.delivery.due_at - record.details.consignment.accepted_at == timedelta(hours=1)
