package bind

import (
	"fmt"
	"strings"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// geoLookup binds geo_polygon_lookup and geo_line_lookup. A row is joined with the
// shapes that its point is in or near to: every row is held against every shape.
func (b *binder) geoLookup(in Rel, call *syntax.Call) Rel {
	params := []string{"", "", "", "", "radius", "return_unmatched", "lookup_area_radius", "return_lookup_key"}
	least, test := 4, "iff(_radius <= 0, geo_point_in_polygon(_x, _y, _shape), geo_distance_point_to_polygon(_x, _y, _shape) <= _radius)"
	if call.Func.Text == "geo_line_lookup" {
		least, test = 5, "geo_distance_point_to_line(_x, _y, _shape) <= _radius"
	}
	args := b.pluginArgs(call, least, params...)
	var table Rel
	b.in(nil, func() { table = b.rel(args[0]) })
	l := &lookupText{pluginText: b.pluginText(in, call)}
	left := l.left(in)
	for i, name := range []string{"_x", "_y"} {
		at := l.convert(l.expr(args[2+i]), schema.Real)
		l.cols = append(l.cols, Item{l.binder.column(name, schema.Real, true), at})
	}
	radius := Expr(NewConst(schema.Real, 0.0, call.Span()))
	if args[4] != nil {
		b.in(nil, func() { radius = b.coerce(b.expr(args[4]), schema.Real) })
	}
	l.values["_radius"] = radius
	kind := "inner"
	if b.flag(args[5]) {
		kind = "leftouter"
	}
	right := l.shapes(table, args[1], b.flag(args[7]))
	return l.bind(fmt.Sprintf(`
		let S = T | serialize _n = row_number() | extend _one = 1;
		let Met = S | join kind=inner (Shapes | extend _one = 1) on _one | where %[1]s;
		S | join kind=%[2]s Met on _n | project %[3]s%[4]s`, test, kind, left, right))
}

// flag is a constant truth; one that is left out is false.
func (b *binder) flag(x syntax.Expr) bool {
	if x == nil {
		return false
	}
	c, ok := b.expr(x).(*Const)
	if !ok || c.Type() != schema.Bool {
		b.fail(x.Span(), "SEM0036", "true or false is expected here, as a constant")
	}
	return c.Value == true
}

// shapes takes the table of shapes, as Shapes, and lists its columns: that of the shapes
// is shown when it is asked for.
func (l *lookupText) shapes(table Rel, key syntax.Expr, withKey bool) string {
	cols := visible(table.Columns())
	p := &Project{In: table}
	var shape Expr
	l.binder.in(cols, func() { shape = l.convert(l.expr(key), schema.Dynamic) })
	p.Items = append(p.Items, Item{l.binder.column("_shape", schema.Dynamic, true), shape})
	var list strings.Builder
	taken := newNames(visible(l.in.Columns()))
	of, _ := shape.(*Ref)
	for i, c := range cols {
		if of != nil && c == of.Col && !withKey {
			continue
		}
		name := fmt.Sprintf("_r%d", i)
		p.Items = append(p.Items, Item{l.binder.column(name, c.Type, c.Nullable), ref(c)})
		l.names = append(l.names, taken.unique(c.Name))
		list.WriteString(", " + name)
	}
	l.tables["Shapes"] = l.again(p)
	return list.String()
}
