package printer

import (
	"encoding/xml"
	"errors"
	"io"
	"math/rand"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"matdiff/internal/expr"
	"matdiff/internal/randexpr"
)

// style returns the i-th of all styles, over and over again.
func style(i int) Style {
	n, m := len(Transposes), len(Bolds)
	return Style{Transposes[i%n], Bolds[i/n%m], Operators[i/n/m%len(Operators)]}
}

// An expression, and below it what is printed for it in three styles of LaTeX, and as MathML and Typst.
func TestDisplayGolden(t *testing.T) {
	const path = "testdata/display.txt"
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(old)) {
		if strings.HasPrefix(line, "\t") {
			continue
		}
		out.WriteString(line)
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		n, err := parse(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		for _, text := range []string{
			Style{"T", "mathbf", "operatorname"}.LaTeX(n), Style{"prime", "boldsymbol", "macro"}.LaTeX(n),
			Style{"mathsf", "none", "mathop"}.LaTeX(n), PlainStyle().MathML(n), PlainStyle().Typst(n),
		} {
			out.WriteString("\t" + text + "\n")
		}
	}
	compare(t, path, string(old), out.String())
}

// mathMLCore are elements of MathML Core and how many arguments they have; -1 for any number.
var mathMLCore = map[string]int{
	"math": -1, "mrow": -1, "mi": 0, "mn": 0, "mo": 0, "mtext": 0, "mspace": 0,
	"mfrac": 2, "msqrt": -1, "msub": 2, "msup": 2, "msubsup": 3,
}

// mathMLAttributes are the attributes that are used, as MathML Core has them.
var mathMLAttributes = []string{"xmlns", "mathvariant=normal", "form=prefix", "form=postfix", "fence=true", "stretchy=true", "width=1em"}

// mathMLFault returns what keeps text from being MathML Core, if anything.
func mathMLFault(text string) string {
	decoder := xml.NewDecoder(strings.NewReader(text))
	type element struct {
		name string
		args int
	}
	open := []element{{name: ""}}
	for {
		token, err := decoder.Token()
		switch {
		case errors.Is(err, io.EOF) && open[0].args == 1:
			return ""
		case err != nil:
			return err.Error()
		}
		switch token := token.(type) {
		case xml.StartElement:
			open[len(open)-1].args++
			if _, ok := mathMLCore[token.Name.Local]; !ok || len(open) > 1 && token.Name.Local == "math" {
				return "<" + token.Name.Local + ">"
			}
			for _, a := range token.Attr {
				if !slices.Contains(mathMLAttributes, a.Name.Local) && !slices.Contains(mathMLAttributes, a.Name.Local+"="+a.Value) {
					return "attribute " + a.Name.Local
				}
			}
			open = append(open, element{name: token.Name.Local})
		case xml.EndElement:
			last := open[len(open)-1]
			open = open[:len(open)-1]
			if want := mathMLCore[last.name]; want >= 0 && last.args != want {
				return "<" + last.name + "> with too few or too many arguments"
			}
		case xml.CharData:
			if name := open[len(open)-1].name; mathMLCore[name] != 0 && len(strings.TrimSpace(string(token))) > 0 {
				return "text in <" + name + ">"
			}
		}
	}
}

func TestMathMLIsCore(t *testing.T) {
	for seed := range int64(2000) {
		b := expr.NewBuilder()
		n := random(b, seed)
		x := randexpr.Variables[int(seed)%len(randexpr.Variables)]
		left := Left{Symbol: Symbol(seed % 4), Of: b.Variable("f", expr.Scalar, 0), By: []*expr.Node{b.Variable(x.Name, x.Shape, x.Props)}}
		text := style(int(seed)).Equation(left, n).MathML()
		if fault := mathMLFault(text); fault != "" {
			t.Fatalf("seed %d: %s in %s", seed, fault, text)
		}
	}
	for _, faulty := range []string{"", "<math>", "<math><mi>x</mi></math><math></math>", "<math><mfenced></mfenced></math>",
		"<math><msub><mi>x</mi></msub></math>", `<math><mi mathvariant="bold">x</mi></math>`, "<math>x</math>"} {
		if mathMLFault(faulty) == "" {
			t.Errorf("%s passes for MathML", faulty)
		}
	}
}

var (
	latexCommands = regexp.MustCompile(`\\([A-Za-z]+|.)`)
	harmless      = regexp.MustCompile(`^[A-Za-z0-9{}_^ ]*$`)
	typstStrings  = regexp.MustCompile(`"(\\.|[^"\\])*"`)
	typstNames    = regexp.MustCompile(`^[\p{L}\p{M}\p{N}_() ]*$`)
)

// Whatever a name is made of, it stays a name: nothing of it is a command in LaTeX, a tag in MathML, or code in Typst.
func TestNamesAreEscaped(t *testing.T) {
	alphabet := []rune("aWxT19_₂éñ\u0302αφΣϵжß矩ℝ𝐀%#$&~^\\{}<>\"'`;]/ -")
	known := []string{"_", "mathit", "mathbf", "mathrm", "boldsymbol"}
	for _, accent := range latexAccents {
		known = append(known, accent[1:])
	}
	for _, name := range greekNames {
		known = append(known, name)
	}
	rng := rand.New(rand.NewSource(1))
	for i := range 20000 {
		var runes []rune
		for range 1 + rng.Intn(6) {
			runes = append(runes, alphabet[rng.Intn(len(alphabet))])
		}
		b := expr.NewBuilder()
		x := b.Variable(string(runes), expr.Vector(expr.Named("n")), 0)
		s := style(i)

		latex := s.LaTeX(x)
		for _, command := range latexCommands.FindAllStringSubmatch(latex, -1) {
			if !slices.Contains(known, command[1]) {
				t.Fatalf("%q: the command %s in %s", x.Name, command[0], latex)
			}
		}
		if fault := latexFault(latex); fault != "" || !harmless.MatchString(latexCommands.ReplaceAllString(latex, "")) {
			t.Fatalf("%q is %s in LaTeX: %s", x.Name, latex, fault)
		}
		if fault := mathMLFault(s.MathML(x)); fault != "" {
			t.Fatalf("%q is %s in MathML: %s", x.Name, s.MathML(x), fault)
		}
		if typst := s.Typst(x); !typstNames.MatchString(typstStrings.ReplaceAllString(typst, "")) {
			t.Fatalf("%q is %s in Typst", x.Name, typst)
		}
	}
}

// Names that differ look different.
func TestNamesAreToldApart(t *testing.T) {
	b := expr.NewBuilder()
	v := func(name string) *expr.Node { return b.Variable(name, expr.Square(expr.Named("n")), 0) }
	n := b.New(expr.Product, v("W1"), v("W_1"), v("alpha"), v("α"), v("W₁"))
	for _, text := range []string{PlainStyle().LaTeX(n), PlainStyle().Typst(n)} {
		words := strings.Fields(text)
		slices.Sort(words)
		if len(words) != 5 || len(slices.Compact(words)) != 5 {
			t.Errorf("names look alike in %s", text)
		}
	}
}

// A wrap has one formula in it, and environments do not stand in each other but for aligned.
func TestWraps(t *testing.T) {
	b := expr.NewBuilder()
	x := b.Variable("x", expr.Vector(expr.Named("n")), 0)
	for seed := range int64(300) {
		s := style(int(seed))
		e := s.Equation(Left{Symbol: Nabla, Of: b.Variable("f", expr.Scalar, 0), By: []*expr.Node{x}}, random(expr.NewBuilder(), seed))
		for _, wrap := range Wraps {
			text := strings.Join(s.Wrap(wrap, [][]Row{e.Rows()}, "\n"), "\n")
			if fault := latexFault(strings.NewReplacer(`\\`, "", `\[`, "", `\]`, "").Replace(text)); fault != "" {
				t.Fatalf("%s: %s in %s", wrap, fault, text)
			}
			if strings.Count(text, `\begin`) != strings.Count(text, `\end`) || wrap == "align" && strings.Contains(text, "aligned") {
				t.Fatalf("%s: %s", wrap, text)
			}
		}
		if line := e.LaTeX(); strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Fatalf("%q is not a line of ASCII", line)
		}
	}
}
