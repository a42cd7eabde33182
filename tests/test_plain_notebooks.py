"""A chapter in MyST becomes a notebook in Markdown: each form that it uses, and what is refused."""

import re

import pytest
from _pages import Site
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from write_plain_notebooks import Writer

AT = "https://you.github.io/book/"
PAGE = f"{AT}fusion/2_gates.html"
WORKS = f"{AT}appendix/bibliography.html"
SITE = Site(
    address=AT,
    titles={
        "fusion/1_joining": "Joining",
        "fusion/2_gates": "Gates",
        "appendix/glossary": "Words",
        "appendix/bibliography": "Works",
    },
    terms={"gate": f"{AT}appendix/glossary.html#term-gate"},
    labels={
        "eq-gate": (f"{PAGE}#equation-eq-gate", "(6.1)"),
        "write-gate": (f"{PAGE}#write-gate", "Exercise 6.1"),
        "look": (f"{PAGE}#look", "Fig. 6.1"),
        "fusion/2_gates": (PAGE, "6."),
    },
)


def plain(text, *, solutions=True):
    return Writer(SITE, "fusion/2_gates", solutions).markdown(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a {term}`gate`", f"a [gate]({AT}appendix/glossary.html#term-gate)"),
        ("{term}`Two gates <gate>`", f"[Two gates]({AT}appendix/glossary.html#term-gate)"),
        ("{term}`two\ngates <Gate>`", f"[two\ngates]({AT}appendix/glossary.html#term-gate)"),
        (
            "so ([Holm, 1979](../appendix/bibliography.md#holm)).",
            f"so ([Holm, 1979]({WORKS}#holm)).",
        ),
        ("by {eq}`eq-gate`,", f"by [(6.1)]({PAGE}#equation-eq-gate),"),
        ("{numref}`look`", f"[Fig. 6.1]({PAGE}#look)"),
        ("{ref}`do it <write-gate>`", f"[do it]({PAGE}#write-gate)"),
        ("{doc}`1_joining`", f"[Joining]({AT}fusion/1_joining.html)"),
        ("{doc}`before </fusion/1_joining>`", f"[before]({AT}fusion/1_joining.html)"),
        ("[before](1_joining.ipynb)", f"[before]({AT}fusion/1_joining.html)"),
        ("[](1_joining.ipynb)", f"[Joining]({AT}fusion/1_joining.html)"),
        ("[*it*](../appendix/glossary.md#a)", f"[*it*]({AT}appendix/glossary.html#a)"),
        ("[Keras](https://keras.io/api)", "[Keras](https://keras.io/api)"),
        ("right for <!--a > b-->0.68<!--/--> of", "right for 0.68 of"),
        ("| `f[0](x)` | ``{term}`x` `` |", "| `f[0](x)` | ``{term}`x` `` |"),
    ],
)
def test_what_stands_in_a_sentence(text, expected):
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```{math}\n:label: eq-gate\na = b.\n```", "$$\na = b. \\tag{6.1}\n$$"),
        ("```{math}\na \\\\\n```", "$$\na \\\\\n$$"),
        ("```python\nx = 1\n\n\ny = [f](x)\n```", "```python\nx = 1\n\n\ny = [f](x)\n```"),
        ("```{code-block} python\nx = {}\n```", "```python\nx = {}\n```"),
        (":::{tip}\nLook.\n:::", "> **Tip**\n>\n> Look."),
        (
            ":::{admonition} Predict {term}`gate`\n:class: tip\nUp?\n\nDown?\n:::\nThen",
            f"> **Predict [gate]({SITE.terms['gate']})**\n>\n> Up?\n>\n> Down?\n\nThen",
        ),
        (
            ":::{dropdown} Why?\n$x$\n:::",
            "<details>\n<summary>Why?</summary>\n\n$x$\n\n</details>",
        ),
        (
            ":::{note}\n:class: dropdown\nSo.\n:::",
            "<details>\n<summary>Note</summary>\n\nSo.\n\n</details>",
        ),
        (
            "::::{grid} 1 2\n:gutter: 2\n\n:::{grid-item}\n**Time** 5\\\n**Need** it\n:::\n"
            ":::{grid-item-card} Then\n1. {eq}`eq-gate`\n:::\n::::\nEnd",
            f"**Time** 5\\\n**Need** it\n\n**Then**\n\n1. [(6.1)]({PAGE}#equation-eq-gate)\n\nEnd",
        ),
        (
            "- one\n\n  :::{note}\n  in it\n  :::\n- two",
            "- one\n\n  > **Note**\n  >\n  > in it\n\n- two",
        ),
        (
            "```{exercise} Write it ★\n:label: write-gate\n\nWrite {eq}`eq-gate`.\n```",
            f"### Exercise 6.1: Write it ★\n\nWrite [(6.1)]({PAGE}#equation-eq-gate).",
        ),
    ],
)
def test_what_is_a_block(text, expected):
    assert plain(text) == expected


SOLUTION = (
    "````{solution-start} write-gate\n:class: dropdown\n````\n\n```python\nx = 1\n```\n\n"
    "````{solution-end}\n````\n\n## Next"
)


def test_a_solution_is_folded_or_left_out():
    folded = "<details>\n<summary>Solution of Exercise 6.1</summary>\n\n```python\nx = 1\n```\n\n"
    assert plain(SOLUTION) == folded + "</details>\n\n## Next"
    assert plain(SOLUTION, solutions=False) == "## Next"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{sub}`2`", "fusion/2_gates: plain notebooks know no role 'sub'"),
        (":::{figure} x.png\n:::", "fusion/2_gates: plain notebooks know no directive 'figure'"),
        ("[x](3_attention.ipynb)", "there is no page 'fusion/3_attention' to link to"),
        (SOLUTION.partition("````{solution-end}")[0], "must end in the cell in which it starts"),
    ],
)
def test_what_would_be_wrong_in_the_notebook_is_refused(text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        plain(text)


def test_code_keeps_its_results_and_a_figure_gets_its_number():
    html = (
        '<figure class="mm-figure" id="look"><img alt="A line."/><figcaption>A gate.</figcaption>'
    )
    picture = new_output("display_data", data={"text/html": html})
    values = new_output("display_data", metadata={"glue": {"a": "1"}})
    printed = new_output("stream", text="1")
    chapter = new_notebook(
        metadata={"language_info": {"name": "python"}},
        cells=[
            new_markdown_cell("# Gates\n\n**Why?**", id="a"),
            new_code_cell("1", id="b", metadata={"tags": ["hide-input"]}, outputs=[values]),
            new_code_cell("2", id="c", outputs=[printed, picture]),
            new_markdown_cell(SOLUTION.removesuffix("## Next"), id="d"),
        ],
    )
    made = Writer(SITE, "fusion/2_gates", solutions=False).notebook(chapter)
    title, folded, drawn = made.cells
    assert title.source == f"# 6. Gates\n\n[Read this chapter as a page]({PAGE})\n\n**Why?**"
    assert folded.metadata == {"jupyter": {"source_hidden": True}, "cellView": "form"}
    assert folded.outputs == []
    assert (drawn.source, drawn.metadata, drawn.outputs[0]) == ("2", {}, printed)
    numbered = html.replace("<figcaption>", "<figcaption><b>Fig. 6.1</b> ")
    assert drawn.outputs[1].data == {"text/html": numbered}
    assert made.metadata == chapter.metadata
