"""The check: Rasa's form over bot.triage's questions, one message at a time."""

from __future__ import annotations

from actions import answers, asking, interruptions, pending, progress, web_first
from actions.answers import Heard
from actions.asking import CONSENT
from actions.base import FormStep
from actions.buttons import button
from actions.turn import SURE_ENOUGH, Turn
from actions.wording import summary

MANY_WORDS = 3
ANSWERING = frozenset({"facts", "status", "value"})  # what a tap on an answer carries; other taps lead elsewhere
HALFWAY, NEARLY = 7, 12  # cards answered, of 14 on the web


class ValidateCheckForm(FormStep):
    """Runs for each message while the check is on, and once when it starts."""

    slot = "check_answer"

    def name(self) -> str:
        """The action's name in domain.yml."""
        return "validate_check_form"

    def goes_on(self, turn: Turn) -> bool:
        """Until the result is due, the patient stops, or danger ends the check."""
        return turn.chat.checking

    def respond(self, turn: Turn) -> None:
        """Start the check or take the answer."""
        if not turn.chat.checking:
            _start(turn)
        elif turn.chat.consent is None:
            _hear_consent(turn)
        else:
            _hear(turn)


def _start(turn: Turn) -> None:
    if turn.is_web_first:
        web_first.screen(turn)
        return
    progress.volunteer(turn)
    if turn.chat.consent is None and turn.facts:
        turn.replies.say("thanks_for_story")
    elif turn.chat.consent and not turn.chat.asked:
        turn.replies.say("check_begins")
    progress.begin(turn)


def _hear_consent(turn: Turn) -> None:
    interrupts = turn.is_typed and interruptions.is_sure(turn)
    answer = None if interrupts else answers.read(turn, [CONSENT]).get(CONSENT)
    if answer is None or CONSENT not in answer.facts:
        if not interrupts and progress.volunteer(turn):
            turn.replies.say("thanks_for_story")
        elif not interruptions.handle(turn):
            _say_that_consent_comes_first(turn)
        if turn.chat.checking:
            asking.ask_consent(turn)
    elif answer.facts[CONSENT]:
        turn.chat.consent = True
        turn.chat.close([CONSENT])
        turn.replies.line("state", stage="consented")
        turn.replies.say("check_begins", parts={"choices": [button("short", hurry=True)]})
        progress.ask_next(turn)
    else:
        turn.chat.checking = False
        turn.chat.open = []
        turn.forget(list(turn.facts))
        turn.replies.say("consent_refused", parts={"choices": progress.doors()})


def _say_that_consent_comes_first(turn: Turn) -> None:
    turn.chat.confused += 1
    if turn.chat.confused == 1:
        turn.replies.say("consent_first")
    else:
        turn.chat.confused = 0
        turn.replies.say("not_understood_person", parts={"choices": [button("person")]})


def _hear(turn: Turn) -> None:
    questions = list(turn.chat.open)
    if turn.answer and turn.answer.get("hurry"):
        turn.chat.hurry = True
        turn.replies.say("short_way")
        progress.ask_next(turn)
        return
    corrects = turn.intent == "correct_answer" and turn.confidence >= SURE_ENOUGH and turn.is_typed
    if corrects and _correct(turn):
        return
    interrupts = _is_interruption(turn, questions)
    words = answers.beside_question(turn.text) if interrupts else None
    heard = Heard() if words == "" or turn.intent in interruptions.ALWAYS else answers.take(turn, questions, words)
    if turn.chat.pending or progress.end_for_danger(turn):
        return
    if interrupts:
        interruptions.handle(turn)
        if turn.chat.pending or not turn.chat.checking:
            return
    if heard.anything:
        turn.chat.confused = 0
        _react(turn, heard)
    elif interrupts:
        turn.chat.confused = 0
        progress.ask_next(turn)
    elif progress.volunteer(turn):
        turn.chat.confused = 0
        turn.replies.say("understood", summary=summary(turn.learned()))
        progress.ask_next(turn)
    elif corrects:
        turn.replies.say("which_answer")
        progress.ask_next(turn)
    else:
        _not_understood(turn, questions)


def _is_interruption(turn: Turn, questions: list[str]) -> bool:
    """A question or wish of theirs, rather than an answer; an answer that can be read wins over a weak intent."""
    if turn.answer is not None:
        leads_away = interruptions.ALWAYS if ANSWERING & set(turn.answer) else interruptions.KNOWN
        return turn.intent in leads_away
    if interruptions.is_sure(turn) and (turn.intent in interruptions.ALWAYS or answers.asks(turn.text)):
        return True
    if turn.intent not in interruptions.KNOWN:
        return False
    return not any(answer.status == "given" for answer in answers.read(turn, questions).values())


def _react(turn: Turn, heard: Heard) -> None:
    """A short word on what was said, then whatever is still open, then the next card."""
    knowledge = turn.content.knowledge
    if heard.closed and not (heard.unsure or heard.declined or heard.unclear):
        _acknowledge(turn, heard)
    for question in heard.declined:
        turn.replies.tell(turn.content.bad_input(question, "declined_once"))
        break
    for question in heard.unsure:
        turn.replies.tell(turn.content.bad_input(question, "clarify_possible"))
    for question, reason in heard.unclear.items():
        turn.replies.tell(turn.content.bad_input(question, reason))
    for question in heard.missing:
        turn.chat.reasked[question] = turn.chat.reasked.get(question, 0) + 1
        if turn.chat.reasked[question] > answers.REASKS:
            answers.leave_open(turn, question, knowledge.questions[question].safety)
            turn.chat.close([question])
    progress.ask_next(turn)


def _correct(turn: Turn) -> bool:
    """Change an earlier answer and go on where the check was; False when the message names none."""
    changed = answers.correct(turn)
    if not changed:
        return False
    if answers.lowers(turn, changed):
        pending.ask_before_lowering(turn, changed)
        return True
    turn.learn(changed)
    turn.replies.say("correction_noted", summary=summary(changed))
    progress.ask_next(turn)
    return True


def _acknowledge(turn: Turn, heard: Heard) -> None:
    """What was understood when many words were used, and now and then how far along we are."""
    told = summary(turn.content.telling(turn.learned()))
    if turn.is_typed and told and len(turn.text.split()) > MANY_WORDS:
        turn.replies.say("understood", summary=told)
    else:
        turn.replies.tell(turn.content.acknowledgement(len(turn.chat.steps), heard.closed))
    steps = len(turn.chat.steps)
    if not turn.one_at_a_time and steps == HALFWAY:
        turn.replies.say("progress_half")
    elif not turn.one_at_a_time and steps == NEARLY:
        turn.replies.say("progress_nearly")


def _not_understood(turn: Turn, questions: list[str]) -> None:
    turn.chat.confused += 1
    for question in questions:
        turn.chat.reasked[question] = turn.chat.reasked.get(question, 0) + 1
    if turn.chat.confused == 1:
        turn.replies.tell(turn.content.bad_input(questions[0], "unclear"))
    elif turn.chat.confused == 2:
        turn.replies.say(
            "not_understood_buttons",
            parts={"choices": [button("skip", status="declined"), button("why"), button("person")]},
        )
    else:
        turn.replies.say("not_understood_person", parts={"choices": [button("person"), button("go_on")]})
        for question in questions:
            answers.leave_open(turn, question, turn.content.knowledge.questions[question].safety)
        turn.chat.close(questions)
        turn.chat.confused = 0
    progress.ask_next(turn)
