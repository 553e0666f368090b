"""Create the register of pouches, filled from the trips there were, and the tables of returns of empties.

A pouch known from its trips belongs to the office of its first trip; whoever emptied it last has it. What is
written off stays so, an answered list too; lines and entries of a list are only ever added.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
# Of each table what must not meet a row that is there already.
APPEND_ONLY = {
    "pouch_list_lines": "list_id = NEW.list_id AND list = NEW.list AND asset = NEW.asset",
    "pouch_list_entries": "list_id = NEW.list_id AND entry_idx = NEW.entry_idx",
}
_SENT = "id, code, sender_unit_id, receiver_unit_id, year, number, sent_by_id, sent_at"
GUARDS = (
    ("pouches", "pouches_fixed", "UPDATE OF asset, owner_unit_id, entered_at, entered_by_id", ""),
    ("pouches", "pouches_retired_for_good", "UPDATE", "OLD.retired_at IS NOT NULL"),
    ("pouches", "pouches_no_delete", "DELETE", ""),
    ("pouch_lists", "pouch_lists_fixed", f"UPDATE OF {_SENT}", ""),
    ("pouch_lists", "pouch_lists_received_once", "UPDATE", "OLD.received_at IS NOT NULL"),
    ("pouch_lists", "pouch_lists_no_delete", "DELETE", ""),
)
SAME = {
    "pouches": "asset = NEW.asset",
    "pouch_lists": (
        "id = NEW.id OR code = NEW.code OR (sender_unit_id = NEW.sender_unit_id"
        " AND receiver_unit_id = NEW.receiver_unit_id AND year = NEW.year AND number = NEW.number)"
    ),
}
CHANGED = {
    "pouches": (
        "holder_unit_id, since_at, state, list_id, incident_id, proposed_by_id, proposed_reason, proposed_at,"
        " retired_at, retire_reason"
    ),
    "pouch_lists": "received_by_id, received_at",
}
FILL = """
INSERT INTO pouches (asset, owner_unit_id, holder_unit_id, since_at, entered_at, state)
SELECT f.asset, f.origin_unit_id,
       CASE WHEN l.state = 'emptied' THEN l.custodian_unit_id ELSE l.origin_unit_id END,
       COALESCE(l.emptied_at, l.started_at), f.started_at, 'held'
FROM bags f JOIN bags l ON l.asset = f.asset
WHERE f.id = (SELECT min(id) FROM bags WHERE asset = f.asset)
  AND l.id = (SELECT max(id) FROM bags WHERE asset = f.asset)
"""


def upgrade() -> None:
    """Create the tables, fill the register and put the guards up."""
    _lists()
    _pouches()
    op.execute(FILL)
    if op.get_context().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def downgrade() -> None:
    """Drop the tables, unless something was sent or written off: nobody may lose that by going back."""
    for asked in ("pouch_lists", "pouches WHERE proposed_at IS NOT NULL OR state <> 'held'"):
        if op.get_bind().exec_driver_sql(f"SELECT count(*) FROM {asked}").scalar_one():  # noqa: S608  # constants
            raise RuntimeError("pouches were sent or written off: an older program would not know of it")
    for table in (*reversed(APPEND_ONLY), "pouches", "pouch_lists", "pouch_series"):
        op.drop_table(table)


def _lists() -> None:
    op.create_table(
        "pouch_series",
        sa.Column("sender_unit_id", KEY, nullable=False),
        sa.Column("receiver_unit_id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_pouch_series_last_number")),
        *_references("pouch_series", sender_unit_id="units", receiver_unit_id="units"),
        sa.PrimaryKeyConstraint("sender_unit_id", "receiver_unit_id", "year", name=op.f("pk_pouch_series")),
        sqlite_strict=True,
    )
    op.create_table(
        "pouch_lists",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("sender_unit_id", KEY, nullable=False),
        sa.Column("receiver_unit_id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sent_by_id", KEY, nullable=False),
        sa.Column("sent_at", TIME, nullable=False),
        sa.Column("received_by_id", KEY, nullable=True),
        sa.Column("received_at", TIME, nullable=True),
        sa.CheckConstraint("sender_unit_id <> receiver_unit_id", name=op.f("ck_pouch_lists_two_offices")),
        sa.CheckConstraint(
            "(received_at IS NULL) = (received_by_id IS NULL)", name=op.f("ck_pouch_lists_received")
        ),
        sa.CheckConstraint("received_by_id <> sent_by_id", name=op.f("ck_pouch_lists_two_persons")),
        *_references(
            "pouch_lists",
            sender_unit_id="units",
            receiver_unit_id="units",
            sent_by_id="users",
            received_by_id="users",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pouch_lists")),
        sa.UniqueConstraint("code", name=op.f("uq_pouch_lists_code")),
        sa.UniqueConstraint(
            "sender_unit_id",
            "receiver_unit_id",
            "year",
            "number",
            name=op.f("uq_pouch_lists_sender_unit_id_receiver_unit_id_year_number"),
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_pouch_lists_receiver_unit_id_id"), "pouch_lists", ["receiver_unit_id", "id"])
    for table, column, words in (
        ("pouch_list_lines", "list", "'sent', 'received', 'missing', 'excess'"),
        ("pouch_list_entries", "step", "'sent', 'received'"),
    ):
        lines = column == "list"
        key = ("list_id", "list", "asset") if lines else ("list_id", "entry_idx")
        op.create_table(
            table,
            sa.Column("list_id", KEY, autoincrement=False, nullable=False),
            *([] if lines else [sa.Column("entry_idx", KEY, autoincrement=False, nullable=False)]),
            sa.Column(column, sa.Text(), nullable=False),
            *([sa.Column("asset", sa.Text(), nullable=False)] if lines else []),
            sa.CheckConstraint(f"{column} IN ({words})", name=op.f(f"ck_{table}_{column}")),
            *_references(table, list_id="pouch_lists"),
            sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")),
            sqlite_strict=True,
        )
    op.create_index(op.f("ix_pouch_list_lines_asset_list"), "pouch_list_lines", ["asset", "list"])


def _pouches() -> None:
    reasons = "('lost', 'worn', 'damaged')"
    op.create_table(
        "pouches",
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("owner_unit_id", KEY, nullable=False),
        sa.Column("holder_unit_id", KEY, nullable=False),
        sa.Column("since_at", TIME, nullable=False),
        sa.Column("entered_at", TIME, nullable=False),
        sa.Column("entered_by_id", KEY, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("list_id", KEY, nullable=True),
        sa.Column("incident_id", KEY, nullable=True),
        sa.Column("proposed_by_id", KEY, nullable=True),
        sa.Column("proposed_reason", sa.Text(), nullable=True),
        sa.Column("proposed_at", TIME, nullable=True),
        sa.Column("retired_at", TIME, nullable=True),
        sa.Column("retire_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('held', 'sent', 'missing', 'retired')", name=op.f("ck_pouches_state")),
        sa.CheckConstraint("(state = 'sent') = (list_id IS NOT NULL)", name=op.f("ck_pouches_sent")),
        sa.CheckConstraint(
            "(state = 'retired') = (retired_at IS NOT NULL)"
            " AND (retired_at IS NULL) = (retire_reason IS NULL)"
            f" AND (retire_reason IS NULL OR retire_reason IN {reasons})",
            name=op.f("ck_pouches_retired"),
        ),
        sa.CheckConstraint(
            "(proposed_by_id IS NULL) = (proposed_at IS NULL)"
            " AND (proposed_by_id IS NULL) = (proposed_reason IS NULL)"
            f" AND (proposed_reason IS NULL OR proposed_reason IN {reasons})",
            name=op.f("ck_pouches_proposed"),
        ),
        *_references(
            "pouches",
            owner_unit_id="units",
            holder_unit_id="units",
            entered_by_id="users",
            list_id="pouch_lists",
            incident_id="incidents",
            proposed_by_id="users",
        ),
        sa.PrimaryKeyConstraint("asset", name=op.f("pk_pouches")),
        sqlite_strict=True,
    )
    for column in ("owner_unit_id", "holder_unit_id"):
        op.create_index(op.f(f"ix_pouches_{column}"), "pouches", [column])


def _references(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, target in columns.items()
    ]


def _sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    for table, same in APPEND_ONLY.items():
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # constants of this file
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}")
    keep = "BEGIN SELECT RAISE(ABORT, 'pouches and their lists keep what they were, and end once'); END"
    for table, name, event, when in GUARDS:
        condition = f"WHEN {when}" if when else ""
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} {condition} {keep}")
    for table, same in SAME.items():
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # constants of this file
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {keep}")


def _postgresql() -> None:
    for table in APPEND_ONLY:
        _always(table, f"{table}_no_change", f"BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW")
        _always(table, f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT")
    for table, name, event, when in GUARDS:
        condition = f" WHEN ({when})" if when else ""
        _always(table, name, f"BEFORE {event} ON {table} FOR EACH ROW{condition}")
    for table in SAME:
        _always(table, f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT")
    if not _have_roles():
        return
    for table in (*APPEND_ONLY, *SAME, "pouch_series"):
        op.execute(f"ALTER TABLE {table} OWNER TO kt1_owner")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO kt1_app")
        op.execute(f"GRANT SELECT ON {table} TO kt1_reader")
    for table, columns in CHANGED.items():
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO kt1_app")
    op.execute("GRANT UPDATE ON pouch_series TO kt1_app")
    op.execute("GRANT USAGE ON SEQUENCE pouch_lists_id_seq TO kt1_app")


def _always(table: str, name: str, rest: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {rest} EXECUTE FUNCTION kt1_refuse()")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _have_roles() -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
