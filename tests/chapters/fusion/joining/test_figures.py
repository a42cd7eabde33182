"""The drawings of "Joining two modalities" say what is computed before the join, and shapes."""

from drawing_checks import check_drawing, words_of

import mmtutorial as mm
from mmtutorial.chapters.fusion.joining import figures


def test_the_three_panels_differ_in_what_comes_before_the_join():
    figure = figures.places_to_join()
    said = [[text.get_text() for text in axis.texts] for axis in figure.axes]
    assert [words.count("encoder") for words in said] == [0, 2, 2]
    assert [words.count("head") for words in said] == [1, 1, 2]
    check_drawing(figure)


def test_the_shapes_of_the_reference_model_are_those_of_the_model():
    model = mm.fusion.reference_model(image_size=30, vocabulary_size=50, text_length=7)
    figure = figures.reference_model(model)
    said = words_of(figure)
    assert {"30 × 30 × 3", "2 × 2 × 256", "1,024", "7", "7 × 64", "1,088", "128", "1"} <= set(said)
    assert said.count("64") == 2  # of the LSTM, and of a dense layer
    check_drawing(figure)
