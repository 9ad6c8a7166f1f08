"""The page of a score: figures, plots and the worst misses in one HTML file, for an installer."""

from base64 import b64encode
from collections.abc import Mapping
from html import escape
from pathlib import Path

from edge.cameras.picture_file import pack, read_picture
from edge.eval.drawing import drawn
from edge.eval.score import Bounded, Figure, Miss, Rate, Score
from models.errors import CameraFault
from recognition.face import Pixels

_MOST_MISSES = 60
_WIDTH, _QUALITY = 320, 80

_STYLE = """
:root { color-scheme: light dark; --ink: #1b2733; --soft: #6b7885; --paper: #fff; --card: #f4f6f8;
  --line: #c7d0d9; --one: #1a7f4b; --two: #c0392b; --three: #2467a8; --four: #a8741a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #97a3af; --paper: #12181f;
  --card: #1c242d; --line: #3a4652; --one: #4cc38a; --two: #ff7b6b; --three: #6fb1f0;
  --four: #e0b05a; } }
body { margin: 2rem auto; max-width: 76rem; padding: 0 1rem; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } h3 { font-size: 1rem; }
section { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }
article { background: var(--card); border-radius: 10px; padding: 1rem; }
article img { max-width: 48%; border-radius: 6px; } p { margin: .2rem 0; }
.soft { color: var(--soft); font-size: .85rem; } h3 { margin: 0 0 .4rem; overflow-wrap: anywhere; }
svg { width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 10px; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { text-align: left; padding: .3rem .8rem; border-bottom: 1px solid var(--line); }
td.figure { font-variant-numeric: tabular-nums; text-align: right; }
"""


def page(title: str, score: Score) -> str:
    """Return the whole page; it needs no other file and no network.

    A picture that cannot be read any more is left out; its words stay.
    """
    shown = score.misses[:_MOST_MISSES]
    more = len(score.misses) - len(shown)
    rest = f"<p class=soft>and {more} more</p>" if more else ""
    notes = "".join(f"<p>{escape(note)}</p>" for note in score.notes)
    plots = "".join(f"<article>{drawn(plot)}</article>" for plot in score.plots)
    kinds = "".join(
        f"<h3>{escape(kind)}</h3>{_table(figures)}" for kind, figures in score.kinds.items()
    )
    misses = "".join(_card(miss) for miss in shown)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Kuahu: {escape(title)}</title>
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>
<body><h1>{escape(title)}</h1>
{notes}{_table(score.figures)}{kinds}
<section>{plots}</section>
<h2>Misses ({len(score.misses)})</h2>
<section>{misses}</section>{rest}</body></html>
"""


def _table(figures: Mapping[str, Figure]) -> str:
    rows = "".join(
        f"<tr><td>{escape(key)}</td><td class=figure>{_worded(figure)}</td>"
        f"<td class=soft>{_bounds(figure)}</td></tr>"
        for key, figure in figures.items()
    )
    return f"<table><tbody>{rows}</tbody></table>"


def _worded(figure: Figure) -> str:
    value = figure.value if isinstance(figure, Rate | Bounded) else figure
    if value is None:
        return "does not apply"
    return f"{value:.4g}" if isinstance(value, float) else escape(str(value))


def _bounds(figure: Figure) -> str:
    if not isinstance(figure, Rate | Bounded) or figure.lo is None or figure.hi is None:
        return ""
    count = f"{figure.hits} of {figure.n}, " if isinstance(figure, Rate) else ""
    return f"{count}95 %: {figure.lo:.4f} to {figure.hi:.4f}"


def _card(miss: Miss) -> str:
    pictures = "".join(_embedded(picture) for picture in miss.pictures)
    return (
        f"<article><h3>{escape(miss.title)}</h3>{pictures}"
        f"<p class=soft>{escape(miss.why)}</p></article>"
    )


def _embedded(picture: Path | Pixels) -> str:
    try:
        pixels = read_picture(picture) if isinstance(picture, Path) else picture
        content = b64encode(pack(pixels, _WIDTH, _QUALITY)).decode()
    except CameraFault:
        return ""
    return f'<img alt="" src="data:image/jpeg;base64,{content}">'
