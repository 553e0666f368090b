"""`kt1 init` and `kt1 serve`: make an installation once, then run it."""

import os

import click

from app.cli.console import say, tell
from app.cli.serving import APPLICATIONS, check_startable, replace_process, server_command
from app.cli.toolbox import Toolbox
from app.services.log.log import begin_log

NEXT_STEPS = """\
Next:
  1. Copy the keys to a safe place apart from the database: {keys}
     Without them sealed fields stay closed for ever; whoever has them can speak for this log.
  2. Load the units:      kt1 agency load deploy/province-24
  3. Make the first user: kt1 user create quantri --role administrator --full-name "..." --unit 24-SKHCN
  4. Give auditors the trust file, by another way than the log: kt1 keys trust trust.json
  5. Start it:            kt1 serve"""


@click.command()
@click.option(
    "--migrate-only", is_flag=True, help="Keep the keys, only bring the database to the newest schema."
)
@click.pass_obj
def init(toolbox: Toolbox, *, migrate_only: bool) -> None:
    """Make the keys (once, never overwritten) and create or migrate the database."""
    config = toolbox.read_config()
    config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not migrate_only:
        tell(f"keys in {config.keys_path}")
        say(f"log key {toolbox.create_keys(config)}")
    tell("database: migrating")
    toolbox.migrate(config)
    with toolbox.open_runtime(config) as runtime:
        runtime.write(begin_log)
    tell("database: ready")
    if not migrate_only:
        tell(NEXT_STEPS.format(keys=config.keys_path))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--threads", default=16, show_default=True, type=click.IntRange(1, 256))
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Above 1: PostgreSQL only."
)
@click.option(
    "--only", "application", default="combined", show_default=True, type=click.Choice(sorted(APPLICATIONS))
)
@click.option(
    "--publish-every", type=click.IntRange(0, 86_400), help="Seconds; 0: never. As KT1_PUBLISH_EVERY says."
)
@click.pass_obj
def serve(
    toolbox: Toolbox,
    /,
    *,
    host: str,
    port: int,
    threads: int,
    workers: int,
    application: str,
    publish_every: int | None,
) -> None:
    """Serve people and devices until Ctrl-C. Put a TLS proxy in front of anything but 127.0.0.1."""
    config = check_startable(toolbox)
    if workers > 1 and config.database_url.startswith("sqlite"):
        raise click.UsageError(
            "--workers above 1 needs PostgreSQL: on SQLite one writer must group all commits."
        )
    tell(f"serving on http://{host}:{port}/")
    command = server_command(host=host, port=port, threads=threads, workers=workers, application=application)
    chosen = {} if publish_every is None else {"KT1_PUBLISH_EVERY": str(publish_every)}
    replace_process(command, {**os.environ, **chosen})
