package bind

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"spoor/internal/kql/builtin"
	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// item is an expression of a column list before it has a column.
type item struct {
	name     string // "": none of its own
	explicit bool   // given with "="
	x        Expr
	span     syntax.Span
}

// items binds one entry of a column list. A function that has several results gives as
// many items, or as many as are given names; all other entries give one.
func (b *binder) items(x syntax.Expr) (out []item) {
	b.rescue(func() { out = b.entry(x) }, func() { out = unknownItems(x) })
	return out
}

// unknownItems stand for an entry that an error was found in, so that what comes behind
// it has columns of the names that it gives.
func unknownItems(x syntax.Expr) []item {
	unknown := NewConst(schema.Unknown, nil, x.Span())
	n, ok := x.(*syntax.Named)
	if !ok {
		return []item{{resultName(x), false, unknown, x.Span()}}
	}
	var out []item
	for _, name := range n.Names {
		out = append(out, item{name.Text, true, unknown, x.Span()})
	}
	return out
}

func (b *binder) entry(x syntax.Expr) []item {
	named, ok := x.(*syntax.Named)
	if !ok {
		return b.plainItems(x)
	}
	if parts, ok := b.tuple(named.X); ok {
		if len(named.Names) > len(parts) {
			b.fail(named.Names[len(parts)].Span(), "SEM0041", fmt.Sprintf("The expression has %d values, and more names are given", len(parts)))
		}
		for i, name := range named.Names {
			parts[i].name, parts[i].explicit = name.Text, true
		}
		return parts[:len(named.Names)]
	}
	if len(named.Names) > 1 {
		b.fail(named.Span(), "SEM0041", "The expression has one value, and several names are given")
	}
	return []item{{named.Names[0].Text, true, b.expr(named.X), x.Span()}}
}

func (b *binder) plainItems(x syntax.Expr) []item {
	if parts, ok := b.tuple(x); ok {
		return parts
	}
	return []item{{resultName(x), false, b.expr(x), x.Span()}}
}

// tuple binds a function with several results: the fits and decompositions of series,
// and array_sort_… of several arrays.
func (b *binder) tuple(x syntax.Expr) ([]item, bool) {
	call, ok := syntax.Unparen(x).(*syntax.Call)
	if !ok {
		return nil, false
	}
	if strings.HasPrefix(call.Func.Text, "array_sort_") {
		return b.sortedArrays(call)
	}
	results, ok := tupleResults[call.Func.Text]
	if !ok {
		return nil, false
	}
	f, _ := builtin.Scalar(call.Func.Text)
	arg := ""
	if len(call.Args) > 0 {
		arg = resultName(call.Args[0])
	}
	args := make([]Expr, len(call.Args))
	for i, a := range call.Args {
		args[i] = b.expr(a)
	}
	all := b.resolve(f, call, args)
	var out []item
	for i, r := range results {
		part := NewCall("index", schema.Dynamic, x.Span(), all, NewConst(schema.Long, int64(i), x.Span()))
		out = append(out, item{call.Func.Text + "_" + arg + "_" + r.name, false, b.convert(part, r.typ), x.Span()})
	}
	return out, true
}

type tupleResult struct {
	name string
	typ  schema.Type
}

// tupleResults are the functions that give several columns.
var tupleResults = map[string][]tupleResult{
	"series_stats": {
		{"min", schema.Real},
		{"min_idx", schema.Long},
		{"max", schema.Real},
		{"max_idx", schema.Long},
		{"avg", schema.Real},
		{"stdev", schema.Real},
		{"variance", schema.Real},
	},
	"series_fit_line": {
		{"rsquare", schema.Real},
		{"slope", schema.Real},
		{"variance", schema.Real},
		{"rvariance", schema.Real},
		{"interception", schema.Real},
		{"line_fit", schema.Dynamic},
	},
	"series_fit_2lines": {
		{"rsquare", schema.Real},
		{"split_idx", schema.Long},
		{"variance", schema.Real},
		{"rvariance", schema.Real},
		{"line_fit", schema.Dynamic},
		{"right_rsquare", schema.Real},
		{"right_slope", schema.Real},
		{"right_interception", schema.Real},
		{"right_variance", schema.Real},
		{"right_rvariance", schema.Real},
		{"left_rsquare", schema.Real},
		{"left_slope", schema.Real},
		{"left_interception", schema.Real},
		{"left_variance", schema.Real},
		{"left_rvariance", schema.Real},
	},
	"series_decompose_anomalies": {{"ad_flag", schema.Dynamic}, {"ad_score", schema.Dynamic}, {"baseline", schema.Dynamic}},
	"series_decompose":           {{"baseline", schema.Dynamic}, {"seasonal", schema.Dynamic}, {"trend", schema.Dynamic}, {"residual", schema.Dynamic}},
	"series_decompose_forecast":  {{"baseline", schema.Dynamic}, {"seasonal", schema.Dynamic}, {"trend", schema.Dynamic}, {"residual", schema.Dynamic}},
	"series_periods_detect":      {{"periods", schema.Dynamic}, {"scores", schema.Dynamic}},
	"series_periods_validate":    {{"periods", schema.Dynamic}, {"scores", schema.Dynamic}},
	"series_fit_poly": {
		{"rsquare", schema.Real},
		{"coefficients", schema.Dynamic},
		{"variance", schema.Real},
		{"rvariance", schema.Real},
		{"poly_fit", schema.Dynamic},
	},
	"series_fft":  {{"real", schema.Dynamic}, {"imag", schema.Dynamic}},
	"series_ifft": {{"real", schema.Dynamic}, {"imag", schema.Dynamic}},
}

// extend adds columns; one that has the name of an existing column replaces it in its
// place.
func (b *binder) extend(in Rel, list []syntax.Expr) Rel {
	if len(list) == 0 {
		return in
	}
	cols := in.Columns()
	p := &Project{In: in}
	for _, c := range cols {
		p.Items = append(p.Items, Item{c, NewRef(c, syntax.Span{})})
	}
	taken := newNames(cols)
	declared := map[string]bool{}
	in = b.windowed(in, func() {
		for _, x := range list {
			for _, it := range b.items(x) {
				b.addExtended(p, it, taken, declared)
			}
		}
	})
	p.In = in
	return p
}

func (b *binder) addExtended(p *Project, it item, taken *names, declared map[string]bool) {
	name := it.name
	switch {
	case it.explicit && declared[name]:
		b.report(it.span, "SEM0066", fmt.Sprintf("A column with the name '%s' is already declared", name))
	case it.explicit:
		declared[name] = true
	case name == "":
		name = b.auto(taken, it.span)
	default:
		if r, ok := it.x.(*Ref); ok && r.Col.Name == name {
			return // extend of a column by itself
		}
	}
	col := b.column(name, it.x.Type(), it.x.Nullable())
	if i := slices.IndexFunc(p.Items, func(o Item) bool { return o.Col.Name == name }); i >= 0 {
		p.Items[i] = Item{col, it.x}
		return
	}
	taken.taken[name] = true
	p.Items = append(p.Items, Item{col, it.x})
}

// windowed binds column expressions in which functions over rows (row_number, prev …)
// may stand; those are computed by a Window below.
func (b *binder) windowed(in Rel, bind func()) Rel {
	var items []Item
	outer := b.windows
	b.windows = &items
	bind()
	b.windows = outer
	for len(items) > 0 {
		n := independent(items)
		in = &Window{In: in, Items: items[:n]}
		items = items[n:]
	}
	return in
}

// independent is how many of the items, from the first, need none of the others.
func independent(items []Item) int {
	for n, it := range items {
		uses := false
		Rewrite(it.X, func(e Expr) Expr {
			if r, ok := e.(*Ref); ok {
				uses = uses || slices.ContainsFunc(items[:n], func(o Item) bool { return o.Col == r.Col })
			}
			return e
		})
		if uses {
			return n
		}
	}
	return len(items)
}

func (b *binder) project(in Rel, list []syntax.Expr) Rel {
	p := &Project{Closed: true}
	taken := newNames(nil)
	known := newNames(in.Columns())
	p.In = b.windowed(in, func() {
		for _, x := range list {
			for _, c := range b.starred(in, x) {
				b.addProjected(p, item{c.Name, true, NewRef(c, x.Span()), x.Span()}, taken, known)
			}
			if isPattern(x) {
				continue
			}
			for _, it := range b.items(x) {
				b.addProjected(p, it, taken, known)
			}
		}
	})
	return p
}

func (b *binder) addProjected(p *Project, it item, taken, known *names) {
	if it.name == "" {
		it.name = b.auto(known, it.span)
	}
	name := b.declare(taken, it)
	p.Items = append(p.Items, Item{b.column(name, it.x.Type(), it.x.Nullable()), it.x})
}

// matching lists the columns that a name, perhaps with wildcards, means.
func (b *binder) matching(in Rel, n *syntax.Name, must bool) []*Column {
	if n.Quoted || !strings.Contains(n.Text, "*") {
		c := find(in.Columns(), n.Text)
		if c == nil {
			if must && !b.open {
				b.unknownColumn(n)
			}
			return nil
		}
		return []*Column{c}
	}
	var out []*Column
	for _, c := range visible(in.Columns()) {
		if wildcard(n.Text, c.Name) {
			out = append(out, c)
		}
	}
	return out
}

// wildcard matches a name with a pattern in which * is any text.
func wildcard(pattern, name string) bool {
	ok, err := path.Match(strings.NewReplacer("[", `\[`, "?", `\?`, `\`, `\\`).Replace(pattern), strings.ReplaceAll(name, "/", "_"))
	return err == nil && ok
}

// projectNames binds project-away, project-keep and project-by-names.
func (b *binder) projectNames(in Rel, op *syntax.ProjectNames) Rel {
	named := map[*Column]bool{}
	var order []*Column
	for _, x := range op.Names {
		for _, c := range b.namedColumns(in, x, op.Word()) {
			if !named[c] {
				order = append(order, c)
			}
			named[c] = true
		}
	}
	p := &Project{In: in}
	if op.Word() == "project-by-names" {
		for _, c := range order {
			p.Items = append(p.Items, Item{c, NewRef(c, syntax.Span{})})
		}
		return p
	}
	for _, c := range in.Columns() {
		if named[c] == (op.Word() == "project-keep") && (!c.Hidden || named[c] || op.Word() == "project-away") {
			p.Items = append(p.Items, Item{c, NewRef(c, syntax.Span{})})
		}
	}
	return p
}

func (b *binder) namedColumns(in Rel, x syntax.Expr, word string) []*Column {
	if _, ok := x.(*syntax.Star); ok {
		return visible(in.Columns())
	}
	if n, ok := x.(*syntax.Name); ok {
		if _, defined := b.lookup(n.Text); !defined || word != "project-by-names" || find(in.Columns(), n.Text) != nil {
			return b.matching(in, n, word != "project-by-names")
		}
	}
	if word == "project-by-names" {
		if names, ok := namesIn(b.expr(x)); ok {
			var out []*Column
			for _, name := range names {
				out = append(out, b.matching(in, &syntax.Name{Text: name}, false)...)
			}
			return out
		}
	}
	b.fail(x.Span(), "SEM0042", fmt.Sprintf("%s takes names of columns", word))
	return nil
}

// namesIn are the constant texts that an expression, an array or one of them, holds.
func namesIn(x Expr) (names []string, ok bool) {
	switch x := x.(type) { //nolint:gochecksumtype // the others are no constants
	case *Const:
		if s, isText := x.Value.(string); isText && x.Type() == schema.String {
			return []string{s}, true
		}
		return constTexts(x), true
	case *Call:
		if x.Op != "pack_array" && x.Op != "array_concat" {
			return nil, false
		}
		for _, a := range x.Args {
			in, ok := namesIn(a)
			if !ok {
				return nil, false
			}
			names = append(names, in...)
		}
		return names, true
	}
	return nil, false
}

func (b *binder) projectRename(in Rel, op *syntax.ProjectRename) Rel {
	renamed := map[*Column]string{}
	for _, x := range op.Columns {
		named, ok := x.(*syntax.Named)
		if !ok {
			b.fail(x.Span(), "SEM0043", "project-rename takes NewName = OldName")
		}
		old, ok := syntax.Unparen(named.X).(*syntax.Name)
		if !ok {
			b.fail(named.X.Span(), "SEM0043", "project-rename takes NewName = OldName")
		}
		c := find(in.Columns(), old.Text)
		if c == nil {
			b.unknownColumn(old)
		}
		renamed[c] = named.Names[0].Text
	}
	p := &Project{In: in}
	taken, given := map[string]bool{}, map[string]bool{}
	for _, name := range renamed {
		given[name] = true
	}
	for _, c := range in.Columns() {
		out := c
		if _, ok := renamed[c]; !ok && c.Hidden && given[c.Name] {
			continue
		}
		if name, ok := renamed[c]; ok {
			out = b.derive(c)
			out.Name = name
			out.Hidden = false
		}
		if taken[out.Name] {
			b.fail(op.Span(), "SEM0066", fmt.Sprintf("A column with the name '%s' is already declared", out.Name))
		}
		taken[out.Name] = true
		p.Items = append(p.Items, Item{out, NewRef(c, syntax.Span{})})
	}
	return p
}

func (b *binder) projectReorder(in Rel, op *syntax.ProjectReorder) Rel {
	var order []*Column
	seen := map[*Column]bool{}
	for _, k := range op.Names {
		cols := b.namedColumns(in, k.X, op.Word())
		switch k.Order {
		case "asc":
			slices.SortStableFunc(cols, func(x, y *Column) int { return strings.Compare(x.Name, y.Name) })
		case "desc":
			slices.SortStableFunc(cols, func(x, y *Column) int { return strings.Compare(y.Name, x.Name) })
		case "granny-asc", "granny-desc":
			slices.SortStableFunc(cols, func(x, y *Column) int { return natural(x.Name, y.Name) })
			if k.Order == "granny-desc" {
				slices.Reverse(cols)
			}
		}
		for _, c := range cols {
			if !seen[c] {
				seen[c] = true
				order = append(order, c)
			}
		}
	}
	for _, c := range in.Columns() {
		if !seen[c] {
			order = append(order, c)
		}
	}
	p := &Project{In: in}
	for _, c := range order {
		p.Items = append(p.Items, Item{c, NewRef(c, syntax.Span{})})
	}
	return p
}

// natural compares names so that the numbers in them count as numbers: a2 before a10.
func natural(x, y string) int {
	for x != "" && y != "" {
		nx, ny := leadingDigits(x), leadingDigits(y)
		if nx > 0 && ny > 0 {
			a, b := strings.TrimLeft(x[:nx], "0"), strings.TrimLeft(y[:ny], "0")
			if c := len(a) - len(b); c != 0 {
				return c
			}
			if c := strings.Compare(a, b); c != 0 {
				return c
			}
			x, y = x[nx:], y[ny:]
			continue
		}
		if x[0] != y[0] {
			return int(x[0]) - int(y[0])
		}
		x, y = x[1:], y[1:]
	}
	return len(x) - len(y)
}

func leadingDigits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// where keeps rows; functions over rows in its condition see those before it.
func (b *binder) where(in Rel, op *syntax.Where) Rel {
	var cond Expr
	rows := b.windowed(in, func() { cond = b.condition(op.Cond) })
	return &Where{rows, cond}
}

func (b *binder) sort(in Rel, keys []syntax.SortKey) *Sort {
	var bound []SortKey
	rows := b.windowed(in, func() { bound = b.sortKeys(keys) })
	return &Sort{rows, bound}
}

func (b *binder) sortKeys(keys []syntax.SortKey) []SortKey {
	var out []SortKey
	for _, k := range keys {
		x := k.X
		if n, ok := x.(*syntax.Named); ok {
			x = n.X
		}
		out = append(out, SortKey{b.expr(x), k.Desc, k.NullsFirst})
	}
	return out
}

func (b *binder) rowCount(x syntax.Expr) Expr {
	var n Expr
	b.in(nil, func() { n = b.expr(x) })
	if c, ok := n.(*Const); ok && isNegative(c) {
		b.fail(x.Span(), "SEM0086", "A number of rows is not below 0")
	}
	return b.coerce(n, schema.Long)
}

func isNegative(c *Const) bool {
	switch n := c.Value.(type) {
	case int64:
		return n < 0
	case float64:
		return n < 0
	}
	return false
}

func (b *binder) distinct(in Rel, op *syntax.Distinct) Rel {
	s := &Summarize{}
	taken := newNames(nil)
	s.In = b.windowed(in, func() {
		for _, x := range op.Columns {
			b.addDistinct(s, in, x, taken)
		}
	})
	return s
}

func (b *binder) addDistinct(s *Summarize, in Rel, x syntax.Expr, taken *names) {
	for _, c := range b.starred(in, x) {
		s.Keys = append(s.Keys, Item{b.derive(c), NewRef(c, x.Span())})
		taken.taken[c.Name] = true
	}
	if isPattern(x) {
		return
	}
	for _, it := range b.items(x) {
		b.addKey(s, it, taken)
	}
}

// isPattern: x names columns by a wildcard.
func isPattern(x syntax.Expr) bool {
	switch x := x.(type) { //nolint:gochecksumtype // the others are expressions
	case *syntax.Star:
		return true
	case *syntax.Name:
		return !x.Quoted && strings.Contains(x.Text, "*")
	}
	return false
}

// starred are the columns that a wildcard names; none when x is no wildcard.
func (b *binder) starred(in Rel, x syntax.Expr) []*Column {
	switch x := x.(type) { //nolint:gochecksumtype // the others are expressions
	case *syntax.Star:
		return visible(in.Columns())
	case *syntax.Name:
		if isPattern(x) {
			return b.matching(in, x, true)
		}
	}
	return nil
}

func (b *binder) addKey(s *Summarize, it item, taken *names) {
	name := it.name
	if name == "" {
		name = b.auto(taken, it.span)
	} else {
		name = b.declare(taken, it)
	}
	s.Keys = append(s.Keys, Item{b.column(name, it.x.Type(), it.x.Nullable()), it.x})
}

func (b *binder) sampleDistinct(in Rel, op *syntax.SampleDistinct) Rel {
	s := &Summarize{In: in}
	taken := newNames(nil)
	for _, it := range b.items(op.Of) {
		b.addKey(s, it, taken)
	}
	return &Take{In: s, N: b.rowCount(op.N)}
}

func (b *binder) countRows(in Rel, op *syntax.Count) Rel {
	name := "Count"
	if op.As != nil {
		name = op.As.Text
	}
	return &Summarize{In: in, Aggregates: []Aggregate{{Col: b.column(name, schema.Long, false), Func: "count", Span: op.Span()}}}
}
