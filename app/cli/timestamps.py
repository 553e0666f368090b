"""`kt1 log timestamp...`: RFC 3161 time stamps over checkpoints, by network or by file.

A reply is verified before it is stored; none of these commands can store one that does not hold.
"""

from datetime import datetime
from pathlib import Path

import click

from app.cli.console import fail, open_runtime, say, tell
from app.cli.toolbox import Toolbox
from app.services.log.time_authority import HttpTransport
from app.services.log.time_tokens import (
    FROM_FILE,
    Reply,
    each_token,
    import_reply,
    stamp,
    stamp_published,
)
from config import Config
from crypto.timestamping import Authority

_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command()
@click.argument("checkpoint", type=_FILE, required=False)
@click.pass_obj
def timestamp(toolbox: Toolbox, /, checkpoint: Path | None) -> None:
    """Have the published checkpoint (or CHECKPOINT) stamped, unless this hour has its token."""
    config = toolbox.read_config()
    if not config.time_authority_url:
        fail("KT1_TIME_AUTHORITY_URL is not set: use timestamp-request and timestamp-import")
    authority = read_authority(config)
    transport = HttpTransport(url=config.time_authority_url)
    with open_runtime(toolbox) as runtime:
        if checkpoint is not None:
            token = stamp(runtime, checkpoint.read_bytes(), authority=authority, transport=transport)
        elif runtime.published.folder.read_checkpoint() is None:
            fail("nothing is published yet: there is no checkpoint to stamp")
        else:
            token = stamp_published(runtime, runtime.published, authority=authority, transport=transport)
    if token is None:
        tell("this hour has its time stamp")
    else:
        say(f"stamped {_shown(token.token_at)}")


@click.command("timestamp-request")
@click.argument("checkpoint", type=_FILE)
@click.argument("request", type=_NEW_FILE)
@click.pass_obj
def timestamp_request(toolbox: Toolbox, /, checkpoint: Path, request: Path) -> None:
    """Write the REQUEST to carry to an authority for CHECKPOINT."""
    request.write_bytes(read_authority(toolbox.read_config()).make_request(checkpoint.read_bytes()))
    tell(f"request written to {request}")


@click.command("timestamp-import")
@click.argument("checkpoint", type=_FILE)
@click.argument("reply", type=_FILE)
@click.pass_obj
def timestamp_import(toolbox: Toolbox, /, checkpoint: Path, reply: Path) -> None:
    """Verify the authority's REPLY over CHECKPOINT and store it."""
    authority = read_authority(toolbox.read_config())
    carried = Reply(untrusted=reply.read_bytes(), source=FROM_FILE)
    with open_runtime(toolbox) as runtime:
        token = runtime.write(import_reply, checkpoint.read_bytes(), carried, authority=authority)
    say(f"stamped {_shown(token.token_at)}")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def timestamps(toolbox: Toolbox, /, folder: Path) -> None:
    """Write every stored checkpoint and its token into FOLDER, for `openssl ts -verify`."""
    folder.mkdir(parents=True, exist_ok=True)
    with open_runtime(toolbox) as runtime:
        for token in each_token(runtime):
            name = f"{token.hour_at:%Y-%m-%dT%H}Z"
            (folder / f"{name}.checkpoint").write_bytes(token.checkpoint)
            (folder / f"{name}.tsr").write_bytes(token.token)
            times = f"stamped {_shown(token.token_at)}  stored {_shown(token.stored_at)}"
            say(f"{name}  size {token.size}  {times}")


def read_authority(config: Config) -> Authority:
    """Read whose stamps count; a configuration that does not say is a clear failure."""
    if config.time_authority_certs is None:
        fail("KT1_TIME_AUTHORITY_CERTS is not set: say whose time stamps count")
    return Authority.load(config.time_authority_certs)


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
