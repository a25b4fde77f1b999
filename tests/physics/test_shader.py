"""Equations as expressions and as shaders: the expression computes what the equation does, and the text is what it says."""

import re

import numpy as np
import pytest

from mriexplorer.physics import SEQUENCES, signal
from mriexplorer.physics.expression import FUNCTIONS, Expression, evaluated, in_order, symbol, traced
from mriexplorer.physics.shader import shader, uniform

RNG = np.random.default_rng(5)
PD, T1, T2 = RNG.uniform(0.05, 1.1, 400), np.geomspace(0.1, 5, 400), RNG.permutation(np.geomspace(0.01, 2.5, 400))


def possible(row, rng):
    """Values somewhere in the ranges, kept if a scanner could run them; else the defaults."""
    from mriexplorer.physics import problems

    for _try in range(200):
        values = {p.name: p.clip(p.from_fraction(rng.uniform())) for p in row.parameters}
        if not problems(row, values):
            return values
    return row.defaults()


@pytest.mark.parametrize("name", SEQUENCES)
def test_the_trace_computes_what_the_equation_does(name):
    row = SEQUENCES[name]
    formula = traced(row)
    for values in (row.defaults(), *(possible(row, RNG) for _ in range(5))):
        expected = signal(row, PD, T1, T2, values, magnitude=False)
        given = evaluated(formula, {"pd": PD, "r1": 1 / T1, "r2": 1 / T2, **values})
        np.testing.assert_allclose(given, expected, rtol=0, atol=1e-6 * np.abs(expected).max())


@pytest.mark.parametrize("name", SEQUENCES)
def test_the_shader_declares_its_parameters_and_names_everything_before_its_use(name):
    row, text = SEQUENCES[name], shader(SEQUENCES[name])
    declared = re.findall(r"^uniform float (\w+);$", text, re.M)
    assert declared == [uniform(p.name) for p in row.parameters]
    known = {*declared, "pd", "r1", "r2", *FUNCTIONS, "pow", "max", "float", "return"}
    for line in text[text.index("void prepare") :].splitlines():
        if " = " in line:
            target, value = line.strip().removeprefix("float ").split(" = ")
            assert set(re.findall(r"\b[a-z]\w*\b", re.sub(r"\d+e-?\d+", "", value))) <= known, line
            known.add(target)
    body = text[text.index("float signal") :]
    assert not re.search(r"(?<![\w.])\d+(?![\w.])", re.sub(r"e-?\d+", "", body)), (
        "a number without decimals is an integer in GLSL"
    )


def test_what_is_the_same_is_computed_once():
    text = shader(SEQUENCES["mprage"])
    assert text.count("sin(") == 1
    assert text.count("cos(") == 1
    assert len(re.findall(r"exp\(", text)) == 6  # of TI, TD, train, to the centre, one excitation, and the echo


def test_what_depends_on_parameters_alone_is_prepared():
    prepared, each = shader(SEQUENCES["mprage"]).split("float signal(")
    assert "pow(" in prepared
    assert "pow(" not in each
    assert "p_flip" not in each


def test_powers_of_small_integers_are_products():
    def equation(pd, t1, t2, *, te):
        return pd**2 + (te + 1) ** 3 / t1**-1 + t2**0.5

    row = _row(equation)
    text = shader(row)
    assert "(pd * pd)" in text
    assert "sqrt(" in text
    assert "pow(" not in text
    given = evaluated(traced(row), {"pd": PD, "r1": 1 / T1, "r2": 1 / T2, "te": 0.1})
    np.testing.assert_allclose(given, equation(PD, T1, T2, te=0.1))


def test_numbers_of_numpy_on_the_left_stay_outside():
    for made in (np.float64(2.0) * symbol("pd"), np.float32(2.0) - symbol("pd"), np.float64(2.0) ** symbol("pd")):
        assert isinstance(made, Expression)
    made = abs(-symbol("pd") + 1)
    assert [part.name for part in in_order(made)] == ["pd", "neg", "1.0", "+", "abs"]


def test_an_equation_that_decides_or_needs_an_unknown_function_is_refused():
    with pytest.raises(TypeError, match="must not decide"):
        traced(_row(lambda pd, t1, t2, *, te: pd if te else t1))
    with pytest.raises(AttributeError, match="no shader form of arctan"):
        traced(_row(lambda pd, t1, t2, *, te: pd.__array_namespace__().arctan(t1)))


def _row(equation):
    """A spin echo of the table with another equation and TE alone."""
    from dataclasses import replace

    row = SEQUENCES["se"]
    return replace(row, equation=equation, parameters=(row.parameter("te"),), rules=())
