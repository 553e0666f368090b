"""Word the register of an office's keys and codes for print, always in Vietnamese."""

from datetime import datetime
from typing import assert_never

from app.domain.access_key import CHANGE_TERMS, AccessKeyKind, AccessKeyState
from app.domain.dated import in_force
from app.domain.register import VIETNAM
from app.http import texts
from app.services.people.access_key_pages import AccessKeyList, ShownAccessKey
from reports.access_key_register import AccessKeyLine, AccessKeyRegister


def access_key_register(
    found: AccessKeyList, *, code: str, office: str, at: datetime, by: str
) -> AccessKeyRegister:
    """Return the register of one office, by code and name, as of a moment."""
    term = in_force(CHANGE_TERMS, at)
    return AccessKeyRegister(
        code=f"CK-{code}",
        office=office,
        at=at,
        by=by,
        due=found.due,
        months=term.months,
        source=term.source,
        lines=tuple(_line(one) for one in found.rows),
    )


def _line(shown: ShownAccessKey) -> AccessKeyLine:
    key = shown.key
    return AccessKeyLine(
        name=key.name,
        # Short enough for a column; the page says more.
        kind="Khẩn cấp" if key.kind is AccessKeyKind.OVERRIDE else _word(key.kind),
        holder=shown.holder.full_name,
        seal=key.seal.upper(),
        due=_due(shown),
    )


def _word(kind: AccessKeyKind) -> str:
    return texts.text(f"access_key_kind.{kind}", locale="vi")


def _due(shown: ShownAccessKey) -> str:
    day = f"{shown.key.due_at.astimezone(VIETNAM):%d/%m/%Y}"
    match shown.state:
        case AccessKeyState.IN_ORDER:
            return day
        case AccessKeyState.OVERDUE:
            return f"QUÁ {day}"
        case AccessKeyState.STAFF_LEFT:
            return "ĐỔI NGAY"
        case AccessKeyState.RETIRED:
            return "Đã bỏ"
        case _:
            assert_never(shown.state)
