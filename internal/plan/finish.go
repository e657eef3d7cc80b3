package plan

// finish lists the steps of a program, with operands before what uses them, and counts uses.
func (p *planner) finish(out *Program) {
	present := map[*Value]bool{}
	var find func(v *Value)
	find = func(v *Value) {
		if !present[v] {
			present[v] = true
			for _, a := range v.Args {
				find(a)
			}
		}
	}
	for _, r := range out.Results {
		find(r.Value)
	}
	done := map[*Value]*Value{}
	for i := range out.Results {
		out.Results[i].Value = p.straightened(out.Results[i].Value, present, done)
	}
	out.Steps = nil
	seen := map[*Value]bool{}
	var visit func(v *Value)
	visit = func(v *Value) {
		if seen[v] {
			v.Uses++
			return
		}
		seen[v] = true
		v.Uses = 1
		for _, a := range v.Args {
			visit(a)
		}
		if len(v.Args) > 0 {
			out.Steps = append(out.Steps, v)
		}
	}
	for _, r := range out.Results {
		visit(r.Value)
	}
}

// straightened returns v with (A*B)' computed as B'*A', and A .* B.^2 as (A .* B) .* B where A .* B is present.
func (p *planner) straightened(v *Value, present map[*Value]bool, done map[*Value]*Value) *Value {
	if w, ok := done[v]; ok {
		return w
	}
	w := v
	if v.Op == Transpose && v.Args[0].Op == MatMul && p.onceUsed[v.Args[0]] {
		m := v.Args[0]
		w = p.intern(matrixValue(Value{Op: MatMul, Args: []*Value{m.Args[1], m.Args[0]}, Trans: [2]bool{!m.Trans[1], !m.Trans[0]}}, v.Rows, v.Cols))
	}
	if v.Op == Mul {
		for i, b := range v.Args {
			if a := v.Args[1-i]; b.Op == Pow && isFill(b.Args[1], two) && a.Kind == b.Kind {
				for _, ab := range []*Value{p.entrywise(Mul, a, b.Args[0]), p.entrywise(Mul, b.Args[0], a)} {
					if present[ab] {
						w = p.entrywise(Mul, ab, b.Args[0])
					}
				}
			}
		}
	}
	args := make([]*Value, len(w.Args))
	changed := false
	for i, a := range w.Args {
		args[i] = p.straightened(a, present, done)
		changed = changed || args[i] != a
	}
	if changed {
		c := *w
		c.Args, c.Uses = args, 0
		w = p.intern(c)
	}
	done[v] = w
	return w
}

// cost is what a program costs, in multiplications and additions of a product of large matrices.
func (out *Program) cost() float64 {
	p := &planner{}
	total := 0.0
	for _, v := range out.Steps {
		total += p.costOf(v)
	}
	return total
}

func (p *planner) costOf(v *Value) float64 {
	n := p.sizeOf(v)
	if len(v.Args) == 0 {
		return 1 + n*entryCost
	}
	arg := p.sizeOf(v.Args[0])
	switch v.Op {
	case SpreadColumn, SpreadRow, Component, Diagonal, Transpose:
		return 1
	case Map, Pow:
		if v.Op == Pow && v.Args[1].Op == Number && v.Args[1].Num.Cmp(two) == 0 {
			return 1 + n*entryCost
		}
		return 1 + n*mapCost
	case MatMul:
		inner := v.Args[0].Cols
		if v.Trans[0] {
			inner = v.Args[0].Rows
		}
		return 2 * n * p.length(inner)
	case MatVec:
		return arg * matVecCost
	case Dot, Total, Max, RowMax, RowSums, ColSums, Norm:
		return 1 + arg*entryCost/2
	case LU:
		return arg * p.length(v.Rows) * 2 / 3
	case Cholesky:
		return arg * p.length(v.Rows) / 3
	case Solve:
		if v.Kind == Vector {
			return p.length(v.Rows) * p.length(v.Rows) * matVecCost
		}
		return 2 * n * p.length(v.Rows)
	case Inverse:
		return 4.0 / 3 * n * p.length(v.Rows)
	case Determinant, LogAbsDet, LogDet:
		return p.length(v.Args[0].Rows)
	case MatrixPower:
		return 4 * n * p.length(v.Rows)
	case Call, PinvSqrt, Lyapunov:
		return 1 + 30*arg*p.length(v.Args[0].Rows)
	}
	return 1 + n*entryCost
}
