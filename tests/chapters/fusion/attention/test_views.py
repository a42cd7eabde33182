"""The figure in which a reader chooses a word says what the model does."""

import numpy as np

from mmtutorial.chapters.fusion.attention.experiment import attention_weights, build_scene_model
from mmtutorial.chapters.fusion.attention.scenes import COLOURS, SceneTask
from mmtutorial.chapters.fusion.attention.views import first_scenes
from mmtutorial.tasks import Recipe, predict_log_proba
from mmtutorial.widgets import attention_view


def test_scenes_are_shown_as_drawn_with_what_each_word_looks_at():
    task = SceneTask()
    model = build_scene_model(task, "guided", Recipe(units=16))
    shown, looks, right = first_scenes(task, model, seed=3, count=2)
    assert shown["titles"] == ["known 1", "known 2", "new 1", "new 2"]
    for start, side, label in ((0, "train", "known"), (2, "test", "new")):
        drawn = task.draw(side, 2, seed=3)
        names = getattr(task.emoji.dataset, side).info["name"]
        answers = predict_log_proba(model, drawn.inputs).argmax(axis=1)
        weights = attention_weights(model, drawn)
        assert right[label] == list(answers == drawn.colour)
        entries = iter(looks[label])
        for i in range(2):
            meant, here = names[drawn.rows[i, drawn.place[i]]], start + i
            verdict = "right" if right[label][i] else f"it is {COLOURS[drawn.colour[i]]}"
            said = f"Meant is: {meant}. The model says {COLOURS[answers[i]]}: {verdict}."
            assert shown["notes"][here] == said
            assert shown["names"][here] == list(names[drawn.rows[i]])
            np.testing.assert_array_equal(
                shown["patches"][here], task.pictures[side][drawn.rows[i]]
            )
            assert shown["words"][here] == drawn.words[i].split(" | ")
            for word, each in zip(shown["words"][here], shown["weights"][here], strict=True):
                np.testing.assert_allclose(each, weights[i, shown["words"][here].index(word)])
                said, look, emoji, place = next(entries)
                assert (said, emoji[place]) == (word, meant)
                np.testing.assert_array_equal(look, each)
    assert "new 2" in attention_view(**shown, description="any")._repr_html_()
