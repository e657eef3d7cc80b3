package plan

import (
	"math"

	"matdiff/internal/expr"
)

// Wanted is a result that a program is to have.
type Wanted struct {
	Name  string
	Forms []*expr.Node // ways to write it, of which the cheapest to compute is taken
}

// Unsupported is the error for an expression that no program computes.
type Unsupported struct {
	Node *expr.Node // the part at which it is met
	What string
}

func (e *Unsupported) Error() string { return "no program computes " + e.What }

// maxCombinations bounds the number of combinations of forms that are compared.
const maxCombinations = 64

// New returns the cheapest program that is found for the results, in order, from parameters in order. Parts that several
// results have in common are computed once.
func New(b *expr.Builder, params []*expr.Node, wanted []Wanted) (best *Program, err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Unsupported)
			if !ok {
				panic(r)
			}
			best, err = nil, e
		}
	}()
	cost := math.Inf(1)
	choice := make([]int, len(wanted))
	for range maxCombinations {
		nodes := make([]*expr.Node, len(wanted))
		for i, w := range wanted {
			nodes[i] = w.Forms[choice[i]]
		}
		p := build(b, params, wanted, nodes)
		if c := p.cost(); c < cost*(1-1e-9) {
			best, cost = p, c
		}
		i := 0
		for i < len(choice) {
			if choice[i]++; choice[i] < len(wanted[i].Forms) {
				break
			}
			choice[i] = 0
			i++
		}
		if i == len(choice) {
			break
		}
	}
	return best, nil
}

// planner makes one program.
type planner struct {
	values
	builder      *expr.Builder
	lowered      map[*expr.Node]term
	solved       map[string]solution
	registered   map[string]bool
	possible     map[string]int // how many products have a part
	used         map[string]int // how often a part is computed from, in this round
	uses         map[string]int // by how many a part is expected to be shared
	settled      map[string]bool
	distributing map[string]bool
	sums         map[string]bool // that are computed in this round
	onceUsed     map[*Value]bool
}

// build plans in rounds. In the second, parts that several products have are expected to be shared, in the later ones those
// that were shared before. What was used once may hold a scalar factor in the next.
//
// The first round knows of none of this.
const rounds = 4

func build(b *expr.Builder, params []*expr.Node, wanted []Wanted, nodes []*expr.Node) *Program {
	p := &planner{values: newValues(), builder: b}
	var best *Program
	for round := range rounds {
		p.lowered, p.solved, p.registered = map[*expr.Node]term{}, map[string]solution{}, map[string]bool{}
		if p.uses = p.used; round == 1 {
			p.uses = p.possible
		}
		p.possible, p.used, p.settled, p.distributing = map[string]int{}, map[string]int{}, map[string]bool{}, map[string]bool{}
		p.sums = map[string]bool{}
		out := &Program{}
		for _, x := range params {
			v := p.intern(p.input(x))
			out.Params = append(out.Params, Param{v, x.Shape, x.Props})
		}
		for i, w := range wanted {
			n := nodes[i]
			out.Results = append(out.Results, Result{Name: w.Name, Value: p.node(n), Shape: n.Shape})
		}
		p.finish(out)
		if best == nil || out.cost() <= best.cost() {
			best = out
		}
		p.onceUsed = map[*Value]bool{}
		for _, v := range out.Steps {
			p.onceUsed[v] = v.Uses == 1
		}
	}
	p.finish(best) // whose values the other rounds have counted too
	return best
}

// refuse gives up: New returns the error.
func (p *planner) refuse(n *expr.Node, what string) {
	panic(&Unsupported{n, what})
}
