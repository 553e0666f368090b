"""Whatever is wrong in a form is named as the form names it: no field's code reaches a reader."""

import re
from collections.abc import Iterator

import pytest

from app.http.surface import Surface
from app.web.forms import field_label
from tests.house.tree import ROOT
from tests.support.installation import Installation, installed

WEB = ROOT / "app" / "web"
# A macro of a form with its field, and the place where a view puts what a service refuses as a whole.
IN_TEMPLATES = re.compile(r"m\.(?:field|select|textarea|check)\([\w.]+, '(\w+)'")
IN_VIEWS = re.compile(r'\bat="(\w+)"')


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("labels")) as installation:
        yield installation


def named() -> set[str]:
    """List every field of a form and every place of a refusal."""
    templates = [path.read_text(encoding="utf-8") for path in (WEB / "templates").rglob("*.html")]
    views = [path.read_text(encoding="utf-8") for path in (WEB / "views").glob("*.py")]
    return {name for text in templates for name in IN_TEMPLATES.findall(text)} | {
        name for text in views for name in IN_VIEWS.findall(text)
    }


def test_every_field_of_a_form_and_every_place_of_a_refusal_has_words(house: Installation) -> None:
    names = named()
    assert len(names) > 80
    with house.app(Surface.PEOPLE).test_request_context():
        assert [name for name in sorted(names) if field_label(name) == name] == []


def test_a_pouch_that_nobody_answered_for_is_named_by_its_number(house: Installation) -> None:
    with house.app(Surface.PEOPLE).test_request_context():
        assert field_label("mark.TUI-111") == "Vỏ túi TUI-111"
