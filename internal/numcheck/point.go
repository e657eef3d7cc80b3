package numcheck

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"matdiff/internal/expr"
)

// Points draws up to count random points at which n has a value that can be trusted, of the sizes and in the families that
// Equal draws from. There are fewer if n has too small a domain.
func Points(n *expr.Node, count int, o Options) (points []Env, err error) {
	defer recoverPanic(&err)
	q, err := newQuestion(standardSteps, n, n, o)
	if err != nil {
		return nil, err
	}
	work, err := q.chooseSizes()
	switch {
	case err != nil:
		return nil, err
	case work > equalWork:
		return nil, fmt.Errorf("%s", q.tooLarge().Reasons[0])
	}
	for range 6*count + 60 {
		if err := q.sampler.draw(); err != nil {
			return nil, err
		}
		q.machine.prepare()
		fit := q.inspect() == agrees
		q.sampler.judged(fit)
		if !fit {
			continue
		}
		e := Env{Sizes: q.machine.sizes, Values: map[string]*mat.Dense{}}
		for _, v := range q.machine.variables {
			e.Values[v.node.Name] = mat.DenseCopyOf(v.dense())
		}
		if points = append(points, e); len(points) == count {
			break
		}
	}
	return points, nil
}
