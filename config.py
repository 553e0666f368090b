"""One frozen Config for every program of the server, read from KT1_* variables.

It validates and refuses to start; it never holds a secret by value, only the path of the file that does.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from zoneinfo import available_timezones

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})
# UPU S10 leaves these pairs to domestic and bilateral use: no KT1 code may look like public registered mail.
_DOMESTIC_LETTERS = frozenset("BDNPZ")
_DOMESTIC_PAIRS = frozenset({"GA", "GD"})


class ConfigError(Exception):
    """The installation is not described well enough to start; the message says which variable to set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What an installation decides; each field is `KT1_` and its name in capitals: docs/operations.md."""

    data_dir: Path = Path("var")
    database_url: str = ""
    keys_dir: Path | None = None
    tlog_dir: Path | None = None
    checkpoints_dir: Path | None = None
    publish_every: int = 60
    origin: str = "kt1.local/log"
    province: str = "24"
    indicator: str = "ZK"
    bag_indicator: str = "ZT"
    country: str = "VN"
    timezone: str = "Asia/Ho_Chi_Minh"
    trusted_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    https: bool = False
    proxy_hops: int | None = None
    session_idle_minutes: int = 30
    session_absolute_hours: int = 12
    people_body_bytes: int = 256 * 1024
    import_body_bytes: int = 5 * 1024 * 1024
    devices_body_bytes: int = 5 * 1024 * 1024
    log_signer: str = "file"
    pkcs11_module: Path | None = None
    pkcs11_token: str = "kt1"  # noqa: S105  # the label of a token, which is no secret
    pkcs11_pin_file: Path | None = None
    time_authority_url: str = ""
    time_authority_certs: Path | None = None
    witness_policy: Path | None = None
    incident_standards: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what would start a wrong or weak server."""
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{(self.data_dir / 'kt1.sqlite3').resolve()}")
        for wrong, message in self._doubts():
            if wrong:
                raise ConfigError(message)

    def _doubts(self) -> Iterator[tuple[bool, str]]:
        hops = self.proxy_hops
        yield not self.trusted_hosts, "KT1_TRUSTED_HOSTS is empty: name the hosts people use, by commas."
        yield (
            self.https and hops is None,
            "KT1_HTTPS is on and KT1_PROXY_HOPS is not set: say how many proxies are in front (0: none).",
        )
        strangers = ", ".join(host for host in self.trusted_hosts if not _is_loopback(host))
        yield (
            not self.https and strangers != "",
            f"KT1_TRUSTED_HOSTS names {strangers}, and KT1_HTTPS is off: only loopback needs no TLS.",
        )
        yield (
            not self.https and bool(hops),
            "KT1_PROXY_HOPS says that a proxy is in front, and KT1_HTTPS is off: a proxy ends TLS.",
        )
        yield hops is not None and not 0 <= hops <= 5, "KT1_PROXY_HOPS must be between 0 and 5."
        for name, pair in (("KT1_INDICATOR", self.indicator), ("KT1_BAG_INDICATOR", self.bag_indicator)):
            yield not _is_capitals(pair), f"{name} must be two capital letters."
            yield (
                pair[:1] not in _DOMESTIC_LETTERS and pair not in _DOMESTIC_PAIRS,
                f"{name} must be domestic-only: B, D, N, P or Z first, or GA, GD.",
            )
        yield (
            self.bag_indicator == self.indicator,
            "KT1_BAG_INDICATOR must differ from KT1_INDICATOR: a code is a bag's or an item's.",
        )
        yield not _is_capitals(self.country), "KT1_COUNTRY must be a two-letter country code."
        yield (
            re.fullmatch(r"[0-9]{2}", self.province) is None,
            "KT1_PROVINCE must be the two-digit province code.",
        )
        yield (
            re.fullmatch(r"[!-*,-~]{1,200}", self.origin) is None,
            "KT1_ORIGIN must be ASCII without spaces or '+': it names this log for ever.",
        )
        yield (
            self.timezone not in available_timezones(),
            "KT1_TIMEZONE must be like Asia/Ho_Chi_Minh.",
        )
        yield self.log_signer not in {"file", "pkcs11"}, "KT1_LOG_SIGNER must be file or pkcs11."
        for name in ("pkcs11_module", "pkcs11_pin_file"):
            yield (
                self.log_signer == "pkcs11" and getattr(self, name) is None,
                f"KT1_LOG_SIGNER is pkcs11 and KT1_{name.upper()} is not set.",
            )
        yield (
            not 1 <= len(self.pkcs11_token.encode()) <= 32,
            "KT1_PKCS11_TOKEN must be the label of the token, 1 to 32 bytes.",
        )
        yield (
            re.fullmatch(r"(https?://[!-~]+)?", self.time_authority_url) is None,
            "KT1_TIME_AUTHORITY_URL must begin with http:// or https://.",
        )
        yield (
            self.time_authority_url != "" and self.time_authority_certs is None,
            "KT1_TIME_AUTHORITY_URL is set and KT1_TIME_AUTHORITY_CERTS is not: say whose stamps count.",
        )
        for name in _POSITIVE:
            yield getattr(self, name) < 1, f"KT1_{name.upper()} must be at least 1."

    @property
    def keys_path(self) -> Path:
        """Folder of the key files made by `kt1 init`."""
        return self.keys_dir or self.data_dir / "keys"

    @property
    def tlog_path(self) -> Path:
        """Folder of the published tree: `checkpoint` and `tile/`."""
        return (self.tlog_dir or self.data_dir / "tlog").resolve()

    @property
    def checkpoints_path(self) -> Path:
        """Folder of the checkpoint store, which no backup holds and no restore touches."""
        return (self.checkpoints_dir or self.data_dir / "checkpoints").resolve()

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Config":
        """Read KT1_* variables; an unknown one is refused: a typing mistake must not weaken a server."""
        every = os.environ if environ is None else environ
        untrusted = {name: text for name, text in every.items() if name.startswith("KT1_")}
        known = {f"KT1_{field.name.upper()}": field.name for field in fields(cls)}
        strangers = sorted(set(untrusted) - set(known))
        if strangers:
            raise ConfigError(f"Unknown settings: {', '.join(strangers)}. The list is in docs/operations.md.")
        values = {known[name]: _parse(name, known[name], text.strip()) for name, text in untrusted.items()}
        return cls(**values)  # type: ignore[arg-type]  # _parse returns the type its field declares


_POSITIVE = (
    "session_idle_minutes",
    "session_absolute_hours",
    "people_body_bytes",
    "import_body_bytes",
    "devices_body_bytes",
)


_PATHS = {
    "data_dir": "folder",
    "keys_dir": "folder",
    "tlog_dir": "folder",
    "checkpoints_dir": "folder",
    "pkcs11_module": "file",
    "pkcs11_pin_file": "file",
    "time_authority_certs": "file",
    "witness_policy": "file",
    "incident_standards": "file",
}


def _is_loopback(host: str) -> bool:
    return re.fullmatch(r"localhost|127(\.[0-9]{1,3}){3}|\[?::1\]?", host) is not None


def _is_capitals(pair: str) -> bool:
    return re.fullmatch(r"[A-Z]{2}", pair) is not None


def _parse(variable: str, name: str, untrusted: str) -> object:
    if name in _PATHS:
        if not untrusted:
            raise ConfigError(f"{variable} is empty: give a {_PATHS[name]}.")
        return Path(untrusted)
    if name == "trusted_hosts":
        return tuple(host.strip() for host in untrusted.split(",") if host.strip())
    if name == "https":
        return _parse_bool(variable, untrusted)
    if name in {"proxy_hops", "publish_every", *_POSITIVE}:
        if not (untrusted.isascii() and untrusted.isdigit()):
            raise ConfigError(f"{variable} must be a whole number, not {untrusted!r}.")
        return int(untrusted)
    return untrusted


def _parse_bool(variable: str, untrusted: str) -> bool:
    lowered = untrusted.lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise ConfigError(f"{variable} must be yes or no, not {untrusted!r}.")
