"""The project's own files, for the contracts that read them."""

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"


def python(*folders: str) -> list[Path]:
    """All Python files below these folders of the repository."""
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), str(file))


@cache
def nodes(file: Path) -> tuple[ast.AST, ...]:
    """Every node of a file's syntax tree."""
    return tuple(ast.walk(tree(file)))


def where(file: Path, line: int | ast.AST = 0) -> str:
    """``webapp/domain/client.py:12``, as editors open it."""
    number = getattr(line, "lineno", line)
    return f"{file.relative_to(ROOT)}:{number}" if number else str(file.relative_to(ROOT))


def imports(file: Path) -> Iterator[tuple[str, ast.AST]]:
    """The full name of each module or thing that a file imports."""
    for node in nodes(file):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


def calls(file: Path, *names: str) -> Iterator[ast.Call]:
    """Calls of a function or method of one of these names."""
    for node in nodes(file):
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if called in names:
                yield node


def texts(arguments: list[ast.expr]) -> list[str]:
    """The literal strings among a call's arguments, up to the first that is none."""
    found = []
    for argument in arguments:
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            break
        found.append(argument.value)
    return found


def blocks(template: str) -> set[str]:
    """The names of the blocks that a template itself defines."""
    return set(re.findall(r"{%-?\s*block\s+(\w+)", (TEMPLATES / template).read_text()))


def nothing(found: Iterable[str], rule: str) -> None:
    """Fails with the rule and each place that breaks it."""
    places = sorted(found)
    if places:
        raise AssertionError("\n  - ".join([f"{rule}. Not so:", *places]))


@cache
def committed() -> list[str]:
    """Every file that git would carry: committed, or new and not ignored."""
    told = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in told.stdout.splitlines() if (ROOT / name).exists()]
