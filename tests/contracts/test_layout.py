"""The repository keeps its shape: where things live, how long a module is, and which words name things."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.sources import committed, nodes, nothing, python, ROOT, tree, where

TOP = set(
    "webapp templates static migrations tests .ci wsgi.py pyproject.toml README.md Makefile LICENSE CHANGELOG.md "
    ".gitignore .gitattributes .editorconfig requirements.lock".split()
)
LONGEST = 250

FOREIGN_WORDS = {
    "account": "client, or bank_account for a bank's",
    "lead": "client, with an engagement in the Sales lane",
    "opportunity": "deal",
    "ticket": "task",
    "transfer": "handoff",
    "escalation": "attack or handoff",
    "activity": "interaction or event",
    "log": "event, or timeline",
    "manager": "owner, head or director",
    "util": "the name of what it does",
    "utils": "the name of what it does",
    "helper": "the name of what it does",
    "service": "the name of what it does",
    "processor": "the name of what it does",
    "handler": "the name of what it does",
    "repository": "the session itself",
}
"""Words that the product does not use, each with the one it does."""

OTHERWISE_MEANT = re.compile(
    r"log_(in|out)|(correspondent|payer)_account|^(Start|End|Character)\w+Handler$|^result_processor$"
)
"""Whole names that mean something else: the last are those of the standard library's XML reader and of SQLAlchemy."""

OF_A_BANK = re.compile(
    r"webapp/(domain/(payer|statement)|exchange/statement/\w+|web/statement\w*|queries/statement\w*)\.py"
)
"""Modules about what a bank keeps: an account there is a bank's."""


def test_the_top_level_holds_what_the_layout_names() -> None:
    nothing({name.split("/")[0] for name in committed()} - TOP, "the top level is fixed")


def test_nothing_built_or_foreign_is_committed() -> None:
    assert [
        name for name in committed() if re.search(r"(^|/)(node_modules|vendor|dist)/|\.min\.(js|css)$|\.mo$", name)
    ] == []


def test_no_module_is_long_enough_to_hold_two_ideas() -> None:
    lengths = {where(file): len(file.read_text().splitlines()) for file in python("webapp", "tests/support")}
    long = [f"{place} has {count} lines" for place, count in lengths.items() if count > LONGEST]
    nothing(long, f"a module of more than {LONGEST} lines is two")


def test_one_word_per_idea() -> None:
    found = [
        f"{where(file, node)} {name}: say {FOREIGN_WORDS[word]}"
        for file in python("webapp")
        for name, node in _names(file)
        if not OTHERWISE_MEANT.search(name)
        for word in _words(name)
        if word in FOREIGN_WORDS and not _of_a_bank(word, file, name)
    ]
    nothing(found, "one word per idea, from the database to the screen")


def test_lock_files_leave_the_host_to_the_machine() -> None:
    """Packages come from wherever the machine's own client is set to look."""
    locks = ["requirements.lock", "static/package-lock.json", "static/.npmrc"]
    address = re.compile(r'https?://[^"]+\.tgz|://.*simple|registry=')
    held = {name: (ROOT / name).read_text() for name in locks if (ROOT / name).exists()}
    nothing((name for name, text in held.items() if address.search(text)), "make the lock file anew without addresses")


def _of_a_bank(word: str, file: Path, name: str) -> bool:
    return "bank" in _words(name) or (word == "account" and bool(OF_A_BANK.match(where(file))))


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())


def _names(file: Path) -> Iterator[tuple[str, ast.AST]]:
    """Every name that a file gives to something: modules, classes, functions, arguments, variables, columns."""
    yield file.stem, tree(file)
    for node in nodes(file):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
        elif isinstance(node, ast.arg):
            yield node.arg, node
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node
