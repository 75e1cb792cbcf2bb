package vector_test

import (
	"encoding/json"
	"math"
	"sync"
	"testing"

	"spoor/internal/kql/vector"
)

func eval(t *testing.T, name string, args ...any) any {
	t.Helper()
	f, ok := vector.Lookup(name)
	if !ok {
		t.Fatalf("there is no function %s", name)
	}
	return f.Eval(args)
}

// TestRealFunctions holds results that arithmetic gives, to a relative 1e-9.
func TestRealFunctions(t *testing.T) {
	const radius = 6371010.0 // of the sphere, in meters
	octant := `{"type":"Polygon","coordinates":[[[0,0],[90,0],[0,90],[0,0]]]}`
	equator := `{"type":"LineString","coordinates":[[0,0],[45,0],[90,0]]}`
	for _, c := range []struct {
		name string
		args []any
		want float64
	}{
		{"convert_angle", []any{180.0, "Degree", "Radian"}, math.Pi},
		{"convert_length", []any{1.0, "Mile", "Foot"}, 5280},
		{"convert_mass", []any{1.0, "Stone", "Pound"}, 14},
		{"convert_temperature", []any{-40.0, "DegreeFahrenheit", "DegreeCelsius"}, -40},
		{"convert_temperature", []any{212.0, "DegreeFahrenheit", "Kelvin"}, 373.15},
		{"convert_speed", []any{36.0, "KilometerPerHour", "MeterPerSecond"}, 10},
		{"convert_volume", []any{1.0, "UsGallon", "CubicInch"}, 231},
		{"convert_energy", []any{1.0, "KilowattHour", "Joule"}, 3.6e6},
		{"convert_force", []any{1.0, "KilogramForce", "Newton"}, 9.80665},
		{"gamma", []any{5.0}, 24},
		{"beta_cdf", []any{0.25, 1.0, 1.0}, 0.25}, // the uniform distribution
		{"beta_inv", []any{0.25, 1.0, 1.0}, 0.25},
		{"beta_pdf", []any{0.5, 2.0, 2.0}, 1.5},                  // 6x(1-x)
		{"welch_test", []any{1.0, 2.0, 10.0, 1.0, 2.0, 10.0}, 1}, // no difference at all
		{"percentile_tdigest", []any{"[[1,2,3,4],[1,1,1,1]]", 50.0}, 2},
		{"rank_tdigest", []any{"[[1,2,3,4],[1,1,1,1]]", 3.0}, 3},
		{"percentrank_tdigest", []any{"[[1,2,3,4],[1,1,1,1]]", 3.0}, 75},
		{"geo_distance_2points", []any{0.0, 0.0, 90.0, 0.0}, math.Pi / 2 * radius},
		{"geo_azimuth", []any{0.0, 0.0, 10.0, 0.0}, math.Pi / 2},
		{"geo_angle", []any{0.0, 10.0, 0.0, 0.0, 10.0, 0.0}, math.Pi / 2},
		{"geo_line_length", []any{equator}, math.Pi / 2 * radius},
		{"geo_line_locate_point", []any{equator, 22.5, 1.0}, 0.25},
		{"geo_polygon_area", []any{octant}, math.Pi / 2 * radius * radius},
		{"geo_polygon_perimeter", []any{octant}, 3 * math.Pi / 2 * radius},
		{"geo_distance_point_to_polygon", []any{10.0, 10.0, octant}, 0},
		{"geo_distance_point_to_line", []any{10.0, 1.0, equator}, math.Pi / 180 * radius},
	} {
		got, ok := eval(t, c.name, c.args...).(float64)
		if !ok || math.Abs(got-c.want) > 1e-9*math.Max(1, math.Abs(c.want)) {
			t.Errorf("%s(%v) = %v, want %v", c.name, c.args, got, c.want)
		}
	}
	// WGS 84's quarter of a meridian is 10 001 965.729 m long.
	if d, _ := eval(t, "geo_distance_2points", 0.0, 0.0, 0.0, 90.0, "true").(float64); math.Abs(d-10001965.729) > 0.001 {
		t.Errorf("the quarter meridian measures %v", d)
	}
}

// TestFamilies holds exact results.
func TestFamilies(t *testing.T) {
	for _, c := range []struct {
		name string
		args []any
		want any
	}{
		// XXH64 of no bytes and of "a", from the algorithm's reference implementation.
		{"hash_xxhash64", []any{""}, int64(-1205034819632174695)},
		{"hash_xxhash64", []any{"a"}, int64(-3292477735350538661)},
		{"hash_xxhash64", []any{"a", int64(10)}, int64(5)},
		{"hash_xxhash64", []any{"a", int64(0)}, nil},
		{"convert_angle", []any{1.0, "Degree", "nothing"}, nil},
		{"parse_version", []any{"1.2"}, "1000000020000000000000000"},
		{"parse_version", []any{"1.x"}, nil},
		{"parse_version", []any{"1.2.3.4.5"}, nil},
		{"punycode_from_string", []any{"bücher"}, "bcher-kva"},
		{"punycode_to_string", []any{"bcher-kva"}, "bücher"},
		{"punycode_domain_to_string", []any{"bücher.example"}, "xn--bcher-kva.example"},
		{"punycode_domain_from_string", []any{"xn--bcher-kva.example"}, "bücher.example"},
		{"gzip_decompress_from_base64_string", []any{"not base64"}, ""},
		{"strrep", []any{"ab", int64(3), "-"}, "ab-ab-ab"},
		{"strrep", []any{"ab", int64(2000)}, ""},
		{"format_bytes", []any{2048.0, "0", `"KB"`}, "2 KB"},
		{"tohex", []any{int64(255), int64(4)}, "00ff"},

		{"array_sort_asc", []any{"[3,1,null,2]"}, "[1,2,3,null]"},
		{"array_sort_desc", []any{"[3,1,null,2]", "false"}, "[null,3,2,1]"},
		{"array_sort_asc", []any{"[2,1]", `["b","a"]`}, `[[1,2],["a","b"]]`},
		{"array_index_of", []any{"[1,2,1,2]", "2", int64(0), int64(-1), int64(2)}, int64(3)},
		{"array_index_of", []any{"[1,2,1,2]", "2", int64(0), int64(1)}, int64(-1)},
		{"bag_zip", []any{`["a",7,"b"]`, "[1,2,3]"}, `{"a":1,"b":3}`},
		{"dynamic_to_json", []any{`{"b":1,"a":{"d":2,"c":3}}`}, `{"a":{"c":3,"d":2},"b":1}`},
		{"buildschema_array", []any{`[{"x":1},{"x":"t","y":[1,2]}]`}, "{\"x\":[\"long\",\"string\"],\"y\":{\"`indexer`\":\"long\"}}"},
		{"replace_strings", []any{"ab", `["a","b"]`, `["b","c"]`}, "bc"},

		{"ipv4_range_to_cidr_list", []any{"10.0.0.1", "10.0.0.6"}, `["10.0.0.1/32","10.0.0.2/31","10.0.0.4/31","10.0.0.6/32"]`},
		{"ipv4_range_to_cidr_list", []any{"0.0.0.0", "255.255.255.255"}, `["0.0.0.0/0"]`},
		{"term_has", []any{"evil.exe ran", "evil"}, true},
		{"term_has", []any{"evilness", "evil"}, false},
		{"term_has", []any{"evilness of evil", "evil"}, true},
		{"term_has", []any{"größe", "gr"}, false}, // ö is a letter
		{"term_has", []any{"a_b", "a"}, true},     // _ is none
		{"term_has", []any{"x--y", "-"}, true},    // a term that begins with no letter needs none beside it
		{"term_has", []any{"aaa a", "a"}, true},
		{"term_has", []any{"aa", ""}, true},
		{"term_hasprefix", []any{"an evilness", "evil"}, true},
		{"term_hasprefix", []any{"devil", "evil"}, false},
		{"term_hassuffix", []any{"devil", "evil"}, true},
		{"term_hassuffix", []any{"evilness", "evil"}, false},
		{"has_ipv4_prefix", []any{"saw 10.1.2.3", `"10.1"`}, false}, // neither an address nor ended by a dot
		{"format_ipv4", []any{"10.1.2.3/24", int64(32)}, "10.1.2.0"},

		{"series_fill_linear", []any{"[null,1,null,4,null]"}, "[1,1,2,4,4]"},
		{"series_fill_linear", []any{"[1.0,null,2.0]"}, "[1.0,1.5,2.0]"},
		{"series_fill_const", []any{"[1,-1]", "0", "-1"}, "[1,0]"},
		{"series_fir", []any{"[1,2,3]", "[1,1]", "false", "false"}, "[1.0,3.0,5.0]"},
		{"series_iir", []any{"[1,2,3]", "[1]", "[1,-1]"}, "[1.0,3.0,6.0]"},
		{"series_fft", []any{"[1,1]"}, "[[2.0,0.0],[0.0,0.0]]"},
		{"series_stats", []any{"[1,2,3]"}, "[1.0,0,3.0,2,2.0,1.0,1.0]"},
		{"series_fit_line", []any{"[1,3,5]"}, "[1.0,2.0,4.0,0.0,1.0,[1.0,3.0,5.0]]"},
		{"series_seasonal", []any{"[1,9,1,9,1,9]", int64(2)}, "[1.0,9.0,1.0,9.0,1.0,9.0]"},
		{"series_decompose", []any{"[1,9,1,9]", "2", `"avg"`}, "[[1.0,9.0,1.0,9.0],[1.0,9.0,1.0,9.0],[0.0,0.0,0.0,0.0],[0.0,0.0,0.0,0.0]]"},
		{"session_starts", []any{"[0,5,20,24]", "[1,1,1,2]", int64(100), int64(10)}, "[0,0,20,24]"},
		{"session_starts", []any{"[0,5,10,15]", nil, int64(10), int64(10)}, "[0,0,0,15]"},

		{"merge_tdigest", []any{"[[1,3],[1,1]]", "[[2],[2]]"}, "[[1.0,2.0,3.0],[1.0,2.0,1.0]]"},
		{"percentile_tdigest", []any{"5", 50.0}, nil},
		{"weighted_rank", []any{"[1,1,8]", 50.0}, int64(3)},
		{"hll_merge", []any{"[12,65]", "[12,66,129]"}, "[12,66,129]"},
		{"dcount_hll", []any{"[12,65,129,193]"}, int64(3)},

		{"geo_point_to_geohash", []any{-5.6, 42.6, "5"}, "ezs42"}, // the example of Wikipedia's article
		{"geo_point_to_geohash", []any{-5.6, 95.0, "5"}, ""},
		{"geo_geohash_to_central_point", []any{"s"}, `{"type":"Point","coordinates":[22.5,22.5]}`},
		{"geo_geohash_to_polygon", []any{"a"}, nil},
		{"geo_point_in_circle", []any{0.0, 0.0, 0.0, 1.0, 111200.0}, true},
		{"geo_point_in_polygon", []any{1.0, 0.5, `{"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,0]]]}`}, true},
		{"geo_point_in_polygon", []any{1.0, 0.5, `{"type":"Polygon","coordinates":[[[0,0],[2,0]]]}`}, nil},
		{"geo_intersects_2lines", []any{`{"type":"LineString","coordinates":[[-1,0],[1,0]]}`, `{"type":"LineString","coordinates":[[0,-1],[0,1]]}`}, true},
		{"geo_intersection_2lines", []any{`{"type":"LineString","coordinates":[[-1,0],[1,0]]}`, `{"type":"LineString","coordinates":[[5,-1],[5,1]]}`}, `{"type":"GeometryCollection","geometries":[]}`},
		{"geo_union_lines_array", []any{`[{"type":"LineString","coordinates":[[0,0],[1,0]]},{"type":"LineString","coordinates":[[1,0],[2,0]]}]`}, `{"type":"LineString","coordinates":[[0,0],[1,0],[2,0]]}`},
		{"geo_from_wkt", []any{"POINT (3 4)"}, `{"type":"Point","coordinates":[3,4]}`},
		{"geo_h3cell_level", []any{"nothing"}, nil},
	} {
		if got := eval(t, c.name, c.args...); got != c.want {
			t.Errorf("%s(%v) = %v (%T), want %v (%T)", c.name, c.args, got, got, c.want, c.want)
		}
	}
}

// TestPackedTexts: what is packed comes back, and too much ends the query.
func TestPackedTexts(t *testing.T) {
	for _, kind := range []string{"gzip", "zlib"} {
		packed := eval(t, kind+"_compress_to_base64_string", "spoor spoor spoor")
		if got := eval(t, kind+"_decompress_from_base64_string", packed); got != "spoor spoor spoor" {
			t.Errorf("%s gives back %v", kind, got)
		}
	}
	big := eval(t, "gzip_compress_to_base64_string", string(make([]byte, 17<<20)))
	if _, ok := eval(t, "gzip_decompress_from_base64_string", big).(error); !ok {
		t.Error("17 MB are unpacked without an error")
	}
}

// TestCellsContainTheirMiddle: the cell of a point's cell's middle is that cell.
func TestCellsContainTheirMiddle(t *testing.T) {
	for _, kind := range []string{"geohash", "s2cell", "h3cell"} {
		cell, _ := eval(t, "geo_point_to_"+kind, 13.4, 52.5).(string)
		text, _ := eval(t, "geo_"+kind+"_to_central_point", cell).(string)
		var p struct{ Coordinates []float64 }
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Fatalf("the middle of %s %s is %q: %v", kind, cell, text, err)
		}
		if again := eval(t, "geo_point_to_"+kind, p.Coordinates[0], p.Coordinates[1]); again != cell {
			t.Errorf("the middle of %s lies in %v", cell, again)
		}
	}
}

// TestOffsetsOfClocks: Brussels puts its clocks forward at 02:00 on 27 March 2022 and back
// at 03:00 on 30 October.
func TestOffsetsOfClocks(t *testing.T) {
	at := func(s string) any { return eval(t, "todatetime", s) }
	for local, utc := range map[string]string{
		"2022-03-27 01:59": "2022-03-27 00:59",
		"2022-03-27 02:30": "2022-03-27 00:30", // skipped
		"2022-03-27 03:00": "2022-03-27 01:00",
		"2022-10-30 02:30": "2022-10-30 00:30", // the first of two
		"2022-07-01 12:00": "2022-07-01 10:00",
	} {
		if got := eval(t, "datetime_local_to_utc", at(local), "Europe/Brussels"); got != at(utc) {
			t.Errorf("%s in Brussels is %v, want %v", local, got, at(utc))
		}
	}
	if got := eval(t, "datetime_utc_to_local", at("2022-07-01"), "../../etc/passwd"); got != nil {
		t.Errorf("a zone that is none gives %v", got)
	}
}

// TestRegex: \d and \w mean all of Unicode, and escapes of other kinds are understood.
func TestRegex(t *testing.T) {
	for _, c := range []struct{ pattern, text, want string }{
		{`(\d+)`, "٣4", `["٣4"]`},
		{`([\w]+)`, "é_1-", `["é_1"]`},
		{`([^\d]+)`, "a1", `["a"]`},
		{`(\D+)`, "a٣", `["a"]`},
		{`(\u0041)`, "A", `["A"]`},
		{`([]\d]+)`, "]1", `["]1"]`},
		{`(\\d)`, `\d`, `["\\d"]`},
	} {
		if got := eval(t, "extract_all", c.pattern, c.text); got != c.want {
			t.Errorf("extract_all(%s, %s) = %v, want %s", c.pattern, c.text, got, c.want)
		}
	}
}

// TestConcurrentUse runs every function on several goroutines at once; the race detector
// tells the rest.
func TestConcurrentUse(t *testing.T) {
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for _, f := range vector.Functions() {
				args := make([]any, len(f.Params))
				f.Eval(args)
			}
			eval(t, "extract_all", `(\d)`, "1")
			eval(t, "datetime_utc_to_local", int64(0), "Europe/Brussels")
			eval(t, "parse_user_agent", "curl/8.0")
		})
	}
	group.Wait()
}

func FuzzRegex(f *testing.F) {
	f.Add(`[\d]\w\Q.*\E\u0041\`)
	f.Add(`[]\s^]\U00000041\Q`)
	f.Fuzz(func(_ *testing.T, s string) { vector.Regex(s) })
}
