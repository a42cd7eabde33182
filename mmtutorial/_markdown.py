"""Write texts into Markdown."""


def escape_cell(text: object) -> str:
    """Return a text as a cell of a table, where a bar would end the cell and a break the row.

    >>> print(escape_cell("cat | dog"))
    cat \\| dog
    """
    return str(text).replace("|", "\\|").replace("\n", " ")
