# make test needs Go alone. make ci is what continuous integration runs.
GO     ?= go
FUZZ   ?= 20s
N      ?= 10000
SEED   ?= 1
PYTHON ?= python3
LINTER  = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
VULNS   = golang.org/x/vuln/cmd/govulncheck@v1.9.0
TARGETS = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64 js/wasm

.PHONY: build test lint rules golden fuzz bench cross reproducible vulns bench-cost interop interop-code interop-latex trust trust-check ci

# Without cgo the binary needs no shared libraries, and starts faster; without paths it is the same wherever it is built.
BUILD = CGO_ENABLED=0 $(GO) build -trimpath
build:
	$(BUILD) -o bin/matdiff ./cmd/matdiff

test:
	$(GO) test ./...

lint:
	$(GO) vet ./...
	test -z "$$(gofmt -l .)"
	$(GO) run $(LINTER) run

# The rule book checked line by line against finite differences.
rules:
	$(GO) test ./internal/rules

# Rewrites the expected output of the tests: read the difference before committing it.
golden:
	$(GO) test ./cmd/matdiff ./internal/codegen ./internal/parser ./internal/rules ./internal/printer -update

# Go's fuzzer may report the end of a -fuzztime as a failure (golang/go#75804, mended in Go 1.27), and the end of the time
# for making an input smaller as a crash (golang/go#52569): it is ended by an interrupt, and given runs.
fuzz:
	@mkdir -p bin/fuzz
	@for d in $$(grep -rl --include='*_test.go' '^func Fuzz' cmd internal | xargs -n1 dirname | sort -u); do \
	  $(GO) test -c -fuzz . -o bin/fuzz/$$(basename $$d).test ./$$d || exit 1; \
	  for f in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' $$d/*_test.go); do \
	    echo "== $$f"; \
	    (cd $$d && timeout --foreground --preserve-status --signal=INT $(FUZZ) $(CURDIR)/bin/fuzz/$$(basename $$d).test -test.run '^$$' \
	      -test.fuzz "^$$f\$$" -test.fuzzminimizetime 100x -test.fuzzcachedir $(CURDIR)/bin/fuzz/$$(basename $$d)) || exit 1; \
	  done; \
	done

# Builds for every system, and runs the one for JavaScript if there is a node.
cross:
	@for t in $(TARGETS); do \
	  echo $$t; \
	  GOOS=$${t%/*} GOARCH=$${t#*/} $(BUILD) -o bin/cross/matdiff-$${t%/*}-$${t#*/} ./cmd/matdiff || exit 1; \
	done
	@runner=$$($(GO) env GOROOT)/lib/wasm/wasm_exec_node.js; \
	if command -v node >/dev/null && [ -f "$$runner" ]; then \
	  test "$$(node --stack-size=8192 "$$runner" bin/cross/matdiff-js-wasm grad 'tr(A*X*B)' --wrt X)" = "A'*B'" && echo "js/wasm runs"; \
	else \
	  echo '!! no node: the build for JavaScript is not run' >&2; \
	fi

# The last commit, built in two places, gives one binary.
reproducible:
	@a=$$(mktemp -d) && b=$$(mktemp -d) && trap 'rm -rf "$$a" "$$b"' EXIT && \
	for d in "$$a" "$$b"; do git clone -q . "$$d/matdiff" && (cd "$$d/matdiff" && $(BUILD) -o ../out ./cmd/matdiff) || exit 1; done && \
	cmp "$$a/out" "$$b/out" && sha256sum "$$a/out" | cut -c1-64

vulns:
	$(GO) run $(VULNS) ./...

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# What generated NumPy functions cost, against PyTorch: needs NumPy, SciPy and PyTorch, and a fast BLAS such as OpenBLAS.
bench-cost: build
	$(PYTHON) bench/cost.py --bin bin/matdiff

# What is generated for other programs, given to these.
interop: interop-code interop-latex

# Generated functions, run in their own languages, which are installed if they are missing.
interop-code:
	.ci/interop-code

# Formulas for documents, given to KaTeX, pdflatex, pandoc and Typst, which are installed if they are missing.
interop-latex:
	.ci/interop-latex

# Random expressions against finite differences, PyTorch, NumPy, and claims known to be right or wrong: see TRUST.md.
trust:
	$(GO) run ./internal/trust -n $(N) -seed $(SEED)

trust-check:
	$(GO) run ./internal/trust -check -n $(N) -seed $(SEED)

ci:
	.ci/run
