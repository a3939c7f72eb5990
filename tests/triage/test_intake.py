import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge import load_knowledge
from bot.triage import next_card, next_question, question_card
from tests.triage.people import people

QUESTIONS = load_knowledge().questions
SAFETY = {question.id for question in QUESTIONS.all if question.safety}
CHECK = [name for plan in QUESTIONS.plans for name in plan.questions]


def whole_check(facts=None, *, one_at_a_time=False, hurry=False, answer=None):
    """The cards of a check in which each question is closed, its facts given by `answer(card)`."""
    facts, asked, cards = dict(facts or {}), set(), []
    while card := next_card(facts, asked, one_at_a_time=one_at_a_time, hurry=hurry):
        cards.append(card)
        asked |= set(card.question_ids)
        if answer:
            facts.update(answer(card))
        assert len(cards) < 60
    return cards


def nothing_wrong(card):
    """The facts of a person who ticks "none of these" wherever that is offered."""
    if "none_of_these" not in {option.id for option in card.options}:
        return {}
    return {name: value for facts in card.facts_from({"none_of_these"}).values() for name, value in facts.items()}


def asked_in(cards):
    return [name for card in cards for name in card.question_ids]


def test_a_whole_check_on_the_web_is_at_most_14_messages():
    assert len(whole_check(answer=nothing_wrong)) == 14
    assert len(whole_check()) == 14


def test_on_messenger_each_question_stands_alone_in_its_own_words():
    cards = whole_check(one_at_a_time=True)
    assert all(len(card.questions) == 1 for card in cards)
    assert next(card for card in cards if card.id == "consent").text == QUESTIONS["consent"].messenger


def test_safety_comes_before_everything_else():
    order = asked_in(whole_check())
    last_safety = max(order.index(name) for name in SAFETY)
    assert all(order.index(name) > last_safety for name in order if QUESTIONS[name].stage != "safety")
    assert order[:2] == ["consent", "age"]


def test_an_answer_in_a_longer_list_means_the_same():
    card = next_card({"age": 40}, {"consent"}, one_at_a_time=False, hurry=True)
    assert "weakness_walking" in card.question_ids
    answers = card.facts_from({"foot_drop", "one_leg_pain"})
    assert answers["weakness_walking"] == {"weakness": "foot_drop"}
    assert answers["leg_symptoms"] == {"radiates_to_leg": "one", "numbness": "none"}
    assert answers["sexual_function"] == {"sexual_change": "none"}


def test_asks_every_question_of_the_check_of_somebody_with_long_pain():
    assert set(asked_in(whole_check({"duration_weeks": 40}))) == set(CHECK) - {"duration"}


@given(facts=people())
def test_what_is_known_is_never_asked(facts):
    for name in asked_in(whole_check(facts)):
        fills = QUESTIONS[name].fills
        assert not fills or any(facts.get(fact) is None for fact in fills)


@given(facts=people(), asked=st.sets(st.sampled_from(CHECK)))
def test_a_closed_question_is_not_asked_again(facts, asked):
    question = next_question(facts, asked)
    assert question is None or question.id not in asked


@given(facts=people(), asked=st.sets(st.sampled_from(CHECK)))
def test_the_next_card_begins_with_the_next_question(facts, asked):
    question = next_question(facts, asked)
    for one_at_a_time in (True, False):
        card = next_card(facts, asked, one_at_a_time=one_at_a_time)
        assert (card is None and question is None) or card.questions[0] == question


@pytest.mark.parametrize(
    ("facts", "question"),
    [
        ({"sex": "male"}, "pregnancy"),
        ({"age": 70}, "pregnancy"),
        ({"age": 16}, "sexual_function"),
        ({"duration_weeks": 3}, "morning_stiffness"),
        ({"no_pain": True}, "severity"),
        ({"no_pain": True}, "night_pain"),
    ],
)
def test_a_question_that_can_change_nothing_is_left_out(facts, question):
    assert question not in asked_in(whole_check(facts))


@pytest.mark.parametrize("facts", [{"sex": "female"}, {"age": 30}, {}])
def test_pregnancy_is_asked_of_everyone_else(facts):
    assert "pregnancy" in asked_in(whole_check(facts))


def test_an_emergency_ends_the_questions_at_once():
    assert next_card({"bladder_change": "new_or_worse"}, set(), one_at_a_time=False) is None
    assert next_question({"suicidal": "passive"}, set()) is None


def test_somebody_who_needs_a_doctor_is_asked_about_dangers_only():
    urgent, routine = asked_in(whole_check({"fever": True})), asked_in(whole_check({"cancer_history": "past"}))
    assert set(urgent) - {"consent", "age"} == SAFETY
    assert set(routine) >= SAFETY
    assert {QUESTIONS[name].stage for name in routine} == {"safety", "picture"}


def test_a_child_under_13_is_asked_nothing_more():
    assert next_question({"age": 12}, {"consent", "age"}) is None
    assert next_question({"age": 15}, {"consent", "age"}).id == "saddle_bladder_bowel"


def test_in_a_hurry_no_safety_question_is_left_out():
    cards = whole_check(hurry=True)
    short, whole = asked_in(cards), asked_in(whole_check())
    assert len(cards) == 8
    assert set(short) < set(whole)
    assert set(short) >= SAFETY | {"severity", "duration", "stretch_safety"}


def test_none_of_these_says_no_to_every_question_of_a_list():
    card = next_card({"age": 40}, {"consent"}, one_at_a_time=False)
    assert card.question_ids == ("saddle_bladder_bowel", "sexual_function")
    assert card.facts_from({"none_of_these"}) == {
        "saddle_bladder_bowel": {"saddle_change": "none", "bladder_change": "none", "bowel_change": "none"},
        "sexual_function": {"sexual_change": "none"},
    }


def test_a_tick_gives_its_facts_and_the_rest_of_the_list_is_no():
    card = next_card({"age": 40}, {"consent"}, one_at_a_time=False)
    answers = card.facts_from({"bladder_new"})
    assert answers["saddle_bladder_bowel"] == {
        "saddle_change": "none",
        "bladder_change": "new_or_worse",
        "bowel_change": "none",
    }
    assert answers["sexual_function"] == {"sexual_change": "none"}


def test_the_more_serious_of_two_ticks_wins():
    assert question_card("weakness_walking").facts_from({"mild_weakness", "foot_drop"}) == {
        "weakness_walking": {"weakness": "foot_drop"}
    }


def test_ticks_beside_a_number_answer_their_own_question_only():
    card = question_card("severity")
    assert (card.kind, card.minimum, card.maximum) == ("scale", 0, 10)
    mixed = QUESTIONS.card([QUESTIONS["severity"], QUESTIONS["relief"]])
    assert mixed.kind == "scale"
    assert mixed.facts_from({"eases_moving"}) == {"relief": {"relief_with_movement": True}}
    assert mixed.facts_from(set()) == {}


def test_not_sure_answers_nothing_by_itself():
    assert question_card("leg_symptoms").facts_from({"not_sure"}) == {}


def test_an_option_that_was_not_offered_is_refused():
    with pytest.raises(KeyError):
        question_card("age").facts_from({"foot_drop"})


def test_yes_and_no_alone_mean_the_same_as_the_tick():
    card = question_card("sexual_function")
    assert [option.id for option in card.options] == ["yes", "no", "not_sure"]
    assert card.facts_from({"yes"}) == {"sexual_function": {"sexual_change": "new"}}
    assert card.facts_from({"no"}) == {"sexual_function": {"sexual_change": "none"}}


def test_pain_in_several_places_is_kept():
    facts = question_card("location").facts_from({"low_back", "groin"})["location"]
    assert facts == {"location": ["low_back", "groin"]}


def test_signs_that_are_counted_add_up():
    answers = question_card("morning_stiffness").facts_from({"stiff_family", "stiff_skin_joints"})
    assert answers == {"morning_stiffness": {"inflammatory_criteria": 2}}


def test_the_longest_of_two_times_counts():
    answers = question_card("duration").facts_from({"weeks_under_2", "months_3_to_12", "comes_back"})
    assert answers == {"duration": {"duration_weeks": 30, "recurrent": True}}
