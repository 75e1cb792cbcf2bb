package bind

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// search binds search: every row in which a column has the term, over the given tables,
// all tables, or the rows before it.
func (b *binder) search(in Rel, op *syntax.Search) Rel {
	if in != nil {
		return b.merge([]branch{{rel: &Where{in, b.searchCondition(op)}, name: "search_arg0"}}, false, "$table")
	}
	var branches []branch
	if len(op.In) == 0 {
		branches = b.tablesLike("*")
	}
	for _, x := range op.In {
		branches = append(branches, b.branches(x, false, len(branches))...)
	}
	defer b.searching(branches)()
	for i, br := range branches {
		if br.absent && i > 0 { // the first is bound for the errors in the predicate
			continue
		}
		b.in(br.rel.Columns(), func() { branches[i].rel = &Where{br.rel, b.searchCondition(op)} })
	}
	return b.merge(branches, false, "$table")
}

// searching lets a predicate name any column that one of the tables has; in the others it
// is null. The caller defers the returned func.
func (b *binder) searching(branches []branch) func() {
	outer := b.elsewhere
	b.elsewhere = func(name string) (schema.Type, bool) {
		for _, br := range branches {
			if c := find(br.rel.Columns(), name); c != nil {
				return c.Type, true
			}
		}
		return schema.Unknown, false
	}
	return func() { b.elsewhere = outer }
}

// searchCondition binds the predicate over the columns in view: a text on its own
// stands for * has text.
func (b *binder) searchCondition(op *syntax.Search) Expr {
	defer func(outer bool) { b.inSearch = outer }(b.inSearch)
	b.inSearch = true
	operator := "has"
	if op.Params.Word("kind") == "case_sensitive" {
		operator = "has_cs"
	}
	return b.searchTerm(op.Cond, operator)
}

func (b *binder) searchTerm(x syntax.Expr, operator string) Expr {
	switch x := x.(type) { //nolint:gochecksumtype // the others need nothing here
	case *syntax.Paren:
		return b.searchTerm(x.X, operator)
	case *syntax.Binary:
		if x.Op == "and" || x.Op == "or" {
			return NewCall(x.Op, schema.Bool, x.Span(), b.searchTerm(x.X, operator), b.searchTerm(x.Y, operator))
		}
		n, isName := x.X.(*syntax.Name)
		if isName && find(b.row, n.Text) == nil {
			return NewConst(schema.Bool, false, x.Span()) // the table lacks the column
		}
		if x.Op == ":" && b.inSearch { // the term in one column
			columns := b.searchable(x.Span())
			if isName {
				columns = []Expr{b.convert(b.expr(n), schema.String)}
			}
			return b.anyTerm(b.convert(b.expr(x.Y), schema.String), operator, columns, x.Span())
		}
	case *syntax.Call:
		if x.Func.Text == "not" && len(x.Args) == 1 {
			return NewCall("not", schema.Bool, x.Span(), b.searchTerm(x.Args[0], operator))
		}
	case *syntax.Star:
		return NewConst(schema.Bool, true, x.Span())
	}
	v := b.expr(x)
	if v.Type() == schema.Bool {
		return v
	}
	if c, ok := v.(*Const); ok && isNumber(c.Type()) && c.Value != nil {
		v = NewConst(schema.String, fmt.Sprint(c.Value), x.Span()) // a number is looked for as its text
	}
	return b.anyTerm(b.convert(v, schema.String), operator, b.searchable(x.Span()), x.Span())
}

// anyTerm asks the columns for a term; a "*" at its ends makes it a part of one.
func (b *binder) anyTerm(term Expr, operator string, columns []Expr, span syntax.Span) Expr {
	if c, ok := term.(*Const); ok {
		s, _ := c.Value.(string)
		head, tail := strings.HasPrefix(s, "*"), strings.HasSuffix(s, "*")
		suffix := strings.TrimPrefix(operator, "has")
		switch {
		case strings.Trim(s, "*") == "":
			return NewConst(schema.Bool, true, span)
		case head && tail:
			operator = "contains" + suffix
		case head:
			operator = "hassuffix" + suffix
		case tail:
			operator = "hasprefix" + suffix
		}
		if strings.Contains(strings.Trim(s, "*"), "*") {
			return b.anyMatch(s, suffix == "_cs", columns, span)
		}
		term = NewConst(schema.String, strings.Trim(s, "*"), c.Span())
	}
	// One operation over all columns, for a table has hundreds and each would be a
	// regular expression of its own.
	return &Call{typed{schema.Bool, span}, "any " + operator, append([]Expr{term}, columns...), false}
}

// anyMatch asks the columns for a term with "*" within it, which is any text.
func (b *binder) anyMatch(term string, sensitive bool, columns []Expr, span syntax.Span) Expr {
	pattern := "(?s)"
	if !sensitive {
		pattern = "(?si)"
	}
	if !strings.HasPrefix(term, "*") {
		pattern += `(?:^|[^\pL\pN])`
	}
	parts := strings.Split(strings.Trim(term, "*"), "*")
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	pattern += strings.Join(parts, ".*")
	if !strings.HasSuffix(term, "*") {
		pattern += `(?:$|[^\pL\pN])`
	}
	found := Expr(NewConst(schema.Bool, false, span))
	for _, x := range columns {
		found = NewCall("or", schema.Bool, span, found, NewCall("matches regex", schema.Bool, span, b.convert(x, schema.String), NewConst(schema.String, pattern, span)))
	}
	return found
}

// searchable are the columns in view that a term is looked for in.
func (b *binder) searchable(span syntax.Span) []Expr {
	var out []Expr
	for _, c := range visible(b.row) {
		switch c.Type {
		case schema.String, schema.Dynamic, schema.Int, schema.Long, schema.GUID:
			out = append(out, NewRef(c, span))
		default: // the others need nothing here
		}
	}
	return out
}

// find binds find: like search, with a choice of columns. Without one the result has the
// columns that all tables have, those that the predicate names, and a bag of the others.
// Tables that have none of the named columns are left out.
func (b *binder) find(op *syntax.Find) Rel {
	var branches []branch
	b.in(nil, func() {
		if len(op.In) == 0 {
			branches = b.tablesLike("*")
		}
		for _, x := range op.In {
			branches = append(branches, b.branches(x, false, len(branches))...)
		}
	})
	defer func(outer bool) { b.inSearch = outer }(b.inSearch)
	b.inSearch = true
	defer b.searching(branches)()
	conds := make([]Expr, len(branches))
	for i, br := range branches {
		b.in(br.rel.Columns(), func() { conds[i] = b.truth(b.searchTerm(op.Cond, "has")) })
	}
	branches, named := found(branches, conds)
	if len(op.Project) > 0 {
		b.searching(branches)
		for i, br := range branches {
			p := &Project{In: br.rel, Closed: true}
			b.in(br.rel.Columns(), func() {
				for _, x := range op.Project {
					p.Items = append(p.Items, b.findColumn(x))
				}
			})
			branches[i].rel = p
		}
	} else {
		b.findSmart(branches, named, op.Span())
	}
	source := op.Params.Word("withsource")
	if source == "" {
		source = "source_"
	}
	return b.merge(branches, false, source)
}

// found are the tables that find looks at, with its predicate: those that have a column
// which it names. named are these columns.
func found(all []branch, conds []Expr) (tables []branch, named []*Column) {
	named, everywhere := mentioned(conds)
	for i, br := range all {
		has := func(c *Column) bool { return find(br.rel.Columns(), c.Name) != nil }
		if everywhere || len(all) == 1 || len(named) == 0 || slices.ContainsFunc(named, has) {
			br.rel = &Where{br.rel, conds[i]}
			tables = append(tables, br)
		}
	}
	return tables, named
}

// findSmart gives the inputs of find their columns where it names none.
func (b *binder) findSmart(tables []branch, named []*Column, span syntax.Span) {
	if len(tables) == 0 {
		return
	}
	count := map[string]int{}
	for _, br := range tables {
		for _, c := range visible(br.rel.Columns()) {
			count[c.Name]++
		}
	}
	var shown []*Column
	for _, c := range visible(tables[0].rel.Columns()) {
		if count[c.Name] == len(tables) {
			shown = append(shown, c)
		}
	}
	for _, c := range named {
		if find(shown, c.Name) == nil {
			shown = append(shown, c)
		}
	}
	pack := slices.ContainsFunc(tables, func(br branch) bool { return len(unlike(br.rel.Columns(), shown)) > 0 })
	for i, br := range tables {
		p := &Project{In: br.rel, Closed: true}
		for _, c := range shown {
			x := Expr(NewConst(c.Type, nil, span))
			if own := find(visible(br.rel.Columns()), c.Name); own != nil {
				c, x = own, NewRef(own, span)
			}
			p.Items = append(p.Items, Item{b.column(c.Name, c.Type, true), x})
		}
		if pack {
			p.Items = append(p.Items, Item{b.column("pack_", schema.Dynamic, false), b.bag(unlike(br.rel.Columns(), shown), "bag_pack", span)})
		}
		tables[i].rel = p
	}
}

// unlike are the visible columns that have another name than all of those shown.
func unlike(cols, shown []*Column) []*Column {
	return slices.DeleteFunc(visible(cols), func(c *Column) bool { return find(shown, c.Name) != nil })
}

// mentioned are the columns that predicates name, one of each name, as they stand in the
// text; everywhere tells that a predicate is about all columns.
func mentioned(conds []Expr) (named []*Column, everywhere bool) {
	at := map[string]int{}
	var look func(x Expr)
	look = func(x Expr) {
		switch x := x.(type) { //nolint:gochecksumtype // the others name no column
		case *Ref:
			if _, ok := at[x.Col.Name]; !ok && !x.Col.Hidden {
				at[x.Col.Name] = x.Span().Start
				named = append(named, x.Col)
			}
		case *Call:
			if strings.HasPrefix(x.Op, "any ") {
				everywhere = true
				return
			}
			for _, a := range x.Args {
				look(a)
			}
		case *InQuery:
			look(x.X)
		}
	}
	for _, c := range conds {
		look(c)
	}
	slices.SortStableFunc(named, func(a, b *Column) int { return at[a.Name] - at[b.Name] })
	return named, everywhere
}

// findColumn is one column of find's project: a column, one of a declared type, or
// pack(*). What a table lacks is null.
func (b *binder) findColumn(x syntax.Expr) Item {
	switch x := x.(type) { //nolint:gochecksumtype // the others need nothing here
	case *syntax.Name:
		if c := find(b.row, x.Text); c != nil {
			return Item{b.column(c.Name, c.Type, c.Nullable), NewRef(c, x.Span())}
		}
		t, ok := b.elsewhere(x.Text)
		if !ok {
			b.unknownColumn(x)
		}
		return Item{b.column(x.Text, t, true), NewConst(t, nil, x.Span())}
	case *syntax.Named:
		if t, ok := x.X.(*syntax.TypeOf); ok {
			name := x.Names[0].Text
			v := Expr(NewConst(t.Type, nil, x.Span()))
			if c := find(b.row, name); c != nil {
				v = b.convert(NewRef(c, x.Span()), t.Type)
			}
			return Item{b.column(name, t.Type, true), v}
		}
	case *syntax.Call:
		if x.Func.Text == "pack" || x.Func.Text == "pack_all" {
			return Item{b.column("pack_", schema.Dynamic, false), b.bag(visible(b.row), "bag_pack", x.Span())}
		}
	}
	it := b.items(x)[0]
	return Item{b.column(it.name, it.x.Type(), it.x.Nullable()), it.x}
}
