"""Our own yes/no questions: a change to confirm, a conversation to delete or to start again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actions import progress, result, web_first
from actions.buttons import button, yes_or_no
from actions.safety import says_no, says_yes
from actions.turn import Turn
from actions.wording import summary


def settle(turn: Turn) -> bool:
    """Take the answer to our own question; True when the message has been dealt with."""
    pending = turn.chat.pending
    if pending is None:
        return False
    if pending["kind"] == "screen":
        web_first.settle(turn)
        return True
    yes, no = says_yes(turn), says_no(turn)
    if not yes and not no:
        turn.chat.pending = None  # the patient went on to something else: nothing is changed
        return False
    turn.chat.pending = None
    _SETTLE[pending["kind"]](turn, yes, pending)
    return True


def ask_before_lowering(turn: Turn, facts: dict[str, Any]) -> None:
    """A change that would make the advice less careful is confirmed first."""
    before = {name: turn.facts[name] for name in facts if name in turn.facts}
    turn.chat.pending = {"kind": "change", "facts": facts}
    turn.replies.say("confirm_change", before=summary(before), after=summary(facts), parts={"choices": yes_or_no()})


def ask_before_deleting(turn: Turn) -> None:
    """Deleting can't be undone."""
    turn.chat.pending = {"kind": "delete"}
    turn.replies.say("confirm_delete", parts={"choices": [button("delete", yes=True), button("no", yes=False)]})


def ask_before_restarting(turn: Turn) -> None:
    """A danger sign does not go away by starting again."""
    turn.chat.pending = {"kind": "restart"}
    turn.replies.say("confirm_restart", reason=result.first_reason(turn), parts={"choices": yes_or_no()})


def _change(turn: Turn, yes: bool, pending: dict[str, Any]) -> None:
    if yes:
        facts = pending["facts"]
        turn.learn(facts)
        turn.replies.say("correction_noted", summary=summary(facts))
    else:
        turn.replies.say("change_dropped")
    progress.go_on(turn)


def _take_back(turn: Turn, yes: bool, pending: dict[str, Any]) -> None:
    if not yes:
        result.repeat_emergency(turn)
        return
    turn.learn(pending["facts"])
    turn.chat.told = None
    turn.replies.say("taken_back")
    progress.resume(turn)


def _restart(turn: Turn, yes: bool, pending: dict[str, Any]) -> None:
    if yes:
        progress.start_afresh(turn)
    else:
        turn.replies.say("restart_kept")
        result.repeat(turn)


def _delete(turn: Turn, yes: bool, pending: dict[str, Any]) -> None:
    if yes:
        turn.replies.say("deleted")
        turn.replies.line("state", erase=True)
    else:
        turn.replies.say("not_deleted")
        progress.go_on(turn)


def _returned(turn: Turn, yes: bool, pending: dict[str, Any]) -> None:
    if yes:
        turn.replies.say("which_answer")
    elif turn.chat.told:
        result.repeat(turn)
        progress.offer_next(turn)
    else:
        progress.resume(turn)


_SETTLE: dict[str, Callable[[Turn, bool, dict[str, Any]], None]] = {
    "change": _change,
    "returned": _returned,
    "take_back": _take_back,
    "restart": _restart,
    "delete": _delete,
}
