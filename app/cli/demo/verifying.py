"""Hold the demo's log to account: the database's own, the tables against it, an export, and the story.

The export is verified by the auditor's program, as a process of its own; the story is held against the same
file.
"""

import os
import subprocess
import sys
from collections.abc import Callable

from app.cli.console import fail, say
from app.cli.demo import story
from app.cli.demo.day import Day
from app.cli.demo.ledger import read_entries
from app.cli.log import compare_database, export_bundle, verify_database
from app.cli.serving import ROOT
from app.cli.toolbox import Toolbox
from app.cli.trust import write_trust
from config import Config
from crypto.digest import b64encode


def verify(toolbox: Toolbox, config: Config, day: Day, tell: Callable[[str], None]) -> None:
    """Verify everything; the first thing that differs ends the demo."""
    bundle, trust = config.data_dir / "log.kt1", config.data_dir / "trust.json"
    say("")
    with toolbox.open_runtime(config) as runtime:
        report = verify_database(runtime)
        if report.first_bad is not None:
            fail(f"the log is bad: {report.first_bad}")
        tell(f"kt1 log verify: GOOD, {report.entries} bản ghi, {report.signatures} chữ ký")
        custody = compare_database(runtime)
        if custody.first is not None:
            fail(f"the tables are not as the log says: {custody.first}")
        tell(f"kt1 log replay --check: GOOD, {custody.items} bưu gửi và túi đúng như nhật ký")
        published = runtime.publish().head
        tell(f"điểm chốt: {published.size} bản ghi, hai chữ ký, gốc {b64encode(published.root)}")
        write_trust(runtime, trust)
        export_bundle(runtime, bundle)
    paths = [os.path.relpath(path, ROOT) for path in (bundle, trust)]
    command = ["-m", "audit", "verify", paths[0], "--trust", paths[1]]
    tell(f"python {' '.join(command)}")
    done = subprocess.run(  # noqa: S603  # fixed arguments, no shell
        [sys.executable, *command], cwd=ROOT, check=False, capture_output=True, text=True
    )
    for line in done.stdout.splitlines():
        say(f"          {line}")
    if done.returncode != 0:
        fail(f"the auditor's program refused the export: {done.stdout}{done.stderr}")
    found = day.ledger.find_all(read_entries(bundle))
    tell(
        f"câu chuyện khớp nhật ký đã xuất: {len(found)} bước, {day.ledger.incidents} sự vụ,"
        " không thừa không thiếu"
    )
    story.print_controls(found)
