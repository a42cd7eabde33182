"""An index against plain NumPy, and what becomes of its files when something breaks."""

import os
import shutil
import subprocess
import sys

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tolerance import assert_close, make_rng

from mmtutorial.cross_modal import RetrievalIndex, ShardedIndex
from mmtutorial.cross_modal import _index_files as files

DIM = 16
KINDS = ("exact", "hnsw")


def clusters(count, stream=0):
    """Return vectors around ten centres, as embeddings of things are."""
    rng = make_rng(stream)
    centres = make_rng(99).normal(size=(10, DIM))
    return centres[rng.integers(0, 10, count)] + 0.7 * rng.normal(size=(count, DIM))


def cosines(queries, vectors):
    queries, vectors = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (queries, vectors))
    return queries @ vectors.T


def filled(vectors, kind="exact", **options):
    index = RetrievalIndex(vectors.shape[1], kind=kind, **options)
    index.add(vectors, np.arange(len(vectors)))
    return index


def assert_nearest(found, queries, vectors, k):
    """The scores are those of the k nearest, and each id is of a vector with its score."""
    ids, scores = found
    table = cosines(queries, vectors)
    assert ids.shape == scores.shape == (len(queries), k)
    expected = -np.sort(-table, axis=1)[:, :k]
    assert_close(scores, expected, steps=2 * vectors.shape[1], scale=1)
    assert_close(scores, np.take_along_axis(table, ids, 1), steps=2 * vectors.shape[1], scale=1)
    assert all(len(set(row)) == k for row in ids.tolist())


@pytest.fixture
def both(tmp_path):
    """Write one index to a file, and another to a folder."""
    vectors = clusters(300)
    index = filled(vectors, card={"model": "of a test"})
    index.save(tmp_path / "all.index")
    shards = ShardedIndex(tmp_path / "shards", DIM, shard_size=70, card={"model": "of a test"})
    shards.add(vectors, np.arange(300))
    return index, shards, tmp_path


# --- search


@given(st.integers(1, 60), st.integers(1, 9), st.integers(1, 7), st.integers(1, 60))
def test_exact_search_is_that_of_numpy(count, queries, dim, k):
    rng = make_rng(count + 100 * queries)
    vectors, asked = rng.normal(size=(count, dim)), rng.normal(size=(queries, dim))
    k = min(k, count)
    assert_nearest(filled(vectors).search(asked, k), asked, vectors, k)


@pytest.mark.parametrize("queries", [1, 50])
def test_many_vectors_are_added_in_parts(queries, monkeypatch):
    monkeypatch.setattr("mmtutorial.cross_modal.index.ROWS", 7)
    vectors, asked = clusters(100), clusters(queries, 1)
    assert_nearest(filled(vectors).search(asked, 10), asked, vectors, 10)


def test_the_graph_finds_nearly_all_and_none_twice():
    vectors, asked = clusters(3000), clusters(200, 1)
    exact, _ = filled(vectors).search(asked, 10)
    found, scores = filled(vectors, "hnsw").search(asked, 10)
    shared = [len(set(a) & set(b)) for a, b in zip(exact.tolist(), found.tolist(), strict=True)]
    assert np.mean(shared) / 10 > 0.95
    table = cosines(asked, vectors)
    assert_close(scores, np.take_along_axis(table, found, 1), steps=2 * DIM, scale=1)
    assert (np.diff(scores, axis=1) <= 0).all()


def test_a_search_that_looks_at_more_finds_more():
    vectors, asked = clusters(5000), clusters(200, 1)
    exact, _ = filled(vectors).search(asked, 10)
    recall = {}
    for ef in (10, 200):
        index = filled(vectors, "hnsw", m=2, ef_construction=10, ef_search=ef)
        found, _ = index.search(asked, 10)
        pairs = zip(exact.tolist(), found.tolist(), strict=True)
        recall[ef] = np.mean([len(set(a) & set(b)) / 10 for a, b in pairs])
    assert recall[10] + 0.1 < recall[200]


@pytest.mark.parametrize("kind", KINDS)
def test_all_vectors_can_be_asked_for(kind):
    """Links between three tight clusters are few: where the graph leads nowhere, all is read."""
    rng = make_rng()
    vectors = np.repeat(np.eye(3, DIM), 40, axis=0) + 1e-4 * rng.normal(size=(120, DIM))
    index = filled(vectors, kind, **({"m": 2, "ef_construction": 2} if kind == "hnsw" else {}))
    assert_nearest(index.search(vectors[::20], 120), vectors[::20], vectors, 120)


@pytest.mark.parametrize("kind", KINDS)
def test_lengths_do_not_matter(kind):
    vectors, asked = clusters(200), clusters(5, 1)
    ids, scores = filled(vectors, kind).search(asked, 5)
    lengths = 10.0 ** make_rng().integers(-30, 30, (200, 1))
    other_ids, other_scores = filled(vectors * lengths, kind).search(1e-200 * asked, 5)
    np.testing.assert_array_equal(other_ids, ids)
    assert_close(other_scores, scores, steps=4, scale=1)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_asked_for_is_found_with_a_score_of_one(kind):
    vectors = clusters(100)
    ids, scores = filled(vectors, kind).search(vectors, 1)
    assert ids[:, 0].tolist() == list(range(100))
    assert_close(scores, np.ones((100, 1)), steps=2 * DIM)
    assert scores.max() <= 1


def test_ids_are_texts_or_whole_numbers_and_may_repeat():
    index = RetrievalIndex(2)
    index.add([[1, 0], [1, 0.1]], ["公鸡", "公鸡"])
    index.add([[0, 1]], ["🐓 \ud800"])
    ids, _ = index.search([[1, 0], [0, 1]], 2)
    assert ids[0].tolist() == ["公鸡", "公鸡"]
    assert ids[1, 0] == "🐓 \ud800"
    numbers = RetrievalIndex(1)
    numbers.add([[1], [-1]], [2**63 - 1, -(2**63)])
    ids, _ = numbers.search([[1]], 2)
    assert ids.tolist() == [[2**63 - 1, -(2**63)]]
    assert ids.dtype == "int64"


def test_threads_are_set_for_the_search_alone():
    before = faiss.omp_get_max_threads()
    vectors = clusters(500)
    one, two = (filled(vectors, "hnsw", threads=n).search(vectors[:9], 5) for n in (1, before + 1))
    assert faiss.omp_get_max_threads() == before
    assert_close(two[1], one[1], steps=2 * DIM)


# --- shards


@pytest.mark.parametrize("k", [1, 10, 250])
def test_shards_find_what_the_whole_index_finds(k, both):
    index, shards, folder = both
    asked = clusters(30, 1)
    ids, scores = index.search(asked, k)
    for each in (shards, ShardedIndex.load(folder / "shards")):
        found = each.search(asked, k)
        np.testing.assert_array_equal(found[0], ids)
        assert_close(found[1], scores, steps=2 * DIM, scale=1)
    assert len(list((folder / "shards").glob("shard-*"))) == 5  # 4 of 70, one of 20


def test_shards_are_added_to_after_they_were_opened_again(both):
    index, _, folder = both
    more = clusters(33, 2)
    index.add(more, np.arange(300, 333))
    ShardedIndex.load(folder / "shards").add(more, np.arange(300, 333))
    again = ShardedIndex.load(folder / "shards", verify=False, threads=1)
    assert (len(again), again.card, again.dim) == (333, {"model": "of a test"}, DIM)
    np.testing.assert_array_equal(again.search(more, 5)[0], index.search(more, 5)[0])


def test_a_shard_is_an_index_of_its_own(both):
    part = RetrievalIndex.load(both[2] / "shards" / "shard-000001.index")
    assert part.search(clusters(300)[70:140], 1)[0][:, 0].tolist() == list(range(70, 140))


def test_mapped_vectors_are_read_shard_by_shard(tmp_path):
    np.save(tmp_path / "vectors.npy", clusters(100).astype("float32"))
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    shards = ShardedIndex(tmp_path / "shards", DIM, shard_size=40)
    shards.add(mapped, [f"é{i}" for i in range(100)])
    ids, _ = ShardedIndex.load(tmp_path / "shards").search(mapped, 1)
    assert ids[:, 0].tolist() == [f"é{i}" for i in range(100)]


def test_what_breaks_off_adds_nothing_to_the_shards(both):
    _, shards, folder = both
    vectors = clusters(150, 3)
    vectors[149] = np.nan  # in the last of three
    for index in (shards, ShardedIndex.load(folder / "shards")):
        with pytest.raises(ValueError, match="vectors must hold finite numbers"):
            index.add(vectors, np.arange(150))
        assert len(index) == 300
    assert len(ShardedIndex.load(folder / "shards")) == 300
    shards.add(vectors[:70], np.arange(70))  # takes the names that were left
    assert len(ShardedIndex.load(folder / "shards")) == 370


# --- files


@pytest.mark.parametrize("ids", [list(range(300)), [f"号{i}" for i in range(300)]])
@pytest.mark.parametrize("kind", KINDS)
def test_a_loaded_index_finds_the_same(kind, ids, tmp_path, monkeypatch):
    monkeypatch.setattr("mmtutorial.cross_modal.index.ROWS", 64)
    options = {"m": 8, "ef_construction": 30, "ef_search": 20} if kind == "hnsw" else {}
    index = RetrievalIndex(DIM, kind=kind, card={"model": "图像", "seed": "0"}, **options)
    index.add(clusters(300), ids)
    index.save(tmp_path / "all.index")
    again = RetrievalIndex.load(str(tmp_path / "all.index"))
    assert (again.kind, again.dim, len(again)) == (kind, DIM, 300)
    assert again.card == {"model": "图像", "seed": "0"}
    if options:
        assert {name: getattr(again, name) for name in options} == options
    asked = clusters(20, 1)
    for mine, theirs in zip(index.search(asked, 5), again.search(asked, 5), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    again.add(clusters(50, 2), ids[:50])
    found, scores = again.search(clusters(50, 2), 1)
    assert found[:, 0].tolist() == ids[:50]
    assert_close(scores, np.ones((50, 1)), steps=2 * DIM)


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_index_is_saved_and_filled_later(kind, tmp_path):
    RetrievalIndex(DIM, kind=kind).save(tmp_path / "empty.index")
    index = RetrievalIndex.load(tmp_path / "empty.index")
    assert len(index) == 0
    index.add(clusters(3), ["a", "b", "c"])
    assert index.search(clusters(3), 1)[0][:, 0].tolist() == ["a", "b", "c"]


def test_one_index_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        filled(clusters(50)).save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_anywhere_is_refused(kind, tmp_path):
    path = tmp_path / "all.index"
    filled(clusters(40), kind).save(path)
    whole = path.read_bytes()
    for length in [0, 10, 63, 64, 100, len(whole) // 2, len(whole) - 33, len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"all\.index is (damaged, or was cut off|no index)"):
            RetrievalIndex.load(path)
    for place in (70, len(whole) // 2, len(whole) - 50, len(whole) - 10):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(ValueError, match=r"all\.index is damaged"):
            RetrievalIndex.load(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(ValueError, match=r"all\.index is damaged"):
        RetrievalIndex.load(path)


def test_a_file_of_another_version_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "VERSION", b"2")
    filled(clusters(4)).save(tmp_path / "all.index")
    monkeypatch.undo()
    with pytest.raises(ValueError, match="by another version of mmtutorial: its form is '2', and"):
        RetrievalIndex.load(tmp_path / "all.index")


def test_a_graph_that_faiss_cannot_read_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(RetrievalIndex, "_write_graph", lambda self, write: write(b"\1" * 64))
    filled(clusters(4), "hnsw").save(tmp_path / "all.index")
    with pytest.raises(ValueError, match=f"was written by FAISS {faiss.__version__}, and FAISS"):
        RetrievalIndex.load(tmp_path / "all.index")


def test_what_is_no_index_is_refused(both):
    _, _, folder = both
    (folder / "notes.txt").write_text("no index")
    with pytest.raises(ValueError, match=r"notes\.txt is no index that mmtutorial has saved"):
        RetrievalIndex.load(folder / "notes.txt")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        RetrievalIndex.load(folder / "nothing")
    with pytest.raises(FileNotFoundError, match="is a folder"):
        RetrievalIndex.load(folder)
    with pytest.raises(ValueError, match="holds an index of kind 'shards', not"):
        RetrievalIndex.load(folder / "shards" / "shards.index")
    with pytest.raises(FileNotFoundError, match=r"shards\.index does not exist"):
        ShardedIndex.load(folder)
    with pytest.raises(ValueError, match="folder must be a folder, got the file"):
        ShardedIndex(folder / "notes.txt", DIM)
    with pytest.raises(ValueError, match=r"holds an index: open it by ShardedIndex\.load"):
        ShardedIndex(folder / "shards", DIM)


def test_shards_that_are_damaged_missing_or_exchanged_are_refused(both):
    _, _, folder = both
    shard = folder / "shards" / "shard-000002.index"
    whole = shard.read_bytes()
    shard.write_bytes(whole[: len(whole) // 2])
    for verify in (True, False):
        with pytest.raises(ValueError, match=r"shard-000002\.index is damaged, or was cut off"):
            ShardedIndex.load(folder / "shards", verify=verify)
    shard.write_bytes(whole[:100] + b"\0" + whole[101:])
    with pytest.raises(ValueError, match=r"shard-000002\.index is damaged"):
        ShardedIndex.load(folder / "shards")
    shutil.copy(folder / "all.index", shard)
    with pytest.raises(ValueError, match=r"shard-000002\.index is not the file that"):
        ShardedIndex.load(folder / "shards")
    shard.unlink()
    with pytest.raises(FileNotFoundError, match=r"shard-000002\.index does not exist"):
        ShardedIndex.load(folder / "shards")


@pytest.mark.parametrize("kind", KINDS)
def test_a_save_that_breaks_off_leaves_the_old_file(kind, tmp_path, monkeypatch):
    filled(clusters(40), kind).save(tmp_path / "all.index")
    before = (tmp_path / "all.index").read_bytes()

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        filled(clusters(90), kind).save(tmp_path / "all.index")
    assert (tmp_path / "all.index").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["all.index"]


def test_an_index_whose_adding_broke_off_is_not_used(monkeypatch):
    index = filled(clusters(10), "hnsw")

    def interrupted(vectors):
        raise KeyboardInterrupt

    monkeypatch.setattr(index._index, "add", interrupted)
    with pytest.raises(KeyboardInterrupt):
        index.add(clusters(10), np.arange(10))
    for use in (lambda: index.search(clusters(1), 1), lambda: index.save("never")):
        with pytest.raises(ValueError, match="this index is unfinished"):
            use()


# --- what is wrong is said, and adds nothing


def test_wrong_vectors_and_ids_add_nothing(tmp_path):
    good = clusters(3)
    wrong = {
        "vectors must hold finite numbers, got nan": (np.full((3, DIM), np.nan), [1, 2, 3]),
        r"vectors must be vectors, \(items, dim = 16\), got shape \(3, 15\)": (
            good[:, 1:],
            [1, 2, 3],
        ),
        "vectors must have a direction, but row 1": (good * [[1], [0], [1]], [1, 2, 3]),
        "ids must hold one id for each of the 3 vectors, got shape": (good, [1, 2]),
        "ids must be whole numbers, as those before, got 'a'": (good, ["a", "b", "c"]),
        "ids must hold class labels of one kind": (good, ["a", None, 3]),
        "ids must fit into 64 bits": (good, [1, 2, 2**63]),
        "vectors must be vectors": (np.ones((0, DIM)), []),
    }
    for index in (RetrievalIndex(DIM), ShardedIndex(tmp_path / "shards", DIM)):
        index.add(good, [1, 2, 3])
        for message, (vectors, ids) in wrong.items():
            with pytest.raises(ValueError, match=message):
                index.add(vectors, ids)
        assert len(index) == 3


def test_a_search_that_cannot_be_is_refused(tmp_path):
    empty = RetrievalIndex(DIM), ShardedIndex(tmp_path / "empty", DIM)
    full = filled(clusters(5)), ShardedIndex(tmp_path / "full", DIM)
    full[1].add(clusters(5), list("abcde"))
    for index in empty:
        with pytest.raises(ValueError, match="the index is empty"):
            index.search(clusters(1), 1)
    for index in full:
        for message, queries, k in [
            ("k must be at most 5, got 6", clusters(1), 6),
            ("k must be at least 1, got 0", clusters(1), 0),
            ("queries must be vectors", clusters(1)[0], 1),
            (r"got shape \(1, 15\)", clusters(1)[:, 1:], 1),
            ("queries must have a direction", np.zeros((1, DIM)), 1),
            ("queries must hold finite numbers, got nan", np.full((1, DIM), np.nan), 1),
        ]:
            with pytest.raises(ValueError, match=message):
                index.search(queries, k)


def test_wrong_options_are_refused():
    with pytest.raises(ValueError, match=r"kind must be one of \('exact', 'hnsw'\), got 'ivf'"):
        RetrievalIndex(DIM, kind="ivf")
    with pytest.raises(TypeError, match="card must be a dict such as"):
        RetrievalIndex(DIM, card="CLIP")
    with pytest.raises(TypeError, match=r"card\['seed'\] must be a text, got 0"):
        RetrievalIndex(DIM, card={"seed": 0})
    for options in ({"m": 1}, {"ef_search": 0}, {"ef_construction": 0}, {"threads": 0}):
        with pytest.raises(ValueError, match=f"{next(iter(options))} must be at least"):
            RetrievalIndex(DIM, kind="hnsw", **options)


# --- beside other libraries


ORDERS = ["faiss, tensorflow, torch", "torch, tensorflow, faiss"]


@pytest.mark.parametrize("order", ORDERS)
def test_faiss_works_beside_tensorflow_and_torch_in_any_order(order):
    """Each brings its own threads; a model computes, an index is built, and the reverse."""
    for each in order.split(", "):
        pytest.importorskip(each)
    code = f"""
import {order}
import numpy as np
from mmtutorial.cross_modal import RetrievalIndex
x = np.random.default_rng(0).normal(size=(3000, 32)).astype("float32")
product = x @ x.T
for _ in range(2):
    tf = tensorflow.matmul(x, x, transpose_b=True).numpy()
    index = RetrievalIndex(32, kind="hnsw", m=8)
    index.add(x, np.arange(3000))
    assert (index.search(x, 1)[0][:, 0] == np.arange(3000)).mean() > 0.99
    th = (torch.tensor(x) @ torch.tensor(x).T).numpy()
    assert max(np.abs(tf - product).max(), np.abs(th - product).max()) < 1e-3
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def test_the_package_loads_without_faiss():
    code = "import sys; sys.modules['faiss'] = None; from mmtutorial import cross_modal"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
