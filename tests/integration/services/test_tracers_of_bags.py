"""An overdue item in a closed bag is traced where the bag is, not where the item was packed."""

from datetime import timedelta

import pytest

from app.services.owed import tracers
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import OTHER_POST, PostTown
from tests.support.town import POST


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PostTown:
    """Settle a town with three post offices."""
    return PostTown(writer, clock, signer)


def test_the_office_that_holds_the_bag_is_asked(town: PostTown, clock: SteppingClock) -> None:
    bag, codes = town.packed(1)
    town.close("dung", bag)
    assert town.hand_bag("dung", "khanh", bag, place=POST).status == "accepted"
    assert town.item(codes[0]).custodian.unit == town.units[POST]
    clock.now += timedelta(days=30)

    def raised(uow: UnitOfWork) -> set[int]:
        tracers.raise_due(uow, now=clock(), tools=town.tools)
        return {
            int(one.to_unit)
            for one in uow.tracers.list(uow.consignments.get_details(codes[0]).consignment.id)
        }

    assert town.do(raised) == {int(town.units[OTHER_POST])}
