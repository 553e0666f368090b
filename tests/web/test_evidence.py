"""Evidence from a page: parties get their item's, the auditor a period or an incident; each is an entry."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from app.services.log.publishing import publish
from audit import pack
from audit.checkpoint import read_head
from audit.entry import Entry, parse_entry
from tests.support import tlog
from tests.support.device import enrol
from tests.support.installation import Browser, Installation, installed

ABSTRACT = "Về việc kiểm tra đột xuất kho mật"
TODAY = "22/11/2026"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    policy = tmp_path / "policy"
    policy.write_text(f"witness w1 {tlog.W1.key.to_text()}\nquorum w1\n")
    with installed(tmp_path / "house", witness_policy=policy) as installation:
        yield installation


def hand_over(house: Installation) -> str:
    """Let a courier take an item from its sender; return its code."""
    sender, courier = enrol(house, "an.nguyen"), enrol(house, "chien")
    body = {
        "recipient_unit": "24.H02",
        "weight_g": 120,
        "secrecy": "C",
        "outer_envelope": True,
        "seal": "NP-77",
        "abstract": ABSTRACT,
        "confirm_duplicate": True,
    }
    made = sender.post("/api/v1/consignments", body).json  # type: ignore[arg-type]
    assert made is not None
    code = str(made["consignment"]["code"])
    offer = sender.offer(code, to="24.P01")
    sender.send(offer)
    taken = courier.send(courier.take(code, nonce=offer.nonce, place="24.H01", seal="NP-77")).json
    assert taken is not None
    assert taken["results"][0]["status"] == "accepted"
    return code


def cosign(house: Installation) -> None:
    """Publish the log as the witness has cosigned it."""
    published = house.runtime.published
    shown = publish(house.runtime, published, clock=house.clock).checkpoint
    line = tlog.W1.sign(read_head(shown), time=tlog.NOW).to_line().encode()
    published.folder.publish_checkpoint(shown + line)
    published.store.keep_witnessed(shown + line)


def newest(house: Installation) -> Entry:
    """Return the last entry of the log."""
    (row,) = house.runtime.read(lambda uow: uow.audit.list_latest(limit=1))
    return parse_entry(row.data)


def checked(house: Installation, answer: TestResponse, folder: Path) -> str:
    """Run the packed verifier over what was downloaded; return what it said."""
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/zip"
    bundle, trust, packed = folder / "got.zip", folder / "trust.json", folder / "kt1-verify.pyz"
    bundle.write_bytes(answer.data)
    trust.write_bytes(house.browser("giang").get("/log/trust.json").data)
    packed.write_bytes(pack.pack())
    asked = [sys.executable, str(packed), "verify-evidence", str(bundle), "--trust", str(trust)]
    run = subprocess.run(asked, capture_output=True, check=False, text=True)
    assert (run.returncode, "GOOD" in run.stdout) == (0, True), run
    return run.stdout


def ask(browser: Browser, code: str, **form: str) -> TestResponse:
    return kept(browser.post(f"/consignments/{code}/evidence", form))


def kept(answer: TestResponse) -> TestResponse:
    """Read an answer to its end, and let go of the file that it came from."""
    answer.get_data()
    answer.close()
    return answer


def test_the_sender_gets_the_items_story_with_the_fields_it_may_read(
    house: Installation, tmp_path: Path
) -> None:
    code = hand_over(house)
    cosign(house)
    sender = house.browser("an.nguyen")
    assert "Kèm giá trị của các ô niêm kín" in sender.get(f"/consignments/{code}").text
    said = checked(house, ask(sender, code, with_fields="yes"), tmp_path)
    assert "1 disclosed" in said
    entry = newest(house)
    assert (entry.kind, entry.facts["code"], entry.facts["fields"]) == ("evidence_exported", code, 1)
    user = house.runtime.read(lambda uow: uow.users.find_by_username("an.nguyen"))
    assert user is not None
    assert entry.facts["actor"] == user.id
    answer = ask(sender, code)
    assert ABSTRACT.encode() not in answer.data
    assert newest(house).facts["fields"] == 0


def test_the_auditor_gets_any_items_story_and_no_sealed_value(house: Installation, tmp_path: Path) -> None:
    code = hand_over(house)
    cosign(house)
    auditor = house.browser("giang")
    page = auditor.get(f"/consignments/{code}").text
    assert "Xuất gói bằng chứng" in page
    assert "Kèm giá trị của các ô niêm kín" not in page
    answer = ask(auditor, code, with_fields="yes")
    assert "0 disclosed" in checked(house, answer, tmp_path)
    assert ABSTRACT.encode() not in answer.data


def test_another_agency_finds_nothing_and_a_courier_is_refused(house: Installation) -> None:
    code = hand_over(house)
    cosign(house)
    size = newest(house).index
    # On the way the recipient knows the item, and not one of its entries is the recipient's business.
    recipient = house.browser("binh")
    answer = ask(recipient, code)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/consignments/{code}")
    assert "đề nghị kiểm tra viên xuất gói" in recipient.get(f"/consignments/{code}").text
    assert ask(recipient, "ZK000000005VN").status_code == 404
    courier = house.browser("chien")
    assert "Xuất gói bằng chứng" not in courier.get(f"/consignments/{code}").text
    assert ask(courier, code).status_code == 403
    for stranger in ("an.nguyen", "chien"):
        assert house.browser(stranger).get("/log/evidence").status_code == 403
        assert house.browser(stranger).post("/log/evidence", {"first_day": TODAY}).status_code == 403
    assert newest(house).index == size


def test_an_agency_that_is_no_party_is_told_that_there_is_no_such_item(house: Installation) -> None:
    sender = enrol(house, "an.nguyen")
    made = sender.post("/api/v1/consignments", {"recipient_unit": "24.H02", "weight_g": 5}).json
    assert made is not None
    cosign(house)
    assert ask(house.browser("binh"), str(made["consignment"]["code"])).status_code == 404


def test_without_a_token_nothing_leaves_and_nothing_is_recorded(house: Installation) -> None:
    code = hand_over(house)
    cosign(house)
    size, auditor = newest(house).index, house.browser("giang")
    for path in (f"/consignments/{code}/evidence", "/log/evidence"):
        answer = auditor.client.post(path, base_url=auditor.origin, headers=auditor.own())
        assert answer.status_code == 403
    assert newest(house).index == size


def test_the_auditor_exports_a_period_and_an_incident(house: Installation, tmp_path: Path) -> None:
    code = hand_over(house)
    cosign(house)
    auditor, page = house.browser("giang"), "/log/evidence"
    size = newest(house).index + 1
    period = {"first_day": TODAY, "last_day": TODAY}
    said = checked(house, kept(auditor.post(page, period, page=page)), tmp_path)
    assert f"{size} " in said
    entry = newest(house)
    assert (entry.facts["scope"], entry.facts["from"]) == ("period", "2026-11-21T17:00:00.000Z")
    incident = {"reference": "SC-2026/07", "codes": f"{code}\n"}
    answer = kept(auditor.post(page, incident, page=page))
    checked(house, answer, tmp_path)
    with zipfile.ZipFile(tmp_path / "got.zip") as archive:
        # The registration, the offer and the take; beside them the two devices' enrolments.
        assert sum(name.startswith("entries/") for name in archive.namelist()) == 5
    entry = newest(house)
    assert (entry.facts["reference"], entry.facts["codes"]) == ("SC-2026/07", code)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "first_day"),
        ({"first_day": "hôm qua", "last_day": TODAY}, "first_day"),
        ({"first_day": TODAY}, "last_day"),
        ({"first_day": TODAY, "last_day": "21/11/2026"}, "last_day"),
        ({"first_day": "01/01/9999", "last_day": "31/12/9999"}, "last_day"),
        ({"first_day": "01/01/2020", "last_day": "02/01/2020"}, "first_day"),
        ({"reference": "SC-1"}, "codes"),
        ({"codes": "ZK000000005VN"}, "reference"),
        ({"reference": "SC-1", "codes": "ZK000000006VN"}, "codes"),
        ({"reference": "SC-1", "codes": "ZK000000005VN"}, "codes"),
    ],
)
def test_a_form_with_mistakes_comes_back_with_what_was_typed(
    house: Installation, form: dict[str, str], field: str
) -> None:
    enrol(house, "an.nguyen")
    cosign(house)
    auditor = house.browser("giang")
    answer = auditor.post("/log/evidence", form, page="/log/evidence")
    assert answer.status_code == 422
    assert f'href="#{field}-field"' in answer.text
    for typed in form.values():
        assert typed in answer.text


def test_what_is_not_published_yet_is_said_on_the_items_page(house: Installation) -> None:
    code = hand_over(house)
    sender = house.browser("an.nguyen")
    assert ask(sender, code).status_code == 303
    assert "Chưa có bản ghi nào ở đây được công bố" in sender.get(f"/consignments/{code}").text
    assert newest(house).kind == "handover_taken"


def test_a_receipt_comes_with_its_entry_to_whoever_may_have_the_bytes(house: Installation) -> None:
    code = hand_over(house)
    cosign(house)
    taken = newest(house)
    file = f"/entries/{taken.index}/stored.json"
    # Who took it signed these bytes; the sender may see every item in it and read the item's sealed fields.
    for username in ("chien", "an.nguyen", "giang"):
        browser = house.browser(username)
        assert browser.get(file).data == taken.data
        assert "Tải bản ghi đi kèm" in browser.get(f"/entries/{taken.index}").text
    # The recipient sees the item on its way, and gets the receipt, but not the seal number in the envelope.
    recipient = house.browser("binh")
    page = recipient.get(f"/entries/{taken.index}").text
    assert "Tải biên nhận" in page
    assert "NP-77" not in page
    assert "Tải bản ghi đi kèm" not in page
    assert recipient.get(file).status_code == 404
    assert recipient.get(f"/entries/{taken.index}/receipt.tlog-proof").status_code == 200
    # Another courier never held it.
    assert house.browser("khanh").get(file).status_code == 403
    assert code.encode() in taken.data


def incident_of(house: Installation, code: str) -> int:
    """Let the courier's office open an incident about an item, and publish it."""
    form = {"kind": "damaged", "codes": code, "text": "Bì ngoài rách một góc"}
    answer = house.browser("dung").post("/incidents", form, page="/incidents/new")
    assert answer.status_code == 303, answer.text
    cosign(house)
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def test_an_incident_has_a_button_that_gives_its_evidence(house: Installation, tmp_path: Path) -> None:
    code = hand_over(house)
    incident = incident_of(house, code)
    for username, form in (("giang", "codes"), ("an.nguyen", "entries")):
        browser, address = house.browser(username), f"/incidents/{incident}"
        assert f'action="{address}/bundle"' in browser.get(address).text
        answer = kept(browser.post(f"{address}/bundle", {}, page=address))
        checked(house, answer, tmp_path)
        entry = newest(house)
        assert (entry.kind, entry.facts["scope"]) == ("evidence_exported", "incident")
        # The auditor's is whole; a party's claims only the entries that it may have.
        assert form in entry.facts
    # Whoever handles it at the post office exports nothing, and gets no button either.
    clerk = house.browser("dung")
    assert "/bundle" not in clerk.get(f"/incidents/{incident}").text


def test_a_device_of_a_party_gets_the_evidence_of_an_incident(house: Installation, tmp_path: Path) -> None:
    code = hand_over(house)
    incident = incident_of(house, code)
    for username, status in (("an.nguyen", 200), ("chien", 403), ("binh", 409)):
        device = enrol(house, username)
        answer = kept(device.client.post(f"/api/v1/incidents/{incident}/evidence", headers=device.headers))
        assert answer.status_code == status, answer.text
        if status == 200:
            checked(house, answer, tmp_path)
