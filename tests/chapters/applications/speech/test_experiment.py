"""What the study trains and counts: settings, voices, searches, and the first try without CTC."""

from types import SimpleNamespace

import numpy as np
import pytest
from tolerance import make_rng

from mmtutorial.applications.speech import CharacterLM
from mmtutorial.chapters.applications.speech import (
    experiment,
    first_try,
    live,
    retrieval,
    study,
    study_controls,
    tables,
)
from mmtutorial.evaluation import cer
from mmtutorial.tasks import SpeechRecipe, SpeechTask, shipped_recipe
from mmtutorial.tasks.recognition import build_recognizer

SETTINGS = study.STUDIES[0].settings()


@pytest.fixture(scope="module")
def task():
    return SpeechTask(["cs"])


def test_one_thing_changes_at_a_time():
    usual = {"test": "level", "minutes": None, "steps": experiment.COARSE}
    for setting in SETTINGS:
        base = {"language": setting["language"], **usual}
        assert base in SETTINGS
        assert sum(setting[key] != base[key] for key in base) <= 1
        assert len(study.STUDIES[0].seeds_of(setting)) == 3
    assert all(setting in SETTINGS for setting in study.SHIPPED)
    assert len({experiment.name_of(setting, 0) for setting in SETTINGS}) == len(SETTINGS)


def test_all_take_as_many_updates_but_a_quarter_of_the_speech_and_what_ships_for_czech():
    counts = {}
    for setting in SETTINGS:
        clips = len(experiment.load_task(setting).texts["train"])
        counts[experiment.name_of(setting, 0)] = clips * experiment.epochs_of(setting)
    full = counts.pop("cs-25steps-0")
    assert counts.pop("cs-14min-25steps-0") == pytest.approx(full / 2, rel=0.1)
    more = shipped_recipe("cs").epochs / experiment.EPOCHS
    assert more >= 2
    assert counts.pop("cs-0") == pytest.approx(more * full)
    assert list(counts.values()) == [pytest.approx(full, rel=0.1)] * len(counts)


def test_what_ships_takes_fine_steps():
    assert tables.BOTH == experiment.BOTH
    assert (tables.COARSE, tables.FINE) == (experiment.COARSE, experiment.FINE)
    for language in tables.NAMES:
        recipe = shipped_recipe(language)
        assert recipe.time_strides == experiment.STRIDES[experiment.FINE]
        assert experiment.epochs_of({"language": language, "steps": experiment.FINE}) == (
            recipe.epochs
        )


def test_the_pace_counts_letters_and_the_blanks_between_equal_ones():
    class Lines:
        texts, minutes = {"train": ["aab", "ab"]}, 1 / 60

    columns = experiment.measure_pace({"a line": Lines()})
    assert columns["letters a second"] == {"a line": "5.0"}
    assert columns["of 25 steps"] == {"a line": "0.24"}
    assert columns["of 50 steps"] == {"a line": "0.12"}


def test_the_voice_of_the_test_is_in_no_training_line():
    task = experiment.load_task({"language": "cs", "test": "speaker", "minutes": None})
    assert not set(task.of("test", "speaker")) & set(task.of("train", "speaker"))
    assert experiment.voices_of(task, "test").all()


def test_errors_are_counted_for_each_voice(task):
    right = list(task.texts["test"])
    fish = experiment.voices_of(task, "test")
    half = [text if is_fish else "x" * 3 for text, is_fish in zip(right, fish, strict=True)]
    found = experiment.count_errors(task, {"greedy": half})
    rows = {row["voices"]: row for row in found if row["decoding"] == "greedy"}
    assert rows["two fish"]["cer"] == 0 < rows["all"]["cer"] < rows["others"]["cer"]
    assert rows["two fish"]["clips"] + rows["others"]["clips"] == rows["all"]["clips"] == len(right)


def test_errors_of_two_languages_are_counted_for_each():
    both = SpeechTask(["cs", "nl"])
    dutch = experiment.languages_of(both, "test") == "nl"
    half = ["x" if is_it else text for text, is_it in zip(both.texts["test"], dutch, strict=True)]
    found = experiment.count_errors(both, {"greedy": half})
    rows = {row["voices"]: row for row in found if row["decoding"] == "greedy"}
    assert rows["cs"]["cer"] == 0 < rows["all"]["cer"] < rows["nl"]["cer"]
    assert rows["nl"]["clips"] == len(SpeechTask(["nl"]).texts["test"])
    assert rows["cs"]["clips"] + rows["nl"]["clips"] == rows["all"]["clips"]


def test_another_line_is_as_long_and_seldom_the_same(task):
    rows = {row["voices"]: row for row in experiment.count_errors(task, {})}
    assert set(rows) == {"all", "two fish", "others"}
    assert all(row["decoding"] == "another line" for row in rows.values())
    assert 0.7 < rows["all"]["cer"] < 1
    other = experiment.other_lines(task)
    assert sorted(other) == sorted(task.texts["test"])
    assert rows["all"]["cer"] == cer(other.tolist(), task.texts["test"])


def test_exchanged_texts_are_of_other_clips_and_no_longer(task):
    other = experiment.exchange_texts(task)
    assert task.texts["train"] is not other.texts["train"]
    assert other.texts["test"] == task.texts["test"]
    pairs = list(zip(task.texts["train"], other.texts["train"], strict=True))
    assert np.mean([own == given for own, given in pairs]) < 0.02
    longer = [len(given) - len(own) for own, given in pairs]
    assert max(longer) <= 1
    assert min(longer) >= -12
    assert len(set(other.texts["train"])) > 0.95 * len(set(task.texts["train"]))


def test_one_row_of_letters_is_chosen_on_training_lines_and_as_long_as_the_clip(task):
    row, texts = experiment.repeat_row(task)
    seconds = task.clips("test").seconds
    assert len(texts) == len(seconds)
    assert all((row * 99).startswith(text) for text in texts)
    assert np.corrcoef([len(text) for text in texts], seconds)[0, 1] > 0.99
    said = task.texts["test"]
    other = cer(experiment.other_lines(task).tolist(), said)
    assert cer(texts, said) < other, "what hears nothing can be better than another line"
    few = [(("e" * 99)[: len(text)]) for text in texts]
    assert cer(texts, said) < cer(few, said) - 0.1


def test_controls_are_the_settings_that_the_page_names():
    settings = study_controls.STUDIES[0].settings()
    assert [(s["language"], s["minutes"], s["texts"]) for s in settings] == [
        ("cs", 14, "exchanged"), ("cs", None, "one row"), ("nl", None, "one row"),
    ]  # fmt: skip
    assert experiment.name_of(settings[0], 1) == "cs-14min-25steps-exchanged-1"
    names = {experiment.name_of(each, 0) for each in SETTINGS}
    assert names.isdisjoint(experiment.name_of(each, 0) for each in settings)


def test_texts_come_out_of_sure_logits(task):
    model = build_recognizer(task.letters, SpeechRecipe(units=2, width=2, blocks=0, filters=1))
    logits = {
        split: [
            say_surely(row[row > 0], len(task.letters) + 1)
            for row in model.encode(task.texts[split])
        ]
        for split in ("validation", "test")
    }
    written, said = experiment.write_all(task, logits), task.texts["test"]
    assert [len(texts) for texts in written.values()] == [len(said)] * 3
    assert cer(written["greedy"], said) == cer(written["beam"], said) == 0
    assert cer(written["beam and language model"], said) < 0.02


def say_surely(classes, count):
    """Return logits of a step for each letter, and a blank behind it: equal letters stay apart."""
    steps = np.zeros((2 * len(classes), count))
    steps[::2], steps[1::2, 0] = 30 * np.eye(count)[classes], 30
    return steps


def test_a_search_finds_what_a_line_says_and_nothing_when_clips_are_exchanged():
    rng = make_rng(0)
    targets = {split: rng.normal(size=(200, 12)) for split in retrieval.SPLITS}
    targets = {k: v / np.linalg.norm(v, axis=1, keepdims=True) for k, v in targets.items()}
    mix = rng.normal(size=(12, 12))
    features = {split: each @ mix for split, each in targets.items()}
    lines = {split: [f"{split} {i}" for i in range(200)] for split in retrieval.SPLITS}
    found = retrieval.search_lines(features, lines, targets)
    exchanged = retrieval.search_lines(features, lines, targets, seed=0)
    assert found > 0.95
    assert exchanged < 0.2
    assert retrieval.chance(lines["test"]) == pytest.approx(0.05)


def test_states_are_means_of_each_clip_alone(task):
    model = build_recognizer(
        task.letters, SpeechRecipe(units=4, width=4, blocks=1, filters=2, dropout=0)
    )
    few = SpeechTask(["cs"], minutes=0.5)
    states = retrieval.mean_states(model, few, "train")
    alone = np.asarray(model.encoder(few.spectrogram("train", 3)[None], training=False))
    np.testing.assert_allclose(states[3], alone[0].mean(axis=0), atol=1e-5)


def test_letters_are_spread_evenly_and_learnt(task):
    classes = np.array([5, 2, 9])
    steps = first_try.spread_evenly(classes, 9)
    np.testing.assert_array_equal(steps, np.repeat(classes, 3))
    texts = first_try.write_evenly(task, np.arange(5), clips=40)
    assert len(texts) == 5
    assert set("".join(texts)) <= set(task.letters)


def test_the_search_shows_what_is_wrong_and_escapes_it():
    reader = CharacterLM("ab<", order=2).fit(["ab", "ab"])
    line = live.Line(np.eye(4)[[1, 0, 2]] * 20, "ab", "<b>both</b>")
    decoder = live.Decoder([line], reader, 0.5)
    assert decoder.write("line 1", 0.0) == decoder.write("line 1", 0.35) == "ab"
    shown = decoder.show("line 1", 0.35, 4)
    assert "&lt;b&gt;both&lt;/b&gt;" in shown
    assert "0.00" in shown
    assert decoder.page("line 1").count("<tr>") == 1 + len(live.WEIGHTS)


def test_all_lines_are_counted_together():
    reader = CharacterLM("ab", order=2).fit(["ab", "ab"])
    lines = [live.Line(np.eye(3)[[1, 0, 2]] * 20, said, "") for said in ("ab", "b")]
    counted = live.Decoder(lines, reader, 0.5).count(0.35)
    assert (counted["letters"], counted["wrong"]) == (4, pytest.approx(1 / 3))
    assert counted["perplexity"] == reader.perplexity(["ab", "ab"])


def test_noise_has_the_power_that_its_name_says():
    wave = make_rng(0).normal(0, 0.1, 50_000).astype("float32")
    found = experiment.disturb([wave])
    assert found["as it is"][0] is wave
    for decibel in experiment.NOISE:
        (loud,) = found[f"noise, {decibel} dB below"]
        power = ((loud - wave) ** 2).mean() / (wave**2).mean()
        assert 10 * np.log10(power) == pytest.approx(-decibel, abs=0.2)
    np.testing.assert_allclose(found["a tenth as loud"][0], wave / 10, rtol=1e-5)
    assert len(found["a fifth faster"][0]) == pytest.approx(50_000 / 1.2, abs=2)
    np.testing.assert_array_equal(found["begun 10 ms later"][0], wave[160:])


def test_what_changes_is_counted_against_what_was_written_at_once(monkeypatch):
    class Speech(list):
        sample_rate = 1000

    test = SimpleNamespace(inputs={"speech": Speech([np.arange(50), np.arange(40)])})

    class Writer:
        def write(self, waves, beam_width):
            assert beam_width is None
            return ["ab" if wave[0] < 20 else "ac" for wave in waves]

    monkeypatch.setattr(experiment, "load_recognizer", lambda language: Writer())
    monkeypatch.setattr(experiment, "load_dialogues", lambda language: SimpleNamespace(test=test))
    assert experiment.count_changed("cs", (10, 20), every=1) == {10: 0.0, 20: 0.5}
