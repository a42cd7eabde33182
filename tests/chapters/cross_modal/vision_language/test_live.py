"""A reader's scene and question: what is composed, refused, and said of words never read."""

import numpy as np
import pytest

from mmtutorial._credits import recognise, write_credit
from mmtutorial.chapters.cross_modal.vision_language import experiment as vl
from mmtutorial.chapters.cross_modal.vision_language import live, size, training, weights


@pytest.fixture(scope="module")
def asker():
    task = vl.load_task()
    whole = training.join(task, weights.load_encoder(), weights.load_stage())
    return live.Asker(whole, task)


WHO = "Pictures: Fluent 3D (Microsoft), MIT"
SCENE = {"top_left": "tomato", "top_right": live.EMPTY, "bottom_left": live.EMPTY,
         "bottom_right": "blue square"}  # fmt: skip


def test_what_is_chosen_stands_in_its_corner(asker):
    picture = asker.compose(["tomato", "", "", live.EMPTY])
    assert (picture[64:] == 255).all()
    assert (picture[:64, 64:] == 255).all()
    red, green, _ = picture[:64, :64].reshape(-1, 3).astype(int).T
    assert np.mean(red - green > 60) > 0.2
    with pytest.raises(ValueError, match="name"):
        asker.compose(["a unicorn that nobody drew", "", "", ""])


def test_probabilities_are_of_the_questions_language_and_sum_to_one_at_most(asker):
    picture = asker.compose(["tomato", "", "", "blue square"])
    for question, answer in (("how many are there?", "two"), ("有几个东西？", "二")):
        found = asker.probabilities(picture, question)
        assert answer in found
        assert 0.8 < sum(found.values()) <= 1.0001
        assert list(found.values()) == sorted(found.values(), reverse=True)
        assert next(iter(found)) == answer


def test_the_frame_shows_the_answer_and_names_unknown_words(asker):
    shown = asker.frame("how many are there?", **SCENE)._repr_html_()
    assert "<b>two</b>" in shown
    assert "never read" not in shown
    assert "never read: zebras" in asker.frame("how many zebras?", **SCENE)._repr_html_()


@pytest.mark.parametrize("question", ["", "  ", "red " * 99])
def test_no_question_and_one_too_long_are_refused(asker, question):
    with pytest.raises(ValueError, match=r"Ask something|too long"):
        asker.frame(question, **SCENE)


def test_the_view_starts_with_a_scene_and_a_question(asker):
    names = [SCENE[name].replace(live.EMPTY, "") for name in live.CORNERS]
    view = live.question_view(asker, "<b>twin</b>", names, "how many are there?")
    assert "Top left" in repr(view)


@pytest.mark.parametrize("split", ["validation", "test"])
def test_the_twin_has_a_figure_for_each_question_and_says_who_drew_those(asker, split):
    asked = asker.task.draw(split, 4, seed=0)
    pictures = asker.task.pictures(split, asked.scenes)
    shown = live.question_slider(asker, pictures, asked, [0, 2], split)._repr_html_()
    assert asked.questions[0] in shown
    drawings = getattr(asker.task.dataset, split).inputs["image"]
    rows = asked.scenes.rows[[0, 2]]
    assert write_credit(recognise(drawings[row]) for row in rows[rows >= 0]) in shown
    assert (WHO in shown) == (split == "test")


def test_who_drew_a_scene_is_said_and_white_paper_is_nobodys(asker):
    assert WHO in asker.frame("how many are there?", **SCENE)._repr_html_()
    paper = asker.frame("how many are there?", **dict.fromkeys(live.CORNERS, live.EMPTY))
    assert "Pictures: " not in paper._repr_html_()


def test_lines_and_weights_are_counted(asker):
    def one():
        """Not counted."""
        # nor this
        value = 1

        return value

    assert size.lines_of(one) == 3
    lines = size.count_lines()
    assert sum(lines.values()) - lines["transformer block"] < 300
    found = size.count_weights(asker.model.encoder, asker.model)
    assert sum(found.values()) == asker.model.count_params() < 3_000_000
