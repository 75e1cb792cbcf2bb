package bind

import (
	"encoding/json"
	"strings"

	"spoor/internal/kql/syntax"
	"spoor/internal/kql/value"
	"spoor/internal/schema"
)

func (b *binder) between(x *syntax.Between) Expr {
	v := b.expr(x.X)
	low, high := b.expr(x.Low), b.expr(x.High)
	if v.Type() == schema.DateTime && high.Type() == schema.TimeSpan {
		high = NewCall("+", schema.DateTime, high.Span(), low, high)
	}
	span := x.Span()
	both := NewCall("and", schema.Bool, span, b.compare(">=", v, low, span), b.compare("<=", v, high, span))
	if x.Not {
		return NewCall("not", schema.Bool, span, both)
	}
	return both
}

// inSet binds in, has_any, has_all and their relatives.
func (b *binder) inSet(x *syntax.In) Expr {
	op, not := strings.CutPrefix(x.Op, "!")
	var out Expr
	if _, ok := x.X.(*syntax.Star); ok {
		out = b.anyColumn(x.Span(), func(c Expr) Expr { return b.membership(op, c, x) })
	} else {
		out = b.membership(op, b.expr(x.X), x)
	}
	if not {
		return NewCall("not", schema.Bool, x.Span(), out)
	}
	return out
}

func (b *binder) membership(op string, v Expr, x *syntax.In) Expr {
	if len(x.Set) == 1 {
		if rel, ok := b.tryTabular(x.Set[0]); ok {
			return b.inQuery(op, v, rel, x)
		}
	}
	if op != "in" || v.Type() == schema.Dynamic {
		v = b.convert(v, schema.String)
	}
	args := []Expr{v}
	for _, e := range x.Set {
		args = append(args, b.elements(op, v, b.expr(e))...)
	}
	return NewCall(op, schema.Bool, x.Span(), args...)
}

// tryTabular binds x as a table if it is one; a name of a scalar is none.
func (b *binder) tryTabular(x syntax.Expr) (Rel, bool) {
	if n, ok := syntax.Unparen(x).(*syntax.Name); ok && find(b.row, n.Text) != nil {
		return nil, false
	}
	return b.tabular(x)
}

func (b *binder) inQuery(op string, v Expr, rel Rel, x *syntax.In) Expr {
	cols := visible(rel.Columns())
	if len(cols) == 0 {
		b.fail(x.Set[0].Span(), "SEM0045", "The query has no column to look in")
	}
	col := cols[0]
	if v.Type() != col.Type {
		t := schema.String
		if isNumber(v.Type()) && isNumber(col.Type) {
			t = widest(v.Type(), col.Type)
		} else if v.Type() != schema.Dynamic && col.Type == schema.Dynamic {
			t = v.Type()
		}
		to := b.column(col.Name, t, true)
		rel = &Project{In: rel, Items: []Item{{to, b.convert(NewRef(col, x.Span()), t)}}}
		col, v = to, b.convert(v, t)
	}
	return &InQuery{typed{schema.Bool, x.Span()}, op, false, v, rel, col}
}

// elements are the values one entry of a list stands for: an array's, or its own.
func (b *binder) elements(op string, v, e Expr) []Expr {
	t := v.Type()
	if e.Type() == schema.Dynamic {
		if values, ok := packedTexts(e); ok && t == schema.String {
			return values
		}
		c, ok := e.(*Const)
		if !ok {
			return []Expr{e} // an array known at run time
		}
		var out []Expr
		for _, m := range constElements(c) {
			out = append(out, b.element(op, t, m))
		}
		return out
	}
	return []Expr{b.element(op, t, e)}
}

// packedTexts are the elements of pack_array over constant texts.
func packedTexts(e Expr) ([]Expr, bool) {
	c, ok := e.(*Call)
	if !ok || c.Op != "pack_array" {
		return nil, false
	}
	for _, a := range c.Args {
		if k, ok := a.(*Const); !ok || k.Type() != schema.String {
			return nil, false
		}
	}
	return c.Args, true
}

func (b *binder) element(op string, t schema.Type, e Expr) Expr {
	if t == schema.Unknown || e.Type() == schema.Unknown {
		return e
	}
	if op != "in" {
		return b.convert(e, schema.String)
	}
	if c, ok := e.(*Const); ok && c.Type() == schema.String && t != schema.String {
		if v, ok := constConvert(c, t); ok {
			return v
		}
		return NewConst(t, nil, e.Span())
	}
	return b.convert(e, t)
}

// constElements are the elements of a constant dynamic array as constants.
func constElements(c *Const) []Expr {
	s, ok := c.Value.(string)
	if !ok {
		return nil
	}
	var raw []json.RawMessage
	if json.Unmarshal([]byte(s), &raw) != nil {
		return []Expr{constOf(json.RawMessage(s), c.Span())}
	}
	out := make([]Expr, len(raw))
	for i, r := range raw {
		out[i] = constOf(r, c.Span())
	}
	return out
}

// constOf is a JSON value as a constant of the nearest scalar type.
func constOf(raw json.RawMessage, span syntax.Span) Expr {
	text := strings.TrimSpace(string(raw))
	var s string
	switch {
	case text == "null":
		return NewConst(schema.Dynamic, nil, span)
	case text == "true" || text == "false":
		return NewConst(schema.Bool, text == "true", span)
	case json.Unmarshal(raw, &s) == nil:
		return NewConst(schema.String, s, span)
	}
	if n, ok := value.ParseLong(text); ok {
		return NewConst(schema.Long, n, span)
	}
	if f, ok := value.ParseReal(text); ok {
		return NewConst(schema.Real, f, span)
	}
	return NewConst(schema.Dynamic, text, span)
}

// constTexts are the texts of a constant: its own, or those of its elements.
func constTexts(c *Const) []string {
	if s, ok := c.Value.(string); ok && c.Type() == schema.String {
		return []string{s}
	}
	var out []string
	for _, e := range constElements(c) {
		if s, ok := e.(*Const).Value.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
