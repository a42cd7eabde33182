"""What does it cost to transcribe a second of sound? And a step of the recogniser, beside PyTorch?

    python benchmarks/speech.py --with-torch
    python benchmarks/speech.py --alone --sounds 10 600

First `transcribe` on recordings of several lengths, lines of the dialogues one after the other, in
a file: milliseconds for each second of sound, and what the process grew by at most, megabytes,
with the recogniser loaded and a first recording heard. It is the one that ships; where its files
are missing, an untrained one of the same size, whose search has more to try. Sounds are read in
blocks, so that the memory must not grow with their length.

Then the parts, beside what one would write in PyTorch, see `_speech_torch.py`: a training step on
batches of 16 spectrograms of 3 seconds, of the architecture that ships for Czech
(`tasks.shipped_recipe`), with CTC and Adam; the same without learning; the loss with its gradient
alone; and the two decoders on 16 rows of logits about as sharp as a trained one writes. First it
checks that loss and texts are the same, and that both models have as many weights to train.

All times are processor seconds of all threads, the least that was seen, so other programs on the
machine disturb them little; ``--threads`` says how many there are.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from _measure import (
    add_torch_options,
    forget_peak,
    memory,
    provide_torch,
    quickest,
    run_alone,
)
from tqdm import tqdm

BATCH, FRAMES, BANDS, CLASSES, LETTERS = 16, 300, 64, 43, 30
STEPS = FRAMES // 2  # of those that ship, 50 a second
WIDTH, THRESHOLD = 16, 1e-3
PARTS = ("training step", "logits alone", "CTC loss", "greedy decoding", f"beam of {WIDTH}")
COMPARED = PARTS[2:]  # what gives the same on both sides; a model begins with weights of its own
SIDES = ("ours", "torch")
RATE = 16000


def use_threads(side, count):
    """Let one side compute in so many threads."""
    if side == "torch":
        import torch

        return torch.set_num_threads(count)
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(count)
    return tf.config.threading.set_inter_op_parallelism_threads(1)


def load():
    """Return the shipped recogniser, or an untrained one, and which of them it is."""
    from mmtutorial.applications import speech
    from mmtutorial.data import DataError, load_dialogues
    from mmtutorial.tasks import build_recognizer, shipped_recipe

    try:
        return speech.load_recognizer("cs"), "the shipped recogniser"
    except DataError:
        texts = load_dialogues(language="cs").train.inputs["text"].tolist()
    letters = "".join(sorted(set("".join(texts))))
    model = build_recognizer(letters, shipped_recipe("cs"))
    model.build((None, None, BANDS))
    counts = speech.CharacterLM(letters).fit(texts)
    return speech.Recognizer(model, counts, beam={"weight": 0.5}), "an untrained recogniser"


def write_sound(path, seconds):
    """Write lines of the dialogues, one after the other, into a file of so many seconds."""
    import soundfile

    from mmtutorial.data import load_dialogues

    clips = load_dialogues(language="cs").test.inputs["speech"]
    left, row = seconds * RATE, 0
    with soundfile.SoundFile(path, "w", RATE, 1) as file:
        while left > 0:
            wave = np.append(clips[row % len(clips)], np.zeros(RATE // 4))[:left]
            file.write(wave)
            left, row = left - len(wave), row + 1


def transcribe(seconds, width):
    """Transcribe a recording; return milliseconds per second of sound, megabytes, what heard."""
    from mmtutorial.applications import speech

    recognizer, kind = load()
    with tempfile.TemporaryDirectory() as folder:
        path, first = Path(folder) / "sound.wav", Path(folder) / "first.wav"
        write_sound(first, 30)
        write_sound(path, seconds)
        speech.transcribe(first, recognizer=recognizer, beam_width=width)
        before, times = forget_peak(), []
        while not times or sum(times) < 5:
            start = time.process_time()
            speech.transcribe(path, recognizer=recognizer, beam_width=width)
            times.append(time.process_time() - start)
        return 1000 * min(times) / seconds, memory("VmHWM") - before, kind


def draw():
    """Draw spectrograms, texts, and logits that spell them, as sharp as a trained recogniser's."""
    rng = np.random.default_rng(0)
    labels = rng.integers(1, CLASSES, (BATCH, LETTERS)).astype("int32")
    logits = 1.2 * rng.normal(size=(BATCH, STEPS, CLASSES))
    logits[:, :, 0] += 9
    at = 2 * np.arange(LETTERS) + 1
    for row, text in zip(logits, labels, strict=True):
        row[at, text] += 9
    return {
        "spectrograms": rng.normal(size=(BATCH, FRAMES, BANDS)).astype("float32"),
        "labels": labels,
        "logits": logits.astype("float32"),
        "logit_lengths": np.full(BATCH, STEPS, "int32"),
        "label_lengths": np.full(BATCH, LETTERS, "int32"),
    }


def make_ours():
    """Return the recogniser that ships for Czech, untrained, for letters of the benchmark."""
    from mmtutorial.tasks import build_recognizer, shipped_recipe

    model = build_recognizer([chr(97 + i) for i in range(CLASSES - 1)], shipped_recipe("cs"))
    model.build((None, None, BANDS))
    return model


def make_theirs():
    """Return the same in PyTorch."""
    import _speech_torch as theirs

    from mmtutorial.tasks import shipped_recipe

    return theirs.Recognizer(BANDS, CLASSES, shipped_recipe("cs"))


def prepare_ours(part):
    """Return one part as a function without arguments, ours."""
    import keras
    import tensorflow as tf

    from mmtutorial.applications import speech

    drawn = draw()
    logits, lengths = drawn["logits"], drawn["logit_lengths"]
    if part == PARTS[3]:
        return lambda: speech.ctc_greedy_decode(logits, lengths)
    if part == PARTS[4]:
        return lambda: speech.ctc_beam_decode(
            logits, lengths, beam_width=WIDTH, threshold=THRESHOLD
        )
    if part == PARTS[2]:
        others = {name: tf.constant(drawn[name]) for name in ("logit_lengths", "label_lengths")}
        labels, given = tf.constant(drawn["labels"]), tf.constant(logits)

        @tf.function
        def loss():
            with tf.GradientTape() as tape:
                tape.watch(given)
                each = speech.ctc_loss(given, labels, **others)
            return each, tape.gradient(each, given)

        return lambda: [each.numpy() for each in loss()]
    model = make_ours()
    model.compile(keras.optimizers.Adam())
    if part == PARTS[0]:
        return lambda: model.train_on_batch(drawn["spectrograms"], drawn["labels"])
    return lambda: model.predict_on_batch(drawn["spectrograms"])


def prepare_torch(part):
    """Return one part as a function without arguments, in PyTorch."""
    import _speech_torch as theirs
    import torch

    drawn = {name: torch.from_numpy(array) for name, array in draw().items()}
    logits, lengths = drawn["logits"], drawn["logit_lengths"].tolist()
    others = drawn["labels"], drawn["logit_lengths"], drawn["label_lengths"]
    if part == PARTS[3]:
        return lambda: theirs.greedy(logits, lengths)
    if part == PARTS[4]:
        return lambda: theirs.beam(logits, lengths, WIDTH, THRESHOLD)
    if part == PARTS[2]:

        def loss():
            given = logits.clone().requires_grad_()
            each = theirs.ctc_loss(given, *others)
            each.sum().backward()
            return [each.detach().numpy(), given.grad.numpy()]

        return loss
    model = make_theirs()
    optimizer = torch.optim.Adam(model.parameters())

    def train():
        optimizer.zero_grad()
        logits = model(drawn["spectrograms"])
        (theirs.ctc_loss(logits, *others).sum() / others[2].sum()).backward()
        optimizer.step()

    @torch.inference_mode()
    def predict():
        return model.eval()(drawn["spectrograms"])

    return train if part == PARTS[0] else predict


def check(part):
    """Stop, if loss and gradients, or texts, of the two sides differ."""
    ours, theirs = prepare_ours(part)(), prepare_torch(part)()
    if part == PARTS[2]:
        same = all(np.allclose(a, b, atol=1e-3) for a, b in zip(ours, theirs, strict=True))
    else:
        same = ours == theirs
    if not same:
        raise SystemExit(f"{part}: ours and PyTorch differ")


def check_sizes():
    """Stop, if the two models have different numbers of weights to train."""
    ours = sum(int(np.prod(each.shape)) for each in make_ours().trainable_variables)
    theirs = sum(each.numel() for each in make_theirs().parameters())
    if ours != theirs:
        raise SystemExit(f"ours has {ours:,} weights, PyTorch's {theirs:,}")


def work(kind, side, case, number, threads):
    """Measure one case in this process, and print it."""
    use_threads(side, threads)
    if kind == "transcribe":
        return print(json.dumps(transcribe(int(case), int(number) or None)))
    step = (prepare_ours if side == "ours" else prepare_torch)(case)
    step()  # the first compiles
    step()
    return print(json.dumps(quickest(step, float(number))))


def print_sounds(options):
    """Measure and print `transcribe`."""
    cases = [(seconds, width) for width in (0, WIDTH) for seconds in options.sounds]
    rows = []
    for seconds, width in tqdm(cases, unit="sound"):
        found = run_alone(__file__, "transcribe", "ours", seconds, width, options.threads)
        way = f"beam of {width}, language model" if width else "greedy"
        rows.append(f"| {seconds:,} | {way} | {found[0]:.1f} | {found[1]:.0f} |")
    print(f"`transcribe`, {found[2]}\n\n| seconds of sound | search | ms per second | MB |")
    print("|---|---|---|---|", *rows, sep="\n")


def print_parts(options):
    """Measure and print the parts, ours and PyTorch's."""
    sides = SIDES[:1] if options.alone else SIDES
    print(f"\nParts, {BATCH} clips of {FRAMES / 100:g} seconds, milliseconds\n")
    head = ["", "ours"] + ["PyTorch", "ratio"] * (len(sides) - 1)
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for part in tqdm(PARTS, unit="part"):
        times = [
            run_alone(__file__, "part", side, part, options.seconds, options.threads)
            for side in sides
        ]
        ratio = [f"{times[0] / times[1]:.2f}"] if len(times) > 1 else []
        print(f"| {' | '.join([part, *(f'{ms:.2f}' for ms in times), *ratio])} |", flush=True)


def main():
    """Check and measure each case, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sounds", nargs="+", type=int, default=[10, 60, 600], metavar="SECONDS")
    parser.add_argument("--threads", type=int, default=1, help="of TensorFlow and of PyTorch")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each part")
    add_torch_options(parser)
    parser.add_argument("--work", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        *case, threads = options.work
        return work(*case, int(threads))
    provide_torch(parser, options)
    if not options.alone:
        check_sizes()
        for part in COMPARED:
            check(part)
    print(f"{os.cpu_count()} cores, {options.threads} threads used\n")
    print_sounds(options)
    return print_parts(options)


if __name__ == "__main__":
    main()
