"""Where a login may lead, and nowhere else."""

import pytest

from app.http.negotiate import safe_next


@pytest.mark.parametrize("path", ["/", "/scan", "/consignments?q=ZK1&page=2", "/consignments/ZK000000005VN"])
def test_a_path_of_ours_is_kept(path: str) -> None:
    assert safe_next(path) == path


@pytest.mark.parametrize(
    "hostile",
    [
        None,
        "",
        "scan",
        "//evil.example/",
        "/\\evil.example/",
        "https://evil.example/",
        "/\t/evil.example",
        "/scan\r\nSet-Cookie: a=b",
        "/a\\b",
        "javascript:alert(1)",
        " /scan",
    ],
)
def test_anything_else_leads_home(hostile: str | None) -> None:
    assert safe_next(hostile) == "/"
