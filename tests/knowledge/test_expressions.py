import pytest

from bot.knowledge import fact_schema
from bot.knowledge.expressions import ConditionReader, ExpressionError, witnesses

SCHEMA = fact_schema()


@pytest.fixture
def reader():
    reader = ConditionReader(SCHEMA)
    reader.define("nerve", "numbness is not none or weakness is not none")
    reader.define_points("signs", [("fever", 2), ("vomiting", 1), ("cannot_stand", 1)])
    return reader


@pytest.mark.parametrize(
    ("text", "facts", "held"),
    [
        ("fever", {"fever": True}, True),
        ("not fever", {"fever": True}, False),
        ("numbness is saddle", {"numbness": "saddle"}, True),
        ("numbness is not saddle", {}, True),
        ("weakness in [foot_drop, both_legs]", {"weakness": "both_legs"}, True),
        ("not (weakness in [foot_drop, both_legs])", {"weakness": "both_legs"}, False),
        ("location includes groin", {"location": ["low_back", "groin"]}, True),
        ("not location includes groin", {"location": ["low_back"]}, True),
        ("age >= 70 and age < 80", {"age": 75}, True),
        ("age = 40", {}, True),
        ("sitting_break_minutes > 10", {}, False),
        ("fever and vomiting or cannot_stand", {"cannot_stand": True}, True),
        ("fever and (vomiting or cannot_stand)", {"cannot_stand": True}, False),
        ("nerve and fever", {"numbness": "one_leg", "fever": True}, True),
        ("signs >= 3", {"fever": True, "vomiting": True}, True),
        ("signs = 2", {"vomiting": True, "cannot_stand": True}, True),
        ("not signs >= 3", {"fever": True}, True),
        ("always", {}, True),
    ],
)
def test_conditions_mean_what_they_say(reader, text, facts, held):
    assert bool(reader.read(text).test(SCHEMA.filled(facts))) is held


@pytest.mark.parametrize(
    "text",
    [
        "fever and vomiting",
        "not fever",
        "signs >= 3",
        "not signs >= 3",
        "not (nerve or age >= 70)",
        "location includes leg",
    ],
)
def test_witnesses_make_the_condition_true(reader, text):
    condition = reader.read(text)
    found = list(witnesses(condition, SCHEMA))
    assert found
    assert all(condition.test(SCHEMA.filled(facts)) for facts in found)


def test_a_contradiction_has_no_witness(reader):
    assert list(witnesses(reader.read("age > 70 and age < 60"), SCHEMA)) == []
    assert list(witnesses(reader.read("numbness is saddle and numbness is none"), SCHEMA)) == []


def test_holds_for_sure_needs_the_facts_themselves(reader):
    condition = reader.read("sex is male or age > 55")
    assert condition.holds_for_sure({"sex": "male"})
    assert condition.holds_for_sure({"age": 56})
    assert not condition.holds_for_sure({})
    assert not reader.read("duration_weeks <= 12").holds_for_sure({})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("fever &", "cannot read"),
        ("fever and", "ends too early"),
        ("(fever", "ends too early"),
        ("fever)", "did not expect"),
        ("feverish", "no fact called feverish"),
        ("and fever", "expected the name of a fact"),
        ("numbness", "ends too early"),
        ("numbness is leg", "cannot be 'leg'"),
        ("numbness in [leg]", "cannot be 'leg'"),
        ("age is 4", "is a number"),
        ("age > old", "expected a number"),
        ("signs", "ends too early"),
    ],
)
def test_a_condition_that_cannot_be_read_says_why(reader, text, says):
    with pytest.raises(ExpressionError, match=says):
        reader.read(text)


def test_a_name_can_be_given_once(reader):
    with pytest.raises(ExpressionError, match="taken"):
        reader.define("fever", "vomiting")
    with pytest.raises(ExpressionError, match="taken"):
        reader.define_points("nerve", [("vomiting", 1)])
