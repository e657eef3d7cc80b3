package main

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jstemmer/go-junit-report/v2/junit"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestReportsAreRead checks equations of every verdict. The SARIF report is valid by the schema that OASIS publishes for version
// 2.1.0, and the JUnit report has every verdict when it is read back.
func TestReportsAreRead(t *testing.T) {
	folder := t.TempDir()
	sarif, junitFile := filepath.Join(folder, "r.sarif"), filepath.Join(folder, "r.xml")
	var stdout, stderr bytes.Buffer
	args := []string{
		"check", "../../testdata/example.txt", "../../testdata/example.tex", "../../testdata/documents/traces.md",
		"tr(A*B) = tr(B*A)", "tr(A*B = 1", "log(-exp(x)'*exp(x)) = 1", "--report", "sarif=" + sarif, "--report", "junit=" + junitFile,
	}
	if status := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr); status != exitInput {
		t.Fatalf("status %d: %s", status, stderr.String())
	}

	schema, err := jsonschema.NewCompiler().Compile("../../testdata/schema/sarif-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(sarif)
	if err != nil {
		t.Fatal(err)
	}
	report, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(report); err != nil {
		t.Errorf("%v", err)
	}

	text, err = os.ReadFile(junitFile)
	if err != nil {
		t.Fatal(err)
	}
	var suites junit.Testsuites
	if err := xml.Unmarshal(text, &suites); err != nil {
		t.Fatal(err)
	}
	var failed, faulty, skipped, cases int
	for _, s := range suites.Suites {
		for _, c := range s.Testcases {
			cases++
			switch {
			case c.Failure != nil:
				failed++
			case c.Error != nil:
				faulty++
			case c.Skipped != nil:
				skipped++
			}
		}
	}
	if failed != 2 || faulty != 1 || skipped != 2 || suites.Failures != failed || suites.Errors != faulty || suites.Skipped != skipped || suites.Tests != cases {
		t.Errorf("%d cases: %d failed, %d faulty, %d skipped; the report says %d: %d, %d, %d",
			cases, failed, faulty, skipped, suites.Tests, suites.Failures, suites.Errors, suites.Skipped)
	}
}
