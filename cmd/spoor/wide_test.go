package main

import (
	"fmt"
	"testing"
	"time"

	"spoor/internal/query"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// fillTables stores a row in every table that takes rows, with a value in each column.
func fillTables(t testing.TB, svc *service) {
	t.Helper()
	source := &store.Source{Name: "every table", Format: "test", Hash: []byte("h"), Head: []byte("h")}
	if err := svc.events.CreateSource(t.Context(), source); err != nil {
		t.Fatal(err)
	}
	at := schema.TicksOf(time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC))
	b := &store.Batch{IngestedAt: at}
	for _, table := range schema.Default().Tables() {
		if table.Own {
			continue
		}
		n := source.Ordinal
		b.Records = append(b.Records, store.Record{Ordinal: n, Offset: n, Raw: []byte("x"), Kind: "test", Rows: []schema.Row{fullRow(table, n, at)}})
		source.Ordinal++
	}
	source.Offset = source.Ordinal
	b.Source = source
	if err := svc.events.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// fullRow is a row whose every cell has something to say of the table and the column.
func fullRow(table *schema.Table, n int64, at schema.Ticks) schema.Row {
	row := schema.NewRow(table)
	for i := range table.Columns {
		c := &table.Columns[i]
		if c.Hidden || c.Constant != "" {
			continue
		}
		switch c.Type {
		case schema.String:
			row.SetString(c.Name, fmt.Sprintf("%s of %s", c.Name, table.Name))
		case schema.Dynamic:
			row.SetString(c.Name, fmt.Sprintf(`{"table":%q}`, table.Name))
		case schema.GUID:
			row.SetString(c.Name, fmt.Sprintf("00000000-0000-0000-0000-%012d", n))
		case schema.Decimal:
			row.SetString(c.Name, "1.5")
		case schema.Bool:
			row.SetBool(c.Name, true)
		case schema.Real:
			row.SetReal(c.Name, 1.5)
		case schema.DateTime, schema.TimeSpan:
			row.SetTime(c.Name, at+schema.Ticks(n))
		case schema.Int, schema.Long:
			row.SetInt(c.Name, n)
		case schema.Unknown:
		}
	}
	return row
}

// TestEveryTable asks over all tables of the catalogue when each has a row.
func TestEveryTable(t *testing.T) {
	t.Parallel()
	p := openPack(t)
	fillTables(t, p.service)
	const (
		all   = 943
		timed = 923 // twenty tables of Defender have no column TimeGenerated, so it is null in a union
	)
	for text, want := range map[string]int{
		`union *`:           all,
		`union * | take 10`: 10,
		`union withsource=T * | where TimeGenerated > datetime(2026-03-20) | extend Name = strcat(T, "!") | project Name`:     timed,
		`union withsource=T * | summarize count() by T`:                                                                       all,
		`search kind=case_sensitive in (Sign*, DeviceE*) "signinlogs"`:                                                        0,
		`search in (Sign*, DeviceE*) "signinlogs" or "deviceevents"`:                                                          2,
		`search in (Sign*, DeviceE*) "SigninLogs" | summarize count() by $table`:                                              1,
		`search * | top 7 by TimeGenerated`:                                                                                   7,
		`search "SigninLogs" or "DeviceEvents" | summarize n = count(), t = max($table) | where n == 2 and t == "SigninLogs"`: 1,
		`union * | sort by TimeGenerated desc | extend n = row_number() | where n > 900`:                                      43,
		`search in (Sign*, DeviceE*) Category:"SigninLogs"`:                                                                   1,
		`find in (Sign*, DeviceE*) "SigninLogs"`:                                                                              1,
		`find withsource=S in (DeviceEvents, DeviceInfo) where DeviceName has "DeviceInfo" project DeviceName`:                1,
	} {
		if got := rowCount(t, p.service, text); got != want {
			t.Errorf("%s: %d rows, want %d", text, got, want)
		}
	}
}

func rowCount(t *testing.T, svc *service, text string) int {
	t.Helper()
	res, err := svc.runner.Run(t.Context(), query.Request{Text: text, Options: query.Options{NoTruncation: true}})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer res.Close()
	n := 0
	for res.Next() {
		n++
	}
	if err := res.Err(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}
