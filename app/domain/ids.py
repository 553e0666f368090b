"""Name things: typed ids and the 13-character UPU S10 code that every consignment carries.

The code leaks nothing: no class, no office, no sequence. Its service indicator comes from the
configuration and is one of the pairs that the UPU leaves to domestic use, so no KT1 code can collide with
public registered mail. The check digit is a guard against typing, never a security feature; forged labels
are caught by the MAC in the QR symbol (``crypto/label_mac.py``).
"""

import re
import string
from operator import mul
from typing import NewType

from app.domain.errors import InvalidInput, ProblemCode

ConsignmentCode = NewType("ConsignmentCode", str)
ConsignmentId = NewType("ConsignmentId", int)
BagCode = NewType("BagCode", str)
BagId = NewType("BagId", int)
ServiceIndicator = NewType("ServiceIndicator", str)
UserId = NewType("UserId", int)
UnitId = NewType("UnitId", int)
ScanId = NewType("ScanId", str)
KeyId = NewType("KeyId", str)

S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_SPECIAL = {10: 0, 11: 5}
SERIALS = 10**8
HOME_COUNTRY = "VN"

_S10 = re.compile(r"([A-Z]{2})([0-9]{8})([0-9])([A-Z]{2})", re.ASCII)
_DOMESTIC_FIRST_LETTERS = "BDNPZ"
_DOMESTIC_PAIRS = frozenset(
    {first + second for first in _DOMESTIC_FIRST_LETTERS for second in string.ascii_uppercase} | {"GA", "GD"}
)


def s10_check_digit(serial: int) -> int:
    """Return the check digit of an eight-digit serial (UPU S10: 11 - S mod 11; 10 gives 0, 11 gives 5)."""
    if not 0 <= serial < SERIALS:
        raise ValueError("an S10 serial has eight digits")
    return _check_digit(f"{serial:08d}")


def _check_digit(digits: str) -> int:
    remainder: int = 11 - sum(map(mul, S10_WEIGHTS, map(int, digits))) % 11
    return _SPECIAL.get(remainder, remainder)


def parse_indicator(untrusted: str) -> ServiceIndicator:
    """Accept a pair that the UPU leaves to domestic use (BA-BZ, DA-DZ, GA, GD, NA-NZ, PA-PZ, ZA-ZZ)."""
    if untrusted not in _DOMESTIC_PAIRS:
        raise InvalidInput("indicator", ProblemCode.NOT_DOMESTIC)
    return ServiceIndicator(untrusted)


def make_code(indicator: str, serial: int, country: str = HOME_COUNTRY) -> ConsignmentCode:
    """Compose a code; raises InvalidInput for an indicator that is not domestic."""
    return ConsignmentCode(f"{parse_indicator(indicator)}{serial:08d}{s10_check_digit(serial)}{country}")


def parse_code(untrusted: str, *, country: str = HOME_COUNTRY, field: str = "code") -> ConsignmentCode:
    """Read a code as a person types it: spaces and lower case are forgiven, a wrong digit is not."""
    text = untrusted.replace(" ", "").upper() if untrusted.isascii() else ""
    match = _S10.fullmatch(text)
    if match is None:
        raise InvalidInput(field, ProblemCode.NOT_A_CODE)
    indicator, serial, check, origin = match.groups()
    if origin != country or indicator not in _DOMESTIC_PAIRS:
        raise InvalidInput(field, ProblemCode.FOREIGN_CODE)
    if int(check) != _check_digit(serial):
        raise InvalidInput(field, ProblemCode.CHECK_DIGIT)
    return ConsignmentCode(text)
