"""What is missing on a machine is installed or named, never passed over in silence."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT

SCRIPT = ROOT / "deploy" / "system-packages.sh"
PYTHON = "#!/bin/sh\nexit 0\n"
PYTHON_WITHOUT_VENV = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\nexit 0\n'
CHROMIUM = "#!/bin/sh\necho Chromium 150.0\n"
SNAP_STUB = "#!/bin/sh\necho 'install it with: snap install chromium' >&2\nexit 1\n"


class Machine:
    """A machine of which only the programs named here are on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.apt_log = folder / "apt.log"
        for tool in ("sh", "grep", "env", "cat", "rm"):
            (folder / tool).symlink_to(shutil.which(tool) or "")
        for tool in ("python3", "softhsm2-util", "openssl", "node", "npm"):
            self.put(tool, PYTHON)
        self.release("debian")

    def put(self, name: str, script: str) -> None:
        path = self.folder / name
        path.write_text(script)
        path.chmod(0o755)

    def release(self, name: str) -> None:
        (self.folder / "os-release").write_text(f"ID={name}\n")

    def apt(self, *, installs: str = "") -> None:
        """Put an apt-get there that notes what it was asked for and makes `installs` appear."""
        appear = (
            f"printf '#!/bin/sh\\necho Chromium 150.0\\n' > {self.folder}/{installs}\n" if installs else ""
        )
        end = f"PATH=/usr/bin:/bin chmod 755 {self.folder}/*\n" if installs else ""
        self.put("apt-get", f'#!/bin/sh\necho "$*" >> {self.apt_log}\n{appear}{end}')

    def check(self, wanted: str, *, user: int = 1000) -> subprocess.CompletedProcess[str]:
        self.put("id", f"#!/bin/sh\necho {user}\n")
        environment = {"PATH": str(self.folder), "OS_RELEASE": str(self.folder / "os-release")}
        environment["TEST_DATABASE_URL"] = "postgresql://somewhere"
        return subprocess.run(
            [str(self.folder / "sh"), str(SCRIPT), wanted],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_machine_that_has_everything_is_left_alone(machine: Machine) -> None:
    machine.put("chromium", CHROMIUM)
    machine.put("pdftoppm", PYTHON)
    machine.apt()
    found = machine.check("test")
    assert (found.returncode, found.stderr) == (0, "")
    assert not machine.apt_log.exists()


def test_without_root_one_line_names_what_is_missing(machine: Machine) -> None:
    machine.apt()
    found = machine.check("test")
    assert found.returncode == 1
    assert len(found.stderr.strip().splitlines()) == 1
    assert "apt-get install poppler-utils chromium" in found.stderr
    assert not machine.apt_log.exists()


def test_the_token_and_the_time_authority_of_the_tests_are_named(machine: Machine) -> None:
    machine.put("chromium", CHROMIUM)
    machine.put("pdftoppm", PYTHON)
    for tool in ("softhsm2-util", "openssl"):
        (machine.folder / tool).unlink()
    machine.apt()
    found = machine.check("test")
    assert found.returncode == 1
    assert "apt-get install softhsm2 openssl" in found.stderr


def test_python_without_venv_is_named_before_anything_fails_half_way(machine: Machine) -> None:
    machine.put("python3", PYTHON_WITHOUT_VENV)
    machine.apt()
    found = machine.check("run")
    assert found.returncode == 1
    assert "python3-venv" in found.stderr


def test_as_root_it_says_what_it_installs_and_looks_again(machine: Machine) -> None:
    machine.put("pdftoppm", PYTHON)
    machine.apt(installs="chromium")
    found = machine.check("test", user=0)
    assert found.returncode == 0, found.stderr
    assert "installing with apt: chromium" in found.stderr
    assert "install --no-install-recommends chromium" in machine.apt_log.read_text()


def test_apt_is_not_taken_at_its_word(machine: Machine) -> None:
    machine.put("pdftoppm", PYTHON)
    machine.apt()
    found = machine.check("test", user=0)
    assert found.returncode == 1
    assert "no Chromium starts" in found.stderr


def test_a_stub_that_only_names_the_snap_is_no_chromium(machine: Machine) -> None:
    machine.release("ubuntu")
    machine.put("pdftoppm", PYTHON)
    machine.put("chromium-browser", SNAP_STUB)
    machine.apt()
    found = machine.check("test", user=0)
    assert found.returncode == 1
    assert "Google Chrome" in found.stderr
    assert not machine.apt_log.exists()


@pytest.mark.parametrize("wanted", ["test", "bench"])
def test_node_and_npm_of_the_oracles_and_peers_are_named(machine: Machine, wanted: str) -> None:
    for tool in ("chromium", "pdftoppm", "wrk"):
        machine.put(tool, CHROMIUM)
    for tool in ("node", "npm"):
        (machine.folder / tool).unlink()
    machine.apt()
    found = machine.check(wanted)
    assert found.returncode == 1
    assert "apt-get install nodejs npm" in found.stderr


def test_a_node_too_old_for_the_oracles_is_named(machine: Machine) -> None:
    for tool in ("chromium", "pdftoppm"):
        machine.put(tool, CHROMIUM)
    machine.put("node", '#!/bin/sh\n[ "$1" = --version ] && echo v16.20.2\nexit 1\n')
    found = machine.check("test")
    assert found.returncode == 1
    assert "v16.20.2; 18 or newer is needed" in found.stderr


def test_what_runs_in_production_never_asks_for_node(machine: Machine) -> None:
    for tool in ("node", "npm"):
        (machine.folder / tool).unlink()
    assert machine.check("run").returncode == 0


def test_an_unknown_list_is_misuse(machine: Machine) -> None:
    assert machine.check("everything").returncode == 2


def test_the_script_can_be_run() -> None:
    assert os.access(SCRIPT, os.X_OK)
