"""Tiles: names and arithmetic, growth, and a reader that believes nothing the root does not bind."""

from collections import Counter
from pathlib import Path

import pytest

from audit.errors import BadTile
from audit.merkle import EMPTY_ROOT, inclusion_proof, node_hash, root_of, verify_inclusion
from audit.tile_grower import TileGrower
from audit.tile_reader import TileReader
from audit.tiles import ENTRIES, TileId, bundle_bytes, growth, parse_bundle, parse_tile_path
from crypto.digest import leaf_hash
from tests.support import tlog

SIZES = (1, 2, 255, 256, 257, 300, 511, 512, 700)
ENTRY = tlog.entries(70_000)
LEAVES = [leaf_hash(entry) for entry in ENTRY]


def files(size: int) -> dict[str, bytes]:
    found = tlog.tile_files(LEAVES[:size])
    for tile in growth(0, size):
        if tile.level == ENTRIES:
            first = tile.index * 256
            found[tile.path] = bundle_bytes(ENTRY[first : first + tile.width])
    return found


def reader(size: int, published: dict[str, bytes]) -> TileReader:
    return TileReader(published.get, size=size, root=root_of(LEAVES[:size]))


def test_the_example_of_the_specification() -> None:
    counted = Counter((tile.level, tile.width) for tile in growth(0, 70_000))
    assert counted == {
        (ENTRIES, 256): 273,
        (ENTRIES, 112): 1,
        (0, 256): 273,
        (0, 112): 1,
        (1, 256): 1,
        (1, 17): 1,
        (2, 1): 1,
    }
    assert [tile.path for tile in growth(0, 256)] == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]


def test_what_a_growth_writes_and_what_it_leaves() -> None:
    assert [tile.path for tile in growth(255, 257)] == [
        "tile/entries/000",
        "tile/entries/001.p/1",
        "tile/0/000",
        "tile/0/001.p/1",
        "tile/1/000.p/1",
    ]
    assert [tile.path for tile in growth(257, 258)] == ["tile/entries/001.p/2", "tile/0/001.p/2"]
    assert growth(300, 300) == []
    assert growth(0, 0) == []


@pytest.mark.parametrize("old", range(0, 600, 37))
@pytest.mark.parametrize("new", [1, 255, 256, 257, 300, 511, 512, 513, 600])
def test_growing_in_two_steps_gives_the_files_of_one(old: int, new: int) -> None:
    if old > new:
        old, new = new, old
    before = files(old)
    grower = TileGrower.resume(old, root_of(LEAVES[:old]), lambda tile: tuple(hashes(before[tile.path])))
    written = {tile.path: data for leaf in LEAVES[old:new] for tile, data in grower.add(leaf)}
    written |= {tile.path: data for tile, data in grower.partials()}
    assert set(written) == {tile.path for tile in growth(old, new) if tile.level != ENTRIES}
    once = tlog.tile_files(LEAVES[:new])
    assert (before | written).items() >= once.items()
    assert grower.root() == root_of(LEAVES[:new])


def test_a_tree_grows_on_from_what_a_reader_has_authenticated() -> None:
    published = files(300)
    # After a crash the full tile may be there, the partial one gone, and the checkpoint still the old one.
    published["tile/0/001"] = tlog.tile_files(LEAVES[:512])["tile/0/001"]
    del published["tile/0/001.p/44"]
    old = reader(300, published)
    grower = TileGrower.resume(300, root_of(LEAVES[:300]), old.partial)
    written = {tile.path: data for leaf in LEAVES[300:512] for tile, data in grower.add(leaf)}
    assert written == {"tile/0/001": published["tile/0/001"]}
    assert grower.root() == root_of(LEAVES[:512])
    for tile in (TileId(0, 0), TileId(0, 1, 45), TileId(2, 0, 1)):
        with pytest.raises(BadTile, match="not a partial tile"):
            old.partial(tile)


def hashes(data: bytes) -> list[bytes]:
    return [data[at : at + 32] for at in range(0, len(data), 32)]


def test_a_damaged_edge_is_not_grown() -> None:
    before = files(300)
    before["tile/0/001.p/44"] = bytes(32) + before["tile/0/001.p/44"][32:]
    with pytest.raises(BadTile, match="do not lead to the root"):
        TileGrower.resume(300, root_of(LEAVES[:300]), lambda tile: tuple(hashes(before[tile.path])))
    with pytest.raises(BadTile, match="of 44 hashes"):
        TileGrower.resume(300, root_of(LEAVES[:300]), lambda _: (bytes(32),))


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (TileId(0, 0), "tile/0/000"),
        (TileId(0, 1_067, 5), "tile/0/x001/067.p/5"),
        (TileId(63, 1_234_067), "tile/63/x001/x234/067"),
        (TileId(ENTRIES, 1_000, 255), "tile/entries/x001/000.p/255"),
    ],
)
def test_paths(tile: TileId, path: str) -> None:
    assert tile.path == path
    assert parse_tile_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/001/067",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/05",
        "tile/0/000.p/",
        "tile/0/000/",
        "tile/0/000\n",
        "/tile/0/000",
        "tile/0/../0/000",
        "tile/entries/000/..",
        "tile/0/٠٠٠",
        "tile/0/" + "x001/" * 40 + "000",
    ],
)
def test_a_path_has_one_spelling(path: str) -> None:
    with pytest.raises(BadTile):
        parse_tile_path(path)


@pytest.mark.parametrize("size", SIZES)
def test_every_node_and_entry_is_given(size: int) -> None:
    published = reader(size, files(size))
    root = root_of(LEAVES[:size])
    for index in range(0, size, 5):
        verify_inclusion(LEAVES[index], index, size, inclusion_proof(index, size, published.node), root)
    assert [entry for n in range((size + 255) // 256) for entry in published.entries(n)] == ENTRY[:size]
    assert published.entry(size - 1) == ENTRY[size - 1]


def test_a_proof_from_a_large_log_costs_a_few_reads() -> None:
    read: list[str] = []
    published = files(70_000)

    def source(path: str) -> bytes | None:
        read.append(path)
        return published.get(path)

    large = TileReader(source, size=70_000, root=root_of(LEAVES))
    proof = inclusion_proof(12_345, 70_000, large.node)
    verify_inclusion(LEAVES[12_345], 12_345, 70_000, proof, root_of(LEAVES))
    assert len(read) == 5


def nothing(_: str) -> bytes | None:
    return None


def test_the_empty_tree_has_nothing_to_read() -> None:
    empty = TileReader(nothing, size=0, root=EMPTY_ROOT)
    for ask in (lambda: empty.leaf(0), lambda: empty.entries(0)):
        with pytest.raises(BadTile, match="size 0"):
            ask()
    with pytest.raises(BadTile, match="do not lead"):
        TileReader(nothing, size=0, root=LEAVES[0])


@pytest.mark.parametrize("size", SIZES)
def test_every_changed_byte_class_is_caught_and_located(size: int) -> None:
    honest = files(size)
    for path in honest:
        for changed in (
            bytes([honest[path][0] ^ 1]) + honest[path][1:],
            honest[path][:-1] + bytes([honest[path][-1] ^ 128]),
            honest[path][:-1],
            honest[path] + b"\0",
            b"",
            None,
        ):
            published = {name: data for name, data in honest.items() if name != path}
            if changed is not None:
                published[path] = changed
            with pytest.raises(BadTile) as caught:
                read_all(reader(size, published), size)
            partial = "do not lead" in caught.value.reason
            assert caught.value.path == path or (partial and ".p/" in path)


def read_all(published: TileReader, size: int) -> None:
    for number in range((size + 255) // 256):
        published.entries(number)


@pytest.mark.parametrize("size", [300, 511, 700, 66_000, 70_000])
def test_a_forged_full_tile_is_refused(size: int) -> None:
    """CVE-2026-56865: with these sizes a client of the time took a forged full tile for a true one."""
    published = files(size)
    published["tile/0/000"] = bytes(32) + published["tile/0/000"][32:]
    forged = reader(size, published)
    with pytest.raises(BadTile, match=r"tile/0/000: the tile does not hash"):
        forged.leaf(1)
    with pytest.raises(BadTile):
        forged.entries(0)


def test_where_a_full_tile_stands_in_only_the_bound_hashes_are_used() -> None:
    published = files(300)
    partial = published.pop("tile/0/001.p/44")
    entries = published.pop("tile/entries/001.p/44")
    forged = b"".join(leaf_hash(b"forged %d" % n) for n in range(212))
    published["tile/0/001"] = partial + forged
    published["tile/entries/001"] = entries + bundle_bytes(b"forged %d" % n for n in range(212))
    honest = reader(300, published)
    assert honest.leaf(299) == LEAVES[299]
    assert honest.entries(1) == tuple(ENTRY[256:300])
    with pytest.raises(BadTile, match="not in the tree"):
        honest.leaf(300)
    published["tile/0/001"] = forged[:32] + partial[32:] + forged
    with pytest.raises(BadTile):
        reader(300, published)


def test_a_forged_pair_of_tiles_above_and_below_is_refused() -> None:
    """Both the tile and its hash above are exchanged; the edge above is bound to the root."""
    published = files(700)
    forged = [leaf_hash(b"forged %d" % n) for n in range(256)]
    published["tile/0/000"] = b"".join(forged)
    top = published["tile/1/000.p/2"]
    published["tile/1/000.p/2"] = root_of(forged) + top[32:]
    with pytest.raises(BadTile, match="do not lead"):
        reader(700, published)


def test_a_reader_of_a_folder(tmp_path: Path) -> None:
    for path, data in files(300).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    published = TileReader(tmp_path, size=300, root=root_of(LEAVES[:300]))
    assert published.entry(299) == ENTRY[299]
    assert published.node(1, 0) == node_hash(LEAVES[0], LEAVES[1])
    (tmp_path / "tile/0/000").unlink()
    (tmp_path / "tile/0/000").mkdir()
    with pytest.raises(BadTile, match=r"tile/0/000: cannot be read"):
        TileReader(tmp_path, size=300, root=root_of(LEAVES[:300])).leaf(0)


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"\0\3ab", b"\0\1a", b"\0\1a\0\1b\0\1c", b"\0\1a\0\1b\0", bytes(200_000)]
)
def test_a_bundle_that_is_not_two_entries(data: bytes) -> None:
    with pytest.raises(BadTile, match=r"tile/entries/000\.p/2"):
        parse_bundle(data, TileId(ENTRIES, 0, 2))


def test_a_bundle_may_hold_the_shortest_and_the_longest_entry() -> None:
    both = (b"", bytes(65_535))
    assert parse_bundle(bundle_bytes(both), TileId(ENTRIES, 0, 2)) == both
