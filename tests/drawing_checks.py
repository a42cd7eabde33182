"""What a drawing of boxes, arrows and words must be like, on a wide page and on a phone."""

from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from mmtutorial.plots._narrow import LEAST_LABEL, PHONE, least_width, make_narrow, smallest_label
from mmtutorial.plots._style import style


def words_of(figure):
    """Return all that a drawing says in its panels."""
    return [text.get_text() for axis in figure.axes for text in axis.texts if text.get_text()]


@style()
def check_drawing(figure):
    """Check that it has a title and legible words that touch nothing; on a phone, too."""
    check_titles(figure)  # first: each time that it is drawn, its panels move a little
    titles = [figure.get_suptitle(), *(axis.get_title(loc="left") for axis in figure.axes)]
    assert any(titles)
    assert smallest_label(figure) >= LEAST_LABEL
    check_words(figure)
    if least_width(figure) > PHONE:
        assert make_narrow(figure), "its panels come one below the other on a phone"
        assert least_width(figure) <= PHONE
        check_words(figure)


def check_titles(figure):
    """Check that the upper edge of a figure cuts no title of a panel."""
    figure.draw_without_rendering()
    for axis in figure.axes:
        titles = {axis.get_title(loc=where) for where in ("left", "center", "right")} - {""}
        for text in axis.findobj(Text):
            cut = text.get_window_extent().y1 > figure.bbox.y1
            assert not cut or text.get_text() not in titles, f"{text.get_text()} is cut off"


def check_words(figure):
    """Check that every word lies inside of its box or outside of all, and on no other word."""
    figure.draw_without_rendering()
    for axis in figure.axes:
        boxes = [patch.get_window_extent() for patch in axis.patches if type(patch) is Rectangle]
        said = [(text.get_text(), text.get_window_extent()) for text in axis.texts]
        said = [(text, place) for text, place in said if text]
        for i, (text, place) in enumerate(said):
            assert figure.bbox.x0 <= place.x0 <= place.x1 <= figure.bbox.x1, f"{text} is cut off"
            for box in boxes:
                overlap = Bbox.intersection(place, box)
                inside = overlap is not None and overlap.size.tolist() == place.size.tolist()
                assert overlap is None or inside, f"{text} touches the border of a box"
            for other, there in said[i + 1 :]:
                assert Bbox.intersection(place, there) is None, f"{text} lies on {other}"
