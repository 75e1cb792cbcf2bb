package bind

import (
	"fmt"
	"strconv"
	"strings"

	"spoor/internal/kql/builtin"
	"spoor/internal/kql/syntax"
)

// names keeps the names of a row unique the way Kusto does: a name that is taken gets
// the first free number from 1 behind it.
type names struct {
	taken map[string]bool
	// declared are those that the query itself gave to a column.
	declared map[string]bool
}

func newNames(cols []*Column) *names {
	n := &names{map[string]bool{}, map[string]bool{}}
	for _, c := range cols {
		n.taken[c.Name] = true
	}
	return n
}

func (n *names) unique(name string) string {
	out := name
	for i := 1; n.taken[out]; i++ {
		out = name + strconv.Itoa(i)
	}
	n.taken[out] = true
	return out
}

// declare is the name of a column: one that the query gives, by "=" or as a column of that
// name, it can give once.
func (b *binder) declare(n *names, it item) string {
	if _, isRef := it.x.(*Ref); it.explicit || isRef {
		if n.declared[it.name] {
			b.report(it.span, "SEM0066", fmt.Sprintf("A column with the name '%s' is already declared", it.name))
		}
		n.declared[it.name] = true
	}
	return n.unique(it.name)
}

// auto names the column of an expression that has no name of its own: the next free
// ColumnN, counted through the whole query. An expression that is bound again, as those
// of a let are, keeps the name it was given first.
func (b *binder) auto(n *names, at syntax.Span) string {
	if name, ok := b.autos[at]; ok && !n.taken[name] {
		n.taken[name] = true
		return name
	}
	for {
		b.auton++
		if out := "Column" + strconv.Itoa(b.auton); !n.taken[out] {
			n.taken[out] = true
			b.autos[at] = out
			return out
		}
	}
}

// resultName is what Kusto calls the column of an expression that was given no name;
// "" when it has none of its own.
func resultName(x syntax.Expr) string {
	switch x := x.(type) { //nolint:gochecksumtype // the others need nothing here
	case *syntax.Name:
		return x.Text
	case *syntax.Paren:
		return resultName(x.X)
	case *syntax.Path:
		if base := resultName(x.X); base != "" && !strings.HasPrefix(base, "$") {
			return base + "_" + x.Name.Text
		}
		return x.Name.Text
	case *syntax.Index:
		return indexName(x)
	case *syntax.Call:
		return callName(x)
	case *syntax.Named:
		return x.Names[0].Text
	}
	return ""
}

func indexName(x *syntax.Index) string {
	at := ""
	if lit, ok := syntax.Unparen(x.I).(*syntax.Literal); ok {
		switch v := lit.Value.(type) {
		case string:
			at = v
		case int64:
			at = strconv.FormatInt(v, 10)
		}
	}
	if base := resultName(x.X); base != "" {
		return base + "_" + at
	}
	return at
}

// sortedName is the name of the array that array_sort_… makes of argument i.
func sortedName(x *syntax.Call, i int) string {
	name := resultName(x.Args[i])
	if name == "" {
		name = "array" + strconv.Itoa(i)
	}
	return name + "_sorted"
}

func callName(x *syntax.Call) string {
	f, ok := builtin.Aggregate(x.Func.Text)
	if !ok {
		if f, ok = builtin.Scalar(x.Func.Text); !ok {
			return ""
		}
	}
	first := ""
	if len(x.Args) > 0 {
		first = resultName(x.Args[0])
	}
	if strings.HasPrefix(f.Name, "array_sort_") && len(x.Args) > 0 {
		return sortedName(x, 0)
	}
	switch f.Naming {
	case builtin.NameFirst:
		return first
	case builtin.NameOfFirst:
		return f.Name + "_" + first
	case builtin.NamePrefixFirst:
		if strings.HasPrefix(f.Name, "covariance") && len(x.Args) > 1 {
			first += "_" + resultName(x.Args[1]) // the engine names both; Microsoft's binder the first alone
		}
		return f.Prefix + "_" + first
	case builtin.NamePrefixOnly:
		return f.Prefix
	case builtin.NameOnly:
		if len(x.Args) == 1 {
			return first
		}
	case builtin.NameValue:
		if len(x.Args) > 0 {
			if lit, ok := syntax.Unparen(x.Args[0]).(*syntax.Literal); ok {
				s, _ := lit.Value.(string)
				return s
			}
		}
	default: // the others need nothing here
	}
	return ""
}
