package normalize_test

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"spoor/internal/ingest/decode"
	"spoor/internal/ingest/normalize"
	"spoor/internal/sharedtest"
)

// Every record of the folders normalizes, into the tables that a reader of the files
// would put them in.
func TestSharedTables(t *testing.T) {
	data := filepath.Join(sharedtest.Dir(t), "data")
	got := map[string]map[string]int{}
	for _, folder := range []string{"mde", "suricata"} {
		eachLog(t, filepath.Join(data, folder), func(name string, content []byte) {
			file, _ := filepath.Rel(data, name)
			file, _, _ = strings.Cut(filepath.ToSlash(file), ".")
			src := &normalize.Source{Name: name}
			kinds := map[string]int{}
			readRecords(t, name, content, func(r *decode.Record) {
				ev, ok, reason := normalize.Record(r, src)
				if !ok {
					t.Fatalf("%s record %d: %s", name, r.Ordinal, reason)
				}
				checkEvent(t, &ev)
				kind := ev.Kind + " " + ev.Rows[0].Table.Name
				if ev.Unmapped {
					kind = ev.Kind + " " + ev.Rows[0].Str("RecordType")
				}
				kinds[kind]++
				if ev.Misfits > 0 {
					kinds["misfits"] += ev.Misfits
				}
			})
			got[file] = kinds
		})
	}
	want := map[string]map[string]int{
		"mde/goldensaml_defender_advanced_hunting": {
			"defender.DeviceEvents DeviceEvents":                       5,
			"defender.IdentityDirectoryEvents IdentityDirectoryEvents": 2,
			"defender.CloudAppEvents CloudAppEvents":                   2,
		},
		"mde/graph_security_alert_rule_samples": {
			"raw.json graph.alert": 4, "raw.json office365.audit": 19, "security.4688 DeviceProcessEvents": 2,
		},
		"mde/msticpy_azure_network_flows":   {"raw.csv azure.network_analytics": 460},
		"mde/msticpy_mde_process_events":    {"defender.DeviceProcessEvents DeviceProcessEvents": 1564},
		"mde/msticpy_security_alerts":       {"sentinel.SecurityAlert SecurityAlert": 189},
		"mde/msticpy_securityevent_4688":    {"security.4688 DeviceProcessEvents": 363},
		"suricata/honeypot-2018-eve-alerts": {"suricata.alert DeviceNetworkEvents": 44},
		"suricata/hub-eve-alerts-2022":      {"suricata.alert DeviceNetworkEvents": 4, "suricata.flow DeviceNetworkEvents": 2, "suricata.stats suricata.stats": 2},
		"suricata/hub-fast":                 {"raw.text ": 4},
		"suricata/wrccdc-2018-eve-alerts":   {"suricata.alert DeviceNetworkEvents": 207},
	}
	for file, kinds := range got {
		if !maps.Equal(kinds, want[file]) {
			t.Errorf("%s: %v, want %v", file, kinds, want[file])
		}
		delete(want, file)
	}
	for file := range want {
		t.Errorf("%s is not there", file)
	}
}
