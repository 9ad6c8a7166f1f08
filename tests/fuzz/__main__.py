"""Feeds one target with atheris: `python -m tests.fuzz TARGET [libFuzzer's options]`."""

import importlib
import sys

import atheris  # type: ignore[import-untyped,unused-ignore] # and absent on some machines

from tests.fuzz.targets import TARGETS


def main() -> None:
    """Feed until told to stop by `-runs=N` or a failing input, which is kept beside the caller."""
    target = TARGETS[sys.argv.pop(1)]
    with atheris.instrument_imports(include=list(target.instrumented)):
        module = importlib.import_module(target.module)
    atheris.Setup(sys.argv, module.feed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
