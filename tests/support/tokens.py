"""A software token (SoftHSM) in a folder: what a test may do to a hardware token without buying one."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pkcs11
import pytest

from crypto.pkcs11_signer import TokenAddress

PIN = "một mã pin dài"
_MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)


def softhsm_module() -> Path:
    """Find the module; a machine without one fails here, by name."""
    for name in _MODULES:
        if Path(name).is_file():
            return Path(name)
    raise FileNotFoundError("libsofthsm2.so is needed for the tests: apt-get install softhsm2")


def add_token(label: str, pin: str = PIN) -> None:
    """Initialise a token where SOFTHSM2_CONF points."""
    pins = ["--so-pin", "a security officer", "--pin", pin]
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", label, *pins], check=True, capture_output=True
    )


@pytest.fixture
def token_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TokenAddress]:
    """Give the test a fresh token named `kt1`; the module forgets it afterwards."""
    folder = tmp_path / "softhsm"
    (folder / "tokens").mkdir(parents=True)
    settings = f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    (folder / "softhsm2.conf").write_text(settings)
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    pin_file = folder / "pin"
    pin_file.write_text(PIN + "\n", encoding="utf-8")
    pin_file.chmod(0o600)
    add_token("kt1")
    module = softhsm_module()
    # The module reads its settings when it is initialised, once for a process: here, once for a test.
    pkcs11.lib(str(module)).reinitialize()
    yield TokenAddress(module=module, label="kt1", pin_file=pin_file)
    pkcs11.lib(str(module)).finalize()
