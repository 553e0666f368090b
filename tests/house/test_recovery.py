"""Nothing that an installation can do may keep a restored backup read-only: every kind is done again."""

import pytest

from app.services.recovery.kinds import NEVER_IN_A_GAP, RESTORED
from audit.kinds import EntryKind


@pytest.mark.parametrize("kind", EntryKind)
def test_an_entry_of_every_kind_is_done_again_or_never_lies_in_a_gap(kind: EntryKind) -> None:
    assert (kind in RESTORED) != (kind in NEVER_IN_A_GAP), (
        f"{kind}: recovery_kinds.py must say who does it again"
    )


def test_every_exception_says_why() -> None:
    assert all(len(reason.split()) > 5 for reason in NEVER_IN_A_GAP.values())
