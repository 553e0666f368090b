"""Programs nobody here wrote, asked for a second opinion: node with the packages of tests/oracles.

`make test` installs both. Where they are missing the test fails and says so; it must never be left out.
"""

import json
import shutil
import subprocess
from typing import Any, Final

from tests.house.tree import ROOT

FOLDER: Final = ROOT / "tests" / "oracles"


def ask(program: str, question: object) -> Any:
    """Hand one JSON question to a program of tests/oracles and return its JSON answer."""
    node = shutil.which("node")
    if node is None:
        raise FileNotFoundError("node is needed for the tests: apt-get install nodejs npm")
    if not (FOLDER / "node_modules").is_dir():
        raise FileNotFoundError("tests/oracles/node_modules is missing: make oracles")
    asked = subprocess.run(
        [node, str(FOLDER / program)],
        input=json.dumps(question),
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if asked.returncode != 0:
        raise ValueError(asked.stderr)
    return json.loads(asked.stdout)
