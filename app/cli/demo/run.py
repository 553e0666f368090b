"""`kt1 demo`: make a fresh Bắc Ninh, serve it, play the main job through it, verify the log, keep serving.

Everything lies in one folder of its own, made anew each time. It must never touch an installation: the KT1_*
variables of the caller are put aside, and a folder that no demo made is left alone.
"""

import os
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import click

from app.cli.agencies import load_units
from app.cli.console import fail, say, tell
from app.cli.demo.bag_story import BagStory
from app.cli.demo.browser import Browser, UnexpectedAnswer
from app.cli.demo.cast import CAST
from app.cli.demo.person import Person
from app.cli.demo.server import HOST, free_port, running_server
from app.cli.demo.story import Story
from app.cli.log import export_bundle, verify_database
from app.cli.province import read_province
from app.cli.serving import ROOT
from app.cli.toolbox import Toolbox
from app.cli.trust import write_trust
from app.cli.users import create_account
from app.domain.access import POST, Role
from app.domain.register import VIETNAM
from app.http.ports import RuntimePort
from app.services import accounts, authorities
from app.services.authorities import IssueAuthority
from app.services.log import begin_log
from app.services.sessions import actor_of
from config import Config
from crypto.digest import b64encode

MARKER = "made-by-kt1-demo"
PROVINCE = ROOT / "deploy" / "province-24"


class Clock:
    """Prints each step with the seconds since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def step(self, what: str, url: str = "") -> None:
        """Print one step as it happens."""
        say(f"{time.monotonic() - self._started:6.1f} s  {what}{'  ' + url if url else ''}")


@click.command()
@click.option("--once", is_flag=True, help="Stop when the story has been played and verified.")
@click.option("--port", type=click.IntRange(1, 65535), envvar="PORT", help="A free one when left out.")
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), default=Path("var/demo"), show_default=True
)
@click.pass_obj
def demo(toolbox: Toolbox, /, *, once: bool, port: int | None, folder: Path) -> None:
    """Play the main job on a fresh Bắc Ninh through a real server, verify the log, then keep serving."""
    clock = Clock()
    config = _settle(toolbox, folder)
    passwords = _install(toolbox, config, clock)
    chosen = port or free_port()
    try:
        _serve(toolbox, config, clock, passwords, port=chosen, once=once)
    except UnexpectedAnswer as error:
        fail(str(error))


def _serve(
    toolbox: Toolbox, config: Config, clock: Clock, passwords: dict[str, str], *, port: int, once: bool
) -> None:
    log = config.data_dir / "server.log"
    with running_server(port=port, log=log) as server:
        clock.step("máy chủ đang chạy", f"http://{HOST}:{port}/")
        _play(port, passwords, clock)
        _verify(toolbox, config, clock)
        if once:
            clock.step("xong / done")
            return
        try:
            say(f"\nĐang phục vụ / serving: http://{HOST}:{port}/  (Ctrl-C để dừng; tài khoản ở trên)")
            server.wait()
        except KeyboardInterrupt:
            tell("\nđã dừng / stopped")
            return
        fail(f"the server ended by itself: see {log}")


def _settle(toolbox: Toolbox, folder: Path) -> Config:
    """Make the folder anew and point the settings at it, for this process and the server it starts."""
    if folder.exists():
        if any(folder.iterdir()) and not (folder / MARKER).is_file():
            fail(f"{folder} was not made by a demo; name another with --folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, mode=0o700)
    (folder / MARKER).write_text("Removed and made anew by every kt1 demo.\n", encoding="utf-8")
    for name in [name for name in os.environ if name.startswith("KT1_")]:
        del os.environ[name]
    os.environ["KT1_DATA_DIR"] = str(folder.resolve())
    os.environ["KT1_ORIGIN"] = "demo.kt1.example/bac-ninh"
    return toolbox.read_config()


def _install(toolbox: Toolbox, config: Config, clock: Clock) -> dict[str, str]:
    """Make keys, database, units and accounts; returns the passwords by user name."""
    key = toolbox.create_keys(config)
    clock.step(f"khóa đã tạo, khóa nhật ký {key}")
    toolbox.migrate(config)
    clock.step("cơ sở dữ liệu SQLite đã tạo")
    rows = read_province(PROVINCE, province=config.province, province_name="tỉnh Bắc Ninh")
    with toolbox.open_runtime(config) as runtime:
        runtime.write(begin_log)
        clock.step(f"đã nạp {load_units(runtime, rows)} đơn vị của tỉnh Bắc Ninh (24)")
        passwords = {
            part.username: create_account(runtime, part.form(), must_change=False)[1] for part in CAST
        }
        cards = _issue_cards(runtime)
    clock.step(f"đã tạo {len(passwords)} tài khoản, đủ 6 vai trò; cấp {cards} thẻ giao liên")
    _print_accounts(passwords)
    return passwords


def _issue_cards(runtime: RuntimePort) -> int:
    """Let the administrator give a card to everybody of the post, valid for a good half year."""
    people = runtime.read(accounts.list_users, actor=None)
    administrator = next(actor_of(one) for one in people if one.role == Role.ADMINISTRATOR)
    carriers = [one for one in people if Role(one.role) in POST]
    until = (runtime.now() + timedelta(days=200)).astimezone(VIETNAM)
    for number, person in enumerate(carriers, 1):
        form = {
            "holder": str(person.id),
            "number": f"{number:02d}/TGL",
            "valid_until": f"{until:%d/%m/%Y %H:%M}",
        }
        runtime.write(authorities.issue, IssueAuthority(untrusted=form), actor=administrator)
    return len(carriers)


def _play(port: int, passwords: dict[str, str], clock: Clock) -> None:
    people = {
        part.username: Person(
            Browser(host=HOST, port=port),
            username=part.username,
            password=passwords[part.username],
            title=part.full_name,
        )
        for part in CAST
    }
    codes = Story(people, clock.step).play()
    clock.step(f"{len(codes)} bưu gửi, đủ mọi độ mật và độ khẩn")
    bag = BagStory(people, clock.step).play()
    clock.step(f"túi {bag}: đóng, niêm phong, giao nhận, mở có chứng kiến, một bưu gửi thiếu")


def _verify(toolbox: Toolbox, config: Config, clock: Clock) -> None:
    """Verify twice: the database's own log, and an export by the auditor's program."""
    bundle, trust = config.data_dir / "log.kt1", config.data_dir / "trust.json"
    command = [
        "-m",
        "audit",
        "verify",
        os.path.relpath(bundle, ROOT),
        "--trust",
        os.path.relpath(trust, ROOT),
    ]
    with toolbox.open_runtime(config) as runtime:
        report = verify_database(runtime)
        if report.first_bad is not None:
            fail(f"the log is bad: {report.first_bad}")
        clock.step(f"kt1 log verify: GOOD, {report.entries} bản ghi, {report.signatures} chữ ký")
        published = runtime.publish().head
        clock.step(f"điểm chốt: {published.size} bản ghi, hai chữ ký, gốc {b64encode(published.root)}")
        write_trust(runtime, trust)
        export_bundle(runtime, bundle)
    clock.step(f"python {' '.join(command)}")
    done = subprocess.run(  # noqa: S603  # fixed arguments, no shell
        [sys.executable, *command], cwd=ROOT, check=False, capture_output=True, text=True
    )
    for line in done.stdout.splitlines():
        say(f"          {line}")
    if done.returncode != 0:
        fail(f"the auditor's program refused the export: {done.stdout}{done.stderr}")


def _print_accounts(passwords: dict[str, str]) -> None:
    say(f"\n  {'tài khoản':<14} {'mật khẩu':<26} {'vai trò':<16} đơn vị")
    for part in CAST:
        say(f"  {part.username:<14} {passwords[part.username]:<26} {part.role:<16} {part.unit}")
    say("")
