"""Charts drawn as SVG on the server: no script, no inline style, and the same numbers stand in the table beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10

from markupsafe import Markup, escape

WIDTH = 640
ROW, BAR, LABEL = 34, 20, 220
MOST_LETTERS = 30
PLOT_TOP, PLOT_HEIGHT, PLOT_LEFT = 12, 180, 44
FEWEST_LABELS = 8


@dataclass(frozen=True)
class Bar:
    """One bar: `label` beside it, `value` its length, `note` behind it."""

    label: str
    value: float
    note: str
    tone: str = "plain"


@dataclass(frozen=True)
class Series:
    """One line or layer of a chart over time: a value for each label, None where there is none."""

    name: str
    values: Sequence[float | None]
    tone: str


def bars(name: str, title: str, rows: Sequence[Bar]) -> Markup:
    """Horizontal bars, one below the other; `name` makes the ids of the page's charts differ."""
    most = max((row.value for row in rows), default=0) or 1
    room = WIDTH - LABEL - 110
    parts = [_open(name, title, "; ".join(f"{row.label}: {row.note}" for row in rows), max(1, len(rows)) * ROW + 4)]
    for index, row in enumerate(rows):
        top = index * ROW + 6
        length = max(room * row.value / most, 1 if row.value else 0)
        bar = Markup(
            '<text class="chart-label" x="{x}" y="{y}" text-anchor="end">{label}</text>'
            '<rect class="chart-track" x="{left}" y="{top}" width="{room}" height="{bar}" rx="4"/>'
            '<rect class="chart-bar tone-{tone}" x="{left}" y="{top}" width="{length:.1f}" height="{bar}" rx="4"/>'
            '<text class="chart-note" x="{end:.1f}" y="{y}">{note}</text>'
        ).format(
            x=LABEL - 10, y=top + 15, label=_short(row.label), left=LABEL, top=top, room=room, bar=BAR, tone=row.tone,
            length=length, end=LABEL + length + 8, note=row.note,
        )  # fmt: skip
        parts.append(bar)
    return Markup("").join([*parts, Markup("</svg>")])


def _short(label: str) -> str:
    """What fits beside a bar; the table has the whole."""
    return label if len(label) <= MOST_LETTERS else f"{label[: MOST_LETTERS - 1].rstrip()}…"


def columns(name: str, title: str, labels: Sequence[str], layers: Sequence[Series]) -> Markup:
    """Stacked columns over time."""
    totals = [sum(layer.values[index] or 0 for layer in layers) for index in range(len(labels))]
    top = nice_top(max(totals, default=0))
    parts = [_open(name, title, _told(labels, layers), PLOT_TOP + PLOT_HEIGHT + 52), _grid(top, "{:g}")]
    step = (WIDTH - PLOT_LEFT - 8) / max(1, len(labels))
    width = max(1.0, step * 0.72)
    for index in range(len(labels)):
        base = 0.0
        for layer in layers:
            value = layer.values[index] or 0
            height = PLOT_HEIGHT * value / top
            base += height
            if value:
                left = PLOT_LEFT + index * step + (step - width) / 2
                parts.append(_column(layer.tone, left, PLOT_TOP + PLOT_HEIGHT - base, width, height))
    return Markup("").join([*parts, _days(labels, step), _legend(layers), Markup("</svg>")])


def _column(tone: str, left: float, top: float, width: float, height: float) -> Markup:
    return Markup('<rect class="chart-bar tone-{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
        tone, left, top, width, height
    )


def lines(name: str, title: str, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    """Shares between 0 and 1 over time, drawn as percentages; a gap where there is no value."""
    highest = max((value for one in series for value in one.values if value is not None), default=0.0)
    top = min(1.0, max(0.05, ceil(highest * 20) / 20))
    parts = [_open(name, title, _told(labels, series, percent=True), PLOT_TOP + PLOT_HEIGHT + 52)]
    parts.append(_grid(top, "{:.0%}"))
    step = (WIDTH - PLOT_LEFT - 8) / max(1, len(labels))
    for one in series:
        points = [
            (PLOT_LEFT + (index + 0.5) * step, PLOT_TOP + PLOT_HEIGHT * (1 - value / top))
            if value is not None
            else None
            for index, value in enumerate(one.values)
        ]
        path = ""
        for before, point in zip([None, *points], points, strict=False):
            if point is not None:
                path += f"{'L' if before is not None else 'M'}{point[0]:.1f} {point[1]:.1f}"
        parts.append(Markup('<path class="chart-line tone-{}" d="{}" fill="none"/>').format(one.tone, path))
        parts += [
            Markup('<circle class="chart-dot tone-{}" cx="{:.1f}" cy="{:.1f}" r="3"/>').format(one.tone, *point)
            for point in points
            if point is not None
        ]
    return Markup("").join([*parts, _days(labels, step), _legend(series), Markup("</svg>")])


def nice_top(most: float) -> float:
    """The end of a scale: 4, 10, 20, 40, 100... not below `most`, so that its quarters are easy to read."""
    if most <= 4:
        return 4
    power = 10 ** int(log10(most))
    return next(float(factor * power) for factor in (1, 2, 4, 6, 8, 10) if factor * power >= most)


def _open(name: str, title: str, told: str, height: int) -> Markup:
    return Markup(
        '<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-title {name}-told">'
        '<title id="{name}-title">{title}</title><desc id="{name}-told">{told}</desc>'
    ).format(width=WIDTH, height=height, name=escape(name), title=title, told=told)


def _told(labels: Sequence[str], series: Sequence[Series], *, percent: bool = False) -> str:
    """The chart in a sentence for whoever hears it; the numbers of each day are in the table."""
    said = []
    for one in series:
        values = [(value, label) for value, label in zip(one.values, labels, strict=True) if value is not None]
        if values:
            high, day = max(values)
            said.append(
                f"{one.name}: highest {high:.0%} on {day}" if percent else f"{one.name}: most {high:g} on {day}"
            )
    return "; ".join(said) or "Nothing in this period"


def _grid(top: float, form: str) -> Markup:
    return Markup("").join(
        Markup(
            '<line class="chart-grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>'
            '<text class="chart-tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>'
        ).format(PLOT_LEFT, WIDTH - 8, y, y, PLOT_LEFT - 6, y + 4, form.format(top * quarter / 4))
        for quarter in range(5)
        for y in (PLOT_TOP + PLOT_HEIGHT * (1 - quarter / 4),)
    )


def _days(labels: Sequence[str], step: float) -> Markup:
    every = max(1, ceil(len(labels) / FEWEST_LABELS))
    return Markup("").join(
        Markup('<text class="chart-tick" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
            PLOT_LEFT + (index + 0.5) * step, PLOT_TOP + PLOT_HEIGHT + 18, label
        )
        for index, label in enumerate(labels)
        if index % every == 0
    )


def _legend(series: Sequence[Series]) -> Markup:
    parts, left = [], PLOT_LEFT
    for one in series:
        parts.append(
            Markup(
                '<rect class="chart-bar tone-{}" x="{}" y="{}" width="12" height="12" rx="2"/>'
                '<text class="chart-tick" x="{}" y="{}">{}</text>'
            ).format(one.tone, left, PLOT_TOP + PLOT_HEIGHT + 30, left + 18, PLOT_TOP + PLOT_HEIGHT + 40, one.name)
        )
        left += 36 + 8 * len(one.name)
    return Markup("").join(parts)
