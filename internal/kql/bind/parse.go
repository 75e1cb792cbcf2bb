package bind

import (
	"regexp"
	"slices"
	"strings"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// parseText binds parse and parse-where: the pattern becomes one regular expression
// with a group for each column. In the kinds simple and regex every column must convert
// to its type, or nothing matched; relaxed leaves the columns null that do not.
func (b *binder) parseText(in Rel, op *syntax.ParseText) Rel {
	x := b.convert(b.expr(op.X), schema.String)
	pattern := b.parsePattern(op)
	regex := NewConst(schema.String, pattern.String(), op.Span())
	matched := Expr(NewCall("regex_matches", schema.Bool, op.Span(), x, regex))
	values := make([]Expr, len(pattern.columns))
	for i, part := range pattern.columns {
		group := NewCall("regex_group", schema.String, part.Span, x, regex, NewConst(schema.Long, int64(pattern.groups[i]), part.Span))
		values[i] = b.convert(group, part.Type)
		if part.Type != schema.String && pattern.kind != "relaxed" {
			matched = NewCall("and", schema.Bool, op.Span(), matched, NewCall("isnotnull", schema.Bool, op.Span(), values[i]))
		}
	}
	p := &Project{In: in, Items: passed(in.Columns()...)}
	for i, part := range pattern.columns {
		v := values[i]
		if pattern.converts() && op.Word() == "parse" {
			v = NewCall("iff", part.Type, op.Span(), matched, v, NewConst(part.Type, nil, op.Span()))
		}
		col := b.column(part.Column.Text, part.Type, true)
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

// parsePattern is the regular expression of a parse pattern as it is put together.
type parsePattern struct {
	strings.Builder
	kind    string
	columns []syntax.PatternPart // their types are known
	groups  []int                // the group of each column
	count   int                  // groups so far
}

// converts reports whether a column may make the whole not match.
func (p *parsePattern) converts() bool {
	return p.kind != "relaxed" && slices.ContainsFunc(p.columns, func(c syntax.PatternPart) bool { return c.Type != schema.String })
}

// text adds a text that must be there; in kind regex it is an expression, perhaps with
// groups of its own.
func (p *parsePattern) text(b *binder, s string, span syntax.Span) {
	if p.kind != "regex" {
		p.WriteString(regexp.QuoteMeta(s))
		return
	}
	re, err := regexp.Compile(s)
	if err != nil {
		b.fail(span, "SEM0420", "The regular expression is not valid: "+err.Error())
	}
	p.count += re.NumSubexp()
	p.WriteString("(?:" + s + ")")
}

func (p *parsePattern) column(part syntax.PatternPart, last bool) {
	if part.Type == schema.Unknown {
		part.Type = schema.String
	}
	p.count++
	p.columns = append(p.columns, part)
	p.groups = append(p.groups, p.count)
	p.WriteString(groupOf(part.Type, last || p.kind == "regex", p.kind == "relaxed"))
}

// parsePattern makes the regular expression of a parse pattern. A simple or relaxed one
// must match the whole text.
func (b *binder) parsePattern(op *syntax.ParseText) *parsePattern {
	p := &parsePattern{kind: op.Params.Word("kind")}
	flags := "s"
	if f := op.Params.Word("flags"); f != "" {
		flags = f
	}
	p.WriteString("(?" + flags + ")^")
	for i, part := range op.Pattern {
		switch {
		case part.Star:
			p.WriteString(".*?")
		case part.Text != nil:
			s, _ := part.Text.(*syntax.Literal).Value.(string)
			p.text(b, s, part.Span)
		case b.constText(part):
			s, _ := b.expr(part.Column).(*Const).Value.(string)
			p.text(b, s, part.Span)
		default:
			p.column(part, i == len(op.Pattern)-1)
		}
	}
	if n := len(op.Pattern); p.kind != "regex" || n > 0 && op.Pattern[n-1].Star {
		p.WriteString("$")
	}
	return p
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

// groupOf is the group that takes a column of a type. Where the match is relaxed,
// anything may stand in place of a number.
func groupOf(t schema.Type, last, relaxed bool) string {
	group := ""
	switch t {
	case schema.Int, schema.Long:
		group = `[-+]?\d+`
	case schema.Real, schema.Decimal:
		group = `[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?`
	case schema.GUID:
		group = `[-{(]?[0-9a-fA-F-]{32,36}[)}]?`
	case schema.Bool:
		group = `[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]|\d+`
	default: // the others are taken as text
	}
	switch {
	case group != "" && relaxed:
		return `(?:\s*(` + group + `)\s*|.*?)`
	case group != "":
		return `\s*(` + group + `)\s*`
	case last:
		return "(.*)"
	default:
		return "(.*?)"
	}
}

// parseKV binds parse-kv: the text becomes a bag, the declared keys its columns.
func (b *binder) parseKV(in Rel, op *syntax.ParseKV) Rel {
	x := b.convert(b.expr(op.X), schema.String)
	word := func(name string) Expr { return NewConst(schema.String, op.Params.Word(name), op.Span()) }
	greedy := op.Params.Word("greedy") == "true"
	bag := NewCall("parse_kv", schema.Dynamic, op.Span(), x, word("pair_delimiter"), word("kv_delimiter"), word("quote"), word("escape"), NewConst(schema.Bool, greedy, op.Span()))
	if re := op.Params.Find("regex"); re != nil {
		bag = NewCall("parse_kv_regex", schema.Dynamic, op.Span(), x, b.keyValueRegex(op.Params.Word("regex"), re.Span()))
	}
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

// keyValueRegex checks the regular expression of parse-kv: one group is the key, one the
// value.
func (b *binder) keyValueRegex(s string, span syntax.Span) Expr {
	re, err := regexp.Compile(s)
	switch {
	case err != nil:
		b.fail(span, "SEM0420", "The regular expression is not valid: "+err.Error())
	case re.NumSubexp() != 2:
		b.fail(span, "SEM0420", "The regular expression of parse-kv needs two groups, one for the key and one for the value")
	}
	return NewConst(schema.String, s, span)
}
