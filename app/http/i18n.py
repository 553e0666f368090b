"""Flask-Babel wired to our choice of language; dates and numbers in the clock of the installation's country.

It must never translate a code: words come from `app/http/texts.py` and the templates.
"""

from flask import Flask
from flask_babel import Babel

from app.http import negotiate, texts
from app.http.settings import Settings


def install(app: Flask, settings: Settings) -> None:
    """Make `text`, and Babel's formats, available to views and templates."""
    babel = Babel()
    babel.init_app(
        app,
        default_locale=texts.DEFAULT_LOCALE,
        default_timezone=settings.timezone,
        locale_selector=negotiate.locale,
    )
    app.jinja_env.globals["text"] = words


def words(key: str, **params: object) -> str:
    """Return the words for a key in the language of this request; what templates call `text`."""
    return texts.text(key, locale=negotiate.locale(), **params)
