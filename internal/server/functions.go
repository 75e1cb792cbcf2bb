package server

import (
	"context"
	"errors"
	"strings"
	"time"

	"spoor/internal/account"
	"spoor/internal/function"
	"spoor/internal/query"
)

// Functions are the stored functions; *function.Store says how.
type Functions interface {
	List(ctx context.Context) ([]function.Function, error)
	Function(ctx context.Context, name string) (function.Function, error)
	History(ctx context.Context, name string) ([]function.Function, error)
	Put(ctx context.Context, f function.Function, mode function.Mode) (function.Function, error)
	Drop(ctx context.Context, names []string, ifExists bool, by string) error
}

// StoredFunction is a function that queries can call, as one change left it.
type StoredFunction struct {
	Name       string    `json:"name"`
	Parameters string    `json:"parameters" doc:"as KQL declares them, with parentheses"`
	Body       string    `json:"body" doc:"KQL, with its braces"`
	Folder     string    `json:"folder,omitempty"`
	DocString  string    `json:"docString,omitempty"`
	At         time.Time `json:"at"`
	By         string    `json:"by"`
	Dropped    bool      `json:"dropped" doc:"this change took it away"`
}

func storedFunctions(list []function.Function) []StoredFunction {
	out := []StoredFunction{}
	for _, f := range list {
		out = append(out, StoredFunction{f.Name, f.Parameters, f.Body, f.Folder, f.DocString, f.At, f.By, f.Dropped})
	}
	return out
}

func (s *Server) registerFunctions() {
	handle(s, "GET /api/functions", "listFunctions", "functions", "The stored functions; management commands of Kusto change them",
		func(ctx context.Context, _ *struct{}) (*reply[List[StoredFunction]], error) {
			list, err := s.cfg.Functions.List(ctx)
			return &reply[List[StoredFunction]]{List[StoredFunction]{storedFunctions(list)}}, err
		})
	type byName struct {
		Name string `path:"name" maxLength:"128"`
	}
	handle(s, "GET /api/functions/{name}", "functionHistory", "functions", "The changes of a function, newest first",
		func(ctx context.Context, in *byName) (*reply[List[StoredFunction]], error) {
			list, err := s.cfg.Functions.History(ctx, in.Name)
			if err == nil && len(list) == 0 {
				err = function.ErrNotFound
			}
			return &reply[List[StoredFunction]]{List[StoredFunction]{storedFunctions(list)}}, err
		})
}

// commandedFunctions are the functions as the sender of a management command may see and
// change them: everybody may see, analysts change.
type commandedFunctions struct{ s *Server }

func (c commandedFunctions) List(ctx context.Context) ([]function.Function, error) {
	return c.s.cfg.Functions.List(ctx)
}

func (c commandedFunctions) Put(ctx context.Context, f function.Function, mode function.Mode, text string) (function.Function, error) {
	if err := change(ctx, "function.put", f.Name); err != nil {
		return f, err
	}
	x := exchangeOf(ctx)
	o := restrict(x.principal, query.Request{}).Options
	if err := c.s.cfg.Querier.CheckFunction(ctx, f.Name, text, o); err != nil {
		return f, commandError(err, x.detail["command"])
	}
	f.By = x.principal.Actor()
	return c.s.cfg.Functions.Put(ctx, f, mode)
}

// commandError shows a diagnostic in the text of the command: the function's own is as
// long as the command, with blanks in front.
func commandError(err error, command string) error {
	if c, ok := errors.AsType[*query.CompileError](err); ok && len(c.Text) <= len(command) && strings.HasPrefix(c.Text, " ") {
		return &query.CompileError{Text: command, Diagnostics: c.Diagnostics}
	}
	return err
}

func (c commandedFunctions) Drop(ctx context.Context, names []string, ifExists bool) error {
	if err := change(ctx, "function.drop", strings.Join(names, ", ")); err != nil {
		return err
	}
	return c.s.cfg.Functions.Drop(ctx, names, ifExists, exchangeOf(ctx).principal.Actor())
}

// change notes that the command is about to change something, and refuses it to readers.
func change(ctx context.Context, action, target string) error {
	x := exchangeOf(ctx)
	x.changes, x.action, x.target = true, action, target
	if !x.principal.Role.Covers(account.Analyst) {
		return fault(CodeForbidden, "this needs the role %s; you have %s", account.Analyst, x.principal.Role)
	}
	return nil
}
