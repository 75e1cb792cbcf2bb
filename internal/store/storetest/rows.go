package storetest

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"spoor/internal/schema"
	"spoor/internal/store"
)

// single is a batch of records of the source, one for each list of rows.
func single(s *store.Source, records ...[]schema.Row) *store.Batch {
	b := &store.Batch{From: s.Ordinal, IngestedAt: ingested}
	for i, rows := range records {
		b.Records = append(b.Records, store.Record{Ordinal: b.From + int64(i), Kind: "test.kind", Raw: []byte("raw"), Rows: rows})
	}
	s.Ordinal += int64(len(records))
	position := *s // the batch keeps its own
	b.Source = &position
	return b
}

func newRow(table string) schema.Row { return schema.NewRow(schema.Default().MustTable(table)) }

func copiesShareRawID(_ *testing.T, h *harness) {
	s := h.source("a.log", "north")
	one := []schema.Row{newRow(primaryTable), newRow(copyTable)}
	h.append(single(s, one[:1], one, one[:1], one))
	want := []string{fmt.Sprint(int64(schema.NewRawID(s.ID, 1))), fmt.Sprint(int64(schema.NewRawID(s.ID, 3)))}
	h.wantRows(`SELECT "_RawId" FROM event."`+copyTable+`" ORDER BY 1`, want...)
	h.wantRows(`SELECT p."_RawId" FROM event."`+primaryTable+`" p JOIN event."`+copyTable+`" c ON p."_RawId" = c."_RawId" ORDER BY 1`, want...)
}

func hiddenColumns(_ *testing.T, h *harness) {
	s := h.source(`dir/it's "a".log`, "north")
	b := single(s, []schema.Row{newRow(primaryTable)}, []schema.Row{newRow(primaryTable)})
	b.Records[0].Outcome = schema.OutcomePermitted
	b.Records[1].Kind = "sysmon.3"
	h.append(b)
	h.wantRows(`SELECT "_SourceKind", "_SourceName", "_Site", "_RawId", "_IngestedAt", "_Outcome" FROM event."`+primaryTable+`" ORDER BY "_RawId"`,
		fmt.Sprintf("test.kind|dir/it's \"a\".log|north|%d|%d|permitted", schema.NewRawID(s.ID, 0), ingested),
		fmt.Sprintf("sysmon.3|dir/it's \"a\".log|north|%d|%d|", schema.NewRawID(s.ID, 1), ingested))
}

// sample is a value of a type and how it comes back.
type sample struct {
	set  func(r *schema.Row, column string)
	want string
}

var samples = map[schema.Type][]sample{
	schema.Bool: {
		{func(r *schema.Row, c string) { r.SetBool(c, true) }, "true"},
		{func(r *schema.Row, c string) { r.SetBool(c, false) }, "false"},
	},
	schema.Int: {
		{func(r *schema.Row, c string) { r.SetInt(c, math.MaxInt32) }, "2147483647"},
		{func(r *schema.Row, c string) { r.SetInt(c, math.MinInt32) }, "-2147483648"},
	},
	schema.Long: {
		{func(r *schema.Row, c string) { r.SetInt(c, math.MaxInt64) }, "9223372036854775807"},
		{func(r *schema.Row, c string) { r.SetInt(c, math.MinInt64) }, "-9223372036854775808"},
	},
	schema.Real: {
		{func(r *schema.Row, c string) { r.SetReal(c, 0.1) }, "0.1"},
		{func(r *schema.Row, c string) { r.SetReal(c, math.Inf(-1)) }, "-Inf"},
	},
	schema.String:   {{func(r *schema.Row, c string) { r.SetString(c, "text") }, "text"}},
	schema.GUID:     {{func(r *schema.Row, c string) { r.SetString(c, "00000000-0000-0000-0000-00000000000a") }, "00000000-0000-0000-0000-00000000000a"}},
	schema.Dynamic:  {{func(r *schema.Row, c string) { r.SetString(c, `{"a":[1,"é"]}`) }, `{"a":[1,"é"]}`}},
	schema.DateTime: {{func(r *schema.Row, c string) { r.SetTime(c, 5) }, "5"}},
	schema.TimeSpan: {{func(r *schema.Row, c string) { r.SetTime(c, -7) }, "-7"}},
}

// valuesComeBack fills one column of each type, in the first table that has one, next
// to a row that leaves it out.
func valuesComeBack(_ *testing.T, h *harness) {
	for typ, list := range samples {
		table, column := columnOf(typ)
		if table == nil {
			continue // the catalogue has no column of the type
		}
		empty := "null"
		if typ == schema.String {
			empty = ""
		}
		want := []string{empty}
		records := [][]schema.Row{{newRow(table.Name)}}
		for _, s := range list {
			row := newRow(table.Name)
			s.set(&row, column.Name)
			records = append(records, []schema.Row{row})
			want = append(want, s.want)
		}
		s := h.source(typ.String(), "north")
		h.append(single(s, append(records, records[0])...))
		h.wantRows(fmt.Sprintf(`SELECT "%s" FROM event."%s" WHERE "_SourceName" = '%s' ORDER BY "_RawId"`, column.Stored, table.Name, typ),
			append(want, empty)...)
	}
}

func columnOf(typ schema.Type) (*schema.Table, *schema.Column) {
	for _, t := range schema.Default().Tables() {
		if t.View {
			continue
		}
		for _, c := range t.Stored() {
			if c.Type == typ && !c.Hidden && c.Stored != t.Time {
				return t, c
			}
		}
	}
	return nil, nil
}

// hostile is text that breaks careless code. What is not UTF-8 comes back with U+FFFD.
var hostile = map[string]string{
	`'; DROP TABLE x; --`:        "",
	`"quoted" ""twice""`:         "",
	"nul \x00 inside":            "",
	"\x00":                       "",
	"new\nline\r\ttab":           "",
	"\\x41 \\' \\0":              "",
	"${jndi:ldap://x}":           "",
	"<script>alert(1)</script>":  "",
	"%s %d %n ? ?1 $1 :a":        "",
	"\u202egnp.exe":              "",
	"\U0001F480 e\u0301":         "",
	"\uFEFFbom \uFFFF":           "",
	"bad \xff\xfe utf-8":         "bad \uFFFD utf-8",
	"cut \xe2\x82":               "cut \uFFFD",
	"surrogate \xed\xa0\x80":     "surrogate \uFFFD",
	strings.Repeat("long ", 1e5): "",
}

func hostileText(t *testing.T, h *harness) {
	for text, want := range hostile {
		if want == "" {
			want = text
		}
		s := h.source(text, text)
		row := newRow(primaryTable)
		row.SetString("RemoteUrl", text)
		row.SetString("AdditionalFields", text)
		b := single(s, []schema.Row{row})
		b.Key = text
		r := &b.Records[0]
		r.Kind, r.Raw = text, []byte(text)
		b.Sightings = []store.Sighting{{
			SightingKey: store.SightingKey{
				Kind: "url", Entity: text, SourceKind: text, Source: s.ID, Site: text, Device: text, DeviceID: text, Peer: text, Table: text, Day: 1,
			},
			Records: 1, LastEvent: store.LastEvent{RawID: 1, Process: text, Account: text, Action: text},
		}}
		b.Claims = []store.Claim{{Site: text, Address: text, Device: text, DeviceID: text, Evidence: text, Source: s.ID, Records: 1}}
		h.append(b)
		id := schema.NewRawID(s.ID, 0)
		h.want("row", h.rows(`SELECT "RemoteUrl", "AdditionalFields", "_SourceKind", "_SourceName", "_Site" FROM event."`+primaryTable+`" WHERE "_RawId" = ?`, int64(id)),
			strings.Join([]string{want, want, want, want, want}, "|"))
		h.want("argument", h.rows(`SELECT "_RawId" FROM event."`+primaryTable+`" WHERE "RemoteUrl" = ?`, text), fmt.Sprint(int64(id)))
		if raw, err := h.Raw(h.ctx(), id); err != nil || string(raw) != text {
			t.Errorf("raw record: got %q, %v, want %q", raw, err, text)
		}
		found, err := h.Ledger(h.ctx(), store.LedgerQuery{Kind: "url", Entity: text, Site: text})
		if err != nil || len(found) != 1 || found[0].Device != want || found[0].LastEvent.Account != want {
			t.Errorf("ledger of %.40q: got %.300q, %v", text, fmt.Sprint(found), err)
		}
		held, err := h.Claims(h.ctx(), store.ClaimQuery{Addresses: []string{text}, To: schema.MaxTicks})
		if err != nil || len(held) != 1 || held[0].Device != want {
			t.Errorf("claims on %.40q: got %.300q, %v", text, fmt.Sprint(held), err)
		}
		if _, ok, err := h.AppliedKey(h.ctx(), text); !ok || err != nil {
			t.Errorf("key %.40q: got %v, %v, want true", text, ok, err)
		}
	}
}

// caseDiffersColumns writes to every pair of columns of the catalogue whose names
// differ only in case.
func caseDiffersColumns(t *testing.T, h *harness) {
	pairs := 0
	for _, table := range schema.Default().Tables() {
		byLower := map[string]*schema.Column{}
		for _, c := range table.Stored() {
			first, ok := byLower[strings.ToLower(c.Name)]
			if !ok {
				byLower[strings.ToLower(c.Name)] = c
				continue
			}
			pairs++
			s := h.source(table.Name, "north")
			row := newRow(table.Name)
			want := fill(&row, first, 1) + "|" + fill(&row, c, 2)
			h.append(single(s, []schema.Row{row}))
			h.wantRows(fmt.Sprintf(`SELECT "%s", "%s" FROM event."%s" WHERE "_RawId" = %d`, first.Stored, c.Stored, table.Name, schema.NewRawID(s.ID, 0)), want)
		}
	}
	if pairs == 0 {
		t.Error("the catalogue has no such pair; the design counts 12")
	}
}

// fill sets a column to the number n in the form of its type.
func fill(r *schema.Row, c *schema.Column, n int64) string {
	switch c.Type {
	case schema.Int, schema.Long:
		r.SetInt(c.Name, n)
	case schema.DateTime, schema.TimeSpan:
		r.SetTime(c.Name, schema.Ticks(n))
	case schema.Real:
		r.SetReal(c.Name, float64(n))
	case schema.Bool:
		r.SetBool(c.Name, n == 1)
		return fmt.Sprint(n == 1)
	default:
		r.SetString(c.Name, fmt.Sprint(n))
	}
	return fmt.Sprint(n)
}

// timeExtremes: the year 1, FILETIME's zero in 1601, the end of 9999.
func timeExtremes(_ *testing.T, h *harness) {
	s := h.source("a.log", "north")
	year1601 := 584388 * schema.TicksPerDay
	moments := []schema.Ticks{0, 1, year1601, schema.MaxTicks}
	var records [][]schema.Row
	var want []string
	for _, at := range moments {
		row := newRow(primaryTable)
		row.SetTime("Timestamp", at)
		records = append(records, []schema.Row{row})
		want = append(want, fmt.Sprint(int64(at)))
	}
	b := single(s, records...)
	for _, at := range moments {
		b.Sightings = append(b.Sightings, store.Sighting{
			SightingKey: store.SightingKey{Kind: "ip", Entity: "192.0.2.1", Source: s.ID, Day: at.Day(), Table: primaryTable},
			Records:     1, First: at, Last: at,
		})
	}
	h.append(b)
	h.wantRows(`SELECT "Timestamp" FROM event."`+primaryTable+`" ORDER BY 1`, want...)
	h.wantRows(`SELECT min("FirstSeen"), max("LastSeen"), sum("Records") FROM event."SpoorSightings"`, fmt.Sprintf("0|%d|4", int64(schema.MaxTicks)))
	h.wantRows(`SELECT DISTINCT "Day" FROM event."SpoorSightings" ORDER BY 1`, "0", fmt.Sprint(int64(year1601)), fmt.Sprint(int64(schema.MaxTicks+1-schema.TicksPerDay)))
}

func tableWithFirstRow(t *testing.T, h *harness) {
	tables, err := h.Tables(h.ctx())
	if err != nil || len(tables) != 0 {
		t.Errorf("an empty store has the tables %v, %v", tables, err)
	}
	s := h.source("a.log", "north")
	h.append(single(s, []schema.Row{newRow(copyTable)}))
	if tables, err = h.Tables(h.ctx()); err != nil || fmt.Sprint(tables) != fmt.Sprint(map[string]int64{copyTable: 1}) {
		t.Errorf("got %v, %v, want one row of %s", tables, err, copyTable)
	}
	var names []string
	for _, c := range schema.Default().MustTable(copyTable).Stored() {
		names = append(names, c.Stored)
	}
	r, err := h.Query(h.ctx(), `SELECT * FROM event."`+copyTable+`"`, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got []string
	for _, c := range r.Columns() {
		got = append(got, c.Name)
	}
	h.want("columns", got, names...)
}

func columnFilledLater(_ *testing.T, h *harness) {
	s := h.source("a.log", "north")
	h.append(single(s, []schema.Row{newRow(primaryTable)}))
	columns := `SELECT "RemoteUrl", "RemotePort", "Timestamp", "AdditionalFields", "IsInitiatingProcessRemoteSession" FROM event."` + primaryTable + `" ORDER BY "_RawId"`
	h.wantRows(columns, "|null|null|null|null")
	row := newRow(primaryTable)
	row.SetString("RemoteUrl", "u")
	row.SetInt("RemotePort", 5)
	h.append(single(s, []schema.Row{row}))
	row = newRow(primaryTable)
	row.SetTime("Timestamp", 7)
	row.SetString("AdditionalFields", "{}")
	row.SetBool("IsInitiatingProcessRemoteSession", false)
	h.append(single(s, []schema.Row{row}, []schema.Row{newRow(primaryTable)}))
	for range 2 {
		h.wantRows(columns, "|null|null|null|null", "u|5|null|null|null", "|null|7|{}|false", "|null|null|null|null")
		h.wantRows(`SELECT count(*) FROM event."`+primaryTable+`" WHERE "RemoteUrl" = ''`, "3")
		h.reopen()
	}
}

func rawRecords(t *testing.T, h *harness) {
	s := h.source("a.log", "north")
	texts := []string{"first", "", "\x00\xff binary", strings.Repeat("big ", 1<<20), "after the big one", ""}
	var want []string
	for i := range 5000 {
		want = append(want, texts[i%len(texts)][:min(len(texts[i%len(texts)]), 100_000)]+fmt.Sprint(i%2))
	}
	want[17], want[18] = texts[3], ""
	for _, n := range []int{4000, 1000} {
		var records [][]schema.Row
		for range n {
			records = append(records, nil)
		}
		b := single(s, records...)
		for i := range b.Records {
			b.Records[i].Raw = []byte(want[b.Records[i].Ordinal])
		}
		h.append(b)
	}
	for _, i := range []int64{0, 1, 16, 17, 18, 19, 3999, 4000, 4999} {
		if raw, err := h.Raw(h.ctx(), schema.NewRawID(s.ID, i)); err != nil || string(raw) != want[i] {
			t.Errorf("record %d: got %.40q (%d bytes), %v, want %.40q (%d bytes)", i, raw, len(raw), err, want[i], len(want[i]))
		}
	}
	for _, id := range []schema.RawID{schema.NewRawID(s.ID, 5000), schema.NewRawID(s.ID+1, 0), 0, -1, math.MaxInt64} {
		if _, err := h.Raw(h.ctx(), id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("record %d: got %v, want ErrNotFound", id, err)
		}
	}
}
