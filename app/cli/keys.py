"""`kt1 keys`: the keys of an installation. Private halves stay where they are and are never printed."""

from collections.abc import Callable
from pathlib import Path

import click

from app.cli.console import open_runtime, say, tell
from app.cli.rotation import rotate_checkpoint
from app.cli.toolbox import Toolbox
from app.cli.trust import trust, write_trust
from app.services.log.keys import reseal_all
from app.services.log.log import make_trust
from app.services.log.log_keys import rotate as rotate_log_key
from app.services.people.devices import Revocation, RevocationReason, list_devices
from app.services.people.devices import revoke as revoke_device
from crypto.digest import b64encode


@click.group()
def keys() -> None:
    """List, hand out, rotate and revoke keys. The ceremony is in docs/operations.md."""


@keys.command("list")
@click.pass_obj
def list_keys(toolbox: Toolbox, /) -> None:
    """List the keys of entries, checkpoints (by sizes of trees) and devices, and what they count for."""
    with open_runtime(toolbox) as runtime:
        trusted = runtime.read(make_trust).log_keys
        listed = runtime.read(list_devices, actor=None)
        ring = runtime.published.ring
        signing, following = ring.ranges, ring.list_next()
    known = {key.public_key.key_id for key in trusted}
    for key in trusted:
        until = "in use" if key.until is None else f"until {key.until}"
        say(f"log    {key.public_key.key_id}  from {key.first}  {until}  {key.public_key.to_text()}")
    for spare in toolbox.list_log_keys(toolbox.read_config()):
        if spare.key_id not in known:
            say(f"log    {spare.key_id}  not used  {spare.to_text()}")
    for item in signing:
        sizes = f"from {item.first}  in use" if item.last is None else f"from {item.first}  to {item.last}"
        say(f"checkpoint {item.key.type.name.lower()}  {sizes}  {item.key.to_text()}")
    for fresh in following:
        say(f"checkpoint {fresh.type.name.lower()}  not used  {fresh.to_text()}")
    for device in listed:
        state = "in use" if device.revoked_at is None else f"revoked {device.revoked_at:%Y-%m-%dT%H:%M:%SZ}"
        say(f"device {device.key_id}  from {device.enrolled_index}  {state}  {b64encode(device.public_key)}")


@keys.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def export(toolbox: Toolbox, /, folder: Path) -> None:
    """Write every public key an auditor may want into FOLDER.

    The trust file, the log's keys as PEM, and the checkpoints' keys in use as verifier keys, one a line.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open_runtime(toolbox) as runtime:
        exported = runtime.read(make_trust)
        write_trust(runtime, folder / "trust.json")
        signing = runtime.published.keys
    (folder / "checkpoint.vkeys").write_text(
        "".join(f"{key.to_text()}\n" for key in signing), encoding="utf-8"
    )
    for key in exported.log_keys:
        (folder / f"log-{key.public_key.key_id}.pem").write_bytes(key.public_key.to_pem())
    tell(f"{len(exported.log_keys)} log keys, {len(signing)} checkpoint keys and the trust file: {folder}")


@keys.command("rotate-log")
@click.pass_obj
def rotate_log(toolbox: Toolbox, /) -> None:
    """Make a new key for the log and hand over to it by an entry both keys sign. Stop the server first.

    A server that runs on stops writing by itself at its next entry. Old keys stay where they are.
    """
    with open_runtime(toolbox) as runtime:
        fresh = toolbox.make_log_key(toolbox.read_config())
        entry = runtime.write(rotate_log_key, fresh)
    say(f"log key {fresh.key_id}")
    tell(f"it counts from entry {entry.index + 1} on; auditors need a new trust file: kt1 keys trust FILE")


@keys.command()
@click.argument("device")
@click.option(
    "--reason",
    type=click.Choice([reason.value for reason in RevocationReason]),
    default=RevocationReason.REPLACED.value,
    show_default=True,
    help="Stated in the entry.",
)
@click.option(
    "--as-of",
    type=click.IntRange(1),
    help="The first entry in doubt, when it was found later that somebody else had the key.",
)
@click.pass_obj
def revoke(toolbox: Toolbox, /, device: str, *, reason: str, as_of: int | None) -> None:
    """Revoke a device's key. What it signed before this entry stays good; nothing after does."""
    why = Revocation(reason=RevocationReason(reason), as_of=as_of)
    with open_runtime(toolbox) as runtime:
        runtime.write(revoke_device, device, actor=None, why=why)
    tell(f"device {device} counts no more")
    if as_of is not None:
        tell("auditors need a new trust file: kt1 keys trust FILE")


keys.add_command(trust)
keys.add_command(rotate_checkpoint)


@keys.command()
@click.option(
    "--key-made", is_flag=True, help="Go on after an interruption, with the key that was made then."
)
@click.pass_obj
def rotate(toolbox: Toolbox, /, *, key_made: bool) -> None:
    """Make a new vault key and seal every sensitive field under it. Stop the server first.

    Old keys stay in the key file: backups, and what receivers signed, were sealed under them.
    """
    config = toolbox.read_config()
    if not key_made:
        say(f"vault key {toolbox.rotate_vault_key(config)}")
    with open_runtime(toolbox) as runtime:
        tell(f"{reseal_all(runtime.write, _count_aloud())} sealed values moved to it")


def _count_aloud() -> Callable[[int], None]:
    """Tell how many consignments have been looked at, after each batch."""
    looked_at = 0

    def count(records: int) -> None:
        nonlocal looked_at
        looked_at += records
        tell(f"{looked_at} consignments looked at")

    return count
