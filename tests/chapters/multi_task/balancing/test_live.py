"""The live figure shows what was asked for, and the twin needs no kernel."""

import pytest

from mmtutorial.chapters.multi_task.balancing import compromise, live


def test_a_frame_says_where_each_weighting_leans():
    said = live.frame(10.0, 0.0, 510)._repr_html_()
    assert "inverse 0.50" in said
    assert "equal 0.99" in said
    assert said.count("GradNorm") == said.count("dynamic weights") == 2  # in words, in the table
    assert "gradnorm" not in said
    assert said.count("<tr>") == 1 + len(compromise.METHODS)


def test_the_controls_ask_for_what_the_twin_shows():
    twin = live.make_twin()
    assert twin.count('type="range"') == 2
    shown = live.explore_weights(twin)
    assert twin in shown._repr_mimebundle_()["text/html"]
    assert repr(shown) == "Live: Labels of B times, Noise of B, Steps"


def test_a_wrong_unit_is_refused():
    with pytest.raises(ValueError, match="unit must be"):
        live.frame(-1.0, 0.0, 510)
