"""What we vendored is what its authors published, and our pages ask nobody else for anything."""

import hashlib
import re
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[2] / "app" / "web"
VENDOR = WEB / "static" / "vendor"
OWN = sorted(
    path
    for pattern in ("templates/**/*.html", "static/js/*.js", "static/css/*.css")
    for path in WEB.glob(pattern)
)


def test_every_vendored_file_has_its_published_digest() -> None:
    lines = [line.split("  ./") for line in (VENDOR / "SHA256SUMS").read_text().splitlines()]
    listed = {name: digest for digest, name in lines}
    found = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}
    assert found - {"SHA256SUMS", "README.md"} == set(listed)
    for name, digest in listed.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name


def test_every_vendored_folder_carries_its_licence() -> None:
    for folder in VENDOR.iterdir():
        if folder.is_dir():
            assert any(folder.glob("LICENSE")) or any(folder.glob("OFL.txt")), folder.name


@pytest.mark.parametrize("path", OWN, ids=lambda path: str(path.relative_to(WEB)))
def test_no_page_has_inline_code_or_another_origin(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\s(style|on[a-z]+)=\"", text)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
    )
    foreign = set(re.findall(r"https?://[^\s\"')]+", text)) - {"http://www.w3.org/2000/svg"}
    assert not foreign
