# `make help` lists what there is; every target is one line in plain words.
.POSIX:
.PHONY: help setup run test check check-long bench wheels image archive fmt

help: ## list these targets
	@sed -n 's/^\([a-z-]*\): .*## \(.*\)/\1	\2/p' Makefile | while IFS='	' read -r name text; do \
		printf '  make %-11s %s\n' "$$name" "$$text"; done

setup: ## set up all that running, testing and checking need
	@./setup test

run: ## set up what is missing, then start the demo compound
	@./run

test: ## set up what is missing, then run every test but the long forms
	@./test

check: setup ## format, lint, types, layers, browser sources
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	@./setup npm run --silent check

check-long: ## run the long forms of the tests
	@./test -m long

bench: setup ## print figures, one JSON object a line (make -s bench NAME=P6)
	@.venv/bin/python -m tests.bench $(NAME)

wheels: setup ## list run-time packages without a wheel for x86-64 or aarch64
	@.venv/bin/python tests/unit/test_house_wheels.py

image: ## build the container image (docker or podman; OPTIONS=... are passed on)
	@packaging/image $(OPTIONS)

archive: ## make one archive that installs on a box with no network, into dist/
	@./setup run
	@packaging/archive dist $(OPTIONS)

fmt: setup ## format the Python sources and apply the safe fixes
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .
