package schema_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/sharedtest"
)

func TestTicks(t *testing.T) {
	// Tick counts of .NET's DateTime, which Kusto uses.
	for _, c := range []struct {
		at    string
		ticks schema.Ticks
	}{
		{"0001-01-01T00:00:00Z", 0},
		{"1601-01-01T00:00:00Z", 504911232000000000},
		{"1970-01-01T00:00:00Z", 621355968000000000},
		{"2000-01-01T00:00:00.0000001Z", 630822816000000001},
		{"9999-12-31T23:59:59.9999999Z", 3155378975999999999},
	} {
		at, err := time.Parse(time.RFC3339Nano, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := schema.TicksOf(at); got != c.ticks {
			t.Errorf("TicksOf(%s) = %d, want %d", c.at, got, c.ticks)
		}
		if got := c.ticks.Time(); !got.Equal(at) {
			t.Errorf("Time(%d) = %s, want %s", c.ticks, got, c.at)
		}
	}
	if schema.MaxTicks != 3155378975999999999 {
		t.Errorf("MaxTicks = %d", schema.MaxTicks)
	}
}

func TestCatalogueAgreesWithReference(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(sharedtest.Dir(t), "schema", "tables.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]struct {
		Columns []struct{ Name, Type string }
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	for name, w := range want {
		table, ok := schema.Default().Table(name)
		if !ok {
			t.Errorf("table %s is missing", name)
			continue
		}
		var visible []schema.Column
		for _, c := range table.Columns {
			if !c.Hidden {
				visible = append(visible, c)
			}
		}
		if len(visible) != len(w.Columns) {
			t.Errorf("%s has %d columns, want %d", name, len(visible), len(w.Columns))
			continue
		}
		for i, c := range w.Columns {
			if visible[i].Name != c.Name || visible[i].Type.String() != c.Type {
				t.Errorf("%s column %d is %s:%s, want %s:%s", name, i, visible[i].Name, visible[i].Type, c.Name, c.Type)
			}
		}
	}
}

func TestEveryEventTable(t *testing.T) {
	for _, table := range schema.Default().Tables() {
		if table.View {
			continue
		}
		stored := map[string]bool{}
		for _, c := range table.Stored() {
			key := strings.ToLower(c.Stored)
			if stored[key] {
				t.Errorf("%s stores %s twice", table.Name, c.Stored)
			}
			stored[key] = true
		}
		for _, name := range []string{"_SourceKind", "_SourceName", "_Site", "_RawId", "_IngestedAt", "Timestamp", "TimeGenerated"} {
			c, ok := table.Column(name)
			if !ok {
				t.Errorf("%s has no %s", table.Name, name)
			} else if c.Name[0] == '_' && !c.Hidden {
				t.Errorf("%s.%s is not hidden", table.Name, name)
			}
		}
		if !stored[strings.ToLower(table.Time)] {
			t.Errorf("%s does not store its time column %s", table.Name, table.Time)
		}
		if table.Own != strings.HasPrefix(table.Name, "Spoor") {
			t.Errorf("%s: own tables, and only they, carry the prefix Spoor", table.Name)
		}
	}
}

func TestTwoNamesOfTheTime(t *testing.T) {
	catalogue := schema.Default()
	for _, c := range []struct {
		table, stored, other string
		otherHidden          bool
	}{
		{"DeviceNetworkEvents", "Timestamp", "TimeGenerated", false},
		{"SecurityEvent", "TimeGenerated", "Timestamp", true},
	} {
		table := catalogue.MustTable(c.table)
		if table.Time != c.stored {
			t.Errorf("%s keeps its time in %s, want %s", c.table, table.Time, c.stored)
		}
		other, ok := table.Column(c.other)
		if !ok || other.Stored != c.stored || other.Hidden != c.otherHidden || other.Local != c.otherHidden {
			t.Errorf("%s.%s = %+v", c.table, c.other, other)
		}
	}
}

func TestAnnotations(t *testing.T) {
	catalogue := schema.Default()
	for _, c := range []struct {
		column string
		holds  schema.Observable
		role   entity.Roles
	}{
		{"DeviceNetworkEvents.RemoteIP", schema.HoldsAddress, entity.RoleRemote},
		{"DeviceNetworkEvents.LocalIP", schema.HoldsAddress, entity.RoleLocal},
		{"DeviceNetworkEvents.RemoteIPType", schema.HoldsNothing, 0},
		{"DeviceNetworkEvents.RemoteUrl", schema.HoldsURL, 0},
		{"DeviceNetworkEvents.InitiatingProcessSHA256", schema.HoldsNothing, 0},
		{"DeviceProcessEvents.SHA256", schema.HoldsHash, 0},
		{"DeviceNetworkInfo.IPAddresses", schema.HoldsAddress, entity.RoleAssigned},
		{"SecurityEvent.IpAddress", schema.HoldsAddress, entity.RoleSource},
		{"SigninLogs.IPAddress", schema.HoldsAddress, entity.RoleSource},
		{"CommonSecurityLog.DestinationIP", schema.HoldsAddress, entity.RoleDestination},
		{"CommonSecurityLog.SourceTranslatedAddress", schema.HoldsAddress, entity.RoleNAT},
		{"AlertEvidence.RemoteIP", schema.HoldsAddress, entity.RoleRemote | entity.RoleEvidence},
		{"DeviceTvmSoftwareVulnerabilities.SoftwareVersion", schema.HoldsNothing, 0},
	} {
		tableName, columnName, _ := strings.Cut(c.column, ".")
		col, ok := catalogue.MustTable(tableName).Column(columnName)
		if !ok || col.Holds != c.holds || col.Role != c.role {
			t.Errorf("%s holds %d as %q, want %d as %q", c.column, col.Holds, col.Role, c.holds, c.role)
		}
	}
	for _, table := range catalogue.Tables() {
		for _, col := range table.Columns {
			if col.Domain != "" && table.Index(col.Domain) < 0 {
				t.Errorf("%s.%s names the domain column %s, which is not there", table.Name, col.Name, col.Domain)
			}
		}
	}
}

// What a result's column holds is read from its name, so only names that mean the same
// everywhere are taken: an account needs its domain, and DnsEvents.Name is no one's but its own.
func TestObserved(t *testing.T) {
	type answer struct {
		holds  schema.Observable
		domain string
	}
	for name, want := range map[string]answer{
		"RemoteIP":                {schema.HoldsAddress, ""},
		"IPAddress":               {schema.HoldsAddress, ""},
		"DeviceName":              {schema.HoldsDevice, ""},
		"Computer":                {schema.HoldsDevice, ""},
		"RemoteUrl":               {schema.HoldsURL, ""},
		"SHA256":                  {schema.HoldsHash, ""},
		"InitiatingProcessSHA256": {schema.HoldsHash, ""},
		"AccountName":             {schema.HoldsAccount, "AccountDomain"},
		"TargetUserName":          {schema.HoldsAccount, "TargetDomainName"},
		"Name":                    {},
		"ActionType":              {},
		"ClientVersion":           {},
		"no such column":          {},
	} {
		holds, domain := schema.Default().Observed(name)
		if got := (answer{holds, domain}); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
