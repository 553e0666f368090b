"""A town whose people keep shifts, with a second clerk at the first office and an auditor."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from app.domain.access import Role
from app.domain.incident import IncidentStatus
from app.domain.shift import Shift
from app.services.incidents import incident_pages, incident_steps
from app.services.incidents.incident_pages import IncidentFile
from app.services.incidents.incident_steps import StepIncident
from app.services.scans.presence import Attested
from app.services.scans.scan_outcome import ScanOutcome
from app.services.shifts import shift_pages, shifts
from app.services.shifts.shift_pages import ShiftPage
from app.services.shifts.shifts import CloseShift
from app.storage.uow import UnitOfWork
from audit.evidence import EvidenceKind
from crypto.keys import generate_signing_key
from crypto.passwords import hash_password
from crypto.signer import FileSigner
from tests.support.post_town import PASSWORD, PostTown, plain
from tests.support.town import POST, enrol, give_card, new_user

T = TypeVar("T")


class ShiftTown(PostTown):
    """A town whose people keep shifts; `hoa` is the second clerk of the first office, `kiem` an auditor."""

    def use(self, use_case: Callable[..., T], *args: object, by: str, **more: object) -> T:
        """Run a use case as a person."""
        actor = self.people[by].actor
        call = partial(use_case, actor=actor, tools=self.tools, **more)
        return self.do(lambda uow: call(uow, *args, now=self.clock()))

    def read(self, query: Callable[..., T], *args: object, by: str) -> T:
        """Ask as a person."""
        actor = self.people[by].actor
        return self.do(lambda uow: query(uow, *args, actor=actor))

    def open_shift(self, name: str = "dung") -> Shift:
        """Open a person's shift."""
        return self.use(shifts.open_shift, by=name)

    def begin_count(self, shift: Shift, name: str = "dung") -> Shift:
        """Let a person sit down to a count."""
        return self.use(shifts.begin_count, shift.code, by=name)

    def count(
        self, name: str, shift: Shift, codes: Sequence[str], *, part: int = 1, last: bool = True
    ) -> ScanOutcome:
        """Count codes, all at once or one part of them."""
        facts: dict[str, int | str] = {"part": part, "last": "yes" if last else "no"}
        return self.send(
            name, self.act(name, EvidenceKind.COUNT, shift.code, facts=facts, lines=plain(codes))
        )

    def close_shift(self, name: str, shift: Shift, *, supervisor: str, nonce: str = "7" * 32) -> Shift:
        """Close a shift with the ticket of this nonce."""
        command = CloseShift(
            untrusted_shift=shift.code,
            untrusted_nonce=nonce,
            supervisor=self.people[supervisor].actor.user,
        )
        return self.use(shifts.close_shift, command, by=name)

    def countersign(self, name: str, shift: Shift, *, supervisor: str = "hoa", nonce: str) -> Shift:
        """Close a shift with a supervisor who is there."""
        assert isinstance(
            self.attest(name, supervisor, nonce=nonce, subject=shift.code, on_duty=False), Attested
        )
        return self.close_shift(name, shift, supervisor=supervisor, nonce=nonce)

    def page(self, shift: Shift, by: str = "dung") -> ShiftPage:
        """Open a shift's page."""
        return self.read(shift_pages.show, shift.code, by=by)

    def in_hand(self, count: int, name: str = "dung") -> list[str]:
        """Bring items into somebody's hands."""
        codes = [str(code) for code in self.register(count)]
        self.post(codes)
        self.pass_on("chien", name, codes, place=POST)
        return codes


def hire(town: ShiftTown, name: str, role: Role) -> None:
    """Give the first office one more person."""
    like = town.people["dung"]

    def add(uow: UnitOfWork) -> None:
        user = uow.users.add(new_user(name, f"Người {name}", role, like.actor.unit, town.clock()))
        device = FileSigner(generate_signing_key())
        town.people[name] = replace(like, actor=replace(like.actor, user=user, role=role), device=device)
        enrol(uow, town.people[name], town.clock(), town.tools.origin)
        give_card(uow, town.people[name], town.clock())
        uow.users.set_password(user, hash_password(PASSWORD), must_change=False)

    town.do(add)


def close_incident(town: ShiftTown, number: int = 1) -> None:
    """Report, look into and close the first incident there is, by two people."""

    def step(name: str, word: str, by: str) -> None:
        use_case: Callable[..., object] = getattr(incident_steps, name)
        town.use(use_case, StepIncident(incident=number, untrusted_word=word, untrusted_text="x"), by=by)

    step("report", "post_leader", "dung")
    for proof in _file(town, number).owed:
        step("add_evidence", proof.value, "dung")
    step("resolve", "handling", "dung")
    step("close", "", "kiem")
    closed = _file(town, number).incident
    assert closed.status is IncidentStatus.CLOSED


def _file(town: ShiftTown, number: int) -> IncidentFile:
    actor = town.people["hoa"].actor
    return town.do(lambda uow: incident_pages.get_incident(uow, number, actor=actor, tools=town.tools))
