package entitypage

import (
	"strings"
	"testing"

	"spoor/internal/entity"
)

// ada runs programs on two hosts, and a sensor sees a name that no host tells of.
var kinds = map[string]string{
	"sysmon.json": lines(
		`{"@timestamp":"2024-05-30T10:00:00.000Z","Channel":"Microsoft-Windows-Sysmon/Operational","SourceName":"Microsoft-Windows-Sysmon","EventID":11,"Hostname":"ada-ws.example.test","UtcTime":"2024-05-30 10:00:00.000","ProcessGuid":"{00000000-0000-0000-0000-000000000001}","ProcessId":"77","Image":"C:\\Tools\\curl.exe","User":"EXAMPLE\\ada","TargetFilename":"C:\\a"}`,
		`{"@timestamp":"2024-05-30T11:00:00.000Z","Channel":"Microsoft-Windows-Sysmon/Operational","SourceName":"Microsoft-Windows-Sysmon","EventID":11,"Hostname":"bob-ws.example.test","UtcTime":"2024-05-30 11:00:00.000","ProcessGuid":"{00000000-0000-0000-0000-000000000002}","ProcessId":"78","Image":"C:\\Tools\\curl.exe","User":"EXAMPLE\\ada","TargetFilename":"C:\\a"}`,
		`{"@timestamp":"2024-05-30T12:00:00.000Z","Channel":"Microsoft-Windows-Sysmon/Operational","SourceName":"Microsoft-Windows-Sysmon","EventID":11,"Hostname":"bob-ws.example.test","UtcTime":"2024-05-30 12:00:00.000","ProcessGuid":"{00000000-0000-0000-0000-000000000002}","ProcessId":"78","Image":"C:\\Tools\\curl.exe","User":"EXAMPLE\\bob","TargetFilename":"C:\\a"}`,
	),
	"dns.log": lines(
		`{"_path":"dns","ts":"2024-05-30T10:00:00Z","uid":"D1","id.orig_h":"10.1.1.5","id.orig_p":5300,"id.resp_h":"10.1.1.1","id.resp_p":53,"proto":"udp","query":"c2.example","qtype_name":"A","rcode":0,"rcode_name":"NOERROR","answers":["203.0.113.9"]}`,
	),
}

// The devices of an account are those whose records name it; a name that only sensors saw
// has none, and the answer says why.
func TestDevicesOfOtherKinds(t *testing.T) {
	b := newBench(t)
	b.ingest(kinds)
	for _, c := range []struct {
		kind   entity.Kind
		id     string
		total  int64
		answer string
	}{
		{entity.Account, `example\ada`, 2, "in records of 2 of 2 devices"},
		{entity.Account, `example\bob`, 1, "in records of 1 of 2 devices"},
		{entity.Device, "bob-ws.example.test", 1, "reported by the device itself, first 2024-05-30 11:00:00, last 2024-05-30 12:00:00; 2 sysmon.11 records"},
		{entity.Domain, "c2.example", 0, "seen by sensors that name no host"},
	} {
		doc, err := b.pages.Build(t.Context(), Request{ID: entity.ID{Kind: c.kind, Value: c.id}})
		if err != nil {
			t.Fatal(err)
		}
		if doc.Devices.Total != c.total || !strings.HasPrefix(strings.ToLower(doc.Headline.Text), c.answer) {
			t.Errorf("%s %s: %d devices, %q", c.kind, c.id, doc.Devices.Total, doc.Headline.Text)
		}
	}
}
