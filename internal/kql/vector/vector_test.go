package vector_test

import (
	"testing"

	"spoor/internal/kql/value"
	"spoor/internal/kql/vector"
)

// ticks is the tick count of a moment.
func ticks(t *testing.T, s string) int64 {
	t.Helper()
	v, ok := value.ParseDateTime(s)
	if !ok {
		t.Fatalf("%s is no time", s)
	}
	return int64(v)
}

// TestFunctions checks functions against the examples and rules of their pages.
func TestFunctions(t *testing.T) {
	at := func(s string) int64 { return ticks(t, s) }
	for _, c := range []struct {
		name string
		args []any
		want any
	}{
		{"datetime_diff", []any{"month", at("2026-03-01"), at("2025-12-31")}, int64(3)},
		{"datetime_diff", []any{"week", at("2026-01-04"), at("2026-01-03")}, int64(1)}, // Sunday begins a week
		{"datetime_diff", []any{"hour", at("2026-01-01 10:01"), at("2026-01-01 09:59")}, int64(1)},
		{"datetime_add", []any{"month", int64(1), at("2026-01-31")}, at("2026-02-28")},
		{"startofweek", []any{at("2026-01-02 03:00")}, at("2025-12-28")},
		{"endofmonth", []any{at("2026-02-03")}, at("2026-03-01") - 1},
		{"startofyear", []any{at("2026-02-03"), int64(-1)}, at("2025-01-01")},
		{"format_datetime", []any{at("2026-01-02 15:04:05.6789"), "yy-MM-dd hh:mm:ss.fff tt"}, "26-01-02 03:04:05.678 PM"},
		{"monthofyear", []any{at("2026-07-02")}, int32(7)},
		{"monthofyear", []any{nil}, nil},
		{"make_datetime", []any{2026.0, 2.0, 30.0}, nil},

		{"array_slice", []any{"[1,2,3,4]", int64(-2), int64(-1)}, "[3,4]"},
		{"array_concat", []any{"[1]", `["x",null]`}, `[1,"x",null]`},
		{"set_difference", []any{"[1,2,2,3]", "[2]"}, "[1,3]"},
		{"set_has_element", []any{`["a","b"]`, `"b"`}, true},
		{"bag_merge", []any{`{"a":1}`, `{"a":2,"b":3}`}, `{"a":1,"b":3}`},
		{"bag_remove_keys", []any{`{"a":{"b":1,"c":2},"d":3}`, `["$.a.b","d"]`}, `{"a":{"c":2}}`},
		{"array_sort_asc", []any{"[10,9,null,1.5]"}, "[1.5,9,10,null]"},
		{"zip", []any{"[1,2]", `["a"]`}, `[[1,"a"],[2,null]]`},
		{"strcat_array", []any{`[1,"a",true]`, "-"}, "1-a-true"},
		{"array_concat", []any{"no json"}, nil},

		{"indexof", []any{"abcabc", "c", int64(3)}, int64(5)},
		{"indexof", []any{"abc", "x"}, int64(-1)},
		{"countof", []any{"aaa", "aa"}, int64(2)},
		{"countof", []any{"a1b22", `\d+`, "regex"}, int64(2)},
		{"trim", []any{"-+", "--a-b--"}, "a-b"},
		{"replace_regex", []any{"a1b2", `([a-z])(\d)`, `\2\1$`}, "1a$2b$"},
		{"extract_all", []any{`(\w)(\d)`, "a1 b2"}, `[["a","1"],["b","2"]]`},
		{"translate", []any{"abc", "x", "aabbcd"}, "xxxxxd"},
		{"url_decode", []any{"a%20b+c"}, "a b c"},
		{"base64_decode_tostring", []any{"a3VzdG8="}, "kusto"},
		{"parse_command_line", []any{`"C:\Program Files\a.exe" -x "say \"hi\""`, "windows"}, `["C:\\Program Files\\a.exe","-x","say \"hi\""]`},
		{"parse_csv", []any{`a,"b,c",d`}, `["a","b,c","d"]`},
		{"parse_xml", []any{`<a x="1"><b>t</b><b>u</b></a>`}, `{"a":{"@x":"1","b":["t","u"]}}`},
		{"parse_xml", []any{"<a"}, nil},
		{"parse_kv", []any{`a=1, b="x, y", c=`, ", ", "=", `"`, "", false}, `{"a":"1","b":"x, y","c":""}`},
		{"tohex", []any{int64(-256)}, "ffffffffffffff00"},

		{"ipv4_is_in_range", []any{"192.0.2.9", "192.0.2.0/24"}, true},
		{"ipv4_is_in_range", []any{"192.0.3.9", "192.0.2.0/24"}, false},
		{"ipv4_is_in_range", []any{"not one", "192.0.2.0/24"}, nil},
		{"ipv4_is_in_any_range", []any{"10.1.1.1", `["192.0.2.0/24","10.0.0.0/8"]`}, true},
		{"ipv4_is_private", []any{"172.32.0.1"}, false},
		{"ipv6_is_in_range", []any{"2001:db8::1", "2001:db8::/32"}, true},
		{"ipv4_compare", []any{"10.0.0.2/24", "10.0.0.9/24"}, int64(0)},
		{"parse_ipv4", []any{"0.0.1.2"}, int64(258)},
		{"has_ipv4", []any{"05:04 10.1.2.3:80 ok", `"10.1.2.3"`}, true},
		{"has_ipv4", []any{"10.1.2.34", `"10.1.2.3"`}, false},
		{"has_ipv4_prefix", []any{"saw 10.1.2.34", `"10.1."`}, true},

		{"series_add", []any{"[1,2]", "[10,20]"}, "[11,22]"},
		{"series_fill_forward", []any{"[1,null,3,null]"}, "[1,1,3,3]"},
		{"series_dot_product", []any{"[1,2]", "[3,4]"}, 11.0},
		{"range_whole", []any{int64(1), int64(7), int64(3), "long"}, "[1,4,7]"},
	} {
		f, ok := vector.Lookup(c.name)
		if !ok {
			t.Errorf("there is no function %s", c.name)
			continue
		}
		if got := f.Eval(c.args); got != c.want {
			t.Errorf("%s(%v) = %v (%T), want %v (%T)", c.name, c.args, got, got, c.want, c.want)
		}
	}
}

// FuzzFunctions: no argument makes a function panic.
func FuzzFunctions(f *testing.F) {
	f.Add("a", "b", int64(1))
	f.Add(`{"a":[1,{"b":null}]}`, "$.a[0]", int64(-3))
	f.Add("10.0.0.1/33", `["::1/129"]`, int64(1)<<62)
	f.Add("2026-01-01", "yyyyyyy", int64(3155378975999999999))
	f.Add("[1,2,3,4,5,6,7,8]", "[0.5,0.5]", int64(2))
	f.Add(`{"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,0]]]}`, `[{"type":"Polygon","coordinates":[[[1,0],[3,0],[3,2],[1,0]]]}]`, int64(1))
	f.Add(`{"type":"LineString","coordinates":[[0,0],[2,0]]}`, `{"type":"LineString","coordinates":[[1,-1],[1,1]]}`, int64(12))
	f.Add(`[[1,2,3],[1,1,1]]`, "[14,64,129]", int64(50))
	f.Add("MULTIPOINT (1 1, 2 2)", "xn--a", int64(9))
	f.Fuzz(func(_ *testing.T, a, b string, n int64) {
		for _, fn := range vector.Functions() {
			var args []any
			if len(fn.Params) == 0 {
				fn.Eval(nil)
				continue
			}
			for i := range max(len(fn.Params), 3) {
				switch fn.Param(i).String() {
				case "string", "dynamic", "guid", "decimal":
					args = append(args, []string{a, b}[i%2])
				case "real":
					args = append(args, float64(n))
				case "bool":
					args = append(args, n%2 == 0)
				default:
					args = append(args, n)
				}
				if i+1 == len(fn.Params) && !fn.Variadic {
					break
				}
			}
			fn.Eval(args)
		}
	})
}
