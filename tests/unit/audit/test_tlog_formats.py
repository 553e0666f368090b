"""The worked examples of the transparency pages are known answers, so they cannot go stale."""

import json
import re
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from audit.tiles import growth, parse_tile_path
from crypto.digest import b64decode, leaf_hash
from crypto.timestamping import Authority
from tests.house.tree import ROOT
from tests.support.tlog import tile_files

VECTORS = json.loads((ROOT / "tests/vectors/tlog.json").read_text(encoding="utf-8"))
EXAMPLES = {
    "checkpoint": ["receipt_checkpoint"],
    "proof": ["proof"],
    "policy": ["policy"],
    "witness": ["request", "answer"],
}
TOKEN = json.loads((ROOT / "tests/vectors/time_token.json").read_text(encoding="utf-8"))


def blocks(name: str) -> tuple[str, list[str]]:
    page = (ROOT / f"docs/formats/{name}.md").read_text(encoding="utf-8")
    return page, re.findall(r"^```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", EXAMPLES)
def test_worked_examples_are_vectors_and_come_first(name: str) -> None:
    page, found = blocks(name)
    keys = EXAMPLES[name]
    assert found[: len(keys)] == [VECTORS[key] for key in keys]
    assert page.index(found[0]) < page.index("MUST")


def test_the_verifier_keys_shown_are_vectors() -> None:
    page, _ = blocks("checkpoint")
    assert f"`{VECTORS['vkeys']['log']}`" in page
    assert f"`{VECTORS['vkeys']['witnesses'][0]}`" in page


def test_the_files_shown_are_those_of_that_log() -> None:
    page, found = blocks("tiles")
    shown = re.findall(r"tile/\S+", found[0])
    assert {parse_tile_path(path) for path in shown} <= set(growth(0, 70_000))
    assert len(shown) == 9
    assert VECTORS["roots"][7] in page


def test_a_tree_published_once_has_the_tiles_of_the_vectors() -> None:
    size, files = VECTORS["tiles"]["size"], VECTORS["tiles"]["files"]
    entries = [f"entry {number}".encode() for number in range(size)]
    made = tile_files([leaf_hash(entry) for entry in entries])
    for path in [path for path in files if path.startswith("tile/entries/")]:
        tile = parse_tile_path(path)
        some = entries[tile.index * 256 : tile.index * 256 + tile.width]
        made[path] = b"".join(len(entry).to_bytes(2, "big") + entry for entry in some)
    assert {path: sha256(data).hexdigest() for path, data in made.items()} == files
    assert {tile.path for tile in growth(0, size)} == files.keys()


def test_the_time_token_shown_is_the_vector_and_covers_the_checkpoint_shown() -> None:
    page, found = blocks("time-token")
    assert found[0].strip() == TOKEN["token"]
    assert page.index(found[0]) < page.index("MUST")
    assert TOKEN["checkpoint"] == VECTORS["receipt_checkpoint"]
    assert f"`{TOKEN['at']}`" in page


def test_the_time_token_holds_for_us_and_for_openssl(tmp_path: Path) -> None:
    files = {"root.pem": TOKEN["certificates"].encode(), "signed.checkpoint": TOKEN["checkpoint"].encode()}
    files["signed.tsr"] = b64decode(TOKEN["token"])
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    stamped = Authority.load(tmp_path / "root.pem").verify(files["signed.tsr"], files["signed.checkpoint"])
    assert f"{stamped.at:%Y-%m-%dT%H:%M:%SZ}" == TOKEN["at"]
    assert (stamped.serial, stamped.policy) == (TOKEN["serial"], TOKEN["policy"])
    openssl = "openssl ts -verify -data signed.checkpoint -in signed.tsr -CAfile root.pem -untrusted root.pem"
    assert subprocess.run(openssl.split(), cwd=tmp_path, check=False, capture_output=True).returncode == 0
