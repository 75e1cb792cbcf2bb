package bind

import (
	"fmt"
	"slices"
	"strings"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// addressLookup binds ipv4_lookup and ipv6_lookup. A row is joined with the networks that
// hold its address: of each length of network that the table has, there can be but one
// start for an address, so that the join is one of equality.
func (b *binder) addressLookup(in Rel, call *syntax.Call) Rel {
	l := &lookupText{pluginText: b.pluginText(in, call)}
	l.unmatched()
	b.arity(&syntax.Call{Func: call.Func, Args: l.call.Args}, 3, 1<<15)
	var table Rel
	b.in(nil, func() { table = b.rel(call.Args[0]) })
	left := l.left(in)
	l.column("_ip", call.Args[1])
	right := l.right(table)
	kind := "inner"
	if l.all {
		kind = "leftouter"
	}
	text := lookupV4
	if call.Func.Text == "ipv6_lookup" {
		text = lookupV6
	}
	return l.bind(fmt.Sprintf(text, l.on, kind, left, right))
}

// The texts of the lookups: %[1]s are the further keys, %[2]s the kind of join, %[3]s
// and %[4]s the columns of the two sides.
const (
	lookupV4 = `
		let S = T | extend _n = parse_ipv4(_ip);
		let N = Networks | extend _size = tolong(exp2(32 - ipv4_netmask_suffix(_net))) | extend _first = bin(parse_ipv4(_net), _size);
		let Met = S | where isnotnull(_n) | distinct _n | extend _one = 1
			| join kind=inner (N | distinct _size | where _size > 0 | extend _one = 1) on _one
			| extend _first = bin(_n, _size)
			| join kind=inner N on _size, _first;
		S | join kind=%[2]s Met on _n%[1]s | project %[3]s%[4]s`
	lookupV6 = `
		let S = T | extend _n = parse_ipv6(_ip);
		let N = Networks
			| extend _given = tolong(extract('/([0-9]+)$', 1, _net)), _base = extract('^[^/]*', 0, _net)
			| extend _bits = iff(_base contains ':', coalesce(_given, 128), 96 + coalesce(_given, 32))
			| extend _first = parse_ipv6_mask(_base, _bits);
		let Met = S | where isnotempty(_n) | distinct _n | extend _one = 1
			| join kind=inner (N | where isnotempty(_first) | distinct _bits | extend _one = 1) on _one
			| extend _first = parse_ipv6_mask(_n, _bits)
			| join kind=inner N on _bits, _first;
		S | join kind=%[2]s Met on _n%[1]s | project %[3]s%[4]s`
)

// lookupText binds the arguments of one lookup.
type lookupText struct {
	*pluginText
	all bool
	on  string
}

// unmatched takes return_unmatched, which stands last, with its name or without.
func (l *lookupText) unmatched() {
	last := len(l.call.Args) - 1
	if last < 3 {
		return
	}
	x := l.call.Args[last]
	named, isNamed := x.(*syntax.Named)
	if lit, ok := syntax.Unparen(x).(*syntax.Literal); !isNamed && (!ok || lit.Type != schema.Bool) {
		return
	}
	if isNamed {
		x = named.X
	}
	c, ok := l.expr(x).(*Const)
	if !ok || c.Type() != schema.Bool {
		l.fail(x.Span(), "SEM0036", "return_unmatched is true or false")
	}
	l.all = c.Value == true
	l.last = last
}

// left takes all columns of the input into T.
func (l *lookupText) left(in Rel) string {
	var list []string
	for i, c := range visible(in.Columns()) {
		name := fmt.Sprintf("_l%d", i)
		l.cols = append(l.cols, Item{l.binder.column(name, c.Type, c.Nullable), ref(c)})
		l.names = append(l.names, c.Name)
		list = append(list, name)
	}
	return strings.Join(list, ", ")
}

// right takes the table of networks, as Networks. Its columns are shown but for the
// further keys, which both sides have.
func (l *lookupText) right(table Rel) string {
	args := l.call.Args
	keys := l.keys(args[3:l.last])
	cols := visible(table.Columns())
	p := &Project{In: table}
	var list strings.Builder
	taken := newNames(visible(l.in.Columns()))
	l.binder.in(cols, func() {
		net := l.coerce(l.expr(args[2]), schema.String)
		p.Items = append(p.Items, Item{l.binder.column("_net", schema.String, false), net})
	})
	for i, c := range cols {
		name := fmt.Sprintf("_r%d", i)
		p.Items = append(p.Items, Item{l.binder.column(name, c.Type, c.Nullable), ref(c)})
		if at := slices.Index(keys, c.Name); at >= 0 {
			left := slices.Index(columnNames(visible(l.in.Columns())), c.Name)
			l.on += fmt.Sprintf(", $left._l%d == $right.%s", left, name)
			continue
		}
		l.names = append(l.names, taken.unique(c.Name))
		list.WriteString(", " + name)
	}
	l.tables["Networks"] = l.again(p)
	return list.String()
}

// keys are the further columns by which the sides are matched.
func (l *lookupText) keys(args []syntax.Expr) []string {
	var keys []string
	for _, x := range args {
		n, ok := x.(*syntax.Name)
		if !ok {
			l.fail(x.Span(), "SEM0036", "A column that both tables have is expected here")
		}
		l.expr(n)
		keys = append(keys, n.Text)
	}
	return keys
}
