"""The small language in which conditions are written, read with types and turned into fast tests.

    fever and (infection_risk or neuro_sign)     flags and named conditions, and, or, not, brackets
    weakness is mild_stable                      a choice; `is not` for the opposite
    weakness in [foot_drop, both_legs]           any of several values
    location includes groin                      a list
    age >= 70                                    a number or named points: < <= > >= =

A condition never sees an absent fact: the defaults of facts.yml are filled in first.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from bot.knowledge.facts import Fact, FactSchema

Test = Callable[[Mapping[str, Any]], bool]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "is": "is not", "is not": "is", "=": "!=", "!=": "="}
_TOKEN = re.compile(r"\s*(<=|>=|<|>|=|\(|\)|\[|\]|,|[A-Za-z_][A-Za-z0-9_]*|-?\d+(?:\.\d+)?)")
_WORDS = frozenset({"and", "or", "not", "is", "in", "includes"})


class ExpressionError(ValueError):
    """A condition cannot be read; the message says what is wrong with it."""


@dataclass(frozen=True)
class Atom:
    """One comparison: a fact, an operator (is, is not, includes, excludes, <, <=, >, >=, =, !=) and a value."""

    fact: str
    operator: str
    value: Any


@dataclass(frozen=True)
class Points:
    """A named sum, such as weak_points: what each true item adds."""

    name: str
    items: tuple[tuple[Condition, float], ...]

    def total(self, facts: Mapping[str, Any]) -> float:
        """The sum for these facts."""
        return sum(points for condition, points in self.items if condition.test(facts))


@dataclass(frozen=True)
class Condition:
    """A condition that was read: its text, its test, and the sets of comparisons that would make it true.

    `ways` is the condition as a list of alternatives; each alternative is a list of atoms that hold together.
    """

    text: str
    test: Test
    ways: tuple[tuple[Atom, ...], ...]

    @property
    def facts(self) -> frozenset[str]:
        """The names of the facts that it looks at."""
        return frozenset(atom.fact for way in self.ways for atom in way)

    def holds_for_sure(self, given: Mapping[str, Any]) -> bool:
        """Whether the given facts alone make it true, whatever the facts that nobody gave may be."""
        return any(
            all(given.get(atom.fact) is not None and _fits(given[atom.fact], [atom]) for atom in way)
            for way in self.ways
        )


# A part of a condition: its test, and what makes it true and false.
Ways = tuple[tuple[Atom, ...], ...]


@dataclass(frozen=True)
class _Part:
    test: Test
    when_true: Ways
    when_false: Ways


class ConditionReader:
    """Reads conditions over the facts of a schema and the names defined so far."""

    def __init__(self, schema: FactSchema) -> None:
        self._schema = schema
        self._named: dict[str, _Part] = {}
        self._points: dict[str, Points] = {}

    def define(self, name: str, text: str) -> Condition:
        """Read a condition and give it a name that later conditions may use."""
        self._refuse_taken(name)
        condition, part = self._read(text)
        self._named[name] = part
        return condition

    def define_points(self, name: str, items: list[tuple[str, float]]) -> Points:
        """Give a name to a sum of points that later conditions may compare with a number."""
        self._refuse_taken(name)
        points = Points(name, tuple((self.read(text), value) for text, value in items))
        self._points[name] = points
        return points

    def read(self, text: str) -> Condition:
        """Read one condition; raises ExpressionError."""
        return self._read(text)[0]

    def _refuse_taken(self, name: str) -> None:
        if name in self._schema or name in self._named or name in self._points:
            raise ExpressionError(f"the name {name} is taken")

    def _read(self, text: str) -> tuple[Condition, _Part]:
        if text.strip() == "always":
            part = _Part(lambda facts: True, ((),), ())
        else:
            part = _Parser(_tokens(text), self._schema, self._named, self._points).whole()
        return Condition(text, part.test, part.when_true), part


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position, text = 0, text.strip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise ExpressionError(f"cannot read {text[position:]!r} in the condition {text!r}")
        tokens.append(found.group(1))
        position = found.end()
    if not tokens:
        raise ExpressionError("the condition is empty: write always if it holds for everyone")
    return tokens


class _Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(
        self, tokens: list[str], schema: FactSchema, named: Mapping[str, _Part], points: Mapping[str, Points]
    ) -> None:
        self._tokens = tokens
        self._at = 0
        self._schema = schema
        self._named = named
        self._points = points

    def whole(self) -> _Part:
        part = self._any()
        if self._at < len(self._tokens):
            raise ExpressionError(f"did not expect {self._tokens[self._at]!r} in the condition")
        return part

    def _next(self, expected: str | None = None) -> str:
        if self._at >= len(self._tokens):
            raise ExpressionError(f"the condition ends too early{f': expected {expected}' if expected else ''}")
        token = self._tokens[self._at]
        if expected is not None and token != expected:
            raise ExpressionError(f"expected {expected!r} and found {token!r}")
        self._at += 1
        return token

    def _take(self, token: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == token:
            self._at += 1
            return True
        return False

    def _any(self) -> _Part:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else _any_of(parts)

    def _all(self) -> _Part:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else _all_of(parts)

    def _one(self) -> _Part:
        if self._take("not"):
            part = self._one()
            inner = part.test
            return _Part(lambda facts: not inner(facts), part.when_false, part.when_true)
        if self._take("("):
            part = self._any()
            self._next(")")
            return part
        return self._comparison()

    def _comparison(self) -> _Part:
        name = self._next()
        if name in _WORDS or not (name[0].isalpha() or name[0] == "_"):
            raise ExpressionError(f"expected the name of a fact and found {name!r}")
        if name in self._named:
            return self._named[name]
        if name in self._points:
            return self._points_comparison(self._points[name])
        if name not in self._schema:
            raise ExpressionError(f"there is no fact called {name}")
        fact = self._schema[name]
        if fact.kind == "flag":
            return _atom(Atom(name, "is", True))
        if fact.kind == "choice":
            return self._choice(fact)
        if fact.kind == "list":
            self._next("includes")
            return _atom(Atom(name, "includes", self._value(fact)))
        return _atom(Atom(name, self._operator(name), self._number()))

    def _choice(self, fact: Fact) -> _Part:
        if self._take("in"):
            self._next("[")
            values = [self._value(fact)]
            while self._take(","):
                values.append(self._value(fact))
            self._next("]")
            return _one_of(fact.name, tuple(values))
        self._next("is")
        return _atom(Atom(fact.name, "is not" if self._take("not") else "is", self._value(fact)))

    def _value(self, fact: Fact) -> str:
        value = self._next()
        if value not in fact.values:
            raise ExpressionError(f"{fact.name} cannot be {value!r}: its values are {', '.join(fact.values)}")
        return value

    def _operator(self, name: str) -> str:
        sign = self._next()
        if sign not in _COMPARE:
            raise ExpressionError(f"{name} is a number: compare it with < <= > >= or =")
        return sign

    def _number(self) -> float:
        token = self._next()
        try:
            return float(token)
        except ValueError:
            raise ExpressionError(f"expected a number and found {token!r}") from None

    def _points_comparison(self, points: Points) -> _Part:
        sign, limit = self._operator(points.name), self._number()
        compare, total = _COMPARE[sign], points.total
        when_true: list[tuple[Atom, ...]] = []
        when_false: list[tuple[Atom, ...]] = []
        for size in range(len(points.items) + 1):
            for chosen in combinations(points.items, size):
                ways = [_joined(choice) for choice in product(*(condition.ways for condition, _ in chosen))]
                held = compare(sum(value for _, value in chosen), limit)
                (when_true if held else when_false).extend(ways)
        return _Part(lambda facts: compare(total(facts), limit), tuple(when_true), tuple(when_false))


def _atom(atom: Atom) -> _Part:
    if atom.operator == "is" and atom.value is True:
        opposite = Atom(atom.fact, "is", False)
    elif atom.operator == "includes":
        opposite = Atom(atom.fact, "excludes", atom.value)
    else:
        opposite = Atom(atom.fact, _OPPOSITE[atom.operator], atom.value)
    return _Part(_test_of(atom), ((atom,),), ((opposite,),))


def _test_of(atom: Atom) -> Test:
    """The comparison as a fast function of complete facts. A number that has no default never compares."""
    name, value = atom.fact, atom.value
    if value is True:
        return operator.itemgetter(name)
    if atom.operator == "is":
        return lambda facts: facts[name] == value
    if atom.operator == "is not":
        return lambda facts: facts[name] != value
    if atom.operator == "includes":
        return lambda facts: value in facts[name]
    compare = _COMPARE[atom.operator]
    return lambda facts: facts[name] is not None and compare(facts[name], value)


def _one_of(name: str, values: tuple[str, ...]) -> _Part:
    allowed = frozenset(values)
    return _Part(
        lambda facts: facts[name] in allowed,
        tuple((Atom(name, "is", value),) for value in values),
        (tuple(Atom(name, "is not", value) for value in values),),
    )


def _joined(ways: tuple[tuple[Atom, ...], ...]) -> tuple[Atom, ...]:
    return tuple(atom for way in ways for atom in way)


def _every_way(parts: list[Ways]) -> Ways:
    return tuple(_joined(choice) for choice in product(*parts))


def _all_of(parts: list[_Part]) -> _Part:
    when_true = _every_way([part.when_true for part in parts])
    when_false = tuple(way for part in parts for way in part.when_false)
    tests = [part.test for part in parts]
    if len(tests) == 2:
        first, second = tests
        return _Part(lambda facts: first(facts) and second(facts), when_true, when_false)
    return _Part(lambda facts: all(test(facts) for test in tests), when_true, when_false)


def _any_of(parts: list[_Part]) -> _Part:
    when_true = tuple(way for part in parts for way in part.when_true)
    when_false = _every_way([part.when_false for part in parts])
    tests = [part.test for part in parts]
    if len(tests) == 2:
        first, second = tests
        return _Part(lambda facts: first(facts) or second(facts), when_true, when_false)
    return _Part(lambda facts: any(test(facts) for test in tests), when_true, when_false)


def witnesses(condition: Condition, schema: FactSchema) -> Iterator[dict[str, Any]]:
    """Facts that make the condition true, one set for each way that can be, as small as possible."""
    for way in condition.ways:
        by_fact: dict[str, list[Atom]] = {}
        for atom in way:
            by_fact.setdefault(atom.fact, []).append(atom)
        chosen: dict[str, Any] = {}
        for name, atoms in by_fact.items():
            fitting = next((value for value in _candidates(schema[name], atoms) if _fits(value, atoms)), None)
            if fitting is None:
                break
            chosen[name] = fitting
        else:
            yield chosen


def _candidates(fact: Fact, atoms: list[Atom]) -> Iterator[Any]:
    """Values worth trying, the default first."""
    if fact.kind == "flag":
        yield from (fact.default, not fact.default)
    elif fact.kind == "choice":
        yield from (fact.default, *fact.values)
    elif fact.kind == "list":
        yield from ((), tuple(atom.value for atom in atoms if atom.operator == "includes"))
    else:
        near = [atom.value + step for atom in atoms for step in (0, 1, -1)]
        for value in [fact.default, *near]:
            if value is not None and fact.accepts(value):
                yield int(value) if fact.kind == "whole" else value


def _fits(value: Any, atoms: list[Atom]) -> bool:
    for atom in atoms:
        if atom.operator == "is":
            held = value == atom.value
        elif atom.operator in ("is not", "!="):
            held = value != atom.value
        elif atom.operator == "includes":
            held = atom.value in value
        elif atom.operator == "excludes":
            held = atom.value not in value
        else:
            held = _COMPARE[atom.operator](value, atom.value)
        if not held:
            return False
    return True
