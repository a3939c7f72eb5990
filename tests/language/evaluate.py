"""Measures how well patients' words are read, on messages that nothing was made from; `make evaluate` runs it.

python -m tests.language.evaluate                everything; results go into docs/language.md
python -m tests.language.evaluate --intents      train the intents alone, measure them, write nothing: seconds
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import yaml

from bot.assistant.without_tensorflow import leave_out_tensorflow
from bot.settings import Settings

HELD_OUT = Path(__file__).with_name("heldout")
DOCUMENT = Path("docs/language.md")
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
FALLBACK = "out_of_scope"
# The held-out answers were written as if it were then, in the clinic's time zone.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("America/New_York"))

Parse = Callable[[str], Mapping[str, Any]]


def say(line: str = "") -> None:
    """One line on the terminal."""
    sys.stdout.write(line + "\n")


def intent_messages(path: Path) -> Iterator[tuple[str, str]]:
    """(intent, message) from a held-out file of intents."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for intent, messages in content.items():
        yield from ((intent, message.strip()) for message in messages.splitlines() if message.strip())


def measure_intents(path: Path, parse: Parse) -> str:
    """Accuracy with and without the fallback, every confusion, and how many wrong guesses the fallback caught."""
    confusions: Counter[tuple[str, str]] = Counter()
    named = guessed = caught = 0
    messages = list(intent_messages(path))
    say(f"\nIntents, {path.name}: what was taken for something else")
    for intent, message in messages:
        parsed = parse(message)
        name, ranking = parsed["intent"]["name"], parsed["intent_ranking"]
        # Where the fallback stepped in, the classifier's own guess is the next of the ranking.
        guess = max(ranking[1:], key=lambda entry: entry["confidence"])["name"] if parsed["fallback"] else name
        named += name == intent
        guessed += guess == intent
        if guess != intent:
            caught += parsed["fallback"]
            confusions[intent, guess] += 1
            say(f"  {intent} -> {guess}{' (caught)' if parsed['fallback'] else ''}: {message}")
    wrong = len(messages) - guessed
    say("  most often: " + ", ".join(f"{a} -> {b} {n}" for (a, b), n in confusions.most_common(5)))
    count = len(messages)
    return (
        f"| intents, `{path.name}` | {count} | {guessed / count:.1%} right; {named / count:.1%} after the fallback, "
        f"which caught {caught} of {wrong} wrong guesses |"
    )


class FlagCase(NamedTuple):
    """A message, and the one flag that it must give with its assertion; none for a hard negative."""

    text: str
    flag: str | None
    assertion: str | None


def flag_cases(path: Path) -> list[FlagCase]:
    """Every message of a held-out file of danger signs."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    signs = [
        FlagCase(text, name, assertion)
        for name, assertions in content.pop("signs").items()
        for assertion, texts in assertions.items()
        for text in texts
    ]
    return signs + [FlagCase(text, None, None) for texts in content.values() for text in texts]


def measure_flags(path: Path, find: Callable[[str], Iterable[Any]]) -> list[str]:
    """Recall, precision and assertion by kind of flag, every miss printed.

    Recall is over signs that are there now or may be; a flag is false where the message is a hard negative.
    """
    recalled: dict[str, list[bool]] = defaultdict(list)
    asserted: list[bool] = []
    alarms: Counter[str] = Counter()
    cases = flag_cases(path)
    quiet = [case for case in cases if case.flag is None]
    alarmed = 0
    say(f"\nDanger signs, {path.name}")
    for text, name, assertion in cases:
        found = {flag.id: flag.assertion for flag in find(text)}
        if name is None:
            false = sorted(kind for kind, said in found.items() if said in ("present", "possible"))
            alarms.update(false)
            alarmed += bool(false)
            if false:
                say(f"  false {', '.join(false)}: {text}")
            continue
        if assertion in ("present", "possible"):
            recalled[name].append(found.get(name) in ("present", "possible"))
        if name in found:
            asserted.append(found[name] == assertion)
        if found.get(name) != assertion:
            say(f"  {name} should be {assertion}, was {found.get(name, 'not found')}: {text}")
    hits = [hit for kind in recalled.values() for hit in kind]
    lines = [
        f"| danger signs, `{path.name}` | {len(cases)} | recall {_share(hits)}, assertion right {_share(asserted)}, "
        f"false alarms on {alarmed} of {len(quiet)} hard negatives |"
    ]
    lines += [
        f"| … {name} | {len(kind)} | recall {_share(kind)}, "
        f"precision {_share([True] * sum(kind) + [False] * alarms[name])} |"
        for name, kind in sorted(recalled.items())
    ]
    return lines


def _share(rights: list[bool]) -> str:
    return f"{sum(rights) / len(rights):.1%}" if rights else "–"


def measure_answers(path: Path, read: Callable[..., Any]) -> list[str]:
    """How often each question's answers are read right, every miss printed."""
    lines: list[str] = []
    say(f"\nAnswers, {path.name}")
    rights: list[bool] = []
    for question, cases in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        right = [_reads(read, question, text, expected) for text, expected in cases.items()]
        rights += right
        lines.append(f"| … {question} | {len(right)} | {sum(right) / len(right):.0%} |")
    return [f"| answers, `{path.name}` | {len(rights)} | {sum(rights) / len(rights):.1%} |", *lines]


def _reads(read: Callable[..., Any], question: str, text: str, expected: Any) -> bool:
    answer = read(question, text, now=NOW)
    if isinstance(expected, dict):
        right = answer is not None and all(_same(answer.facts.get(name), value) for name, value in expected.items())
    elif expected == "nothing":
        right = answer is None
    elif expected in ("unsure", "declined"):
        right = answer is not None and answer.status == expected
    else:
        right = (answer is None and expected == "ask_or_nothing") or (answer is not None and answer.clarify is not None)
    if not right:
        say(f"  {question}: {text!r} should be {expected}, was {answer}")
    return right


def _same(value: Any, expected: Any) -> bool:
    if isinstance(expected, bool) or isinstance(value, bool):
        return value is expected
    if isinstance(expected, list):
        return set(value or []) == set(expected)
    if isinstance(expected, int | float) and isinstance(value, int | float):
        return abs(value - expected) <= max(0.05 * abs(expected), 0.05)
    return bool(value == expected)


def measure_speed(what: str, work: Callable[[str], object], messages: list[str]) -> str:
    """Median and 95th percentile of one message, in milliseconds; none of them was read before."""
    for number, message in enumerate(messages[:50]):
        work(f"{message}, {what} {number}")
    times = []
    for number, message in enumerate(messages):
        message = f"{message} ({what} {number})"
        began = time.perf_counter()
        work(message)
        times.append(1000 * (time.perf_counter() - began))
    return f"| {what} | {len(times)} | median {statistics.median(times):.1f} ms, 95 % {_percentile(times, 95):.1f} ms |"


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def trained_intents() -> Parse:
    """The intent classifier and the language check alone, trained now on data/nlu."""
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.shared.importers.utils import training_data_from_paths
    from rasa.shared.nlu.training_data.message import Message

    from bot.assistant.classifier import PatientIntentClassifier
    from bot.assistant.components import OtherLanguage

    pipeline = yaml.safe_load(Path("config.yml").read_text(encoding="utf-8"))["pipeline"]
    config = {key: value for key, value in pipeline[0].items() if key != "name"}
    storage = LocalModelStorage.create(Path(tempfile.mkdtemp(prefix="psoas-nlu-")))
    classifier = PatientIntentClassifier(config, storage, Resource("intents"))
    examples = training_data_from_paths([str(file) for file in sorted(Path("data/nlu").glob("*.yml"))], "en")
    began = time.monotonic()
    classifier.train(examples)
    say(f"Trained on {len(examples.intent_examples)} examples in {time.monotonic() - began:.1f} s")
    language = OtherLanguage()

    def parse(text: str) -> Mapping[str, Any]:
        [message] = language.process(classifier.process([Message.build(text)]))
        parsed: Mapping[str, Any] = message.as_dict()
        return parsed

    return parse


def served_model(path: Path) -> Parse:
    """What `/model/parse` answers, without the network."""
    import structlog
    from rasa.core.agent import Agent

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    agent = Agent.load(str(path))

    def parse(text: str) -> Mapping[str, Any]:
        parsed: Mapping[str, Any] = asyncio.run(agent.parse_message(text))
        return parsed

    return parse


def evaluate_all() -> list[str]:
    """Every measurement, as rows of a Markdown table."""
    from bot.language import find_flags, read_answer

    models = sorted((Settings.from_env().data_dir / "models").glob("*.tar.gz"), key=lambda file: file.stat().st_mtime)
    if not models:
        sys.exit("There is no trained model: run `make train` first")
    parse = served_model(models[-1])
    intent_files = sorted(HELD_OUT.glob("intents*.yml"))
    messages = [message for file in intent_files for _, message in intent_messages(file)]
    rows = [measure_intents(file, parse) for file in intent_files]
    for file in sorted(HELD_OUT.glob("flags*.yml")):
        rows += measure_flags(file, find_flags)
    for file in sorted(HELD_OUT.glob("answers*.yml")):
        rows += measure_answers(file, read_answer)
    rows.append(measure_speed("`find_flags`, one message", find_flags, messages))
    rows.append(measure_speed("Rasa's whole parse, one message", parse, messages))
    rows.append(f"| the trained model | 1 | {models[-1].stat().st_size / 1e6:.1f} MB |")
    return rows


def keep(rows: list[str]) -> None:
    """Put the results, with their date, between the markers of docs/language.md."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    date = datetime.now(timezone.utc).date().isoformat()
    table = "\n".join([f"Measured on {date}.", "", "| what | messages | result |", "|---|---|---|", *rows])
    DOCUMENT.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description="Measure how well patients' words are read.")
    parser.add_argument("--intents", action="store_true", help="train and measure the intents alone; write nothing")
    chosen = parser.parse_args()
    leave_out_tensorflow()
    if chosen.intents:
        parse = trained_intents()
        for row in [measure_intents(file, parse) for file in sorted(HELD_OUT.glob("intents*.yml"))]:
            say(row)
        return
    rows = evaluate_all()
    keep(rows)
    say("\n" + "\n".join(rows))


if __name__ == "__main__":
    main()
