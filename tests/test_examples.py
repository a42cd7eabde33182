"""The examples in the docstrings run, and every name that the book teaches has one."""

import doctest
import importlib
import pkgutil

import pytest

import mmtutorial as mm

MODULES = [
    module.name
    for module in pkgutil.walk_packages(mm.__path__, "mmtutorial.")
    if not module.name.endswith("__main__")
]
TAUGHT = ("cross_modal", "data", "encoders", "evaluation", "fusion", "multi_task", "preprocessing")


@pytest.mark.parametrize("name", ["mmtutorial", *MODULES])
def test_examples_run(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0  # doctest prints what differs


@pytest.mark.parametrize("package", TAUGHT)
def test_public_names_are_documented_with_an_example(package):
    module = getattr(mm, package)
    for name in module.__all__:
        item = getattr(module, name)
        if not callable(item) or hasattr(item, "_fields"):
            continue  # constants, and named tuples that a function returns
        assert item.__doc__, f"{package}.{name} has no docstring"
        if not isinstance(item, type) or package != "data":
            assert ">>>" in item.__doc__, f"{package}.{name} has no example"
