"""A training of the recogniser goes on where it was stopped, and its data are what was said."""

import numpy as np
import pytest

from mmtutorial.data import load_dialogues
from mmtutorial.tasks import SpeechRecipe, SpeechTask, speech, spell, train_recognizer
from mmtutorial.tasks.recognition import SpeechBatches, build_recognizer, shipped_recipe
from mmtutorial.tasks.speech import pad_spectrograms

RECIPE = SpeechRecipe(
    units=8, width=4, blocks=1, filters=2, epochs=4, batch_size=4, dropout=0.5, shift=2
)


@pytest.fixture(scope="module")
def task():
    dataset = load_dialogues(language="cs", max_seconds=1.2)
    return SpeechTask(dataset=dataset, minutes=0.15)


class Killed(Exception):
    def __str__(self):
        return "Killed"


@pytest.fixture(scope="module")
def straight(task):
    return train_recognizer(task, RECIPE, seed=3)


def stop_after_an_epoch(monkeypatch, path, task):
    """Kill a training when its second epoch is over, and written."""

    def kill(epoch, model, loss):
        if epoch == 1:
            raise Killed

    train_recognizer(task, RECIPE, seed=3, checkpoint=path, on_epoch=kill)


def stop_within_an_epoch(monkeypatch, path, task):
    """Kill a training when it asks for the second batch of its third epoch."""
    whole = SpeechBatches.__getitem__

    def stop(self, place):
        if self.epoch == 2 and place == 1:
            raise Killed
        return whole(self, place)

    monkeypatch.setattr(SpeechBatches, "__getitem__", stop)
    train_recognizer(task, RECIPE, seed=3, checkpoint=path)


@pytest.mark.parametrize("stop", [stop_after_an_epoch, stop_within_an_epoch])
def test_a_training_that_was_killed_ends_with_the_same_weights(
    task, straight, tmp_path, monkeypatch, stop
):
    path, epochs = tmp_path / "stopped.npz", []
    with pytest.raises(Exception, match="Killed"):  # TensorFlow tells of it in words of its own
        stop(monkeypatch, path, task)
    monkeypatch.undo()
    on = train_recognizer(
        task, RECIPE, seed=3, checkpoint=path, on_epoch=lambda e, m, loss: epochs.append(e)
    )
    assert epochs in ([2, 3], [1, 2, 3])  # an epoch ahead is drawn while one is trained
    for one, other in zip(straight.get_weights(), on.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert int(on.optimizer.iterations) == int(straight.optimizer.iterations)


def test_a_checkpoint_of_another_training_is_refused_and_stays(task, tmp_path):
    path = tmp_path / "other.npz"
    train_recognizer(task, RECIPE.replace(epochs=1), seed=0, checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="checkpoint must be of this training"):
        train_recognizer(task, RECIPE, seed=0, checkpoint=path)
    assert path.read_bytes() == before
    path.write_bytes(b"no array")
    with pytest.raises(ValueError, match="checkpoint must be what a training wrote"):
        train_recognizer(task, RECIPE, seed=0, checkpoint=path)


def test_every_clip_comes_once_an_epoch_and_an_epoch_can_be_drawn_again(task):
    first = task.draw_epoch(2, seed=1, size=4)
    again = task.draw_epoch(2, seed=1, size=4)
    places = np.concatenate([each.places for each in first])
    assert sorted(places.tolist()) == list(range(len(task.texts["train"])))
    np.testing.assert_array_equal(first[0].spectrograms(), again[0].spectrograms())
    other = task.draw_epoch(3, seed=1, size=4)
    assert [each.places.tolist() for each in first] != [each.places.tolist() for each in other]


def test_augmentation_is_for_training_alone(task):
    plain = task.draw_epoch(0, seed=0, size=2, augment=False)[0]
    expected = pad_spectrograms([task.spectrogram("train", int(p)) for p in plain.places])
    np.testing.assert_array_equal(plain.spectrograms(), expected)
    assert (task.draw_epoch(0, seed=0, size=2)[0].spectrograms() != 0).any()


@pytest.mark.parametrize("shift", [0, 3])
def test_a_clip_begins_some_frames_later(task, monkeypatch, shift):
    monkeypatch.setattr(speech, "spec_augment", lambda spectrogram, **options: spectrogram)
    late = set()
    for batch in task.draw_epoch(0, seed=0, size=1, shift=shift):
        whole = task.spectrogram(
            "train", int(batch.places[0]), float(batch.speeds[batch.places[0]])
        )
        row = batch.spectrograms()[0]
        late.add(len(whole) - len(row))
        np.testing.assert_array_equal(row, whole[len(whole) - len(row) :])
    assert late == set(range(shift + 1))


def test_a_shift_leaves_a_frame_of_the_shortest_clip(task):
    batch = task.draw_epoch(0, seed=0, size=2, shift=10_000)[0]
    assert all(len(each) for each in batch.spectrograms())


def test_batches_of_a_split_hold_each_clip_once(task):
    found = {}
    for places, seen in task.batches("validation", 5):
        for place, each in zip(places.tolist(), seen, strict=True):
            found[place] = each
    assert sorted(found) == list(range(len(task.texts["validation"])))
    single = task.spectrogram("validation", 0)
    np.testing.assert_array_equal(found[0][: len(single)], single)
    assert not found[0][len(single) :].any()


def test_test_texts_are_spelt_with_letters_of_the_training_texts():
    for language in ("cs", "nl"):
        task = SpeechTask([language])
        for split in ("validation", "test"):
            assert set("".join(task.texts[split])) <= set(task.letters)
            assert not set(task.texts[split]) & set(task.texts["train"])


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"languages": "cs"}, TypeError, "languages must be a sequence of names"),
        ({"languages": ["en"]}, ValueError, r"languages\[0\] must be one of"),
        ({"test": "word"}, ValueError, "test must be one of"),
        ({"minutes": 0}, ValueError, "minutes must be"),
        ({"minutes": 1e6}, ValueError, "minutes must hold a clip and be less than 56"),
    ],
)
def test_what_does_not_exist_is_refused(given, error, message):
    with pytest.raises(error, match=message):
        SpeechTask(**given)


def test_spelling():
    assert spell("  Ahoj,  SVĚTE!\nL’eau 3x ") == "ahoj světe l'eau x"
    assert spell("e\u0301") == "é"
    assert spell("…") == ""


def test_an_untrained_recogniser_has_the_classes_of_its_letters(task):
    model = build_recognizer("ab", RECIPE)
    assert model(np.ones((1, 20, 64), np.float32)).shape == (1, 5, 3)
    with pytest.raises(ValueError, match="epochs must be"):
        SpeechRecipe(epochs=0)
    with pytest.raises(ValueError, match="time_strides must hold at least 1"):
        SpeechRecipe(time_strides=())


def test_what_ships_takes_fifty_steps_a_second_and_czech_trains_for_longer():
    steps = {}
    for language in ("cs", "nl"):
        recipe = shipped_recipe(language).replace(units=2, width=2, blocks=0, filters=1)
        steps[language] = build_recognizer("ab", recipe).encoder.output_length(100)
    assert steps == {"cs": 50, "nl": 50}
    assert shipped_recipe("cs").epochs == 2 * shipped_recipe("nl").epochs == 60
    with pytest.raises(ValueError, match="language must be one of"):
        shipped_recipe("en")
