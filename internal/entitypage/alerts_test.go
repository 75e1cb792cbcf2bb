package entitypage

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// alerted adds a row of evidence that names 203.0.113.1, and its sighting.
func (b *bench) alerted(id string, when schema.Ticks, severity, title, direction, device string) {
	row := schema.NewRow(schema.Default().MustTable("AlertEvidence"))
	row.SetTime("Timestamp", when)
	for column, value := range map[string]string{
		"AlertId": id, "Title": title, "Severity": severity, "EvidenceDirection": direction, "EvidenceRole": "Related",
		"ServiceSource": "Test", "RemoteIP": "203.0.113.1", "DeviceName": device,
	} {
		row.SetString(column, value)
	}
	b.batch.Records = append(b.batch.Records, store.Record{Ordinal: int64(len(b.batch.Records)), Raw: []byte(id), Kind: "suricata.alert", Rows: []schema.Row{row}})
	b.saw("203.0.113.1", "suricata.alert", "", "10.1.1.5", when, when, 1, destination|entity.RoleEvidence, schema.OutcomeNone)
}

func TestAlertsAreFilteredSortedAndPaged(t *testing.T) {
	b := newBench(t)
	b.alerted("a1", at(3, 1), "Low", "Scan", "Source", "")
	b.alerted("a2", at(4, 1), "High", "Beacon", "Destination", "ws1")
	b.alerted("a2", at(4, 2), "High", "Beacon", "Source", "ws1")
	b.alerted("a3", at(5, 1), "odd", "Another scan", "Destination", "")
	b.commit()
	req := Request{ID: entity.ID{Kind: entity.IP, Value: "203.0.113.1"}, From: at(1, 0).Time(), To: now}
	for _, c := range []struct {
		name  string
		ask   Alerts
		total int64
		ids   string
	}{
		{"the latest first", Alerts{}, 3, "a3 a2 a1"},
		{"the gravest first", Alerts{List: List{Sort: "severity"}}, 3, "a2 a1 a3"},
		{"titles downwards", Alerts{List: List{Sort: "-title"}}, 3, "a1 a2 a3"},
		{"a page", Alerts{List: List{Limit: 1, Offset: 1}}, 3, "a2"},
		{"a text", Alerts{List: List{Match: "SCAN"}}, 2, "a3 a1"},
		{"a device", Alerts{List: List{Match: "ws1"}}, 1, "a2"},
		{"a severity", Alerts{Severity: "odd"}, 1, "a3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, err := b.pages.Alerts(t.Context(), req, c.ask)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, a := range list.Items {
				ids = append(ids, a.AlertID)
			}
			if got := strings.Join(ids, " "); list.Total != c.total || got != c.ids {
				t.Errorf("%d: %s, want %d: %s", list.Total, got, c.total, c.ids)
			}
		})
	}
	list, err := b.pages.Alerts(t.Context(), req, Alerts{Severity: "High"})
	if err != nil {
		t.Fatal(err)
	}
	// The severities that could be chosen instead stay counted.
	if diff := cmp.Diff(map[string]int64{"Low": 1, "High": 1, "odd": 1}, list.BySeverity); diff != "" {
		t.Error(diff)
	}
	a := list.Items[0]
	if diff := cmp.Diff([]string{"source", "destination"}, a.Roles); diff != "" {
		t.Error(diff)
	}
	if a.Device != "ws1" || a.Evidence != "Related" || !a.Time.Equal(at(4, 1).Time()) || a.RawID == "" {
		t.Errorf("%+v", a)
	}
}

// TestAlertsStandOnTheirDays of the chart, each once however many rows of evidence it has.
func TestAlertsStandOnTheirDays(t *testing.T) {
	b := newBench(t)
	b.alerted("a1", at(3, 1), "Low", "Scan", "Source", "")
	b.alerted("a2", at(4, 1), "High", "Beacon", "Destination", "ws1")
	b.alerted("a2", at(4, 2), "High", "Beacon", "Source", "ws1")
	b.alerted("a3", at(4, 23), "odd", "Another scan", "Destination", "")
	b.commit()
	doc, err := b.pages.Build(t.Context(), Request{ID: entity.ID{Kind: entity.IP, Value: "203.0.113.1"}, From: at(2, 0).Time(), To: at(6, 0).Time()})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, d := range doc.Prevalence.Days {
		if d.Alerts > 0 {
			got[d.Day] = d.Alerts
		}
	}
	if diff := cmp.Diff(map[string]int64{"2024-05-03": 1, "2024-05-04": 2}, got); diff != "" {
		t.Errorf("alerts by day (-want +got):\n%s", diff)
	}
}
