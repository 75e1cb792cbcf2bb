package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/Azure/azure-kusto-go/azkustodata"
	"github.com/Azure/azure-kusto-go/azkustodata/kql"

	"spoor/internal/account"
)

// unknownLogons is the published hunting query for logons from addresses that no own
// device holds, word for word but for the comments.
const unknownLogons = `DeviceLogonEvents
| where RemoteIPType == "Public"
| join kind=leftanti (
DeviceNetworkInfo
| project NetworkInfo = todynamic(IPAddresses )
| mvexpand NetworkInfo
| project IpAddress = tostring(parse_json(NetworkInfo).IPAddress)
| distinct IpAddress
) on $left.RemoteIP == $right.IpAddress // Removes any IP addresses assigned to a device
| join kind=leftanti (
IdentityLogonEvents
| where ISP != "INTERNAL_NETWORK"
) on $left.RemoteIP == $right.IPAddress // Remove any IP addresses identified as internal by Microsoft Cloud App Security
| summarize EarliestEvent = min(Timestamp), LatestEvent = max(Timestamp), Instances = count(), DistinctMachines = dcount(DeviceId) by AccountDomain, AccountName, LogonType, RemoteIP, ActionType`

// logon4624 is a network logon from an address.
func logon4624(at, address string) string {
	return `{"EventID":4624,"Channel":"Security","SourceName":"Microsoft-Windows-Security-Auditing","Hostname":"FS1.corp.example","@timestamp":"` + at +
		`","TargetUserName":"alice","TargetDomainName":"CORP","LogonType":"3","IpAddress":"` + address + `","IpPort":"50111"}` + "\n"
}

// Microsoft's own Go client connects over TLS with a token, runs the query and reads
// typed rows.
func TestKustoClient(t *testing.T) {
	t.Parallel()
	p := openPack(t)
	dir := t.TempDir()
	// FS1 itself holds 198.51.100.7, so the logon from there is not unknown.
	logs := logon4624("2024-05-01T08:00:00.000Z", "203.0.113.50") + logon4624("2024-05-01T09:30:00.000Z", "203.0.113.50") +
		logon4624("2024-05-01T09:00:00.000Z", "198.51.100.7") + logon4624("2024-05-01T09:00:00.000Z", "10.1.1.9") +
		`{"EventID":3,"Channel":"Microsoft-Windows-Sysmon/Operational","SourceName":"Microsoft-Windows-Sysmon","Hostname":"FS1.corp.example","@timestamp":"2024-05-01T09:10:00.000Z","UtcTime":"2024-05-01 09:10:00.000","Protocol":"tcp","Initiated":"true","SourceIp":"198.51.100.7","SourcePort":"50000","DestinationIp":"203.0.113.1","DestinationPort":"443","Image":"C:\\a.exe"}` + "\n"
	path := filepath.Join(dir, "fs1.json")
	if err := os.WriteFile(path, []byte(logs), 0o600); err != nil {
		t.Fatal(err)
	}
	p.ingest("default", []string{path})

	server := httptest.NewUnstartedServer(p.server.Handler())
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	server.StartTLS()
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	token, _, err := p.accounts.CreateToken(t.Context(), "kusto", account.Reader, time.Time{}, "test")
	if err != nil {
		t.Fatal(err)
	}
	client, err := azkustodata.New(
		azkustodata.NewConnectionStringBuilder(server.URL).WithApplicationToken("spoor-test", token),
		azkustodata.WithHttpClient(&http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	data, err := client.Query(t.Context(), "Spoor", kql.New("").AddUnsafe(unknownLogons))
	if err != nil {
		t.Fatal(err)
	}
	type finding struct {
		EarliestEvent, LatestEvent                                  time.Time
		Instances, DistinctMachines                                 int64
		AccountDomain, AccountName, LogonType, RemoteIP, ActionType string
	}
	rows := data.Tables()[0].Rows()
	if len(rows) != 1 {
		t.Fatalf("%d rows, want one: %v", len(rows), rows)
	}
	var got finding
	if err := rows[0].ToStruct(&got); err != nil {
		t.Fatal(err)
	}
	want := finding{
		EarliestEvent: time.Date(2024, 5, 1, 8, 0, 0, 0, time.UTC), LatestEvent: time.Date(2024, 5, 1, 9, 30, 0, 0, time.UTC),
		Instances: 2, DistinctMachines: 1, AccountDomain: "CORP", AccountName: "alice", LogonType: "Network",
		RemoteIP: "203.0.113.50", ActionType: "LogonSuccess",
	}
	if got != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}

	// A fork answers with a table for each branch.
	forked, err := client.Query(t.Context(), "Spoor", kql.New("").AddUnsafe(
		`DeviceLogonEvents | fork (summarize n = count() by RemoteIP | where RemoteIP startswith "203") all = (count)`))
	if err != nil {
		t.Fatal(err)
	}
	var shapes []string
	for _, table := range forked.Tables() {
		if table.IsPrimaryResult() {
			shapes = append(shapes, fmt.Sprint(table.Name(), table.Columns()[0].Name(), len(table.Rows())))
		}
	}
	if want := []string{"PrimaryResultRemoteIP1", "allCount1"}; !slices.Equal(shapes, want) {
		t.Errorf("tables %q, want %q", shapes, want)
	}
}
