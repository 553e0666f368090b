"""What can go wrong while a form is printed.

ReportError
├── InvalidReportData    the data given breaks a rule of the form (names the field)
└── DoesNotFit           text stays larger than its box even at the smallest size we print

A form is printed whole and readable or not at all: text is never clipped in silence.
"""


class ReportError(Exception):
    """Every error that leaves `reports`."""


class InvalidReportData(ReportError):  # noqa: N818  # it says what is wrong, as errors do all over the house
    """The data handed to a form breaks one of its rules."""

    def __init__(self, field: str, reason: str) -> None:
        """Keep the field's name so that a caller can point at it."""
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class DoesNotFit(ReportError):  # noqa: N818  # the same
    """A text is larger than its box at the smallest size a clerk can still read."""
