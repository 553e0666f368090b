"""Give PostgreSQL its three roles: kt1_owner owns, kt1_app appends, kt1_reader reads.

Roles belong to the whole cluster, so they are made where they are missing and never dropped. Where the login
that migrates may not make roles, an administrator makes them first (``docs/operations.md``); without them
this revision changes nothing and the application refuses to start. SQLite has no roles: there the
connection's authorizer stands in their place.

This revision is history: it must never import anything of ours, and never change.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

APPENDED = (
    "audit_log, audit_items, scans, holdings, deliveries, register_entries, label_prints, import_batches"
)
KEPT = "units, users, devices, consignments, register_series, code_series"
PUBLIC_TO_READERS = (
    "audit_log, audit_items, audit_head, units, consignments, holdings, deliveries, register_series,"
    " register_entries, label_prints, import_batches"
)

MAKE_ROLE = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') AND
     (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    CREATE ROLE {role} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of this cluster was faster
END $$
"""

OWN = """
DO $$ DECLARE thing record; BEGIN
  IF NOT pg_has_role(current_user, 'kt1_owner', 'MEMBER') THEN
    EXECUTE format('GRANT kt1_owner TO %I', current_user);
  END IF;
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO kt1_owner', current_schema());
  FOR thing IN SELECT c.relname, c.relkind FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
      AND c.relname <> 'alembic_version'
  LOOP
    EXECUTE format('ALTER TABLE %I OWNER TO kt1_owner', thing.relname);
  END LOOP;
  FOR thing IN SELECT p.proname FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'kt1\\_%'
  LOOP
    EXECUTE format('ALTER FUNCTION %I() OWNER TO kt1_owner', thing.proname);
  END LOOP;
END $$
"""

DISOWN = """
DO $$ DECLARE thing record; BEGIN
  FOR thing IN SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
      AND c.relowner = to_regrole('kt1_owner')
  LOOP
    EXECUTE format('ALTER TABLE %I OWNER TO %I', thing.relname, current_user);
  END LOOP;
  FOR thing IN SELECT p.proname FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'kt1\\_%'
  LOOP
    EXECUTE format('ALTER FUNCTION %I() OWNER TO %I', thing.proname, current_user);
  END LOOP;
END $$
"""


def upgrade() -> None:
    """Make the roles, hand over the tables, grant the least that works."""
    if op.get_context().dialect.name != "postgresql":
        return
    for role in ("kt1_owner", "kt1_app", "kt1_reader"):
        op.execute(MAKE_ROLE.format(role=role))
    if not _have_roles():
        return
    op.execute(OWN)
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    for statement in (
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA {schema} TO kt1_app, kt1_reader",
        "GRANT SELECT ON alembic_version TO kt1_app, kt1_reader",
        f"GRANT SELECT, INSERT ON {APPENDED} TO kt1_app",
        "GRANT UPDATE (receiver_sealed) ON deliveries TO kt1_app",
        f"GRANT SELECT, INSERT, UPDATE ON {KEPT} TO kt1_app",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO kt1_app",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON login_attempts TO kt1_app",
        # Locking the head row needs UPDATE on one of its columns; the trigger says where it may move.
        "GRANT SELECT, UPDATE (size, leaf) ON audit_head TO kt1_app",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO kt1_app",
        f"GRANT SELECT ON {PUBLIC_TO_READERS} TO kt1_reader",
    ):
        op.execute(statement)


def downgrade() -> None:
    """Take the privileges back; the roles stay, other databases may use them."""
    if op.get_context().dialect.name != "postgresql" or not _have_roles():
        return
    op.execute(DISOWN)
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    for statement in (
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM kt1_owner, kt1_app, kt1_reader",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM kt1_owner, kt1_app, kt1_reader",
        f"REVOKE ALL ON SCHEMA {schema} FROM kt1_owner, kt1_app, kt1_reader",
    ):
        op.execute(statement)


def _have_roles() -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
