"""What a use case needs besides the transaction: keys, codes, and the names of this installation.

Made once by the composition root. A use case never reads a key file, a configuration or a clock itself.
"""

from dataclasses import dataclass

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
