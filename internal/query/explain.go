package query

import (
	"context"
	"errors"
)

// Explanation says how a query is run.
type Explanation struct {
	// Plan is the operators as an indented tree, a tree for each statement.
	Plan string
	// Statements are the engine's, in the order in which they are run.
	Statements []string
}

// Explain plans a query as Run does, without running it. Where the query's columns
// depend on the data, the statements that find them out are run.
func (r *Runner) Explain(ctx context.Context, req Request) (out Explanation, err error) {
	limits := req.Options.limits()
	ctx, cancel := context.WithTimeout(ctx, limits.Timeout)
	defer cancel()
	release, err := r.acquire(ctx)
	if err != nil {
		return out, err
	}
	defer release()
	x, c, _, err := r.prepare(ctx, req, limits)
	if err != nil {
		return out, err
	}
	for i := range c.Tables {
		t := Table{parts: c.Tables[i].Parts}
		out.Plan += t.Plan()
		out.Statements = append(out.Statements, t.statements()...)
	}
	return out, errors.Join(err, x.close())
}
