"""What is taken away has no say: in the product, in the networks, and in what is shown."""

import numpy as np
import pytest
from html_checks import Tags

from mmtutorial.chapters.fusion.missing_modalities import live
from mmtutorial.chapters.fusion.missing_modalities.experiment import predict_by_pattern
from mmtutorial.chapters.fusion.missing_modalities.figures import missing_photos_panel
from mmtutorial.data import load_stamps
from mmtutorial.tasks import StampTask, log_frequencies
from mmtutorial.tasks.stamps import StampRecipe

ALL = ("image", "text", "speech", "sound")
FROG, SNOWMAN = "animals/amphibians/frog", "people/cartoon/snowman"


@pytest.fixture(scope="module")
def away():
    """Models with the weights that they begin with: who is asked matters, not how well."""
    task, recipe = StampTask(modalities=("image", "text")), StampRecipe(units=8)
    names = {"image": "image", "text": "text", "concat": "concat", "concat + dropout": "concat"}
    models = {name: task.build(method, recipe) for name, method in names.items()}
    stamps = load_stamps(size=32)
    away = live.TakenAway(task, models, stamps)
    away.task, away.stamps = task, stamps
    return away


def test_with_nothing_left_the_product_answers_the_prior(away):
    prior = log_frequencies(away.task.targets("train"), 10)
    for row in (0, 50, 130):
        np.testing.assert_allclose(away.log_probabilities(row, live.EXPERTS, ()), prior, atol=1e-6)
    assert away.bits(0, live.EXPERTS, ()) == pytest.approx(-prior[away.truth[0]] / np.log(2))


def test_the_product_multiplies_what_is_left_over_its_own_frequencies(away):
    row = away.find(FROG)
    sound = away.listeners["sound"]
    heard = sound.predict_log_proba(away.stamps.validation.inputs["sound"][[row]])[0]
    read = away._vote("text", row)[0]
    p = np.exp(read + heard - sound.frequencies)  # the caption's frequencies are the prior
    found = away.log_probabilities(row, live.EXPERTS, ("text", "sound"))
    np.testing.assert_allclose(np.exp(found), p / p.sum(), atol=1e-5)
    assert np.abs(found - away.log_probabilities(row, live.EXPERTS, ("text",))).max() > 0.1


def test_a_stamp_of_the_test_split_is_shown_heard_and_judged_as_itself(away):
    split, at = away.stamps.test, 5
    row = away.find(split.info["path"][at])
    assert row == len(away.stamps.validation) + at
    votes = predict_by_pattern(away.task, away.models["concat"], "test")[True, True][at]
    np.testing.assert_allclose(
        away.log_probabilities(row, "zeros", ("image", "text")), votes, atol=1e-5
    )
    assert away.truth[row] == split.targets["group"][at]
    assert away.has(row) == [name for name in ALL if split.presence[name][at]]
    shown = Tags(away.frame(row, "zeros", image=True, text=True)._repr_html_()).all("img")[0]
    assert split.inputs["text"][at] in shown["alt"]
    heard = int(np.flatnonzero(split.presence["sound"])[0])
    found = away._vote("sound", len(away.stamps.validation) + heard)
    expected = away.listeners["sound"].predict_log_proba(split.inputs["sound"][[heard]])
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_no_stamp_to_choose_was_in_training(away):
    learnt = set(away.stamps.train.info["path"])
    assert not learnt & {split.info["path"][at] for split, at in away._places}


def test_an_expert_who_was_not_asked_and_one_without_an_input_have_no_say(away):
    row = away.find(SNOWMAN)  # nobody read its caption aloud, and it makes no sound
    assert away.has(row) == ["image", "text"]
    np.testing.assert_array_equal(
        away.log_probabilities(row, live.EXPERTS, ALL),
        away.log_probabilities(row, live.EXPERTS, ("image", "text")),
    )


@pytest.mark.parametrize(
    ("way", "model"), [("zeros", "concat"), ("modality dropout", "concat + dropout")]
)
def test_a_network_is_told_what_is_left_and_hears_nothing(away, way, model):
    by_pattern, row = predict_by_pattern(away.task, away.models[model], "validation"), 7
    for pattern, votes in by_pattern.items():
        left = [name for name, there in zip(("image", "text"), pattern, strict=True) if there]
        for more in ([], ["speech", "sound"]):
            found = away.log_probabilities(row, way, left + more)
            np.testing.assert_allclose(found, votes[row], atol=1e-5)


def test_the_frame_shows_and_plays_what_is_left_and_nothing_else(away):
    row = away.find(FROG)
    whole = Tags(away.frame(row, live.EXPERTS, **dict.fromkeys(ALL, True))._repr_html_())
    assert whole.open == []
    assert [a["aria-label"] for a in whole.all("audio")] == ["Voice", "Sound"]
    (picture,) = whole.all("img")
    assert picture["alt"] == "photograph, caption “A frog.”, voice, sound"
    some = Tags(away.frame(row, live.EXPERTS, speech=True, image=False)._repr_html_())
    assert [a["aria-label"] for a in some.all("audio")] == ["Voice"]
    (grey,) = some.all("img")
    assert grey["alt"] == "no photograph, no caption, voice, no sound"
    assert len(grey["src"]) < 300 < len(picture["src"])
    assert "A frog" not in some.words
    assert "Pictures: stamps of Tux Paint" in whole.words
    assert whole.words.count("Sound: Tux Paint") == 2
    assert "Pictures: " not in some.words


def test_the_frame_says_how_surprised_it_is(away):
    row = away.find(FROG)
    before, after = (away.bits(row, "zeros", left) for left in (away.has(row), ("text",)))
    text = Tags(away.frame(row, "zeros", text=True)._repr_html_()).words
    assert f"{before:.2f} bits with all there, {after:.2f} bits with what is left" in text
    shares = np.exp(away.log_probabilities(row, "zeros", ("text",)))
    assert all(f"{share:.2f}" in text for share in shares)


@pytest.mark.parametrize(
    ("way", "left", "note"),
    [
        (live.EXPERTS, ALL, "Nobody has recorded a sound"),
        ("zeros", ("text", "sound"), "Nobody has recorded a sound"),
        ("zeros", (), "this is what its biases say"),
        (live.EXPERTS, ("sound",), "this is the prior"),
        (live.EXPERTS, (), "this is the prior"),
    ],
)
def test_what_one_may_wonder_about_is_said(away, way, left, note):
    row = away.find(SNOWMAN)
    assert note in away.frame(row, way, **dict.fromkeys(left, True))._repr_html_()
    assert note not in away.frame(row, way, image=True, text=True)._repr_html_()


def test_a_network_that_cannot_hear_says_so(away):
    row = away.find(FROG)
    assert live.DEAF in away.frame(row, "zeros", text=True, sound=True)._repr_html_()
    assert live.NOTHING["zeros"] in away.frame(row, "zeros", sound=True)._repr_html_()
    assert live.DEAF not in away.frame(row, live.EXPERTS, text=True, sound=True)._repr_html_()


def test_the_reader_begins_with_all_and_the_twin_needs_no_kernel(away):
    figure = live.take_away(away, [FROG, SNOWMAN], way="zeros")
    values = {name: control.value for name, control in figure._controls.items()}
    assert values == {"row": away.find(FROG), "way": "zeros"} | dict.fromkeys(ALL, True)
    assert {row for _, row in figure._controls["row"].options} == set(range(131 + 129))
    figure._controls["image"].value = False
    assert 'alt="no photograph, caption “A frog.”, voice, sound"' in figure._figure.value
    twin = Tags(figure._repr_mimebundle_()["text/html"])
    assert len(twin.all("table")) == 2 * len(live.LEFT) * len(live.IN_TWIN)
    assert twin.all("img")[0]["alt"] == "photograph, no caption, voice, sound"
    assert twin.all("audio") == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda away: away.find("unicorn"), "path must be that of a stamp of validation or test"),
        (lambda away: away.frame(0, "mean"), "way must be one of"),
        (lambda away: away.log_probabilities(0, "zeros", ["smell"]), "left must be one of"),
    ],
)
def test_what_the_controls_do_not_offer_is_refused(away, wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong(away)


def test_the_slider_hides_the_stamps_whose_lot_is_below_the_share(away):
    stamps = load_stamps(size=32)
    names = ("text", "concat", "concat + dropout")
    truth = away.truth[:131]
    eye = np.log(np.full((131, 10), 0.01) + 0.9 * np.eye(10)[truth])
    right_votes = dict.fromkeys([(a, b) for a in (True, False) for b in (True, False)], eye)
    votes = {name: dict(right_votes) for name in names}
    votes["concat"][False, True] = np.roll(eye, 1, axis=1)  # wrong where the photograph is gone
    right = {
        name: {p: v.argmax(axis=1) == truth for p, v in each.items()}
        for name, each in votes.items()
    }
    pair = {name: votes[name] for name in names[1:]}
    groups = stamps.classes["group"]
    slider = live.vanishing_photos(missing_photos_panel, right, pair, stamps.validation, groups)
    alts = [image["alt"] for image in Tags(slider._repr_html_()).all("img")]
    assert "0 of the six shown: accuracy 1.00 without" in alts[0]
    assert "6 of the six shown: accuracy 0.00 without modality dropout and 1.00 with" in alts[-1]
