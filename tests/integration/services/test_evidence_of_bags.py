"""The evidence of an item tells who had each bag it lay in; a gap is found, and no item of others is told."""

from pathlib import Path

import pytest

from app.domain.access import Role
from app.domain.errors import Conflict
from app.services.evidence.evidence_scope import IncidentScope, ItemScope
from app.services.incidents.incident_evidence import scope_of_incident
from app.services.incidents.incidents import OpenIncident, open_incident
from app.services.log.published_log import PublishedLog
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.entry import Entry, parse_entry
from audit.errors import BadEntry
from audit.evidence import Mark, Purpose
from audit.evidence_bundle import read_evidence_bundle
from audit.evidence_scope import check_scope
from audit.kinds import EntryKind
from audit.verify_evidence import verify_evidence
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.evidence import made, trust_of
from tests.support.office import Office
from tests.support.post_town import OTHER_POST, PostTown
from tests.support.town import RECEIVING

RIDE = [
    EntryKind.BAG_PACKED,
    EntryKind.BAG_CLOSED,
    EntryKind.HANDOVER_OFFERED,
    EntryKind.HANDOVER_TAKEN,
    EntryKind.HANDOVER_OFFERED,
    EntryKind.HANDOVER_TAKEN,
    EntryKind.BAG_OPENED,
    EntryKind.BAG_ANSWERED,
]


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PostTown:
    """Settle a town with three post offices; the first has seals."""
    return PostTown(writer, clock, signer)


class _Office(Office):
    """The town's people, and an auditor."""

    def __init__(self, town: PostTown, reader: Reader) -> None:
        self.town = town
        self._reader = reader
        self.actors = {name: member.actor for name, member in town.people.items()}
        self.actors["auditor"] = self.employ("kiemtra", "Hoàng Kiểm", Role.AUDITOR)


@pytest.fixture
def office(town: PostTown, reader: Reader) -> Office:
    return _Office(town, reader)


def carried(town: PostTown, count: int = 1) -> tuple[str, list[str]]:
    """Let items travel in a bag to the other office and out of it again."""
    bag, codes = town.arrived(count)
    town.open_bag("giang", bag, witness="khanh")
    town.answer("giang", bag, dict.fromkeys(codes, Mark.RECEIVED))
    return bag, codes


def _folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def entries_in(path: Path) -> list[Entry]:
    opened = read_evidence_bundle(path)
    return [parse_entry(opened.files[f"entries/{index:012}.json"]) for index in opened.manifest.entries]


def test_evidence_of_an_item_includes_the_chain_of_the_bag_it_lay_in(
    town: PostTown, office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    bag, (code,) = carried(town)
    path = made(office, published, ItemScope(code=town.item(code).code), tmp_path)
    report = verify_evidence(path, trust_of(office))
    assert report.scope == {"kind": "consignment", "code": code, "bags": bag}
    naming = [entry.kind for entry in entries_in(path) if any(line.code == bag for line in entry.items)]
    # Neither the bag's beginning nor what became of it later is part of the item's way.
    assert naming == RIDE


def test_an_entry_of_the_bag_that_is_left_out_is_found(
    town: PostTown, office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    _, (code,) = carried(town)
    path = made(office, published, ItemScope(code=town.item(code).code), tmp_path)
    scope, entries = read_evidence_bundle(path).manifest.scope, entries_in(path)
    whole = check_scope(scope, entries)
    for gone in [entry for entry in entries if all(line.code != code for line in entry.items)]:
        with pytest.raises(BadEntry, match="left out"):
            check_scope(scope, [entry for entry in entries if entry is not gone])
    with pytest.raises(BadEntry, match="the bags are not those"):
        check_scope({**scope, "bags": "ZT000000005VN"}, [one for one in entries if code in str(one.data)])
    # Bundles from before bags belonged to them show the item's own chain, and are what they were.
    own = [entry for entry in entries if any(line.code == code for line in entry.items)]
    assert check_scope({"kind": "consignment", "code": code}, own) == len(own) < whole


def test_a_party_gets_who_had_the_bag_and_nothing_that_names_items_of_others(
    town: PostTown, office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    bag, codes = carried(town, 2)
    stranger = codes[1]
    town.pass_on("giang", "khanh", codes[:1], place=OTHER_POST)
    town.pass_on("khanh", "binh", codes[:1], place=RECEIVING, purpose=Purpose.DELIVERY)
    path = made(office, published, ItemScope(code=town.item(codes[0]).code), tmp_path, by="an")
    verify_evidence(path, trust_of(office))
    shown = entries_in(path)
    # An is the sender of both; what only its agency may read stays readable to it.
    assert {EntryKind.BAG_CLOSED, EntryKind.BAG_OPENED} <= {entry.kind for entry in shown}
    assert read_evidence_bundle(path).manifest.scope["bags"] == bag
    other = made(
        office, published, ItemScope(code=town.item(stranger).code), _folder(tmp_path, "other"), by="an"
    )
    assert verify_evidence(other, trust_of(office)).entries > 0


def test_while_the_bag_is_closed_a_party_gets_nothing_that_names_it(
    town: PostTown, office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    bag, (code,) = town.arrived(1)
    path = made(office, published, ItemScope(code=town.item(code).code), tmp_path, by="an")
    verify_evidence(path, trust_of(office))
    assert all(line.code != bag for entry in entries_in(path) for line in entry.items)
    assert "bags" not in read_evidence_bundle(path).manifest.scope


def test_an_incident_gives_its_evidence_to_the_auditor_whole_and_to_a_party_what_is_its_own(
    town: PostTown, office: Office, published: PublishedLog, tmp_path: Path
) -> None:
    bag, (code,) = carried(town)
    form = OpenIncident(untrusted_kind="damaged", untrusted_codes=f"{code} {bag}", untrusted_text="Bì rách")
    incident = office.write(open_incident, form, actor=office.actors["dung"])
    whole = office.read(scope_of_incident, incident.id, actor=office.actors["auditor"])
    assert whole == IncidentScope(reference=str(incident.number), codes=tuple(sorted({code, bag})))  # type: ignore[arg-type]
    report = verify_evidence(
        made(office, published, whole, _folder(tmp_path, "a"), by="auditor"), trust_of(office)
    )
    assert report.scope["codes"] == ",".join(sorted({code, bag}))
    theirs = office.read(scope_of_incident, incident.id, actor=office.actors["an"])
    path = made(office, published, theirs, _folder(tmp_path, "b"), by="an")
    assert "entries" in verify_evidence(path, trust_of(office)).scope
    assert all(line.code != bag for entry in entries_in(path) for line in entry.items)


def test_an_incident_of_no_item_is_nobodys_evidence_but_the_auditors(office: Office) -> None:
    form = OpenIncident(untrusted_kind="late", untrusted_codes="", untrusted_text="Trễ chuyến")
    incident = office.write(open_incident, form, actor=office.actors["an"])
    seen = office.read(scope_of_incident, incident.id, actor=office.actors["auditor"])
    assert seen.entries
    assert not seen.codes
    with pytest.raises(Conflict, match="entries_of_others"):
        office.read(scope_of_incident, incident.id, actor=office.actors["an"])
