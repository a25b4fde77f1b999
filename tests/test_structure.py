"""The package as it lies on disk: no circle of imports, no class name twice, no long file."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "mriexplorer"
LONGEST = 400  # lines of a file
Graph = Mapping[str, Mapping[str, str]]  # by module: the modules it imports, and how


@cache
def trees() -> dict[str, ast.Module]:
    """The syntax tree of each module of the package, by its name."""
    return {_module(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(ROOT.rglob("*.py"))}


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


# -- imports ---------------------------------------------------------------------------------------------------


@cache
def imports() -> Graph:
    """Which module imports which, however late: at the top, inside a function, or for the type checker only.

    ``from package import name`` leads to the module ``package.name`` where there is one, else to the package. That a module
    needs the packages it lies in is not counted: every module would need the first.
    """
    return {name: dict(_imported(name, tree)) for name, tree in trees().items()}


def _imported(module: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Later statements first, so that what is imported in several ways is told by the first of them."""
    for node, how in reversed(list(_statements(tree, "import"))):
        for name in _names(module, node):
            if name in trees() and name != module:
                yield name, f"{how}, line {node.lineno}"


def _statements(parent: ast.AST, how: str) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    """Every statement that imports, and how: ``import``, ``lazy`` or ``types``."""
    for child in ast.iter_child_nodes(parent):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, how
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _statements(child, "lazy")
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            yield from _statements(child, "types")
        else:
            yield from _statements(child, how)


def _names(module: str, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    origin = _origin(module, node)
    for alias in node.names:
        inside = f"{origin}.{alias.name}"
        yield inside if inside in trees() else origin


def _origin(module: str, node: ast.ImportFrom) -> str:
    """What ``from`` names; of one with dots, seen from the module."""
    if not node.level:
        return node.module or ""
    is_package = (ROOT.parent / module.replace(".", "/") / "__init__.py").is_file()
    above = module.split(".")[: len(module.split(".")) - node.level + is_package]
    return ".".join([*above, *([node.module] if node.module else [])])


def circles(graph: Graph) -> list[list[str]]:
    """Groups of modules that all reach each other, larger groups first."""
    reached = {name: _reached(graph, name) for name in graph}
    groups = {frozenset(other for other in reached[name] if name in reached[other]) for name in graph if name in reached[name]}
    return sorted((sorted(group) for group in groups), key=lambda group: (-len(group), group))


def _reached(graph: Graph, start: str) -> set[str]:
    """Every module that a module imports, and they import, and so on."""
    found: set[str] = set()
    left = [start]
    while left:
        new = set(graph[left.pop()]) - found
        found |= new
        left += new
    return found


def edges(graph: Graph, group: list[str]) -> Iterator[str]:
    """Each import between members of a group, in words."""
    for module in group:
        for other, how in sorted(graph[module].items()):
            if other in group:
                yield f"{module} -> {other} ({how})"


def test_no_module_reaches_itself_by_imports():
    graph = imports()
    assert len(graph) > 50, "the package was not found"
    found = circles(graph)
    told = "\n\n".join("\n  ".join((f"{len(group)} files:", *edges(graph, group))) for group in found)
    assert not found, f"{len(found)} circles of {sum(map(len, found))} files.\n{told}"


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ({"a": {"b": ""}, "b": {"c": ""}, "c": {}}, []),
        ({"a": {"b": ""}, "b": {"a": "", "c": ""}, "c": {}}, [["a", "b"]]),
        (
            {"a": {"b": ""}, "b": {"c": ""}, "c": {"a": ""}, "d": {"a": "", "e": ""}, "e": {"d": ""}},
            [["a", "b", "c"], ["d", "e"]],
        ),
    ],
)
def test_circles_are_found(graph, expected):
    assert circles(graph) == expected
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        assert expected
    else:
        assert not expected


# -- names and lengths -----------------------------------------------------------------------------------------


def class_names() -> dict[str, list[str]]:
    """The modules of each class, by its name; private ones and those inside others too."""
    found: dict[str, list[str]] = defaultdict(list)
    for module, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(module)
    return found


def test_no_class_name_is_there_twice():
    twice = {name: modules for name, modules in sorted(class_names().items()) if len(modules) > 1}
    told = "\n  ".join(f"{name}: {', '.join(modules)}" for name, modules in twice.items())
    assert not twice, f"{len(twice)} class names of {sum(map(len, twice.values()))} classes:\n  {told}"


def test_no_file_is_long():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in ROOT.rglob("*.py")}
    assert {name: lines for name, lines in lengths.items() if lines >= LONGEST} == {}
