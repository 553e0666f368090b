"""The trust file from the page is the one from the console: everybody it must name, and the same bytes."""

from pathlib import Path

import pytest

from app.cli.main import run
from app.factory import Toolbox
from app.services.people import devices
from app.services.people.devices import Revocation, RevocationReason
from audit.trust_file import load_trust
from crypto.time_token import read_certificates
from tests.support import tlog
from tests.support.device import enrol
from tests.support.installation import installed
from tests.support.time_authority import TimeAuthority


def test_page_and_console_give_the_same_trust_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, policy = TimeAuthority(tmp_path / "authority"), tmp_path / "policy"
    policy.write_text(f"witness w {tlog.W1.key.to_text()}\nquorum w\n")
    var, file = tmp_path / "var", tmp_path / "trust.json"
    with installed(var, witness_policy=policy, time_authority_certs=authority.root) as house:
        device = enrol(house, "an.nguyen")
        size = house.runtime.read(lambda uow: uow.audit.head().size)
        why = Revocation(reason=RevocationReason.STOLEN, as_of=size)
        house.runtime.write(devices.revoke, device.signer.key_id, actor=None, why=why)
        browser = house.browser("giang")
        answer = browser.get("/log/trust.json")
        assert answer.status_code == 200
        downloaded = answer.data
    monkeypatch.setenv("KT1_DATA_DIR", str(var))
    monkeypatch.setenv("KT1_WITNESS_POLICY", str(policy))
    monkeypatch.setenv("KT1_TIME_AUTHORITY_CERTS", str(authority.root))
    assert run(Toolbox(), ("keys", "trust", str(file))) == 0
    assert file.read_bytes() == downloaded
    trust = load_trust(file)
    assert [(item.key_id, item.until) for item in trust.revoked_devices] == [(device.signer.key_id, size)]
    assert [item.key for item in trust.witnesses.witnesses] == [tlog.W1.key]
    assert len(trust.checkpoint_keys) == 2
    assert trust.time_authorities == read_certificates(authority.root.read_bytes())
