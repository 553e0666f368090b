"""Every setting is documented with its true default, and a wrong one stops the start with its name."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from config import Config, ConfigError
from tests.house.tree import ROOT

ROW = re.compile(r"^\| `(KT1_[A-Z0-9_]+)` \| (.+?) \| (.+) \|$", re.MULTILINE)
COMPUTED = {
    "KT1_DATABASE_URL",
    "KT1_KEYS_DIR",
    "KT1_TLOG_DIR",
    "KT1_CHECKPOINTS_DIR",
    "KT1_PROXY_HOPS",
    "KT1_PKCS11_MODULE",
    "KT1_PKCS11_PIN_FILE",
    "KT1_TIME_AUTHORITY_URL",
    "KT1_TIME_AUTHORITY_CERTS",
    "KT1_WITNESS_POLICY",
    "KT1_INCIDENT_STANDARDS",
}


def _documented() -> dict[str, str]:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    return {name: default for name, default, _ in ROW.findall(page)}


def test_every_field_is_documented_and_nothing_else() -> None:
    assert list(_documented()) == [f"KT1_{field.name.upper()}" for field in fields(Config)]


def test_the_documented_defaults_start_the_same_server() -> None:
    given = {name: text.strip("`") for name, text in _documented().items() if name not in COMPUTED}
    assert Config.from_env(given) == Config.from_env({}) == Config()


def test_other_variables_are_left_alone() -> None:
    assert Config.from_env({"PATH": "/bin", "KT2_HTTPS": "perhaps"}) == Config()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KT1_TRUSTED_HOSTX", "a"),
        ("KT1_TRUSTED_HOSTS", " , "),
        ("KT1_HTTPS", "perhaps"),
        ("KT1_HTTPS", "yes"),
        ("KT1_TRUSTED_HOSTS", "localhost,kt1.example"),
        ("KT1_TRUSTED_HOSTS", "127.0.0.1.example"),
        ("KT1_TRUSTED_HOSTS", "*.localhost.example"),
        ("KT1_PUBLISH_EVERY", "often"),
        ("KT1_PUBLISH_EVERY", "-1"),
        ("KT1_PROXY_HOPS", "1"),
        ("KT1_PROXY_HOPS", "-1"),
        ("KT1_PROXY_HOPS", "6"),
        ("KT1_INDICATOR", "RR"),
        ("KT1_INDICATOR", "zk"),
        ("KT1_COUNTRY", "Vietnam"),
        ("KT1_PROVINCE", "bắc ninh"),
        ("KT1_PROVINCE", "٢٤"),
        ("KT1_ORIGIN", "two words"),
        ("KT1_ORIGIN", "a+b"),
        ("KT1_ORIGIN", ""),
        ("KT1_TIMEZONE", "Mars/Olympus"),
        ("KT1_SESSION_IDLE_MINUTES", "0"),
        ("KT1_PEOPLE_BODY_BYTES", "1e6"),
        ("KT1_DATA_DIR", ""),
        ("KT1_TLOG_DIR", ""),
        ("KT1_CHECKPOINTS_DIR", ""),
        ("KT1_LOG_SIGNER", "yubikey"),
        ("KT1_LOG_SIGNER", "pkcs11"),
        ("KT1_PKCS11_MODULE", ""),
        ("KT1_PKCS11_TOKEN", ""),
        ("KT1_TIME_AUTHORITY_URL", "ftp://tsa.example"),
        ("KT1_TIME_AUTHORITY_URL", "http://tsa.example"),
        ("KT1_TIME_AUTHORITY_CERTS", ""),
        ("KT1_WITNESS_POLICY", ""),
        ("KT1_INCIDENT_STANDARDS", ""),
        ("KT1_PKCS11_TOKEN", "a label of a token that is too long"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Config.from_env({name: value})


def test_other_machines_are_served_over_tls_only() -> None:
    given = {"KT1_TRUSTED_HOSTS": "kt1.example", "KT1_HTTPS": "yes", "KT1_PROXY_HOPS": "1"}
    assert Config.from_env(given).trusted_hosts == ("kt1.example",)
    assert Config.from_env({"KT1_TRUSTED_HOSTS": "127.0.0.1,127.9.9.9,localhost,[::1]"}).https is False


def test_tls_needs_the_number_of_proxies() -> None:
    assert Config.from_env({"KT1_HTTPS": "yes", "KT1_PROXY_HOPS": "0"}).proxy_hops == 0


def test_a_token_needs_its_module_and_its_pin() -> None:
    given = {"KT1_LOG_SIGNER": "pkcs11", "KT1_PKCS11_MODULE": "/usr/lib/softhsm/libsofthsm2.so"}
    with pytest.raises(ConfigError, match="KT1_PKCS11_PIN_FILE"):
        Config.from_env(given)
    assert Config.from_env({**given, "KT1_PKCS11_PIN_FILE": "/run/kt1/pin"}).pkcs11_token == "kt1"


def test_the_database_lies_in_the_data_folder_unless_told_otherwise(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path)
    assert config.database_url == f"sqlite:///{tmp_path}/kt1.sqlite3"
    assert config.keys_path == tmp_path / "keys"
    assert Config(database_url="postgresql://kt1@db/kt1").database_url == "postgresql://kt1@db/kt1"
