"""What one process saves, another loads, bit for bit: every class that registers itself."""

import ast
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import mmtutorial as mm
from mmtutorial import _saving

PACKAGE = Path(mm.__file__).parent
FEW = "heads=2, hidden=4"
PARTS = "{'image': E.DenseEncoder(4), 'text': E.TextBag(9, 4)}"
# One model for each class: what it is made by, and what it takes.
MODELS = {
    "AudioSeparableRNN": (
        "of(E.AudioSeparableRNN(4, width=4, blocks=1, filters=(2, 2)))",
        "sound",
    ),
    "AudioConvRNN": ("of(E.AudioConvRNN(4, filters=(2, 2)))", "sound"),
    "DenseEncoder": ("of(E.DenseEncoder(4))", "vector"),
    "GridCNN": ("of(E.GridCNN((2, 2)))", "image"),
    "ImageCNN": ("of(E.ImageCNN(4, filters=(2,)))", "image"),
    "TextBag": ("of(E.TextBag(9, 4))", "ids"),
    "TextRNN": ("of(E.TextRNN(9, 4))", "ids"),
    "TextTransformer": ("of(E.TextTransformer(9, 4, num_layers=1, heads=2))", "ids"),
    "VideoEncoder": ("of(E.VideoEncoder(4, frame_encoder=E.ImageCNN(4, filters=(2,))))", "clip"),
    "WordBags": ("of(E.WordBags(9, 4))", "pieces"),
    "AttentionFusion": ("join(F.AttentionFusion(4))", "pair"),
    "BottleneckFusion": (f"join(F.BottleneckFusion(4, {FEW}))", "pair"),
    "Captioner": ("C.Captioner(WORDS, 4, heads=2)", "pair"),
    "ConcatFusion": ("join(F.ConcatFusion(4))", "pair"),
    "CrossAttentionFusion": (f"join(F.CrossAttentionFusion(4, {FEW}))", "pair"),
    "CrossAttentionReranker": ("C.CrossAttentionReranker(4, num_layers=1)", "tokens"),
    "CrossStitch": ("tasks(M.CrossStitch, own=0.8)", "pair"),
    "DeepCCA": (f"C.DeepCCA({PARTS}, 2)", "pair"),
    "DecisionClassifier": ("join('late')", "pair"),
    "RepresentationClassifier": ("join('concat')", "pair"),
    "UnimodalClassifier": ("F.UnimodalClassifier(E.DenseEncoder(4), 3)", "vector"),
    "DualEncoder": (f"C.DualEncoder({PARTS}, units=4)", "pair"),
    "DynamicWeightAverage": ("tasks(weighting=M.DynamicWeightAverage(1.0))", "pair"),
    "EqualWeighting": ("tasks(aggregator='pcgrad')", "pair"),
    "FrameGrounder": (
        "mm.applications.video.FrameGrounder(4, filters=(2, 2), depth=1)",
        "seen",
    ),
    "GatedFusion": ("join(F.GatedFusion(4))", "pair"),
    "GradNorm": ("tasks(weighting=M.GradNorm(alpha=0.5))", "pair"),
    "GroundingModel": ("mm.applications.grounding.GroundingModel(4)", "scenes"),
    "GuidedAttention": ("join(F.GuidedAttention(4))", "pair"),
    "HardSharing": ("tasks()", "pair"),
    "InverseLoss": ("tasks(weighting=B.InverseLoss())", "pair"),
    "LateFusion": ("join(F.LateFusion({'image': 2, 'text': 1}))", "pair"),
    "LinearScalarization": (
        "tasks(weighting=M.LinearScalarization({'group': 1.0, 'hue': 0.1}))",
        "pair",
    ),
    "LogitScale": ("of(C.LogitScale(5.0, bias=-1.0))", "vector"),
    "LowRankTensorFusion": ("join(F.LowRankTensorFusion(4))", "pair"),
    "MMoE": ("tasks(M.MMoE, num_experts=2)", "pair"),
    "MissingTokens": ("join('sum', missing='learnt')", "pair"),
    "MixtureOfExperts": ("join(F.MixtureOfExperts())", "pair"),
    "ModalityDropout": ("join('sum', modality_dropout=0.2)", "pair"),
    "MultiTaskModel": ("tasks(aggregator='cagrad', c=0.2)", "pair"),
    "MultiplicativeFusion": ("join(F.MultiplicativeFusion(4))", "pair"),
    "PlacedGrid": ("of(V.PlacedGrid((2, 2)))", "image"),
    "PLE": ("tasks(M.PLE, task_experts=2)", "pair"),
    "ProductOfExperts": ("join(F.ProductOfExperts())", "pair"),
    "ProductFusion": ("join(X.ProductFusion())", "pair"),
    "Projector": ("of(C.projector.Projector(4))", "vector"),
    "RandomLossWeighting": ("tasks(weighting=M.RandomLossWeighting(seed=4))", "pair"),
    "ReferenceModel": ("F.reference_model(image_size=22, text_length=3)", "reference"),
    "SpeechRecognizer": (
        "mm.applications.speech.SpeechRecognizer(E.AudioConvRNN(4, filters=(2, 2), "
        "sequence=True), 'ab')",
        "sound",
    ),
    "SumFusion": ("join(F.SumFusion(4))", "pair"),
    "TensorFusion": ("join(F.TensorFusion(4))", "pair"),
    "TransformerDecoder": ("of(C.decoder.TransformerDecoder(9, 4, heads=2))", "ids"),
    "UncertaintyWeighting": ("tasks(weighting=M.UncertaintyWeighting('regression'))", "pair"),
    "UnitProjection": (f"C.DualEncoder({PARTS}, units=4, loss='siglip')", "pair"),
    "VideoGrounder": (
        "mm.applications.video.VideoGrounder(width=4, hidden=8, num_layers=1)",
        "maps",
    ),
    "VisionLanguageModel": ("C.VisionLanguageModel(WORDS, 4, heads=2)", "asked"),
}
SAVE = """
import sys
import keras
import numpy as np
import mmtutorial as mm
C, E, F, X = mm.cross_modal, mm.encoders, mm.fusion, mm.chapters.background.evaluation
M, V = mm.multi_task, mm.chapters.cross_modal.vision_language.experiment
B = mm.chapters.multi_task.balancing.experiment
rng = np.random.default_rng(0)
def numbers(*shape):
    return rng.random((2, *shape), dtype="float32")
def ids(*shape):
    return rng.integers(0, 9, (2, *shape)).astype("int32")
INPUTS = {
    "vector": numbers(3), "image": numbers(8, 8, 3), "clip": numbers(2, 8, 8, 3),
    "sound": numbers(9, 6), "ids": ids(5), "pieces": ids(5, 3),
    "pair": {"image": numbers(3), "text": ids(5)},
    "reference": {"image": numbers(22, 22, 3), "text": ids(3)},
    "tokens": {"query": numbers(3, 5), "candidate": numbers(4, 6)},
}
INPUTS["scenes"] = {"image": numbers(4, 3), "text": numbers(2, 3, 5)}
INPUTS |= {"seen": {"image": numbers(8, 8, 3), "text": numbers(1, 3)}, "maps": numbers(3, 4, 4, 3)}
INPUTS["pair"]["text"].sort()
INPUTS["pair"]["text"] = INPUTS["pair"]["text"][:, ::-1].copy()  # padding at the end
INPUTS["asked"] = {"image": numbers(3), "question": ids(4), "answer": INPUTS["pair"]["text"]}
WORDS = mm.preprocessing.Vocabulary(("<pad>", "<unk>", *"abcdefg"))
def flat(result):
    parts = result.values() if isinstance(result, dict) else [result]
    parts = [keras.ops.convert_to_numpy(part).reshape(2, -1) for part in parts]
    return np.concatenate(parts, axis=-1)
def of(layer):
    return keras.Sequential([layer])
def join(fusion, **options):
    parts = {"image": E.DenseEncoder(4), "text": E.TextBag(9, 4)}
    return F.FusionClassifier(parts, fusion, 3, **options)
def tasks(kind=M.HardSharing, weighting="equal", aggregator=None, c=0.5, **options):
    heads, parts = {"group": 3, "hue": 1}, {"image": E.DenseEncoder(4), "text": E.TextBag(9, 4)}
    body = kind(parts, heads, hidden=(3, 3), **options)
    return M.MultiTaskModel(body, weighting, aggregator, c=c)
MODELS = {
%s
}
for name, (make, kind) in MODELS.items():
    keras.utils.set_random_seed(0)
    model = make()
    result = flat(model(INPUTS[kind]))
    model.save(f"{sys.argv[1]}/{name}.keras")
    inputs = INPUTS[kind] if isinstance(INPUTS[kind], dict) else {"": INPUTS[kind]}
    np.savez(f"{sys.argv[1]}/{name}.npz", result=result, **{"in" + k: v for k, v in inputs.items()})
"""
LOAD = """
import sys
import keras
import numpy as np
import mmtutorial as mm
%s
for name in %s:
    model = load(f"{sys.argv[1]}/{name}.keras")
    stored = np.load(f"{sys.argv[1]}/{name}.npz")
    inputs = {k[2:]: stored[k] for k in stored if k.startswith("in")}
    inputs = inputs.get("", inputs)
    result = model(inputs)
    parts = result.values() if isinstance(result, dict) else [result]
    parts = [keras.ops.convert_to_numpy(part).reshape(2, -1) for part in parts]
    result = np.concatenate(parts, axis=-1)
    assert np.array_equal(result, stored["result"]), name
"""
BY_TOUCH = "mm.fusion; load = keras.models.load_model"


def run(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def registered():
    """Every class of the package that Keras should know, and the module that holds it."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any(
                "register_keras_serializable" in ast.unparse(each) for each in node.decorator_list
            ):
                found[node.name] = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved")
    run(
        SAVE
        % "\n".join(f"{n!r}: (lambda: {make}, {kind!r})," for n, (make, kind) in MODELS.items()),
        path,
    )
    return path


def test_no_registered_class_is_forgotten():
    classes = registered()
    assert set(classes) == set(MODELS)
    for name, module in classes.items():
        assert any(f"{module}.".startswith(f"{known}.") for known in _saving.REGISTERING), name


def test_a_new_process_loads_every_class_bit_for_bit(folder):
    run(LOAD % ("load = mm.load_model", list(MODELS)), folder)


def test_a_look_at_fusion_is_enough_for_keras_itself(folder):
    kinds = (".fusion.", ".encoders.")
    ours = [name for name, module in registered().items() if any(k in module for k in kinds)]
    run(LOAD % (BY_TOUCH, ours), folder)


def test_a_look_at_cross_modal_is_enough_for_its_classes(folder):
    ours = [
        name
        for name, module in registered().items()
        if module.startswith("mmtutorial.cross_modal.")
    ]
    run(LOAD % (BY_TOUCH.replace("fusion", "cross_modal"), ours), folder)


def test_a_look_at_multi_task_is_enough_for_its_classes(folder):
    ours = [
        name for name, module in registered().items() if module.startswith("mmtutorial.multi_task.")
    ]
    run(LOAD % (BY_TOUCH.replace("fusion", "multi_task"), ours), folder)


def test_a_look_at_encoders_is_enough_for_a_model_of_encoders(folder):
    names = ["ImageCNN", "TextBag", "VideoEncoder"]
    run(LOAD % (BY_TOUCH.replace("fusion", "encoders"), names), folder)


def test_what_is_no_model_is_refused(folder, tmp_path):
    whole = (folder / "TextBag.keras").read_bytes()
    (tmp_path / "model.h5").write_bytes(whole)
    (tmp_path / "cut.keras").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.keras").write_bytes(b"")
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 255
    (tmp_path / "flipped.keras").write_bytes(flipped)
    with zipfile.ZipFile(tmp_path / "other.keras", "w") as file:
        file.writestr("notes.txt", "no model")
    for wrong in (None, 3, b"model.keras"):
        with pytest.raises(TypeError, match="path must name a file, got"):
            mm.load_model(wrong)
    with pytest.raises(FileNotFoundError, match=r"nothing\.keras does not exist"):
        mm.load_model(tmp_path / "nothing.keras")
    with pytest.raises(ValueError, match=r"is a folder, not a \.keras file"):
        mm.load_model(tmp_path)
    with pytest.raises(ValueError, match=r"must end in \.keras"):
        mm.load_model(str(tmp_path / "model.h5"))
    for name in ("cut", "empty", "flipped", "other"):
        with pytest.raises(ValueError, match=rf"{name}\.keras is no whole \.keras file"):
            mm.load_model(tmp_path / f"{name}.keras")
