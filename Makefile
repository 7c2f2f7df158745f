# Each target works as the only command after a clone; it needs Python 3.11 or newer, and make.
# `make PYTHON=/path/to/python demo` chooses another interpreter.

VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000

.PHONY: help demo quick test lint format types docs translations screenshots bench clean

help:
	@echo "make demo    the comment box with stand-ins for the providers, on port $(PORT)"
	@echo "make quick   the tests that need no browser, server or second process"
	@echo "make test    all tests, in parallel (ARGS='-k guest' narrows them)"
	@echo "make lint    formatting, lint, and the floors of the house"
	@echo "make types   mypy, strict"
	@echo "make docs    the reference pages anew, and the documentation in site/"
	@echo "make translations   new sentences into the catalogues, and the catalogues compiled"
	@echo "make screenshots    the pictures in the documentation anew"
	@echo "make bench   what a login costs, beside what it must cost"
	@echo "make format  formats the code"

demo: $(VENV)/.demo
	@exec $(BIN)/sociallogin demo --port $(PORT)

quick: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not browser and not server" $(ARGS)

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: $(VENV)/.dev
	$(BIN)/mypy

docs: $(VENV)/.dev
	$(BIN)/python docs/generate.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# The login's own catalogues, and those of the demo's blog.

translations: $(VENV)/.dev
	@mkdir -p build
	$(EXTRACT) --output-file build/sociallogin.pot \
		src/sociallogin/errors.py src/sociallogin/guests.py src/sociallogin/web
	$(EXTRACT) --output-file build/demo.pot src/sociallogin/demo
	$(if $(LANGUAGE),$(BIN)/pybabel init --locale $(LANGUAGE) --domain sociallogin \
		--input-file build/sociallogin.pot --output-dir src/sociallogin/locale)
	$(if $(LANGUAGE),$(BIN)/pybabel init --locale $(LANGUAGE) --domain demo \
		--input-file build/demo.pot --output-dir src/sociallogin/demo/locale)
	$(BIN)/pybabel update $(UPDATE) --domain sociallogin --input-file build/sociallogin.pot \
		--output-dir src/sociallogin/locale
	$(BIN)/pybabel update $(UPDATE) --domain demo --input-file build/demo.pot \
		--output-dir src/sociallogin/demo/locale
	$(BIN)/pybabel compile --domain sociallogin --directory src/sociallogin/locale
	$(BIN)/pybabel compile --domain demo --directory src/sociallogin/demo/locale

EXTRACT = $(BIN)/pybabel extract --mapping-file babel.cfg --keywords 'translatable Failure:2' \
	--add-comments 'Translators:' --add-location file --sort-by-file --project sociallogin
UPDATE = --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

# By Chromium; look at them before you commit them.
screenshots: $(VENV)/.dev
	SOCIALLOGIN_SCREENSHOTS=1 $(BIN)/python -m pytest -q tests/browser/test_theming.py

bench: $(VENV)/.dev
	$(BIN)/python tests/benchmarks/run.py $(ARGS)

clean:
	rm -rf $(VENV) site

# An installation is as new as pyproject.toml, or it is made again.

$(VENV)/.demo: $(VENV)/.made pyproject.toml
	@echo "Installing the demo into $(VENV)"
	@$(BIN)/python -m pip install --quiet --editable '.[demo]'
	@touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml
	@echo "Installing everything for development into $(VENV)"
	@$(BIN)/python -m pip install --quiet --editable '.[all]' --group dev
	@touch $@ $(VENV)/.demo

# Dependency groups need pip 25.1.
$(VENV)/.made:
	@python=$$(sh .ci/python $(PYTHON)) && echo "Making $(VENV) with $$python" && \
		"$$python" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet 'pip>=25.1'
	@touch $@
