"""Translate the sentences of our pages: Vietnamese is the source, English lies in `translations/`.

A typed door to Flask-Babel; words of codes come from `app/http/texts.py` and never from here.
"""

from flask_babel import gettext, ngettext


def _(message: str, **params: object) -> str:
    """Return a sentence in the reader's language, with its parameters filled in."""
    return str(gettext(message, **params))


def plural(singular: str, many: str, number: int) -> str:
    """Return a counted sentence; the number is `%(num)d` in it."""
    return str(ngettext(singular, many, number))
