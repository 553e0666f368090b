"""How values look on a page: times in Vietnam's clock with seconds, codes as words, numbers with separators.

Presentation only; a filter must never hide that a value is missing: nothing shows as a dash.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import format_decimal

from app.domain.consignment import State
from app.http import negotiate
from app.http.i18n import words
from app.http.ports import runtime
from app.web.icons import icon
from app.web.translate import _

_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
_MISSING: Final = "–"


def when(value: datetime | None) -> str:
    """Write a moment as dd/mm/yyyy HH:MM:SS in Vietnam; custody is told to the second."""
    return _local(value).strftime("%d/%m/%Y %H:%M:%S") if value else _MISSING


def when_short(value: datetime | None) -> str:
    """Write a moment as dd/mm/yyyy HH:MM, where seconds would only be noise."""
    return _local(value).strftime("%d/%m/%Y %H:%M") if value else _MISSING


def local_day(value: datetime) -> date:
    """Return the day in Vietnam on which a moment falls."""
    return _local(value).date()


def _local(value: datetime) -> datetime:
    """Turn to Vietnam's clock. The edge of the calendar stays as it is: a page must still open."""
    try:
        return value.astimezone(_ZONE)
    except (OverflowError, ValueError):
        return value


def long_day(value: date) -> str:
    """Write a day with its weekday, for the headings of a timeline."""
    names = (_("Thứ Hai"), _("Thứ Ba"), _("Thứ Tư"), _("Thứ Năm"), _("Thứ Sáu"), _("Thứ Bảy"), _("Chủ nhật"))
    return f"{names[value.weekday()]}, {value.strftime('%d/%m/%Y')}"


def tenths(value: float) -> str:
    """Write a number to one tenth, with the comma or the point of the reader's language."""
    return str(format_decimal(value, format="#,##0.0"))


def code_text(value: StrEnum | str, family: str) -> str:
    """Return the words of a code in the reader's language."""
    return words(f"{family}.{value}")


def install(app: Flask) -> None:
    """Make the filters and the few functions of templates available."""
    app.jinja_env.filters.update(
        when=when,
        when_short=when_short,
        long_day=long_day,
        code_text=code_text,
        integer=format_decimal,
        tenths=tenths,
        is_final=lambda value: State(value).is_final,
    )
    app.jinja_env.globals.update(icon=icon, locale=negotiate.locale, now=lambda: runtime().now())
    app.jinja_env.globals.update(why_halted=lambda: runtime().why_halted)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
