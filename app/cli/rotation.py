"""`kt1 keys rotate-checkpoint`: hand the checkpoints over to new keys, and carry an interrupted rotation on.

Each step is durable before the next, and the same command goes on from wherever it stopped: keys that were
made are used, a rotation that stands in the log is not made again. It must never hand over on a database that
is not the one that was signed.
"""

import click

from app.cli.console import open_runtime, say, tell
from app.cli.publishing import describe
from app.cli.toolbox import Toolbox
from app.http.ports import RuntimePort
from app.services.log.checkpoint_keys import is_begun, rotate
from app.services.log.published_log import check_database


@click.command("rotate-checkpoint")
@click.option(
    "--prepare",
    is_flag=True,
    help="Only make the new keys and print them, so that witnesses know them first.",
)
@click.pass_obj
def rotate_checkpoint(toolbox: Toolbox, /, *, prepare: bool) -> None:
    """Make new keys for checkpoints, hand over to them by an entry that old and new keys sign, and publish.

    Servers on this machine take the new keys by themselves. After an interruption give this command again.
    """
    with open_runtime(toolbox) as runtime:
        with runtime.published.folder.lock():
            runtime.read(lambda uow: check_database(uow, log=runtime.published))
            if is_begun(runtime.published) and not prepare:
                tell("the log handed over already; what is missing is the first checkpoint of the new keys")
            else:
                _hand_over(runtime, prepare=prepare)
        if prepare:
            tell("nothing counts yet: let every witness know them, then give this command without --prepare")
            return
        try:
            say(describe(runtime.publish()))
        except toolbox.known_failures as error:
            tell(f"not published now ({error}): the next publication signs with the new keys")
    tell("auditors need a new trust file: kt1 keys trust FILE")


def _hand_over(runtime: RuntimePort, *, prepare: bool) -> None:
    new = runtime.published.ring.make_next()
    for signer in new:
        say(signer.key.to_text())
    if not prepare:
        entry = runtime.write(rotate, new, log=runtime.published)
        tell(f"these keys count for trees of {entry.index + 1} entries and more")
