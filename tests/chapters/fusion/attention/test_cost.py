"""What attention costs: the counts against a count of pairs, the times against common sense."""

import itertools

import pytest

from mmtutorial.chapters.fusion.attention.cost import count_scores, time_attention


def pairs(first, second, shared):
    """Write out who looks at whom, pair by pair."""
    image = [("image", i) for i in range(first)]
    text = [("text", i) for i in range(second)]
    middle = [("shared", i) for i in range(shared)]
    blocks = [list(itertools.product(own + middle, repeat=2)) for own in (image, text)]
    looks = [pair for block in blocks for pair in block]
    return {
        "full": len(list(itertools.product(image + text, repeat=2))),
        "co-attention": len([*itertools.product(image, text), *itertools.product(text, image)]),
        "bottleneck": len(looks),
        "across": sum((a[0] == "shared") != (b[0] == "shared") for a, b in looks),
    }


@pytest.mark.parametrize("sizes", [(3, 2, 1), (5, 5, 4), (1, 7, 2)])
def test_scores_are_pairs(sizes):
    assert count_scores(*sizes) == pairs(*sizes)


def test_what_crosses_grows_in_step_with_the_tokens():
    small, large = (count_scores(n, n, 4)["across"] for n in (100, 1000))
    assert large == 10 * small


def test_it_times_each_number_of_tokens():
    taken = time_attention([4, 8], bottlenecks=2, units=4, batch=1)
    assert taken.keys() == {"full attention", "bottleneck of 2"}
    assert all(len(times) == 2 and min(times) >= 0 for times in taken.values())
