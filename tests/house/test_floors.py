"""Watch the floors that import-linter cannot see: single files, migrations, and its own list of contracts."""

import tomllib
from pathlib import Path
from typing import cast

import pytest

from tests.house.tree import PACKAGES, ROOT, imported_roots, parsed, product_modules, python_files, shown

OURS = {*PACKAGES, "config", "wsgi", "migrations"}
MAY_KNOW_THE_CONFIGURATION = ("app/factory", "app/cli", "app/http", "app/web", "app/api", "wsgi.py")


def test_the_configuration_stands_alone() -> None:
    assert not imported_roots(parsed(ROOT / "config.py")) & OURS


def test_only_the_upper_floors_know_the_configuration() -> None:
    strangers = [
        shown(path)
        for path in product_modules()
        if "config" in imported_roots(parsed(path)) and not shown(path).startswith(MAY_KNOW_THE_CONFIGURATION)
    ]
    assert not strangers, strangers


def test_nobody_imports_the_entry_points() -> None:
    """Whoever imports wsgi starts a server while being imported."""
    assert not [shown(path) for path in product_modules() if "wsgi" in imported_roots(parsed(path))]


@pytest.mark.parametrize("path", [p for p in python_files("migrations") if "versions" in p.parts], ids=shown)
def test_a_migration_imports_nothing_of_ours(path: Path) -> None:
    """A revision must do the same in ten years, whatever became of the tables it once made."""
    assert not imported_roots(parsed(path)) & OURS


def test_there_are_migrations() -> None:
    assert [p for p in python_files("migrations") if "versions" in p.parts]


def test_every_package_is_held_by_the_import_contracts() -> None:
    with (ROOT / "pyproject.toml").open("rb") as stream:
        settings = tomllib.load(stream)["tool"]["importlinter"]
    assert sorted(cast("list[str]", settings["root_packages"])) == sorted(PACKAGES)
    layers = [contract for contract in settings["contracts"] if contract["type"] == "layers"]
    inner = [contract for contract in layers if contract.get("containers") == ["app"]]
    assert inner, "no contract orders the rooms of app/"
    assert inner[0]["exhaustive"]


@pytest.mark.parametrize("path", python_files("crypto"), ids=shown)
def test_crypto_needs_only_one_library(path: Path) -> None:
    """The verifier runs where only `cryptography` is installed: nothing but passwords may need more."""
    outside = {"argon2", "flask", "sqlalchemy", "pydantic", "click"} & imported_roots(parsed(path))
    assert outside <= ({"argon2"} if path.stem == "passwords" else set())
