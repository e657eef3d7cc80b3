package printer

import "matdiff/internal/expr"

// DAG is an expression as data. Each node stands once in Nodes, after its arguments; the last is the expression.
type DAG struct {
	Nodes []DAGNode `json:"nodes"`
}

// DAGNode is a node: an operation on nodes that came before.
type DAGNode struct {
	ID    int       `json:"id"`
	Op    string    `json:"op"`
	Args  []int     `json:"args,omitempty"`
	Shape [2]string `json:"shape"`
	Name  string    `json:"name,omitempty"`  // of a variable
	Props []string  `json:"props,omitempty"` // of a variable
	Value string    `json:"value,omitempty"` // of a number, p/q; of a size
	Sizes []string  `json:"sizes,omitempty"` // m and n of K(m,n)
}

// Tree returns n as data, for encoding as JSON.
func Tree(n *expr.Node) DAG {
	var d DAG
	id := map[*expr.Node]int{}
	expr.Walk(n, func(n *expr.Node) {
		id[n] = len(d.Nodes)
		node := DAGNode{ID: len(d.Nodes), Op: n.Op.Name, Name: n.Name, Shape: [2]string{n.Shape.Rows.String(), n.Shape.Cols.String()}}
		for _, a := range n.Args {
			node.Args = append(node.Args, id[a])
		}
		for i, word := range expr.PropNames {
			if n.Props.Has(1 << i) {
				node.Props = append(node.Props, word)
			}
		}
		switch n.Op {
		case expr.Number:
			node.Value = n.Num.RatString()
		case expr.Size:
			node.Value = n.Dims[0].String()
		case expr.Commutation:
			node.Sizes = []string{n.Dims[0].String(), n.Dims[1].String()}
		}
		d.Nodes = append(d.Nodes, node)
	})
	return d
}
