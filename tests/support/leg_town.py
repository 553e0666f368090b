"""A town whose couriers travel in legs: vehicles, plans, escorts, departures and arrivals."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from app.domain.leg import Leg, Vehicle
from app.services.legs import leg_pages, legs
from app.services.legs.leg_pages import LegPage
from app.services.legs.legs import AddVehicle, CancelLeg, PlanLeg
from app.services.scans.presence import Attested
from app.services.scans.scan_outcome import ScanOutcome
from audit.evidence import Act, ActLine, EntryMode, EvidenceKind, LegMark
from crypto.timestamps import format_at
from tests.support.post_town import OTHER_POST, plain
from tests.support.shift_town import ShiftTown
from tests.support.town import POST

VAN, TRUCK = "99A-123.45", "99C-678.90"


class LegTown(ShiftTown):
    """See the module. `dung` plans; `chien` and `duc` are couriers of the first office, `hoa` a clerk."""

    def add_vehicle(self, plate: str = VAN, *, dedicated: bool = True, by: str = "dung") -> Vehicle:
        """Put a vehicle into an office's register."""
        command = AddVehicle(untrusted_plate=plate, untrusted_dedicated="yes" if dedicated else "")
        return self.use(legs.add_vehicle, command, by=by)

    def form(self, codes: Sequence[str], **changed: str | None) -> dict[str, str]:
        """Fill the form of a plan; None leaves a field out."""
        now = self.clock()
        values: dict[str, str | None] = {
            "to_office": OTHER_POST,
            "courier": str(self.people["duc"].actor.user),
            "vehicle": VAN,
            "departs_at": format_at(now + timedelta(hours=1)),
            "arrives_at": format_at(now + timedelta(hours=3)),
            "codes": " ".join(codes),
            **changed,
        }
        return {name: value for name, value in values.items() if value is not None}

    def plan(self, codes: Sequence[str], *, by: str = "dung", **changed: str | None) -> Leg:
        """Plan a leg; `escort` and `courier` are names of people."""
        for role in ("escort", "courier"):
            name = changed.get(role)
            if name is not None:
                changed[role] = str(self.people[name].actor.user)
        return self.use(legs.plan, PlanLeg(untrusted=self.form(codes, **changed)), by=by)

    def cancel(self, leg: Leg, *, by: str = "dung", reason: str = "no_vehicle") -> Leg:
        """Cancel a leg."""
        return self.use(legs.cancel, CancelLeg(untrusted_leg=leg.code, untrusted_reason=reason), by=by)

    def departure(
        self,
        name: str,
        leg: Leg | str,
        codes: Sequence[str],
        *,
        escort: str | None = None,
        vehicle: str = VAN,
    ) -> Act:
        """Word a departure."""
        code = leg if isinstance(leg, str) else leg.code
        facts: dict[str, int | str] = {"vehicle": vehicle}
        return self.act(
            name,
            EvidenceKind.DEPART,
            code,
            facts=facts,
            lines=plain(codes),
            witness=escort,
            place=POST,
        )

    def depart(
        self, name: str, leg: Leg, codes: Sequence[str], *, escort: str | None = None, vehicle: str = VAN
    ) -> ScanOutcome:
        """Leave, with an escort who is there."""
        act = self.departure(name, leg, codes, escort=escort, vehicle=vehicle)
        if escort is not None:
            assert isinstance(self.attest(name, escort, nonce=act.nonce, subject=leg.code), Attested)
        return self.send(name, act)

    def arrive(
        self, name: str, leg: Leg, marks: Mapping[str, LegMark], *, place: str = OTHER_POST
    ) -> ScanOutcome:
        """Arrive; what was taken over is not named."""
        lines = [ActLine(code=code, entry=EntryMode.SCAN, mark=mark) for code, mark in marks.items()]
        return self.send(name, self.act(name, EvidenceKind.ARRIVE, leg.code, lines=lines, place=place))

    def leg(self, code: str) -> Leg:
        """Return a leg as it is stored now."""
        found = self.do(lambda uow: uow.legs.find(code))
        assert found is not None
        return found

    def leg_page(self, leg: Leg, by: str = "dung") -> LegPage:
        """Open a leg's page."""
        return self.read(leg_pages.show, leg.code, by=by)

    def loaded(
        self, *, escort: str | None = None, name: str = "duc", seal: str = "NP-1001"
    ) -> tuple[Leg, str]:
        """Return a planned leg and its one bag, which lies in the courier's hands."""
        bag, _ = self.packed(1)
        assert self.close("dung", bag, seal=seal).status == "accepted"
        assert self.hand_bag("dung", name, bag, place=POST, seal=seal).status == "accepted"
        return self.plan([bag], escort=escort, courier=name), bag


Make = Callable[[], LegTown]
