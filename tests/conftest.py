"""Rules for every test: no network but this machine, and the same examples in every run.

It must hold nothing that only one kind of test needs: those fixtures live in that kind's own conftest.
"""

import ipaddress
import re
import sys
from functools import cache

from hypothesis import settings
from sqlalchemy import Engine, event

# Random examples would make a red run on somebody else's change: a fixed seed finds the same things for all.
# No test asserts a duration, so none may fail for being slow on a busy machine.
settings.register_profile("house", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("house")


# Fixtures that start a database belong to every kind of test that stores something.
pytest_plugins = ["tests.support.databases"]


def _refuse_the_network(event: str, arguments: tuple[object, ...]) -> None:
    """Stop any attempt to reach another machine: a test that needs one would be a product that needs one."""
    if event != "socket.connect":
        return
    address = arguments[1]
    if not isinstance(address, tuple) or address[0] == "localhost":
        return
    try:
        if ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
            return
    except ValueError:
        pass
    raise ConnectionRefusedError(f"a test tried to reach {address[0]}")


sys.addaudithook(_refuse_the_network)


@cache
def _refuse_a_second_table(statement: str) -> None:
    """Stop a question that takes two tables without a join.

    It is how a subquery two selects deep looks when it forgot to name the row outside: it then tells of any
    row, and is right as long as a test has only one.
    """
    found = re.search(r"\bFROM \w+(?: AS \w+)?, \w.{0,200}", statement, re.DOTALL)
    if found is not None and not statement.startswith(("GRANT", "REVOKE")):
        raise AssertionError(f"two tables without a join: {found.group()}")


@event.listens_for(Engine, "before_cursor_execute")
def _look_at(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
    _refuse_a_second_table(statement)
