"""Run the revisions on the connection that ``app/storage/migrate.py`` hands over.

This file and the revisions must never import anything of ours: history stays runnable when the code moves on.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
