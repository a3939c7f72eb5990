# What one does with this project. `make` alone lists it. Everything it makes lies in .make, .venv and var.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

MAKE_DIR := $(CURDIR)/.make
UV := $(MAKE_DIR)/uv/bin/uv
RUN := .venv/bin

export UV_CACHE_DIR ?= $(MAKE_DIR)/cache/uv
export UV_PYTHON_INSTALL_DIR ?= $(MAKE_DIR)/python
export PLAYWRIGHT_BROWSERS_PATH ?= $(MAKE_DIR)/browsers
export npm_config_cache ?= $(MAKE_DIR)/cache/npm
export RASA_TELEMETRY_ENABLED := false
export PYTHONWARNINGS ?= ignore::DeprecationWarning

.PHONY: help run test explore train bench lint format check-content book evaluate demo demo-code talk setup

help: ## Show what there is
	@echo "Psoas: a triage assistant for lower backs and hips"; echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: train ## Set up, train if needed, and serve; prints the address when ready
	@exec $(RUN)/python -m bot.run

test: setup train $(MAKE_DIR)/browser ## Set up everything and run every check and every test
	@scripts/lint
	@echo "==> Running the tests"
	@PSOAS_TEST_BROWSER="$$(cat $(MAKE_DIR)/browser)" $(RUN)/pytest

explore: setup ## Try the property tests on new random examples
	@$(RUN)/pytest -m hypothesis --hypothesis-profile=explore --hypothesis-show-statistics -q

train: setup ## Train the assistant, if what it learns from has changed
	@$(RUN)/python -m scripts.train

bench: train ## Measure our running system beside a stock Rasa (6 minutes; more the first time)
	@$(RUN)/python -m bench.sizes
	@$(RUN)/python -m bench

lint: setup ## Check style, types, imports between rooms, and the widget's types
	@scripts/lint

format: setup ## Put the code into its standard layout
	@$(RUN)/ruff check --fix --quiet . ; $(RUN)/ruff format --quiet .

check-content: setup ## Check the reviewed medical content
	@$(RUN)/psoas content check

book: setup ## Print the content as one document, for whoever signs it off
	@$(RUN)/python -m bot.knowledge.book

evaluate: train ## Measure how well patients' words are read
	@$(RUN)/python -m tests.language.evaluate

demo: train ## Play 200 invented conversations, and open the staff console on them
	@$(RUN)/python -m scripts.demo

demo-code: ## Say how to log in to the demonstration, with the codes of this minute
	@$(RUN)/python -m scripts.demo --code

talk: setup ## Talk with the running assistant in the terminal
	@$(RUN)/psoas talk

setup: $(MAKE_DIR)/installed

$(UV):
	@echo "==> Setting up uv, which installs everything else"
	@command -v python3 >/dev/null || { echo "python3 is missing: install it (apt-get install python3 python3-venv)"; exit 1; }
	@python3 -m venv $(MAKE_DIR)/uv || { echo "python3 cannot make environments: apt-get install python3-venv"; exit 1; }
	@$(MAKE_DIR)/uv/bin/pip install --quiet --disable-pip-version-check --no-cache-dir uv \
		|| { rm -rf $(MAKE_DIR)/uv; echo "uv could not be installed: is the network up?"; exit 1; }

$(MAKE_DIR)/installed: $(UV) uv.lock pyproject.toml .python-version
	@echo "==> Installing the packages in uv.lock (the first time 2.5 GB; a few minutes)"
	@$(UV) sync --frozen \
		|| { echo "The packages could not be installed. If Python 3.10 was not found, install it or allow uv to"; \
		     echo "download it; then run the same command again: it goes on where it stopped."; exit 1; }
	@touch $@

$(MAKE_DIR)/browser: $(MAKE_DIR)/installed scripts/browser
	@scripts/browser > $@.new && mv $@.new $@
