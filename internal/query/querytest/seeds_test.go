package querytest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spoor/internal/query/querytest"
	"spoor/internal/schema"
	"spoor/internal/sharedtest"
)

// seed reads a query out of one of the seed documents: the lines from the first that
// begins with start to the last before end.
func seed(t *testing.T, file, start, end string) string {
	t.Helper()
	matches, err := filepath.Glob(filepath.Join(sharedtest.Dir(t), "spec", "seeds", file))
	if err != nil || len(matches) != 1 {
		t.Fatalf("seed %s: %v, %v", file, matches, err)
	}
	text, err := os.ReadFile(matches[0])
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "\n"+start)
	if !ok {
		t.Fatalf("seed %s has no line %q", file, start)
	}
	query, _, ok := strings.Cut(rest, end)
	if !ok {
		t.Fatalf("seed %s: nothing ends with %q", file, end)
	}
	return start + query
}

func insert(t *testing.T, db *querytest.DB, table string, rows ...map[string]any) {
	t.Helper()
	for _, r := range rows {
		if err := db.Insert(t.Context(), table, r); err != nil {
			t.Fatal(err)
		}
	}
}

// moment is the tick count of an RFC 3339 time.
func moment(t *testing.T, s string) int64 {
	t.Helper()
	v, ok := schema.Ticks(0), false
	if v, ok = parseTime(s); !ok {
		t.Fatalf("%s is no time", s)
	}
	return int64(v)
}

// TestSeedLogonsFromUnknownAddresses runs the rule of seed S4 word for word: of three
// public logons one comes from an address that a device has, one from an address of
// the internal network... which the rule takes out too; the third remains.
func TestSeedLogonsFromUnknownAddresses(t *testing.T) {
	query := seed(t, "004_*.txt", "DeviceLogonEvents", "id: a6d76204")
	r, db := openRunner(t)
	empty, err := run(t, r, query)
	if err != nil || len(empty.Rows) != 0 {
		t.Fatalf("over an empty store: %v, %v", empty.Rows, err)
	}
	at := func(h string) int64 { return moment(t, "2026-01-01T"+h+":00:00Z") }
	logon := func(ip, hour, device string) map[string]any {
		return map[string]any{
			"Timestamp": at(hour), "DeviceId": device, "RemoteIP": ip, "RemoteIPType": "Public", "AccountDomain": "corp",
			"AccountName": "ann", "LogonType": "Network", "ActionType": "LogonSuccess",
		}
	}
	private := logon("203.0.113.9", "05", "d1")
	private["RemoteIPType"] = "Private"
	insert(t, db, "DeviceLogonEvents", logon("203.0.113.1", "01", "d1"), logon("203.0.113.2", "02", "d1"),
		logon("203.0.113.3", "03", "d1"), logon("203.0.113.3", "04", "d2"), private)
	insert(t, db, "DeviceNetworkInfo", map[string]any{"Timestamp": at("00"), "IPAddresses": `[{"IPAddress":"10.0.0.5"},{"IPAddress":"203.0.113.1"}]`})
	insert(t, db, "IdentityLogonEvents",
		map[string]any{"Timestamp": at("00"), "ISP": "Example Telecom", "IPAddress": "203.0.113.2"},
		map[string]any{"Timestamp": at("00"), "ISP": "INTERNAL_NETWORK", "IPAddress": "203.0.113.3"})
	got, err := run(t, r, query)
	if err != nil {
		t.Fatal(err)
	}
	wantColumns := "AccountDomain AccountName LogonType RemoteIP ActionType EarliestEvent LatestEvent Instances DistinctMachines"
	if names := columnNames(got); names != wantColumns {
		t.Errorf("columns %s, want %s", names, wantColumns)
	}
	want := `[["corp","ann","Network","203.0.113.3","LogonSuccess",` + ticks(at("03")) + `,` + ticks(at("04")) + `,2,2]]`
	if text := asJSON(t, got.Rows); text != want {
		t.Errorf("rows %s, want %s", text, want)
	}
}

// TestSeedInternetFacingDevices runs the query of seed S3 word for word.
func TestSeedInternetFacingDevices(t *testing.T) {
	query := seed(t, "003_*.txt", "// Find all devices that are internet-facing", "This query returns")
	r, db := openRunner(t)
	info := `{"InternetFacingReason":"PublicScan","InternetFacingLocalPort":443,"InternetFacingPublicScannedPort":"8443",` +
		`"InternetFacingLastSeen":"2026-01-01T10:00:00Z"}`
	insert(t, db, "DeviceInfo",
		map[string]any{"Timestamp": moment(t, "2026-01-01T00:00:00Z"), "DeviceId": "d1", "DeviceName": "old", "IsInternetFacing": true, "AdditionalFields": info},
		map[string]any{"Timestamp": moment(t, "2026-01-01T12:00:00Z"), "DeviceId": "d1", "DeviceName": "new", "IsInternetFacing": true, "AdditionalFields": info},
		map[string]any{"Timestamp": moment(t, "2026-01-01T12:00:00Z"), "DeviceId": "d2", "IsInternetFacing": false},
		map[string]any{"Timestamp": moment(t, "2025-12-01T12:00:00Z"), "DeviceId": "d3", "IsInternetFacing": true})
	got, err := run(t, r, query+"| project DeviceId, Timestamp, DeviceName, InternetFacingReason, InternetFacingLocalPort, InternetFacingScannedPublicPort, InternetFacingScannedPublicIp, InternetFacingLastSeen")
	if err != nil {
		t.Fatal(err)
	}
	want := `[["d1",` + ticks(moment(t, "2026-01-01T12:00:00Z")) + `,"new","PublicScan",443,8443,"",` + ticks(moment(t, "2026-01-01T10:00:00Z")) + `]]`
	if text := asJSON(t, got.Rows); text != want {
		t.Errorf("rows %s, want %s", text, want)
	}
}

func columnNames(a answer) string {
	var names []string
	for _, c := range a.Columns {
		names = append(names, c.Name)
	}
	return strings.Join(names, " ")
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
