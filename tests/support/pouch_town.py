"""A town whose offices keep a register of pouches: entered, sent back empty, answered, written off."""

from collections.abc import Mapping

from app.domain.pouch import Balance, Pouch, PouchList
from app.services.bags import pouch_pages, pouch_returns, pouches
from app.services.bags.pouch_returns import CancelPouches, ReceivePouches, SendPouches
from app.services.bags.pouches import DecideRetirement, EnterPouches, RetirePouch
from audit.evidence import Mark
from tests.support.post_town import OTHER_POST
from tests.support.shift_town import ShiftTown


class PouchTown(ShiftTown):
    """See the module. `dung` and `hoa` work at the first office, `giang` at the second, `son` at the hub."""

    def enter(self, *assets: str, by: str = "dung") -> tuple[str, ...]:
        """Enter pouches as an office's own."""
        return self.use(pouches.enter, EnterPouches(untrusted_pouches=" ".join(assets)), by=by)

    def travel(self, asset: str = "TUI-001", *, seal: str = "NP-1001") -> str:
        """Let a pouch go from the first office to the second and be emptied there."""
        (code,) = self.in_hand(1)
        bag = self.start(asset=asset)
        assert self.pack("dung", bag, [code]).status == "accepted"
        assert self.close("dung", bag, seal=seal).status == "accepted"
        first = self.people["dung"].unit
        assert self.hand_bag("dung", "duc", bag, place=first, seal=seal).status == "accepted"
        assert self.hand_bag("duc", "giang", bag, place=OTHER_POST, seal=seal).status == "accepted"
        assert self.open_bag("giang", bag, witness="khanh", seal=seal).status == "accepted"
        assert self.answer("giang", bag, {code: Mark.RECEIVED}).status == "accepted"
        return bag

    def send_back(self, *assets: str, by: str = "giang", to: str | None = None) -> PouchList:
        """Send empty pouches to another office."""
        office = to or self.people["dung"].unit
        command = SendPouches(untrusted_to=office, untrusted_pouches=" ".join(assets))
        return self.use(pouch_returns.send, command, by=by)

    def get_back(
        self, sent: PouchList | str, marks: Mapping[str, str], *, excess: str = "", by: str = "dung"
    ) -> PouchList:
        """Answer a return."""
        code = sent if isinstance(sent, str) else sent.code
        command = ReceivePouches(untrusted_list=code, untrusted_marks=marks, untrusted_excess=excess)
        return self.use(pouch_returns.receive, command, by=by)

    def take_back(self, sent: PouchList | str, *, reason: str = "mistake", by: str = "giang") -> PouchList:
        """Cancel a return."""
        code = sent if isinstance(sent, str) else sent.code
        command = CancelPouches(untrusted_list=code, untrusted_reason=reason)
        return self.use(pouch_returns.cancel, command, by=by)

    def propose(self, asset: str, *, reason: str = "lost", by: str = "dung") -> None:
        """Propose to write a pouch off."""
        self.use(pouches.propose, RetirePouch(untrusted_pouch=asset, untrusted_reason=reason), by=by)

    def decide(self, asset: str, decision: str = "retire", *, by: str = "hoa") -> None:
        """Decide on that."""
        command = DecideRetirement(untrusted_pouch=asset, untrusted_decision=decision)
        self.use(pouches.decide, command, by=by)

    def pouch(self, asset: str) -> Pouch:
        """Return a pouch as it is stored now."""
        found = self.do(lambda uow: uow.pouches.find(asset))
        assert found is not None
        return found.pouch

    def balance(self, by: str = "dung") -> Balance:
        """Return the balance of a person's office."""
        (row,) = self.use(pouch_pages.list_balances, by=by).rows
        return row.balance
