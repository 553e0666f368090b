"""Create the tables of bags: trips, holders, contents, manifests, dispatch numbers, spent seals, witnesses.

Holdings, manifests and spent seals are only ever added to. A line of contents is closed once, by the entry
that took the thing out. A bag's code, pouch and offices stay what they were.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
OFFER = ("offer_purpose", "offer_to_unit_id", "offer_place_id", "offer_by_id", "offered_at")
APPENDED = {
    "bag_holdings": "bag_id = NEW.bag_id AND entry_idx = NEW.entry_idx",
    "manifests": "bag_id = NEW.bag_id",
    "seal_uses": "seal_key = NEW.seal_key",
}
# Table, name, event, and when: what may not happen to rows that otherwise change.
GUARDS = (
    ("bags", "fixed", "UPDATE OF id, code, asset, origin_unit_id, destination_unit_id, started_at", ""),
    ("bags", "emptied_for_good", "UPDATE OF state", "OLD.state = 'emptied' AND NEW.state <> 'emptied'"),
    ("bags", "no_delete", "DELETE", ""),
    ("packings", "fixed", "UPDATE OF bag_id, code, packed_idx", ""),
    ("packings", "removed_once", "UPDATE OF removed_idx, mark", "OLD.removed_idx IS NOT NULL"),
    ("packings", "no_delete", "DELETE", ""),
    ("witness_tickets", "used_once", "UPDATE OF used_at", "OLD.used_at IS NOT NULL"),
)
REFUSE = "what became of a bag stays recorded"
TABLES = (
    "witness_tickets",
    "seal_uses",
    "dispatch_series",
    "manifests",
    "packings",
    "bag_holdings",
    "bags",
)


def upgrade() -> None:
    """Create the tables and put the guards up."""
    _bags()
    _contents()
    _series()
    op.add_column("consignments", sa.Column("bag_id", KEY, nullable=True))
    op.create_index(op.f("ix_consignments_bag_id"), "consignments", ["bag_id"], unique=False)
    if op.get_context().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def downgrade() -> None:
    """Drop the tables; refused where a bag was ever started: its contents would be in nobody's hands."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM bags LIMIT 1")).first() is not None:
        raise RuntimeError("bags were used by this schema: an older program would not know who holds them")
    op.drop_index(op.f("ix_consignments_bag_id"), table_name="consignments")
    op.drop_column("consignments", "bag_id")
    for table in TABLES:
        op.drop_table(table)


def _bags() -> None:
    optional = " AND ".join(f"(offer_nonce IS NULL) = ({name} IS NULL)" for name in OFFER)
    op.create_table(
        "bags",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        *(_text(name) for name in ("code", "asset")),
        sa.Column("origin_unit_id", KEY, nullable=False),
        sa.Column("destination_unit_id", KEY, nullable=False),
        _text("state"),
        sa.Column("custodian_user_id", KEY, nullable=False),
        sa.Column("custodian_unit_id", KEY, nullable=False),
        sa.Column("offer_nonce", sa.Text(), nullable=True),
        sa.Column("offer_purpose", sa.Text(), nullable=True),
        *(
            sa.Column(f"offer_{name}_id", KEY, nullable=True)
            for name in ("to_unit", "to_user", "place", "by")
        ),
        sa.Column("offered_at", TIME, nullable=True),
        sa.Column("outer_id", KEY, nullable=True),
        sa.Column("pieces", sa.Integer(), nullable=False),
        _text("seal"),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        *(
            sa.Column(f"dispatch_{name}", sa.Integer(), nullable=True)
            for name in ("year", "number", "serial")
        ),
        sa.Column("dispatch_last", FLAG, nullable=True),
        _text("manifest"),
        sa.Column("started_at", TIME, nullable=False),
        *(sa.Column(name, TIME, nullable=True) for name in ("closed_at", "opened_at", "emptied_at")),
        _text("item_head"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_bag_checks(optional),
        sa.ForeignKeyConstraint(["origin_unit_id"], ["units.id"], name=op.f("fk_bags_origin_unit_id")),
        sa.ForeignKeyConstraint(
            ["destination_unit_id"], ["units.id"], name=op.f("fk_bags_destination_unit_id")
        ),
        sa.ForeignKeyConstraint(["custodian_user_id"], ["users.id"], name=op.f("fk_bags_custodian_user_id")),
        sa.ForeignKeyConstraint(["custodian_unit_id"], ["units.id"], name=op.f("fk_bags_custodian_unit_id")),
        sa.ForeignKeyConstraint(["outer_id"], ["bags.id"], name=op.f("fk_bags_outer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bags")),
        sa.UniqueConstraint("code", name=op.f("uq_bags_code")),
        sqlite_strict=True,
    )
    dispatch = ["dispatch_year", "dispatch_number", "dispatch_serial"]
    for columns, unique in (
        (["outer_id"], False),
        (["custodian_user_id", "state"], False),
        (["offer_to_unit_id"], False),
        (["asset", "state"], False),
        (["origin_unit_id", "state"], False),
        (["destination_unit_id", "state"], False),
        (["origin_unit_id", "destination_unit_id", *dispatch], True),
    ):
        op.create_index(op.f(f"ix_bags_{'_'.join(columns)}"), "bags", columns, unique=unique)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def _bag_checks(optional: str) -> list[sa.CheckConstraint]:
    rules = {
        "state": "state IN ('open', 'closed', 'opened', 'emptied')",
        "offer_whole": f"{optional} AND (offer_nonce IS NOT NULL OR offer_to_user_id IS NULL)",
        "offered_closed": "offer_nonce IS NULL OR state = 'closed'",
        "closed_whole": "(state = 'open') = (closed_at IS NULL) AND (closed_at IS NULL) = (seal = '')"
        " AND (closed_at IS NULL) = (manifest = '') AND (closed_at IS NULL) = (weight_g = 0)"
        " AND (closed_at IS NULL) = (dispatch_number IS NULL)",
        "dispatch_whole": "(dispatch_number IS NULL) = (dispatch_year IS NULL)"
        " AND (dispatch_number IS NULL) = (dispatch_serial IS NULL)"
        " AND (dispatch_number IS NULL) = (dispatch_last IS NULL)",
        "opened": "(state IN ('opened', 'emptied')) = (opened_at IS NOT NULL)",
        "emptied": "(state = 'emptied') = (emptied_at IS NOT NULL)",
        "emptied_empty": "state <> 'emptied' OR pieces = 0",
        "two_offices": "origin_unit_id <> destination_unit_id",
        "outer": "outer_id IS NULL OR (outer_id <> id AND state = 'closed')",
        "amounts": "pieces >= 0 AND weight_g >= 0",
        "item_head": "length(item_head) IN (0, 64)",
    }
    return [sa.CheckConstraint(rule, name=op.f(f"ck_bags_{name}")) for name, rule in rules.items()]


def _contents() -> None:
    op.create_table(
        "bag_holdings",
        *(sa.Column(name, KEY, nullable=False) for name in ("bag_id", "entry_idx", "user_id", "unit_id")),
        sa.PrimaryKeyConstraint("bag_id", "entry_idx", name=op.f("pk_bag_holdings")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_bag_holdings_user_id_bag_id"), "bag_holdings", ["user_id", "bag_id"])
    op.create_table(
        "packings",
        sa.Column("bag_id", KEY, nullable=False),
        _text("code"),
        sa.Column("packed_idx", KEY, nullable=False),
        sa.Column("removed_idx", KEY, nullable=True),
        sa.Column("mark", sa.Text(), nullable=True),
        sa.CheckConstraint("(removed_idx IS NULL) = (mark IS NULL)", name=op.f("ck_packings_removed_whole")),
        sa.CheckConstraint(
            "removed_idx IS NULL OR removed_idx > packed_idx OR mark = 'excess'",
            name=op.f("ck_packings_removed_later"),
        ),
        sa.PrimaryKeyConstraint("bag_id", "code", "packed_idx", name=op.f("pk_packings")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_packings_code"), "packings", ["code"])
    op.create_table(
        "manifests",
        sa.Column("bag_id", KEY, nullable=False),
        sa.Column("entry_idx", KEY, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("bag_id", name=op.f("pk_manifests")),
        sqlite_strict=True,
    )


def _series() -> None:
    op.create_table(
        "dispatch_series",
        sa.Column("origin_unit_id", KEY, nullable=False),
        sa.Column("destination_unit_id", KEY, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("year", "last_number", "last_serial")),
        sa.Column("is_complete", FLAG, nullable=False),
        sa.CheckConstraint("last_number >= 0 AND last_serial >= 0", name=op.f("ck_dispatch_series_amounts")),
        sa.ForeignKeyConstraint(
            ["origin_unit_id"], ["units.id"], name=op.f("fk_dispatch_series_origin_unit_id")
        ),
        sa.ForeignKeyConstraint(
            ["destination_unit_id"], ["units.id"], name=op.f("fk_dispatch_series_destination_unit_id")
        ),
        sa.PrimaryKeyConstraint(
            "origin_unit_id", "destination_unit_id", "year", name=op.f("pk_dispatch_series")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "seal_uses",
        _text("seal_key"),
        sa.Column("bag_id", KEY, nullable=False),
        sa.Column("used_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("seal_key", name=op.f("pk_seal_uses")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_seal_uses_bag_id"), "seal_uses", ["bag_id"])
    op.create_table(
        "witness_tickets",
        *(_text(name) for name in ("nonce", "subject")),
        sa.Column("actor_id", KEY, nullable=False),
        sa.Column("witness_id", KEY, nullable=False),
        sa.Column("granted_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.CheckConstraint("actor_id <> witness_id", name=op.f("ck_witness_tickets_two_persons")),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_witness_tickets_actor_id")),
        sa.ForeignKeyConstraint(["witness_id"], ["users.id"], name=op.f("fk_witness_tickets_witness_id")),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_witness_tickets")),
        sqlite_strict=True,
    )


def _guard_sqlite() -> None:
    append_only = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    for table, key in APPENDED.items():
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {key})"  # noqa: S608  # constants of this file
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {append_only}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {append_only}")
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {append_only}")
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSE}'); END"
    for table, name, event, when in GUARDS:
        condition = f"WHEN {when}" if when else ""
        op.execute(f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} {condition} {refuse}")
    for table, key in (
        ("bags", "id = NEW.id OR code = NEW.code"),
        ("packings", "bag_id = NEW.bag_id AND code = NEW.code AND packed_idx = NEW.packed_idx"),
    ):
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {key})"  # noqa: S608  # constants of this file
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}")


def _guard_postgresql() -> None:
    for table in APPENDED:
        _always(table, "no_change", "BEFORE DELETE OR UPDATE", each="ROW")
        _always(table, "no_truncate", "BEFORE TRUNCATE", each="STATEMENT")
    for table, name, event, when in GUARDS:
        _always(table, name, f"BEFORE {event}", each=f"ROW{f' WHEN ({when})' if when else ''}")
    for table in ("bags", "packings"):
        _always(table, "no_truncate", "BEFORE TRUNCATE", each="STATEMENT")
    if not _have_roles():
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} OWNER TO kt1_owner")
    op.execute(f"GRANT SELECT, INSERT ON {', '.join(APPENDED)} TO kt1_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON bags, dispatch_series TO kt1_app")
    op.execute("GRANT SELECT, INSERT, UPDATE (removed_idx, mark) ON packings TO kt1_app")
    op.execute("GRANT SELECT, INSERT, UPDATE (used_at) ON witness_tickets TO kt1_app")
    op.execute("GRANT USAGE ON SEQUENCE bags_id_seq TO kt1_app")
    readers = "bags, bag_holdings, packings, manifests, dispatch_series, seal_uses"
    op.execute(f"GRANT SELECT ON {readers} TO kt1_reader")


def _always(table: str, name: str, event: str, *, each: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_{name} {event} ON {table} FOR EACH {each} EXECUTE FUNCTION kt1_refuse()"
    )
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}")


def _have_roles() -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
