package main

import (
	"errors"

	"matdiff/internal/codegen"
	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/plan"
	"matdiff/internal/printer"
	"matdiff/internal/randexpr"
	"matdiff/internal/rules"
)

// law is something that has to be true of every subject.
type law struct {
	name   string
	every  int  // of how many subjects one is tried
	claims int  // that are decided about one, each in its time; 0: one
	matrix bool // subjects are matrices, not scalars
	judge  func(*subject) []finding
}

// finding is what a law says of a subject.
type finding struct {
	outcome outcome
	reason  string
	shown   string // for a wrong one: what to look at, instead of the subject's command
}

type outcome int

const (
	agrees    outcome = iota
	undecided         // there is an answer that could not be compared
	refused           // there is no answer
	wrong
	outcomes
)

func (o outcome) String() string { return [...]string{"agrees", "undecided", "refused", "wrong"}[o] }

func derivativeLaws() []law {
	return []law{
		{name: "gradient = finite differences", every: 1, judge: gradientMeasured},
		{name: "expression printed, read", every: 1, judge: expressionReads},
		{name: "expression = its shortest form", every: 1, judge: simplifies},
		{name: "gradient printed, read", every: 1, judge: gradientReads},
		{name: "differential = <gradient, dX>", every: 4, judge: differentialIsGradient},
		{name: "Jacobian = gradient'", every: 4, judge: jacobianIsGradient},
		{name: "pullback of 1 = gradient", every: 4, judge: pullbackIsGradient},
		{name: "Hessian = Jacobian of gradient", every: 10, judge: hessianMeasured},
		{name: "Hessian symmetric", every: 10, judge: hessianSymmetric},
		{name: "matrix: differential = finite differences", every: 10, matrix: true, judge: differentialMeasured},
		{name: "matrix: Jacobian = finite differences", every: 10, matrix: true, judge: jacobianMeasured},
	}
}

// found turns a report on an equation into findings.
func found(r numcheck.Report, err error) []finding {
	switch {
	case err != nil:
		return []finding{{outcome: wrong, reason: err.Error()}}
	case r.Verdict == numcheck.Fails:
		return []finding{{outcome: wrong, reason: describe(r)}}
	case r.Verdict == numcheck.Undecided:
		return []finding{{outcome: undecided, reason: mainReason(r)}}
	}
	return []finding{{outcome: agrees}}
}

// refusal is the finding for an error where a derivative or a program is asked for: that there is none is an answer,
// anything else is wrong.
func refusal(err error) []finding {
	var (
		noRule    *rules.NoRule
		noProgram *plan.Unsupported
		noWords   *codegen.Unsupported
	)
	if errors.As(err, &noRule) || errors.As(err, &noProgram) || errors.As(err, &noWords) {
		return []finding{{outcome: refused, reason: err.Error()}}
	}
	return []finding{{outcome: wrong, reason: err.Error()}}
}

func (s *subject) options(points int) numcheck.Options {
	return numcheck.Options{Seed: uint64(s.seed), Points: points}
}

func gradientMeasured(s *subject) []finding {
	g, err := s.derive()
	if err != nil {
		return refusal(err)
	}
	return found(numcheck.Verify(s.f, s.x, g, s.options(0)))
}

func expressionReads(s *subject) []finding {
	switch {
	case s.fault != nil:
		return []finding{{outcome: wrong, reason: s.fault.Error(), shown: printer.Text(s.raw)}}
	case s.f == s.raw:
		return []finding{{outcome: agrees}}
	}
	return found(numcheck.Equal(s.raw, s.f, s.options(2)))
}

func simplifies(s *subject) []finding {
	short := s.a.Shortest(s.a.Normalize(s.f))
	if short == s.f {
		return []finding{{outcome: agrees}}
	}
	return found(numcheck.Equal(s.f, short, s.options(2)))
}

func gradientReads(s *subject) []finding {
	g, err := s.derive()
	if err != nil {
		return nil
	}
	text := printer.Text(g)
	typed, err := parser.Expression(s.b, text, parser.Options{Declarations: randexpr.Declarations()})
	switch {
	case err != nil:
		return []finding{{outcome: wrong, reason: err.Error(), shown: text}}
	case typed.Expr == g || typed.Expr.Shape != g.Shape: // the size of an I that is all of g is free
		return []finding{{outcome: agrees}}
	}
	return found(numcheck.Equal(g, typed.Expr, s.options(2)))
}

// tangent returns a variable for the differential of x and its part in the space in which x moves.
func (s *subject) tangent() (dx, along *expr.Node) {
	dx = s.b.Variable("d"+s.x.Name, s.x.Shape, 0)
	return dx, rules.Project(s.a, dx, s.x)
}

func differentialIsGradient(s *subject) []finding {
	g, err := s.derive()
	if err != nil {
		return nil
	}
	_, along := s.tangent()
	df, err := rules.Standard().Differential(s.a, s.f, map[*expr.Node]*expr.Node{s.x: along})
	if err != nil {
		return refusal(err)
	}
	return found(numcheck.Equal(s.a.Shortest(df), s.a.Inner(s.a.Normalize(g), along), s.options(2)))
}

func jacobianIsGradient(s *subject) []finding {
	g, err := s.derive()
	if err != nil {
		return nil
	}
	j, err := rules.Standard().Jacobian(s.a, s.f, s.x, nil)
	if err != nil {
		return refusal(err)
	}
	row := g
	if !s.x.Shape.IsScalar() {
		row = s.b.New(expr.Transpose, s.b.New(expr.Vec, g))
	}
	return found(numcheck.Equal(s.a.Shortest(j), row, s.options(2)))
}

func pullbackIsGradient(s *subject) []finding {
	g, err := s.derive()
	if err != nil {
		return nil
	}
	pulled, err := rules.Standard().Pullback(s.a, s.f, s.b.Int(1), []*expr.Node{s.x})
	if err != nil {
		return refusal(err)
	}
	return found(numcheck.Equal(rules.Project(s.a, pulled[0], s.x), g, s.options(2)))
}

// hessian returns the derivative of the gradient g. It is nil where the gradient is not known, or not a function on a flat
// space: orthogonal matrices are a curved one.
func (s *subject) hessian() (g, h *expr.Node, err error) {
	g, err = s.derive()
	if err != nil || s.x.Props.Has(expr.Orthogonal) {
		return nil, nil, nil
	}
	h, err = rules.Standard().Jacobian(s.a, s.a.Normalize(g), s.x, nil)
	if err != nil {
		return nil, nil, err
	}
	return g, s.a.Shortest(h), nil
}

func hessianMeasured(s *subject) []finding {
	g, h, err := s.hessian()
	switch {
	case err != nil:
		return refusal(err)
	case h == nil:
		return nil
	}
	return found(numcheck.Equal(s.b.Sized(expr.Jacobian, h.Shape, g, s.x), h, s.options(2)))
}

func hessianSymmetric(s *subject) []finding {
	_, h, err := s.hessian()
	if err != nil || h == nil {
		return nil
	}
	return found(numcheck.Equal(h, s.b.New(expr.Transpose, h), s.options(2)))
}

func differentialMeasured(s *subject) []finding {
	dx, along := s.tangent()
	df, err := rules.Standard().Differential(s.a, s.f, map[*expr.Node]*expr.Node{s.x: along})
	if err != nil {
		return refusal(err)
	}
	return found(numcheck.Equal(s.b.Sized(expr.Differential, s.f.Shape, s.f, s.x, dx), s.a.Shortest(df), s.options(2)))
}

func jacobianMeasured(s *subject) []finding {
	j, err := rules.Standard().Jacobian(s.a, s.f, s.x, nil)
	if err != nil {
		return refusal(err)
	}
	return found(numcheck.Equal(s.b.Sized(expr.Jacobian, j.Shape, s.f, s.x), s.a.Shortest(j), s.options(2)))
}
