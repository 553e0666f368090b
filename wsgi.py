"""What a WSGI server loads: `wsgi:people` behind the people's address, `wsgi:devices` behind the devices'.

Both read KT1_* from the environment and refuse to start when the installation is not described well enough.
Use `wsgi:combined` for one machine. Import it in the worker, never before the fork (no `--preload`): database
connections must not be shared between processes.
"""

import gc
from typing import TYPE_CHECKING

from app.factory import serve
from config import Config

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


# A group of scans holds thousands of small objects for a moment and makes no cycles worth looking for: with
# the interpreter's own thresholds the collector doubles what a large group costs (benchmarks/).
_YOUNG, _MIDDLE, _OLD = 100_000, 50, 100


def __getattr__(name: str) -> "WSGIApplication":
    """Build only the surface that is asked for: a process that serves one must not open two databases."""
    if name not in {"people", "devices", "combined"}:
        raise AttributeError(name)
    application = serve(Config.from_env(), name)
    # What was loaded stays for the life of the process: the collector need never look at it again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
    return application
