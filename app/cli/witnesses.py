"""`kt1 log vkeys`, `witness-request`, `witness-import`: witnesses that no network reaches.

An answer is verified before anything of it is kept; none of these commands can count one that does not hold.
"""

from pathlib import Path

import click

from app.cli.console import fail, open_runtime, say, tell
from app.cli.toolbox import Toolbox
from app.http.ports import RuntimePort
from app.services.log.witness_files import import_answer, make_request
from app.services.log.witnessing import WitnessRound
from audit.parts import split_parts
from reports.witness_codes import WitnessCodes, render_witness_codes

_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
_WITNESS = click.option("--witness", "name", help="Its name in the policy; may be left out for the only one.")


@click.command()
@click.pass_obj
def vkeys(toolbox: Toolbox, /) -> None:
    """Print the verifier keys that a witness must know this log by. Carry them on paper.

    The keys in use, then those that are made to take over (`kt1 keys rotate-checkpoint --prepare`).
    """
    with open_runtime(toolbox) as runtime:
        ring = runtime.published.ring
        for key in (*ring.current, *ring.list_next()):
            say(key.to_text())


@click.command("witness-request")
@click.argument("file", type=_NEW_FILE)
@_WITNESS
@click.option(
    "--size", type=click.IntRange(0), help="What the witness says it has seen, if we know otherwise."
)
@click.option("--qr", type=_NEW_FILE, help="Also print the request as QR codes into this PDF.")
@click.pass_obj
def witness_request(
    toolbox: Toolbox, /, file: Path, name: str | None, size: int | None, qr: Path | None
) -> None:
    """Write a request into FILE, to be carried to a witness without a network."""
    with open_runtime(toolbox) as runtime:
        carried = make_request(_witnesses(runtime), name=name, size=size)
        origin = runtime.settings.origin
    file.write_bytes(carried.body)
    if qr is not None:
        texts = split_parts(carried.body)
        shown = carried.witness.name.encode(errors="surrogateescape").decode(errors="replace")
        qr.write_bytes(
            render_witness_codes(WitnessCodes(witness=shown, origin=origin, size=carried.size, texts=texts))
        )
        tell(f"{len(texts)} QR codes written to {qr}")
    tell(f"request for {carried.size} entries written to {file}; carry it to {carried.witness.name}")


@click.command("witness-import")
@click.argument("file", type=_FILE)
@_WITNESS
@click.pass_obj
def witness_import(toolbox: Toolbox, /, file: Path, name: str | None) -> None:
    """Verify the answer in FILE (or its scanned codes) and keep the cosignature."""
    with open_runtime(toolbox) as runtime:
        witnessed = import_answer(_witnesses(runtime), file.read_bytes(), name=name)
    names = ", ".join(witness.name for witness in witnessed.by)
    quorum = "the quorum is met" if witnessed.quorum_met else "the quorum is not met yet"
    say(f"{witnessed.checkpoint.head.size} entries witnessed by {names}: {quorum}")


def _witnesses(runtime: RuntimePort) -> WitnessRound:
    if runtime.witnesses is None:
        fail("KT1_WITNESS_POLICY is not set: say whose witnesses count")
    return runtime.witnesses
