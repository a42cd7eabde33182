"""What captioner and vision-language model are given."""

from functools import cache

import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry
from fuzz.table_encoders import LAYER, configured

BATCH = np.random.default_rng(0)
IDS = np.array([[2, 3, 0], [4, 0, 0]], np.int32)
VECTORS = BATCH.random((2, 6), np.float32)
VOCABULARY = mm.preprocessing.Vocabulary(("<pad>", "<unk>", "red", "blue", "moon"))
CAPTION = {"image": VECTORS, "text": IDS}
QUESTION = {"image": VECTORS, "question": IDS, "answer": IDS}
SIZES = {"num_layers": 1, "heads": 2, "hidden": 8, "max_length": 12, "dropout": 0.1}
MAKES = {"vocabulary": VOCABULARY, "units": 4, "prefix": 2, "projector_hidden": 4, **SIZES}
ANY_SIZE = {name: "1, huge" for name in (*SIZES, "units", "prefix")}
HEADS = {"units": ("heads",), "heads": ("units",)}
OF_MODEL = {**HEADS, "projector_hidden": ("hidden",), "prefix": ("tokens",)}
OF_INPUTS = {"inputs": ("modality", "image", "text", "question", "answer")}


@cache
def captioner():
    """Return a built captioner."""
    model = mm.cross_modal.Captioner(VOCABULARY, 4, heads=2, max_length=12, prefix=2)
    model(CAPTION)
    return model


@cache
def answerer():
    """Return a built vision-language model."""
    model = mm.cross_modal.VisionLanguageModel(VOCABULARY, 4, heads=2, max_length=12, prefix=2)
    model(QUESTION)
    return model


def of_model(name, make, inputs):
    """Return the entries of what both models have."""
    path = f"cross_modal.{name}"
    allows = {"inputs": f"{LAYER}, row more, row less, empty axis 0, empty axis 1"}

    def entry(method, sane):
        return Entry(f"{path}.{method}", lambda: {"inputs": dict(inputs)}, sane, allows=allows,
                     aliases=OF_INPUTS, target=lambda: getattr(make(), method), nan=True, every=3,
                     drawn=False)  # fmt: skip

    return [
        Entry(f"{path}.__call__", lambda: {"inputs": dict(inputs)},
              lambda result, **_: result.shape[-1] == 7, allows=allows, aliases=OF_INPUTS,
              target=make, nan=True, every=3, drawn=False),
        entry("log_likelihood", lambda result, inputs: not (result > 0).any()),
        entry("perplexity", lambda result, inputs: not result < 1),
        entry("attention_weights", lambda result, inputs: result.ndim == 5),
    ]  # fmt: skip


ENTRIES = [
    Entry("cross_modal.Captioner", lambda: dict(MAKES), configured,
          allows={**ANY_SIZE, "hidden": "None, 1, huge"},
          aliases=OF_MODEL, skip=("encoder", "num_layers"), every=2),
    *of_model("Captioner", captioner, CAPTION),
    Entry("cross_modal.Captioner.caption",
          lambda: {"images": VECTORS, "method": "beam", "beam_size": 2, "length_penalty": 1.0,
                   "temperature": 1.0, "top_p": 0.9, "seed": 0, "max_length": 3},
          lambda result, images, **_: len(result.texts) == len(images),
          allows={"beam_size": "1", "length_penalty": "1", "temperature": "1", "top_p": "1",
                  "seed": "1, zero", "max_length": "1, None", "images": "row more, row less"},
          aliases={"images": ("image",)},
          target=lambda: captioner().caption, every=2),
    Entry("cross_modal.VisionLanguageModel", lambda: {**MAKES, "stage": "align"}, configured,
          allows={**ANY_SIZE, "hidden": "None, 1, huge"}, aliases=OF_MODEL,
          skip=("encoder", "num_layers"), every=2),
    *of_model("VisionLanguageModel", answerer, QUESTION),
    Entry("cross_modal.VisionLanguageModel.encode",
          lambda: {"texts": ["red moon", "blue"], "length": 3},
          lambda result, **_: result.ndim == 2,
          allows={"texts": "any text, plain text, one more, one less", "length": "1"},
          target=lambda: answerer().encode),
    Entry("cross_modal.VisionLanguageModel.answer",
          lambda: {"images": VECTORS, "questions": ["red", "blue moon"], "max_length": 3},
          lambda result, images, **_: len(result.texts) == len(images),
          allows={"questions": "any text", "max_length": "1"}, aliases={"images": ("questions",)},
          target=lambda: answerer().answer, every=2),
    Entry("cross_modal.VisionLanguageModel.ask", lambda: {"image": VECTORS[0], "question": "red?"},
          lambda result, **_: isinstance(result, str), allows={"question": "any text"},
          aliases={"image": ("images",)},
          target=lambda: answerer().ask, every=2),
]  # fmt: skip

MADE = {}
