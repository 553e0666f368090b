"""The published tree over HTTP: whoever may take the log away reads it; nobody else learns of it."""

from collections.abc import Iterator

import pytest

from app.domain.access import Permission, Role, may
from app.services.log.publishing import publish
from audit.checkpoint import open_checkpoint
from audit.tile_reader import TileReader
from tests.support.installation import Installation, installed


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("tiles")) as installation:
        publish(installation.runtime, installation.runtime.published, clock=installation.clock)
        yield installation


def test_an_auditor_reads_the_whole_log_from_the_tiles_and_verifies_it(house: Installation) -> None:
    browser = house.browser(house.by_role(Role.AUDITOR))
    shown = browser.get("/log/checkpoint")
    assert shown.content_type == "text/plain; charset=utf-8"
    assert shown.headers["Cache-Control"] == "no-store"
    head = open_checkpoint(shown.data, log_keys=house.runtime.published.keys).head

    def fetch(path: str) -> bytes | None:
        answer = browser.get(f"/log/{path}")
        return answer.data if answer.status_code == 200 else None

    reader = TileReader(fetch, size=head.size, root=head.root)
    stored = house.runtime.read(lambda uow: list(uow.audit.stream()))
    assert list(reader.entries(0)) == stored


def test_only_hashes_may_be_kept_by_a_browser(house: Installation) -> None:
    browser = house.browser(house.by_role(Role.AUDITOR))
    size = house.runtime.read(lambda uow: uow.audit.head().size)
    kept = browser.get(f"/log/tile/0/000.p/{size}")
    assert kept.status_code == 200
    assert kept.content_type == "application/octet-stream"
    assert kept.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    named = browser.get(f"/log/tile/entries/000.p/{size}")
    assert named.status_code == 200
    assert named.headers["Cache-Control"] == "no-store"
    missing = browser.get("/log/tile/0/001")
    assert (missing.status_code, missing.headers["Cache-Control"]) == (404, "no-store")


@pytest.mark.parametrize(
    "path",
    [
        "../checkpoints/latest",
        "0/../../../checkpoints/latest",
        "%2e%2e/%2e%2e/kt1.sqlite3",
        "0/.lock",
        "0/000.p/256",
        "00/000",
        "0/x000/000",
        "entries/000.p/0",
        "entries/..%2f..%2fcheckpoint",
        "64/000",
    ],
)
def test_a_path_in_another_spelling_is_not_there(house: Installation, path: str) -> None:
    assert house.browser(house.by_role(Role.AUDITOR)).get(f"/log/tile/{path}").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if not may(role, Permission.EXPORT_LOG)])
def test_who_may_not_export_gets_the_same_for_files_that_are_there_and_that_are_not(
    house: Installation, role: Role
) -> None:
    browser = house.browser(house.by_role(role))
    size = house.runtime.read(lambda uow: uow.audit.head().size)
    for path in ("checkpoint", f"tile/0/000.p/{size}", "tile/0/999", f"tile/entries/000.p/{size}"):
        assert browser.get(f"/log/{path}").status_code == 403
