"""What a receiver ticked off before signing, in one line of words; the seal is told elsewhere."""

from app.http.i18n import words
from app.web.translate import _
from audit.evidence import Checklist


def check_words(check: Checklist) -> str:
    """Return the three answers in the order in which they are asked."""
    return _(
        "dấu: %(mark)s; số bì: %(pieces)d; nơi nhận: %(addressee)s",
        mark=words(f"cover_mark.{check.mark}"),
        pieces=check.pieces,
        addressee=words(f"addressee.{check.addressee}"),
    )
