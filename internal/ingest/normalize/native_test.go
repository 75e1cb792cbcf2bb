package normalize_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"spoor/internal/ingest/normalize"
)

// ActionType says who opened a connection, and what became of it.
func TestNativeFlow(t *testing.T) {
	const local, remote = "10.0.0.5", "203.0.113.9"
	tests := []struct{ table, action, more, opener, outcome string }{
		{"DeviceNetworkEvents", "ConnectionSuccess", "", local, "established"},
		{"DeviceNetworkEvents", "ConnectionAcknowledged", "", local, "established"},
		{"DeviceNetworkEvents", "ConnectionFailed", "", local, "refused"},
		{"DeviceNetworkEvents", "ConnectionAttempt", "", local, "unanswered"},
		{"DeviceNetworkEvents", "ConnectionAttempt", `,"AdditionalFields":{"direction":"In"}`, remote, "unanswered"},
		{"DeviceNetworkEvents", "ConnectionFound", "", local, "unknown"},
		{"DeviceNetworkEvents", "InboundConnectionAccepted", "", remote, "established"},
		{"DeviceNetworkEvents", "InboundConnectionAttempt", "", remote, "unanswered"},
		{"DeviceNetworkEvents", "InboundConnectionBlocked", "", remote, "blocked"},
		{"DeviceNetworkEvents", "NetworkSignatureInspected", "", local, ""},
		{"DeviceNetworkEvents", "HttpConnectionInspected", `,"AdditionalFields":"{\"direction\":\"In\"}"`, remote, "unknown"},
		{"DeviceEvents", "FirewallOutboundConnectionBlocked", "", local, "blocked"},
		{"DeviceEvents", "FirewallInboundConnectionBlocked", "", remote, "blocked"},
		{"DeviceLogonEvents", "LogonSuccess", "", remote, "established"},
		{"DeviceLogonEvents", "LogonFailed", "", remote, "refused"},
		{"DeviceLogonEvents", "LogonAttempted", "", remote, "unknown"},
	}
	for _, tt := range tests {
		line := fmt.Sprintf(`{"$table":%q,"Timestamp":"2024-05-01T10:00:00Z","ActionType":%q,"LocalIP":%q,"RemoteIP":%q%s}`,
			tt.table, tt.action, local, remote, tt.more)
		ev, ok, reason := normalize.Native(record(t, line), &normalize.Source{})
		if !ok {
			t.Fatalf("%s: not taken: %s", line, reason)
		}
		f := ev.Flow
		if f.Source.String() != tt.opener || f.Outcome.String() != tt.outcome || f.Remote != netip.MustParseAddr(remote) {
			t.Errorf("%s %s: %+v, want opened by %s, %q", tt.table, tt.action, f, tt.opener, tt.outcome)
		}
	}
}

func TestNativeFilterOutcome(t *testing.T) {
	for word, want := range map[string]string{
		"Allow": "permitted", "accept": "permitted", "Permitted": "permitted", "pass": "permitted",
		"Deny": "blocked", "denied": "blocked", "dropped": "blocked", "BLOCKED": "blocked", "reset-both": "blocked", "Reject": "blocked",
		"alert": "unknown", "": "unknown",
	} {
		line := fmt.Sprintf(`{"Type":"CommonSecurityLog","TimeGenerated":"2024-05-01T10:00:00Z","SourceIP":"10.0.0.5",`+
			`"DestinationIP":"203.0.113.9","DeviceAction":%q}`, word)
		ev, ok, _ := normalize.Native(record(t, line), &normalize.Source{})
		if !ok || ev.Flow.Outcome.String() != want {
			t.Errorf("%q: %q, want %q", word, ev.Flow.Outcome, want)
		}
	}
}

// Values are taken as the catalogue types their column, and not otherwise.
func TestNativeTypes(t *testing.T) {
	tests := []struct{ column, value, want string }{ // "" for a misfit
		{"ProcessId", `17`, "17"},
		{"ProcessId", `"17"`, "17"},
		{"ProcessId", `"17.0"`, "17"},
		{"ProcessId", `9007199254740993`, "9007199254740993"},
		{"ProcessId", `17.5`, ""},
		{"ProcessId", `"0x11"`, ""},
		{"ProcessId", `true`, ""},
		{"RemotePort", `65535`, "65535"},
		{"RemotePort", `2147483648`, ""},
		{"IsInitiatingProcessRemoteSession", `true`, "true"},
		{"IsInitiatingProcessRemoteSession", `"False"`, "false"},
		{"IsInitiatingProcessRemoteSession", `1`, "true"},
		{"IsInitiatingProcessRemoteSession", `"yes"`, ""},
		{"ProcessCreationTime", `"2024-05-01T10:00:00.1234567+02:00"`, "2024-05-01T08:00:00.1234567Z"},
		{"ProcessCreationTime", `"noon"`, ""},
		{"_BilledSize", `"1.5"`, "1.5"},
		{"_BilledSize", `"Infinity"`, ""},
		{"FileName", `{"a":1}`, `{"a":1}`},
		{"FileName", `7`, "7"},
	}
	for _, tt := range tests {
		line := fmt.Sprintf(`{"$table":"DeviceEvents","Timestamp":"2024-05-01T10:00:00Z","ActionType":"x",%q:%s}`, tt.column, tt.value)
		ev, ok, reason := normalize.Native(record(t, line), &normalize.Source{})
		if !ok {
			t.Fatalf("%s: not taken: %s", line, reason)
		}
		row := &ev.Rows[0]
		v, there := row.Get(tt.column)
		switch {
		case tt.want == "" && (there || ev.Misfits != 1):
			t.Errorf("%s %s: taken as %q, %d misfits", tt.column, tt.value, v.Text(), ev.Misfits)
		case tt.want == "" && additional(t, row)[tt.column] == nil:
			t.Errorf("%s %s: lost", tt.column, tt.value)
		case tt.want != "" && (v.Text() != tt.want || ev.Misfits != 0):
			t.Errorf("%s %s: %q, %d misfits, want %q", tt.column, tt.value, v.Text(), ev.Misfits, tt.want)
		}
	}
}

// A row that nothing names is of the table that has its columns, or of none.
func TestNativeTableByColumns(t *testing.T) {
	const endpoint = `"Timestamp":"2024-05-01T10:00:00Z","DeviceName":"ws5","ReportId":1,"InitiatingProcessFileName":"a.exe","InitiatingProcessId":6`
	tests := []struct{ what, line, kind string }{
		{"columns of one table", `{` + endpoint + `,"ActionType":"x","RemoteIP":"203.0.113.9","RemotePort":443,"LocalIPType":"Private"}`, "defender.DeviceNetworkEvents"},
		{"columns of many, by the action", `{` + endpoint + `,"ActionType":"ConnectionSuccess"}`, "defender.DeviceNetworkEvents"},
		{"of a file", `{` + endpoint + `,"ActionType":"FileCreated","FileName":"b.txt"}`, "defender.DeviceFileEvents"},
		{"of no table of its own", `{` + endpoint + `,"ActionType":"LdapSearch"}`, "defender.DeviceEvents"},
		{"empty columns of a union", `{` + endpoint + `,"ActionType":"RegistryValueSet","RegistryKey":"HKLM","PreviousRegistryKey":"HKCU","LogonType":"","LocalIPType":null}`, "defender.DeviceRegistryEvents"},
		{"few columns, all of one table", `{"TimeGenerated":"2024-05-01T10:00:00Z","UserId":"u","ClientIP":"203.0.113.9","Operation":"o","Parameters":"p"}`, "sentinel.OfficeActivity"},
		{"too many others", `{` + endpoint + `,"ActionType":"x","a":1,"b":2,"c":3,"d":4}`, "raw.json"},
		{"too few", `{"Timestamp":"2024-05-01T10:00:00Z","DeviceName":"ws5","ActionType":"x"}`, "raw.json"},
		{"no time", `{"DeviceName":"ws5","ReportId":1,"InitiatingProcessFileName":"a.exe","InitiatingProcessId":6,"ActionType":"x"}`, "raw.json"},
		{"a Type by chance", `{"Type":"Event","time":"2024-05-01T10:00:00Z","a":1,"b":2}`, "raw.json"},
	}
	for _, tt := range tests {
		ev, ok, reason := normalize.Record(record(t, tt.line), &normalize.Source{})
		if !ok || ev.Kind != tt.kind {
			t.Errorf("%s: %s %s, want %s", tt.what, ev.Kind, reason, tt.kind)
		}
	}
}

// One device is one DeviceId, whatever id the vendor gave it.
func TestNativeDeviceID(t *testing.T) {
	src := &normalize.Source{DeviceID: func(name string) string { return "id-of-" + name }}
	line := `{"$table":"DeviceEvents","Timestamp":"2024-05-01T10:00:00Z","DeviceId":"vendor","DeviceName":"WS5","ActionType":"x"}`
	ev, _, _ := normalize.Native(record(t, line), src)
	row := &ev.Rows[0]
	if row.Str("DeviceId") != "id-of-ws5" || ev.DeviceID != "id-of-ws5" || additional(t, row)["DeviceId"] != "vendor" {
		t.Errorf("%s, %s, %s", row.Str("DeviceId"), ev.DeviceID, row.Str("AdditionalFields"))
	}
	ev, _, _ = normalize.Native(record(t, strings.Replace(line, `"WS5"`, `""`, 1)), src)
	if got := ev.Rows[0].Str("DeviceId"); got != "vendor" {
		t.Errorf("without a name: %s", got)
	}
}
