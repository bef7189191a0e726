"""What each layer may know. import-linter checks the layers' order; here is what it cannot say."""

import ast
import sys

from tests.support.sources import calls, imports, nodes, nothing, python, ROOT, tree, where

PURE = (sys.stdlib_module_names | {"sqlalchemy"}) - {
    "asyncio", "ftplib", "http", "imaplib", "poplib", "smtplib", "socket", "socketserver", "sqlite3", "ssl",
    "subprocess", "tempfile", "threading", "time", "xmlrpc",
}  # fmt: skip
"""What the domain may import beside itself: nothing that waits, listens, stores or asks the clock."""

CLOCK = {"now", "utcnow", "today", "fromtimestamp"}


def test_the_domain_knows_nothing_but_the_language_and_its_tables() -> None:
    found = [
        f"{where(file, node)} imports {name}"
        for file in python("webapp/domain")
        for name, node in imports(file)
        if (name.split(".")[0] not in PURE or name.startswith("urllib.request"))
        and not name.startswith("webapp.domain")
    ]
    nothing(found, "the domain imports the language, SQLAlchemy and itself")


def test_time_is_handed_to_the_domain_and_to_queries() -> None:
    found = [
        f"{where(file, call)} asks the clock"
        for file in python("webapp/domain", "webapp/queries")
        for call in calls(file, *CLOCK)
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in {"datetime", "date", "time"}
    ]
    nothing(found, "take `at` as an argument: rule 11")


def test_money_never_meets_a_float() -> None:
    """Rates are basis points and sums are minor units; a float loses kopecks."""
    found = [where(file, call) for file in python("webapp/domain", "webapp/queries") for call in calls(file, "float")]
    found += [
        where(file, node)
        for file in python("webapp/domain")
        for node in nodes(file)
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    nothing(found, "sums are minor units, rates are basis points: rule 6")


def test_migrations_stand_on_their_own() -> None:
    """A model changes after its migration was written; the migration must still say what it said."""
    found = [
        f"{where(file, node)} imports {name}"
        for file in python("migrations/versions")
        for name, node in imports(file)
        if name.split(".")[0] in {"webapp", "tests"}
    ]
    nothing(found, "a migration says in SQL what it means")


def test_only_one_file_reads_what_htmx_sends() -> None:
    found = [
        where(file, node)
        for file in python("webapp")
        for name, node in imports(file)
        if name.startswith("htmx_flask") and file.name != "answers.py"
    ]
    nothing(found, "read `request.htmx` in webapp/web/answers.py only")


def test_a_command_waits_for_no_library_that_only_prints_or_learns() -> None:
    """WeasyPrint and scikit-learn take longer to import than everything else: who needs them imports them then."""
    files, waiting, heavy = {}, ["webapp", "wsgi"], []
    while waiting:
        name = waiting.pop()
        found = [ROOT / f"{name.replace('.', '/')}{end}" for end in (".py", "/__init__.py")]
        file = next((file for file in found if file.exists()), None)
        if file is None or file in files:
            continue
        files[file] = name
        for node in tree(file).body:
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
            else:
                continue
            waiting += names
            heavy += [where(file, node) for each in names[:1] if each.split(".")[0] in {"weasyprint", "sklearn"}]
    assert len(files) > 300
    nothing(heavy, "a module that starts with the application imports WeasyPrint and scikit-learn inside a function")
