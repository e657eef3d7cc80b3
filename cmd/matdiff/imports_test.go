package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// TestImportOrder holds the order of the packages: each imports only those of a lower rank.
func TestImportOrder(t *testing.T) {
	rank := map[string]int{
		"matdiff/internal/expr":       0,
		"matdiff/internal/parser":     1,
		"matdiff/internal/numfile":    0,
		"matdiff/internal/randexpr":   1,
		"matdiff/internal/simplify":   1,
		"matdiff/internal/rules":      2,
		"matdiff/internal/numcheck":   2,
		"matdiff/internal/printer":    2,
		"matdiff/internal/document":   2,
		"matdiff/internal/diagnose":   3,
		"matdiff/internal/derivation": 3,
		"matdiff/internal/index":      3,
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
