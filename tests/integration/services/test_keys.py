"""A new vault key: every sealed value follows, batch by batch, and the old key may go."""

from dataclasses import replace

import pytest

from app.services.items import search
from app.services.log import keys
from app.services.people import access
from audit.evidence import Purpose
from crypto.errors import VaultError
from crypto.vault import Vault
from tests.support.office import FORM, Office
from tests.support.town import RECEIVING

OLD, NEW = bytes(range(32)), bytes(range(1, 33))


def test_every_sealed_value_follows_the_new_key(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [office.register(document_numbers=f"{number}/X; {number}/Y") for number in range(5)]
    office.town.post(codes[:2])
    office.town.pass_on("chien", "binh", codes[:2], place=RECEIVING, purpose=Purpose.DELIVERY)
    an = office.actors["an"]

    office.town.tools = replace(office.town.tools, vault=Vault({"v1": OLD, "v2": NEW}, "v2"))
    assert office.read(search.search, {"document": "3/Y"}, actor=an).page.total == 1
    monkeypatch.setattr(keys, "_BATCH", 2)
    read: list[int] = []
    assert keys.reseal_all(office.write, read.append) == 5 * 3 + 2
    assert read == [2, 2, 1]
    assert keys.reseal_all(office.write) == 0
    latest = office.read(lambda uow: uow.audit.list_latest(limit=1))[0]
    assert latest.kind == "key_rotated"

    office.town.tools = replace(office.town.tools, vault=Vault({"v2": NEW}, "v2"))
    for code in codes:
        opened = office.read(access.get_record, code, actor=an).opened
        assert opened is not None
        assert opened.abstract == FORM["abstract"]
    assert office.read(search.search, {"document": "3/Y"}, actor=an).page.total == 1


def test_without_the_old_key_nothing_opens_before_the_move(office: Office) -> None:
    code = office.register()
    office.town.tools = replace(office.town.tools, vault=Vault({"v2": NEW}, "v2"))
    with pytest.raises(VaultError):
        office.read(access.get_record, code, actor=office.actors["an"])
    with pytest.raises(VaultError):
        keys.reseal_all(office.write)
