"""What the book's pages need beyond the theme: tables from measured facts, and a few repairs.

``{run-times}`` is the table of run times, from ``book/run_times.json``, which ``make notebooks``
writes, and ``{data-card}`` a sample and the card of a data set. So nobody copies a number by hand.
"""

import inspect
import json
import re
from html import escape, unescape
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

COMMENT = re.compile(r"<!--.*?-->")


def read_run_times(source):
    """Return what ``run_times.json`` says, or an empty record where nothing was measured yet."""
    path = Path(source) / "run_times.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def read_parts(source):
    """Return ``{page: notebook}`` for each numbered part of the book, by its name."""
    source = Path(source)
    toc = yaml.safe_load((source / "_toc.yml").read_text(encoding="utf-8"))
    return {
        part["caption"]: {
            page: json.loads((source / f"{page}.ipynb").read_text(encoding="utf-8"))
            for page in (chapter["file"] for chapter in part["chapters"])
        }
        for part in toc["parts"]
        if part.get("numbered")
    }


def run_times_markdown(record):
    """Return the record as a Markdown table with the machine below it.

    >>> row = {"seconds": 28.3, "cells": 24, "cores": 2, "processor": "Intel Xeon 2.8 GHz"}
    >>> row["date"] = "2026-11-23"
    >>> print(run_times_markdown({"chapters": {"fusion/1_joining": row}}))
    | Chapter | Seconds | Code cells | Processor cores | Measured on |
    |---|---:|---:|---|---|
    | {doc}`/fusion/1_joining` | 28 | 24 | 2, Intel Xeon 2.8 GHz | 2026-11-23 |
    <BLANKLINE>
    All together took 28 seconds.
    """
    if not record.get("chapters"):
        return "*No chapter was measured yet.*"
    lines = ["| Chapter | Seconds | Code cells | Processor cores | Measured on |"]
    lines += ["|---|---:|---:|---|---|"]
    for chapter, row in record["chapters"].items():
        cores = ", ".join(filter(None, [str(row["cores"]), row.get("processor")]))
        facts = [f"{row['seconds']:.0f}", row["cells"], cores, row["date"]]
        lines.append(f"| {{doc}}`/{chapter}` | " + " | ".join(map(str, facts)) + " |")
    total = sum(row["seconds"] for row in record["chapters"].values())
    lines += ["", f"All together took {total:.0f} seconds."]
    if machine := record.get("machine"):
        versions = ", ".join(f"{name} {version}" for name, version in machine.items())
        lines[-1] += f" Measured with {versions}."
    return "\n".join(lines)


class MarkdownDirective(SphinxDirective):
    """A directive whose content is Markdown that Python writes."""

    def parse(self, text):
        """Return the nodes of a Markdown text."""
        container = nodes.container()
        self.state.nested_parse(text.splitlines(), self.lineno, container)
        return container.children


class ChaptersDirective(MarkdownDirective):
    """A directive that writes what the chapters say."""

    def read_parts(self):
        """Read the chapters, part by part; a change of any builds this page again."""
        parts = read_parts(self.env.srcdir)
        for page in (page for chapters in parts.values() for page in chapters):
            self.env.note_dependency(f"{self.env.srcdir}/{page}.ipynb")
        return parts


class RunTimes(ChaptersDirective):
    """The table of all chapters' run times, in the order of the book."""

    def run(self):
        """Return the table."""
        record = read_run_times(self.env.srcdir)
        known = record.get("chapters", {})
        pages = [page for chapters in self.read_parts().values() for page in chapters]
        chapters = {page: known[page] for page in pages if page in known}
        return self.parse(run_times_markdown({**record, "chapters": chapters}))


class DataCard(MarkdownDirective):
    """One sample of a data set, and the card that its loader writes: ``{data-card} load_emoji``.

    The data set is loaded once, when its page is built.
    """

    required_arguments = 1

    def run(self):
        """Load the data set; return its sample and its card."""
        import data_samples

        import mmtutorial as mm

        loader = self.arguments[0]
        data = getattr(mm.data, loader)()
        sample = f'<div class="data-sample">{data_samples.SAMPLES[loader](data)}</div>'
        return [nodes.raw("", sample, format="html"), *self.parse(data.card._repr_markdown_())]


def cite_again(app, docname, source):
    """Read the links to the bibliography as what they were written from: a role for each citation.

    >>> text = ["[As ([Elman, 1990](../appendix/bibliography.md#elman1990)) and"]
    >>> text += [" [Li et al. (2019)](../appendix/bibliography.md#li2019) say.]"]
    >>> cite_again(None, "", source := ["".join(text)])
    >>> source[0]
    '[As {cite}`elman1990` and {cite:t}`li2019` say.]'
    """
    link = r"\[[^\[\]\n]*%s\]\(\.\./appendix/bibliography\.md#([^)]+)\)"
    one, textual = link % r", \d{4}", link % r" \(\d{4}\)"
    text = re.sub(textual, r"{cite:t}`\1`", source[0])
    source[0] = re.sub(
        rf"\({one}(?:; {one})*\)",
        lambda found: "{cite}`" + ",".join(re.findall(r"\.md#([^)]+)", found[0])) + "`",
        text,
    )


def hide_comments(app, doctree):
    """Take out the comments that name the measured values of a sentence.

    They would be no part of the page, but of its search words.
    """
    for node in list(doctree.findall(nodes.raw)):
        if COMMENT.fullmatch(node.astext()):
            node.parent.remove(node)


def parameters_as_fields(app, what, name, obj, options, lines):
    """Turn a docstring's parameters, written ``name : what it is``, into Sphinx's own fields."""
    if "Parameters" not in lines:
        return
    start = lines.index("Parameters")
    end = next((i for i in range(start + 2, len(lines)) if not lines[i].strip()), len(lines))
    fields = []
    for line in lines[start + 2 : end]:
        if line.startswith(" "):
            fields[-1] += " " + line.strip()
        else:
            parameter, _, text = line.partition(" : ")
            fields.append(f":param {parameter.strip()}: {text.strip()}".rstrip())
    lines[start:end] = fields


def keras_signature(app, what, name, obj, options, signature, returns):
    """Show what a layer takes: Keras hides it behind ``(*args, **kwargs)``."""
    if what == "class" and signature == "(*args, **kwargs)":
        parameters = list(inspect.signature(obj.__init__).parameters.values())[1:]
        return str(inspect.Signature(parameters)), returns
    return None


def repair_quiz(html):
    """Close the quiz's open element, or the rest of the page would lie inside.

    >>> repair_quiz('<div id="a" data-shufflequestions="False"><style>')
    '<div id="a" data-shufflequestions="False"></div><style>'
    """
    return re.sub(r"(<div [^>]*data-shufflequestions=[^>]*>)", r"\1</div>", html)


def name_code(html):
    """Let the bar over hidden code say what it holds, as the first comment of the code does.

    >>> bar = "<summary><p>Show code cell source</p><p>Hide code cell source</p></summary><pre>"
    >>> code = '<span></span><span class="c1"># Ten &amp; a half; of &quot;it&quot;.</span>'
    >>> name_code(bar + code).partition("<pre>")[0]
    '<summary><p>Show code: ten &amp; a half</p><p>Hide code: ten &amp; a half</p></summary>'
    >>> name_code(bar + "<span></span>x = 1").partition("<pre>")[0]
    '<summary><p>Show code</p><p>Hide code</p></summary>'
    """

    def replace(found):
        said = unescape(found["comment"] or "").partition(";")[0].strip().rstrip(".")
        said = escape(f": {said[0].lower()}{said[1:]}", quote=False) if said else ""
        return re.sub(r" code cell (?:source|content)", lambda _: f" code{said}", found[0])

    bar = r"<summary(?:(?!</summary>).)*Show code cell (?:(?!<pre>).)*<pre>"
    comment = r'(?:<span></span>)?(?:<span class="c1"># (?P<comment>[^<]*)</span>)?'
    return re.sub(rf"(?s){bar}{comment}", replace, html)


def repair_page(app, pagename, templatename, context, doctree):
    """Take off each page what would call a foreign host or mislead a screen reader."""
    # Thebe loads its code from a content network; we offer Colab and Binder instead.
    context["script_files"] = [
        script
        for script in context["script_files"]
        if "thebe" not in (str(script.filename) + str(script.attributes.get("body"))).lower()
    ]
    # The label hides the visible words "Show code cell source".
    body = context.get("body", "").replace(' aria-label="Toggle hidden content"', "")
    # Sphinx calls a bibliography a list, whose children are then not list items.
    body = body.replace('<div role="list" class="citation-list">', '<div class="citation-list">')
    # The title of a solution unfolds it, and does not lead away.
    body = re.sub(r'(<p class="admonition-title">Solution to)<a [^>]*>(.*?)</a>', r"\1\2", body)
    context["body"] = name_code(repair_quiz(body))


def offer_plain_notebooks(app, pagename, templatename, context, doctree):
    """Let a chapter's download button lead to the notebooks that every viewer can show.

    `tools/write_plain_notebooks.py` writes them once all pages are built.
    """
    if context.get("page_source_suffix") != ".ipynb":
        return
    (group,) = (one for one in context["header_buttons"] if one["label"] == "download-buttons")
    group["buttons"] = [
        {
            "type": "link",
            "url": context["pathto"](f"{folder}/{pagename}.ipynb", 1),
            "text": f".ipynb, {solutions} solutions",
            "tooltip": f"Download this chapter as a notebook {solutions} solutions",
            "icon": "fas fa-file",
            "label": f"download-notebook-{solutions}-solutions",
        }
        for folder, solutions in (("notebooks", "with"), ("notebooks/student", "without"))
    ] + [one for one in group["buttons"] if one["label"] != "download-source-button"]


def setup(app):
    """Register the directives and the repairs."""
    app.add_directive("run-times", RunTimes)
    app.add_directive("data-card", DataCard)
    app.connect("autodoc-process-signature", keras_signature)
    app.connect("autodoc-process-docstring", parameters_as_fields, priority=100)
    app.connect("source-read", cite_again)
    app.connect("doctree-read", hide_comments, priority=100)  # before Sphinx collects the titles
    app.connect("html-page-context", repair_page, priority=900)
    app.connect("html-page-context", offer_plain_notebooks, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
