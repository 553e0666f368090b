"""What the surfaces need to know of the installation, handed over by the composition root.

It holds no secret and no path; views must never read the environment themselves.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One installation as its surfaces see it; sizes in bytes."""

    origin: str
    province: str
    timezone: str
    https: bool
    trusted_hosts: tuple[str, ...]
    proxy_hops: int
    session_idle: timedelta
    session_absolute: timedelta
    people_body_bytes: int
    import_body_bytes: int
    devices_body_bytes: int
