# Two commands are all anyone types: `make start` and `make test`.
# DAY=day1 names the lab, PYTHON=python3.12 the interpreter, WHEELS=DIR installs without a package index.

DAY ?= day3
export PYTHON WHEELS

.DEFAULT_GOAL := help
.PHONY: help start test check bench clean

help: ## This list
	@echo "qlab: learn message queues in your terminal"
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r what why; do printf '%-14s %s\n' "$$what" "$$why"; done

start: ## Install qlab into .venv if needed and start a lab (DAY=day3)
	@scripts/env
	@.venv/bin/qlab start $(DAY)

test: ## Everything a submission must pass: lint, types, tests, real services
	@scripts/test

check: ## Lint and types only: fast
	@scripts/env test
	@scripts/lint

bench: ## Every number the README states
	@scripts/env test
	@.venv/bin/python -m benchmarks

clean: ## Remove .venv and caches, nothing else
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
