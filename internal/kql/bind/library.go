package bind

import (
	"fmt"
	"slices"
	"strings"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// Library is what people keep for queries beside the event tables. It does not change
// once made, and queries may share it.
type Library struct {
	functions  []storedFunction
	watchlists []Watchlist
	locations  []Location
}

// StoredFunction is a function that people keep: its text is "(parameters) { body }".
type StoredFunction struct{ Name, Text string }

// Watchlist is a table of texts that people import.
type Watchlist struct {
	Alias string
	// Version is the rows' identity among those of all lists.
	Version   int64
	Columns   []string
	SearchKey string
	// Expires is the moment from which the list is not to be relied on; 0: never.
	Expires schema.Ticks
}

type storedFunction struct {
	name string
	def  *syntax.Function
}

// textSize sets the places of the texts apart that a query is made of: those of its own
// text come first, then those of the product's functions, then each stored function's.
const textSize = 1 << 40

// Kept is what a Library is made of.
type Kept struct {
	Functions  []StoredFunction
	Watchlists []Watchlist
	// Locations are where externaldata may read.
	Locations []Location
}

// NewLibrary makes a library. A function that does not parse is an error.
func NewLibrary(k Kept) (*Library, error) {
	l := &Library{watchlists: k.Watchlists, locations: k.Locations}
	for i, f := range k.Functions {
		def, diags := syntax.ParseFunction(f.Text, (i+2)*textSize)
		if len(diags) > 0 {
			return nil, fmt.Errorf("read the function %s: %w", f.Name, diags[0])
		}
		l.functions = append(l.functions, storedFunction{f.Name, def})
	}
	return l, nil
}

// library is never nil.
func (e *Env) library() *Library {
	if e.Library == nil {
		return &Library{}
	}
	return e.Library
}

// defineStored makes stored functions known, to one another too.
func (b *binder) defineStored(functions []storedFunction) {
	outer := b.scope
	for _, f := range functions {
		b.define(f.name, b.letDefinition(f.def))
	}
	for s := b.scope; s != outer; s = s.outer {
		s.def.scope = b.scope
	}
}

// functionNames lists the functions that the query, people and the product define.
func (b *binder) functionNames() []string {
	var names []string
	for s := b.scope; s != nil; s = s.outer {
		if s.def.fn != nil {
			names = append(names, s.name)
		}
	}
	return names
}

// textName says which text a place lies in; "" is the query's own.
func (b *binder) textName(place int) string {
	switch n := place / textSize; {
	case n <= 0:
		return ""
	case n == 1:
		return "a function of the product"
	default:
		return "the function '" + b.env.library().functions[n-2].name + "'"
	}
}

// entered remembers where a function of another text is called.
func (b *binder) entered(def *syntax.Function, call syntax.Span) {
	if from := def.Span().Start / textSize; from > 0 && call.Start/textSize != from {
		b.calls[from] = call
	}
}

// locate moves a diagnostic that lies in the text of a function to where the query
// calls it.
func (b *binder) locate(d syntax.Diagnostic) syntax.Diagnostic {
	for range len(b.calls) {
		name := b.textName(d.Span.Start)
		call, ok := b.calls[d.Span.Start/textSize]
		if name == "" || !ok {
			break
		}
		d.Span, d.Message = call, fmt.Sprintf("In %s: %s", name, d.Message)
	}
	return d
}

// watchlist binds _GetWatchlist(alias[, keys]): the columns that every list has, then the
// list's own, as texts. Of a list that is not there no one knows the columns: the table
// has no rows, and any column that is asked for.
func (b *binder) watchlist(x *syntax.Call) Rel {
	alias, ok := b.expr(x.Args[0]).(*Const)
	if !ok || alias.Type() != schema.String {
		b.fail(x.Args[0].Span(), "SEM0036", "_GetWatchlist() takes the alias of a watchlist as a constant text")
	}
	key := b.column("SearchKey", schema.String, false)
	cols := []*Column{
		b.column("_DTItemId", schema.String, false), b.column("LastUpdatedTimeUTC", schema.DateTime, true), key,
		b.column("WatchlistItem", schema.Dynamic, true),
	}
	list, ok := b.findWatchlist(alias.Value.(string))
	if !ok {
		b.warn(x.Span(), "KS205", fmt.Sprintf("There is no watchlist '%s'; it is taken for an empty one. %s", alias.Value, b.watchlistNames()))
		return b.withKeys(x, key, &Values{Open: true, Cols: cols})
	}
	if list.Expires != 0 && b.env.Now >= list.Expires {
		b.warn(x.Span(), "SPR0001", fmt.Sprintf("The watchlist '%s' has expired: it held until %s", list.Alias, list.Expires))
	}
	for _, name := range list.Columns {
		cols = append(cols, b.column(name, schema.String, false))
	}
	return b.withKeys(x, key, &Outside{Source: &WatchlistSource{list}, Cols: cols})
}

// withKeys keeps the rows whose search key is among the second argument's.
func (b *binder) withKeys(x *syntax.Call, col *Column, list Rel) Rel {
	if len(x.Args) < 2 {
		return list
	}
	key := NewRef(col, x.Span())
	args := append([]Expr{key}, b.elements("in", key, b.expr(x.Args[1]))...)
	return &Where{list, NewCall("in", schema.Bool, x.Span(), args...)}
}

func (b *binder) findWatchlist(alias string) (Watchlist, bool) {
	lists := b.env.library().watchlists
	i := slices.IndexFunc(lists, func(l Watchlist) bool { return strings.EqualFold(l.Alias, alias) })
	if i < 0 {
		return Watchlist{}, false
	}
	return lists[i], true
}

// maxNames bounds the names that a message lists.
const maxNames = 20

func (b *binder) watchlistNames() string {
	lists := b.env.library().watchlists
	if len(lists) == 0 {
		return "There are none yet: spoor watchlist import makes one"
	}
	var names []string
	for _, l := range lists[:min(len(lists), maxNames)] {
		names = append(names, "'"+l.Alias+"'")
	}
	if len(lists) > maxNames {
		names = append(names, fmt.Sprintf("and %d more", len(lists)-maxNames))
	}
	return "There are: " + strings.Join(names, ", ")
}

// watchlistAliases binds _GetWatchlistAlias.
func (b *binder) watchlistAliases() Rel {
	v := &Values{Cols: []*Column{b.column("WatchlistAlias", schema.String, false)}}
	for _, l := range b.env.library().watchlists {
		v.Rows = append(v.Rows, []Expr{NewConst(schema.String, l.Alias, syntax.Span{})})
	}
	return v
}

// WatchlistSource stands for the rows of a list: those of the fixed columns and its own.
type WatchlistSource struct{ List Watchlist }

func (s *WatchlistSource) String() string { return "watchlist " + s.List.Alias }
