"""What a handover asks of its two sides, as a device reads it before it scans."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.api.policy_schemas import PolicyAnswer
from app.domain.handover_policy import sample_policy, to_table
from app.services.scans import policies
from app.services.scans.policies import PublishPolicy, form_of
from tests.support.databases import Database
from tests.support.device import Device, enrol
from tests.support.installation import Installation, installed

PATH = "/api/v1/handover-policy"


@pytest.fixture
def fresh(tmp_path: Path, database: Database) -> Iterator[Installation]:
    with installed(tmp_path / "house", database_url=database.database_url) as installation:
        yield installation


def shown(device: Device) -> PolicyAnswer:
    answer = device.get(PATH)
    assert answer.status_code == 200, answer.text
    return PolicyAnswer.model_validate(answer.json)


def test_a_device_reads_the_sample_and_from_its_day_on_the_version_that_was_published(
    fresh: Installation,
) -> None:
    courier = enrol(fresh, "chien")
    sample = shown(courier)
    assert (sample.version, sample.valid_from, sample.source) == (0, None, "")
    assert sample.table.model_dump() == to_table(sample_policy())
    form = {**form_of(sample_policy()), "source": "13/QĐ-UBND", "valid_from": "01/12/2026 00:00"}
    command = PublishPolicy(untrusted={**form, "witness.B": "yes"})
    fresh.runtime.write(policies.publish, command, actor=fresh.actors["khanh"])
    # Until its day comes, the sample counts.
    assert shown(courier) == sample
    fresh.clock.forward(timedelta(days=10))
    in_force = shown(courier)
    assert (in_force.version, in_force.source) == (1, "13/QĐ-UBND")
    assert in_force.valid_from == "2026-11-30T17:00:00.000Z"
    assert (in_force.table.B.witness, sample.table.B.witness) == (True, False)


def test_every_holder_of_a_device_reads_the_same_policy(fresh: Installation) -> None:
    answers = [shown(enrol(fresh, name)) for name in ("an.nguyen", "binh", "chien", "dung")]
    assert answers == answers[:1] * 4


def test_nobody_reads_it_without_a_device_that_is_known(fresh: Installation) -> None:
    courier = enrol(fresh, "chien")
    assert courier.client.get(PATH).status_code == 401
    answer = courier.client.get(PATH, headers={"Authorization": "Bearer khong-phai-cua-ai"})
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["error"]["message"]


def test_the_policy_is_read_and_never_written_over_the_interface(fresh: Installation) -> None:
    courier = enrol(fresh, "chien")
    assert courier.post(PATH, {"witness.A": "no"}).status_code == 405
    assert shown(courier).table.A.witness is True
