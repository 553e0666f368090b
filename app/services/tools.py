"""What a use case needs besides the transaction: keys, codes, and the names of this installation.

Made once by the composition root. A use case never reads a key file, a configuration or a clock itself.
"""

from dataclasses import dataclass

from app.domain.ids import SERIALS, BagCode, ConsignmentCode, make_code
from app.domain.incident_standards import SAMPLE_STANDARDS, IncidentStandards
from crypto.label_mac import LabelKeys
from crypto.permutation import SerialPermutation
from crypto.signer import Signer
from crypto.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The tools of one installation; `origin` names its log, `signer` holds the log's key."""

    vault: Vault
    codes: SerialPermutation
    label_keys: LabelKeys
    signer: Signer
    indicator: str
    bag_indicator: str
    country: str
    origin: str
    incident_standards: IncidentStandards = SAMPLE_STANDARDS

    def item_code(self, serial: int) -> ConsignmentCode:
        """Return the code of the item with this serial; neighbours in the series are none in the codes."""
        return make_code(self.indicator, self.codes.apply(serial), self.country)

    def bag_code(self, serial: int) -> BagCode:
        """Return the code of the bag with this serial.

        Counted from the other end than items: the same digits in both would tell which was the n-th.
        """
        return BagCode(make_code(self.bag_indicator, self.codes.apply(SERIALS - 1 - serial), self.country))
