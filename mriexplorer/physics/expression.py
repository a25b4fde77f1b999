"""An equation as an expression: what it computes, written down instead of computed.

A signal equation is called with symbols in place of arrays (``traced``); what it returns is its own formula. So every row of the
table of sequences has a form for other machines (``physics.shader``) without being written twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Union

import numpy as np

from mriexplorer.physics.sequence import Sequence

FUNCTIONS = ("exp", "log", "sin", "cos", "tan", "sqrt", "abs")
TISSUE = ("pd", "r1", "r2")  # PD, 1/T1, and 1/T2 or 1/T2*
_OPERATORS: Mapping[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "neg": np.negative,
    **{name: getattr(np, name) for name in FUNCTIONS},
}
Term = Union["Expression", float, int]


@dataclass(frozen=True, eq=False)
class Expression:
    """A symbol (no parts), a number, or an operation on parts. It can be computed with, and cannot be compared.

    ``name`` is the symbol, the number as text, the sign of an operation, or a function of ``FUNCTIONS``.
    """

    name: str
    parts: tuple["Expression", ...] = ()
    number: float | None = None

    __array_ufunc__ = None  # numpy numbers on the left leave the operation to this class

    def __array_namespace__(self, api_version: str | None = None) -> "Functions":
        del api_version
        return Functions()

    def __add__(self, other: Term) -> "Expression":
        return _operation("+", self, other)

    def __radd__(self, other: Term) -> "Expression":
        return _operation("+", other, self)

    def __sub__(self, other: Term) -> "Expression":
        return _operation("-", self, other)

    def __rsub__(self, other: Term) -> "Expression":
        return _operation("-", other, self)

    def __mul__(self, other: Term) -> "Expression":
        return _operation("*", self, other)

    def __rmul__(self, other: Term) -> "Expression":
        return _operation("*", other, self)

    def __truediv__(self, other: Term) -> "Expression":
        return _operation("/", self, other)

    def __rtruediv__(self, other: Term) -> "Expression":
        return _operation("/", other, self)

    def __pow__(self, other: Term) -> "Expression":
        return _operation("**", self, other)

    def __rpow__(self, other: Term) -> "Expression":
        return _operation("**", other, self)

    def __neg__(self) -> "Expression":
        return _operation("neg", self)

    def __abs__(self) -> "Expression":
        return _operation("abs", self)

    def __bool__(self) -> bool:
        raise TypeError("an equation must not decide by the values of tissue or parameters: its form would not be one formula")


class Functions:
    """What ``__array_namespace__`` gives: the functions that an equation may use."""

    __name__ = "mriexplorer.physics.expression"  # array-api-compat tells libraries apart by it

    def __getattr__(self, name: str) -> Callable[[Term], Expression]:
        if name not in FUNCTIONS:
            raise AttributeError(f"no shader form of {name}; there is {', '.join(FUNCTIONS)}")
        return lambda of: _operation(name, of)


def symbol(name: str) -> Expression:
    """A named value."""
    return Expression(name)


def _term(value: Term) -> Expression:
    return value if isinstance(value, Expression) else Expression(repr(float(value)), number=float(value))


def _operation(name: str, *terms: Term) -> Expression:
    parts = tuple(_term(term) for term in terms)
    if name == "/" and _is_reciprocal(parts[1]):
        return _operation("*", parts[0], parts[1].parts[1])  # t / (1 / r) = t r, since tissue is given in rates
    return Expression(name, parts)


def _is_reciprocal(expression: Expression) -> bool:
    return expression.name == "/" and expression.parts[0].number == 1


def traced(sequence: Sequence) -> Expression:
    """The signed signal of a sequence in symbols: ``pd``, ``r1``, ``r2`` (rates in 1/s), and its parameters by name."""
    pd, r1, r2 = (symbol(name) for name in TISSUE)
    parameters = {p.name: symbol(p.name) for p in sequence.parameters}
    return _term(sequence.equation(pd, 1 / r1, 1 / r2, **parameters))


def evaluated(expression: Expression, values: Mapping[str, Any]) -> Any:
    """The expression's value for arrays or numbers by name; for tests of what ``traced`` gave."""
    known: dict[int, Any] = {}
    for part in in_order(expression):
        if part.number is not None:
            known[id(part)] = part.number
        elif not part.parts:
            known[id(part)] = values[part.name]
        else:
            known[id(part)] = _OPERATORS[part.name](*(known[id(one)] for one in part.parts))
    return known[id(expression)]


def in_order(expression: Expression) -> list[Expression]:
    """Every part once, those that others need before them."""
    done: dict[int, Expression] = {}

    def visit(part: Expression) -> None:
        if id(part) not in done:
            for one in part.parts:
                visit(one)
            done[id(part)] = part

    visit(expression)
    return list(done.values())
