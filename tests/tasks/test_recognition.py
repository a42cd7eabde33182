"""A training of the recogniser goes on where it was stopped, and its data are what was said."""

import signal
import subprocess
import sys

import numpy as np
import pytest

from mmtutorial.data import load_dialogues
from mmtutorial.tasks import (
    SpeechRecipe,
    SpeechTask,
    recognition,
    speech,
    spell,
    train_recognizer,
)
from mmtutorial.tasks.recognition import build_recognizer, shipped_recipe
from mmtutorial.tasks.speech import pad_spectrograms

RECIPE = SpeechRecipe(
    units=8, width=4, blocks=1, filters=2, epochs=4, batch_size=4, dropout=0.5, shift=2
)


@pytest.fixture(scope="module")
def task():
    dataset = load_dialogues(language="cs", max_seconds=1.2)
    return SpeechTask(dataset=dataset, minutes=0.15)


class Killed(Exception):
    pass


@pytest.fixture(scope="module")
def straight(task):
    return train_recognizer(task, RECIPE, seed=3)


def draw_batch(task, seed):
    """Draw at which of all its batches a training is to stop, from 1 on."""
    batches = RECIPE.epochs * -(-len(task.texts["train"]) // RECIPE.batch_size)
    return int(np.random.default_rng(seed).integers(1, batches, endpoint=True))


def go_on(task, path):
    """Train on from a checkpoint, if there is one; return the model and which epochs it took."""
    epochs = []
    model = train_recognizer(
        task, RECIPE, seed=3, checkpoint=path, on_epoch=lambda e, m, loss: epochs.append(e)
    )
    assert epochs == list(range(epochs[0], RECIPE.epochs))
    return model, epochs


def assert_same(one, other, within=0.0):
    """Compare weights, bit by bit or within a distance, and counts of updates."""
    for ours, theirs in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=within)
    assert int(one.optimizer.iterations) == int(other.optimizer.iterations)


@pytest.mark.parametrize("draw", range(3))
def test_a_training_that_stops_at_any_batch_ends_with_the_same_weights(
    task, straight, tmp_path, monkeypatch, draw
):
    last, begun = draw_batch(task, draw), []

    def stop(self, batch, logs=None):
        begun.append(batch)
        if len(begun) == last:
            raise Killed

    path = tmp_path / "stopped.npz"
    monkeypatch.setattr(recognition.KeepFreedMemory, "on_train_batch_begin", stop)
    with pytest.raises(Killed):
        train_recognizer(task, RECIPE, seed=3, checkpoint=path)
    monkeypatch.undo()
    on, epochs = go_on(task, path)
    per_epoch = -(-len(task.texts["train"]) // RECIPE.batch_size)
    assert epochs[0] == (last - 1) // per_epoch, "whole epochs are kept, and no more"
    assert_same(straight, on)


TRAIN = """
import os, signal
from pathlib import Path
from mmtutorial.data import load_dialogues
from mmtutorial.tasks import SpeechRecipe, SpeechTask, train_recognizer
from mmtutorial.tasks.recognition import KeepFreedMemory

times = 0
def die(*given, **more):
    global times
    times += 1
    if times == {time}:
        os.kill(os.getpid(), signal.SIGKILL)

{place} = die
task = SpeechTask(dataset=load_dialogues(language="cs", max_seconds=1.2), minutes=0.15)
train_recognizer(task, {recipe!r}, seed=3, checkpoint=Path({path!r}))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no such signal")
@pytest.mark.parametrize("place", ["KeepFreedMemory.on_train_batch_begin", "os.fsync"])
def test_a_process_that_is_killed_loses_less_than_an_epoch(task, straight, tmp_path, place):
    path, writes = tmp_path / "killed.npz", place == "os.fsync"
    code = TRAIN.format(
        time=2 if writes else draw_batch(task, 7), place=place, recipe=RECIPE, path=str(path)
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(list(tmp_path.glob(".new-*"))) == writes, "killed while it wrote the second epoch"
    on, epochs = go_on(task, path)
    assert epochs[0] >= 1
    # A process of many tests rounds the last bit otherwise than a fresh one (seen: 4e-8).
    assert_same(straight, on, within=1e-5)


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
    czech, dutch = shipped_recipe("cs"), shipped_recipe("nl")
    assert czech.epochs >= 2 * dutch.epochs == 2 * SpeechRecipe().epochs
    assert czech.shift > dutch.shift == 0
    with pytest.raises(ValueError, match="language must be one of"):
        shipped_recipe("en")
