package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
)

//go:embed autograd.py
var autogradSource string

const torchLaw = "gradient = PyTorch's"

// autograd is a Python process that differentiates expressions with PyTorch.
type autograd struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// findPyTorch returns a Python that has PyTorch, the one asked for if there is one; it is empty if there is none.
func findPyTorch(asked string) string {
	candidates := []string{asked}
	if asked == "" {
		candidates = []string{"python3", "/usr/bin/python3"}
	}
	for _, python := range candidates {
		if exec.Command(python, "-c", "import torch").Run() == nil {
			return python
		}
	}
	return ""
}

func startAutograd(python string) (*autograd, error) {
	p := exec.Command(python, "-c", autogradSource)
	p.Stderr = os.Stderr
	in, err := p.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.Start(); err != nil {
		return nil, err
	}
	return &autograd{p, in, bufio.NewReader(out)}, nil
}

func (t *autograd) stop() {
	_ = t.in.Close() // it ends, having answered all there was
	_ = t.process.Wait()
}

// question is an expression at some points, as autograd.py reads it.
type question struct {
	Nodes  []questionNode         `json:"nodes"`
	Wrt    string                 `json:"wrt"`
	Points []map[string][]float64 `json:"points"`
}

type questionNode struct {
	Op    string  `json:"op"`
	Args  []int   `json:"args"`
	Rows  int     `json:"rows"`
	Cols  int     `json:"cols"`
	Value float64 `json:"value"`
	Name  string  `json:"name"`
	Dims  [2]int  `json:"dims"`
}

type answer struct {
	Values    []float64   `json:"values"`
	Gradients [][]float64 `json:"gradients"`
	Error     string      `json:"error"`
}

func (t *autograd) ask(f, x *expr.Node, points []numcheck.Env) (a answer, err error) {
	q := question{Wrt: x.Name}
	place := map[*expr.Node]int{}
	expr.Walk(f, func(n *expr.Node) {
		m := questionNode{Op: n.Op.Name, Args: []int{}, Name: n.Name}
		m.Rows, m.Cols = dims(n.Shape, points[0].Sizes)
		for _, arg := range n.Args {
			m.Args = append(m.Args, place[arg])
		}
		for i, d := range n.Dims {
			m.Dims[i], _ = d.Value(points[0].Sizes)
		}
		switch n.Op {
		case expr.Number:
			m.Value, _ = n.Num.Float64()
		case expr.Size:
			m.Value = float64(m.Dims[0])
		}
		place[n] = len(q.Nodes)
		q.Nodes = append(q.Nodes, m)
	})
	for _, p := range points {
		values := map[string][]float64{}
		for _, v := range expr.Variables(f) {
			values[v.Name] = p.Values[v.Name].RawMatrix().Data
		}
		q.Points = append(q.Points, values)
	}
	line, err := json.Marshal(q)
	if err != nil {
		return a, err
	}
	if _, err := t.in.Write(append(line, '\n')); err != nil {
		return a, err
	}
	back, err := t.out.ReadBytes('\n')
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(back, &a)
}

const (
	relative   = 1e-6  // share of the largest entry that is allowed as a difference
	rounding   = 1e-12 // and share of the value over the variable
	resolution = 1e-5  // where more than that would be allowed nothing is decided
)

// judge compares the gradient with PyTorch's at points where rounding errors are small, until it agrees at one or differs at
// two: at a single one a difference may be PyTorch's own, as where a sigmoid is 1 to rounding. PyTorch moves every entry of a
// variable by itself; what it finds is projected onto the space in which a declared structure lets the variable move.
func (t *autograd) judge(s *subject) []finding {
	g, err := s.derive()
	if err != nil {
		return nil
	}
	var last finding
	differs := 0
	for _, p := range points(s.random()) {
		f := t.compare(s, g, p)
		switch f.outcome {
		case agrees:
			return []finding{f}
		case wrong:
			if differs++; differs == 2 {
				return []finding{f}
			}
			f.reason = "differs at one point only"
		}
		if differs == 0 || f.outcome == wrong {
			last = f
		}
	}
	return []finding{{outcome: undecided, reason: last.reason}}
}

// compare compares at one point.
func (t *autograd) compare(s *subject, g *expr.Node, p numcheck.Env) finding {
	points := []numcheck.Env{p, nudged(p)}
	theirs, ours := make([][]float64, 2), make([][]float64, 2)
	for i := range points {
		var err error
		if ours[i], err = numbers(points[i], g, s.f); err != nil {
			return finding{outcome: wrong, reason: err.Error()}
		}
		if x := largestMagnitude(ours[i]); math.IsNaN(x) || math.IsInf(x, 0) {
			return finding{outcome: undecided, reason: "outside the domain"}
		}
	}
	a, err := t.ask(s.f, s.x, points)
	switch {
	case err != nil:
		return finding{outcome: wrong, reason: "PyTorch's process: " + err.Error()}
	case a.Error != "":
		return finding{outcome: undecided, reason: a.Error}
	}
	for i := range points {
		theirs[i] = append(project(s.x, a.Gradients[i], p), a.Values[i])
	}
	entries := len(ours[0]) - 1 // then the value
	v, w := ours[0][entries], theirs[0][entries]
	scale := math.Max(largestMagnitude(ours[0][:entries]), largestMagnitude(theirs[0][:entries]))
	noise := math.Max(change(ours[0][:entries], ours[1][:entries]), change(theirs[0][:entries], theirs[1][:entries]))
	tolerance := relative*scale + growth*noise + rounding*math.Abs(v)/largestMagnitude(p.Values[s.x.Name].RawMatrix().Data)
	switch {
	case largestMagnitude(ours[0][:entries]) == 0:
		tolerance = math.Max(tolerance, rounding)
	case scale < rounding*math.Max(1, math.Abs(v)): // PyTorch has lost it where a sigmoid is 1 to rounding
		return finding{outcome: undecided, reason: "vanishes to rounding"}
	case !(tolerance <= resolution*scale):
		return finding{outcome: undecided, reason: "rounding errors grow too much"}
	}
	for k := range entries {
		if d := math.Abs(ours[0][k] - theirs[0][k]); !(d <= tolerance) {
			rows, cols := dims(s.x.Shape, p.Sizes)
			return finding{outcome: wrong, reason: fmt.Sprintf("entry %d,%d of %d×%d: %.15g, PyTorch %.15g ± %.1g at %v",
				k/cols+1, k%cols+1, rows, cols, ours[0][k], theirs[0][k], tolerance, p.Sizes)}
		}
	}
	change := math.Max(math.Abs(v-ours[1][entries]), math.Abs(w-theirs[1][entries]))
	if d := math.Abs(v - w); !(d <= relative*math.Abs(v)+growth*change+rounding) {
		return finding{outcome: wrong, reason: fmt.Sprintf("the value is %.15g, PyTorch's %.15g at %v", v, w, p.Sizes)}
	}
	return finding{outcome: agrees}
}
