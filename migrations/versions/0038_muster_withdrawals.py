"""Let a muster end without a result: who withdrew it, when and why; and its entry, a step of its own.

One that was withdrawn is not closed, so it has no partner; it stays withdrawn as what is closed stays closed.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
COLUMNS = ("withdrawn_by_id", "withdrawn_at", "withdrawn_reason")
WITHDRAWN = (
    "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)"
    " AND (withdrawn_at IS NULL) = (withdrawn_reason IS NULL)"
    " AND (withdrawn_at IS NULL OR closed_at IS NULL)"
)
WAS_OPEN, OPEN = "closed_at IS NULL", "closed_at IS NULL AND withdrawn_at IS NULL"
WAS_FINAL, FINAL = "OLD.closed_at IS NOT NULL", "OLD.closed_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL"
OLD_STEPS, STEPS = ("opened", "counted", "closed"), ("opened", "counted", "closed", "withdrawn")
GUARD = "musters_closed_for_good"


def upgrade() -> None:
    """Add the columns, and widen what is open, what is final and what is a step."""
    sqlite = op.get_context().dialect.name == "sqlite"
    if sqlite:
        op.execute("ALTER TABLE musters ADD COLUMN withdrawn_by_id INTEGER")
        op.execute("ALTER TABLE musters ADD COLUMN withdrawn_at TEXT")
        op.execute(
            "ALTER TABLE musters ADD COLUMN withdrawn_reason TEXT"
            f" CONSTRAINT ck_musters_withdrawn CHECK ({WITHDRAWN})"
        )
    else:
        op.add_column("musters", sa.Column("withdrawn_by_id", KEY, nullable=True))
        op.add_column("musters", sa.Column("withdrawn_at", TIME, nullable=True))
        op.add_column("musters", sa.Column("withdrawn_reason", sa.Text(), nullable=True))
        op.create_check_constraint(op.f("ck_musters_withdrawn"), "musters", WITHDRAWN)
    _widen(OPEN, FINAL, STEPS, sqlite=sqlite)
    if not sqlite and _have_roles():
        op.execute(f"GRANT UPDATE ({', '.join(COLUMNS)}) ON musters TO kt1_app")


def downgrade() -> None:
    """Take the columns away, unless a muster was withdrawn: an older program would take it for open."""
    asked = "SELECT count(*) FROM musters WHERE withdrawn_at IS NOT NULL"
    if op.get_bind().exec_driver_sql(asked).scalar_one():
        raise RuntimeError("musters were withdrawn: an older program would not know of it")
    sqlite = op.get_context().dialect.name == "sqlite"
    _widen(WAS_OPEN, WAS_FINAL, OLD_STEPS, sqlite=sqlite)
    if not sqlite:
        op.drop_constraint("ck_musters_withdrawn", "musters")
    for column in reversed(COLUMNS):
        if sqlite:
            op.execute(f"ALTER TABLE musters DROP COLUMN {column}")
        else:
            op.drop_column("musters", column)


def _widen(is_open: str, is_final: str, steps: tuple[str, ...], *, sqlite: bool) -> None:
    where = sa.text(is_open)
    op.drop_index("ix_musters_open", table_name="musters")
    op.create_index("ix_musters_open", "musters", ["unit_id"], sqlite_where=where, postgresql_where=where)
    step = f"step IN ({', '.join(repr(one) for one in steps)})"
    if sqlite:
        keep = "BEGIN SELECT RAISE(ABORT, 'a muster keeps what it was, and ends once'); END"
        op.execute(f"DROP TRIGGER {GUARD}")
        op.execute(f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON musters WHEN {is_final} {keep}")
        _rebuild(step)
        return
    op.execute(f"DROP TRIGGER {GUARD} ON musters")
    op.execute(
        f"CREATE TRIGGER {GUARD} BEFORE UPDATE ON musters FOR EACH ROW WHEN ({is_final})"
        " EXECUTE FUNCTION kt1_refuse()"
    )
    op.execute(f"ALTER TABLE musters ENABLE ALWAYS TRIGGER {GUARD}")
    op.drop_constraint("ck_muster_entries_step", "muster_entries")
    op.create_check_constraint(op.f("ck_muster_entries_step"), "muster_entries", step)


def _rebuild(step: str) -> None:
    """Make the table anew with other steps, as SQLite changes no constraint; nothing refers to it."""
    op.create_table(
        "muster_entries_new",
        sa.Column("muster_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entry_idx", KEY, autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.CheckConstraint(step, name=op.f("ck_muster_entries_step")),
        sa.ForeignKeyConstraint(["muster_id"], ["musters.id"], name=op.f("fk_muster_entries_muster_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_muster_entries_user_id")),
        sa.PrimaryKeyConstraint("muster_id", "entry_idx", name=op.f("pk_muster_entries")),
        sqlite_strict=True,
    )
    op.execute(
        "INSERT INTO muster_entries_new (muster_id, entry_idx, step, user_id)"
        " SELECT muster_id, entry_idx, step, user_id FROM muster_entries"
    )
    op.drop_table("muster_entries")
    op.rename_table("muster_entries_new", "muster_entries")
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    taken = (
        "EXISTS (SELECT 1 FROM muster_entries WHERE muster_id = NEW.muster_id AND entry_idx = NEW.entry_idx)"
    )
    for name, rest in (
        ("no_update", "BEFORE UPDATE ON muster_entries"),
        ("no_delete", "BEFORE DELETE ON muster_entries"),
        ("no_replace", f"BEFORE INSERT ON muster_entries WHEN {taken}"),
    ):
        op.execute(f"CREATE TRIGGER muster_entries_{name} {rest} {refuse}")


def _have_roles() -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
