"""The digits: what one drawing is stays on one side, and the views hold what they say."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.spatial.distance import cdist

import mmtutorial as mm
from mmtutorial.data import _files, digits

SPLITS = ("train", "validation", "test")
WIDTHS = {"fou": 76, "fac": 216, "kar": 64, "pix": 240, "zer": 47, "mor": 6}
SEEDS = (0, 1, 7)


@pytest.fixture(scope="module")
def data():
    return mm.data.load_digits()


def sides(data):
    return [getattr(data, side) for side in SPLITS]


def whole(data, read):
    """Put the rows of all splits back into the order of the source."""
    rows = np.concatenate([split.info["row"] for split in sides(data)])
    return np.concatenate([read(split) for split in sides(data)])[np.argsort(rows)]


def view(data, name):
    return whole(data, lambda split: split.inputs[name]).astype(np.float64)


def written(data):
    return whole(data, lambda split: split.targets["digit"])


# The split


@pytest.mark.parametrize("seed", SEEDS)
def test_every_row_is_on_one_side(seed):
    data = mm.data.load_digits(seed=seed)
    rows = np.concatenate([split.info["row"] for split in sides(data)])
    np.testing.assert_array_equal(np.sort(rows), np.arange(2000))
    counts = np.stack([np.bincount(split.targets["digit"], minlength=10) for split in sides(data)])
    assert (counts.sum(axis=0) == 200).all()
    np.testing.assert_allclose(counts, np.outer([100, 40, 60], np.ones(10)), atol=5)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_drawing_is_on_two_sides(seed):
    """Looked for in the pixels anew, upright and upside down, by other means than the builder's."""
    data = mm.data.load_digits(seed=seed)
    for left, right in ((0, 1), (0, 2), (1, 2)):
        one, other = sides(data)[left], sides(data)[right]
        assert not set(one.info["cluster"]) & set(other.info["cluster"])
        pixels = other.inputs["pix"].reshape(-1, 16, 15)
        for drawings in (pixels, pixels[:, ::-1, ::-1]):
            apart = cdist(one.inputs["pix"], drawings.reshape(len(other), -1), "sqeuclidean")
            assert apart.min() >= 150


def test_a_seed_decides_the_split(data):
    again, other = mm.data.load_digits(seed=0), mm.data.load_digits(seed=1)
    for split, same in zip(sides(data), sides(again), strict=True):
        np.testing.assert_array_equal(split.info["row"], same.info["row"])
    assert len(set(data.test.info["row"]) & set(other.test.info["row"])) < 0.5 * len(data.test)


def test_a_six_upside_down_is_a_nine_of_its_cluster(data):
    clusters, digit = whole(data, lambda split: split.info["cluster"]), written(data)
    pixels, moments = view(data, "pix").reshape(-1, 16, 15), view(data, "zer")
    pairs = 0
    for cluster in set(clusters[digit == 9]) & set(clusters[digit == 6]):
        six = np.flatnonzero((clusters == cluster) & (digit == 6))[0]
        nine = np.flatnonzero((clusters == cluster) & (digit == 9))[0]
        difference = np.abs(pixels[six] - pixels[nine][::-1, ::-1])
        assert difference.mean() < 0.5  # of levels 0 to 6
        pairs += np.abs(moments[six] - moments[nine]).max() < 0.1
    # Moments that no turn changes are an independent witness; two pairs are a little off.
    assert pairs >= 106
    mixed = {tuple(sorted(set(digit[clusters == cluster]))) for cluster in set(clusters)}
    assert {kind for kind in mixed if len(kind) > 1} == {(6, 9)}


def test_what_turns_cannot_tell_six_from_nine(data):
    """Nearest neighbours by moments take sixes for nines; by pixels they do not."""
    right = {}
    for name in ("zer", "pix"):
        fit, asked = ((split.inputs[name], split.targets["digit"]) for split in sides(data)[::2])
        mean, scale = fit[0].mean(axis=0), fit[0].std(axis=0) + 1e-6
        train, test = (fit[0] - mean) / scale, (asked[0] - mean) / scale
        near = [np.square(train - row).sum(axis=1).argmin() for row in test]
        chosen = np.isin(asked[1], [6, 9])
        right[name] = (fit[1][near] == asked[1])[chosen].mean()
    assert right["pix"] > 0.9
    assert right["zer"] < 0.7  # 0.5 is chance


# What the arrays hold


def test_views_have_their_widths_and_types(data):
    for split in sides(data):
        assert {name: rows.shape[1] for name, rows in split.inputs.items()} == WIDTHS
        assert all(rows.dtype == np.float32 for rows in split.inputs.values())
        assert all(np.isfinite(rows).all() for rows in split.inputs.values())
    assert data.classes["digit"] == tuple("0123456789")


def test_whole_numbers_stayed_whole(data):
    pixels, profiles = view(data, "pix"), view(data, "fac")
    assert set(np.unique(pixels)) == set(range(7))
    np.testing.assert_array_equal(profiles, np.rint(profiles))
    assert profiles.max() == 1353


def test_pixels_show_the_digit(data):
    """A zero is hollow, a one is not; and the mean numeral of the source starts at the top."""
    pixels, digit = view(data, "pix").reshape(-1, 16, 15), written(data)
    middle = pixels[:, 6:10, 6:9].mean(axis=(1, 2))
    assert middle[digit == 0].mean() < 1 < 4 < middle[digit == 1].mean()
    lower, upper = pixels[:, 8:].sum(axis=(1, 2)), pixels[:, :8].sum(axis=(1, 2))
    assert (lower > upper)[digit == 6].mean() > 0.9
    assert (lower < upper)[digit == 9].mean() > 0.9


def test_karhunen_loeve_coefficients_follow_from_the_pixels(data, rng):
    """They are principal components of the finer pictures: nearly a linear map of these pixels."""
    coefficients, pixels = view(data, "kar"), view(data, "pix")
    assert unexplained(pixels, coefficients) < 0.06
    assert unexplained(pixels[rng.permutation(2000)], coefficients) > 0.8


def unexplained(rows, targets):
    """The share of the targets' variance that least squares leaves."""
    design = np.column_stack([rows, np.ones(len(rows))])
    left = targets - design @ np.linalg.lstsq(design, targets, rcond=None)[0]
    return left.var(axis=0).sum() / targets.var(axis=0).sum()


def test_views_belong_to_the_same_rows(data):
    """Logistic regression reads each as well as on five other splits, less three deviations."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    known = {"fou": 0.814, "fac": 0.968, "kar": 0.946, "pix": 0.963, "zer": 0.818, "mor": 0.722}
    summed, truth = 0, data.test.targets["digit"]
    for name, share in [*known.items(), ("late", 0.980)]:
        if name in known:
            model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
            model.fit(data.train.inputs[name], data.train.targets["digit"])
            decided = model.predict_log_proba(data.test.inputs[name])
            summed = summed + decided
        else:
            decided = summed
        deviation = np.sqrt(share * (1 - share) / len(truth))
        assert (decided.argmax(axis=1) == truth).mean() > share - 3 * deviation, name


# Options and files


@pytest.mark.parametrize(
    ("seed", "error", "message"),
    [
        (-1, ValueError, "^seed must be at least 0, got -1"),
        (0.5, TypeError, "^seed must be a whole number, got 0.5"),
        (None, TypeError, "^seed must be a whole number, got None"),
    ],
)
def test_a_wrong_seed_is_refused(seed, error, message):
    with pytest.raises(error, match=message):
        mm.data.load_digits(seed=seed)


@pytest.mark.parametrize("name", ["digits.npz", "digits.json"])
def test_a_damaged_file_is_noticed(name, tmp_path, monkeypatch):
    folder = tmp_path / "digits"
    folder.mkdir()
    for path in (_files.FOLDER / "digits").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    monkeypatch.setattr(_files, "FOLDER", tmp_path)
    digits._read.cache_clear()
    with pytest.raises(mm.data.DataError, match=rf"{name} is damaged.*make data"):
        mm.data.load_digits()
    digits._read.cache_clear()


def test_files_stay_small():
    paths = list((_files.FOLDER / "digits").iterdir())
    assert sum(path.stat().st_size for path in paths) < 2.5e6


def test_the_card_says_what_is_twice(data):
    flaws = " ".join(data.card.flaws)
    clusters, digit = whole(data, lambda split: split.info["cluster"]), written(data)
    turned = np.isin(clusters[digit == 9], clusters[digit == 6]).sum()
    assert f"{turned} of the 200 nines" in flaws
    assert data.card.licence == "CC-BY-4.0"
    assert data.card.counts["drawings"] == len(set(clusters)) == 1875


def test_loading_needs_numpy_only():
    code = (
        "import sys, mmtutorial as mm; mm.data.load_digits();"
        "heavy = {'keras', 'tensorflow', 'scipy', 'PIL', 'sklearn'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
