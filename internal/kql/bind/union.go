package bind

import (
	"fmt"
	"slices"
	"strings"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// branch is one input of a union with the name withsource shows.
type branch struct {
	rel  Rel
	name string
	// absent: the table has no rows, so that it gives the union its columns alone.
	absent bool
}

// union binds union with its inputs; in is the pipeline's own rows, or nil.
func (b *binder) union(in Rel, op *syntax.Union) Rel {
	var branches []branch
	if in != nil {
		branches = append(branches, branch{rel: in, name: "union_arg0"})
	}
	fuzzy := false
	if p, ok := op.Params.Find("isfuzzy").(*syntax.Literal); ok {
		fuzzy = p.Value == true
	}
	b.in(nil, func() {
		for _, x := range op.Tables {
			b.rescue(func() { branches = append(branches, b.branches(x, fuzzy, len(branches))...) },
				func() { branches = append(branches, branch{rel: &Values{Open: true}}) })
		}
	})
	source := op.Params.Word("withsource")
	if source == "" {
		source = op.Params.Word("with_source")
	}
	u := b.merge(branches, op.Params.Word("kind") == "inner", source)
	if !slices.ContainsFunc(op.Tables, func(x syntax.Expr) bool { return isPattern(syntax.Unparen(x)) }) {
		for _, c := range u.Cols {
			c.Of = "" // the tables are few and known, and so are the names
		}
	}
	return u
}

// branches binds one operand: a table, or all the tables that a wildcard means.
func (b *binder) branches(x syntax.Expr, fuzzy bool, at int) []branch {
	switch n := syntax.Unparen(x).(type) { //nolint:gochecksumtype // the others need nothing here
	case *syntax.Star:
		return b.tablesLike("*")
	case *syntax.Name:
		if strings.Contains(n.Text, "*") && !n.Quoted {
			out := b.tablesLike(n.Text)
			if len(out) == 0 {
				b.fail(n.Span(), "SEM0100", fmt.Sprintf("No table is called like '%s'", n.Text))
			}
			return out
		}
		if fuzzy && !b.known(n) {
			b.warn(n.Span(), "KS205", fmt.Sprintf("There is no table '%s'; the union goes without it", n.Text))
			return nil
		}
		name := n.Text
		if def, defined := b.lookup(n.Text); defined && (def.fn == nil || !def.fn.View) {
			name = fmt.Sprintf("union_arg%d", at)
		}
		return []branch{{rel: b.rel(x), name: name}}
	}
	return []branch{{rel: b.rel(x), name: fmt.Sprintf("union_arg%d", at)}}
}

func (b *binder) known(n *syntax.Name) bool {
	_, ok := b.lookup(n.Text)
	if !ok {
		_, ok = b.env.Catalog.Table(n.Text)
	}
	return ok
}

// tablesLike are the tables of the catalogue whose names match. Own tables are not
// among them, as no one means them by a wildcard.
func (b *binder) tablesLike(pattern string) []branch {
	var out []branch
	for _, t := range b.env.Catalog.Tables() {
		if !t.Own && wildcard(pattern, t.Name) {
			b.goOn(syntax.Span{})
			absent := b.env.Exists == nil || !b.env.Exists(t.Name)
			out = append(out, branch{b.table(t), t.Name, absent})
		}
	}
	return out
}

// merged is a column of a union while its inputs are looked through.
type merged struct {
	name string
	typ  schema.Type
	col  *Column
	cols map[int]*Column // by input
}

// merge puts inputs below one another: columns of the same name and type are one;
// those of the same name and different types get the type behind the name.
func (b *binder) merge(branches []branch, inner bool, source string) *Union {
	var order []*merged
	byKey := map[string]*merged{}
	types := map[string]schema.Type{}
	split := map[string]bool{}
	known := knownTypes(branches)
	for i, br := range branches {
		for _, c := range br.rel.Columns() {
			if c.Local {
				continue
			}
			typ := c.Type
			if typ == schema.Unknown {
				typ = known[c.Name]
			}
			key := c.Name + "\x00" + typ.String()
			m := byKey[key]
			if m == nil {
				m = &merged{name: c.Name, typ: typ, cols: map[int]*Column{}}
				byKey[key] = m
				order = append(order, m)
				if t, ok := types[c.Name]; ok && t != typ {
					split[c.Name] = true
				}
				types[c.Name] = typ
			}
			m.cols[i] = c
		}
	}
	u := &Union{}
	var kept []*merged
	for _, m := range byName(order) {
		if inner && len(m.cols) < len(branches) {
			continue
		}
		m.col = b.mergedColumn(m, split[m.name], len(branches))
		kept = append(kept, m)
	}
	if source != "" {
		u.Cols = append(u.Cols, b.column(source, schema.String, false))
	}
	for _, m := range kept {
		u.Cols = append(u.Cols, m.col)
	}
	u.Parts = make([]Part, 0, len(branches)) // at points into it
	at := make([]*Part, len(branches))
	for i, br := range branches {
		if br.absent {
			continue
		}
		u.Parts = append(u.Parts, Part{In: br.rel})
		at[i] = &u.Parts[len(u.Parts)-1]
		if source != "" {
			at[i].Items = append(at[i].Items, Item{u.Cols[0], NewConst(schema.String, br.name, syntax.Span{})})
		}
	}
	for _, m := range kept {
		for i, c := range m.cols {
			if at[i] != nil {
				at[i].Items = append(at[i].Items, Item{m.col, b.convert(NewRef(c, syntax.Span{}), m.typ)})
			}
		}
	}
	return u
}

// knownTypes are the types of the columns, by name, for those inputs in which one is not
// known: the column is not there, and no type of its own.
func knownTypes(branches []branch) map[string]schema.Type {
	types := map[string]schema.Type{}
	for _, br := range branches {
		for _, c := range br.rel.Columns() {
			if types[c.Name] == schema.Unknown {
				types[c.Name] = c.Type
			}
		}
	}
	return types
}

// byName puts the columns of one name beside the first of them.
func byName(order []*merged) []*merged {
	same := map[string][]*merged{}
	for _, m := range order {
		same[m.name] = append(same[m.name], m)
	}
	var out []*merged
	for _, m := range order {
		out = append(out, same[m.name]...)
		same[m.name] = nil
	}
	return out
}

// mergedColumn makes the result's column: hidden only when it is in every input that
// has it.
func (b *binder) mergedColumn(m *merged, split bool, inputs int) *Column {
	name := m.name
	if split {
		name += "_" + m.typ.String()
	}
	col := b.column(name, m.typ, len(m.cols) < inputs)
	if split {
		col.Of = m.name
	}
	col.Hidden = true
	for _, c := range m.cols {
		col.Hidden = col.Hidden && c.Hidden
		col.Nullable = col.Nullable || c.Nullable
	}
	if m.typ == schema.String {
		col.Nullable = false
	}
	return col
}
