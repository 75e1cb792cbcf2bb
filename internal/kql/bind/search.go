package bind

import (
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
		if n, ok := x.X.(*syntax.Name); ok && find(b.row, n.Text) == nil {
			return NewConst(schema.Bool, false, x.Span()) // the table lacks the column
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
	return b.anyTerm(b.convert(v, schema.String), operator, x.Span())
}

// anyTerm asks every column for a term; a "*" at its ends makes it a part of one.
func (b *binder) anyTerm(term Expr, operator string, span syntax.Span) Expr {
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
		term = NewConst(schema.String, strings.Trim(s, "*"), c.Span())
	}
	// One operation over all columns, for a table has hundreds and each would be a
	// regular expression of its own.
	args := []Expr{term}
	for _, c := range visible(b.row) {
		switch c.Type {
		case schema.String, schema.Dynamic, schema.Int, schema.Long, schema.GUID:
			args = append(args, NewRef(c, span))
		default: // the others need nothing here
		}
	}
	return &Call{typed{schema.Bool, span}, "any " + operator, args, false}
}

// find binds find: like search, with a choice of columns.
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
	for i, br := range branches {
		b.in(br.rel.Columns(), func() { branches[i].rel = b.findIn(br.rel, op) })
	}
	source := op.Params.Word("withsource")
	if source == "" {
		source = "source_"
	}
	return b.merge(branches, false, source)
}

func (b *binder) findIn(in Rel, op *syntax.Find) Rel {
	w := &Where{in, b.truth(b.searchTerm(op.Cond, "has"))}
	p := &Project{In: w}
	if len(op.Project) == 0 {
		cols := visible(in.Columns())
		if !op.Smart {
			cols = b.mentioned(op.Cond)
		}
		for _, c := range cols {
			p.Items = append(p.Items, Item{b.derive(c), NewRef(c, op.Span())})
		}
		p.Items = append(p.Items, Item{b.column("pack_", schema.Dynamic, false), b.bag(visible(in.Columns()), "bag_pack", op.Span())})
		return p
	}
	for _, x := range op.Project {
		p.Items = append(p.Items, b.findColumn(x))
	}
	return p
}

// mentioned are the columns that the predicate names.
func (b *binder) mentioned(x syntax.Expr) []*Column {
	var out []*Column
	seen := map[*Column]bool{}
	Rewrite(b.searchTerm(x, "has"), func(e Expr) Expr {
		if r, ok := e.(*Ref); ok && !seen[r.Col] && !r.Col.Hidden {
			seen[r.Col] = true
			out = append(out, r.Col)
		}
		return e
	})
	return out
}

// findColumn is one column of find's project: a column, one of a declared type, or
// pack(*). What a table lacks is null.
func (b *binder) findColumn(x syntax.Expr) Item {
	switch x := x.(type) { //nolint:gochecksumtype // the others need nothing here
	case *syntax.Name:
		if c := find(b.row, x.Text); c != nil {
			return Item{b.derive(c), NewRef(c, x.Span())}
		}
		return Item{b.column(x.Text, schema.String, false), NewConst(schema.String, "", x.Span())}
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
