"""Every sentence of the pages is said in English too, and the compiled catalogue is current."""

import io
import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

WEB = Path(__file__).resolve().parents[2] / "app" / "web"
CATALOG = WEB / "translations" / "en" / "LC_MESSAGES"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "plural": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def _sentences() -> set[str | tuple[str, ...]]:
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    found = extract_from_dir(WEB, method_map=methods, keywords=KEYWORDS)
    return {message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found}


def _written() -> Catalog:
    return read_po(io.BytesIO((CATALOG / "messages.po").read_bytes()), locale="en")


def test_every_sentence_is_translated_and_none_is_left_over() -> None:
    written = {message.id: message.string for message in _written() if message.id}
    assert set(written) == _sentences()
    for sentence, english in written.items():
        assert all(english if isinstance(english, tuple) else (english,)), sentence


def test_translations_keep_their_placeholders() -> None:
    for message in _written():
        source, english = _forms(message.id), _forms(message.string)
        for form in english:
            assert set(PLACEHOLDER.findall(form)) == set(PLACEHOLDER.findall(source[0])), source


def _forms(texts: object) -> list[str]:
    """Return the singular and plural forms of a sentence, or the sentence alone."""
    return [str(text) for text in texts] if isinstance(texts, tuple | list) else [str(texts or "")]


def test_the_compiled_catalogue_is_current() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, _written())
    assert (CATALOG / "messages.mo").read_bytes() == compiled.getvalue()
