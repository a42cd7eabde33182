"""Canonical correlations against scikit-learn, eigenvalues and closed forms, and of noise."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.linalg import eigh
from sklearn.cross_decomposition import CCA
from tolerance import assert_close, make_rng

from mmtutorial.cross_modal import LinearCCA, canonical_correlations, chance_correlation

EXACT = {"steps": 5000, "scale": 1.0}  # correlations of some hundred items in float64: within 1e-13


def related(items=300, dims=(7, 5), shared=3, noise=(0.1, 0.5, 1.0), stream=0):
    """Two views, mixed at random, of which some directions share what the noise leaves."""
    rng = make_rng(stream)
    common = rng.normal(size=(items, shared))
    parts = [common, common + np.array(noise[:shared]) * rng.normal(size=common.shape)]
    views = [
        np.hstack([part, rng.normal(size=(items, dim - shared))]) @ rng.normal(size=(dim, dim)) + 5
        for part, dim in zip(parts, dims, strict=True)
    ]
    return dict(zip(("image", "text"), views, strict=True))


def by_eigenvalues(a, b, ridge=0.0):
    """Squared correlations as eigenvalues of C_ab C_bb^-1 C_ba against C_aa, largest first."""
    a, b = (view - view.mean(axis=0) for view in (a, b))
    aa, bb, ab = (x.T @ y / (len(a) - 1) for x, y in ((a, a), (b, b), (a, b)))
    aa, bb = (c + ridge * np.eye(len(c)) for c in (aa, bb))
    found = eigh(ab @ np.linalg.solve(bb, ab.T), aa, eigvals_only=True)[::-1]
    return np.sqrt(np.clip(found, 0, None))[: min(len(aa), len(bb))]


def lengths(view):
    return np.linalg.norm(view - view.mean(axis=0), axis=0)


@pytest.mark.parametrize("ridge", [0.0, 0.3, 10.0])
def test_correlations_are_the_roots_of_the_eigenvalues(ridge):
    views = related()
    found = LinearCCA(5, regularization=ridge).fit(views)
    expected = by_eigenvalues(*views.values(), ridge)
    np.testing.assert_allclose(found.correlations, expected, atol=1e-9)
    np.testing.assert_array_equal(
        canonical_correlations(*views.values(), regularization=ridge), found.correlations
    )


def test_it_agrees_with_scikit_learn():
    views = related()
    ours = LinearCCA(3).fit(views)
    theirs = CCA(3, tol=1e-14, max_iter=100_000).fit(*views.values())
    variates = ours.transform(views)
    for (name, mine), other in zip(
        variates.items(), theirs.transform(*views.values()), strict=True
    ):
        assert name in views
        for column in range(3):
            r = np.corrcoef(mine[:, column], other[:, column])[0, 1]
            assert abs(abs(r) - 1) < 1e-6
    pairs = zip(*(each.T for each in theirs.transform(*views.values())), strict=True)
    expected = [np.corrcoef(*pair)[0, 1] for pair in pairs]
    np.testing.assert_allclose(ours.correlations, expected, atol=1e-6)


def test_variates_have_variance_one_and_are_uncorrelated_but_in_pairs():
    views = related()
    cca = LinearCCA(5).fit(views)
    image, text = cca.transform(views).values()
    for variates in (image, text):
        assert_close(np.cov(variates.T), np.eye(5), **EXACT)
    both = np.cov(image.T, text.T)[:5, 5:]
    assert_close(both, np.diag(cca.correlations), **EXACT)
    assert_close(cca.score(views), cca.correlations, **EXACT)


@pytest.mark.parametrize("dim", [1, 2, 6])
def test_a_view_and_any_linear_map_of_it_are_fully_correlated(dim, rng):
    view = rng.normal(size=(50, dim))
    other = 3 - view @ rng.normal(size=(dim, dim))
    np.testing.assert_allclose(canonical_correlations(view, other), np.ones(dim), atol=1e-9)


def test_of_one_number_each_it_is_the_correlation(rng):
    a = rng.normal(size=60)
    b = a + rng.normal(size=60)
    found = canonical_correlations(a[:, None], -b[:, None])
    assert_close(found, [np.corrcoef(a, b)[0, 1]], **EXACT)


def test_of_one_number_against_many_it_is_that_of_linear_regression(rng):
    x, y = rng.normal(size=(60, 4)), rng.normal(size=60)
    design = np.hstack([np.ones((60, 1)), x])
    fitted = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    assert_close(canonical_correlations(x, y[:, None]), [np.corrcoef(fitted, y)[0, 1]], **EXACT)


def test_each_view_is_transformed_for_itself():
    views = related()
    cca = LinearCCA(2).fit(views)
    apart = cca.transform({"image": views["image"][:3], "text": views["text"][:5]})
    for name, rows in (("image", 3), ("text", 5)):
        whole = cca.transform({name: views[name]})[name]
        assert_close(apart[name], whole[:rows], **EXACT, eps=2.3e-16)


def test_invertible_maps_and_shifts_change_nothing(rng):
    views = related()
    expected = LinearCCA(5).fit(views)
    moved = {
        name: 100 * view @ (np.eye(len(view.T)) + 0.3 * rng.normal(size=(len(view.T),) * 2)) - 7
        for name, view in views.items()
    }
    found = LinearCCA(5).fit(moved)
    np.testing.assert_allclose(found.correlations, expected.correlations, atol=1e-8)
    for name, variates in found.transform(moved).items():
        overlap = np.sum(variates * expected.transform(views)[name], axis=0) / (len(variates) - 1)
        np.testing.assert_allclose(np.abs(overlap), 1, atol=1e-6)


def test_the_order_of_the_dict_and_of_the_rows_does_not_matter(rng):
    views = related()
    expected = LinearCCA(2).fit(views)
    back = LinearCCA(2).fit(dict(reversed(views.items())))
    for name in views:
        np.testing.assert_array_equal(back.directions[name], expected.directions[name])
    order = rng.permutation(300)
    mixed = LinearCCA(2).fit({name: view[order] for name, view in views.items()})
    np.testing.assert_allclose(mixed.correlations, expected.correlations, atol=1e-9)


def test_each_pair_points_so_that_the_largest_weight_of_the_first_name_is_positive():
    cca = LinearCCA(5).fit(related())
    first = cca.directions["image"]
    assert (first[np.abs(first).argmax(axis=0), range(5)] > 0).all()
    assert (cca.correlations > 0).all()


# --- what is not of full rank


@pytest.mark.parametrize("spoil", ["copy", "constant", "sum", "few items"])
def test_what_others_explain_changes_nothing(spoil):
    views = related()
    if spoil == "few items":
        views = {name: view[:5] for name, view in views.items()}
        assert_close(canonical_correlations(*views.values()), np.ones(4), **EXACT)
        return
    image = views["image"]
    extra = {
        "copy": image[:, :1],
        "constant": np.full((300, 1), 0.1),
        "sum": image @ np.ones((7, 1)),
    }
    wide = {**views, "image": np.hstack([image, extra[spoil]])}
    expected, found = LinearCCA(5).fit(views), LinearCCA(5).fit(wide)
    np.testing.assert_allclose(found.correlations, expected.correlations, atol=1e-9)
    assert_close(np.abs(found.score(wide)), found.correlations, **EXACT)


def test_only_as_many_components_as_the_rank():
    views = related()
    views["text"] = np.repeat(views["text"][:, :2], 2, axis=1)
    assert len(canonical_correlations(*views.values())) == 2
    with pytest.raises(ValueError, match="components must be at most 2, the smaller rank"):
        LinearCCA(3).fit(views)
    regular = LinearCCA(4, regularization=0.1).fit(views)
    assert regular.correlations[1] > 0.1
    np.testing.assert_allclose(regular.correlations[2:], 0, atol=1e-9)


def test_views_that_do_not_vary_have_nothing_in_common(rng):
    flat, other = np.ones((9, 2)), rng.normal(size=(9, 2))
    assert canonical_correlations(flat, other).size == 0
    cca = LinearCCA(2, regularization=1.0).fit({"a": flat, "b": other})
    np.testing.assert_array_equal(cca.correlations, 0)
    np.testing.assert_array_equal(cca.score({"a": flat, "b": other}), 0)


def test_regularization_shrinks_correlations_and_directions_to_those_of_the_covariance():
    """With much of it, the directions are the singular vectors of the covariance between views."""
    views = related()
    kinds = [LinearCCA(2, regularization=each).fit(views) for each in (0.0, 1.0, 1e9)]
    first = [kind.correlations[0] for kind in kinds]
    assert first[0] > first[1] > first[2]
    centred = {name: view - view.mean(axis=0) for name, view in views.items()}
    u, s, vt = np.linalg.svd(centred["image"].T @ centred["text"] / 299)
    for name, vectors in (("image", u), ("text", vt.T)):
        found = kinds[-1].directions[name]
        found = found / np.linalg.norm(found, axis=0)
        np.testing.assert_allclose(np.abs(np.sum(found * vectors[:, :2], axis=0)), 1, atol=1e-6)
    np.testing.assert_allclose(kinds[-1].correlations * 1e9, s[:2], rtol=1e-6)


def test_each_view_can_have_its_own_regularization():
    views = related()
    own = LinearCCA(3, regularization={"text": 0.0, "image": 2.0}).fit(views)
    scaled = {**views, "image": views["image"] / np.sqrt(2)}
    same = LinearCCA(3, regularization={"image": 1.0, "text": 0.0}).fit(scaled)
    np.testing.assert_allclose(own.correlations, same.correlations, atol=1e-9)
    with pytest.raises(ValueError, match="unexpected modality 'image' in inputs, which takes 'a'"):
        LinearCCA(1, regularization={"a": 0.0, "b": 1.0}).fit(views)


# --- held-out items, and noise


def test_held_out_items_show_what_is_shared():
    views = related(items=4000)
    train, test = (
        {n: v[part] for n, v in views.items()} for part in (slice(2000), slice(2000, None))
    )
    cca = LinearCCA(5).fit(train)
    truth = 1 / np.sqrt(1 + np.array([0.1, 0.5, 1.0]) ** 2)
    np.testing.assert_allclose(cca.score(test)[:3], truth, atol=0.05)
    np.testing.assert_allclose(cca.score(test)[3:], 0, atol=0.1)


@pytest.mark.parametrize("items", [40, 200])
def test_the_mean_squared_correlation_of_shuffled_pairs_is_known_exactly(items, rng):
    """Whatever the numbers are: the larger dim, divided by items - 1."""
    views = related(items=items, dims=(9, 6))
    a, b = np.exp(views["image"] / 10), np.abs(views["text"])  # far from normal
    squares = [np.mean(canonical_correlations(a, rng.permutation(b)) ** 2) for _ in range(400)]
    error = np.std(squares) / np.sqrt(len(squares))
    assert abs(np.mean(squares) - 9 / (items - 1)) < 4 * error


@pytest.mark.parametrize(
    ("items", "dims"), [(1000, (100, 100)), (2000, (300, 100)), (600, (250, 250))]
)
def test_the_first_correlation_of_noise_is_as_high_as_wachter_says(items, dims, rng):
    a, b = (rng.normal(size=(items, dim)) for dim in dims)
    found = canonical_correlations(a, b)[0]
    assert abs(found - chance_correlation(items, *dims)) < 0.04


def test_chance_correlation_at_its_limits():
    assert chance_correlation(101, 50, 50) == 1.0
    assert chance_correlation(101, 60, 50) == 1.0
    assert chance_correlation(10, 200, 1) == 1.0
    assert chance_correlation(10**12, 3, 4) == pytest.approx(0, abs=1e-5)
    assert chance_correlation(1001, 20, 80) == chance_correlation(1001, 80, 20)


# --- files


def test_another_process_reads_what_this_one_wrote(tmp_path):
    views = related()
    cca = LinearCCA(3, regularization={"image": 1.0, "text": 0.5}).fit(views)
    cca.save(tmp_path / "cca.npz")
    np.savez(
        tmp_path / "expected.npz",
        **views,
        **{f"to_{n}": v for n, v in cca.transform(views).items()},
    )
    code = (
        "import sys, numpy as np\nfrom mmtutorial.cross_modal import LinearCCA\n"
        "cca = LinearCCA.load(sys.argv[1] + '/cca.npz')\n"
        "known = np.load(sys.argv[1] + '/expected.npz')\n"
        "found = cca.transform({name: known[name] for name in ('image', 'text')})\n"
        "assert all(np.array_equal(found[name], known['to_' + name]) for name in found)\n"
        "assert cca.regularization == {'image': 1.0, 'text': 0.5} and cca.components == 3\n"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cca.npz", "expected.npz"]


def test_a_file_that_is_damaged_or_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "cca.npz"
    cca = LinearCCA(1).fit(related())
    cca.save(path)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[whole.index(cca.means["image"].tobytes())] ^= 255
    for content in (whole[: len(whole) // 2], b"", b"junk", bytes(flipped)):
        path.write_bytes(content)
        with pytest.raises(
            ValueError, match=r"cca\.npz is damaged, or no \.npz file: save it again"
        ):
            LinearCCA.load(path)
    np.savez(path, format=np.array("mmtutorial LinearCCA 9"), modalities=np.array(["a", "b"]))
    with pytest.raises(ValueError, match=r"was written by mmtutorial LinearCCA 9, expected .* 1"):
        LinearCCA.load(path)
    np.savez(path, x=np.zeros(2))
    with pytest.raises(ValueError, match=r"was written by another program"):
        LinearCCA.load(path)
    np.savez(path, x=np.array([None, {}]))
    with pytest.raises(ValueError, match="damaged"):
        LinearCCA.load(path)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        LinearCCA.load(tmp_path / "none.npz")
    with pytest.raises(ValueError, match=r"must end in \.npz"):
        LinearCCA.load(tmp_path / "cca.pkl")


def test_what_breaks_off_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "cca.npz"
    cca = LinearCCA(1).fit(related())
    cca.save(path)
    before = path.read_bytes()
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        LinearCCA(2).fit(related()).save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


# --- what cannot be meant


def test_it_says_what_is_wrong():
    views = related()
    with pytest.raises(TypeError, match=r"inputs must be a dict such as .*got list"):
        LinearCCA(1).fit(list(views.values()))
    with pytest.raises(ValueError, match="inputs must hold two modalities, got"):
        LinearCCA(1).fit({**views, "audio": views["text"]})
    with pytest.raises(ValueError, match="must hold at least two items, got one"):
        LinearCCA(1).fit({name: view[:1] for name, view in views.items()})
    with pytest.raises(
        ValueError, match=r"inputs\['image'\], inputs\['text'\] must hold one per item"
    ):
        LinearCCA(1).fit({**views, "text": views["text"][:-1]})
    with pytest.raises(ValueError, match=r"inputs\['text'\] must hold finite numbers"):
        LinearCCA(1).fit({**views, "text": np.where(np.eye(300, 5), np.nan, views["text"])})
    with pytest.raises(RuntimeError, match="call fit"):
        LinearCCA(1).transform(views)
    cca = LinearCCA(1).fit(views)
    with pytest.raises(
        ValueError, match=r"inputs\['image'\] must have shape \(items, 7\), got \(9, 3\)"
    ):
        cca.transform({"image": np.ones((9, 3))})
    with pytest.raises(
        ValueError, match="unexpected modality 'audio' in inputs, which takes 'image'"
    ):
        cca.transform({"audio": views["text"]})
    with pytest.raises(ValueError, match="inputs must hold 'image' and 'text', got"):
        cca.score({"image": views["image"]})
