package dialect

import (
	"strconv"
	"strings"

	"spoor/internal/kql/bind"
	"spoor/internal/schema"
)

// pointer collects a chain of constant members into one JSON pointer.
func pointer(x bind.Expr) (base bind.Expr, path string, ok bool) {
	c, isCall := x.(*bind.Call)
	if !isCall || c.Op != "path" && c.Op != "index" {
		return x, "", true
	}
	k, isConst := c.Args[1].(*bind.Const)
	if !isConst {
		return x, "", false
	}
	var part string
	switch v := k.Value.(type) {
	case string:
		part = "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(v)
	case int64:
		if v < 0 {
			return x, "", false
		}
		part = "/" + strconv.FormatInt(v, 10)
	default:
		return x, "", false
	}
	base, path, ok = pointer(c.Args[0])
	if !ok {
		return c.Args[0], part, true
	}
	return base, path + part, true
}

func (w *duckdb) path(c *bind.Call) string {
	return "nullif(" + w.rawPath(c) + "::VARCHAR, 'null')"
}

func (w *duckdb) index(c *bind.Call) string { return w.path(c) }

// rawPath is a member as the engine's JSON.
func (w *duckdb) rawPath(c *bind.Call) string {
	base, path, ok := pointer(c)
	if ok {
		return "json_extract(" + w.expr(base) + ", " + w.pattern(path) + ")"
	}
	return "json_extract(" + w.expr(c.Args[0]) + ", " + w.member(c.Args[1]) + ")"
}

// member is a JSON path for a member known at run time.
func (w *duckdb) member(k bind.Expr) string {
	x := w.expr(k)
	if k.Type() == schema.Long {
		return "CASE WHEN " + x + " < 0 THEN '$[#' || " + x + " || ']' ELSE '$[' || " + x + " || ']' END"
	}
	return "'/' || replace(replace(" + x + ", '~', '~0'), '/', '~1')"
}
