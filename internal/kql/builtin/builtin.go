// Package builtin is the table of KQL's functions and aggregates: names, parameters,
// result types, how an unnamed result column is called. Binder, dialect and the
// documentation read it; it computes nothing itself.
package builtin

import (
	"fmt"
	"strings"
	"sync"

	"spoor/internal/schema"
)

// Function is a scalar function or an aggregate.
type Function struct {
	Name string
	// Canonical is the name of the function this one is an older spelling of; else Name.
	Canonical  string
	Signatures []Signature
	Naming     Naming
	Prefix     string // for PrefixFirst and PrefixOnly
	Aggregate  bool
}

// Signature is one overload.
type Signature struct {
	Params []Param
	Result Result
}

// Param is a parameter. A parameter may stand for several arguments.
type Param struct {
	Name     string
	Kind     Kind
	Types    []schema.Type // for KindTypes
	Min, Max int           // how many arguments it takes
	Star     bool          // "*" may stand for it
	StarOnly bool
	Column   bool // wants a column
}

// Kind is a class of types that a parameter takes.
type Kind uint8

// The kinds.
const (
	KindTypes     Kind = iota // one of Types
	KindScalar                // anything
	KindNumber                // int long real decimal
	KindInteger               // int long
	KindSummable              // numbers, timespan, datetime
	KindOrderable             // all but dynamic
	KindPlain                 // all but dynamic
	KindText                  // string, dynamic
	KindAsText                // anything, made a string
	KindDynamic               // dynamic: an array or a bag
	KindCommon                // anything, alike with the others of this kind
	KindTypeOf                // typeof(…)
	KindTable
)

// Result says how a call's type follows from its arguments.
type Result struct {
	Rule ResultRule
	Type schema.Type // for ResultType
	Arg  int         // for ResultArg
}

// ResultRule is a way to find the type of a call.
type ResultRule uint8

// The rules.
const (
	ResultType    ResultRule = iota // always Type
	ResultArg                       // that of argument Arg
	ResultCommon                    // what the KindCommon arguments have in common
	ResultWidest                    // the widest of the numeric arguments
	ResultSum                       // that of argument 0, an int made a long
	ResultLiteral                   // what the typeof argument names
)

// Naming says how the column of an unnamed call is called.
type Naming uint8

// The namings.
const (
	NameNone        Naming = iota // Column1, print_0
	NameFirst                     // as the first argument
	NameOfFirst                   // name_argument
	NamePrefixFirst               // prefix_argument
	NamePrefixOnly                // prefix
	NameOnly                      // as the argument, if it has just one
	NameValue                     // the first argument's text: column_ifexists("x", …) is x
)

type entry struct{ name, signatures, naming string }

type tables struct{ scalars, aggregates map[string]*Function }

var load = sync.OnceValue(func() tables {
	return tables{parse(scalars, false), parse(aggregates, true)}
})

// Scalar finds a scalar function.
func Scalar(name string) (*Function, bool) {
	f, ok := load().scalars[name]
	return f, ok
}

// Aggregate finds an aggregate.
func Aggregate(name string) (*Function, bool) {
	f, ok := load().aggregates[name]
	return f, ok
}

// Names lists the names of all scalar functions and aggregates, in no order.
func Names() []string {
	var names []string
	for n := range load().scalars {
		names = append(names, n)
	}
	for n := range load().aggregates {
		names = append(names, n)
	}
	return names
}

func parse(entries []entry, aggregate bool) map[string]*Function {
	m := make(map[string]*Function, len(entries))
	for _, e := range entries {
		f := &Function{Name: e.name, Canonical: e.name, Aggregate: aggregate}
		if c, ok := older[e.name]; ok {
			f.Canonical = c
		}
		naming, prefix, _ := strings.Cut(e.naming, ":")
		f.Prefix = prefix
		f.Naming = namings[naming]
		for sig := range strings.SplitSeq(e.signatures, " | ") {
			f.Signatures = append(f.Signatures, parseSignature(e.name, sig))
		}
		m[e.name] = f
	}
	return m
}

var namings = map[string]Naming{
	"": NameNone, "first": NameFirst, "name": NameOfFirst, "prefix": NamePrefixFirst, "prefixonly": NamePrefixOnly,
	"only": NameOnly, "value": NameValue,
}

var kinds = map[string]Kind{
	"scalar": KindScalar, "number": KindNumber, "integer": KindInteger, "summable": KindSummable, "orderable": KindOrderable,
	"plain": KindPlain, "text": KindText, "astext": KindAsText, "array": KindDynamic, "bag": KindDynamic, "common": KindCommon, "type": KindTypeOf,
	"table": KindTable,
}

// parseSignature reads "(name:kind?, …) result". Behind the kind: ? none or one, + one
// or more, ++ two or more, * any number; then @ a column, ~ "*" allowed, ! "*" only.
func parseSignature(name, s string) Signature {
	open, end := strings.IndexByte(s, '('), strings.LastIndexByte(s, ')')
	var sig Signature
	for p := range strings.SplitSeq(s[open+1:end], ", ") {
		if p != "" {
			sig.Params = append(sig.Params, parseParam(name, p))
		}
	}
	sig.Result = parseResult(name, strings.TrimSpace(s[end+1:]))
	return sig
}

func parseParam(function, s string) Param {
	name, kind, _ := strings.Cut(s, ":")
	p := Param{Name: name, Min: 1, Max: 1}
	mark := func(suffix string) bool {
		rest, ok := strings.CutSuffix(kind, suffix)
		kind = rest
		return ok
	}
	p.StarOnly = mark("!")
	p.Star = mark("~") || p.StarOnly
	p.Column = mark("@")
	switch {
	case mark("?"):
		p.Min = 0
	case mark("++"):
		p.Min, p.Max = 2, maxArgs
	case mark("+"):
		p.Max = maxArgs
	case mark("*"):
		p.Min, p.Max = 0, maxArgs
	}
	if k, ok := kinds[kind]; ok {
		p.Kind = k
		return p
	}
	for t := range strings.SplitSeq(kind, "|") {
		typ, ok := schema.ParseType(t)
		if !ok {
			panic(fmt.Sprintf("builtin: %s: unknown kind %q", function, kind))
		}
		p.Types = append(p.Types, typ)
	}
	return p
}

// maxArgs is the most arguments a call can have.
const maxArgs = 1 << 15

func parseResult(function, s string) Result {
	switch s {
	case "$0":
		return Result{Rule: ResultArg}
	case "$1":
		return Result{Rule: ResultArg, Arg: 1}
	case "common":
		return Result{Rule: ResultCommon}
	case "widest":
		return Result{Rule: ResultWidest}
	case "sum":
		return Result{Rule: ResultSum}
	case "literal":
		return Result{Rule: ResultLiteral}
	}
	t, ok := schema.ParseType(s)
	if !ok {
		panic(fmt.Sprintf("builtin: %s: unknown result %q", function, s))
	}
	return Result{Type: t}
}
