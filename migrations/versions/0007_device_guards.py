"""Fix a device to the person and key it was enrolled with, whoever holds the connection.

A scan is believed because its device was enrolled for a person, in an entry of the log. Whoever could write
another person or key into the row would sign as somebody else, or let the token of their own device act as
the victim. So identity, key, owner and enrolment never change, a revocation is never taken back, and a token
is only ever taken away. The server then compares a scan with the row and need not read the entry each time.

This revision is history: it must never import anything of ours, and never change.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

# Name, what a statement does, when it is refused.
GUARDS = (
    ("devices_fixed", "UPDATE OF id, key_id, public_key, user_id, enrolled_at", ""),
    ("devices_enrolled_once", "UPDATE OF enrolled_index", "OLD.enrolled_index <> -1"),
    ("devices_revoked_for_good", "UPDATE OF revoked_at", "OLD.revoked_at IS NOT NULL"),
    ("devices_no_new_token", "UPDATE OF token_hash", "NEW.token_hash IS NOT NULL"),
    ("devices_no_delete", "DELETE", ""),
)
WRITABLE = "enrolled_index, revoked_at, token_hash"


def upgrade() -> None:
    """Put the guards up."""
    sqlite = op.get_context().dialect.name == "sqlite"
    for name, event, when in GUARDS:
        condition = f" WHEN ({when})" if when else ""
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON devices{condition}"
                " BEGIN SELECT RAISE(ABORT, 'a device stays what it was enrolled as'); END"
            )
        else:
            _always(name, f"BEFORE {event} ON devices FOR EACH ROW{condition}")
    if sqlite:
        # REPLACE deletes without asking the trigger above when a connection turns recursive_triggers off.
        op.execute(
            "CREATE TRIGGER devices_no_replace BEFORE INSERT ON devices WHEN EXISTS (SELECT 1 FROM devices"
            " WHERE id = NEW.id OR key_id = NEW.key_id OR token_hash = NEW.token_hash)"
            " BEGIN SELECT RAISE(ABORT, 'a device stays what it was enrolled as'); END"
        )
        return
    _always("devices_no_truncate", "BEFORE TRUNCATE ON devices FOR EACH STATEMENT")
    if _have_app():
        op.execute("REVOKE UPDATE ON devices FROM kt1_app")
        op.execute(f"GRANT UPDATE ({WRITABLE}) ON devices TO kt1_app")


def downgrade() -> None:
    """Take the guards down."""
    sqlite = op.get_context().dialect.name == "sqlite"
    names = [name for name, _, _ in GUARDS] + ["devices_no_replace" if sqlite else "devices_no_truncate"]
    for name in names:
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON devices")
    if _have_app():
        op.execute(f"REVOKE UPDATE ({WRITABLE}) ON devices FROM kt1_app")
        op.execute("GRANT UPDATE ON devices TO kt1_app")


def _always(name: str, rest: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {rest} EXECUTE FUNCTION kt1_refuse()")
    op.execute(f"ALTER TABLE devices ENABLE ALWAYS TRIGGER {name}")


def _have_app() -> bool:
    if op.get_context().dialect.name != "postgresql":
        return False
    found = op.get_bind().exec_driver_sql("SELECT count(*) FROM pg_roles WHERE rolname = 'kt1_app'")
    return bool(found.scalar_one())
