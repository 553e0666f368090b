"""`kt1 agency`: the units of an installation, from the operator's console.

Units are never deleted; the log and the labels already name them.
"""

from dataclasses import asdict
from pathlib import Path

import click

from app.cli.console import open_runtime, say, tell
from app.cli.province import UnitRow, read_province
from app.cli.toolbox import Toolbox
from app.http.ports import RuntimePort
from app.services.people import units
from app.services.people.units import AddUnit


@click.group()
def agency() -> None:
    """Agencies, post offices, departments and People's Committees."""


@agency.command("list")
@click.option(
    "--kind", type=click.Choice(["agency", "committee", "department", "point"]), help="Only this kind."
)
@click.pass_obj
def list_units(toolbox: Toolbox, /, kind: str | None) -> None:
    """List the units: code, kind, name, one a line."""
    with open_runtime(toolbox) as runtime:
        for unit in runtime.read(units.list_units, actor=None):
            if kind in {None, unit.kind}:
                say(f"{unit.code:<16} {unit.kind:<10} {unit.name}{'' if unit.active else ' (closed)'}")


@agency.command()
@click.argument("code")
@click.option("--kind", required=True, type=click.Choice(["agency", "committee", "department", "point"]))
@click.option("--name", required=True, help="Full name, as labels print it.")
@click.option("--short-name", default="", help="What lists show.")
@click.option("--province", default=None, help="Two digits; the installation's own when left out.")
@click.option("--commune", default="", help="Five digits.")
@click.option("--address", default="", help="As labels print it.")
@click.option("--parent", default="", help="Code of the unit above.")
@click.pass_obj
def add(toolbox: Toolbox, /, code: str, province: str | None, **fields: str) -> None:
    """Add one unit. CODE names it for ever: 2 to 16 capitals, digits, dots, hyphens."""
    untrusted = {**fields, "code": code, "province": province or toolbox.read_config().province}
    with open_runtime(toolbox) as runtime:
        runtime.write(units.add_unit, AddUnit(untrusted=untrusted), actor=None)
    tell(f"added {code}")


@agency.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--name", "province_name", default="tỉnh Bắc Ninh", show_default=True, help="The province's name."
)
@click.pass_obj
def load(toolbox: Toolbox, /, folder: Path, province_name: str) -> None:
    """Load a province from CSV files (deploy/province-24). Units that are there already stay as they are."""
    rows = read_province(folder, province=toolbox.read_config().province, province_name=province_name)
    with open_runtime(toolbox) as runtime:
        added = load_units(runtime, rows)
    tell(f"{added} units added, {len(rows) - added} were there")


def load_units(runtime: RuntimePort, rows: tuple[UnitRow, ...]) -> int:
    """Add what is missing in one transaction with one entry, so that a load is whole or did not happen."""
    there = set(runtime.read(units.unit_ids))
    commands = [AddUnit(untrusted=asdict(row)) for row in rows if row.code not in there]
    return runtime.write(units.add_units, commands, actor=None)
