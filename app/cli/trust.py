"""`kt1 keys trust`: the file an auditor trusts, to be handed over by another way than the log.

It tells the keys that signed entries, which the log itself knows, and what the log cannot say of itself: keys
of checkpoints, witnesses, time authorities, and devices revoked afterwards. It must never be sent with a log.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from app.cli.console import open_runtime, tell
from app.cli.toolbox import Toolbox
from app.http.ports import RuntimePort
from app.services.log import TrustBeside, make_trust
from audit.errors import AuditError
from audit.trust import NOBODY, CheckpointKey, RevokedDevice
from audit.trust_file import format_trust, parse_witnesses
from audit.vkey import parse_vkey
from config import Config
from crypto.time_token import read_certificates

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
@click.option("--witnesses", type=_FILE, help="The tlog-policy file with witnesses and quorum.")
@click.option(
    "--revoke-device", type=_RevocationType(), multiple=True, help="A device that counts no more from there."
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
    with open_runtime(toolbox) as runtime:
        beside = read_beside(runtime, toolbox.read_config())
        beside = replace(
            beside,
            checkpoint_keys=(*checkpoint_key, *beside.checkpoint_keys),
            witnesses=seen_by,
            revoked_devices=tuple(revoke_device),
        )
        file.write_bytes(format_trust(runtime.read(make_trust, beside=beside)) + b"\n")
    tell(f"trust file written to {file}")


def read_beside(runtime: RuntimePort, config: Config) -> TrustBeside:
    """Return what this installation knows of whom an auditor trusts beside the keys of entries."""
    certificates = config.time_authority_certs
    return TrustBeside(
        checkpoint_keys=tuple(CheckpointKey(key=key) for key in runtime.published.keys),
        time_authorities=() if certificates is None else read_certificates(certificates.read_bytes()),
    )


def write_trust(runtime: RuntimePort, file: Path, config: Config) -> None:
    """Write the public keys that count for this log."""
    beside = read_beside(runtime, config)
    file.write_bytes(format_trust(runtime.read(make_trust, beside=beside)) + b"\n")
