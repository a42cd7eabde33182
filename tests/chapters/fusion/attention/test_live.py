"""A scene of the reader's: what is composed, where words look, and what erasing a place does."""

import time

import numpy as np
import pytest
from html_checks import Tags

from mmtutorial.chapters.fusion.attention.experiment import build_scene_model, erase_place
from mmtutorial.chapters.fusion.attention.live import (
    EMPTY,
    NOTHING,
    PLACES,
    PREPARED,
    OwnScene,
    compare_answers,
    own_scene,
)
from mmtutorial.chapters.fusion.attention.scenes import SceneTask
from mmtutorial.tasks import Recipe, predict_log_proba

FOUR = ("camel", "red heart", "tiger face, new", "printer")


@pytest.fixture(scope="module")
def own():
    """A model with the weights that it begins with: what holds, holds of any."""
    task = SceneTask()
    model = build_scene_model(task, "guided", Recipe(units=32))
    predict_log_proba(model, task.draw("validation", 2, seed=0).inputs)
    model.fusion.value.bias.assign(np.linspace(-1, 1, 32))  # what a blank says is then not nothing
    return OwnScene(task, model)


def corners(*names):
    return dict(zip((place.replace(" ", "_") for place in PLACES), names, strict=True))


def test_each_emoji_stands_in_its_place_known_or_new(own):
    scene = own.compose((*FOUR[:3], EMPTY), "animal")
    for place, (name, split) in enumerate(
        [("camel", "train"), ("red heart", "train"), ("tiger face", "validation")]
    ):
        names = getattr(own.task.emoji.dataset, split).info["name"]
        features = own.task.emoji.images(split)[names == name]
        assert (features == scene.inputs["image"][0, place]).all(axis=1).any()
        row, pictures = scene.rows[0, place], own.task.pictures[split][names == name]
        assert (pictures == own.pictures[row]).all(axis=(1, 2, 3)).any()
    assert not scene.inputs["image"][0, 3].any()
    np.testing.assert_array_equal(scene.inputs["text"], own.task.emoji.encode(["animal"]))


def test_no_emoji_is_green_and_none_stands_for_two(own):
    colours = np.concatenate([own.task.colours[split] for split in ("train", "validation")])
    pictures = np.concatenate([own.task.pictures[split] for split in ("train", "validation")])
    of = {picture.tobytes(): colour for picture, colour in zip(pictures, colours, strict=True)}
    assert all(of[picture.tobytes()] >= 0 for picture in own.pictures)
    assert sorted(own.rows.values()) == list(range(len(own.pictures)))


def test_erasing_an_empty_place_changes_nothing_and_another_moves_answer_and_map(own):
    scene = own.compose((EMPTY, *FOUR[1:]), "animal, big")
    before, looks = own.read(scene)
    for found, expected in zip(own.read(erase_place(scene, 0)), (before, looks), strict=True):
        np.testing.assert_array_equal(found, expected)
    after, moved = own.read(erase_place(scene, 1))
    assert np.abs(after - before).max() > 1e-4
    assert np.abs(moved - looks).max() > 1e-3
    np.testing.assert_allclose(moved.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(own.read(scene)[0], before)  # the scene itself stays whole


def test_erasing_a_place_is_to_leave_it_empty(own):
    erased = erase_place(own.compose(FOUR, "animal"), 2)
    empty = own.compose((*FOUR[:2], EMPTY, FOUR[3]), "animal")
    for found, expected in zip(own.read(erased), own.read(empty), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", [EMPTY, "camel"])
def test_among_four_alike_no_word_chooses_and_none_changes_the_answer(own, name):
    answers = []
    for words in ("animal", "music, tool"):
        probabilities, looks = own.read(own.compose([name] * 4, words))
        np.testing.assert_allclose(looks, 0.25, atol=1e-5)
        answers.append(probabilities)
    np.testing.assert_allclose(*answers, atol=1e-5)


def test_when_two_places_change_seats_so_does_the_map_and_the_answer_stays(own):
    before, looks = own.read(own.compose(FOUR, "animal"))
    after, turned = own.read(own.compose(FOUR[::-1], "animal"))
    np.testing.assert_allclose(turned, looks[:, ::-1], atol=1e-5)
    np.testing.assert_allclose(after, before, atol=1e-5)


def test_alone_is_a_scene_with_three_blanks_and_the_share_is_that_of_the_first_word(own):
    alone, share = own.read_alone("camel", "animal, big")
    probabilities, looks = own.read(own.compose(["camel", EMPTY, EMPTY, EMPTY], "animal, big"))
    np.testing.assert_array_equal(alone, probabilities)
    assert share == looks[0, 0] != looks[1, 0]


def test_the_frame_shows_both_answers_and_where_each_word_looks(own):
    scene = own.compose(FOUR, "animal, big")
    probabilities, looks = own.read(scene)
    after, moved = own.read(erase_place(scene, 1))
    whole = own.frame("animal, big", NOTHING, **corners(*FOUR))._repr_html_()
    assert "erased" not in whole
    assert all(f"<b>{share:.0%}</b>" in whole for share in looks.ravel())
    assert all(f">{p:.2f}<" in whole for p in probabilities)
    text = own.frame("animal, big", "top right", **corners(*FOUR))._repr_html_()
    tags = Tags(text)
    assert tags.open == []
    assert [image["alt"] for image in tags.all("img")] == [
        "top left: camel", "bottom left: tiger face, new", "bottom right: printer"
    ]  # fmt: skip
    assert [tag["aria-label"] for tag in tags.all("div") if "role" in tag] == ["top right: erased"]
    for then, now in zip(looks.ravel(), moved.ravel(), strict=True):
        assert f"{then:.0%} → <b>{now:.0%}</b>" in text
    assert all(f">{p:.2f}<" in text for p in (*probabilities, *after))
    assert compare_answers(probabilities, after) in text


def test_the_sentence_says_how_the_answer_turns_and_how_far_it_moves():
    red, yellow, both = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.6, 0.2, 0.1], [0.5, 0.3, 0.1, 0.1]])
    assert "The answer turns from red to yellow; it moves by 0.60." in compare_answers(red, yellow)
    assert "The answer stays red; it moves by 0.20." in compare_answers(red, both)


def test_it_answers_in_less_than_a_second(own):
    start = time.process_time()
    own.frame("animal, big", "top right", **corners(*FOUR))
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "Type a word or two"),
        (" , ", "Type a word or two"),
        ("a, b, c", "The model reads 2 words, you typed 3"),
        ("animal, @@@", "No piece of '@@@' occurs in training"),
    ],
)
def test_words_that_say_nothing_and_too_many_get_a_sentence(own, words, sentence):
    with pytest.raises(ValueError, match=sentence):
        own.frame(words, NOTHING, **corners(*FOUR))


def test_what_is_no_emoji_and_no_place_is_refused(own):
    with pytest.raises(ValueError, match="emoji must be one of"):
        own.compose(("a unicorn that nobody drew", *FOUR[1:]), "animal")
    with pytest.raises(ValueError, match="erase must be one of"):
        own.frame("animal", "the middle", **corners(*FOUR))
    with pytest.raises(ValueError, match="place must be at most 3"):
        erase_place(own.compose(FOUR, "animal"), 4)


def test_the_twin_holds_each_scene_with_each_place_erased(own):
    scenes = {"four": ("animal", FOUR), "one": ("animal", ("deer", EMPTY, EMPTY, EMPTY))}
    figure = own_scene(own, scenes)
    values = {name: control.value for name, control in figure._controls.items()}
    assert values == corners(*FOUR) | {"words": "animal", "erase": NOTHING}
    tags = Tags(figure._repr_mimebundle_()["text/html"])
    assert len([tag for tag in tags.all("div") if "data-at" in tag]) == 2 * 5
    assert [image["alt"] for image in tags.all("img")].count("top left: camel") == 4
    buttons = figure._controls["erase"]
    assert buttons.options == ("top left", "top right", "bottom left", "bottom right", NOTHING)
    buttons.value = "top left"
    assert "top left: erased" in figure._figure.value


def test_the_scenes_that_are_prepared_can_be_shown(own):
    words, names = PREPARED["four known emoji"]
    values = {name: control.value for name, control in own_scene(own)._controls.items()}
    assert values == corners(*names) | {"words": words, "erase": NOTHING}
