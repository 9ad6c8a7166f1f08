"""The page of a bench run: every row with its blocks drawn. Plain HTML and SVG, no other host."""

import math
from collections.abc import Mapping, Sequence
from html import escape

_WIDE, _HIGH = 340, 120
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 12, 22

_STYLE = """
:root { color-scheme: light dark; --ink: #1b2733; --soft: #6b7885; --paper: #fff; --card: #f4f6f8;
  --good: #1a7f4b; --bad: #c0392b; --line: #c7d0d9; --band: #1a7f4b22; --badband: #c0392b22; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #97a3af; --paper: #12181f;
  --card: #1c242d; --good: #4cc38a; --bad: #ff7b6b; --line: #3a4652; --band: #4cc38a22;
  --badband: #ff7b6b22; } }
body { margin: 2rem auto; max-width: 76rem; padding: 0 1rem; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.05rem; margin: 0; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(22rem, 1fr)); gap: 1rem; }
article { background: var(--card); border-radius: 10px; padding: 1rem; }
p { margin: .2rem 0; } .soft { color: var(--soft); font-size: .85rem; }
.ok { color: var(--good); } .missed { color: var(--bad); }
svg { width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 10px; }
table { border-collapse: collapse; margin: 1rem 0 2rem; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
td.figure { font-variant-numeric: tabular-nums; }
"""

Said = Mapping[str, object]


def page(rows: Sequence[Said], machine: str) -> str:
    """Return the page of `rows`, as they were printed with their blocks; `machine` in words."""
    cards = "\n".join(_card(row) for row in rows)
    lines = "\n".join(_line(row) for row in rows)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Kuahu bench</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>
<body><h1>Kuahu bench</h1>
<p class="soft">{escape(machine)}. Each dot is the ratio of one interleaved block; the solid line is
their median, the band their spread, the broken line the goal.</p>
<table><thead><tr><th>bench</th><th>ratio</th><th>spread</th><th>goal</th><th></th></tr></thead>
<tbody>{lines}</tbody></table>
<main>{cards}</main></body></html>
"""


def _line(row: Said) -> str:
    word, kind = _verdict(row)
    return (
        f"<tr><td>{escape(str(row['name']))}</td><td class=figure>{row['ratio']}</td>"
        f"<td class=figure>{row['lo']} – {row['hi']}</td>"  # noqa: RUF001 - a range is written so
        f"<td class=figure>{escape(_goal(row))}</td><td class={kind}>{word}</td></tr>"
    )


def _card(row: Said) -> str:
    word, kind = _verdict(row)
    blocks = row["blocks"]
    assert isinstance(blocks, Mapping)
    own = ", ".join(f"{value:g}" for value in blocks["ours"])
    theirs = ", ".join(f"{value:g}" for value in blocks["theirs"])
    against = f"<p class=soft>peer: {escape(theirs)} {escape(str(blocks['of']))}</p>"
    return f"""<article><h2>{escape(str(row["name"]))}
<span class="{kind}">{row["ratio"]} {word}</span></h2>
<p>{escape(str(row["unit"]))}</p>
<p class="soft">against {escape(str(row["peer"]))}; n = {row["n"]}</p>
{_plot(row)}
<p class="soft">ours: {escape(own)} {escape(str(blocks["of"]))}</p>
{against if theirs else ""}</article>"""


def _plot(row: Said) -> str:
    ratios = ratios_of(row)
    bar = row["goal"]
    shown = [*ratios, float(bar)] if isinstance(bar, int | float) else ratios
    low, high = _bounds(shown)

    def down(value: float) -> float:
        return _TOP + (_HIGH - _TOP - _BOTTOM) * (high - value) / (high - low)

    def across(number: int) -> float:
        return _LEFT + (_WIDE - _LEFT - _RIGHT) * (number + 0.5) / len(ratios)

    colour = "good" if row["ok"] else "bad"
    band = "band" if row["ok"] else "badband"
    top, bottom = down(max(ratios)), down(min(ratios))
    middle = down(float(str(row["ratio"])))
    right = _WIDE - _RIGHT
    parts = [
        _rectangle(top, bottom, band),
        f'<path d="M{_LEFT} {middle:.1f}H{right}" stroke="var(--{colour})" stroke-width="1.5"/>',
        *(
            f'<circle cx="{across(number):.1f}" cy="{down(value):.1f}" r="3.5" '
            f'fill="var(--{colour})"><title>{value:.4g}</title></circle>'
            for number, value in enumerate(ratios)
        ),
        *(
            f'<text x="{_LEFT - 6}" y="{down(value) + 3:.1f}" text-anchor="end">{value:.3g}</text>'
            for value in (low, high)
        ),
        f'<text x="{_LEFT}" y="{_HIGH - 6}">block 1 to {len(ratios)}</text>',
    ]
    if isinstance(bar, int | float):
        at = down(float(bar))
        parts.append(
            f'<path d="M{_LEFT} {at:.1f}H{right}" stroke="var(--ink)" stroke-dasharray="4 3"/>'
            f'<text x="{right}" y="{at - 4:.1f}" text-anchor="end">{escape(_goal(row))}</text>'
        )
    return f'<svg viewBox="0 0 {_WIDE} {_HIGH}" role="img">{"".join(parts)}</svg>'


def _rectangle(top: float, bottom: float, fill: str) -> str:
    wide, high = _WIDE - _RIGHT - _LEFT, max(1.0, bottom - top)
    place = f'x="{_LEFT}" y="{top:.1f}" width="{wide}" height="{high:.1f}"'
    return f'<rect {place} fill="var(--{fill})"/>'


def ratios_of(row: Said) -> list[float]:
    """Return the ratio of each block of a printed row."""
    blocks = row["blocks"]
    assert isinstance(blocks, Mapping)
    if not blocks["theirs"]:
        return [float(value) for value in blocks["ours"]]
    return [a / b for a, b in zip(blocks["ours"], blocks["theirs"], strict=True)]


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(0.0, *values), max(values)
    if not math.isfinite(high) or high <= low:
        return low, low + 1.0
    return low, high * 1.08


def _goal(row: Said) -> str:
    return "none" if row["goal"] is None else f"{row['op']} {row['goal']}"


def _verdict(row: Said) -> tuple[str, str]:
    if row["goal"] is None:
        return "", "soft"
    return ("held", "ok") if row["ok"] else ("missed", "missed")
