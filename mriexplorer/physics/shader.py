"""A sequence for a graphics card: its equation as a function of a shader (GLSL), made from the equation itself.

Parameters are uniforms, so that an image follows a slider without anything being uploaded. What depends on parameters alone is
computed once a ray (``prepare``), the rest once a sample (``signal``)::

    uniform float p_te;                       uniform float p_tr;
    float k1;
    void prepare() { k1 = ...; }
    float signal(float pd, float r1, float r2) { float v1 = exp(...); return ...; }
"""

from collections import Counter

from mriexplorer.physics.expression import FUNCTIONS, TISSUE, Expression, in_order, traced
from mriexplorer.physics.sequence import Sequence

_MOST_FACTORS = 4  # integer powers up to here are written as products
_LEAST = "1e-30"  # pow of a shader is undefined for a base of 0


def uniform(parameter: str) -> str:
    """The uniform of a parameter. The prefix keeps it apart from the words of the shading language."""
    return f"p_{parameter}"


def shader(sequence: Sequence) -> str:
    """GLSL of a sequence: its uniforms (seconds, degrees; see ``uniform``), ``void prepare()`` and ``float signal(pd, r1, r2)``.

    ``signal`` is signed, in units of PD = 1; ``r1`` is 1/T1 and ``r2`` 1/T2 or 1/T2* (``sequence.decay``) in 1/s.
    ``prepare`` must be called first.
    """
    return _Writer(traced(sequence)).written([p.name for p in sequence.parameters])


class _Writer:
    """Names what is used more than once, and what depends on parameters alone; everything else is written in place."""

    def __init__(self, expression: Expression) -> None:
        self._same = _merged(expression)  # id of a part -> the first part that is the same
        self._root = self._same[id(expression)]
        parts = in_order(self._root)
        self._uses = Counter(id(self._same[id(one)]) for part in parts for one in part.parts * (_factors(part) or 1))
        self._of_tissue: set[int] = set()
        for part in parts:
            if part.name in TISSUE or any(id(self._same[id(one)]) in self._of_tissue for one in part.parts):
                self._of_tissue.add(id(part))
        self._names: dict[int, str] = {}
        self._once: list[str] = []
        self._each: list[str] = []

    def written(self, parameters: list[str]) -> str:
        result = self._text(self._root, within_tissue=True)
        uniforms = [f"uniform float {uniform(name)};" for name in parameters]
        constants = [f"float {line.split(' = ')[0]};" for line in self._once]
        each = [f"  float {line}" for line in self._each]
        return "\n".join(
            [
                *uniforms,
                *constants,
                "void prepare() {",
                *(f"  {line}" for line in self._once),
                "}",
                "float signal(float pd, float r1, float r2) {",
                *each,
                f"  return {result};",
                "}",
                "",
            ]
        )

    def _text(self, part: Expression, *, within_tissue: bool) -> str:
        part = self._same[id(part)]
        if part.number is not None:
            return f"({part.name})" if part.number < 0 else part.name
        if not part.parts:
            return part.name if part.name in TISSUE else uniform(part.name)
        if id(part) in self._names:
            return self._names[id(part)]
        tissue = id(part) in self._of_tissue
        text = _operation(part, [self._text(one, within_tissue=tissue) for one in part.parts])
        constant = not tissue and within_tissue
        if not constant and self._uses[id(part)] < 2:
            return text
        lines, letter = (self._each, "v") if tissue else (self._once, "k")
        self._names[id(part)] = f"{letter}{len(lines) + 1}"
        lines.append(f"{self._names[id(part)]} = {text};")
        return self._names[id(part)]


def _merged(expression: Expression) -> dict[int, Expression]:
    """For the id of every part, the first part that computes the same."""
    firsts: dict[tuple[object, ...], Expression] = {}
    same: dict[int, Expression] = {}
    for part in in_order(expression):
        key = (part.name, *(id(same[id(one)]) for one in part.parts))
        same[id(part)] = firsts.setdefault(key, part)
    return same


def _operation(part: Expression, texts: list[str]) -> str:
    if part.name in FUNCTIONS:
        return f"{part.name}({texts[0]})"
    if part.name == "neg":
        return f"(-{texts[0]})"
    if part.name == "**":
        return _power(part, *texts)
    return f"({texts[0]} {part.name} {texts[1]})"


def _factors(part: Expression) -> int:
    """How often the base of a power is written, where it is written as a product; else 0."""
    number = part.parts[1].number if part.name == "**" else None
    return int(abs(number)) if number is not None and number in range(-_MOST_FACTORS, _MOST_FACTORS + 1) else 0


def _power(part: Expression, base: str, exponent: str) -> str:
    """A power; a shader's ``pow`` wants a positive base, which all ranges of parameters keep."""
    number = part.parts[1].number
    if number == 0.5:
        return f"sqrt({base})"
    if factors := _factors(part):
        product = f"({' * '.join([base] * factors)})"
        return product if number is not None and number > 0 else f"(1.0 / {product})"
    return f"pow(max({base}, {_LEAST}), {exponent})"
