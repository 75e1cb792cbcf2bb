package bind

import (
	"fmt"
	"strings"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// pluginText binds a plugin that is written in KQL. The text sees T, the input with the
// columns that the plugin works on under names of its own, and constants; nothing of
// the query around it.
type pluginText struct {
	*binder
	call *syntax.Call
	// last is the number of arguments that are not bound apart at the end.
	last int
	in   Rel
	// cols are T's columns; dims those by which the result is sliced.
	cols []Item
	dims []*Column
	// names are the result's columns as they are shown.
	names  []string
	values map[string]Expr
	tables map[string]func() Rel
}

func (b *binder) pluginText(in Rel, call *syntax.Call) *pluginText {
	return &pluginText{binder: b, call: call, last: len(call.Args), in: in, values: map[string]Expr{}, tables: map[string]func() Rel{}}
}

// arg is an argument that must be there.
func (p *pluginText) arg(i int) syntax.Expr {
	if i >= len(p.call.Args) {
		p.fail(p.call.Span(), "SEM0219", fmt.Sprintf("%s(): more arguments are needed, %d are given", p.call.Func.Text, len(p.call.Args)))
	}
	return p.call.Args[i]
}

// column makes the expression of an argument a column of T.
func (p *pluginText) column(name string, x syntax.Expr) *Column {
	v := p.expr(x)
	c := p.binder.column(name, v.Type(), v.Nullable())
	p.cols = append(p.cols, Item{c, v})
	return c
}

// constant gives the value of an argument a name.
func (p *pluginText) constant(name string, x syntax.Expr, t schema.Type) {
	p.binder.in(nil, func() { p.values[name] = p.coerce(p.expr(x), t) })
}

// slices takes the arguments from i on for the columns that slice the result.
func (p *pluginText) slices(i int) {
	for ; i < p.last; i++ {
		x := p.call.Args[i]
		c := p.column(fmt.Sprintf("_d%d", len(p.dims)), x)
		p.dims = append(p.dims, c)
		p.names = append(p.names, resultName(x))
	}
}

// by lists columns, those that slice the result behind them.
func (p *pluginText) by(names ...string) string {
	for _, c := range p.dims {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

// bind binds the text and gives the result's columns their names.
func (p *pluginText) bind(text string) Rel {
	q, diags := syntax.Parse(text)
	if len(diags) > 0 {
		p.fail(p.call.Span(), "SEM0099", "plugin "+p.call.Func.Text+": "+diags[0].Message)
	}
	var scope *scope
	define := func(name string, d definition) { scope = defined(scope, name, d) }
	define("T", definition{rel: p.again(&Project{In: p.in, Items: p.cols})})
	for name, table := range p.tables {
		define(name, definition{rel: table})
	}
	for name, v := range p.values {
		define(name, definition{value: v})
	}
	defer func(outer *syntax.Span) { p.place = outer }(p.place)
	place := p.call.Span()
	p.place = &place
	var out Rel
	p.within(scope, func() {
		p.binder.in(nil, func() {
			for _, s := range q.Statements {
				if x := p.statement(s); x != nil {
					out = p.rel(x)
				}
			}
		})
	})
	return p.renamed(out, p.names)
}

func defined(outer *scope, name string, d definition) *scope { return &scope{outer, name, d} }

// renamed gives columns other names, in their order, and leaves the rest out.
func (b *binder) renamed(in Rel, names []string) Rel {
	out := &Project{In: in}
	taken := newNames(nil)
	for i, c := range visible(in.Columns())[:len(names)] {
		out.Items = append(out.Items, Item{b.column(taken.unique(names[i]), c.Type, c.Nullable), ref(c)})
	}
	return out
}
