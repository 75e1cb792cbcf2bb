package vector

import (
	"context"
	"fmt"
)

// Operator is a relational operator written in Go: rows in, rows out. Values are nil,
// bool (Bool), int64 (Int, Long, DateTime, TimeSpan), float64 (Real) or string (all
// else); Dynamic is JSON text, Decimal a decimal number's. The operator must not change
// the rows it is given, and looks at ctx now and then. Its text names it in plans.
type Operator interface {
	fmt.Stringer
	// Run computes the result from the rows of each input.
	Run(ctx context.Context, inputs [][][]any) ([][]any, error)
}
