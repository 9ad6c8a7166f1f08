"""Drawing: plots of a score as SVG, in a few lines of our own."""

import math
from collections.abc import Sequence
from html import escape

from edge.eval.score import Curve, Histogram, Plot

_WIDE, _HIGH = 420, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 54, 44
_BINS = 40
_COLOURS = ("one", "two", "three", "four")
_LEAST = 1e-4
"""The lower end of a logarithmic axis."""


def drawn(plot: Plot) -> str:
    """Return the plot as a heading and an inline SVG."""
    body = _histogram(plot) if isinstance(plot, Histogram) else _curve(plot)
    label = escape(plot.title, quote=True)
    view = f'viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{label}"'
    return f"<h3>{escape(plot.title)}</h3><svg {view}>{body}</svg>"


def _histogram(plot: Histogram) -> str:
    finite = {
        name: [value for value in values if math.isfinite(value)]
        for name, values in plot.series.items()
    }
    shown = [*(value for values in finite.values() for value in values), *plot.marks.values()]
    low, high = (min(shown), max(shown)) if shown else (0.0, 1.0)
    high = high if high > low else low + 1.0
    parts = [_frame(plot.axis, "share", (f"{low:.3g}", f"{high:.3g}"), ("0", "most"))]
    for number, (name, values) in enumerate(finite.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        heights = _shares(values, low, high)
        top = max(heights, default=0.0) or 1.0
        steps = [
            f"L{_across(place / _BINS):.1f} {_down(height / top):.1f}"
            f"H{_across((place + 1) / _BINS):.1f}"
            for place, height in enumerate(heights)
        ]
        path = f"M{_across(0):.1f} {_down(0):.1f}{''.join(steps)}V{_down(0):.1f}Z"
        fill = f'fill="var(--{colour})" fill-opacity=".25" stroke="var(--{colour})"'
        parts.append(f'<path d="{path}" {fill}/>')
        parts.append(_legend(number, f"{name} ({len(values)})", colour))
    for name, value in plot.marks.items():
        across = _across((value - low) / (high - low))
        dash = 'stroke="var(--ink)" stroke-dasharray="4 3"'
        parts.append(f'<path d="M{across:.1f} {_TOP}V{_down(0):.1f}" {dash}/>')
        parts.append(_text(across + 3, _TOP + 8, f"{name} {value:.3f}"))
    return "".join(parts)


def _shares(values: Sequence[float], low: float, high: float) -> list[float]:
    counts = [0] * _BINS
    for value in values:
        counts[min(_BINS - 1, int((value - low) / (high - low) * _BINS))] += 1
    return [count / max(1, len(values)) for count in counts]


def _curve(plot: Curve) -> str:
    def place(value: float) -> float:
        if not plot.logarithmic:
            return min(1.0, max(0.0, value))
        return 1 - math.log10(max(_LEAST, min(1.0, value))) / math.log10(_LEAST)

    ends = (f"{_LEAST:g}" if plot.logarithmic else "0", "1")
    parts = [_frame(*plot.axes, ends, ends)]
    points = [(_across(place(x)), _down(place(y))) for x, y in plot.points]
    if points:
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        parts.append(f'<path d="{path}" fill="none" stroke="var(--one)" stroke-width="1.5"/>')
    for name, (x, y) in plot.marks.items():
        across, down = _across(place(x)), _down(place(y))
        parts.append(f'<circle cx="{across:.1f}" cy="{down:.1f}" r="4" fill="var(--two)"/>')
        parts.append(_text(min(across + 6, _WIDE - 90), down - 6, name))
    return "".join(parts)


def _frame(across: str, down: str, x_ends: tuple[str, str], y_ends: tuple[str, str]) -> str:
    left, right, top, bottom = _across(0), _across(1), _down(1), _down(0)
    return (
        f'<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="var(--line)"/>'
        + _text(left, bottom + 14, x_ends[0])
        + _text(right, bottom + 14, x_ends[1], "end")
        + _text((left + right) / 2, bottom + 28, across, "middle")
        + _text(left - 5, bottom, y_ends[0], "end")
        + _text(left - 5, top + 8, y_ends[1], "end")
        + f'<text transform="translate(12 {(top + bottom) / 2}) rotate(-90)" '
        f'text-anchor="middle">{escape(down)}</text>'
    )


def _legend(number: int, name: str, colour: str) -> str:
    down = 4 + 12 * number
    square = f'<rect x="{_WIDE - 150}" y="{down - 1}" width="8" height="8" fill="var(--{colour})"/>'
    return square + _text(_WIDE - 138, down + 7, name)


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _across(share: float) -> float:
    return _LEFT + (_WIDE - _LEFT - _RIGHT) * share


def _down(share: float) -> float:
    return _HIGH - _BOTTOM - (_HIGH - _TOP - _BOTTOM) * share
