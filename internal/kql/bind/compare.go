package bind

import (
	"fmt"
	"strings"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

func (b *binder) comparison(x *syntax.Binary) Expr {
	op := x.Op
	if op == "<>" {
		op = "!="
	}
	if _, ok := x.X.(*syntax.Star); ok {
		return b.anyColumn(x.Span(), func(c Expr) Expr { return b.compare(op, c, b.expr(x.Y), x.OpSpan) })
	}
	return b.compare(op, b.expr(x.X), b.expr(x.Y), x.OpSpan)
}

// compare types a comparison. Where the two types differ, one side is converted.
func (b *binder) compare(op string, l, r Expr, span syntax.Span) Expr {
	equality := op == "==" || op == "!="
	lt, rt := l.Type(), r.Type()
	switch {
	case lt == schema.Unknown || rt == schema.Unknown:
	case lt == rt:
	case isNumber(lt) && isNumber(rt):
		t := widest(lt, rt)
		l, r = b.convert(l, t), b.convert(r, t)
	case lt == schema.Dynamic:
		l = b.convert(l, rt)
	case rt == schema.Dynamic:
		r = b.convert(r, lt)
	case equality && lt == schema.String && comparable(rt):
		l, r = b.compareText(l, r)
	case equality && rt == schema.String && comparable(lt):
		r, l = b.compareText(r, l)
	case equality && isTime(lt) && isNumber(rt):
		r = b.convert(r, lt)
	case equality && isTime(rt) && isNumber(lt):
		l = b.convert(l, rt)
	case lt == schema.Bool && isNumber(rt):
		l = b.convert(l, rt)
	case rt == schema.Bool && isNumber(lt):
		r = b.convert(r, lt)
	default:
		b.fail(span, "SEM0001", fmt.Sprintf("The operator '%s' is not defined for the types %s and %s", op, lt, rt))
	}
	return NewCall(op, schema.Bool, l.Span().To(r.Span()), l, r)
}

// isTime: equality takes a number beside a time for ticks.
func isTime(t schema.Type) bool { return t == schema.DateTime || t == schema.TimeSpan }

// comparable types are compared with a text after conversion, which Kusto's documents
// leave out and published queries use: EventID == "4624".
func comparable(t schema.Type) bool {
	return t == schema.GUID || isNumber(t) || t == schema.Bool || t == schema.DateTime || t == schema.TimeSpan
}

// compareText converts a text to the other side's type, or, when it is a constant that
// does not convert, the other side to text.
func (b *binder) compareText(text, other Expr) (Expr, Expr) {
	if c, ok := text.(*Const); ok {
		if v, ok := constConvert(c, other.Type()); ok {
			return v, other
		}
		return text, b.convert(other, schema.String)
	}
	return b.convert(text, other.Type()), other
}

// operatorNames maps the spellings of string operators to their canonical ones.
var operatorNames = map[string]string{
	"like": "contains", "notlike": "!contains", "notcontains": "!contains", "containscs": "contains_cs", "notcontainscs": "!contains_cs",
	"likecs": "contains_cs", "notlikecs": "!contains_cs", "!containscs": "!contains_cs", ":": "has",
}

func (b *binder) stringOperator(x *syntax.Binary) Expr {
	op := x.Op
	if o, ok := operatorNames[op]; ok {
		op = o
	}
	if _, ok := x.X.(*syntax.Star); ok {
		return b.anyColumn(x.Span(), func(c Expr) Expr { return b.textCall(op, c, b.expr(x.Y), x) })
	}
	return b.textCall(op, b.expr(x.X), b.expr(x.Y), x)
}

func (b *binder) textCall(op string, l, r Expr, x *syntax.Binary) Expr {
	for _, v := range []Expr{l, r} {
		switch v.Type() {
		case schema.String, schema.Dynamic, schema.Unknown:
		default:
			if op != "=~" && op != "!~" && (!b.inSearch || v == r) {
				b.fail(x.OpSpan, "SEM0001", fmt.Sprintf("The operator '%s' is not defined for the types %s and %s", x.Op, l.Type(), r.Type()))
			}
		}
	}
	l, r = b.convert(l, schema.String), b.convert(r, schema.String)
	positive, negated := strings.CutPrefix(op, "!")
	if op == "!~" {
		positive, negated = "=~", true
	}
	if positive == "matches regex" {
		b.checkRegex(r)
	}
	call := NewCall(positive, schema.Bool, x.Span(), l, r)
	if negated {
		return NewCall("not", schema.Bool, x.Span(), call)
	}
	return call
}
