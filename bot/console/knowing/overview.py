"""What the page of figures shows: charts with their tables, from the counts of one period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from markupsafe import Markup
from sqlalchemy.orm import Session

from bot.console.knowing import measures, verdicts
from bot.console.knowing.charts import Bar, Series, bars, columns, lines
from bot.console.knowing.measures import Count, DayFigures, Overview, Period
from bot.triage.content import own_knowledge

USUAL_DAYS = 28
MOST_DAYS = 366
DAYS_SHOWN_SINGLY = 45
LIST = "/staff/figures/conversations"

STEP_WORDS = {
    "opened": "Opened the chat",
    "consented": "Agreed to the check",
    "symptom": "Told a symptom",
    "level": "Got a level",
    "advice": "Advice arrived",
    "booked": "Booked a visit",
}
DISPOSITION_WORDS = {
    "emergency": "Emergency",
    "urgent": "Urgent, 24 to 48 hours",
    "routine_medical": "Doctor first",
    "clinic_appointment": "Visit here",
    "self_care": "Self-care",
}
CHANNEL_WORDS = {"webchat": "Website", "messenger": "Messenger"}
_TONES = {"webchat": "one", "messenger": "two"}


@dataclass(frozen=True)
class Row:
    """One line of a table; `href` is the list of the very conversations behind it."""

    cells: Sequence[object]
    href: str | None = None


@dataclass(frozen=True)
class Figure:
    """A chart and the same numbers as a table; `id` names its CSV file."""

    id: str
    title: str
    about: str
    header: Sequence[str]
    rows: Sequence[Row]
    chart: Markup


def figures(session: Session, period: Period, now: datetime) -> list[Figure]:
    """Every figure of the page, in order."""
    seen = measures.overview(session, period)
    return [
        _funnel(seen, period),
        _over_time(seen, period),
        _counted(
            "dispositions", "Levels given", "The last level of each conversation.", "disposition", seen.dispositions,
            period, DISPOSITION_WORDS.get,
        ),
        _counted(
            "flags", "Danger signs", "Conversations in which a sign was said to be there, or perhaps.", "flag",
            measures.flags(session, period), period, flag_words,
        ),
        _counted(
            "left_at", "Where patients left", "The question that was open when they wrote no more, before any level.",
            "left_at", measures.left_at(session, period, now), period, question_words,
        ),
        _understanding(seen, period),
        _counted(
            "waits", "Time to an answer", "By conversation: the usual time from a message to the first reply.", "wait",
            measures.waits(session, period), period, str,
        ),
        _counted("channels", "Channels", "Where the conversations were.", "channel", seen.channels, period,
                 CHANNEL_WORDS.get),
        _triage(session, period),
    ]  # fmt: skip


def flag_words(flag: str) -> str:
    """The danger sign in words."""
    known = own_knowledge().red_flags.get(flag)
    return known.title if known else flag.replace("_", " ")


def question_words(question: str) -> str:
    """A question's id in words."""
    return question.replace("_", " ").capitalize()


def words_for(measure: str, key: str) -> str:
    """The heading of the list behind a number."""
    words: dict[str, Callable[[str], str]] = {
        "funnel": lambda key: STEP_WORDS.get(key, key),
        "disposition": lambda key: DISPOSITION_WORDS.get(key, key),
        "channel": lambda key: CHANNEL_WORDS.get(key, key),
        "flag": flag_words,
        "left_at": lambda key: f"Left at: {question_words(key)}",
        "wait": lambda key: f"Usual time to an answer: {key}",
        "day": lambda key: f"Opened on {key}",
        "booked_only": lambda _key: "Booked without a check",
        "not_understood": lambda _key: "Something was not understood",
        "verdict": lambda key: verdicts.WORDS.get(key, key),
    }
    return words[measure](key) if measure in words else measure


def list_href(measure: str, key: str, period: Period) -> str:
    """The address of the conversations behind a number."""
    query = {"of": measure, "is": key, "from": period.first.isoformat(), "to": period.last.isoformat()}
    if period.channel:
        query["channel"] = period.channel
    return f"{LIST}?{urlencode(query)}"


def period_of(query: dict[str, str], today: date) -> Period:
    """The period that an address asks for; what cannot be read is the usual one, ending today."""
    last = min(_date(query.get("to")) or today, today)
    first = _date(query.get("from")) or last - timedelta(days=USUAL_DAYS - 1)
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        first = last - timedelta(days=USUAL_DAYS - 1)
    channel = query.get("channel")
    return Period(first, last, channel if channel in CHANNEL_WORDS else None)


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _funnel(seen: Overview, period: Period) -> Figure:
    with_shares = measures.shares(seen.funnel)
    rows = [
        Row((STEP_WORDS[count.key], count.number, f"{share:.0%}"), list_href("funnel", count.key, period))
        for count, share in with_shares
    ]
    rows.append(Row(("Booked without a check", seen.booked_only, ""), list_href("booked_only", "", period)))
    drawn = [
        Bar(STEP_WORDS[count.key], count.number, f"{count.number} ({share:.0%})", tone="one")
        for count, share in with_shares
    ]
    about = "How far the patients came. Each step counts only those who came through the steps before."
    title = "From opening to booking"
    return Figure("funnel", title, about, ("Step", "Conversations", "Share"), rows, bars("funnel", title, drawn))


def _counted(
    name: str,
    title: str,
    about: str,
    measure: str,
    counts: Iterable[Count],
    period: Period,
    words: Callable[[str], str | None],
) -> Figure:
    told = [(words(count.key) or count.key, count) for count in counts]
    rows = [Row((label, count.number), list_href(measure, count.key, period)) for label, count in told]
    tones = _LEVEL_TONES if measure == "disposition" else {}
    drawn = [Bar(label, count.number, str(count.number), tone=tones.get(count.key, "one")) for label, count in told]
    return Figure(name, title, about, (title, "Conversations"), rows, bars(name, title, drawn))


_LEVEL_TONES = {"emergency": "danger", "urgent": "warning"}


def _spans(period: Period, days: dict[str, DayFigures]) -> list[tuple[str, list[DayFigures]]]:
    """Single days, or weeks where there are many: (label, their figures)."""
    size = 1 if len(days) <= DAYS_SHOWN_SINGLY else 7
    listed = list(days.items())
    return [
        (f"{date.fromisoformat(listed[n][0]):%d %b}", [figures for _, figures in listed[n : n + size]])
        for n in range(0, len(listed), size)
    ]


def _over_time(seen: Overview, period: Period) -> Figure:
    title = "Conversations over time"
    channels = [count.key for count in seen.channels]
    spans = _spans(period, seen.days)
    layers = [
        Series(
            CHANNEL_WORDS.get(channel, channel),
            [sum(day.opened[channel] for day in days) for _, days in spans],
            _TONES.get(channel, "plain"),
        )
        for channel in channels
    ]
    header = ("Day", *(layer.name for layer in layers), "All")
    rows = [
        Row((_day_words(day), *(figures.opened[channel] for channel in channels), sum(figures.opened.values())),
            list_href("day", day, period))
        for day, figures in seen.days.items()
    ]  # fmt: skip
    chart = columns("over_time", title, [label for label, _ in spans], layers)
    return Figure("over_time", title, "By the day on which they were opened.", header, rows, chart)


def _understanding(seen: Overview, period: Period) -> Figure:
    title = "What was not understood"
    spans = _spans(period, seen.days)
    series = [
        Series("Not understood", [_share(days, "not_understood") for _, days in spans], "danger"),
        Series("Asked again", [_share(days, "asked_again") for _, days in spans], "warning"),
    ]
    rows = [
        Row(
            (_day_words(day), figures.typed, figures.not_understood, figures.asked_again), list_href("day", day, period)
        )
        for day, figures in seen.days.items()
        if figures.typed
    ]
    header = ("Day", "Typed messages", "Not understood", "Asked again")
    about = "The share of typed messages that the assistant could not use, or had to ask about again."
    return Figure(
        "understanding", title, about, header, rows, lines("understanding", title, [s for s, _ in spans], series)
    )


def _day_words(day: str) -> str:
    """A day that is never broken over two lines."""
    return f"{date.fromisoformat(day):%d %b %Y}".replace(" ", "\N{NO-BREAK SPACE}")


def _share(days: Sequence[DayFigures], name: str) -> float | None:
    typed = sum(day.typed for day in days)
    return sum(getattr(day, name) for day in days) / typed if typed else None


def _triage(session: Session, period: Period) -> Figure:
    title = "Triage against the team's verdicts"
    weeks = verdicts.weeks(session, period)
    series = [
        Series("Too low (under-triage)", [week.share("too_low") for week in weeks], "danger"),
        Series("Too high (over-triage)", [week.share("too_high") for week in weeks], "warning"),
    ]
    rows = [
        Row(
            (f"{week.begin:%d %b %Y}", *(week.counts[name] for name in verdicts.NAMES), week.counts.total()),
            list_href("verdict", measures.ANY, Period(week.begin, week.end, period.channel)),
        )
        for week in weeks
    ]
    chart = lines("triage", title, [f"{week.begin:%d %b}" for week in weeks], series)
    header = ("Week from", "Agree", "Too high", "Too low", "Reviewed")
    about = "Of the conversations that the team reviewed, by the week they were opened in."
    return Figure("triage", title, about, header, rows, chart)
