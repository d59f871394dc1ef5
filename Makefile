# make demo | test | digests | lint | bench | soak | browser. Needs Python 3.11 or newer; everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test digests lint bench soak browser strangers mutants clean

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Steward needs Python 3.11 or newer; set PYTHON=…")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[sandbox,dev,strangers]'
	@touch $@

demo: $(READY)
	@$(BIN)/steward demo $(if $(ONCE),--once)

# Four processes on two cores: stories about processes and outages wait. What was compiled is kept, and out of the tree.
test: $(READY)
	PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(CURDIR)/.venv/bytecode $(BIN)/python -m pytest -n 4 --dist worksteal $(ARGS)

# What each policy's version and wording stand for, from 200 generated worlds. At a release: make digests RELEASE=1
digests: $(READY)
	$(BIN)/python -m tests.policy_digests $(if $(RELEASE),--release)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# In a real Chromium. Where there is none it is installed, or else the reason why not is said and nothing fails.
browser: $(READY)
	@command -v chromium >/dev/null || { apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
	  apt-get -qq install --yes --no-install-recommends chromium fonts-dejavu-core; } >/dev/null 2>&1 || true
	@if ! command -v chromium >/dev/null; then echo "browser tests skipped: no chromium here, and apt-get did not install it"; \
	elif ! $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[sandbox,dev,browser]'; then \
	  echo "browser tests skipped: pip did not install Playwright"; \
	else $(BIN)/python -m pytest -n 2 tests/browser $(ARGS); fi

# splink is only what the duplicate finder is measured against; where pip does not get it, that line says so.
bench: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[sandbox,dev,bench]' 2>/dev/null || true
	@for bench in policies pass lists idle sandbox duplicates; do $(BIN)/python -m benchmarks.bench_$$bench 2>/dev/null || exit 1; done

# A month in some minutes: an accelerated clock, real HTTP, outages of both services, a restart a day. SOAK="3 8" for three days of 8 passes.
soak: $(READY)
	@$(BIN)/python -m benchmarks.soak $(SOAK) 2>/dev/null

# Faults put into the code one at a time; which tests find them. N=100 SEED=11 takes about half an hour. QUICK=1 N=4 is what CI runs.
mutants: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[sandbox,dev,mutants]'
	@$(BIN)/python -m tests.mutants --count $(or $(N),100) --seed $(or $(SEED),11) $(if $(QUICK),--quick)

# gspread's own suite and its recordings of the real service, from a checkout of burnash/gspread at v6.2.1.
strangers: $(READY)
	@$(BIN)/python -m tests.strangers.gspread_suite $(if $(GSPREAD),$(GSPREAD),/nowhere)

clean:
	rm -rf .venv dist build
