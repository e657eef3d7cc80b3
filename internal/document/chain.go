package document

import (
	"slices"
	"strings"
)

// side is what stands between two equality signs.
type side struct {
	tokens []token
}

func (s side) span() (start, end int) {
	start, end = s.tokens[0].start, s.tokens[0].end
	for _, t := range s.tokens {
		start, end = min(start, t.start), max(end, t.end)
	}
	return start, end
}

// chain is a = b = c. A chain of one side may be continued by a formula that begins with an equality sign.
type chain struct {
	sides     []side
	continues bool // the formula begins with an equality sign
	defines   bool // the first equality sign is :=
}

// ignored are commands that change how a formula looks, not what it says; those with true take an argument, which goes
// as well.
var ignored = map[string]bool{
	"left": false, "right": false, "middle": false, "big": false, "Big": false, "bigg": false, "Bigg": false, "bigl": false,
	"bigr": false, "Bigl": false, "Bigr": false, "biggl": false, "biggr": false, "Biggl": false, "Biggr": false,
	"bigm": false, "!": false, ",": false, ";": false, ":": false, ">": false, " ": false, "/": false, "displaystyle": false,
	"textstyle": false, "scriptstyle": false, "limits": false, "nolimits": false, "nonumber": false, "notag": false,
	"hfill": false, "qedhere": false, "thinspace": false, "allowbreak": false, "mathstrut": false, "strut": false, "hline": false,
	"label": true, "tag": true, "phantom": true, "hphantom": true, "vphantom": true, "hspace": true, "vspace": true, "color": true,
	"intertext": true, "shortintertext": true, "footnote": true, "cite": true, "ref": true, "eqref": true,
}

// alignments are environments inside of a formula whose rows are rows of the formula.
var alignments = words(`aligned alignedat split gathered align gather equation multline eqnarray`)

// separators end an equation.
var separators = words(`quad qquad Rightarrow implies Longrightarrow iff Leftrightarrow Longleftrightarrow therefore because`)

// relations other than equality: what follows them is no longer claimed to be equal.
var relations = words(`approx le leq ge geq lt gt in notin propto sim simeq to rightarrow longrightarrow mapsto neq ne ll gg
	subset subseteq cong leftarrow gets prec succ preceq succeq colon forall`)

// equalities are the commands that mean =.
var equalities = map[string]bool{"triangleq": true, "equiv": false, "doteq": true, "coloneqq": true, "coloneq": true, "defeq": true, "eqdef": true}

// chains splits a formula into chains of equalities.
func chains(tokens []token) []chain {
	s := &splitter{}
	for i := 0; i < len(tokens); {
		i = s.step(tokens, i)
	}
	s.endChain()
	return s.out
}

type splitter struct {
	out      []chain
	current  chain
	side     []token
	depth    int
	broken   bool // after a relation that is no equality
	newRow   bool
	brackets []string // that are open
	opened   int      // where a \left stands that waits for its bracket, plus 1
}

func (s *splitter) step(tokens []token, i int) int {
	t := tokens[i]
	if n := len(s.brackets); t.command(" ") && n > 0 && s.brackets[n-1] == "[" { // separates entries
		s.side = append(s.side, t)
		return i + 1
	}
	if takes, ok := ignored[t.text]; ok && t.kind == tokenCommand {
		if t.text == "left" && s.opened == 0 {
			s.opened = t.start + 1
		}
		i++
		if takes {
			_, i = group(tokens, i)
		} else if i < len(tokens) && tokens[i].is(".") && (t.text == "left" || t.text == "right") {
			i++
		}
		return i
	}
	if t.is("~") {
		return i + 1
	}
	if t.command("begin") || t.command("end") {
		name, next := group(tokens, i+1)
		if alignments[strings.TrimSuffix(plain(name), "*")] {
			return next
		}
		if t.text == "begin" {
			s.depth++
		} else {
			s.depth--
		}
		s.side = append(s.side, tokens[i:next]...)
		return next
	}
	if s.depth == 0 {
		if next, ok := s.top(tokens, i); ok {
			return next
		}
	}
	switch {
	case t.kind == tokenSymbol && strings.Contains("{([", t.text), t.command("langle"):
		s.depth++
		s.brackets = append(s.brackets, t.text)
	case t.kind == tokenSymbol && strings.Contains("})]", t.text), t.command("rangle"):
		s.depth = max(s.depth-1, 0)
		s.brackets = s.brackets[:max(len(s.brackets)-1, 0)]
	}
	s.operator(t)
	if s.opened > 0 { // \left belongs to its bracket
		t.start, s.opened = min(t.start, s.opened-1), 0
	}
	s.side = append(s.side, t)
	return i + 1
}

// operator joins a row that begins with an operator to the row before it, and begins a new chain with any other.
func (s *splitter) operator(t token) {
	if !s.newRow {
		return
	}
	s.newRow = false
	if t.is("+") || t.is("-") || t.command("cdot") || t.command("times") || t.is("−") || s.open() {
		return
	}
	s.endChain()
}

// open reports whether the side ends with an operator.
func (s *splitter) open() bool {
	if len(s.side) == 0 {
		return len(s.current.sides) > 0
	}
	last := s.side[len(s.side)-1]
	return last.is("+") || last.is("-") || last.command("cdot") || last.command("times")
}

// top treats what matters outside of brackets only.
func (s *splitter) top(tokens []token, i int) (next int, ok bool) {
	t := tokens[i]
	switch {
	case t.is("&"):
		return i + 1, true
	case t.command("\\") || t.command("cr") || t.command("newline"):
		if _, next, ok := option(tokens, i+1); ok {
			i = next - 1
		}
		s.newRow = true
		return i + 1, true
	case t.is("=") || t.command("equiv"):
		s.equal(false)
		return i + 1, true
	case t.is(":") && i+1 < len(tokens) && tokens[i+1].is("="):
		s.equal(true)
		return i + 2, true
	case t.kind == tokenCommand && equalities[t.text]:
		s.equal(true)
		return i + 1, true
	case t.command("stackrel") || t.command("overset") || t.command("underset"):
		_, next := group(tokens, i+1)
		inside, next := group(tokens, next)
		if len(inside) == 1 && (inside[0].is("=") || inside[0].command("equiv")) {
			s.equal(false)
			return next, true
		}
	case s.newRow && (t.command("quad") || t.command("qquad")):
		return i + 1, true
	case t.kind == tokenCommand && separators[t.text], t.is(",") && !s.newRow, t.is(";"):
		s.endChain()
		return i + 1, true
	case t.kind == tokenCommand && relations[t.text], t.is("<"), t.is(">"), t.is("≈"), t.is("→"), t.is("∈"):
		s.endSide()
		s.broken, s.newRow = true, false
		return i + 1, true
	case isText(t) && !follows(s.side):
		inside, next := group(tokens, i+1)
		if word := strings.ToLower(plain(inside)); functionWords[word] == "" && len([]rune(word)) > 1 {
			s.endChain()
			return next, true
		}
	}
	return i, false
}

// isText reports whether t sets its argument as text.
func isText(t token) bool {
	return t.kind == tokenCommand && slices.Contains([]string{"text", "mbox", "textrm", "textit", "textbf", "hbox"}, t.text)
}

// follows reports whether a script is due after tokens.
func follows(tokens []token) bool {
	return len(tokens) > 0 && (tokens[len(tokens)-1].is("^") || tokens[len(tokens)-1].is("_"))
}

func (s *splitter) equal(defines bool) {
	s.newRow = false
	if s.endSide(); len(s.current.sides) == 0 {
		s.current.continues = true
	}
	if len(s.current.sides) == 1 {
		s.current.defines = defines
	}
}

// endSide takes the tokens since the last sign for a side.
func (s *splitter) endSide() {
	side := s.side
	s.side = nil
	if len(s.current.sides) == 0 && !s.current.continues {
		side = withoutNumber(side)
	}
	for len(side) > 0 {
		last := side[len(side)-1]
		if last.kind != tokenSymbol || !strings.Contains(".,;:", last.text) {
			break
		}
		side = side[:len(side)-1]
	}
	if len(side) > 0 && !s.broken {
		s.current.sides = append(s.current.sides, sideOf(side))
	}
}

func sideOf(tokens []token) side { return side{tokens} }

// withoutNumber drops the number of an equation, (12), that comes first.
func withoutNumber(tokens []token) []token {
	if len(tokens) > 3 && tokens[0].is("(") && tokens[1].kind == tokenNumber && tokens[2].is(")") &&
		(tokens[3].kind == tokenLetter || tokens[3].kind == tokenCommand) && tokens[3].spaced {
		return tokens[3:]
	}
	return tokens
}

func (s *splitter) endChain() {
	s.endSide()
	if len(s.current.sides) > 0 {
		s.out = append(s.out, s.current)
	}
	s.current, s.broken, s.newRow = chain{}, false, false
}
