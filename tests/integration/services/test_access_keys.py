"""Keys and codes of offices: handed, changed and retired by two, due in time and by leaving."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text

from app.domain.access import Role
from app.domain.access_key import AccessKey, AccessKeyState
from app.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from app.domain.figures import FigureKind
from app.services.bags import seals
from app.services.bags.seals import VoidSeal
from app.services.people import access_key_pages, access_keys, accounts
from app.services.people.access_keys import RegisterAccessKey, StepAccessKey, subject_of
from app.services.people.accounts import ChangeAccount
from app.storage.errors import NotStored
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from tests.integration.services.test_control_19 import behind, office
from tests.support.databases import SteppingClock
from tests.support.post_town import OTHER_POST
from tests.support.shift_town import ShiftTown, hire
from tests.support.town import POST

MONTHS = timedelta(days=185)


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town with a second clerk at the first office and an auditor."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    hire(town, "kiem", Role.AUDITOR)
    return town


def forward(town: ShiftTown) -> None:
    """Let more than six months pass."""
    assert isinstance(town.clock, SteppingClock)
    town.clock.now += MONTHS


def use(town: ShiftTown, use_case: object, *args: object, by: str, **more: object) -> AccessKey:
    assert callable(use_case)
    call = partial(use_case, actor=town.people[by].actor, **more)
    found = town.do(lambda uow: call(uow, *args, now=town.clock()))
    assert isinstance(found, AccessKey)
    return found


def register(town: ShiftTown, by: str = "dung", **changes: str) -> AccessKey:
    form = {"name": "Két sắt kho KT1", "kind": "combination", "seal": ""} | changes
    return use(town, access_keys.register, RegisterAccessKey(untrusted=form), by=by)


def step(
    town: ShiftTown, name: str, key: AccessKey, *, by: str, second: str, seal: str = "", there: bool = True
) -> AccessKey:
    """Take a step with a second person, who is there unless told otherwise."""
    nonce = f"{int(town.clock().timestamp()):032x}"
    if there:
        town.attest(by, second, nonce=nonce, subject=subject_of(key.id))
    command = StepAccessKey(
        access_key=key.id, second=town.people[second].actor.user, nonce=nonce, untrusted_seal=seal
    )
    return use(town, getattr(access_keys, name), command, by=by)


def look(town: ShiftTown, key: AccessKey, by: str = "dung") -> AccessKeyState:
    actor = town.people[by].actor
    page = town.do(lambda uow: access_key_pages.get_access_key(uow, key.id, actor=actor, now=town.clock()))
    return page.shown.state


def due(town: ShiftTown, by: str = "dung") -> int:
    actor = town.people[by].actor
    return town.do(lambda uow: access_key_pages.count_due(uow, actor=actor, now=town.clock()))


def leave(town: ShiftTown, name: str, *, active: bool = True, role: str = "clerk", unit: str = POST) -> None:
    """Change somebody's account, as the operator's console does."""
    form = {"full_name": f"Người {name}", "position": "", "role": role, "unit": unit}
    command = ChangeAccount(user=town.people[name].actor.user, untrusted=form, active=active)
    town.do(lambda uow: accounts.change_account(uow, command, actor=None, now=town.clock(), tools=town.tools))


def kinds(town: ShiftTown) -> list[EntryKind]:
    return [parse_entry(data).kind for data in town.do(lambda uow: list(uow.audit.stream()))]


def test_control_14_a_key_is_handed_by_two_persons_both_there_at_that_moment(town: ShiftTown) -> None:
    key = register(town)
    assert key.holder == town.people["dung"].actor.user
    with pytest.raises(Conflict, match="second_not_present"):
        step(town, "hand", key, by="dung", second="hoa", there=False)
    with pytest.raises(Conflict, match="second_not_allowed"):
        step(town, "hand", key, by="dung", second="khanh")
    with pytest.raises(Conflict, match="access_key_not_held"):
        step(town, "hand", key, by="hoa", second="chien")
    assert step(town, "hand", key, by="dung", second="hoa").holder == town.people["hoa"].actor.user
    assert step(town, "hand", key, by="hoa", second="chien").holder == town.people["chien"].actor.user
    entries = [parse_entry(data) for data in town.do(lambda uow: list(uow.audit.stream()))]
    (first, second) = [one for one in entries if one.kind is EntryKind.ACCESS_KEY_HANDED]
    assert (first.facts["actor"], first.facts["partner"]) == (
        int(town.people["dung"].actor.user),
        int(town.people["hoa"].actor.user),
    )
    assert second.facts["partner"] == int(town.people["chien"].actor.user)


def test_control_14_a_ticket_is_good_for_one_step_of_one_key(town: ShiftTown) -> None:
    key, other = register(town), register(town, name="Lồng KT1", kind="key")
    town.attest("dung", "hoa", nonce="7" * 32, subject=subject_of(key.id))
    hoa = town.people["hoa"].actor.user
    elsewhere = StepAccessKey(access_key=other.id, second=hoa, nonce="7" * 32)
    with pytest.raises(Conflict, match="second_not_present"):
        use(town, access_keys.hand, elsewhere, by="dung")
    command = StepAccessKey(access_key=key.id, second=hoa, nonce="7" * 32)
    use(town, access_keys.hand, command, by="dung")
    with pytest.raises(Conflict, match="second_not_present"):
        use(town, access_keys.retire, command, by="dung")


def test_control_14_a_change_is_due_after_its_period_and_begins_it_anew(town: ShiftTown) -> None:
    key = register(town)
    assert (look(town, key), due(town)) == (AccessKeyState.IN_ORDER, 0)
    forward(town)
    assert (look(town, key), due(town), due(town, "kiem")) == (AccessKeyState.OVERDUE, 1, 1)
    assert due(town, "giang") == 0
    step(town, "change", key, by="hoa", second="dung")
    assert (look(town, key), due(town)) == (AccessKeyState.IN_ORDER, 0)
    forward(town)
    assert due(town) == 1


@pytest.mark.parametrize(
    "change",
    [{"active": False}, {"unit": OTHER_POST}, {"role": "administrator"}],
    ids=["closed", "moved", "no longer of the post"],
)
def test_control_14_a_change_is_due_at_once_when_somebody_who_knew_it_leaves(
    town: ShiftTown, change: dict[str, object]
) -> None:
    known, unknown = register(town, "hoa"), register(town, name="Lồng", kind="key")
    step(town, "hand", known, by="hoa", second="dung")
    leave(town, "hoa", **change)  # type: ignore[arg-type]  # one change of an account each
    assert (look(town, known), look(town, unknown)) == (AccessKeyState.STAFF_LEFT, AccessKeyState.IN_ORDER)
    assert (due(town), due(town, "kiem")) == (1, 1)
    # Whoever comes back has known it all the same.
    leave(town, "hoa")
    assert look(town, known) is AccessKeyState.STAFF_LEFT
    step(town, "change", known, by="dung", second="chien")
    assert due(town) == 0


def test_control_14_another_post_role_in_the_same_office_is_no_departure(town: ShiftTown) -> None:
    key = register(town, "hoa")
    leave(town, "hoa", role="courier")
    assert look(town, key) is AccessKeyState.IN_ORDER


def test_control_14_who_knew_an_older_code_may_leave_and_who_set_the_new_one_may_not(town: ShiftTown) -> None:
    key = register(town, "hoa")
    step(town, "change", key, by="dung", second="chien")
    leave(town, "hoa", active=False)
    assert look(town, key) is AccessKeyState.IN_ORDER
    leave(town, "chien", role="courier", active=False)
    assert look(town, key) is AccessKeyState.STAFF_LEFT


def test_control_14_the_lock_of_a_holder_who_left_is_changed_by_two_others(town: ShiftTown) -> None:
    key = register(town, "hoa")
    leave(town, "hoa", active=False)
    with pytest.raises(Conflict, match="access_key_not_held"):
        step(town, "hand", key, by="dung", second="chien")
    changed = step(town, "change", key, by="dung", second="chien")
    assert changed.holder == town.people["dung"].actor.user


def test_control_14_what_opens_the_lock_is_written_nowhere(town: ShiftTown) -> None:
    for name in ("Két 36-12-08", "Két 361208"):
        with pytest.raises(InvalidInput) as refused:
            register(town, name=name)
        assert [one.code for one in refused.value.problems] == ["shows_combination"]
    with pytest.raises(InvalidInput) as refused:
        register(town, seal="361208")
    assert [one.code for one in refused.value.problems] == ["not_in_stock"]


def test_the_seal_of_a_copy_is_of_the_stock_and_used_once(town: ShiftTown) -> None:
    key = register(town, seal="np-0021")
    assert key.seal == "np-0021"
    with pytest.raises(InvalidInput) as refused:
        register(town, name="Lồng", seal="NP-0021")
    assert [one.code for one in refused.value.problems] == ["seal_gone"]
    void = VoidSeal(untrusted_seal="np-0021", untrusted_reason="spoiled")
    dung = town.people["dung"].actor
    with pytest.raises(InvalidInput):
        town.do(lambda uow: seals.void(uow, void, actor=dung, now=town.clock()))
    bag = town.start()
    town.pack("dung", bag, town.in_hand(1))
    closed = town.close("dung", bag, seal="NP-0021")
    assert [line.refusal for line in closed.lines] == ["seal_used"]
    stock = town.do(lambda uow: seals.list_stock(uow, actor=dung))
    assert sum(one.used for one in stock.issues) == 1
    step(town, "change", key, by="dung", second="hoa", seal="np-0022")
    with pytest.raises(InvalidInput):
        step(town, "change", key, by="dung", second="hoa", seal="np-0022")


def test_what_is_retired_is_over(town: ShiftTown) -> None:
    key = register(town)
    step(town, "retire", key, by="hoa", second="dung")
    leave(town, "hoa", active=False)
    forward(town)
    assert (look(town, key), due(town)) == (AccessKeyState.RETIRED, 0)
    with pytest.raises(Conflict, match="access_key_retired"):
        step(town, "change", key, by="dung", second="chien")


def test_a_key_of_another_office_is_not_there(town: ShiftTown) -> None:
    key = register(town)
    with pytest.raises(NotFound):
        look(town, key, "giang")
    with pytest.raises(NotFound):
        step(town, "change", key, by="giang", second="khanh")
    with pytest.raises(NotPermitted):
        look(town, key, "an")
    with pytest.raises(NotPermitted):
        register(town, "kiem")


def test_control_14_the_auditor_counts_per_office_and_reads_which(town: ShiftTown) -> None:
    key = register(town, "hoa")
    late = register(town, name="Lồng KT1", kind="key")
    leave(town, "hoa", active=False)
    assert office(town).counts[FigureKind.ACCESS_KEYS] == 1
    forward(town)
    assert office(town).counts[FigureKind.ACCESS_KEYS] == 2
    rows = behind(town, FigureKind.ACCESS_KEYS).rows
    assert {(row.amount, row.detail) for row in rows} == {(key.id, "staff_left"), (late.id, "overdue")}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_keys SET name = 'x'",
        "DELETE FROM access_keys",
        "UPDATE access_key_steps SET user_id = user_id",
        "DELETE FROM access_key_steps",
        "DELETE FROM access_key_seals",
    ],
)
def test_the_database_itself_keeps_the_register(town: ShiftTown, statement: str) -> None:
    register(town, seal="np-0021")

    def break_it(uow: UnitOfWork) -> None:
        uow.access_keys._statements.write(text(statement))  # an attack, not a use

    with pytest.raises(NotStored):
        town.do(break_it)
