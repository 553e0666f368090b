"""`kt1 demo`: make a fresh Bắc Ninh, play its days through a real server, check the log, keep serving.

Everything lies in one folder of its own, made anew each time. It must never touch an installation: the KT1_*
variables of the caller are put aside, and a folder that no demo made is left alone.
"""

import os
import shutil
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import click

from app.cli.agencies import load_units
from app.cli.console import fail, say, tell
from app.cli.demo import story
from app.cli.demo.browser import Browser, UnexpectedAnswer
from app.cli.demo.cast import CAST
from app.cli.demo.clock import StoryClock
from app.cli.demo.day import Day, ReadSlip
from app.cli.demo.person import Person
from app.cli.demo.server import HOST, free_port, running_server
from app.cli.demo.verifying import verify
from app.cli.province import read_province
from app.cli.serving import ROOT
from app.cli.toolbox import Toolbox
from app.cli.users import create_account
from app.domain.access import POST, Role
from app.domain.acknowledgement import ReceiptKind
from app.domain.register import VIETNAM
from app.http.ports import RuntimePort
from app.services.log.log import begin_log
from app.services.owed import acknowledgements
from app.services.people import accounts, authorities
from app.services.people.authorities import IssueAuthority
from app.services.people.sessions import actor_of
from config import Config

MARKER = "made-by-kt1-demo"
PROVINCE = ROOT / "deploy" / "province-24"


class Stopwatch:
    """Prints what the demo itself does with the seconds since its start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def step(self, what: str) -> None:
        """Print one step as it happens."""
        say(f"{time.monotonic() - self._started:6.1f} s  {what}")


@click.command()
@click.option("--once", is_flag=True, help="Stop when the story has been played and verified.")
@click.option("--port", type=click.IntRange(1, 65535), envvar="PORT", help="A free one when left out.")
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), default=Path("var/demo"), show_default=True
)
@click.pass_obj
def demo(toolbox: Toolbox, /, *, once: bool, port: int | None, folder: Path) -> None:
    """Play the days of a fresh Bắc Ninh through a real server, verify the log, then keep serving."""
    watch = Stopwatch()
    config = _settle(toolbox, folder)
    clock = StoryClock(config.data_dir / "story-clock")
    chosen = port or free_port()
    try:
        passwords = _install(toolbox, config, clock, watch)
        day = _play_past(toolbox, config, clock, watch, passwords, port=chosen)
        _play_present(toolbox, config, day, watch, port=chosen, once=once)
    except UnexpectedAnswer as error:
        fail(str(error))


def _play_past(
    toolbox: Toolbox,
    config: Config,
    clock: StoryClock,
    watch: Stopwatch,
    passwords: dict[str, str],
    *,
    port: int,
) -> Day:
    """Play what is past with a server that goes by the story's clock, and end that server."""
    log = config.data_dir / "server.log"
    with ExitStack() as stack:
        stack.enter_context(running_server(port=port, log=log, clock_file=clock.file))
        runtime = stack.enter_context(toolbox.open_runtime(config, clock.now))
        watch.step(f"máy chủ của những ngày đã qua đang chạy: http://{HOST}:{port}/")
        _explain(clock)
        day = Day(people=_people(port, passwords, clock), clock=clock, read_slip=_slip_scanner(runtime))
        story.play_past(day)
    return day


def _play_present(
    toolbox: Toolbox, config: Config, day: Day, watch: Stopwatch, *, port: int, once: bool
) -> None:
    """Play today with a server like any other, verify everything, and go on serving."""
    log = config.data_dir / "server.log"
    day.clock.let_go()
    with running_server(port=port, log=log) as server:
        watch.step("máy chủ khởi động lại, từ đây theo đồng hồ của máy")
        story.play_present(day)
        verify(toolbox, config, day, watch.step)
        if once:
            watch.step("xong / done")
            return
        _print_accounts({name: person.password for name, person in day.people.items()})
        try:
            say(f"\nĐang phục vụ / serving: http://{HOST}:{port}/  (Ctrl-C để dừng; tài khoản ở trên)")
            server.wait()
        except KeyboardInterrupt:
            tell("\nđã dừng / stopped")
            return
        fail(f"the server ended by itself: see {log}")


def _explain(clock: StoryClock) -> None:
    """Say what is true of a log that was played by a clock that was set."""
    for line in (
        f"Đồng hồ của buổi diễn đặt về {clock.local():%d/%m/%Y %H:%M} và chỉ chạy tới, không lùi.",
        "Giờ trong nhật ký là giờ đồng hồ ấy chỉ. Tên nhật ký bắt đầu bằng “demo.”: tên ấy có trong bản ghi",
        "đầu, trong mọi câu thiết bị ký và mọi điểm chốt; nhật ký tên khác không được chỉnh đồng hồ.",
        "Thứ tự, chữ ký và chuỗi băm không dựa vào đồng hồ: không bản ghi nào chen được vào quá khứ.",
    ):
        say(f"          {line}")


def _people(port: int, passwords: dict[str, str], clock: StoryClock) -> dict[str, Person]:
    return {
        part.username: Person(
            Browser(host=HOST, port=port),
            username=part.username,
            password=passwords[part.username],
            title=part.full_name,
            clock=clock,
        )
        for part in CAST
    }


def _slip_scanner(runtime: RuntimePort) -> ReadSlip:
    """Read what stands on a printed slip, which paper carries from one office to another."""

    def read(printer: str, code: str, kind: str) -> str:
        people = runtime.read(accounts.list_users, actor=None)
        actor = next(actor_of(one) for one in people if one.username == printer)
        return runtime.read(acknowledgements.prepare_slip, code, ReceiptKind(kind), actor=actor).qr

    return read


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


def _install(toolbox: Toolbox, config: Config, clock: StoryClock, watch: Stopwatch) -> dict[str, str]:
    """Make keys, database, units and accounts; returns the passwords by user name."""
    key = toolbox.create_keys(config)
    watch.step(f"khóa đã tạo, khóa nhật ký {key}")
    toolbox.migrate(config)
    watch.step("cơ sở dữ liệu SQLite đã tạo")
    rows = read_province(PROVINCE, province=config.province, province_name="tỉnh Bắc Ninh")
    with toolbox.open_runtime(config, clock.now) as runtime:
        runtime.write(begin_log)
        watch.step(f"đã nạp {load_units(runtime, rows)} đơn vị của tỉnh Bắc Ninh (24)")
        passwords = {
            part.username: create_account(runtime, part.form(), must_change=False)[1] for part in CAST
        }
        cards = _issue_cards(runtime)
    watch.step(f"đã tạo {len(passwords)} tài khoản, đủ 6 vai trò; cấp {cards} thẻ giao liên")
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


def _print_accounts(passwords: dict[str, str]) -> None:
    say(f"\n  {'tài khoản':<14} {'mật khẩu':<26} {'vai trò':<16} {'đơn vị':<16} họ tên, chức danh")
    for part in CAST:
        say(
            f"  {part.username:<14} {passwords[part.username]:<26} {part.role:<16} {part.unit:<16}"
            f" {part.full_name}, {part.position}"
        )
    say("")
