"""`kuahu eval codes` counts what is read, what is read wrongly and what is read from nothing."""

import base64
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from config.settings import Recognition
from edge.eval.codes import score
from edge.eval.labels import Unusable
from edge.eval.line import line
from edge.eval.score import Score
from tests.fakes.data import need
from tests.fakes.hard_codes import drawn, hard_frame

_KEYS = ("n", "read", "wrong", "false_on_negatives", "ms_p50", "ms_p50_empty")


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _folder(root: Path, rows: list[str], header: str = "file,label,text_b64,doubtful") -> Path:
    Image.fromarray(drawn("KH1:A", 200)).save(root / "a.png")
    Image.fromarray(drawn("line\r\nend", 200)).save(root / "b.png")
    Image.fromarray(np.full((200, 200), 90, np.uint8)).save(root / "none.png")
    (root / "broken.png").write_bytes(b"no picture")
    (root / "labels.csv").write_text("\n".join([header, *rows]), "utf-8")
    return root


def _scored(folder: Path) -> Score:
    return score(folder, Recognition(), lambda _: None)


def test_each_outcome_is_counted_once(tmp_path: Path) -> None:
    rows = [
        f"a.png,x,{_coded('KH1:A')},",
        f"b.png,x,{_coded('line' + chr(10) + 'end')},",
        f"a.png,x,{_coded('KH1:OTHER')},",
        f"a.png,x,{_coded('KH1:DOUBT')},1",
        f"none.png,x,{_coded('KH1:A')},",
        f"broken.png,x,{_coded('KH1:A')},",
        "none.png,,,",
        "a.png,,,",
    ]
    score = _scored(_folder(tmp_path, rows))
    assert [score.figures[key] for key in _KEYS[:4]] == [6, 2, 1, 1]
    assert all(isinstance(score.figures[key], float) for key in _KEYS[4:])
    assert tuple(score.figures)[:6] == _KEYS
    titles = [miss.title for miss in score.misses]
    assert sorted(titles) == ["a.png", "a.png", "a.png", "broken.png", "none.png"]
    assert titles[0] == "a.png", "what is wrong comes first"


def test_a_table_without_coded_texts_is_read_by_its_labels(tmp_path: Path) -> None:
    score = _scored(_folder(tmp_path, ["a.png,KH1:A", "none.png,"], "file,label"))
    assert (score.figures["n"], score.figures["read"], score.figures["n_empty"]) == (1, 1, 1)


def test_without_any_empty_picture_its_time_does_not_apply(tmp_path: Path) -> None:
    said = line(_scored(_folder(tmp_path, ["a.png,KH1:A"], "file,label")))
    assert '"ms_p50_empty": null' in said


def test_a_text_that_is_no_base64_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"a\.png.*text_b64"):
        _scored(_folder(tmp_path, ["a.png,x,%%%,"]))


def test_a_code_in_the_dark_is_read_that_the_bare_reader_misses(tmp_path: Path) -> None:
    rows = ["file,label"]
    for seed in range(700, 706):
        hard = hard_frame("dark", seed)
        Image.fromarray(hard.pixels).save(tmp_path / f"{seed}.png")
        rows.append(f'{seed}.png,"{hard.text}"')
    (tmp_path / "labels.csv").write_text("\n".join(rows), "utf-8")
    figures = _scored(tmp_path).figures
    read, bare = figures["read"], figures["read_bare"]
    assert isinstance(read, int)
    assert isinstance(bare, int)
    assert bare < read <= figures["n"]  # type: ignore[operator] # a count


def test_the_evaluation_codes_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    figures = _scored(need("qr")).figures
    with capsys.disabled():
        print("\ncodes:", {key: figures[key] for key in figures})  # noqa: T201 - shown when it passes
    assert [figures[key] for key in ("n", "wrong", "false_on_negatives")] == [116, 0, 0]
    assert figures["read"] >= 115  # type: ignore[operator] # a count
