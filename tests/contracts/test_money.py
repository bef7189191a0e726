"""Sums are whole minor units everywhere: a float loses kopecks, and a quotient of sums is a float."""

import ast

from tests.support.sources import nodes, nothing, python, where


def minor(node: ast.AST) -> bool:
    """Whether a name of a sum in minor units stands somewhere in an expression."""
    parts = list(ast.walk(node))
    names = [getattr(part, "id", "") or getattr(part, "attr", "") or "" for part in parts]
    return any(name == "minor" or name.endswith("_minor") for name in names)


def test_no_sum_is_divided_into_a_fraction() -> None:
    found = [
        where(file, node)
        for file in python("webapp")
        for node in nodes(file)
        if isinstance(node, ast.BinOp | ast.AugAssign)
        and isinstance(node.op, ast.Div)
        and minor(node)
        and not _decimal(node)
    ]
    nothing(found, "`/` makes a float of whole sums: use //, share(), or a Decimal that says how it rounds")


def test_no_sum_becomes_a_float() -> None:
    found = [
        where(file, node)
        for file in python("webapp")
        for node in nodes(file)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"float", "round"}
        and any(minor(argument) for argument in node.args)
    ]
    nothing(found, "float() and round() lose minor units: sums are integers, Money.amount is an exact Decimal")


def test_no_sum_is_multiplied_by_a_fraction() -> None:
    found = [
        where(file, node)
        for file in python("webapp")
        for node in nodes(file)
        if isinstance(node, ast.BinOp)
        and any(isinstance(side, ast.Constant) and isinstance(side.value, float) for side in (node.left, node.right))
        and minor(node)
    ]
    nothing(found, "a rate is basis points, and share() takes a part of a sum")


def test_no_float_stands_in_the_business_or_in_its_formats() -> None:
    found = [
        where(file, node)
        for file in python("webapp/domain", "webapp/queries", "webapp/exchange", "webapp/pdf")
        for node in nodes(file)
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    nothing(found, "rates are basis points, sums minor units, quantities thousandths: rule 6")


def test_no_column_keeps_a_float_or_a_decimal() -> None:
    found = [
        f"{where(file, node)} {name}"
        for file in python("webapp/domain")
        for node in nodes(file)
        if (name := getattr(node, "id", None) or getattr(node, "attr", "")) in {"Float", "Numeric", "Double", "DECIMAL"}
    ]
    nothing(found, "SQLite keeps Numeric as a float: an integer column of minor units")


def _decimal(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Name) and part.id == "Decimal" for part in ast.walk(node))
