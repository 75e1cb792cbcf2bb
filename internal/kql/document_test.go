package kql_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"spoor/internal/kql"
	"spoor/internal/kql/builtin"
	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

var update = flag.Bool("update", false, "rewrite the lists in docs/kql.md")

const document = "../../docs/kql.md"

// TestDocument: the lists of docs/kql.md are what the tables of functions and plugins say.
func TestDocument(t *testing.T) {
	have, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	want := string(have)
	for name, list := range map[string]string{"scalar functions": functionList(false), "aggregates": functionList(true), "plugins": pluginList(), "refused": refusedList()} {
		begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->\n"
		head, rest, found := strings.Cut(want, begin)
		_, tail, ended := strings.Cut(rest, end)
		if !found || !ended {
			t.Fatalf("%s has no place for the list of %s", document, name)
		}
		want = head + begin + list + end + tail
	}
	if *update {
		if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(have) {
		t.Errorf("%s is not what the tables say; write it anew with make gen", document)
	}
}

// functions are the scalar functions or the aggregates, in order.
func functions(aggregate bool) []*builtin.Function {
	var out []*builtin.Function
	for _, name := range slices.Compact(slices.Sorted(slices.Values(builtin.Names()))) {
		find := builtin.Scalar
		if aggregate {
			find = builtin.Aggregate
		}
		if f, ok := find(name); ok {
			out = append(out, f)
		}
	}
	return out
}

func functionList(aggregate bool) string {
	var b strings.Builder
	for _, f := range functions(aggregate) {
		if refused(f) {
			continue
		}
		if f.Canonical != f.Name {
			fmt.Fprintf(&b, "- `%s`: today `%s`\n", f.Name, f.Canonical)
			continue
		}
		var forms []string
		for i := range f.Signatures {
			forms = append(forms, "`"+signature(f, &f.Signatures[i])+"`")
		}
		fmt.Fprintf(&b, "- %s\n", strings.Join(slices.Compact(forms), " or "))
	}
	return b.String()
}

func refusedList() string {
	var names []string
	for _, f := range append(functions(false), functions(true)...) {
		if refused(f) {
			names = append(names, "`"+f.Name+"`")
		}
	}
	return strings.Join(names, ", ") + "\n"
}

func pluginList() string {
	var names []string
	for _, n := range slices.Sorted(slices.Values(kql.Plugins())) {
		names = append(names, "`"+n+"`")
	}
	return strings.Join(names, ", ") + "\n"
}

// signature is how a call is written: what may be left out stands in brackets.
func signature(f *builtin.Function, s *builtin.Signature) string {
	var params []string
	for _, p := range s.Params {
		name := p.Name
		switch {
		case p.StarOnly:
			name = "*"
		case p.Max > 1 && p.Min == 0:
			name = "[" + name + ", …]"
		case p.Max > 1:
			name += ", …"
		case p.Min == 0:
			name = "[" + name + "]"
		}
		params = append(params, name)
	}
	return f.Name + "(" + strings.Join(params, ", ") + ")"
}

// refused: a call with arguments of the right types is refused for what it is, in every
// place where a function of its kind may stand.
func refused(f *builtin.Function) bool {
	var args []string
	for _, p := range f.Signatures[0].Params {
		for range max(p.Min, 1) {
			args = append(args, argument(p))
		}
	}
	call := f.Name + "(" + strings.Join(args, ", ") + ")"
	places := []string{
		"DeviceInfo | extend x = " + call,
		"datatable(s:string, t:string)['a', 'b'] | make-graph s --> t with_node_id=id | graph-match (x)-[e]->(y) project v = " + call,
	}
	if f.Aggregate {
		places = []string{"DeviceInfo | summarize x = " + call}
	}
	for _, text := range places {
		_, diags := kql.Compile(text, kql.Env{Catalog: schema.Default(), Exists: func(string) bool { return true }, Now: 1 << 59})
		if !slices.ContainsFunc(diags, func(d syntax.Diagnostic) bool {
			return d.Message == "The function '"+f.Name+"' is not supported" || d.Message == "The aggregate '"+f.Name+"' is not supported"
		}) {
			return false
		}
	}
	return true
}

func argument(p builtin.Param) string {
	typ := schema.String
	if len(p.Types) > 0 {
		typ = p.Types[0]
	}
	switch p.Kind {
	case builtin.KindNumber, builtin.KindInteger, builtin.KindSummable:
		return "1"
	case builtin.KindDynamic:
		return "dynamic([1])"
	case builtin.KindTypeOf:
		return "typeof(long)"
	case builtin.KindTable:
		return "DeviceInfo"
	case builtin.KindTypes:
		return map[schema.Type]string{
			schema.Bool: "true", schema.Int: "1", schema.Long: "1", schema.Real: "1.0", schema.Decimal: "decimal(1)", schema.DateTime: "now()",
			schema.TimeSpan: "1h", schema.GUID: "new_guid()", schema.Dynamic: "dynamic([1])", schema.String: "'a'",
		}[typ]
	default:
		return "'a'"
	}
}
