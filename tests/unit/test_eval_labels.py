"""What a folder says of itself, or why it cannot be scored."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from edge.eval.face_rows import Role, shown
from edge.eval.labels import Row, Unusable, read_labels


def _folder(tmp_path: Path, table: str, *files: str) -> Path:
    (tmp_path / "labels.csv").write_text(table, "utf-8")
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def test_rows_come_trimmed_with_their_paths_also_of_missing_files(tmp_path: Path) -> None:
    table = "\ufefffile , label\n a/1.jpg , ann \nb.jpg,bob\n\n"
    rows = read_labels(_folder(tmp_path, table, "a/1.jpg"), ("label",))
    assert [(row.name, row["label"], row["role"]) for row in rows] == [
        ("a/1.jpg", "ann", ""),
        ("b.jpg", "bob", ""),
    ]
    assert rows[0].file == tmp_path / "a/1.jpg"


@pytest.mark.parametrize(
    ("table", "word"),
    [
        ("file,label\n", "names no file"),
        ("", "no column file, label"),
        ("file\na.jpg\n", "no column label"),
        ("name,label\na.jpg,x\n", "no column file"),
        ("file,label\ngone.jpg,x\n", "none of the 1 files"),
        ("file,label\n/etc/passwd,x\n", "outside of the folder"),
        ("file,label\n../a.jpg,x\n", "outside of the folder"),
        ('file,label\n"a.jpg,x\n', "cannot be read as a table"),
    ],
)
def test_an_unusable_table_says_why(tmp_path: Path, table: str, word: str) -> None:
    with pytest.raises(Unusable, match=word):
        read_labels(_folder(tmp_path, table, "a.jpg"), ("label",))


def test_a_missing_folder_or_table_says_what_to_make(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="is no folder"):
        read_labels(tmp_path / "gone", ("label",))
    with pytest.raises(Unusable, match="columns file,label"):
        read_labels(tmp_path, ("label",))
    (tmp_path / "labels.csv").write_bytes(b"file,label\n\xff\xfe,x\n")
    with pytest.raises(Unusable, match="UTF-8"):
        read_labels(tmp_path, ("label",))


def _row(cells: Mapping[str, str]) -> Row:
    return Row(Path(cells["file"]), cells["file"], dict(cells))


def _rows(header: str, *lines: str) -> tuple[Row, ...]:
    return tuple(_row(dict(zip(header.split(","), each.split(","), strict=True))) for each in lines)


def test_a_faces_folder_names_people_by_its_label() -> None:
    rows = _rows("file,label,role", "1.jpg,ann,enrol", "2.jpg,ann,probe", "3.jpg,eve,impostor")
    found = shown(rows, pytest.fail)
    assert [(each.identity, each.role, each.session) for each in found] == [
        ("ann", Role.ENROL, ""),
        ("ann", Role.PROBE, ""),
        ("eve", Role.IMPOSTOR, ""),
    ]


def test_a_liveness_folder_names_them_by_its_subject_and_gives_its_live_pictures() -> None:
    rows = _rows(
        "file,label,subject,role,session",
        "1.jpg,live,s1,enrol,01",
        "2.jpg,live,s1,probe,02",
        "3.jpg,print,s1,attack,02",
        "4.jpg,live,s2,probe,01",
        "5.mp4,live,s1,probe,03",
    )
    said: list[str] = []
    found = shown(rows, said.append)
    assert [(each.identity, each.role, each.session) for each in found] == [
        ("s1", Role.ENROL, "01"),
        ("s1", Role.PROBE, "02"),
        ("s2", Role.IMPOSTOR, "01"),
    ]
    assert len(said) == 1
    assert said[0].startswith("1 clips are left out")


def test_an_unknown_role_or_nobody_enrolled_is_unusable() -> None:
    with pytest.raises(Unusable, match="'guest' is none of enrol, probe, impostor"):
        shown(_rows("file,label,role", "1.jpg,ann,guest"), pytest.fail)
    with pytest.raises(Unusable, match="no picture with role enrol"):
        shown(_rows("file,label,role", "1.jpg,ann,probe"), pytest.fail)
