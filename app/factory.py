"""The composition root: the only place that wires configuration, keys, storage, services and surfaces.

It decides nothing: every rule it connects lives in the room it comes from.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

from app.api import site as devices_site
from app.cli.main import run
from app.domain.incident_standards import (
    SAMPLE_STANDARDS,
    IncidentStandards,
    MalformedStandards,
    parse_standards,
)
from app.http import access, answers, csrf, headers, health, i18n, limits, sessions
from app.http import surface as surfaces
from app.http.ports import EXTENSION, RuntimePort, Unavailable
from app.http.settings import Settings
from app.http.surface import Surface
from app.keystore import (
    Keys,
    KeysError,
    add_vault_key,
    check_no_log_key,
    create_keys,
    load_keys,
    make_log_signer,
    open_log_signer,
)
from app.runtime import Outside, Runtime
from app.services.log.checkpoint_keys import look
from app.services.log.key_ring import KeyRing, LogView
from app.services.log.log_keys import find_origin, find_signing_key
from app.services.log.published_log import PublishedLog
from app.services.log.time_authority import HttpTransport as TimeTransport
from app.services.log.time_tokens import Stamps
from app.services.log.witness_transport import HttpTransport
from app.services.log.witnessing import WitnessRound
from app.services.tools import Tools
from app.storage import migrate
from app.storage.checkpoint_store import CheckpointStore
from app.storage.engine import make_engines
from app.storage.errors import StorageError, UnsafeDatabase
from app.storage.reader import Reader
from app.storage.tile_folder import TileFolder
from app.storage.witness_sizes import WitnessSizes
from app.web import site as people_site
from audit.policy_file import load_policy
from config import Config, ConfigError
from crypto.errors import CryptoError
from crypto.keys import PublicKey
from crypto.signer import Signer
from crypto.signer_store import SignerStore
from crypto.time_token import read_certificates
from crypto.timestamping import Authority

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def utc_now() -> datetime:
    """Read the clock of the machine; nobody else in the server does."""
    return datetime.now(UTC)


def settings_of(config: Config) -> Settings:
    """Hand the surfaces what they need of the configuration."""
    return Settings(
        origin=config.origin,
        province=config.province,
        timezone=config.timezone,
        https=config.https,
        trusted_hosts=config.trusted_hosts,
        proxy_hops=config.proxy_hops or 0,
        session_idle=timedelta(minutes=config.session_idle_minutes),
        session_absolute=timedelta(hours=config.session_absolute_hours),
        people_body_bytes=config.people_body_bytes,
        import_body_bytes=config.import_body_bytes,
        devices_body_bytes=config.devices_body_bytes,
    )


def tools_of(config: Config, keys: Keys, signer: Signer) -> Tools:
    """Hand the services the keys and names of this installation."""
    return Tools(
        vault=keys.vault,
        codes=keys.codes,
        label_keys=keys.label_keys,
        signer=signer,
        indicator=config.indicator,
        bag_indicator=config.bag_indicator,
        country=config.country,
        origin=config.origin,
        incident_standards=incident_standards_of(config),
    )


def incident_standards_of(config: Config) -> IncidentStandards:
    """Read the installation's own table of severity and deadlines, or take the labelled sample."""
    if config.incident_standards is None:
        return SAMPLE_STANDARDS
    try:
        return parse_standards(config.incident_standards.read_bytes())
    except (OSError, MalformedStandards) as error:
        raise ConfigError(f"KT1_INCIDENT_STANDARDS: {error}") from None


def log_keys_of(config: Config, keys: Keys) -> SignerStore:
    """Say where the log's keys are: in files, or in the token that the configuration names."""
    return keys.log_keys if config.log_signer == "file" else token_of(config)[0]


def token_of(config: Config) -> tuple[SignerStore, SignerStore]:
    """Reach the token that the configuration names, for entries and for checkpoints; it is not asked yet."""
    # Only who signs by a token loads the library that speaks to it.
    from crypto.pkcs11_signer import (  # noqa: PLC0415  # see above
        CHECKPOINT_LABEL,
        Pkcs11SignerStore,
        Pkcs11Token,
        TokenAddress,
    )

    module, pin_file = config.pkcs11_module, config.pkcs11_pin_file
    if module is None or pin_file is None:
        raise KeysError("a token needs KT1_PKCS11_MODULE and KT1_PKCS11_PIN_FILE")
    token = Pkcs11Token(TokenAddress(module=module, label=config.pkcs11_token, pin_file=pin_file))
    return Pkcs11SignerStore(token), Pkcs11SignerStore(token, label=CHECKPOINT_LABEL)


def key_ring_of(config: Config, keys: Keys, view: Callable[[], LogView]) -> KeyRing:
    """Say where the checkpoints' keys are; which of them sign is the log's word, told by `view`."""
    cabinet = keys.checkpoint_keys
    if config.log_signer != "file":
        cabinet = cabinet.with_token(token_of(config)[1])
    return KeyRing(config.origin, cabinet, view)


def published_log_of(config: Config, keys: Keys, reader: Reader) -> PublishedLog:
    """Say where the tree and its checkpoints lie, and whose keys sign them; raises KeysError."""
    ring = key_ring_of(config, keys, lambda: reader.read(partial(look, origin=config.origin)))
    try:
        ring.refresh()
    except CryptoError as error:
        raise KeysError(f"the key of the checkpoints cannot be used: {error}") from None
    return PublishedLog(
        origin=config.origin,
        folder=TileFolder(config.tlog_path),
        store=CheckpointStore(config.checkpoints_path),
        ring=ring,
    )


def witnesses_of(config: Config, published: PublishedLog) -> WitnessRound | None:
    """Say who witnesses and how they are reached; None without a policy. Raises MalformedPolicy."""
    if config.witness_policy is None:
        return None
    return WitnessRound(
        log=published,
        policy=load_policy(config.witness_policy),
        sizes=WitnessSizes(config.checkpoints_path),
        transport=HttpTransport(),
    )


def outside_of(config: Config, published: PublishedLog) -> Outside:
    """Read whom of other bodies the configuration names; raises MalformedPolicy, MalformedKey or OSError."""
    certificates, url = config.time_authority_certs, config.time_authority_url
    stamps = None
    if certificates is not None and url:
        stamps = Stamps(authority=Authority.load(certificates), transport=TimeTransport(url=url))
    return Outside(
        witnesses=witnesses_of(config, published),
        stamps=stamps,
        time_authorities=() if certificates is None else read_certificates(certificates.read_bytes()),
    )


def check_origin(wanted: str, found: str | None) -> None:
    """Refuse another log's database: under a wrong name every scan would be signed for a log that is not."""
    if found not in {None, wanted}:
        raise UnsafeDatabase(f"this database holds the log {found!r}; KT1_ORIGIN names {wanted!r}")


def build_runtime(config: Config, *, clock: Callable[[], datetime] = utc_now) -> Runtime:
    """Load the keys and open the database, proved safe; raises KeysError or StorageError instead."""
    keys = load_keys(config.keys_path)
    engines = make_engines(config)
    reader = Reader(engines.read)
    check_origin(config.origin, reader.read(find_origin))
    # The log says which keys sign it: after a rotation the next start takes the new ones by itself.
    signer = open_log_signer(log_keys_of(config, keys), reader.read(find_signing_key))
    published = published_log_of(config, keys, reader)
    runtime = Runtime(
        settings=settings_of(config),
        tools=tools_of(config, keys, signer),
        published=published,
        outside=outside_of(config, published),
        engines=engines,
        clock=clock,
        web_secret=keys.web_secret,
    )
    _prove_checkpoint_keys(runtime)
    return runtime


def _prove_checkpoint_keys(runtime: Runtime) -> None:
    """Stop the start without the keys that sign the next checkpoint; a log that signs nothing needs none."""
    if runtime.is_halted:
        return
    try:
        runtime.published.ring.signers_at(runtime.read(lambda uow: uow.audit.head().size))
    except CryptoError as error:
        runtime.close()
        raise KeysError(f"the key of the checkpoints cannot be used: {error}") from None


def create_app(config: Config, surface: Surface, runtime: Runtime | None = None) -> Flask:
    """Build one surface; without a runtime it opens one of its own."""
    running = runtime or build_runtime(config)
    return _people(running) if surface is Surface.PEOPLE else _devices(running)


def _people(runtime: Runtime) -> Flask:
    settings = runtime.settings
    app = Flask("app.web")
    _shared(app, runtime, Surface.PEOPLE, body_bytes=settings.people_body_bytes)
    sessions.install(app, settings, secret=runtime.web_secret)
    csrf.install(app, https=settings.https)
    access.install(app)
    app.register_blueprint(health.BLUEPRINT)
    people_site.install(app)
    access.check_declared(app)
    return app


def _devices(runtime: Runtime) -> Flask:
    app = devices_site.new_app()
    _shared(app, runtime, Surface.DEVICES, body_bytes=runtime.settings.devices_body_bytes)
    app.register_blueprint(health.BLUEPRINT)
    devices_site.install(app)
    access.check_declared(app)
    return app


def _shared(app: Flask, runtime: Runtime, surface: Surface, *, body_bytes: int) -> None:
    # The order is the guard: headers have the last word, hosts and sizes are refused before anything is read.
    surfaces.mark(app, surface)
    app.extensions[EXTENSION] = runtime
    headers.install(app, https=runtime.settings.https)
    limits.install(app, runtime.settings, body_bytes=body_bytes)
    answers.install(app)
    i18n.install(app, runtime.settings)


def combined_app(config: Config, runtime: Runtime | None = None) -> "WSGIApplication":
    """Serve both surfaces from one process over one runtime: `/api/*` for devices, the rest for people."""
    running = runtime or build_runtime(config)
    people = create_app(config, Surface.PEOPLE, running)
    devices = create_app(config, Surface.DEVICES, running)

    def dispatch(environ: "WSGIEnvironment", start_response: "StartResponse") -> object:
        path = str(environ.get("PATH_INFO", ""))
        chosen = devices if path == "/api" or path.startswith("/api/") else people
        return chosen(environ, start_response)

    return dispatch  # type: ignore[return-value]  # Flask's own answer is what WSGI asks for


def serve(config: Config, name: str, *, clock: Callable[[], datetime] = utc_now) -> "WSGIApplication":
    """Build what a server process serves (`combined`, `people`, `devices`), and let it publish the log."""
    runtime = build_runtime(config, clock=clock)
    if config.publish_every:
        runtime.publish_every(config.publish_every)
    if name == "combined":
        return combined_app(config, runtime)
    return create_app(config, Surface(name), runtime)


def rehearse(clock_file: str) -> "WSGIApplication":
    """Build what serves the demo while its story is in the past: the clock is behind by a file's seconds."""
    config = Config.from_env()
    _check_rehearsal(config)
    file = Path(clock_file)

    def clock() -> datetime:
        return utc_now() - timedelta(seconds=float(file.read_text(encoding="ascii")))

    return serve(config, "combined", clock=clock)


def _check_rehearsal(config: Config) -> None:
    """Refuse a clock that can be set to every log but one whose name, in all that is signed, says demo."""
    if not config.origin.startswith("demo."):
        raise ConfigError(f"KT1_ORIGIN: {config.origin} is no demo, so its clock is the machine's")


class Toolbox:
    """What the `kt1` commands may ask of an installation; see app/cli/toolbox.py."""

    known_failures: tuple[type[Exception], ...] = (StorageError, Unavailable)

    def read_config(self) -> Config:
        """Read KT1_* variables; raises ConfigError."""
        return Config.from_env()

    def create_keys(self, config: Config) -> str:
        """Make every key, once; return the log key's name. Raises KeysError when any exists already."""
        if config.log_signer == "file":
            return open_log_signer(create_keys(config.keys_path).log_keys).key_id
        entries, checkpoints = token_of(config)
        for store in (entries, checkpoints):
            check_no_log_key(store)
        create_keys(config.keys_path, log_key=False)
        make_log_signer(checkpoints)
        return make_log_signer(entries).key_id

    def make_log_key(self, config: Config) -> Signer:
        """Make another key for the log, where its keys are, not in use yet; raises KeysError."""
        return make_log_signer(log_keys_of(config, load_keys(config.keys_path)))

    def list_log_keys(self, config: Config) -> tuple[PublicKey, ...]:
        """Return the public halves of the log keys at hand; raises KeysError or CryptoError."""
        return log_keys_of(config, load_keys(config.keys_path)).list_keys()

    def rotate_vault_key(self, config: Config) -> str:
        """Add a vault key, make it the active one and return its name; raises KeysError."""
        return add_vault_key(config.keys_path)

    def migrate(self, config: Config) -> None:
        """Bring the database to the newest schema, creating it when it is not there."""
        migrate.upgrade(config.database_url)

    @contextmanager
    def open_runtime(
        self, config: Config, clock: Callable[[], datetime] | None = None
    ) -> Iterator[RuntimePort]:
        """Load the keys, open the database and give the two doors; closes both at the end.

        `clock` stands in for the machine's own, for a demo only; raises ConfigError for any other log.
        """
        if clock is not None:
            _check_rehearsal(config)
        runtime = build_runtime(config, clock=clock or utc_now)
        try:
            yield runtime
        finally:
            runtime.close()


def main() -> int:
    """Run the `kt1` command."""
    return run(Toolbox())
