"""Whatever is done to a checkpoint, receipt, request or tile: refused, or it says the same as before."""

from collections.abc import Callable
from http import HTTPStatus
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from audit.checkpoint import open_checkpoint
from audit.errors import AuditError, BadTile
from audit.merkle import consistency_proof, inclusion_proof, root_of
from audit.proof import make_proof, parse_proof, verify_proof
from audit.tile_grower import TileGrower
from audit.tile_reader import TileReader
from audit.tiles import growth
from audit.witness import Witness, WitnessRequest, WitnessState
from crypto.digest import leaf_hash
from tests.support import tlog

SIZE, INDEX, OLD = 300, 77, 130
ENTRIES = tlog.entries(SIZE)
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
KEEP = [tlog.LOG.key, *(item.key for item in tlog.WITNESSES)]
PATH = inclusion_proof(INDEX, SIZE, tlog.node_of(SIZE))
RECEIPT = make_proof(ENTRIES[INDEX], INDEX, PATH, tlog.witnessed(SIZE), keep=KEEP).to_bytes()
PUBLISHED = tlog.note(SIZE, signers=(tlog.LOG, tlog.LOG_PQ))
CONSISTENCY = consistency_proof(OLD, SIZE, tlog.node_of(SIZE))
REQUEST = WitnessRequest(old=OLD, proof=CONSISTENCY, checkpoint=tlog.note(SIZE)).to_bytes()
STATE = WitnessState(
    origin=tlog.ORIGIN, size=OLD, root=tlog.head(OLD).root, checkpoint=tlog.note(OLD), cosigned_at=tlog.NOW
)


@st.composite
def mutation(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Flip, cut, insert, double or swap somewhere."""
    kind = draw(st.sampled_from(["flip", "cut", "insert", "double", "swap lines"]))
    one, other = draw(st.floats(0, 0.999)), draw(st.floats(0, 0.999))
    bit, extra = draw(st.integers(0, 7)), draw(st.binary(min_size=1, max_size=3))

    def apply(data: bytes) -> bytes:
        first, last = sorted((int(one * len(data)), int(other * len(data)) + 1))
        if kind == "flip":
            return data[:first] + bytes([data[first % len(data)] ^ 1 << bit]) + data[first + 1 :]
        if kind == "cut":
            return data[:first] + data[last:]
        if kind == "insert":
            return data[:first] + extra + data[first:]
        if kind == "double":
            return data[:last] + data[first:]
        lines = data.split(b"\n")
        a, b = int(one * len(lines)), int(other * len(lines))
        lines[a], lines[b] = lines[b], lines[a]
        return b"\n".join(lines)

    return apply


@given(change=mutation())
def test_a_changed_checkpoint_says_the_same_or_nothing(change: Callable[[bytes], bytes]) -> None:
    try:
        opened = open_checkpoint(change(PUBLISHED), log_keys=[tlog.LOG.key, tlog.LOG_PQ.key])
    except AuditError:
        return
    assert opened.head == tlog.head(SIZE)


@given(change=mutation())
def test_a_changed_receipt_proves_the_same_or_nothing(change: Callable[[bytes], bytes]) -> None:
    try:
        proven = verify_proof(parse_proof(change(RECEIPT)), ENTRIES[INDEX], tlog.policy())
    except AuditError:
        return
    assert (proven.index, proven.head) == (INDEX, tlog.head(SIZE))
    assert len(proven.witnesses) >= 2


@given(change=mutation())
def test_a_changed_request_is_cosigned_as_it_was_or_not_at_all(change: Callable[[bytes], bytes]) -> None:
    witness = Witness(signers=[tlog.W1], logs={tlog.ORIGIN: [tlog.LOG.key]})
    answer = witness.decide(change(REQUEST), find_state={tlog.ORIGIN: STATE}.get, now=tlog.NOW)
    if answer.status == HTTPStatus.OK:
        assert answer.new_state is not None
        assert (answer.new_state.size, answer.new_state.root) == (SIZE, tlog.head(SIZE).root)
    else:
        assert answer.new_state is None


@given(change=mutation(), which=st.integers(0, 100))
def test_a_changed_tile_gives_the_same_leaves_or_none(change: Callable[[bytes], bytes], which: int) -> None:
    files = tlog.tile_files(LEAVES)
    path = sorted(files)[which % len(files)]
    files[path] = change(files[path])
    try:
        reader = TileReader(files.get, size=SIZE, root=tlog.head(SIZE).root)
        leaves = [reader.leaf(index) for index in range(SIZE)]
    except BadTile:
        return
    assert leaves == LEAVES


@given(sizes=st.lists(st.integers(0, 1_200), min_size=1, max_size=6))
def test_growing_in_any_steps_writes_exactly_what_the_list_says(sizes: list[int]) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(1_200)]
    steps = [0, *sorted(sizes)]
    files: dict[str, bytes] = {}
    for old, new in pairwise(steps):
        reader = TileReader(files.get, size=old, root=root_of(leaves[:old]))
        grower = TileGrower.resume(old, root_of(leaves[:old]), reader.partial)
        written = {tile.path: data for leaf in leaves[old:new] for tile, data in grower.add(leaf)}
        written |= {tile.path: data for tile, data in grower.partials()}
        assert set(written) == {tile.path for tile in growth(old, new) if tile.level >= 0}
        files |= written
    assert files.items() >= tlog.tile_files(leaves[: steps[-1]]).items()
