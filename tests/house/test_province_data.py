"""Bắc Ninh as the law counts it: 99 communes, and every agency and post office on a commune that exists."""

import csv

from tests.house.tree import ROOT

FOLDER = ROOT / "deploy" / "province-24"


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_province_has_66_communes_and_33_wards() -> None:
    kinds = [row["kind"] for row in rows("communes.csv")]
    assert (kinds.count("xã"), kinds.count("phường"), len(kinds)) == (66, 33, 99)


def test_commune_codes_are_unique_and_five_digits() -> None:
    codes = [row["code"] for row in rows("communes.csv")]
    assert len(set(codes)) == 99
    assert all(len(code) == 5 and code.isdigit() for code in codes)
    assert len({(row["kind"], row["name"]) for row in rows("communes.csv")}) == 99


def test_every_unit_stands_on_a_commune_that_exists() -> None:
    communes = {row["code"] for row in rows("communes.csv")}
    units = [*rows("agencies.csv"), *rows("post.csv")]
    assert all(row["commune"] in communes for row in units if row["province"] == "24")
    codes = {row["code"] for row in units}
    assert len(codes) == len(units)
    assert all(row["parent"] in codes | {""} for row in units)


def test_what_is_made_up_says_so() -> None:
    for row in rows("post.csv")[1:]:
        assert row["note"].startswith("SAMPLE")
        assert "(mẫu)" in row["name"]
