"""One recipe and one way to train, on ``Model.fit``, for all tasks."""

from dataclasses import dataclass, fields, replace

import keras
import numpy as np

from mmtutorial import fusion
from mmtutorial._checks import (
    check_array,
    check_choice,
    check_dict,
    check_finite,
    check_labels,
    check_like,
    check_number,
    check_share,
    check_sizes,
    check_whole,
)
from mmtutorial.evaluation import accuracy, macro_f1
from mmtutorial.fusion.classifier import MISSING
from mmtutorial.tasks._inputs import (
    check_drawn,
    check_lacking,
    check_on_epoch,
    draw_classes_of,
    select_modalities,
    set_seed,
    stack_presence,
)
from mmtutorial.tasks._steps import KeepFreedMemory, make_variables


@dataclass(frozen=True)
class Recipe:
    """Every choice of a training run; defaults are where the search on validation begins.

    Raises ``ValueError`` or ``TypeError`` for a choice that cannot be, such as -1 epochs.

    >>> Recipe(epochs=3).replace(dropout=0.5).epochs
    3
    """

    units: int = 128
    hidden: tuple[int, ...] = ()
    dropout: float = 0.0  # in the head, behind each hidden layer
    image_dropout: float = 0.0
    text_dropout: float = 0.0
    modality_dropout: float = 0.0
    auxiliary: float | dict = 0.0  # weight of a loss of its own for each modality
    missing: str = "zeros"  # or "learnt": what stands in for an absent modality
    epochs: int = 12
    batch_size: int = 128
    learning_rate: float = 2e-3

    def __post_init__(self):
        for name, least in (("units", 1), ("batch_size", 1), ("epochs", 0)):  # 0: left untrained
            check_whole(name, getattr(self, name), least=least)
        for name in (field.name for field in fields(self) if field.name.endswith("dropout")):
            check_share(name, getattr(self, name))
        if not isinstance(self.hidden, (list, tuple)):
            raise TypeError(f"hidden must be a tuple of sizes, such as (64,), got {self.hidden!r}")
        check_sizes("hidden", self.hidden)
        object.__setattr__(self, "hidden", tuple(self.hidden))  # from JSON it comes as a list
        many = isinstance(self.auxiliary, dict)  # one weight for each modality, or one for all
        for name, weight in self.auxiliary.items() if many else [("", self.auxiliary)]:
            check_number(f"auxiliary[{name!r}]" if many else "auxiliary", weight, least=0)
        check_choice("missing", self.missing, MISSING)
        check_number("learning_rate", self.learning_rate, least=0)

    def replace(self, **changes):
        """Return the same recipe with some choices changed."""
        return replace(self, **changes)


def build_classifier(parts, fused, classes, recipe):
    """Put encoders and a fusion together; a single modality has nothing to be fused with."""
    head = {"hidden": recipe.hidden, "dropout": recipe.dropout, "missing": recipe.missing}
    if len(parts) == 1:
        return fusion.UnimodalClassifier(parts, classes, **head)
    return fusion.FusionClassifier(
        parts,
        fused,
        classes,
        modality_dropout=recipe.modality_dropout,
        auxiliary=recipe.auxiliary,
        **head,
    )


class EpochData(keras.utils.PyDataset):
    """Batches of a training split that is drawn anew for each epoch, and shuffled by the seed.

    Parameters
    ----------
    draw : ``draw(epoch)`` returns inputs, an array or a dict of arrays, and targets ``(rows,)``, or
        ``{task: labels (rows,)}`` for a model of several tasks
    batch_size : rows in each batch; what is left over after the last one waits for another epoch
    seed : of the order of the rows
    modalities : which of the inputs the model takes, None for all

    Raises ``ValueError`` for fewer rows than a batch holds, inputs and targets of several lengths,
    and NaN or infinity in inputs that are there.
    """

    def __init__(self, draw, *, batch_size, seed, modalities=None):
        super().__init__()
        self._draw, self._modalities = draw, modalities
        self._batch_size, self._rng = batch_size, np.random.default_rng(seed)
        self._epoch, self._begun = 0, False
        self._load()

    def _load(self):
        drawn = self._draw(self._epoch)
        self.inputs, self.targets = check_drawn(drawn, self._modalities)
        rows = len(keras.tree.flatten(self.targets)[0])
        if self._batch_size > rows:
            raise ValueError(
                f"batch_size must be at most {rows}, the training rows, got {self._batch_size}"
            )
        self._order = self._rng.permutation(rows)

    def on_epoch_begin(self):
        """Draw the next epoch; the first was drawn when this was made."""
        if self._begun:
            self._epoch += 1
            self._load()
        self._begun = True

    def __len__(self):
        """Return the number of whole batches."""
        return len(self._order) // self._batch_size

    def __getitem__(self, place):
        """Return one batch, inputs and targets."""
        rows = self._order[place * self._batch_size : (place + 1) * self._batch_size]
        targets = keras.tree.map_structure(lambda array: array[rows], self.targets)
        if not isinstance(self.inputs, dict):
            return self.inputs[rows], targets
        return select_modalities(self.inputs, self._modalities, rows), targets


def fit(build, draw, recipe, *, seed, on_epoch=None):
    """Train what ``build()`` makes on what ``draw(epoch)`` gives; return it, trained.

    Parameters
    ----------
    build : makes the model once the seed is set; one that comes compiled stays as it is
    draw : as in `EpochData`
    recipe : epochs, batch size and learning rate
    seed : of weights, dropout and the order of the rows
    on_epoch : None, or ``on_epoch(epoch, model)``, called after each epoch

    Raises ``ValueError`` as `EpochData` does, and for targets that are no class of the model.
    """
    check_like("recipe", recipe, "a Recipe", "epochs", "batch_size", "learning_rate")
    for name, function in (("build", build), ("draw", draw)):
        if isinstance(function, type) or not callable(function):
            raise TypeError(f"{name} must be a function, got {function!r}")
    check_on_epoch(on_epoch)
    set_seed(seed)
    model = build()
    if not model.compiled:
        model.compile(
            optimizer=keras.optimizers.Adam(recipe.learning_rate),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
    data = EpochData(
        draw_classes_of(model, draw),
        batch_size=recipe.batch_size,
        seed=seed,
        modalities=getattr(model, "modalities", None),
    )
    make_variables(model, *data[0])
    watch = keras.callbacks.LambdaCallback(
        on_epoch_end=None if on_epoch is None else lambda epoch, logs: on_epoch(epoch, model)
    )
    # The order is that of the seed; Keras would shuffle the batches once more, by no seed of ours.
    callbacks = [KeepFreedMemory(), watch]
    model.fit(data, epochs=recipe.epochs, callbacks=callbacks, shuffle=False, verbose=0)
    data.inputs = data.targets = None  # TensorFlow keeps the generator of each training it has seen
    return model


def train_model(task, method, recipe, *, seed, on_epoch=None, build=None, **sizes):
    """Train one model of a task; what each epoch draws afresh is the task's matter.

    Parameters
    ----------
    task : has ``build(method, recipe)``, and ``draw_epoch(epoch, seed=)`` that gives inputs and
        targets
    method : what to build
    recipe : a `Recipe` of the task's kind
    seed : of weights, dropout, the order of rows and what is drawn
    on_epoch : None, or ``on_epoch(epoch, model)``, called after each epoch
    build : None, or ``build(task, method, recipe, **sizes)`` that makes the model instead

    Returns the trained model. Raises ``ValueError`` for an unknown method, and for fewer rows than
    a batch holds.
    """
    check_like("task", task, "a task such as EmojiTask", "build", "draw_epoch")
    check_like("recipe", recipe, "a Recipe", "units", "epochs", "batch_size")
    if build is not None and not callable(build):
        raise TypeError(f"build must be a function of task, method and recipe, got {build!r}")

    def make():
        if build is None:
            return task.build(method, recipe, **sizes)
        return build(task, method, recipe, **sizes)

    return fit(
        make, lambda epoch: task.draw_epoch(epoch, seed=seed), recipe, seed=seed, on_epoch=on_epoch
    )


def score_log_proba(log_p, truth):
    """Return accuracy and macro F1 of log-probabilities, or logits, ``(rows, classes)``.

    ``truth`` is ``(rows,)`` of int. Raises ``ValueError`` if the shapes do not fit, for a class
    that does not exist, and for NaN.

    >>> score_log_proba(np.log([[0.9, 0.1], [0.2, 0.8]]), [0, 1])
    {'accuracy': 1.0, 'macro_f1': 1.0}
    """
    log_p = check_array("log_p", log_p, finite=False)
    if np.isnan(log_p).any():
        raise ValueError("log_p must hold log-probabilities or logits, got nan")
    if log_p.ndim != 2 or not log_p.size:
        raise ValueError(f"log_p must be (rows, classes), at least one, got shape {log_p.shape}")
    truth = check_labels("truth", truth, classes=log_p.shape[1])
    if truth.shape != log_p.shape[:1]:
        raise ValueError(f"truth must hold {len(log_p)} classes, one per row, got {truth.shape}")
    predicted = log_p.argmax(axis=1)
    return {"accuracy": accuracy(truth, predicted), "macro_f1": macro_f1(truth, predicted)}


def predict_log_proba(model, inputs):
    """Return what a model believes of each class, ``(rows, classes)``."""
    check_like("model", model, "a FusionClassifier", "modalities", "fusion")
    check_dict("inputs", inputs, '{"image": ..., "text": ...}')
    check_lacking(inputs, model.modalities)
    for name in model.modalities:
        if not check_array(f"inputs[{name!r}]", inputs[name], finite=False).ndim:
            raise TypeError(f"inputs[{name!r}] must hold rows, got {inputs[name]!r}")
    batch = select_modalities(stack_presence(inputs), model.modalities)
    logits = model(batch, training=False)
    result = keras.ops.convert_to_numpy(keras.ops.log_softmax(logits))
    return check_finite("what the model makes of the inputs", result)
