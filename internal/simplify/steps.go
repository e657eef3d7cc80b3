package simplify

// Step is one equality on the way from an expression to its shortest form.
type Step struct {
	Identity string
	Result   *Node
}

// Steps returns the way from n to its shortest form, each step with the identity used: normal form, what each pass
// changed, and how the result is written. The result of the last step is what Shortest gives for the normal form of n.
func (a *Algebra) Steps(n *Node) []Step {
	whole := a.Normalize(n)
	steps := []Step{{IdentityNormal, a.present(whole).node}}
	add := func(identity string, result *Node) {
		if last := &steps[len(steps)-1]; result != last.Result {
			steps = append(steps, Step{identity, result})
		}
	}
	a.observe = func(identity string, before, after *Node) {
		// A change inside a part that another step has replaced since does not show in the whole.
		if next := a.Normalize(a.b.Substitute(whole, map[*Node]*Node{before: after})); next != whole {
			whole = next
			add(identity, a.present(whole).node)
		}
	}
	shortest := a.Shortest(a.Normalize(n))
	a.observe = nil
	add(IdentityWritten, shortest)
	return steps
}
