"""The files of a province are read whole or refused with the line that is wrong."""

from pathlib import Path

import pytest

from app.cli.province import ProvinceError, read_province
from tests.house.tree import ROOT

AGENCIES = "code,kind,short_name,name,province,commune,address,parent,note\n"
COMMUNES = "code,kind,name\n"
GOOD_AGENCY = "24-A,agency,A,Cơ quan A,24,07210,Phường Bắc Giang,,\n"


def write(folder: Path, *, agencies: str = GOOD_AGENCY, post: str = "", communes: str = "") -> Path:
    (folder / "agencies.csv").write_text(AGENCIES + agencies, encoding="utf-8")
    (folder / "post.csv").write_text(AGENCIES + post, encoding="utf-8")
    (folder / "communes.csv").write_text(COMMUNES + communes, encoding="utf-8")
    return folder


def read(folder: Path) -> list[str]:
    rows = read_province(folder, province="24", province_name="tỉnh Bắc Ninh")
    return [row.code for row in rows]


def test_bac_ninh_is_read_whole() -> None:
    rows = read_province(ROOT / "deploy" / "province-24", province="24", province_name="tỉnh Bắc Ninh")
    assert sum(row.kind == "committee" for row in rows) == 99
    assert {"24-SKHCN", "24-BDT", "07210"} <= {row.code for row in rows}
    committee = next(row for row in rows if row.code == "07582")
    assert committee.name == "Ủy ban nhân dân xã Lục Ngạn, tỉnh Bắc Ninh"


def test_every_unit_comes_after_its_parent() -> None:
    rows = read_province(ROOT / "deploy" / "province-24", province="24", province_name="tỉnh Bắc Ninh")
    seen: set[str] = set()
    for row in rows:
        assert not row.parent or row.parent in seen
        seen.add(row.code)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"agencies": "24-A,office,A,Cơ quan A,24,07210,,,\n"}, "line 2: kind is one of"),
        ({"agencies": "24-A,agency,,Cơ quan A,24,07210,,,\n"}, "line 2: code, name and short_name"),
        ({"agencies": "24-A,agency,A,Cơ quan A\n"}, "line 2: expected 9 columns"),
        ({"agencies": GOOD_AGENCY.replace("\n", ",one too many\n")}, "line 2: expected 9 columns"),
        ({"post": GOOD_AGENCY}, "appear twice: 24-A"),
        ({"post": "24-B,point,B,Bưu cục B,24,07210,,24-Z,\n"}, "names its parent 24-Z"),
        ({"communes": "7210,xã,Ba\n"}, "line 2: expected a five-digit code"),
        ({"communes": "07210,thị trấn,Ba\n"}, "line 2: expected a five-digit code"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(ProvinceError, match=message):
        read(write(tmp_path, **files))


def test_wrong_columns_are_refused(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "post.csv").write_text("code,name\n", encoding="utf-8")
    with pytest.raises(ProvinceError, match="the first line must be"):
        read(tmp_path)
