package bind

import (
	"fmt"

	"spoor/internal/kql/builtin"
	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// sortedArrays binds array_sort_… of several arrays as a column for each. A single
// array is no tuple.
func (b *binder) sortedArrays(x *syntax.Call) ([]item, bool) {
	call := b.sortCall(x)
	n := len(call.Args)
	if n > 0 && call.Args[n-1].Type() == schema.Bool {
		n--
	}
	if n < 2 {
		return nil, false
	}
	var out []item
	for i := range n {
		out = append(out, item{sortedName(x, i), false, NewCall("index", schema.Dynamic, x.Span(), call, NewConst(schema.Long, int64(i), x.Span())), x.Span()})
	}
	return out, true
}

// arraySort binds array_sort_… where one value is wanted: the sorted array, or an array
// of all of them.
func (b *binder) arraySort(x *syntax.Call) Expr { return b.sortCall(x) }

func (b *binder) sortCall(x *syntax.Call) *Call {
	b.arity(x, 1, 64)
	args := make([]Expr, len(x.Args))
	for i, a := range x.Args {
		v := b.expr(a)
		switch {
		case v.Type() == schema.Dynamic || v.Type() == schema.Unknown:
		case v.Type() == schema.Bool && i > 0 && i == len(x.Args)-1:
		case v.Type() == schema.String:
			v = b.convert(v, schema.Dynamic)
		default:
			b.fail(a.Span(), "SEM0219", fmt.Sprintf("%s(): an array is expected, not a %s", x.Func.Text, v.Type()))
		}
		args[i] = v
	}
	return NewCall(x.Func.Text, schema.Dynamic, x.Span(), args...)
}

// around is true where a value lies no farther from another than a distance.
func (b *binder) around(x *syntax.Call) Expr {
	b.arity(x, 3, 3)
	span := x.Span()
	v := x.Args[0]
	low := b.expr(syntax.BinaryAt("-", x.Args[1], x.Args[2]))
	high := b.expr(syntax.BinaryAt("+", x.Args[1], x.Args[2]))
	return NewCall("and", schema.Bool, span, b.compare(">=", b.expr(v), low, span), b.compare("<=", b.expr(v), high, span))
}

// binAuto rounds down as the settings query_bin_auto_size and query_bin_auto_at say.
func (b *binder) binAuto(x *syntax.Call) Expr {
	b.arity(x, 1, 1)
	size, ok := b.settings["query_bin_auto_size"]
	if !ok {
		b.fail(x.Span(), "SEM0050", "bin_auto() needs the size of a bin: set query_bin_auto_size=…")
	}
	v, s := b.expr(x.Args[0]), b.expr(size)
	at, ok := b.settings["query_bin_auto_at"]
	name := "bin"
	args := []Expr{v, s}
	if ok {
		name = "bin_at"
		args = append(args, b.expr(at))
	}
	f, _ := builtin.Scalar(name)
	return b.resolve(f, x, args)
}

// dataSize binds estimate_data_size: what the values of columns take, in bytes.
func (b *binder) dataSize(x *syntax.Call) Expr {
	b.arity(x, 1, 1<<15)
	var args []Expr
	for _, a := range x.Args {
		if _, ok := a.(*syntax.Star); ok {
			for _, c := range visible(b.row) {
				args = append(args, NewRef(c, a.Span()))
			}
			continue
		}
		args = append(args, b.expr(a))
	}
	return NewCall("estimate_data_size", schema.Long, x.Span(), args...)
}

// columnNamesOf lists the columns of a table or of what a function gives.
func (b *binder) columnNamesOf(x *syntax.Call) Expr {
	b.arity(x, 1, 1)
	rel, ok := b.tabular(x.Args[0])
	if !ok {
		b.fail(x.Args[0].Span(), "SEM0033", "A table is expected here")
	}
	var names []Expr
	for _, c := range visible(rel.Columns()) {
		names = append(names, NewConst(schema.String, c.Name, x.Span()))
	}
	return NewCall("pack_array", schema.Dynamic, x.Span(), names...)
}

// hashMany combines the hashes of all arguments.
func (b *binder) hashMany(x *syntax.Call) Expr {
	b.arity(x, 1, 64)
	args := make([]Expr, len(x.Args))
	for i, a := range x.Args {
		args[i] = NewCall("hash", schema.Long, x.Span(), b.expr(a))
	}
	return NewCall("hash_combine", schema.Long, x.Span(), args...)
}
