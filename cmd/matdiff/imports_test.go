package main

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestNoNetwork holds that nothing in the program reaches for the network or for other programs: one package only, pflag,
// imports package net, for the addresses in it, and nothing that connects is linked.
func TestNoNetwork(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{$p := .ImportPath}}{{range .Imports}}{{$p}} {{.}}\n{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		importer, imported, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch imported {
		case "net":
			if importer != "github.com/spf13/pflag" {
				t.Errorf("%s imports net", importer)
			}
		case "net/http", "net/rpc", "crypto/tls", "os/exec", "plugin", "log/syslog":
			t.Errorf("%s imports %s", importer, imported)
		}
	}
	binary := filepath.Join(t.TempDir(), "matdiff")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	symbols, err := exec.Command("go", "tool", "nm", binary).Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(symbols), " main.main\n") {
		t.Fatal("the binary has no symbols")
	}
	if found := regexp.MustCompile(`(?m) (net\.\(\*(Dialer|Resolver|ListenConfig)\)|net\.(Dial|Listen|Lookup)|syscall\.([Ss]ocket|[Cc]onnect)|os/exec\.|os\.StartProcess).*$`).FindString(string(symbols)); found != "" {
		t.Errorf("the binary has%s", found)
	}
}

// TestDependencies compares the dependencies that CONTRIBUTING.md gives reasons for with those of go.mod.
func TestDependencies(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	needed, explained := map[string]bool{}, map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(string(mod), -1) {
		needed[m[1]] = true
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9.-]+/[^`]+)` \\| .+ \\|$").FindAllStringSubmatch(string(guide), -1) {
		explained[m[1]] = true
	}
	if len(needed) == 0 || !maps.Equal(needed, explained) {
		t.Errorf("go.mod needs %v, CONTRIBUTING.md gives reasons for %v", slices.Sorted(maps.Keys(needed)), slices.Sorted(maps.Keys(explained)))
	}
}

// TestImportOrder holds the order of the packages: each imports only those of a lower rank.
func TestImportOrder(t *testing.T) {
	rank := map[string]int{
		"matdiff/internal/expr":       0,
		"matdiff/internal/proctime":   0,
		"matdiff/internal/parser":     1,
		"matdiff/internal/numfile":    0,
		"matdiff/internal/randexpr":   1,
		"matdiff/internal/simplify":   1,
		"matdiff/internal/plan":       1,
		"matdiff/internal/rules":      2,
		"matdiff/internal/numcheck":   2,
		"matdiff/internal/printer":    2,
		"matdiff/internal/document":   2,
		"matdiff/internal/diagnose":   3,
		"matdiff/internal/codegen":    3,
		"matdiff/internal/derivation": 3,
		"matdiff/internal/index":      3,
		"matdiff/internal/trust":      4,
		"matdiff/cmd/matdiff":         4,
	}
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "matdiff/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		own, ok := rank[p.ImportPath]
		if !ok {
			t.Errorf("%s has no rank here", p.ImportPath)
		}
		for _, i := range p.Imports {
			if r, ours := rank[i]; ours && r >= own {
				t.Errorf("%s imports %s, which is not below it", p.ImportPath, i)
			}
		}
	}
}
