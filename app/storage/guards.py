"""The guards that the migrations put around what must not change: which, and by what names.

The one list of them. :mod:`app.storage.checks` demands each of these at start, and a test holds the list
against a freshly migrated database, so that a guard can neither be forgotten here nor dropped there.
"""

from collections.abc import Mapping
from typing import Final

# Each with a column of its key.
APPEND_ONLY: Final[Mapping[str, str]] = {
    "audit_log": "idx",
    "audit_items": "idx",
    "scans": "scan_id",
    "holdings": "entry_idx",
    "deliveries": "id",
    "register_entries": "number",
    "label_prints": "id",
    "import_batches": "id",
    "time_tokens": "hour_at",
    "service_standards": "version",
    "handover_policies": "version",
    "filed_receipts": "kind",
    "bag_holdings": "entry_idx",
    "manifests": "bag_id",
    "seal_uses": "seal_key",
    "incident_items": "code",
    "scan_marks": "entry_idx",
    "incident_units": "unit_id",
    "incident_notes": "number",
    "incident_entries": "entry_idx",
    "seal_issues": "id",
    "seal_voids": "seal_key",
    "tracers": "id",
    "tracer_answers": "tracer_id",
    "mandates": "id",
    "mandate_revocations": "mandate_id",
    "redirections": "id",
    "shift_lines": "code",
    "shift_entries": "entry_idx",
    "reliefs": "id",
    "relief_entries": "entry_idx",
    "leg_lines": "code",
    "leg_entries": "entry_idx",
    "key_ins": "scan_id",
    "key_in_uses": "scan_id",
    "witnessed_acts": "entry_idx",
    "authorities": "id",
    "authority_revocations": "authority_id",
    "muster_lines": "code",
    "muster_entries": "entry_idx",
    "unattended_steps": "id",
    "pouch_list_lines": "asset",
    "pouch_list_entries": "entry_idx",
    "pouch_list_cancellations": "list_id",
    "pouch_cancel_entries": "list_id",
    "access_key_steps": "id",
    "access_key_seals": "seal_key",
    "section_lines": "code",
    "section_seals": "seal_key",
}
# The log accepts the next number only, so nothing in it could be replaced; the head has one row that moves.
_ON_BOTH: Final = frozenset(
    {
        "audit_log_only_next",
        "audit_head_fits",
        # A device stays with the person and key it was enrolled with.
        "devices_fixed",
        "devices_enrolled_once",
        "devices_revoked_for_good",
        "devices_no_new_token",
        "devices_no_delete",
        # A value goes only after two persons said so, and never comes back.
        "erasures_fixed",
        "erasures_decided_once",
        "erasures_no_delete",
        "consignments_erased_for_good",
        "consignments_erased_by_two",
        # What became of a bag and of what lay in it stays recorded.
        "bags_fixed",
        "bags_emptied_for_good",
        "bags_no_delete",
        "packings_fixed",
        "packings_removed_once",
        "packings_no_delete",
        "witness_tickets_used_once",
        # An incident keeps what it was opened as, and what is closed stays closed.
        "incidents_fixed",
        "incidents_closed_for_good",
        "incidents_no_delete",
        # A hold is lifted once, by a second person.
        "holds_fixed",
        "holds_lifted_once",
        "holds_no_delete",
        # An error is declared once and decided by a second person.
        "corrections_fixed",
        "corrections_decided_once",
        "corrections_no_delete",
        # A shift keeps whose it was, and is closed once.
        "shifts_fixed",
        "shifts_closed_for_good",
        "shifts_no_delete",
        # A leg keeps what was planned and ends once; a vehicle is retired once.
        "legs_fixed",
        "legs_over_for_good",
        "legs_no_delete",
        "vehicles_fixed",
        "vehicles_retired_for_good",
        "vehicles_no_delete",
        # A muster keeps what was frozen, and is closed once.
        "musters_fixed",
        "musters_closed_for_good",
        "musters_no_delete",
        # A pouch stays its owner's and is written off once; a return is answered once.
        "pouches_fixed",
        "pouches_retired_for_good",
        "pouches_no_delete",
        "pouch_lists_fixed",
        "pouch_lists_received_once",
        "pouch_lists_no_delete",
        # A key of an office keeps what it is, and is retired once.
        "access_keys_fixed",
        "access_keys_retired_for_good",
        "access_keys_no_delete",
        # A closing of a section keeps what it was, and ends once.
        "section_closings_fixed",
        "section_closings_reopened_once",
        "section_closings_no_delete",
    }
)
_SQLITE_ONLY: Final = frozenset(
    {
        "audit_head_no_insert",
        "audit_head_no_delete",
        "devices_no_replace",
        "erasures_no_replace",
        "bags_no_replace",
        "packings_no_replace",
        "incidents_no_replace",
        "holds_no_replace",
        "corrections_no_replace",
        "shifts_no_replace",
        "legs_no_replace",
        "vehicles_no_replace",
        "musters_no_replace",
        "pouches_no_replace",
        "pouch_lists_no_replace",
        "access_keys_no_replace",
        "section_closings_no_replace",
    }
)
_POSTGRESQL_ONLY: Final = frozenset(
    {
        "audit_head_one_row",
        "audit_head_no_truncate",
        "devices_no_truncate",
        "erasures_no_truncate",
        "bags_no_truncate",
        "packings_no_truncate",
        "incidents_no_truncate",
        "holds_no_truncate",
        "corrections_no_truncate",
        "shifts_no_truncate",
        "legs_no_truncate",
        "vehicles_no_truncate",
        "musters_no_truncate",
        "pouches_no_truncate",
        "pouch_lists_no_truncate",
        "access_keys_no_truncate",
        "section_closings_no_truncate",
    }
)


def sqlite_triggers() -> frozenset[str]:
    """Name every trigger that a migrated SQLite file has."""
    refusing = {f"{table}_{kind}" for table in APPEND_ONLY for kind in ("no_update", "no_delete")}
    replacing = {f"{table}_no_replace" for table in APPEND_ONLY if table != "audit_log"}
    return _ON_BOTH | _SQLITE_ONLY | refusing | replacing


def postgresql_triggers() -> frozenset[str]:
    """Name every trigger that a migrated PostgreSQL database has; each must be ENABLE ALWAYS."""
    refusing = {f"{table}_{kind}" for table in APPEND_ONLY for kind in ("no_change", "no_truncate")}
    return _ON_BOTH | _POSTGRESQL_ONLY | refusing
