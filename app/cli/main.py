"""The `kt1` command: for the people who run an installation, on the machine it runs on.

Each command is one use case or one tool; none of them holds a rule, and none may reach around the services.
"""

from collections.abc import Sequence

import click

from app.cli import failures
from app.cli.agencies import agency
from app.cli.consignments import consignment
from app.cli.demo.run import demo
from app.cli.evidence import evidence
from app.cli.installation import init, serve
from app.cli.keys import keys
from app.cli.log import log
from app.cli.publishing import publish, rebuild_tiles, recover, restore_checkpoint
from app.cli.suspense import suspense
from app.cli.timestamps import timestamp, timestamp_import, timestamp_request, timestamps
from app.cli.toolbox import Toolbox
from app.cli.users import user
from app.cli.witnesses import vkeys, witness_import, witness_request


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def kt1() -> None:
    """Custody records for KT1 state-secret post: signed, hash-chained, auditable.

    Settings are KT1_* variables (docs/operations.md). Exit codes: 0 done, 1 failed, 2 misuse.
    """


for command in (init, serve, demo, user, agency, consignment, suspense, log, keys):
    kt1.add_command(command)
for command in (
    evidence,
    publish,
    rebuild_tiles,
    recover,
    timestamp,
    timestamp_request,
    timestamp_import,
    timestamps,
):
    log.add_command(command)
for command in (vkeys, witness_request, witness_import, restore_checkpoint):
    log.add_command(command)


def run(toolbox: Toolbox, arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    foreseen: tuple[type[Exception], ...] = (*failures.FORESEEN, *toolbox.known_failures)
    given = None if arguments is None else list(arguments)
    try:
        result = kt1.main(given, prog_name="kt1", obj=toolbox, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return failures.report_stop()
    except foreseen as error:
        return failures.report(error)
    return result if isinstance(result, int) else failures.DONE
