"""`kt1 keys trust`: the file an auditor trusts, to be handed over by another way than the log.

It tells the keys that signed entries, which the log itself knows, and what the log cannot say of itself: keys
of checkpoints, witnesses, time authorities, and devices revoked afterwards. It must never be sent with a log.
"""

from collections.abc import Sequence
from pathlib import Path

import click

from app.cli.console import open_runtime, tell
from app.cli.toolbox import Toolbox
from app.http.ports import RuntimePort
from app.services.log.log import NOTHING_BESIDE, TrustBeside, trust_of
from audit.errors import AuditError
from audit.trust import NOBODY, CheckpointKey, RevokedDevice
from audit.trust_file import format_trust, parse_witnesses
from audit.vkey import parse_vkey

_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)


class _CheckpointKeyType(click.ParamType[CheckpointKey]):
    name = "VKEY"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> CheckpointKey:
        """Read a verifier key, which then counts for every size."""
        try:
            return CheckpointKey(key=parse_vkey(value))
        except AuditError as error:
            self.fail(str(error), param, ctx)


class _RevocationType(click.ParamType[RevokedDevice]):
    name = "KEY_ID:ENTRY"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> RevokedDevice:
        """Read a device's key id and the first entry for which it counts no more."""
        key_id, _, until = value.partition(":")
        if not until.isdecimal():
            self.fail("a key id, a colon and the first entry it does not count for", param, ctx)
        return RevokedDevice(key_id=key_id, until=int(until))


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option(
    "--checkpoint-key", type=_CheckpointKeyType(), multiple=True, help="Another key that signs checkpoints."
)
@click.option("--witnesses", type=_FILE, help="Another tlog-policy file than KT1_WITNESS_POLICY names.")
@click.option(
    "--revoke-device",
    type=_RevocationType(),
    multiple=True,
    help="A device that counts no more from there, beside those the log names.",
)
@click.pass_obj
def trust(
    toolbox: Toolbox,
    /,
    file: Path,
    *,
    checkpoint_key: Sequence[CheckpointKey],
    witnesses: Path | None,
    revoke_device: Sequence[RevokedDevice],
) -> None:
    """Write the trust file an auditor needs. Hand it over by another way than the log."""
    seen_by = NOBODY if witnesses is None else parse_witnesses(witnesses.read_bytes())
    more = TrustBeside(
        checkpoint_keys=tuple(checkpoint_key), witnesses=seen_by, revoked_devices=tuple(revoke_device)
    )
    with open_runtime(toolbox) as runtime:
        write_trust(runtime, file, more=more)
    tell(f"trust file written to {file}")


def write_trust(runtime: RuntimePort, file: Path, *, more: TrustBeside = NOTHING_BESIDE) -> None:
    """Write whom an auditor of this installation trusts."""
    file.write_bytes(format_trust(trust_of(runtime, more=more)) + b"\n")
