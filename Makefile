# make test needs Go alone. make ci is what continuous integration runs.
GO     ?= go
FUZZ   ?= 30s
LINTER  = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: build test lint rules golden fuzz bench interop-latex ci

# Without cgo the binary needs no shared libraries, and starts faster.
build:
	CGO_ENABLED=0 $(GO) build -o bin/matdiff ./cmd/matdiff

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
	$(GO) test ./cmd/matdiff ./internal/parser ./internal/rules ./internal/printer -update

fuzz:
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZ) $$p || exit 1; \
	  done; \
	done

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# Formulas for documents, given to KaTeX, pdflatex, pandoc and Typst, which are installed if they are missing.
interop-latex:
	.ci/interop-latex

ci:
	.ci/run
