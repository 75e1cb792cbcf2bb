package bind

import (
	"fmt"

	"spoor/internal/kql/vector"
)

// Source says where the rows of an Outside come from. Its text is for plans and errors.
type Source interface{ fmt.Stringer }

// Outside is a table that no event table holds: the caller fetches its rows from Source
// and brings them along as an input.
type Outside struct {
	Source Source
	Cols   []*Column
}

// Apply runs an operator written in Go on all rows of its inputs: what SQL cannot say.
// The operator gets the visible columns of each input in their order.
type Apply struct {
	Ins  []Rel
	Op   vector.Operator
	Cols []*Column
}

// Columns are those that the source has.
func (r *Outside) Columns() []*Column { return r.Cols }

// Columns are those of the operator's result.
func (r *Apply) Columns() []*Column { return r.Cols }

func (*Outside) rel() {}
func (*Apply) rel()   {}
