package bind

import (
	"regexp"
	"slices"
	"strings"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// parseText binds parse and parse-where: the pattern becomes one regular expression
// with a group for each column. A simple or relaxed pattern must match the whole text.
// Kind simple gives nothing when a typed column does not convert, relaxed gives null
// for it alone.
func (b *binder) parseText(in Rel, op *syntax.ParseText) Rel {
	x := b.convert(b.expr(op.X), schema.String)
	kind := op.Params.Word("kind")
	pattern, columns := b.parsePattern(op, kind == "regex")
	p := &Project{In: in}
	for _, c := range in.Columns() {
		p.Items = append(p.Items, Item{c, NewRef(c, op.Span())})
	}
	regex := NewConst(schema.String, pattern, op.Span())
	matched := NewCall("regex_matches", schema.Bool, op.Span(), x, regex)
	for i, part := range columns {
		t := part.Type
		if t == schema.Unknown {
			t = schema.String
		}
		group := NewCall("regex_group", schema.String, part.Span, x, regex, NewConst(schema.Long, int64(i+1), part.Span))
		v := b.convert(group, t)
		col := b.column(part.Column.Text, t, true)
		if i := slices.IndexFunc(p.Items, func(it Item) bool { return it.Col.Name == col.Name }); i >= 0 {
			p.Items = slices.Delete(p.Items, i, i+1)
		}
		p.Items = append(p.Items, Item{col, v})
	}
	if op.Word() == "parse-where" {
		p.In = &Where{in, matched}
	}
	return p
}

// parsePattern makes the regular expression of a parse pattern.
func (b *binder) parsePattern(op *syntax.ParseText, isRegex bool) (string, []syntax.PatternPart) {
	var re strings.Builder
	var columns []syntax.PatternPart
	flags := "s"
	if f := op.Params.Word("flags"); f != "" {
		flags = f
	}
	re.WriteString("(?" + flags + ")^")
	for i, part := range op.Pattern {
		last := i == len(op.Pattern)-1
		switch {
		case part.Star:
			re.WriteString(".*?")
		case part.Text != nil:
			s, _ := part.Text.(*syntax.Literal).Value.(string)
			if !isRegex {
				s = regexp.QuoteMeta(s)
			}
			re.WriteString(s)
		case b.constText(part):
			s, _ := b.expr(part.Column).(*Const).Value.(string)
			re.WriteString(regexp.QuoteMeta(s))
		default:
			columns = append(columns, part)
			re.WriteString(groupOf(part.Type, last || isRegex))
		}
	}
	if n := len(op.Pattern); n > 0 && op.Pattern[n-1].Star {
		re.WriteString("$")
	} else if !isRegex {
		re.WriteString("$")
	}
	return re.String(), columns
}

// constText: a name in a pattern that a let has made a text is that text.
func (b *binder) constText(part syntax.PatternPart) bool {
	if part.Type != schema.Unknown {
		return false
	}
	def, ok := b.lookup(part.Column.Text)
	if !ok || find(b.row, part.Column.Text) != nil || def.fn != nil || def.rel != nil {
		return false
	}
	if _, ok := def.syntax.(*syntax.Literal); !ok && def.value == nil {
		return false
	}
	c, ok := b.expr(part.Column).(*Const)
	return ok && c.Type() == schema.String
}

// groupOf is the group that takes a column of a type.
func groupOf(t schema.Type, last bool) string {
	switch t {
	case schema.Int, schema.Long:
		return `\s*([-+]?\d+)\s*`
	case schema.Real, schema.Decimal:
		return `\s*([-+]?\d*\.?\d+(?:[eE][-+]?\d+)?)\s*`
	case schema.GUID:
		return `\s*([-{(]?[0-9a-fA-F-]{32,36}[)}]?)\s*`
	case schema.Bool:
		return `\s*([tT][rR][uU][eE]|[fF][aA][lL][sS][eE]|\d+)\s*`
	default: // the others need nothing here
	}
	if last {
		return "(.*)"
	}
	return "(.*?)"
}

// parseKV binds parse-kv: the text becomes a bag, the declared keys its columns.
func (b *binder) parseKV(in Rel, op *syntax.ParseKV) Rel {
	x := b.convert(b.expr(op.X), schema.String)
	word := func(name, otherwise string) Expr {
		s := otherwise
		if op.Params.Find(name) != nil {
			s = op.Params.Word(name)
		}
		return NewConst(schema.String, s, op.Span())
	}
	if op.Params.Find("regex") != nil {
		b.unsupported(op.Params.Find("regex").Span(), "parse-kv with a regular expression")
	}
	greedy := op.Params.Word("greedy") == "true"
	bag := NewCall("parse_kv", schema.Dynamic, op.Span(), x, word("pair_delimiter", " "), word("kv_delimiter", "="), word("quote", `"`), word("escape", ""), NewConst(schema.Bool, greedy, op.Span()))
	p := &Project{In: in}
	for _, c := range in.Columns() {
		p.Items = append(p.Items, Item{c, NewRef(c, op.Span())})
	}
	for _, c := range op.Columns {
		v := NewCall("path", schema.Dynamic, op.Span(), bag, NewConst(schema.String, c.Name.Text, c.Name.Span()))
		col := b.column(c.Name.Text, c.Type, true)
		x := Expr(NewCall("tostring", schema.String, op.Span(), v))
		if c.Type != schema.String {
			x = b.convert(x, c.Type)
		}
		if i := slices.IndexFunc(p.Items, func(it Item) bool { return it.Col.Name == col.Name }); i >= 0 {
			p.Items[i] = Item{col, x}
			continue
		}
		p.Items = append(p.Items, Item{col, x})
	}
	return p
}
