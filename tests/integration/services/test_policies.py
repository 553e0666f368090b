"""Versions of the handover policy: published whole, dated ahead, never changed; on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import DatabaseError

from app.domain.errors import Conflict, InvalidInput, NotPermitted
from app.domain.grades import Secrecy
from app.domain.handover_policy import Demand
from app.services.log import log
from app.services.scans import policies
from app.services.scans.policies import PublishPolicy, find_in_force, form_of
from app.storage.engine import Engines
from audit.entry import Entry, parse_entry
from audit.kinds import EntryKind
from crypto.canonical import encode
from crypto.digest import sha256_hex
from tests.support.office import Office

AHEAD = "25/11/2026 08:00"
FROM_AT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
BACKWARDS = (
    "INSERT INTO handover_policies"
    " SELECT 9, published_at, source, body, published_by_id, valid_from_at FROM handover_policies"
)


def form(office: Office, **changes: str) -> dict[str, str]:
    latest = office.read(policies.list_policies, actor=office.actors["khanh"])[0]
    return {**form_of(latest), "source": "13/QĐ-UBND", "valid_from": AHEAD, **changes}


def publish(office: Office, by: str = "khanh", **changes: str) -> None:
    command = PublishPolicy(untrusted=form(office, **changes))
    office.write(policies.publish, command, actor=office.actors[by])


def last_entry(office: Office) -> Entry:
    return parse_entry(office.read(lambda uow: uow.audit.list_latest(limit=1))[0].data)


def test_without_a_published_version_the_sample_counts_and_everybody_may_read_it(office: Office) -> None:
    for name in ("an", "binh", "dung", "giang", "hoa", "khanh"):
        (only,) = office.read(policies.list_policies, actor=office.actors[name])
        assert only.is_sample


def test_a_version_is_published_whole_and_its_entry_states_the_table(office: Office) -> None:
    publish(office, **{"witness.A": "no", "possession.none": "yes"})
    first, sample = office.read(policies.list_policies, actor=office.actors["giang"])
    assert (first.version, first.valid_from_at, first.source) == (1, FROM_AT, "13/QĐ-UBND")
    assert not first.asks(Demand.WITNESS, Secrecy.A)
    assert first.asks(Demand.POSSESSION, Secrecy.NONE)
    assert sample.is_sample
    entry = last_entry(office)
    assert entry.kind is EntryKind.POLICY_PUBLISHED
    assert entry.facts["digest"] == sha256_hex(encode(entry.facts["table"]))
    assert entry.facts["valid_from"] == "2026-11-25T01:00:00.000Z"
    assert office.read(log.verify_log, jobs=1).first_bad is None


def test_a_version_is_in_force_from_its_moment_and_not_before(office: Office) -> None:
    publish(office)
    for at, version in ((FROM_AT - timedelta(milliseconds=1), 0), (FROM_AT, 1)):
        assert office.read(find_in_force, at).version == version


@pytest.mark.parametrize("name", ["an", "binh", "chien", "dung", "giang", "hoa"])
def test_only_an_administrator_publishes(office: Office, name: str) -> None:
    with pytest.raises(NotPermitted):
        publish(office, by=name)


def test_no_version_reaches_back(office: Office) -> None:
    with pytest.raises(InvalidInput, match="not_in_future"):
        publish(office, valid_from="22/11/2026 08:00")
    publish(office)
    for same_or_earlier in (AHEAD, "24/11/2026 08:00"):
        with pytest.raises(Conflict, match="policy_not_later"):
            publish(office, valid_from=same_or_earlier)
    publish(office, valid_from="26/11/2026 08:00")
    found = office.read(policies.list_policies, actor=office.actors["an"])
    assert [one.version for one in found] == [2, 1, 0]


WRONG = {
    "source": ("", "required"),
    "valid_from": ("tomorrow", "not_a_time"),
    "witness.A": ("", "required"),
    "possession.C": ("1", "not_a_choice"),
    "witness.D": ("yes", "unknown_field"),
}


def test_every_wrong_cell_is_named_at_once(office: Office) -> None:
    wrong = {name: value for name, (value, _) in WRONG.items()}
    with pytest.raises(InvalidInput) as caught:
        publish(office, **wrong)
    found = {problem.field: problem.code.value for problem in caught.value.problems}
    assert found == {name: code for name, (_, code) in WRONG.items()}


def test_a_cell_left_out_is_a_problem_and_does_not_mean_no(office: Office) -> None:
    untrusted = form(office)
    del untrusted["authority.B"]
    with pytest.raises(InvalidInput, match=r"authority.B: required"):
        office.write(policies.publish, PublishPolicy(untrusted=untrusted), actor=office.actors["khanh"])


@pytest.mark.parametrize(
    "attack",
    ["UPDATE handover_policies SET source = 'x'", "DELETE FROM handover_policies", BACKWARDS],
)
def test_the_database_keeps_a_version_as_it_was_and_takes_none_that_reaches_back(
    office: Office, engines: Engines, attack: str
) -> None:
    publish(office)
    with engines.write.connect() as connection, pytest.raises(DatabaseError):
        connection.exec_driver_sql(attack)
