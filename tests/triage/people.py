"""Random people for the tests of decisions, as facts: a few of them ill, most nearly well."""

from hypothesis import strategies as st

from bot.knowledge import fact_schema

SCHEMA = fact_schema()
NUMBERS = {
    "age": (5, 9, 10, 13, 17, 18, 34, 40, 49, 50, 54, 55, 64, 65, 69, 70, 88),
    "duration_weeks": (0, 1, 2, 5, 5.5, 6, 11, 12, 13, 30, 200),
    "severity": (0, 3, 6, 6.5, 7, 8, 10),
    "inflammatory_criteria": (0, 1, 2, 3, 4),
    "morning_stiffness_min": (0, 10, 31, 90),
    "sitting_hours_per_day": (0, 3, 4, 6.5, 7, 12),
    "sitting_break_minutes": (10, 60),
}


def values_of(name):
    """Every value that is worth trying for a fact."""
    fact = SCHEMA[name]
    if fact.kind == "flag":
        return (True, False)
    if fact.kind == "choice":
        return fact.values
    if fact.kind == "list":
        return tuple([value] for value in fact.values)
    return NUMBERS[name]


def random_person(random, facts_given):
    """Facts of one person: `facts_given` of them drawn at random, the rest absent."""
    names = random.sample(list(SCHEMA.facts), facts_given)
    return {name: random.choice(values_of(name)) for name in names}


def people(most=12):
    """A Hypothesis strategy of facts."""
    one = st.sampled_from(sorted(SCHEMA.facts)).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from(values_of(name)))
    )
    return st.lists(one, max_size=most, unique_by=lambda pair: pair[0]).map(dict)
