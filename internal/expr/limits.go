package expr

import (
	"context"
	"fmt"
)

// Limits bound what one run takes on: no input may make it hang or exhaust the memory. Every one has a flag.
type Limits struct {
	Input   int // bytes of an expression, of a line, or of a file that is read whole
	Nesting int // of brackets and operations in one another, as written
	Nodes   int // of an expression as written, and of all that a run makes of it
	Steps   int // candidates that the simplifier tries before it takes what it has
	Entries int // of all matrices of a point at which sides are compared
}

// UsualLimits are those of a run that sets none.
func UsualLimits() Limits {
	return Limits{Input: 16 << 20, Nesting: 5000, Nodes: 5_000_000, Steps: 6000, Entries: 1 << 25}
}

// MaxPower is more than any power of a matrix: the laws of powers add and multiply them as machine integers.
const MaxPower = 1 << 30

// NewBuilderWithin returns an empty builder for a run that ends with ctx, within limits.
func NewBuilderWithin(ctx context.Context, l Limits) *Builder {
	return &Builder{table: map[uint64]*Node{}, sizes: map[string]bool{}, ctx: ctx, limits: l}
}

// Context returns the context of the run.
func (b *Builder) Context() context.Context { return b.ctx }

// Limits returns the limits of the run.
func (b *Builder) Limits() Limits { return b.limits }

// Err is why the run has to stop, nil as long as it need not. Whatever makes nodes in a loop asks for it.
func (b *Builder) Err() error {
	if b.ctx.Err() != nil {
		return context.Cause(b.ctx)
	}
	if b.count > b.limits.Nodes {
		return fmt.Errorf("the result takes more than %d operations to find; --max-nodes allows more", b.limits.Nodes)
	}
	return nil
}
