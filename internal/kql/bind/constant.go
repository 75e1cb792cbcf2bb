package bind

import (
	"strings"

	"spoor/internal/kql/value"
	"spoor/internal/schema"
)

// constConvert converts a text constant at once.
func constConvert(c *Const, t schema.Type) (Expr, bool) {
	s, ok := c.Value.(string)
	if !ok {
		return nil, false
	}
	var v any
	switch t {
	case schema.Bool:
		v, ok = value.ParseBool(s)
	case schema.Int, schema.Long:
		v, ok = value.ParseLong(s)
	case schema.Real:
		v, ok = value.ParseReal(s)
		ok = ok && strings.TrimPrefix(strings.TrimSpace(s), "+") != "INF"
	case schema.DateTime:
		v, ok = value.ParseDateTime(s)
	case schema.TimeSpan:
		v, ok = value.ParseTimeSpan(s)
	case schema.GUID:
		v, ok = value.ParseGUID(s)
	default:
		return nil, false
	}
	if !ok {
		return nil, false
	}
	return NewConst(t, v, c.Span()), true
}

func constNumber(c *Const, t schema.Type) (Expr, bool) {
	n, ok := c.Value.(int64)
	if !ok || c.Type() == schema.Decimal {
		return nil, false
	}
	switch t {
	case schema.Long:
		return NewConst(t, n, c.Span()), true
	case schema.Int:
		return NewConst(t, n, c.Span()), n == int64(int32(n))
	case schema.Real:
		return NewConst(t, float64(n), c.Span()), true
	default: // the others need nothing here
	}
	return nil, false
}
