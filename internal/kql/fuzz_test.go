package kql_test

import (
	"testing"
	"unicode/utf8"

	"spoor/internal/kql"
	"spoor/internal/kql/bind"
	"spoor/internal/kql/dialect"
	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

var seeds = []string{
	"DeviceInfo | where Timestamp > ago(1d) | summarize arg_max(Timestamp, *) by DeviceId",
	"let f = (T:(*), x:string='a') { T | where DeviceName has x }; DeviceEvents | invoke f() | take 5",
	"union withsource=s Device*, (print a=1) | where * has 'x' | count",
	"union withsource= Device*, (print a=1) | where * has 'x'",
	"print d = dynamic({'a':[1,2,{\"b\":null}]}).a[0], x = 1d/2h, y = @'C:\\', z = h'secret', w = ```multi\nline```",
	"datatable(a:long, b:dynamic)[1, dynamic([1])] | mv-apply e = b on (where e > 0 | summarize sum(tolong(e))) | render timechart",
	"search in (DeviceInfo) \"a*\" and not(\"b\") | top 3 by Timestamp",
	"T | parse kind=regex x with * 'a' b:long",
	"where (x", "((((((((", "let a = a; a", "print '", "| | |", "print 1..2", "x[[", "a.b.['c'].d(",
	"DeviceNetworkEvents | make-series n=count() default=0 on Timestamp in range(ago(1d), now(), 1h) by DeviceName",
}

// checkDiagnostics fails when a place lies outside the text.
func checkDiagnostics(t *testing.T, text string, diags []syntax.Diagnostic) {
	t.Helper()
	for _, d := range diags {
		if d.Span.Start < 0 || d.Span.End < d.Span.Start || d.Span.End > len(text) {
			t.Errorf("%s: the place %v lies outside of %d bytes", d.Message, d.Span, len(text))
		}
		d.Underline(text)
	}
}

// FuzzParse: any text is parsed to its end without a panic, and what parses prints as
// text that parses to the same.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, diags := syntax.Parse(text)
		checkDiagnostics(t, text, diags)
		if len(diags) > 0 || !utf8.ValidString(text) {
			return
		}
		printed := syntax.Print(q)
		again, diags := syntax.Parse(printed)
		if len(diags) > 0 {
			t.Fatalf("%q prints as %q, which does not parse: %v", text, printed, diags)
		}
		if twice := syntax.Print(again); twice != printed {
			t.Fatalf("%q prints as %q and then as %q", text, printed, twice)
		}
	})
}

// FuzzCompile: compiling any text ends without a panic, with places inside the text.
func FuzzCompile(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, diags := kql.Compile(text, kql.Env{Catalog: schema.Default(), Exists: func(string) bool { return true }, Now: 1 << 59, MaxRows: func(bind.Limits) int64 { return 10 }})
		checkDiagnostics(t, text, diags)
		if c == nil && len(diags) == 0 {
			t.Fatal("neither a result nor a diagnostic")
		}
	})
}

// FuzzQuote: a quoted name or text ends where it was meant to: read back by the rules
// of SQL it is what it was.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "a", `"`, `""`, "'", "a'; DROP TABLE x; --", `\'`, "a\"b\"", "$1", "é\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, q := range []struct {
			quoted string
			mark   byte
		}{{dialect.Quote(s), '"'}, {dialect.QuoteText(s), '\''}} {
			if got, ok := unquote(q.quoted, q.mark); !ok || got != s {
				t.Errorf("%q is quoted as %s, which reads %q", s, q.quoted, got)
			}
		}
	})
}

// unquote reads a quoted token as SQL does; ok is false unless it ends at the end.
func unquote(s string, mark byte) (text string, ok bool) {
	if len(s) < 2 || s[0] != mark {
		return "", false
	}
	var out []byte
	for i := 1; i < len(s); i++ {
		if s[i] != mark {
			out = append(out, s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == mark {
			out = append(out, mark)
			i++
			continue
		}
		return string(out), i == len(s)-1
	}
	return "", false
}
