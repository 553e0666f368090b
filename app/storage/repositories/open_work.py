"""What is still open, said so that both databases find it by an index that holds nothing else.

A partial index is used only where the question repeats its condition word for word, so the words are written
out here, once, and never bound. What is open stays little beside what is done, however long the log grows.
"""

from typing import Final

from sqlalchemy import ColumnElement, FromClause, Text, literal_column

from app.domain.bag import BagState
from app.domain.consignment import State
from app.storage.tables.bags import BAGS
from app.storage.tables.consignments import CONSIGNMENTS

OPEN_STATES: Final = frozenset(state for state in State if not state.is_final)
OPEN_BAG_STATES: Final = frozenset(state for state in BagState if not state.is_final)


def is_open_item(items: FromClause = CONSIGNMENTS) -> ColumnElement[bool]:
    """Say that an item is not final."""
    written = [literal_column(f"'{state}'", Text) for state in State if not state.is_final]
    return items.c.state.in_(written)


def is_ended_item(items: FromClause = CONSIGNMENTS) -> ColumnElement[bool]:
    """Say that an item is final, whatever its end."""
    written = [literal_column(f"'{state}'", Text) for state in State if state.is_final]
    return items.c.state.in_(written)


def is_open_bag(bags: FromClause = BAGS) -> ColumnElement[bool]:
    """Say that a trip is not over."""
    written = [literal_column(f"'{state}'", Text) for state in BagState if not state.is_final]
    return bags.c.state.in_(written)


def is_offered(things: FromClause) -> ColumnElement[bool]:
    """Say that an item or a bag waits for its taker."""
    return things.c.offer_nonce.is_not(None)
