"""The published document is true: schemathesis drives every operation of it, with and without a token."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from app.domain.muster import Muster
from app.domain.shift import Shift
from app.http.surface import Surface
from app.services.shifts import musters, shifts
from app.services.shifts.musters import OpenMuster
from tests.house.tree import ROOT
from tests.support.device import Device, enrol
from tests.support.installation import Installation

DOCUMENT = "/api/v1/openapi.json"
CASES = 60
# A registration can be well formed and still name a unit that is not there: only the domain knows. Whoever
# guesses at witnesses is told to wait.
CONFIG = """
[parameters]
"path.code" = "{code}"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "422", "429"]

[[operations]]
include-path-regex = "^/api/v1/shifts/"
parameters = {{ "path.code" = "{shift}" }}

[[operations]]
include-path-regex = "^/api/v1/musters/"
parameters = {{ "path.code" = "{muster}" }}
"""


@pytest.fixture(scope="module")
def address(house: Installation) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, house.app(Surface.DEVICES), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{DOCUMENT}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_document_names_every_route_and_only_real_ones(house: Installation) -> None:
    app = house.app(Surface.DEVICES)
    spec = app.test_client().get(DOCUMENT).json
    assert spec is not None
    assert spec["openapi"] == "3.1.0"
    rules = {
        (str(rule).replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/api/") and str(rule) != DOCUMENT
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, item in spec["paths"].items() for method in item} == rules


def test_every_documented_error_has_the_one_shape(house: Installation) -> None:
    spec = house.app(Surface.DEVICES).test_client().get(DOCUMENT).json
    assert spec is not None
    for item in spec["paths"].values():
        for operation in item.values():
            for status, answer in operation["responses"].items():
                if status < "400" and "application/json" not in answer["content"]:
                    # A file that was asked for; whatever goes wrong is told in JSON all the same.
                    continue
                shape = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                assert (shape == "Failure") == (status >= "400"), operation["operationId"]


@pytest.fixture(scope="module")
def tokens(house: Installation, sender: Device, courier: Device) -> dict[str, str]:
    """Name the token of every role that may have a device, and of nobody."""
    clerk = enrol(house, "dung")
    return {"focal_point": sender.token, "courier": courier.token, "clerk": clerk.token, "nobody": ""}


# The cases at the edges of the document are the same for every number: whoever asks again gets them once.
BOTH, RANDOM = "coverage,fuzzing", "fuzzing"


@pytest.fixture(scope="module")
def counted(house: Installation) -> tuple[Shift, Muster]:
    """Let a clerk have a shift open, and their office a muster."""
    clerk = house.actors["dung"]
    shift = house.runtime.write(shifts.open_shift, actor=clerk)
    muster = house.runtime.write(musters.open_muster, OpenMuster(untrusted_unit="24.P01"), actor=clerk)
    return shift, muster


@pytest.mark.parametrize(
    ("who", "number", "phases"),
    [
        ("focal_point", 1, BOTH),
        ("focal_point", 2, RANDOM),
        ("focal_point", 3, RANDOM),
        ("courier", 4, BOTH),
        ("clerk", 5, BOTH),
        ("nobody", 6, BOTH),
    ],
)
def test_schemathesis_finds_nothing(
    address: str,
    sender: Device,
    tokens: dict[str, str],
    counted: tuple[Shift, Muster],
    *,
    who: str,
    number: int,
    phases: str,
    tmp_path: Path,
) -> None:
    registered = sender.post("/api/v1/consignments", {"recipient_unit": "24.H02", "weight_g": 5})
    assert registered.json is not None
    shift, muster = counted
    config = tmp_path / "schemathesis.toml"
    names = {"code": registered.json["consignment"]["code"], "shift": shift.code, "muster": muster.code}
    config.write_text(CONFIG.format(**names), encoding="utf-8")
    header = ["--header", f"Authorization: Bearer {tokens[who]}"] if tokens[who] else []
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run", address),
        *(*header, "--seed", str(number), "--max-examples", str(CASES)),
        *("--phases", phases, "--no-color"),
        # A slow machine is no finding.
        *("--request-timeout", "120", "--suppress-health-check", "too_slow"),
    ]
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks",
        "PYTHONPATH": str(ROOT),
    }
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert "generated" in run.stdout
