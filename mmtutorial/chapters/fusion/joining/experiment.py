"""Do a picture and words belong together? A question to two modalities at once."""

from mmtutorial import encoders
from mmtutorial._checks import check_whole
from mmtutorial.fusion import FusionClassifier
from mmtutorial.tasks.training import Recipe, fit, predict_log_proba, score_log_proba


def train_matching(fusion, draw, *, tokens, epochs=9):
    """Learn whether a picture and words belong together, from new pairs in every epoch.

    Parameters
    ----------
    fusion : a fusion layer or its name; of representations, a hidden layer follows it
    draw : ``draw(split, count, seed)`` returns that many pairs as inputs ``"image"`` and
        ``"text"`` (ids), and whether they are true, ``(count,)`` of int
    tokens : how many different ids there are

    Returns the accuracy on pairs of the validation split after each epoch.
    """
    if not callable(draw):
        raise TypeError(f"draw must be a function of split, count and seed, got {draw!r}")
    for name, count in (("tokens", tokens), ("epochs", epochs)):
        check_whole(name, count, least=1)
    new, scores = draw("validation", 2000, seed=0), []

    def build():
        parts = {
            "image": encoders.DenseEncoder(128, dropout=0.1),
            "text": encoders.TextBag(tokens, 128, dropout=0.1),
        }
        return FusionClassifier(parts, fusion, classes=2, hidden=(128,), dropout=0.1)

    def watch(epoch, model):
        log_p = predict_log_proba(model, new[0])
        scores.append(score_log_proba(log_p, new[1])["accuracy"])

    recipe = Recipe(epochs=epochs, batch_size=128, learning_rate=5e-3)
    fit(build, lambda epoch: draw("train", 4096, seed=epoch), recipe, seed=0, on_epoch=watch)
    return scores
