package kusto

import (
	"context"
	"regexp"
	"strings"

	"spoor/internal/function"
	"spoor/internal/kql"
	"spoor/internal/kql/syntax"
	"spoor/internal/query"
	"spoor/internal/schema"
)

// Functions are the stored functions, as the caller of a command may see and change them.
type Functions interface {
	List(ctx context.Context) ([]function.Function, error)
	// Put keeps a function once its body binds. text is the function's own, where it is in
	// place after blanks, so that places are those of the command.
	Put(ctx context.Context, f function.Function, mode function.Mode, text string) (function.Function, error)
	Drop(ctx context.Context, names []string, ifExists bool) error
}

// Grammar of the commands; see ".create-or-alter function" and its neighbours in the Kusto
// documentation.
const (
	quoted   = `(?:h?@?"(?:[^"\\]|\\.)*"|h?@?'(?:[^'\\]|\\.)*')`
	withList = `((?:[^()"']|` + quoted + `)*)`
)

var functionCommands = []command{
	{regexp.MustCompile(`(?is)^(\s*\.(create-or-alter|create|alter)\s+function\s+(ifnotexists\s+)?(?:with\s*\(` + withList + `\)\s*)?` + name + `\s*(\(.*))$`), (*Handler).putFunction},
	{regexp.MustCompile(`(?is)^\s*\.alter\s+function\s+` + name + `\s+(docstring|folder)\s+(` + quoted + `)\s*;?\s*$`), (*Handler).alterFunction},
	{regexp.MustCompile(`(?is)^\s*\.drop\s+function\s+` + name + `(\s+ifexists)?\s*;?\s*$`), (*Handler).dropFunctions},
	{regexp.MustCompile(`(?is)^\s*\.drop\s+functions\s*\(([^()]*)\)(\s*ifexists)?\s*;?\s*$`), (*Handler).dropFunctions},
	{show(`functions`), (*Handler).showFunctions},
	{show(`function ` + name), (*Handler).showFunction},
}

var functionColumns = columns("Name", "string", "Parameters", "string", "Body", "string", "Folder", "string", "DocString", "string")

func functionRows(list ...function.Function) *query.Result {
	var rows [][]any
	for _, f := range list {
		rows = append(rows, []any{f.Name, f.Parameters, f.Body, f.Folder, f.DocString})
	}
	return query.Fixed(functionColumns, rows)
}

func (h *Handler) showFunctions(ctx context.Context, _ []string) (*query.Result, error) {
	list, err := h.Functions.List(ctx)
	if err != nil {
		return nil, err
	}
	return functionRows(list...), nil
}

func (h *Handler) showFunction(ctx context.Context, names []string) (*query.Result, error) {
	f, err := h.function(ctx, names[0])
	if err != nil {
		return nil, err
	}
	return functionRows(f), nil
}

func (h *Handler) function(ctx context.Context, name string) (function.Function, error) {
	list, err := h.Functions.List(ctx)
	for _, f := range list {
		if f.Name == name {
			return f, err
		}
	}
	if err == nil {
		err = badRequest("Entity %.100q of kind 'Function' was not found.", name)
	}
	return function.Function{}, err
}

// modes are what the words of a command ask for.
var modes = map[string]function.Mode{"create-or-alter": function.CreateOrAlter, "create": function.Create, "alter": function.Alter}

func (h *Handler) putFunction(ctx context.Context, parts []string) (*query.Result, error) {
	text, mode := parts[0], modes[strings.ToLower(parts[1])]
	if parts[2] != "" {
		if mode != function.Create {
			return nil, badRequest("ifnotexists belongs to .create function")
		}
		mode = function.CreateIfMissing
	}
	f := function.Function{Name: parts[4]}
	for name, value := range propertyValues(parts[3]) {
		switch name {
		case "folder":
			f.Folder = value
		case "docstring":
			f.DocString = value
		}
	}
	whole := inPlace(text, parts[5])
	def, diags := syntax.ParseFunction(whole, 0)
	if len(diags) > 0 {
		return nil, &query.CompileError{Text: text, Diagnostics: diags}
	}
	f.Parameters = strings.TrimSpace(text[def.Span().Start:def.Open.Start])
	f.Body = text[def.Open.Start:def.Span().End]
	f, err := h.Functions.Put(ctx, f, mode, whole)
	if err != nil {
		return nil, err
	}
	return functionRows(f), nil
}

// inPlace is the definition at the end of a command with blanks in the place of what
// stands before it, so that its places are those of the command.
func inPlace(text, definition string) string {
	blank := []byte(text[:len(text)-len(definition)])
	for i, c := range blank {
		if c != '\n' {
			blank[i] = ' '
		}
	}
	return string(blank) + strings.TrimRight(definition, "; \t\r\n")
}

var property = regexp.MustCompile(`(?is)(\w+)\s*=\s*(` + quoted + `|[^,\s]+)`)

// propertyValues reads what stands in with (…).
func propertyValues(text string) map[string]string {
	out := map[string]string{}
	for _, m := range property.FindAllStringSubmatch(text, -1) {
		out[strings.ToLower(m[1])] = literalText(m[2])
	}
	return out
}

// literalText is the value of a KQL text literal, or the word itself.
func literalText(s string) string {
	q, diags := syntax.Parse(s)
	if len(diags) == 0 && len(q.Statements) == 1 {
		if x, ok := q.Statements[0].(*syntax.ExprStatement); ok {
			if lit, ok := x.X.(*syntax.Literal); ok && lit.Type == schema.String {
				return lit.Value.(string)
			}
		}
	}
	return s
}

func (h *Handler) alterFunction(ctx context.Context, parts []string) (*query.Result, error) {
	f, err := h.function(ctx, parts[0])
	if err != nil {
		return nil, err
	}
	if value := literalText(parts[2]); strings.EqualFold(parts[1], "folder") {
		f.Folder = value
	} else {
		f.DocString = value
	}
	f, err = h.Functions.Put(ctx, f, function.Alter, f.Text())
	if err != nil {
		return nil, err
	}
	return functionRows(f), nil
}

func (h *Handler) dropFunctions(ctx context.Context, parts []string) (*query.Result, error) {
	var names []string
	for n := range strings.SplitSeq(parts[0], ",") {
		names = append(names, unquote([]string{strings.TrimSpace(n)})[0])
	}
	if err := h.Functions.Drop(ctx, names, parts[1] != ""); err != nil {
		return nil, err
	}
	return h.showFunctions(ctx, nil)
}

// The shape of a function in a schema as JSON, which editors bind calls by.
type (
	functionJSON struct {
		Name            string
		InputParameters []parameterJSON
		Body            string
		Folder          string
		DocString       string
		FunctionKind    string
		OutputColumns   []columnJSON
	}
	parameterJSON struct {
		Name            string
		Type            string       `json:",omitempty"`
		CslType         string       `json:",omitempty"`
		CslDefaultValue string       `json:",omitempty"`
		Columns         []columnJSON `json:",omitempty"` // of a table
	}
)

// functionsJSON are the product's functions and the stored ones, which go before them.
func functionsJSON(stored []function.Function) map[string]functionJSON {
	out := map[string]functionJSON{}
	for _, f := range kql.ProductFunctions() {
		addFunction(out, f.Name, f.Text, "Spoor", "")
	}
	for _, f := range stored {
		addFunction(out, f.Name, f.Text(), f.Folder, f.DocString)
	}
	return out
}

// addFunction leaves out what no longer parses: it could not be called either.
func addFunction(to map[string]functionJSON, name, text, folder, doc string) {
	f, diags := syntax.ParseFunction(text, 0)
	if len(diags) > 0 {
		return
	}
	out := functionJSON{
		Name: name, Body: text[f.Open.Start:f.Span().End], Folder: folder, DocString: doc, FunctionKind: "Unknown",
		InputParameters: []parameterJSON{}, OutputColumns: []columnJSON{},
	}
	for _, p := range f.Params {
		out.InputParameters = append(out.InputParameters, parameter(p))
	}
	to[name] = out
}

func parameter(p syntax.Param) parameterJSON {
	out := parameterJSON{Name: p.Name.Text}
	if p.Table {
		for _, c := range p.Columns {
			out.Columns = append(out.Columns, columnJSON{c.Name.Text, systemType(c.Type), c.Type.String(), ""})
		}
		return out
	}
	out.Type, out.CslType = systemType(p.Type), p.Type.String()
	if p.Default != nil {
		out.CslDefaultValue = syntax.PrintExpr(p.Default)
	}
	return out
}
