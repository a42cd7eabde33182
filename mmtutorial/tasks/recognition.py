"""Train a speech recogniser, which may be stopped at any moment and goes on where it was."""

import io
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import keras
import numpy as np

from mmtutorial._checks import (
    check_choice,
    check_flag,
    check_like,
    check_number,
    check_share,
    check_sizes,
    check_whole,
)
from mmtutorial._checksums import write_bytes
from mmtutorial.applications.speech import SpeechRecognizer
from mmtutorial.data.dialogues import LANGUAGES
from mmtutorial.encoders import AudioSeparableRNN
from mmtutorial.tasks._inputs import check_on_epoch, set_seed
from mmtutorial.tasks._steps import KeepFreedMemory, make_variables, warm_adamw
from mmtutorial.tasks.speech import BANDS, SpeechTask

WARM = 0.15  # share of all steps in which the learning rate rises
FIRST, LAST = 0.01, 0.1  # shares of the highest rate with which a training begins and ends


@dataclass(frozen=True)
class SpeechRecipe:
    """Every choice of a training of a recogniser; defaults were chosen on Czech.

    ``time_strides`` are those of the convolutions: (2, 2) leaves 25 steps of the spectrogram's 100
    frames a second, each at most one letter. ``shift`` is by how many frames a clip begins later at
    most, if ``augment``.
    Raises ``ValueError`` or ``TypeError`` for a choice that cannot be, such as no epochs.
    """

    units: int = 320
    width: int = 192
    blocks: int = 4
    filters: int = 32
    time_strides: tuple[int, ...] = (2, 2)
    dropout: float = 0.1
    epochs: int = 30
    batch_size: int = 8
    learning_rate: float = 1.5e-3
    weight_decay: float = 1e-2
    augment: bool = True
    shift: int = 0

    def __post_init__(self):
        for name in ("units", "width", "filters", "epochs", "batch_size"):
            check_whole(name, getattr(self, name), least=1)
        check_whole("blocks", self.blocks, least=0)
        check_sizes("time_strides", self.time_strides, least_count=1)
        check_flag("augment", self.augment)
        check_whole("shift", self.shift, least=0)
        check_share("dropout", self.dropout)
        check_number("learning_rate", self.learning_rate, above=0)
        check_number("weight_decay", self.weight_decay, least=0)

    def replace(self, **changes) -> "SpeechRecipe":
        """Return the same recipe with some choices changed."""
        return replace(self, **changes)


def shipped_recipe(language: str) -> SpeechRecipe:
    """Return the recipe of the recogniser that ships for a language: 50 steps a second.

    The Czech one trains for twice as long as the Dutch one, on lines that begin up to three frames
    later.
    """
    check_choice("language", language, LANGUAGES)
    recipe = SpeechRecipe(time_strides=(2, 1))
    return recipe.replace(epochs=60, shift=3) if language == "cs" else recipe


class SpeechBatches(keras.utils.PyDataset):
    """The batches of `SpeechTask.draw_epoch`, epoch by epoch, from a given one on."""

    def __init__(self, task, encode, recipe, *, seed, epoch=0):
        super().__init__()
        self._task, self._encode, self._recipe, self._seed = task, encode, recipe, seed
        self.epoch = epoch
        self._drawn = self._draw()

    def _draw(self):
        recipe = self._recipe
        return self._task.draw_epoch(
            self.epoch, seed=self._seed, size=recipe.batch_size,
            augment=recipe.augment, shift=recipe.shift,
        )  # fmt: skip

    def __len__(self):
        """Return the number of batches."""
        return len(self._drawn)

    def __getitem__(self, place):
        """Return one batch: spectrograms, and the classes of the letters."""
        drawn = self._drawn[place]
        batch = drawn.spectrograms(), self._encode(drawn.texts)
        return tuple(_pad_to_parity(array, place) for array in batch)

    def on_epoch_end(self):
        """Draw the next epoch."""
        self.epoch += 1
        self._drawn = self._draw()


def _pad_to_parity(array, place):
    """Give even batches an even second axis, odd ones an odd one: padding changes nothing.

    From two batches Keras concludes which axes vary, and it must not be fooled by chance.
    """
    width = (0, (array.shape[1] + place) % 2)
    return np.pad(array, ((0, 0), width, *[(0, 0)] * (array.ndim - 2)))


def _check_recipe(recipe):
    """Return a recipe, the one that the study chose for None."""
    if recipe is None:
        return SpeechRecipe()
    return check_like("recipe", recipe, "a SpeechRecipe", "units", "blocks", "weight_decay")


def build_recognizer(letters, recipe=None) -> SpeechRecognizer:
    """Make an untrained recogniser for some letters, as a recipe says."""
    recipe = _check_recipe(recipe)
    encoder = AudioSeparableRNN(
        recipe.units,
        width=recipe.width,
        blocks=recipe.blocks,
        filters=(recipe.filters,) * len(recipe.time_strides),
        time_strides=recipe.time_strides,
        dropout=recipe.dropout,
        sequence=True,
    )
    return SpeechRecognizer(encoder, letters)


def train_recognizer(
    task: SpeechTask,
    recipe: SpeechRecipe | None = None,
    *,
    seed: int,
    checkpoint: Path | None = None,
    on_epoch=None,
) -> SpeechRecognizer:
    """Train a recogniser on a task's speech; with a checkpoint, from where it was stopped.

    After each epoch all that goes on, the weights, those of the optimizer and the generators of
    dropout, is written to the file ``checkpoint``, whole or not at all. Called again with the same
    task, recipe and seed, it goes on from there, and ends with the same weights as if it had never
    been stopped.

    Parameters
    ----------
    task, recipe : what it learns, and how
    seed : of weights, dropout, order, speeds and gaps
    checkpoint : None, or a file, ``.npz``, whose folder exists
    on_epoch : None, or ``on_epoch(epoch, model, loss)``, called after each epoch

    Returns the trained model. Raises ``ValueError`` for a checkpoint of another training.
    """
    recipe = _check_recipe(recipe)
    check_like("task", task, "a SpeechTask", "draw_epoch", "letters")
    check_on_epoch(on_epoch)
    set_seed(seed)
    model = build_recognizer(task.letters, recipe)
    model.build((None, None, BANDS))
    steps = recipe.epochs * -(-len(task.texts["train"]) // recipe.batch_size)
    model.compile(
        warm_adamw(
            recipe.learning_rate, steps, warm=WARM, first=FIRST, last=LAST,
            weight_decay=recipe.weight_decay, global_clipnorm=5.0,
        )
    )  # fmt: skip
    make_variables(model, *SpeechBatches(task, model.encode, recipe, seed=seed)[0])
    what = {"recipe": asdict(recipe), "seed": seed, "texts": task.texts["train"]}
    state = TrainingState(model, what)
    done = state.load(checkpoint) if checkpoint is not None and Path(checkpoint).exists() else 0
    batches = SpeechBatches(task, model.encode, recipe, seed=seed, epoch=done)

    def after(epoch, logs):
        if checkpoint is not None:
            state.save(checkpoint, epoch + 1)
        if on_epoch is not None:
            on_epoch(epoch, model, logs["loss"])

    watch = keras.callbacks.LambdaCallback(on_epoch_end=after)
    model.fit(
        batches,
        initial_epoch=done,
        epochs=recipe.epochs,
        callbacks=[KeepFreedMemory(), watch],
        shuffle=False,
        verbose=0,
    )
    return model


class TrainingState:
    """All that a training goes on from, in a file: what is trained, its optimizer, and dropout.

    ``what`` says which training it is, and must survive JSON.
    """

    def __init__(self, model: keras.Model, what: dict):
        self.model, self.what = model, json.dumps(what, sort_keys=True)

    @property
    def variables(self) -> list[keras.Variable]:
        """Return weights, states of the generators of dropout, and those of the optimizer."""
        return [*self.model.variables, *self.model.optimizer.variables]

    def save(self, path: Path, epoch: int) -> None:
        """Write the state after so many epochs, whole or not at all."""
        arrays = {f"variable_{i:04d}": each.numpy() for i, each in enumerate(self.variables)}
        buffer = io.BytesIO()
        np.savez(buffer, epoch=epoch, what=self.what, **arrays)
        write_bytes(Path(path), buffer.getvalue())

    def load(self, path: Path) -> int:
        """Take the state from a file; return after how many epochs it was written.

        Raises ``ValueError`` for one of another training, or that is none.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                arrays = dict(stored)
            what = str(arrays.pop("what"))
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(f"checkpoint must be what a training wrote, got {path}") from error
        if what != self.what:
            raise ValueError(
                f"checkpoint must be of this training; {path} is of another: delete it"
            )
        for i, variable in enumerate(self.variables):
            variable.assign(arrays[f"variable_{i:04d}"])
        return int(arrays["epoch"])
