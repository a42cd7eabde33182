"""The stages one after the other, with one thing left out at a time; and what is no such model."""

from functools import cache

import keras
import numpy as np
from keras import layers

from mmtutorial.chapters.cross_modal.vision_language import bench as drawn
from mmtutorial.chapters.cross_modal.vision_language import experiment as vl

# method -> the stages after "read": what it trains on, and the share of the stage's steps
ALIGN, INSTRUCT = ("align", "captions", 1), ("instruct", "questions", 1)
METHODS = {
    "full": (ALIGN, INSTRUCT),
    "question alone": (("instruct", "nothing seen", 1),),
    "no alignment": (INSTRUCT,),
    "projector alone": (ALIGN, ("align", "questions", 1)),
    "all trained": (ALIGN, ("instruct", "questions", 0.5), ("all", "pictures", 1)),
    "nothing read": (ALIGN, INSTRUCT),  # before
    "no places": (ALIGN, INSTRUCT),  # of the image tokens
}
CLASSIFIER = "classifier"  # one for each kind of question


def read_texts(bench, seed=0):
    """Let a decoder read: questions, captions and answers about scenes that are only described.

    In place of an image it gets `bench.describe`, through a projector of its own, which is
    thrown away. It stands for a large language model, which can answer questions about a text.
    Returns the model.
    """
    keras.utils.set_random_seed(seed)
    model, (questions, captions) = vl.new_model(bench.task), bench.described
    model({name: each[:2] for name, each in questions.items()})
    steps, rounds = vl.STEPS["read"], 8
    model.compile(vl.optimizer(vl.RATES["read"], steps), stage="instruct")
    for number in range(rounds):
        for inputs, share in ((captions, 1 / 8), (questions, 7 / 8)):
            some = max(1, round(share * steps / rounds))
            model.fit(vl.Batches(inputs, some, seed + number), shuffle=False, verbose=0)
    return model


@cache
def load_bench():
    """Train the encoder, and read all scenes, once."""
    keras.utils.set_random_seed(0)
    task = vl.load_task()
    return drawn.Bench.make(task, vl.pretrain_encoder(task, 0), 0)


@cache
def load_reader():
    """Let a decoder read, once."""
    return read_texts(load_bench())


def run_stage(model, bench, stage, what, seed, *, share=1):
    """Train one stage of a method; return the losses of its parts."""
    inputs = {
        "captions": lambda: bench.captions,
        "questions": lambda: bench.questions,
        "nothing seen": lambda: drawn.without_image(bench.questions),
        "pictures": lambda: bench.questions | {"image": bench.pictures()},
    }[what]()
    kind = "instruct" if what == "questions" else stage
    steps = max(1, round(share * vl.STEPS[kind]))
    return vl.train_stage(model, stage, inputs, steps=steps, rate=vl.RATES[stage], seed=seed)


def train(bench, reader, method, seed):
    """Train one of `METHODS` from the texts on; return a model that reads image tokens.

    "all trained" takes half of the steps of "full", and then a few on pictures, which train the
    encoder as well and cost more time than the other half; its model reads pictures.
    """
    if method == "no places":
        bench = bench.without_places()
    model = start(bench, None if method == "nothing read" else reader, seed)
    for stage, what, share in METHODS[method]:
        if stage == "all":
            model = join(bench.task, bench.encoder, model)
        run_stage(model, bench, stage, what, seed, share=share)
    return model


def start(bench, reader, seed):
    """Return a model with the decoder of a reader, if any, and a projector that is new."""
    keras.utils.set_random_seed(seed)
    model = vl.new_model(bench.task)
    model({name: each[:2] for name, each in bench.questions.items()})
    if reader is not None:
        model.decoder.set_weights(reader.decoder.get_weights())
    return model


def join(task, encoder, model):
    """Return encoder, projector and decoder as one model, which reads pictures; all are copies."""
    copy = vl.PlacedGrid.from_config(encoder.get_config())
    whole = vl.new_model(task, copy)
    whole.build({"image": (None, 128, 128, 3), "question": (None, None), "answer": (None, None)})
    copy.set_weights(encoder.get_weights())
    whole.projector.set_weights(model.projector.get_weights())
    whole.decoder.set_weights(model.decoder.get_weights())
    return whole


class Classifiers:
    """A small network for each kind of question: image tokens and words -> one of the answers.

    It can only choose, and has to be made anew for each kind. Words go in as a one for each that
    occurs; both languages have their own answers.
    """

    def __init__(self, bench, seed, *, hidden=256, epochs=10):
        keras.utils.set_random_seed(seed)
        self.task, self.networks, self.answers = bench.task, {}, {}
        self.vocabulary = vl.new_model(bench.task).vocabulary
        kinds, given = np.array(bench.asked.kinds), np.array(bench.asked.answers)
        rows = self._rows(bench.questions)
        for kind in dict.fromkeys(kinds):
            here = kinds == kind
            self.answers[kind], targets = np.unique(given[here], return_inverse=True)
            network = keras.Sequential([
                layers.Dense(hidden, activation="relu"),
                layers.Dropout(0.2),
                layers.Dense(len(self.answers[kind])),
            ])  # fmt: skip
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            network.compile(vl.optimizer(2e-3, epochs * (here.sum() // vl.BATCH)), loss)
            network.fit(rows[here], targets, batch_size=vl.BATCH, epochs=epochs, verbose=0)
            self.networks[kind] = network

    def _rows(self, inputs):
        words = np.zeros((len(inputs["question"]), len(self.vocabulary)), np.float32)
        np.put_along_axis(words, inputs["question"], 1, axis=1)
        words[:, 0] = 0  # that is padding
        return np.concatenate([inputs["image"].reshape(len(words), -1), words], axis=1)

    def answer(self, inputs, kinds):
        """Return the most probable answer to each question, as text."""
        kinds, rows = np.array(kinds), self._rows(inputs)
        found = np.empty(len(kinds), object)
        for kind, network in self.networks.items():
            here = kinds == kind
            chosen = network.predict(rows[here], verbose=0).argmax(axis=1)
            found[here] = self.answers[kind][chosen]
        return found.tolist()
