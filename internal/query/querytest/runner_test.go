package querytest_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"spoor/internal/query"
	"spoor/internal/schema"
)

func TestRowLimitIsTold(t *testing.T) {
	r, _ := openRunner(t)
	res, err := r.Run(t.Context(), query.Request{Text: "range x from 1 to 100 step 1", Options: query.Options{MaxRows: 10}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	n := 0
	for res.Next() {
		n++
	}
	if n != 10 || res.Err() != nil || !strings.Contains(res.Truncated(), "10 records") || res.Stats().Rows != 10 {
		t.Errorf("%d rows, truncated %q, error %v, stats %+v", n, res.Truncated(), res.Err(), res.Stats())
	}
	whole, err := r.Run(t.Context(), query.Request{Text: "range x from 1 to 100 step 1", Options: query.Options{MaxRows: 10, NoTruncation: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	for n = 0; whole.Next(); n++ {
	}
	if n != 100 || whole.Truncated() != "" {
		t.Errorf("without truncation: %d rows, %q", n, whole.Truncated())
	}
}

// A query may set its limits itself, as far as the request leaves them open.
func TestQueriesSetTheirLimits(t *testing.T) {
	r, _ := openRunner(t)
	const rows = "range x from 1 to 600000 step 1"
	for _, c := range []struct {
		text      string
		options   query.Options
		want      int
		truncated bool
	}{
		{rows, query.Options{}, query.DefaultMaxRows, true},
		{"set notruncation; " + rows, query.Options{}, 600_000, false},
		{"set notruncation=false; " + rows, query.Options{}, query.DefaultMaxRows, true},
		{"set notruncation; " + rows, query.Options{MaxRows: 10, MaxBytes: 1 << 20}, 10, true},
		{"set truncationmaxrecords=20; " + rows, query.Options{}, 20, true},
		{"set truncationmaxrecords=20; " + rows, query.Options{MaxRows: 10}, 10, true},
		{"set truncationmaxrecords=550000; " + rows, query.Options{}, 550_000, true},
		{"set truncationmaxsize=80; " + rows, query.Options{}, 10, true},
		{"set query_take_max_records=30; " + rows, query.Options{}, 30, false},
		{"set query_take_max_records=30; " + rows, query.Options{MaxRows: 10}, 10, true},
	} {
		res, err := r.Run(t.Context(), query.Request{Text: c.text, Options: c.options})
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		n := 0
		for res.Next() {
			n++
		}
		if n != c.want || (res.Truncated() != "") != c.truncated || res.Err() != nil {
			t.Errorf("%s with %+v: %d rows, truncated %q, error %v", c.text, c.options, n, res.Truncated(), res.Err())
		}
		if err := res.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := run(t, r, "set truncationmaxrecords=0; print 1"); err == nil {
		t.Error("a limit of 0 rows is taken")
	}
}

func TestByteLimitIsTold(t *testing.T) {
	r, _ := openRunner(t)
	res, err := r.Run(t.Context(), query.Request{Text: `range x from 1 to 1000 step 1 | extend s = strrep("a", 1000)`, Options: query.Options{MaxBytes: 50_000}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	n := 0
	for res.Next() {
		n++
	}
	if n == 0 || n > 51 || !strings.Contains(res.Truncated(), "bytes") {
		t.Errorf("%d rows of about 1,016 bytes under a limit of 50,000; truncated %q", n, res.Truncated())
	}
}

func TestTimeLimitEndsTheSQL(t *testing.T) {
	r, _ := openRunner(t)
	const slow = "range x from 1 to 100000 step 1 | extend k = 1 | join kind=inner (range y from 1 to 100000 step 1 | extend k = 1) on k | summarize sum(x * y)"
	_, err := drain(r, t.Context(), query.Request{Text: slow, Options: query.Options{Timeout: 50 * time.Millisecond}})
	var e *query.Error
	if !errors.As(err, &e) || e.Code != query.CodeTimeout {
		t.Errorf("error %v, want a time-out", err)
	}
}

func TestCancelEndsTheSQL(t *testing.T) {
	r, _ := openRunner(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := drain(r, ctx, query.Request{Text: "print 1"})
	var e *query.Error
	if !errors.As(err, &e) || e.Code != query.CodeCancelled {
		t.Errorf("error %v, want cancelled", err)
	}
}

func drain(r *query.Runner, ctx context.Context, req query.Request) (int, error) {
	res, err := r.Run(ctx, req)
	if err != nil {
		return 0, err
	}
	defer res.Close()
	n := 0
	for res.Next() {
		n++
	}
	return n, res.Err()
}

func TestQueriesWaitForAPlace(t *testing.T) {
	_, db := openRunner(t)
	r := query.New(query.Config{Engine: db, Concurrency: 1, MaxWait: time.Millisecond})
	first, err := r.Run(t.Context(), query.Request{Text: "print 1"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Run(t.Context(), query.Request{Text: "print 2"})
	var e *query.Error
	if !errors.As(err, &e) || e.Code != query.CodeBusy {
		t.Errorf("a second query beside the only place: %v, want busy", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := drain(r, t.Context(), query.Request{Text: "print 3"}); n != 1 || err != nil {
		t.Errorf("after the place was given back: %d rows, %v", n, err)
	}
}

// A query that is estimated at more memory than there is left waits; a light one does not.
func TestQueriesWaitForMemory(t *testing.T) {
	_, db := openRunner(t)
	insert(t, db, "DeviceEvents", map[string]any{"DeviceName": "a"}, map[string]any{"DeviceName": "b"})
	r := query.New(query.Config{Engine: db, Memory: 100, MaxWait: time.Millisecond})
	heavy := query.Request{Text: "DeviceEvents | sort by DeviceName asc"}
	first, err := r.Run(t.Context(), heavy)
	if err != nil {
		t.Fatal(err)
	}
	var e *query.Error
	if _, err := r.Run(t.Context(), heavy); !errors.As(err, &e) || e.Code != query.CodeBusy {
		t.Errorf("a second heavy query: %v, want busy", err)
	}
	if n, err := drain(r, t.Context(), query.Request{Text: "DeviceEvents | project DeviceName"}); n != 2 || err != nil {
		t.Errorf("a light query: %d rows, %v", n, err)
	}
	if err := errors.Join(first.Close(), first.Close()); err != nil {
		t.Fatal(err)
	}
	if n, err := drain(r, t.Context(), heavy); n != 2 || err != nil {
		t.Errorf("after the memory was given back: %d rows, %v", n, err)
	}
}

// The rows that an operator in Go keeps come out of the same memory: what was estimated
// before it runs, and what turns out to be more while it does.
func TestRowsInGoTakeMemory(t *testing.T) {
	_, db := openRunner(t)
	insert(t, db, "DeviceEvents", map[string]any{"DeviceName": "a"}, map[string]any{"DeviceName": "b"})
	r := query.New(query.Config{Engine: db, Memory: 64 << 20, MaxWait: time.Millisecond})
	code := func(text string) query.Code {
		_, err := drain(r, t.Context(), query.Request{Text: text})
		if e, ok := errors.AsType[*query.Error](err); ok {
			return e.Code
		}
		if err != nil {
			t.Fatal(err)
		}
		return ""
	}
	// scan keeps the rows of its input: 200,000 of some 100 bytes.
	const kept = `range x from 1 to 200000 step 1 | extend t = strcat("a longer text ", x) | scan with (step s: true;) | count`
	if got := code(kept); got != "" {
		t.Fatalf("alone: %s", got)
	}
	first, err := r.Run(t.Context(), query.Request{Text: `range x from 1 to 600000 step 1 | extend t = strcat("a longer text ", x) | scan with (step s: true;)`})
	if err != nil {
		t.Fatal(err)
	}
	if got := code(kept); got != query.CodeBusy {
		t.Errorf("beside one that keeps nearly all of the memory: %q, want busy", got)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if got := code(kept); got != "" {
		t.Errorf("after the memory was given back: %s", got)
	}
	if got := code(`range x from 1 to 2000000 step 1 | extend t = strcat("a longer text ", x) | scan with (step s: true;) | count`); got != query.CodeTooLarge {
		t.Errorf("more rows than all queries may hold: %q, want too large", got)
	}
}

func TestValuesHaveTheGoTypeOfTheirColumn(t *testing.T) {
	r, _ := openRunner(t)
	got, err := run(t, r, `print true, int(1), 2, 1.5, "s", datetime(0001-01-01 00:00:00.0000001), 1tick, dynamic({"a":1}), guid(74be27de-1e4e-49d9-b579-fe0b331d3642), long(null), decimal(1.5)`)
	if err != nil {
		t.Fatal(err)
	}
	want := []any{true, int32(1), int64(2), 1.5, "s", schema.Ticks(1), schema.Ticks(1), json.RawMessage(`{"a":1}`), "74be27de-1e4e-49d9-b579-fe0b331d3642", nil, "1.5"}
	for i, w := range want {
		if j, ok := w.(json.RawMessage); ok {
			if g, ok := got.Rows[0][i].(json.RawMessage); !ok || string(g) != string(j) {
				t.Errorf("column %d is %T %v, want %s", i, got.Rows[0][i], got.Rows[0][i], j)
			}
			continue
		}
		if got.Rows[0][i] != w {
			t.Errorf("column %d is %T %v, want %T %v", i, got.Rows[0][i], got.Rows[0][i], w, w)
		}
	}
}

func TestMergedDevicesAreOne(t *testing.T) {
	r, db := openRunner(t)
	insert(t, db, "DeviceEvents", map[string]any{"DeviceId": "old"}, map[string]any{"DeviceId": "new"}, map[string]any{"DeviceId": "other"})
	if err := db.Merge(t.Context(), "old", "new"); err != nil {
		t.Fatal(err)
	}
	got, err := run(t, r, `DeviceEvents | summarize n = count() by DeviceId | sort by DeviceId asc`)
	if err != nil {
		t.Fatal(err)
	}
	if text := asJSON(t, got.Rows); text != `[["new",2],["other",1]]` {
		t.Errorf("rows %s", text)
	}
}

func TestParameters(t *testing.T) {
	r, _ := openRunner(t)
	res, err := r.Run(t.Context(), query.Request{
		Text:       `declare query_parameters(n:long = 1, s:string); print n + 1, s`,
		Parameters: map[string]string{"n": "41", "s": `it's "quoted"; | take 1`},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	if !res.Next() || res.Row()[0] != int64(42) || res.Row()[1] != `it's "quoted"; | take 1` {
		t.Errorf("row %v", res.Row())
	}
}

func TestDataErrorsAreSaidInWords(t *testing.T) {
	r, _ := openRunner(t)
	_, err := run(t, r, `datatable(s:string, p:string)["a", "("] | where s matches regex p`)
	var e *query.Error
	if !errors.As(err, &e) || e.Code != query.CodeData {
		t.Errorf("a pattern in the data that is not valid: %v, want a data error", err)
	}
}
