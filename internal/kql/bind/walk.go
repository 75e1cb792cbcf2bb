package bind

// Trail is how a Walk goes from node to node.
type Trail struct {
	// From is the column of the input with the node to start from.
	From *Column
	// Departs, Arrives and Edge are columns of the steps: the numbers of the two nodes
	// and of the edge.
	Departs, Arrives, Edge *Column
	// Min and Max bound the number of steps.
	Min, Max int64
	// Unique says what a trail must not meet twice.
	Unique Uniqueness
	// Shortest: between two nodes only the trails with the least number of steps are
	// wanted. Others may still be given when Min is more than 1.
	Shortest bool
	// Backward: the trail is walked from its end, so what it collects is put in front.
	Backward bool
	// End, Length are the node that was reached and the number of steps. Edges and Inner
	// are lists that only path_has and paths_meet can read: the edges, and the nodes
	// without the first and the last.
	End, Length, Edges, Inner *Column
	// Carry is what the steps collect.
	Carry []Carry
}

// Uniqueness is what a trail, or the match of a pattern, must not meet twice.
type Uniqueness string

// The values of graph-match's cycles.
const (
	UniqueEdges Uniqueness = "unique_edges"
	UniqueNodes Uniqueness = "none"
	AnyCycles   Uniqueness = "all"
)

// Carry is a value that a trail collects from its steps: from each step, or from each
// step but the first, when it is about the node that the step departs from. X may refer
// to columns of the steps and of the input.
type Carry struct {
	Col   *Column
	Fold  Fold
	Inner bool
	X     Expr
	// Required: a trail for which a Fold of FoldAll is not true is not followed.
	Required bool
}

// Fold is how the values of a trail's steps become one.
type Fold uint8

// The folds: a dynamic array of the values, whether all are true, whether any is.
const (
	FoldList Fold = iota
	FoldAll
	FoldAny
)

// Walk follows the edges of a graph, from a node of each row of In, over one or more
// steps: a row for each trail.
type Walk struct {
	In, Steps Rel
	Trail
	Cols []*Column // those of In and what the trail gives
}

// Columns are those of the input and what the trail gives.
func (r *Walk) Columns() []*Column { return r.Cols }

func (*Walk) rel() {}
