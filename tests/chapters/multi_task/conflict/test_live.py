"""The live figure draws the paths that were asked for, and so does its twin."""

import pytest

from mmtutorial.chapters.multi_task.conflict import landscape, live


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(landscape, "DISTANCE", 2.0)


def test_a_frame_says_where_each_path_ends():
    said = live.frame(-3.0, -2.0, 3.0, 0.05)._repr_html_()
    paths = landscape.walk_all((-3.0, -2.0), scale=3.0, rate=0.05)
    for method, path in paths.items():
        first, second = landscape.look(*path[-1])[0]
        assert f"{method}</td>" in said
        assert f"{first:.1f}</td>" in said
        assert f"{second:.1f}</td>" in said
    assert "task 2 times 3" in said
    assert said.count("<polyline") == len(landscape.METHODS)


def test_the_scale_changes_the_picture_below():
    assert live.background(1.0) != live.background(10.0)


def test_its_controls_ask_for_what_the_twin_shows():
    twin = live.make_twin()
    assert twin._repr_html_().count("<svg") == 18
    shown = live.explore_paths(twin)
    assert repr(shown) == "Live: Start, first weight, Start, second weight, Task 2 times, Rate"
    assert twin._repr_html_() in shown._repr_mimebundle_()["text/html"]
