"""Rules for every test: no network but this machine, and the same examples in every run.

It must hold nothing that only one kind of test needs: those fixtures live in that kind's own conftest.
"""

import ipaddress
import sys

from hypothesis import settings

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
