package server_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-kusto-go/azkustodata"
	azkql "github.com/Azure/azure-kusto-go/azkustodata/kql"
	kustoquery "github.com/Azure/azure-kusto-go/azkustodata/query"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"spoor/internal/account"
	"spoor/internal/kql/syntax"
	"spoor/internal/query"
	"spoor/internal/schema"
	"spoor/internal/server"
)

// connect connects Microsoft's client to a server with a self-signed certificate, which
// it trusts, with a token.
func connect(t *testing.T, f *fixture, token string) *azkustodata.Client {
	t.Helper()
	url, _ := serving(t, f)
	pool := x509.NewCertPool()
	pool.AddCert(f.server.TLSConfig().Certificates[0].Leaf)
	client, err := azkustodata.New(
		azkustodata.NewConnectionStringBuilder(url).WithApplicationToken("spoor", token),
		azkustodata.WithHttpClient(&http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func selfSigned(c *server.Config) { c.SelfSigned = true }

// row is everyType's row as the client's own types.
type row struct {
	B   *bool            `kusto:"b"`
	I   *int32           `kusto:"i"`
	L   *int64           `kusto:"l"`
	R   *float64         `kusto:"r"`
	D   *decimal.Decimal `kusto:"d"`
	S   string           `kusto:"s"`
	T   *time.Time       `kusto:"t"`
	TS  *time.Duration   `kusto:"ts"`
	G   *uuid.UUID       `kusto:"g"`
	Dyn []byte           `kusto:"dyn"`
}

func TestAzureClientReadsEveryType(t *testing.T) {
	f := newFixture(t, selfSigned)
	f.kql.run = func(context.Context, query.Request) (*query.Result, error) { return everyType(), nil }
	client := connect(t, f, f.token(account.Reader))
	data, err := client.Query(t.Context(), "Spoor", azkql.New("T"))
	if err != nil {
		t.Fatal(err)
	}
	tables := data.Tables()
	if tables[0].Kind() != "PrimaryResult" {
		t.Fatalf("the first table is %s", tables[0].Kind())
	}
	rows, err := kustoquery.ToStructs[row](tables[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 5 {
		t.Fatalf("%d rows", len(rows))
	}
	dec := decimal.RequireFromString("12345678901234567890.123456789")
	want := row{
		B: new(true), I: new(int32(-7)), L: new(int64(math.MaxInt64)), R: new(0.1), D: &dec, S: "a\"b\nc<é\u2028",
		T: new(time.Date(2026, 11, 22, 8, 0, 0, 123456700, time.UTC)), TS: new(26*time.Hour + 3*time.Minute + 4*time.Second + 100),
		G: new(uuid.MustParse("74be27de-1e4e-49d9-b579-fe0b331d3642")), Dyn: []byte(`{"a":[1,null]}`),
	}
	if diff := cmp.Diff(want, rows[0]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(row{}, rows[1]); diff != "" {
		t.Errorf("nulls: %s", diff)
	}
	if *rows[2].L != math.MinInt64 || !math.IsNaN(*rows[2].R) || *rows[2].TS != -time.Second || string(rows[2].Dyn) != "text" {
		t.Errorf("%+v", rows[2])
	}
	if !math.IsInf(*rows[3].R, -1) || rows[3].T.Year() != 9999 || *rows[3].TS != 0 {
		t.Errorf("%+v", rows[3])
	}
	var types []string
	for _, c := range tables[0].Columns() {
		types = append(types, string(c.Type()))
	}
	if got := strings.Join(types, " "); got != "bool int long real decimal string datetime timespan guid dynamic" {
		t.Errorf("types: %s", got)
	}
	if f.kql.last.Text != "T" || f.kql.last.Database != "Spoor" || f.kql.last.Options.Timeout != 4*time.Minute {
		t.Errorf("asked: %+v", f.kql.last)
	}
	if e := f.lastAudit(); e.Action != "query.run" || e.Rows != 5 || !e.Succeeded {
		t.Errorf("audit: %+v", e)
	}
}

// More rows than one fragment holds arrive whole and in order.
func TestAzureClientReadsFragments(t *testing.T) {
	f := newFixture(t, selfSigned)
	const n = 12_345
	f.kql.run = func(context.Context, query.Request) (*query.Result, error) {
		rows := make([][]any, n)
		for i := range rows {
			rows[i] = []any{int64(i)}
		}
		return query.Fixed([]query.Column{{Name: "n", Type: schema.Long}}, rows), nil
	}
	client := connect(t, f, f.token(account.Reader))
	data, err := client.IterativeQuery(t.Context(), "Spoor", azkql.New("T"))
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	next := int64(0)
	for table := range data.Tables() {
		if table.Err() != nil {
			t.Fatal(table.Err())
		}
		if !table.Table().IsPrimaryResult() {
			continue
		}
		for r := range table.Table().Rows() {
			if r.Err() != nil {
				t.Fatal(r.Err())
			}
			got, err := r.Row().LongByIndex(0)
			if err != nil || *got != next {
				t.Fatalf("row %d is %v (%v)", next, got, err)
			}
			next++
		}
	}
	if next != n {
		t.Errorf("%d rows, want %d", next, n)
	}
}

func TestAzureClientErrors(t *testing.T) {
	f := newFixture(t, selfSigned)
	client := connect(t, f, f.token(account.Reader))
	for name, c := range map[string]struct {
		run  func(context.Context, query.Request) (*query.Result, error)
		want string
	}{
		"text": {func(_ context.Context, req query.Request) (*query.Result, error) {
			return nil, &query.CompileError{Text: req.Text, Diagnostics: []syntax.Diagnostic{{Code: "SEM0100", Message: "no such column", Severity: syntax.Error}}}
		}, "SEM0100"},
		"after rows": {func(context.Context, query.Request) (*query.Result, error) {
			return query.FixedUntil([]query.Column{{Name: "n", Type: schema.Long}}, [][]any{{int64(1)}}, "", &query.Error{Code: query.CodeData, Message: "a bad pattern"}), nil
		}, "a bad pattern"},
		"truncated": {func(context.Context, query.Request) (*query.Result, error) {
			return query.FixedUntil([]query.Column{{Name: "n", Type: schema.Long}}, [][]any{{int64(1)}}, "Query result set has exceeded the internal record count limit 1", nil), nil
		}, "record count limit"},
		"internal": {func(context.Context, query.Request) (*query.Result, error) { return nil, errors.New("secret") }, "500"},
	} {
		f.kql.run = c.run
		_, err := client.Query(t.Context(), "Spoor", azkql.New("T"))
		if err == nil || !strings.Contains(fmt.Sprint(err), c.want) || strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAzureClientManages(t *testing.T) {
	f := newFixture(t, selfSigned)
	client := connect(t, f, f.token(account.Reader))
	data, err := client.Mgmt(t.Context(), "Spoor", azkql.New(".show tables details"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range data.Tables()[0].Rows() {
		name, err := r.StringByName("TableName")
		if err != nil {
			t.Fatal(err)
		}
		rows, err := r.LongByName("TotalRowCount")
		if err != nil {
			t.Fatal(err)
		}
		if name == "DeviceNetworkEvents" && *rows != 42 {
			t.Errorf("%s has %d rows", name, *rows)
		}
	}
	if n := len(data.Tables()[0].Rows()); n != len(schema.Default().Tables()) {
		t.Errorf("%d tables", n)
	}
	if _, err := client.Mgmt(t.Context(), "Spoor", azkql.New(".drop table DeviceNetworkEvents")); err == nil || !strings.Contains(err.Error(), ".drop table") {
		t.Errorf("dropping a table: %v", err)
	}
}

func TestAzureClientNeedsToken(t *testing.T) {
	f := newFixture(t, selfSigned)
	for name, token := range map[string]string{"unknown": "spoor_nonsense", "ingest": f.token(account.Ingest)} {
		client := connect(t, f, token)
		_, err := client.Query(t.Context(), "Spoor", azkql.New("T"))
		want := map[string]string{"unknown": "401", "ingest": "403"}[name]
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

// The client's own time-out reaches the query.
func TestAzureClientTimeout(t *testing.T) {
	f := newFixture(t, selfSigned)
	client := connect(t, f, f.token(account.Reader))
	if _, err := client.Query(t.Context(), "Spoor", azkql.New("T"), azkustodata.ServerTimeout(90*time.Second)); err != nil {
		t.Fatal(err)
	}
	if got := f.kql.last.Options.Timeout; got != 90*time.Second {
		t.Errorf("time-out %s", got)
	}
}

func TestMain(m *testing.M) {
	// The client asks the environment which proxy to use; tests stay on this machine.
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		_ = os.Unsetenv(name)
	}
	os.Exit(m.Run())
}
