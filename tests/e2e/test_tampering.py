"""A byte flipped directly in the database: the console and the stranger's verifier both name that entry."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.stage import ROOT, at_browser, running_site
from tests.e2e.test_main_job import hand_over, register, take


def test_the_flipped_entry_is_named(chromium: Browser, tmp_path: Path) -> None:
    with running_site(tmp_path) as site:
        with at_browser(chromium, site, "nguyet") as sender, at_browser(chromium, site, "binh") as courier:
            for person in (sender, courier):
                person.log_in()
                person.enrol()
            codes = [register(sender) for _ in range(2)]
            hand_over(sender, codes, to="kinh bac bc")
            take(courier, codes)
        assert site.kt1("log", "verify").returncode == 0
        victim = _flip(tmp_path / "data" / "kt1.sqlite3", kind="handover_offered")

        checked = site.kt1("log", "verify")
        assert checked.returncode == 1
        assert str(victim) in checked.stdout + checked.stderr

        with at_browser(chromium, site, "duc") as auditor:
            auditor.log_in()
            auditor.page.goto(f"{site.url}/log")
            auditor.page.locator("form[action$=verify] button").click()
            expect(auditor.page.locator("#report")).to_contain_text(f"số {victim}")

        bundle, trust = tmp_path / "log.bundle", tmp_path / "trust.json"
        assert site.kt1("log", "export", str(bundle)).returncode == 0
        assert site.kt1("keys", "trust", str(trust)).returncode == 0
    command = [sys.executable, "-m", "audit", "verify", str(bundle), "--trust", str(trust), "--json"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert json.loads(found.stdout)["first_bad"]["index"] == victim


def _flip(database: Path, *, kind: str) -> int:
    """Change one letter of one stored entry, as somebody with the file in hands could."""
    with sqlite3.connect(database) as connection:
        index, data = connection.execute(
            "SELECT idx, data FROM audit_log WHERE kind = ? ORDER BY idx DESC LIMIT 1", (kind,)
        ).fetchone()
        place = data.index(b'"facts"') + 2
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE audit_log SET data = ? WHERE idx = ?", (changed, index))
        for _, sql in triggers:
            connection.execute(sql)
    connection.close()
    return int(index)
