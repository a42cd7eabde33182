"""Get a saved model back, in a session that has not used its layers yet."""

import importlib
import os
import zipfile
from pathlib import Path

import keras

from mmtutorial._packages import find_rooms, module_of

# Keras finds a class by its name once its module is loaded; these hold all classes of the package.
REGISTERING = (
    "mmtutorial.applications.grounding.model",
    "mmtutorial.applications.speech.recognizer",
    "mmtutorial.applications.video.frames",
    "mmtutorial.applications.video.grounder",
    "mmtutorial.cross_modal",
    "mmtutorial.encoders",
    "mmtutorial.fusion",
    "mmtutorial.multi_task",
    *(module_of(room, "experiment") for room in find_rooms("experiment.py")),
)


def load_model(path: str | os.PathLike) -> keras.Model:
    """How do I get back the model that I saved yesterday?

    ``model.save("model.keras")`` writes architecture, weights, and the optimiser's state.
    ``keras.models.load_model`` reads them, once Keras knows the classes of the layers in it; this
    function tells it those of this package first. (So does a look at ``mm.fusion``, for all that
    the package itself offers.) Import classes of your own before. Code in the file is not run.

    Raises ``TypeError`` for what is no path, ``FileNotFoundError`` for a missing file, and
    ``ValueError`` for one that is no whole ``.keras`` file.

    >>> import tempfile
    >>> from mmtutorial import encoders, fusion
    >>> model = fusion.FusionClassifier({"image": encoders.DenseEncoder(4)}, "concat", 3)
    >>> model({"image": keras.ops.ones((2, 8))}).shape
    TensorShape([2, 3])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model.save(f"{folder}/model.keras")
    ...     again = load_model(f"{folder}/model.keras")
    >>> again.count_params() == model.count_params()
    True
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"path must name a file, got {path!r}")
    path = Path(path)
    if path.is_dir():
        raise ValueError(
            f"{path} is a folder, not a .keras file; what model.export wrote is read by "
            "tf.saved_model.load"
        )
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; model.save(...) writes such a file")
    if path.suffix != ".keras":
        raise ValueError(f"{path} must end in .keras, as what model.save('model.keras') writes")
    try:
        with zipfile.ZipFile(path) as file:
            whole = {"config.json", "model.weights.h5"} <= set(file.namelist())
            damaged = file.testzip()
    except zipfile.BadZipFile:
        whole = damaged = None
    if not whole or damaged:
        raise ValueError(f"{path} is no whole .keras file: cut off or damaged? Save it again")
    for module in REGISTERING:
        importlib.import_module(module)
    return keras.models.load_model(path, safe_mode=True)
