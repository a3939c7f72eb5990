"""The hip flexor connection, explained a little at a time, never as a cause."""

from __future__ import annotations

from actions.buttons import button
from actions.turn import Turn

LINK = "ask_hip_flexor_link"
PICTURE = "/widget/pictures/hip-flexors.svg"


def explain(turn: Turn) -> None:
    """The link in short, or the five muscles one after another."""
    if turn.intent == LINK:
        _tell_the_link(turn)
    elif (turn.answer or {}).get("next_muscle"):
        _tell_a_muscle(turn, turn.chat.explained)
    else:
        turn.replies.tell(turn.content.answer(turn.intent))
        _tell_a_muscle(turn, 0)


def _tell_the_link(turn: Turn) -> None:
    if turn.chat.told is None:
        turn.replies.tell(turn.content.answer(LINK))
        return
    story = turn.content.knowledge.explanation.told()
    turn.replies.tell(" ".join(sentence.text for sentence in story), choices=[button("muscles")])


def _tell_a_muscle(turn: Turn, index: int) -> None:
    muscles = turn.content.knowledge.explanation.muscles
    if index >= len(muscles):
        turn.chat.explained = 0
        turn.replies.say("all_explained")
        return
    muscle = muscles[index]
    turn.chat.explained = index + 1
    is_last = index + 1 == len(muscles)
    turn.replies.tell(
        f"{muscle.name}: {muscle.text}",
        card={
            "kind": "explanation",
            "muscle": muscle.id,
            "title": muscle.name,
            "text": muscle.text,
            "small_step": muscle.small_step,
            "number": index + 1,
            "of": len(muscles),
        },
        image={"src": PICTURE, "alt": f"{muscle.name}: {muscle.text}"},
        **({} if is_last else {"choices": [button("next_muscle", next_muscle=True)]}),
    )
