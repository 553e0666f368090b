"""Say who may do what: roles, permissions, and which consignments a person may know about.

Rules only. Every consignment a person sees is fetched through ``app/services/people/access.py``, which asks
these functions; nothing here may look anything up, and nobody else may repeat these rules.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.consignment import Consignment
from app.domain.ids import UnitId, UserId


class Role(StrEnum):
    """What a person is in KT1; exactly one each."""

    FOCAL_POINT = "focal_point"
    COURIER = "courier"
    CLERK = "clerk"
    AUDITOR = "auditor"
    MINISTRY_READER = "ministry_reader"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """One thing a person may or may not do; every route declares the one it needs."""

    OWN_ACCOUNT = "own_account"
    VIEW_HOME = "view_home"
    VIEW_COUNTS = "view_counts"
    REGISTER = "register"
    AMEND = "amend"
    CANCEL = "cancel"
    IMPORT = "import"
    PRINT_LABEL = "print_label"
    PRINT_SLIP = "print_slip"
    SCAN = "scan"
    HANDLE_BAG = "handle_bag"
    VIEW_BAG = "view_bag"
    ISSUE_SEALS = "issue_seals"
    VOID_SEAL = "void_seal"
    VIEW_SEALS = "view_seals"
    ENROL_OWN_DEVICE = "enrol_own_device"
    VIEW_CONSIGNMENT = "view_consignment"
    SEARCH = "search"
    READ_SEALED = "read_sealed"
    VIEW_ENTRY = "view_entry"
    VIEW_LOG = "view_log"
    EXPORT_LOG = "export_log"
    EXPORT_EVIDENCE = "export_evidence"
    PROPOSE_ERASURE = "propose_erasure"
    DECIDE_ERASURE = "decide_erasure"
    OPEN_INCIDENT = "open_incident"
    VIEW_INCIDENT = "view_incident"
    HANDLE_INCIDENT = "handle_incident"
    CLOSE_INCIDENT = "close_incident"
    HOLD_CODE = "hold_code"
    DECLARE_ERROR = "declare_error"
    DECIDE_CORRECTION = "decide_correction"
    MANAGE_USERS = "manage_users"
    MANAGE_UNITS = "manage_units"
    MANAGE_DEVICES = "manage_devices"
    VIEW_STANDARD = "view_standard"
    MANAGE_STANDARD = "manage_standard"
    VIEW_POLICY = "view_policy"
    MANAGE_POLICY = "manage_policy"
    FILE_RECEIPT = "file_receipt"
    VIEW_TRACERS = "view_tracers"
    ISSUE_TRACER = "issue_tracer"
    ANSWER_TRACER = "answer_tracer"
    MANAGE_RECEIVERS = "manage_receivers"
    ISSUE_AUTHORITY = "issue_authority"
    VIEW_AUTHORITY = "view_authority"
    VIEW_UNATTENDED = "view_unattended"
    ANSWER_UNATTENDED = "answer_unattended"
    REDIRECT = "redirect"
    KEEP_SHIFT = "keep_shift"
    VIEW_SHIFT = "view_shift"
    VIEW_HOLDINGS = "view_holdings"
    VIEW_LEG = "view_leg"
    PLAN_LEG = "plan_leg"
    VIEW_MUSTER = "view_muster"
    OPEN_MUSTER = "open_muster"
    DRAW_MUSTER = "draw_muster"
    VIEW_POUCH = "view_pouch"
    HANDLE_POUCH = "handle_pouch"
    RETIRE_POUCH = "retire_pouch"
    VIEW_ACCESS_KEY = "view_access_key"
    KEEP_ACCESS_KEY = "keep_access_key"
    VIEW_SECTION = "view_section"
    KEEP_SECTION = "keep_section"


# Those who carry for the postal service; their first take is the acceptance of the item.
POST = frozenset({Role.COURIER, Role.CLERK})

# What the service promises is no secret inside the house: whoever is measured by it may read it.
# What a handover asks of its two sides is none either: both must know it before they meet.
_EVERYONE = frozenset(
    {Permission.OWN_ACCOUNT, Permission.VIEW_HOME, Permission.VIEW_STANDARD, Permission.VIEW_POLICY}
)
_HANDLER = frozenset(
    {
        Permission.SCAN,
        Permission.ENROL_OWN_DEVICE,
        Permission.VIEW_CONSIGNMENT,
        Permission.SEARCH,
        Permission.VIEW_ENTRY,
        Permission.PRINT_SLIP,
        # Whoever has the item in hand sees first that something is wrong with it.
        Permission.OPEN_INCIDENT,
        # An office declares its own errors; nobody decides on one of theirs.
        Permission.DECLARE_ERROR,
        Permission.VIEW_TRACERS,
        Permission.ANSWER_TRACER,
        Permission.VIEW_HOLDINGS,
        # The paper one carries oneself, and for whoever is responsible the papers of the unit.
        Permission.VIEW_AUTHORITY,
        Permission.VIEW_UNATTENDED,
        # Whoever comes to a counter is told before that it is closed, and where to go.
        Permission.VIEW_SECTION,
    }
)
_POST = frozenset(
    {
        Permission.HANDLE_BAG,
        Permission.VIEW_BAG,
        Permission.VIEW_SEALS,
        Permission.KEEP_SHIFT,
        Permission.VIEW_SHIFT,
        Permission.VIEW_LEG,
        Permission.VIEW_MUSTER,
        Permission.VIEW_POUCH,
        # Whoever may hold a key of the office sees who has it, and stands by when it is changed.
        Permission.VIEW_ACCESS_KEY,
        Permission.KEEP_ACCESS_KEY,
    }
)
_INCIDENTS = frozenset(
    {
        Permission.VIEW_INCIDENT,
        Permission.HANDLE_INCIDENT,
        Permission.CLOSE_INCIDENT,
        Permission.HOLD_CODE,
    }
)
_GRANTS: dict[Role, frozenset[Permission]] = {
    Role.FOCAL_POINT: _EVERYONE
    | _HANDLER
    | {
        Permission.REGISTER,
        Permission.AMEND,
        Permission.CANCEL,
        Permission.IMPORT,
        Permission.PRINT_LABEL,
        Permission.READ_SEALED,
        # Of the agency's own items only, and of those only the entries that are its business.
        Permission.EXPORT_EVIDENCE,
        # Who made the document says that its data must go; who answers for no document decides (ADR 0006).
        Permission.PROPOSE_ERASURE,
        # The paper comes back to the sender, who alone can say that it is there.
        Permission.FILE_RECEIPT,
        Permission.VIEW_INCIDENT,
        Permission.ISSUE_TRACER,
        Permission.MANAGE_RECEIVERS,
        # An agency introduces its own people; the post's cards are issued by who carries nothing.
        Permission.ISSUE_AUTHORITY,
        Permission.ANSWER_UNATTENDED,
        Permission.REDIRECT,
    },
    Role.COURIER: _EVERYONE | _HANDLER | _POST,
    # A label torn on the way is replaced at the post office; the reprint is counted and gives its reason.
    Role.CLERK: _EVERYONE
    | _HANDLER
    | _POST
    | _INCIDENTS
    | {
        Permission.PRINT_LABEL,
        Permission.VOID_SEAL,
        Permission.PLAN_LEG,
        Permission.OPEN_MUSTER,
        Permission.ANSWER_UNATTENDED,
        Permission.HANDLE_POUCH,
        Permission.RETIRE_POUCH,
        Permission.KEEP_SECTION,
    },
    Role.AUDITOR: _EVERYONE
    | _INCIDENTS
    | {
        Permission.VIEW_CONSIGNMENT,
        Permission.SEARCH,
        Permission.VIEW_ENTRY,
        Permission.VIEW_LOG,
        Permission.VIEW_BAG,
        Permission.VIEW_SEALS,
        Permission.VIEW_SHIFT,
        Permission.VIEW_LEG,
        Permission.VIEW_MUSTER,
        Permission.OPEN_MUSTER,
        Permission.DRAW_MUSTER,
        Permission.VIEW_ACCESS_KEY,
        Permission.EXPORT_LOG,
        Permission.EXPORT_EVIDENCE,
        Permission.VIEW_COUNTS,
        Permission.DECIDE_ERASURE,
        Permission.OPEN_INCIDENT,
        Permission.DECLARE_ERROR,
        Permission.DECIDE_CORRECTION,
        Permission.VIEW_TRACERS,
        Permission.VIEW_HOLDINGS,
        Permission.VIEW_AUTHORITY,
        Permission.VIEW_UNATTENDED,
        Permission.ANSWER_UNATTENDED,
        Permission.VIEW_SECTION,
        Permission.VIEW_POUCH,
        # Who has no pouch is a second person like any other.
        Permission.RETIRE_POUCH,
    },
    Role.MINISTRY_READER: _EVERYONE | {Permission.VIEW_COUNTS},
    Role.ADMINISTRATOR: _EVERYONE
    | {
        Permission.MANAGE_USERS,
        Permission.MANAGE_UNITS,
        Permission.MANAGE_DEVICES,
        # A closed counter is a fact about an office, and names no consignment.
        Permission.VIEW_SECTION,
        # Who is measured by neither, and hands nothing over, enters them (ADR 0009).
        Permission.MANAGE_STANDARD,
        Permission.MANAGE_POLICY,
        Permission.ISSUE_SEALS,
        Permission.VIEW_SEALS,
        Permission.ISSUE_AUTHORITY,
        Permission.VIEW_AUTHORITY,
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whoever acts, as authenticated: `name_key` is :func:`app.domain.text.name_key` of the full name."""

    user: UserId
    unit: UnitId
    role: Role
    active: bool
    name_key: str


def may(role: Role, permission: Permission) -> bool:
    """Tell whether a role ever does this; which objects it does it to is asked separately."""
    return permission in _GRANTS[role]


def is_addressed_to(consignment: Consignment, actor: Actor) -> bool:
    """Tell whether a pending offer waits for this person, by name or through the unit."""
    offer = consignment.offer
    if offer is None or offer.to_unit != actor.unit or offer.by == actor.user:
        return False
    return offer.to_user is None or offer.to_user == actor.user


def may_see(consignment: Consignment, actor: Actor, *, was_custodian: bool) -> bool:
    """Tell whether the envelope's facts are for this person; `was_custodian` comes from the records."""
    match actor.role:
        case Role.FOCAL_POINT:
            # Until the post has accepted it, an item may still be withdrawn, and concerns its sender only.
            coming = actor.unit == consignment.recipient_unit and consignment.accepted_at is not None
            return coming or actor.unit == consignment.sender_unit
        case Role.COURIER | Role.CLERK:
            holds = consignment.custodian.user == actor.user
            return holds or was_custodian or is_addressed_to(consignment, actor)
        case Role.AUDITOR:
            return True
        case Role.MINISTRY_READER | Role.ADMINISTRATOR:
            return False


def may_list_holdings(actor: Actor, *, user: UserId | None, unit: UnitId | None) -> bool:
    """Tell whether what a person of a unit holds or held is for this person to know; None: any.

    Post people see their own hands only, an agency sees the hands of its own people.
    """
    match actor.role:
        case Role.FOCAL_POINT:
            return unit == actor.unit
        case Role.COURIER | Role.CLERK:
            return user == actor.user
        case Role.AUDITOR:
            return True
        case Role.MINISTRY_READER | Role.ADMINISTRATOR:
            return False


def may_read_sealed(consignment: Consignment, actor: Actor) -> bool:
    """Tell whether abstract, named receiver and document numbers are for this person: the two parties only.

    The recipient reads them once the item is theirs; until then the paper in the envelope is the only copy
    that the recipient is owed. What is for one named person is read there by that person alone, who took it.
    """
    if not may(actor.role, Permission.READ_SEALED):
        return False
    if actor.unit == consignment.sender_unit:
        return True
    if actor.unit != consignment.recipient_unit or not consignment.is_delivered:
        return False
    return not consignment.named_only or consignment.custodian.user == actor.user
