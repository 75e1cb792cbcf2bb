package bind

import (
	"fmt"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// expr binds a scalar expression.
func (b *binder) expr(x syntax.Expr) Expr {
	defer b.count(x.Span())()
	switch x := x.(type) {
	case *syntax.Paren:
		return b.expr(x.X)
	case *syntax.Literal:
		return NewConst(x.Type, x.Value, x.Span())
	case *syntax.Name:
		return b.name(x)
	case *syntax.Path:
		return b.path(x)
	case *syntax.Index:
		return b.index(x)
	case *syntax.Unary:
		return b.unary(x)
	case *syntax.Binary:
		return b.binary(x)
	case *syntax.In:
		return b.inSet(x)
	case *syntax.Between:
		return b.between(x)
	case *syntax.Call:
		return b.call(x)
	case *syntax.Named:
		return b.expr(x.X)
	case *syntax.Star:
		b.fail(x.Span(), "SEM0044", "'*' has no meaning here")
	case *syntax.Pipeline, *syntax.DataTable, *syntax.ExternalData:
		b.fail(x.Span(), "SEM0033", "A scalar value is expected here, not a table; toscalar() makes one of it")
	case *syntax.TypeOf, *syntax.Method, *syntax.Function:
		b.fail(x.Span(), "SEM0033", "A scalar value is expected here")
	}
	b.fail(x.Span(), "SEM0080", fmt.Sprintf("The expression %T is not supported", x))
	return nil
}

func (b *binder) name(x *syntax.Name) Expr {
	if b.inJoin {
		if c := find(b.left, x.Text); c != nil {
			return NewRef(c, x.Span())
		}
		if c := find(b.right, x.Text); c != nil {
			return NewRef(c, x.Span())
		}
	}
	if c := find(b.row, x.Text); c != nil {
		return NewRef(c, x.Span())
	}
	if v, ok := b.patternName(x); ok {
		return v
	}
	if def, ok := b.lookup(x.Text); ok {
		return b.scalarDefinition(def, x)
	}
	if v := b.unsplit(x); v != nil {
		return v
	}
	if b.elsewhere != nil {
		if t, ok := b.elsewhere(x.Text); ok {
			return NewConst(t, nil, x.Span())
		}
	}
	if b.open {
		return b.absent(x)
	}
	b.unknownColumn(x)
	return nil
}

// absent is the value of a column that the data might have and, if they are known, do
// not have: Kusto refuses the query then, so that it runs on some days and not on
// others. Here it is null, and the answer says so.
func (b *binder) absent(x *syntax.Name) Expr {
	if b.probe == nil {
		b.remark(x.Span(), "SPR0002", fmt.Sprintf("No row in the data has '%s'; it is null", x.Text))
	}
	return NewConst(schema.Unknown, nil, x.Span())
}

// unsplit is the value of a name whose columns have their types behind it: that of the
// first which has one, as the first's type. Nil: there are no such columns.
func (b *binder) unsplit(x *syntax.Name) Expr {
	var args []Expr
	for _, c := range b.row {
		if c.Of == x.Text {
			args = append(args, NewRef(c, x.Span()))
		}
	}
	if len(args) == 0 {
		return nil
	}
	t := args[0].Type()
	for i := range args {
		args[i] = b.convert(args[i], t)
	}
	return NewCall("coalesce", t, x.Span(), args...)
}

func (b *binder) unknownColumn(x *syntax.Name) {
	var names []string
	for _, c := range b.row {
		names = append(names, c.Name)
	}
	for s := b.scope; s != nil; s = s.outer {
		names = append(names, s.name)
	}
	b.fail(x.Span(), "SEM0100", fmt.Sprintf("Failed to resolve the column or variable '%s'%s", x.Text, syntax.Suggest(x.Text, names)))
}

func (b *binder) scalarDefinition(def definition, x *syntax.Name) Expr {
	switch {
	case def.value != nil:
		return def.value
	case def.fn != nil:
		return b.invokeScalar(def, nil, x.Span())
	case def.syntax != nil:
		var out Expr
		b.guardRecursion(def, x, func() {
			b.within(def.scope, func() {
				b.in(nil, func() { out = b.expr(def.syntax) })
			})
		})
		return out
	}
	b.fail(x.Span(), "SEM0033", fmt.Sprintf("'%s' is a table; a scalar value is expected here", x.Text))
	return nil
}

func (b *binder) path(x *syntax.Path) Expr {
	if n, ok := x.X.(*syntax.Name); ok && b.inJoin && (n.Text == "$left" || n.Text == "$right") {
		side := b.left
		if n.Text == "$right" {
			side = b.right
		}
		if c := find(side, x.Name.Text); c != nil {
			return NewRef(c, x.Span())
		}
		if b.open {
			return b.absent(&x.Name)
		}
		b.in(side, func() { b.unknownColumn(&x.Name) })
	}
	if v, ok := b.patternPath(x); ok {
		return v
	}
	if v, ok := b.keptPath(x); ok {
		return v
	}
	base := b.expr(x.X)
	return b.member(base, NewConst(schema.String, x.Name.Text, x.Name.Span()), x.Span())
}

func (b *binder) index(x *syntax.Index) Expr {
	base, i := b.expr(x.X), b.expr(x.I)
	if i.Type() == schema.Int {
		i = b.convert(i, schema.Long)
	}
	return b.member(base, i, x.Span())
}

// member is an element of a dynamic value, by name or by position.
func (b *binder) member(base, i Expr, span syntax.Span) Expr {
	switch base.Type() {
	case schema.Dynamic, schema.Unknown:
	case schema.String:
		// The service takes the text for JSON only where it was made dynamic.
		b.fail(span, "SEM0023", "A text has no members; parse_json() makes a dynamic value of it")
	default:
		b.fail(span, "SEM0023", fmt.Sprintf("A value of type %s has no members", base.Type()))
	}
	switch i.Type() {
	case schema.String, schema.Dynamic:
		return NewCall("path", schema.Dynamic, span, base, b.coerce(i, schema.String))
	case schema.Long:
		return NewCall("index", schema.Dynamic, span, base, i)
	default:
		b.fail(i.Span(), "SEM0024", fmt.Sprintf("A member is named by a text or a whole number, not by a %s", i.Type()))
		return nil
	}
}

func (b *binder) unary(x *syntax.Unary) Expr {
	v := b.expr(x.X)
	switch v.Type() {
	case schema.Int, schema.Long, schema.Real, schema.Decimal, schema.TimeSpan, schema.Unknown:
	case schema.Dynamic:
		if x.Op == "+" {
			return v
		}
		return b.convert(NewCall("negate", schema.Real, x.Span(), b.convert(v, schema.Real)), schema.Dynamic)
	default:
		b.fail(x.Span(), "SEM0001", fmt.Sprintf("The operator '%s' is not defined for a value of type %s", x.Op, v.Type()))
	}
	if x.Op == "+" {
		return v
	}
	if c, ok := v.(*Const); ok {
		switch n := c.Value.(type) {
		case int64:
			return NewConst(c.Type(), -n, x.Span())
		case float64:
			return NewConst(c.Type(), -n, x.Span())
		case schema.Ticks:
			return NewConst(c.Type(), -n, x.Span())
		}
	}
	return NewCall("negate", v.Type(), x.Span(), v)
}

// condition binds an expression that must be a truth value.
func (b *binder) condition(x syntax.Expr) Expr {
	return b.truth(b.expr(x))
}

// operand binds one side of an and or an or; an error in it does not hide those of the
// other side.
func (b *binder) operand(x syntax.Expr) (v Expr) {
	b.rescue(func() { v = b.condition(x) }, func() { v = NewConst(schema.Bool, nil, x.Span()) })
	return v
}

func (b *binder) truth(v Expr) Expr {
	switch v.Type() {
	case schema.Bool, schema.Unknown:
		return v
	case schema.Dynamic, schema.Int, schema.Long:
		return b.convert(v, schema.Bool)
	default: // the others need nothing here
	}
	b.fail(v.Span(), "SEM0002", fmt.Sprintf("The expression must be a bool, not a %s", v.Type()))
	return nil
}

func (b *binder) binary(x *syntax.Binary) Expr {
	switch x.Op {
	case "and", "or":
		return NewCall(x.Op, schema.Bool, x.Span(), b.operand(x.X), b.operand(x.Y))
	case "+", "-", "*", "/", "%":
		return b.arithmetic(x)
	case "==", "!=", "<>", "<", "<=", ">", ">=":
		return b.comparison(x)
	default:
		return b.stringOperator(x)
	}
}

// arithmetic types the operators + - * / %, as the numerical operators' page lists them.
func (b *binder) arithmetic(x *syntax.Binary) Expr {
	l, r := b.expr(x.X), b.expr(x.Y)
	lt, rt := l.Type(), r.Type()
	if lt == schema.Unknown || rt == schema.Unknown {
		return NewCall(x.Op, schema.Unknown, x.Span(), l, r)
	}
	if lt == schema.Dynamic && rt == schema.Dynamic {
		v := NewCall(x.Op, schema.Real, x.Span(), b.convert(l, schema.Real), b.convert(r, schema.Real))
		return b.convert(v, schema.Dynamic)
	}
	if lt == schema.Dynamic {
		lt = arithmeticPartner(x.Op, rt, true)
		l = b.convert(l, lt)
	}
	if rt == schema.Dynamic {
		rt = arithmeticPartner(x.Op, lt, false)
		r = b.convert(r, rt)
	}
	if isNumber(lt) && isNumber(rt) {
		t := widest(lt, rt)
		return NewCall(x.Op, t, x.Span(), b.convert(l, t), b.convert(r, t))
	}
	if t, ok := timeArithmetic(x.Op, lt, rt); ok {
		return NewCall(x.Op, t, x.Span(), l, r)
	}
	b.fail(x.OpSpan, "SEM0001", fmt.Sprintf("The operator '%s' is not defined for the types %s and %s", x.Op, lt, rt))
	return nil
}

// arithmeticPartner is the type that a dynamic operand is taken for beside another.
func arithmeticPartner(op string, other schema.Type, left bool) schema.Type {
	switch {
	case other == schema.DateTime && op == "-" && left:
		return schema.DateTime
	case other == schema.DateTime && op == "-":
		return schema.DateTime
	case other == schema.DateTime:
		return schema.TimeSpan
	case other == schema.TimeSpan && (op == "*" || op == "/" && !left):
		return schema.Real
	default:
		return other
	}
}

func isNumber(t schema.Type) bool {
	return t == schema.Int || t == schema.Long || t == schema.Real || t == schema.Decimal
}

// widest is the type two numbers are computed in. Whole numbers are computed as long.
func widest(a, b schema.Type) schema.Type {
	switch {
	case a == schema.Decimal || b == schema.Decimal:
		return schema.Decimal
	case a == schema.Real || b == schema.Real:
		return schema.Real
	default:
		return schema.Long
	}
}

func timeArithmetic(op string, l, r schema.Type) (schema.Type, bool) {
	const dt, ts = schema.DateTime, schema.TimeSpan
	switch {
	case op == "-" && l == dt && r == dt:
		return ts, true
	case (op == "+" || op == "-") && l == dt && r == ts, op == "+" && l == ts && r == dt:
		return dt, true
	case (op == "+" || op == "-" || op == "%") && l == ts && r == ts:
		return ts, true
	case op == "/" && (l == ts || l == dt) && r == ts:
		return schema.Real, true
	case (op == "*" || op == "/" || op == "%") && l == dt && isNumber(r):
		return dt, true
	case (op == "*" || op == "/") && l == ts && isNumber(r), op == "*" && isNumber(l) && r == ts:
		return ts, true
	case op == "%" && l == dt && r == ts, op == "%" && l == ts && isNumber(r):
		return ts, true
	}
	return schema.Unknown, false
}

// anyColumn is a predicate that holds when it does for any column: * has "x".
func (b *binder) anyColumn(span syntax.Span, predicate func(Expr) Expr) Expr {
	var out Expr
	for _, c := range visible(b.row) {
		switch c.Type {
		case schema.String, schema.Dynamic:
		case schema.Int, schema.Long, schema.GUID:
			if !b.inSearch {
				continue
			}
		default:
			continue
		}
		p := predicate(NewRef(c, span))
		if out == nil {
			out = p
		} else {
			out = NewCall("or", schema.Bool, span, out, p)
		}
	}
	if out == nil {
		return NewConst(schema.Bool, false, span)
	}
	return out
}

// coerce converts where KQL converts by itself, and reports where it does not.
func (b *binder) coerce(v Expr, t schema.Type) Expr {
	from := v.Type()
	switch {
	case from == t || t == schema.Unknown || from == schema.Unknown:
		return v
	case isNumber(from) && isNumber(t), from == schema.Dynamic, t == schema.String && from != schema.Dynamic, t == schema.Dynamic:
		return b.convert(v, t)
	case t == schema.DateTime && from == schema.String, t == schema.GUID && from == schema.String, t == schema.TimeSpan && from == schema.String:
		return b.convert(v, t)
	}
	b.fail(v.Span(), "SEM0002", fmt.Sprintf("A value of type %s is expected, not a %s", t, from))
	return nil
}

// conversions name the function that makes a value of a type.
var conversions = map[schema.Type]string{
	schema.Bool: "tobool", schema.Int: "toint", schema.Long: "tolong", schema.Real: "toreal", schema.Decimal: "todecimal",
	schema.String: "tostring", schema.DateTime: "todatetime", schema.TimeSpan: "totimespan", schema.GUID: "toguid", schema.Dynamic: "to_dynamic",
}

// convert makes v a value of type t, whatever the types.
func (b *binder) convert(v Expr, t schema.Type) Expr {
	from := v.Type()
	if from == t || t == schema.Unknown {
		return v
	}
	if from == schema.Unknown {
		if c, ok := v.(*Const); ok && c.Value != nil {
			return v // a type
		}
		return NewConst(t, nil, v.Span()) // a column that is not there
	}
	if c, ok := v.(*Const); ok {
		if c.Value == nil {
			return NewConst(t, nil, v.Span())
		}
		if out, ok := constNumber(c, t); ok {
			return out
		}
		if out, ok := constConvert(c, t); ok && from == schema.String {
			return out
		}
	}
	return NewCall(conversions[t], t, v.Span(), v)
}
