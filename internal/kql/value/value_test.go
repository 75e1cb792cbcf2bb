package value_test

import (
	"testing"

	"spoor/internal/kql/value"
	"spoor/internal/schema"
)

func TestParseDateTime(t *testing.T) {
	for text, want := range map[string]string{
		"2026-01-02":                    "2026-01-02T00:00:00.0000000Z",
		"2026-01-02 03:04":              "2026-01-02T03:04:00.0000000Z",
		"2026-01-02T03:04:05.1234567Z":  "2026-01-02T03:04:05.1234567Z",
		"2026-01-02T03:04:05.12345678Z": "2026-01-02T03:04:05.1234567Z", // finer than a tick
		"2026-01-02T03:04:05+02:00":     "2026-01-02T01:04:05.0000000Z",
		"2026-01-02T03:04:05.5-01:30":   "2026-01-02T04:34:05.5000000Z",
		"Fri, 02 Jan 2026 03:04:05 GMT": "2026-01-02T03:04:05.0000000Z",
		"1/2/2026":                      "2026-01-02T00:00:00.0000000Z",
		"0001-01-01T00:00:00Z":          "0001-01-01T00:00:00.0000000Z",
		"9999-12-31T23:59:59.9999999Z":  "9999-12-31T23:59:59.9999999Z",
		"2026 - 01 - 02":                "2026-01-02T00:00:00.0000000Z",
		"2026-02-30":                    "", "2026-13-01": "", "x": "", "": "", "2026-01-02T25:00:00Z": "",
	} {
		got, ok := value.ParseDateTime(text)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("ParseDateTime(%q) = %v, %v; want %q", text, got, ok, want)
		}
	}
}

func TestTimeSpan(t *testing.T) {
	const day, hour, second = schema.TicksPerDay, schema.TicksPerHour, schema.TicksPerSecond
	for _, c := range []struct {
		text string
		want schema.Ticks
		form string
	}{
		{"1d", day, "1.00:00:00"},
		{"1.5h", 3 * hour / 2, "01:30:00"},
		{"30min", hour / 2, "00:30:00"},
		{"100ms", second / 10, "00:00:00.1000000"},
		{"3tick", 3, "00:00:00.0000003"},
		{"2", 2 * day, "2.00:00:00"},
		{"1.02:03:04.5", day + 2*hour + 3*hour/60 + 4*second + second/2, "1.02:03:04.5000000"},
		{"-01:00", -hour, "-01:00:00"},
	} {
		got, ok := value.ParseTimeSpan(c.text)
		if !ok || got != c.want {
			t.Errorf("ParseTimeSpan(%q) = %d, %v; want %d", c.text, got, ok, c.want)
		}
		if form := value.FormatTimeSpan(got); form != c.form {
			t.Errorf("%q is written %q, want %q", c.text, form, c.form)
		}
	}
	for _, text := range []string{"", "x", "1y", "25:00", "1:60", "99999999999d", "1.2.3"} {
		if got, ok := value.ParseTimeSpan(text); ok {
			t.Errorf("ParseTimeSpan(%q) = %d, want none", text, got)
		}
	}
}

func TestGUIDAndReal(t *testing.T) {
	if g, ok := value.ParseGUID("{74BE27DE-1E4E-49D9-B579-FE0B331D3642}"); !ok || g != "74be27de-1e4e-49d9-b579-fe0b331d3642" {
		t.Errorf("ParseGUID = %q, %v", g, ok)
	}
	if _, ok := value.ParseGUID("74be27de-1e4e-49d9-b579"); ok {
		t.Error("a short GUID is taken")
	}
	for f, want := range map[float64]string{1: "1.0", 0.1: "0.1", 1e20: "1E+20", -2.5: "-2.5"} {
		if got := value.FormatReal(f); got != want {
			t.Errorf("FormatReal(%v) = %q, want %q", f, got, want)
		}
	}
}
