"""The live figures of the part on cross-modal learning in a real JupyterLab."""

import re

import pytest

from .lab import choose, move, shown

pytestmark = pytest.mark.browser


def numbers(text):
    """Return the numbers with decimals in a text, whichever minus sign it has."""
    return [float(each.replace("−", "-")) for each in re.findall(r"[-−]?\d+\.\d+", text)]


def test_the_reader_fits_cca_to_fewer_pairs_and_to_shuffled_ones(browser, lab):
    cells = ["correlation-02", "correlation-04", "correlation-52"]
    tab, figure = lab.run(browser, "cross_modal/1_correlation", cells)

    def correlations():
        """Of the pairs that it was fitted to, and of unseen emoji."""
        return numbers(figure.get_by_role("img", name="Correlation").get_attribute("aria-label"))

    fitted, unseen = correlations()
    move(figure, "Concepts", "Home")
    fitted_to_few, unseen_by_few = correlations()
    assert unseen_by_few + 0.05 < unseen < fitted < fitted_to_few - 0.05
    move(figure, "Regularization", "End")
    regularized, unseen = correlations()
    assert regularized < fitted_to_few - 0.02
    choose(figure, "Pairs", "shuffled")
    of_shuffled, unseen_by_shuffled = correlations()
    assert unseen_by_shuffled < unseen - 0.2
    assert of_shuffled > unseen_by_shuffled + 0.5
    move(figure, "Direction", "End")
    assert correlations()[0] < of_shuffled
    tab.close()


def test_the_reader_sets_the_temperature_of_the_loss(browser, lab):
    cells = ["contrast-02", "contrast-04", "contrast-09", "contrast-11", "contrast-21-a",
             "contrast-21", "contrast-59"]  # fmt: skip
    tab, figure = lab.run(browser, "cross_modal/2_contrast", cells)

    def losses():
        """At the chosen temperature, which is returned, too, at the learnt one, and of chance."""
        loss, chosen, learnt, _, chance = numbers(figure.get_by_text("in nats").inner_text())
        return loss, chosen, learnt, chance

    def largest():
        """The largest probability of a text at the chosen and at the learnt temperature."""
        rows = [row.locator("td").all_inner_texts() for row in figure.locator("tbody tr").all()]
        return [max(map(float, column)) for column in zip(*rows[:-2], strict=True)]

    first, _, learnt, _ = losses()
    assert first == pytest.approx(learnt, abs=0.1)  # the slider rounds
    move(figure, "Temperature", "End")
    hot, temperature, still_learnt, chance = losses()
    assert still_learnt == learnt
    assert abs(hot - chance) < 2 / temperature  # cosines lie between -1 and 1
    sure, learnt_sure = largest()
    move(figure, "Temperature", "Home")
    shown(figure, "at 0.010")
    assert sure < learnt_sure < largest()[0]

    choose(figure, "Emoji", "star-struck")
    assert figure.locator("tbody th", has_text="✓").first.inner_text() == "✓ star-struck"
    assert losses()[2] != learnt
    tab.close()


def test_the_reader_draws_captions_hot_and_cold(browser, lab):
    cells = ["translation-02", "translation-04", "translation-05", "translation-07",
             "translation-09", "translation-29", "translation-61", "translation-65"]  # fmt: skip
    tab, figure = lab.run(browser, "cross_modal/4_translation", cells)

    def captions():
        """Texts and their log-probabilities by the name of the method."""
        found = {}
        for row in figure.locator("tbody tr").all():
            text, log_p = row.locator("td").all_inner_texts()
            found.setdefault(row.locator("th").inner_text(), []).append((text, *numbers(log_p)))
        return found

    choose(figure, "Emoji", "grinning squinting face")
    its_words = figure.get_by_text("Its words").inner_text()
    right = figure.locator("tbody b").all_inner_texts()
    assert "face" in right
    assert all(word in its_words for word in right)
    move(figure, "Beam width", "Home")
    greedy, beam = (captions()[method][0] for method in ("greedy", "beam of 1"))
    assert beam == (greedy[0], pytest.approx(greedy[1], abs=0.011))
    drawn = {}
    for key, temperature in {"Home": "0.1", "End": "2"}.items():
        move(figure, "Temperature", key)
        drawn[key] = [log_p for _, log_p in captions()[f"sampled at {temperature}"]]
    assert len(drawn["Home"]) == 3
    assert sum(drawn["End"]) < sum(drawn["Home"]) - 3
    tab.close()


def test_the_reader_searches_by_words_of_their_own(browser, lab):
    tab, figure = lab.run(browser, "cross_modal/3_retrieval", ["retrieval-02", "retrieval-43"])
    shown(figure, "Read as: hot, drink.")
    words = figure.get_by_label("Your words", exact=True)
    words.fill("a red heart")
    shown(figure, "Read as: red heart.")
    words.fill("火箭")
    shown(figure, "Read as: 火箭.")
    words.fill("rocketship")
    shown(figure, "Not known: “rocketship”, taken for “rockets”.")
    assert figure.get_by_role("listitem").count() == 10
    tab.close()


def test_the_reader_composes_a_scene_and_asks_about_it(browser, lab):
    cells = ["vision-language-02", "vision-language-04", "vision-language-13", "vision-language-55"]
    tab, figure = lab.run(browser, "cross_modal/5_vision_language", cells)
    shown(figure, "It answers: red")
    question = figure.get_by_label("Question", exact=True)
    for number, name in (("two", None), ("three", "Top right")):
        if name:
            figure.get_by_label(name, exact=True).select_option(label="speedboat")
        question.fill("how many are there?")
        shown(figure, f"It answers: {number}")
    question.fill("how many zebras?")
    shown(figure, "It has never read: zebras.")
    question.fill(" ")
    figure.get_by_role("alert").wait_for()
    tab.close()
