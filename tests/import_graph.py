"""What a module, or a notebook, imports and reaches: read from its source, nothing is run."""

import ast
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What these modules of a room may take from the package; of their own room, nothing.
IN_ROOM = {
    "exercises": {"exercises"},
    "figures": {"plots", "_checks", "_images"},
    "tables": {"results"},
}


def python_of(path):
    """Return the code of a module, or of a notebook's cells without their lines for IPython."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text
    cells = [cell["source"] for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    return re.sub(r"(?m)^( *)[%!].*", r"\1pass", "\n".join(map("".join, cells)))


def imported_names(path, root=ROOT):
    """Return every module that a module or notebook imports, by its absolute name.

    It counts what it reaches through the package, too: ``mm.fusion`` after ``import mmtutorial as
    mm`` is an import of ``mmtutorial.fusion``. So is what ``load_optional`` is asked for by name.
    """
    names, aliases = set(), {}
    parents = path.relative_to(root).with_suffix("").parts
    tree = ast.parse(python_of(path))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names.add(alias.name)
                top = alias.name if alias.asname else alias.name.partition(".")[0]
                aliases[alias.asname or top] = top
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(parents[: -node.level]) if node.level else ""
            origin = ".".join(filter(None, [base, node.module]))
            names |= {origin} | {f"{origin}.{alias.name}" for alias in node.names}
            aliases |= {a.asname or a.name: f"{origin}.{a.name}" for a in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "load_optional":
            names |= {each.value for each in node.args[:1] if isinstance(each, ast.Constant)}
    for node in ast.walk(tree):
        chain = []
        while isinstance(node, ast.Attribute):
            chain, node = [node.attr, *chain], node.value
        target = aliases.get(node.id) if chain and isinstance(node, ast.Name) else None
        if target and target.partition(".")[0] == "mmtutorial":
            names.add(".".join([target, *chain]))
    return names


def own_names(path, root=ROOT):
    """Return what a module takes from the package, without ``mmtutorial.`` in front."""
    names = imported_names(path, root)
    return {name.removeprefix("mmtutorial.") for name in names if name.startswith("mmtutorial.")}


def texts_in_code(path):
    """Return every text in a module's code, but none of its docstrings."""
    tree = ast.parse(python_of(path))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, kinds) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in docstrings
    ]


def room_of(path, root=ROOT):
    """Return the room, as ``part/name``, that a module of the package lies in, or None."""
    parts = path.relative_to(root).parts
    inside = parts[:2] == ("mmtutorial", "chapters") and len(parts) == 5
    return "/".join(parts[2:4]) if inside else None


def rooms_named(names):
    """Return the rooms, as ``part/name``, that these names of the package lead to."""
    found = (name.split(".") for name in names if name.startswith("chapters."))
    return {"/".join(parts[1:3]) for parts in found if len(parts) > 2}


def breaks_a_room_rule(module, root=ROOT):
    """Return the names that a module of a room imports although a rule of the rooms forbids it."""
    room, names = room_of(module, root), own_names(module, root)
    of_room = f"chapters.{room.replace('/', '.')}"
    inside = {
        name: name.removeprefix(of_room).strip(".").partition(".")[0]
        for name in names
        if name == of_room or name.startswith(of_room + ".")
    }
    wrong = {name for name in names if rooms_named({name}) - {room}}
    if module.stem in IN_ROOM:
        wrong |= {name for name in names if name.partition(".")[0] not in IN_ROOM[module.stem]}
    ends = {*IN_ROOM, "live", "study"} - {module.stem.partition("_")[0]}
    return wrong | {name for name, stem in inside.items() if stem.partition("_")[0] in ends}
