"""A gap between a backup and the loss of a database: all that an installation can do, and how to compare."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.domain.access import Role
from app.domain.acknowledgement import ReceiptKind, slip_code
from app.domain.ids import ConsignmentCode
from app.domain.service_standard import Standard
from app.services.bags import seals
from app.services.bags.seals import IssueSeals, VoidSeal
from app.services.intake import importing
from app.services.intake.importing import ImportList
from app.services.intake.preview import Mode
from app.services.items import erasures, labels, registration
from app.services.items.erasures import DecideErasure, ProposeErasure
from app.services.items.labels import LabelForm, PrintLabels
from app.services.items.registration import AmendConsignment, CancelConsignment
from app.services.log import keys, log
from app.services.owed import acknowledgements, standards
from app.services.owed.acknowledgements import FileReceipt
from app.services.owed.standards import PublishStandard, form_of
from app.services.people import accounts, authorities, devices, units
from app.services.people.accounts import ChangeAccount
from app.services.people.authorities import IssueAuthority, RevokeAuthority
from app.services.people.units import AddUnit, AmendUnit
from app.services.recovery.facts import Lost
from app.services.scans import policies
from app.services.scans.label_tails import MOST_WRONG
from app.services.scans.policies import PublishPolicy
from audit.entry import EntryDraft
from audit.evidence import Purpose
from audit.kinds import EntryKind
from crypto.digest import b64encode
from crypto.keys import generate_signing_key
from crypto.passwords import hash_password
from crypto.signer import FileSigner
from tests.support.office import FORM, Office
from tests.support.restored import Rows
from tests.support.town import POST, RECEIVING, SENDING, Member, Town, accept

SEALED = ("abstract_sealed", "receiver_sealed", "document_numbers_sealed")
# What people wrote: it was written or it was not; what it was is gone.
TEXTS = {"text_sealed", "placed_sealed", "lifted_sealed"}
# What the log does not hold: it comes back as lost, and the recovery names it.
NOT_LOGGED = {
    "users": {
        "username",
        "full_name",
        "name_key",
        "position",
        "password_hash",
        "must_change_password",
        "locale",
    },
    "devices": {"name", "token_hash"},
    "consignments": {"document_type", "document_date", "document_index", "version"},
    "deliveries": {"receiver_sealed"},
    "bags": {"version"},
    "import_batches": {"digest", "file_name"},
}
# The server reads its clock when a request comes and again at the seal: the log tells the second.
SERVERS_TIMES = {
    "offered_at",
    "accepted_at",
    "first_attempt_at",
    "closed_at",
    "recorded_at",
    "registered_at",
    "revoked_at",
    "enrolled_at",
    "created_at",
    "printed_at",
    "imported_at",
    "proposed_at",
    "started_at",
    "opened_at",
    "emptied_at",
    "used_at",
    "acknowledged_at",
    "published_at",
    "filed_at",
    "decided_at",
    "issued_at",
    "voided_at",
    "placed_at",
    "lifted_at",
    "noted_at",
    "reported_at",
    "resolved_at",
    "raised_at",
    "answered_at",
    "declared_at",
    "granted_at",
    "ordered_at",
}
SERVERS_TIMES_OF = {
    "access_keys": {"staff_left_at"},
    "access_key_steps": {"at"},
    "pouches": {"since_at", "entered_at"},
    "unattended_steps": {"since_at"},
}
# Keys that only tie rows together; what they tie is compared by its name in the log.
NUMBERS = {
    "consignment_id": "consignments",
    "unit_id": "units",
    "parent_id": "units",
    "bag_id": "bags",
    "outer_id": "bags",
    "issue_id": "seal_issues",
    "shift_id": "shifts",
    "previous_id": "shifts",
    "leg_id": "legs",
    "muster_id": "musters",
    "list_id": "pouch_lists",
    "relief_id": "reliefs",
    "incident_id": "incidents",
    "found_incident_id": "incidents",
    "closing_id": "section_closings",
    "authority_id": "authorities",
    "tracer_id": "tracers",
}
NUMBERS |= dict.fromkeys(
    (
        "sender_unit_id",
        "origin_unit_id",
        "destination_unit_id",
        "recipient_unit_id",
        "custodian_unit_id",
        "offer_to_unit_id",
        "offer_place_id",
        "place_id",
        "owner_unit_id",
        "holder_unit_id",
        "receiver_unit_id",
        "issuer_id",
        "to_unit_id",
        "from_unit_id",
        "instead_unit_id",
    ),
    "units",
)
CSV = "Ma co quan nhan,Độ mật,Số ký hiệu,Bì ngoài,Khối lượng (g)\n24.H02,C,{number}/BC,x,250\n"


@dataclass
class Gap:
    """What happened after the backup, by what the tests ask for later."""

    items: dict[str, ConsignmentCode] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)


def shown(rows: Rows) -> Rows:
    """Show every table by what its rows say, sorted: numbers by names, sealed values by whether they are."""
    named = ("consignments", "units", "bags", "shifts", "legs", "musters", "pouch_lists", "section_closings")
    names: dict[str, dict[object, object]] = {
        table: {row["id"]: row["code"] for row in rows[table]} for table in named
    }
    names["seal_issues"] = {
        row["id"]: (row["prefix"], row["width"], row["first_number"]) for row in rows["seal_issues"]
    }
    names["incidents"] = {row["id"]: (row["year"], row["number"]) for row in rows["incidents"]}
    names["reliefs"] = {
        row["id"]: (names["shifts"][row["shift_id"]], row["listed_at"]) for row in rows["reliefs"]
    }
    names["authorities"] = {row["id"]: row["number"] for row in rows["authorities"]}
    names["tracers"] = {row["id"]: (row["year"], row["step"], row["number"]) for row in rows["tracers"]}
    hidden = {"sessions", "login_attempts", "time_tokens", "witness_tickets"}
    return {
        table: sorted(
            ({name: _told(table, name, value, names) for name, value in row.items()} for row in found),
            key=repr,
        )
        for table, found in rows.items()
        if table not in hidden
    }


def _told(table: str, name: str, value: object, names: dict[str, dict[object, object]]) -> object:
    if name in NOT_LOGGED.get(table, ()) or (name == "id" and table != "users"):
        return None
    if table == "consignments" and name in SEALED:
        # An erased value is erased, one that was never given is not there, one that was lost was given.
        return "erased" if value == b"" else value is not None
    if name in SERVERS_TIMES or name in SERVERS_TIMES_OF.get(table, ()) or name in TEXTS:
        return value is not None
    if name in NUMBERS and value is not None:
        return names[NUMBERS[name]][value]
    return value


def bring_in(office: Office, number: int) -> ConsignmentCode:
    """Take a list of one row in."""
    file = CSV.format(number=number).encode()
    preview = importing.prepare(office.read, file, "danh-sach.csv", actor=office.actors["an"])
    assert preview.problems == (), preview.problems
    command = ImportList(preview=preview, mode=Mode.ALL_OR_NOTHING)
    return office.write(importing.import_list, command, actor=office.actors["an"]).codes[0]


def amend(office: Office, code: ConsignmentCode, **changes: str) -> None:
    version = office.read(lambda uow: uow.consignments.get_details(code)).consignment.version
    command = AmendConsignment(code=code, version=version, untrusted={**FORM, **changes})
    office.write(registration.amend, command, actor=office.actors["an"])


def erase(office: Office, code: ConsignmentCode, *, approve: bool) -> None:
    wish = ProposeErasure(
        code=code,
        untrusted_fields=("abstract",),
        untrusted_reason="misplaced_secret",
        untrusted_decision="12/QĐ-UBND",
    )
    office.write(erasures.propose, wish, actor=office.actors["an"])
    (one,) = office.read(erasures.list_erasures, actor=office.actors["giang"], is_open=True)
    command = DecideErasure(erasure=one.erasure.id, approve=approve)
    office.write(erasures.decide, command, actor=office.actors["giang"])


def hire(office: Office, username: str, full_name: str, role: Role, unit: str) -> None:
    """Give somebody an account and a device of their own."""
    actor = office.employ(username, full_name, role, unit)
    office.actors[username] = actor
    key = FileSigner(generate_signing_key())
    proof = key.sign(devices.challenge_text(office.town.tools.origin, actor.user, key.public_key.to_text()))
    command = devices.EnrolDevice(
        untrusted_name="Máy mới",
        untrusted_public_key=key.public_key.to_text(),
        untrusted_signature=b64encode(proof),
    )
    office.write(devices.enrol, command, actor=actor)
    office.town.people[username] = Member(actor=actor, full_name=full_name, device=key, unit=unit)


def issue_card(office: Office, name: str, number: str) -> int:
    """Let the administrator give a courier's card to somebody."""
    form = {"holder": str(office.actors[name].user), "number": number, "valid_until": "01/06/2027 00:00"}
    command = IssueAuthority(untrusted=form)
    return office.write(authorities.issue, command, actor=office.actors["khanh"])


def before_the_backup(office: Office) -> Gap:
    """Leave items of every kind that the gap goes on with."""
    gap = Gap()
    for name in ("erased", "kept", "refused", "amended", "untouched", "cancelled"):
        gap.items[name] = office.register()
    office.town.post([gap.items["erased"], gap.items["kept"], gap.items["refused"]])
    return gap


def live_on(office: Office, gap: Gap) -> None:
    """Do after the backup whatever an installation can do."""
    town, items = office.town, gap.items
    form = {"code": "24.H09", "kind": "agency", "name": "Sở Y tế", "province": "24", "commune": "07210"}
    new = office.write(units.add_unit, AddUnit(untrusted=form), actor=office.actors["khanh"])
    child = {**form, "code": "24.H10", "name": "Trung tâm", "parent": "24.H09"}
    office.write(units.add_units, [AddUnit(untrusted=child)], actor=None)
    moved = {name: value for name, value in form.items() if name != "code"} | {"address": "1 Đường Mới"}
    office.write(
        units.amend_unit,
        AmendUnit(unit=new, untrusted=moved, active=True),
        actor=office.actors["khanh"],
    )
    hire(office, "moi", "Ngô Văn Mới", Role.COURIER, POST)
    issue_card(office, "moi", "77/TGL")
    lost = issue_card(office, "duc", "78/TGL")
    back = RevokeAuthority(authority=lost, untrusted_reason="lost")
    office.write(authorities.revoke, back, actor=office.actors["khanh"])
    hire(office, "yen", "Bùi Thị Yên", Role.FOCAL_POINT, "24.H09")
    changed = {"full_name": "Lê Thị Mai Hoa", "role": "focal_point", "unit": RECEIVING}
    command = ChangeAccount(user=office.actors["mai"].user, untrusted=changed, active=True)
    office.write(accounts.change_account, command, actor=office.actors["khanh"])
    issued = accounts.IssuedPassword(text="x", hashed=hash_password("mật khẩu mới dài lắm"))
    office.write(
        accounts.reset_password,
        office.actors["hoa"].user,
        issued=issued,
        actor=office.actors["khanh"],
    )
    erase(office, items["erased"], approve=True)
    erase(office, items["refused"], approve=False)
    amend(office, items["amended"], abstract="", weight_g="999", seal="NP-9")
    cancel = CancelConsignment(code=items["cancelled"], untrusted_reason="Ghi nhầm nơi nhận")
    office.write(registration.cancel, cancel, actor=office.actors["an"])
    items["named"] = office.register(named_only="1")
    items["secret"] = office.register(secrecy="A", abstract="", inner_envelope="1")
    items["again"] = office.register(secrecy="A", abstract="", inner_envelope="1")
    amend(office, items["again"], secrecy="C")
    items["far"] = office.register(by="yen")
    items["listed"] = bring_in(office, 77)
    for reason in ("", "Rách nhãn"):
        command_ = PrintLabels(codes=(items["secret"],), form=LabelForm.A6, untrusted_reason=reason)
        office.write(labels.print_labels, command_, actor=office.actors["an"])
    both = [items["named"], items["secret"]]
    assert town.pass_on("an", "moi", both, place=SENDING, witness="hanh").status == "accepted"
    offer = town.offer("moi", both, to=RECEIVING, place=RECEIVING, purpose=Purpose.DELIVERY)
    town.send("moi", offer)
    # Mai is not the named receiver, Bình is.
    wrong = town.take("mai", offer.nonce, accept([items["named"]]), place=RECEIVING)
    assert town.send("mai", wrong).status == "refused"
    receive_before_a_witness(town, offer.nonce, both)
    owe(office, items["secret"])
    scan_otherwise(office, items["kept"])
    stock(office)
    office.write(log.record_export, actor=office.actors["giang"])
    device = office.read(lambda uow: uow.devices.list(user=office.actors["dung"].user))[0]
    office.write(devices.revoke, device.key_id, actor=office.actors["khanh"])


def stock(office: Office) -> None:
    """Issue seals to a post office, whose clerk spoils one of them."""
    issue = IssueSeals(untrusted_office=POST, untrusted_first="KT 0001", untrusted_last="kt0500")
    office.write(seals.issue, issue, actor=office.actors["khanh"])
    void = VoidSeal(untrusted_seal="kt 0007", untrusted_reason="spoiled")
    office.write(seals.void, void, actor=office.actors["dung"])


def receive_before_a_witness(town: Town, nonce: str, both: Sequence[ConsignmentCode]) -> None:
    """Take a list whose second item asks for a witness: refused alone and with guessed tails, then taken."""
    alone = town.take("binh", nonce, accept(both[1:]), place=RECEIVING)
    assert town.send("binh", alone).status == "refused"
    for tail in ("00000",) * (MOST_WRONG + 1):
        keyed = town.take("binh", nonce, accept([f"{both[1]}-{tail}"]), place=RECEIVING)
        assert town.send("binh", keyed).status == "refused"
    right = town.take("binh", nonce, accept(both), place=RECEIVING, witness="mai")
    town.stand_by("binh", right, "mai")
    assert town.send("binh", right).status == "accepted"


def owe(office: Office, code: ConsignmentCode) -> None:
    """Publish a service standard and a handover policy, and file the slip of a delivery."""
    form = form_of(load_standards_of(office)) | {"source": "QĐ 1/2026", "valid_from": "01/01/2030 08:00"}
    office.write(standards.publish, PublishStandard(untrusted=form), actor=office.actors["khanh"])
    latest = office.read(policies.list_policies, actor=office.actors["khanh"])[0]
    asked = policies.form_of(latest) | {"source": "QĐ 2/2026", "valid_from": "01/01/2030 08:00"}
    office.write(policies.publish, PublishPolicy(untrusted=asked), actor=office.actors["khanh"])
    slip = office.town.tools.label_keys.qr_text(slip_code(ReceiptKind.DELIVERED, code))
    office.write(acknowledgements.file_receipt, FileReceipt(untrusted_slip=slip), actor=office.actors["an"])


def load_standards_of(office: Office) -> Standard:
    """Return the newest version of the service standard."""
    return office.read(standards.load_standards)[0]


def scan_otherwise(office: Office, code: ConsignmentCode) -> None:
    """Offer, recall, try in vain, and send one scan again with other contents; change the vault's key."""
    town = office.town
    offer = town.offer("chien", [code])
    town.send("chien", offer)
    assert town.send("chien", replace(offer, seq=offer.seq + 9)).status == "conflict"
    assert town.send("chien", town.recall("chien", offer.nonce, [code])).status == "accepted"
    assert town.send("chien", town.attempt("chien", [code])).status == "accepted"
    office.write(keys.record_rotation, 1)
    exported = EntryDraft(kind=EntryKind.EVIDENCE_EXPORTED, facts={"scope": "period", "fields": 0})
    town.do(lambda uow: uow.audit.append(exported))
