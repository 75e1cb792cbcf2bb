package normalize

import (
	"strings"
	"sync"

	"spoor/internal/entity"
	"spoor/internal/ingest/decode"
	"spoor/internal/schema"
)

// Raw is the last resort: a row of SpoorRaw that holds every field of the record as it
// was read, and what can be told of it without knowing what it is: when it happened and
// which host reports it. A line of text is its Message.
//
// It knows every record. Time is 0 when no field says when it was.
func Raw(r *decode.Record, src *Source) (Event, bool, string) {
	ev := Event{Kind: "raw." + r.Format, Unmapped: true, Device: entity.CanonicalDevice(r.Get(rawComputerFields...))}
	if t, ok := recordTime(r); ok {
		ev.Time = t + src.ClockOffset
	}
	ev.Rows = []schema.Row{rawRow(r, rawType(r), ev.Device, ev.Time)}
	return ev, true, ""
}

// rawShapes tells records of which the product has no mapping yet by fields that only
// they have, so that SpoorRaw can be filtered by what they are.
var rawShapes = []struct {
	recordType string
	fields     []string
}{
	{"azure.network_analytics", []string{"FlowType", "FlowDirection", "VMIPAddress"}},
	{"graph.alert", []string{"createdDateTime", "serviceSource", "severity", "title"}},
	{"office365.audit", []string{"CreationTime", "Operation", "RecordType", "Workload"}},
	{"office365.audit", []string{"CreationTime", "Operation", "RecordType", "UserKey"}},
	{"office365.audit", []string{"creationtime", "operation", "recordtype", "workload"}},
	{"aws.cloudtrail", []string{"eventTime", "eventSource", "eventName", "awsRegion"}},
	{"okta.system_log", []string{"published", "eventType", "actor", "outcome"}},
	{"osquery.result", []string{"hostIdentifier", "calendarTime", "unixTime"}},
	{"velociraptor.netstat", []string{"Pid", "Laddr", "Raddr"}},
}

// rawShape is what a record looks like by its fields, or "".
func rawShape(r *decode.Record) string {
	for i := range rawShapes {
		if hasAll(r, rawShapes[i].fields) {
			return rawShapes[i].recordType
		}
	}
	return ""
}

// rawType is what a record looks like, or what its container calls it.
func rawType(r *decode.Record) string {
	if shape := rawShape(r); shape != "" {
		return shape
	}
	return strings.ToValidUTF8(r.Stream, "\ufffd") // the name of a file may be any bytes
}

func hasAll(r *decode.Record, fields []string) bool {
	for _, name := range fields {
		if !r.Has(name) {
			return false
		}
	}
	return true
}

// rawRow is the row of SpoorRaw.
func rawRow(r *decode.Record, recordType, computer string, at schema.Ticks) schema.Row {
	row := schema.NewRow(rawTable())
	if at != 0 {
		row.SetTime("TimeGenerated", at)
	}
	row.SetString("Format", r.Format)
	row.SetString("RecordType", recordType)
	row.SetString("Computer", computer)
	if r.Format == "text" {
		row.SetString("Message", strings.ToValidUTF8(string(r.Raw), "\ufffd"))
	} else {
		row.SetString("Fields", allFields(r))
	}
	return row
}

var rawTable = sync.OnceValue(func() *schema.Table { return schema.Default().MustTable(schema.SpoorRaw) })

// rawTimeFields are the names under which records print their own time, those of
// data.md's list first.
var rawTimeFields = []string{
	"@timestamp", "TimeGenerated", "TimeCreated", "EventTime", "Timestamp", "timestamp", "ts", "time", "Time",
	"eventTime", "CreationTime", "createdDateTime", "activityDateTime", "published", "StartTime", "datetime", "date", "unixTime",
}

var rawComputerFields = []string{
	"Computer", "computer", "DeviceName", "Hostname", "hostname", "HostName", "host_name", "computer_name",
	"ComputerName", "hostIdentifier",
}

// recordTime is the first of the known time fields that holds a time.
func recordTime(r *decode.Record) (schema.Ticks, bool) {
	for _, name := range rawTimeFields {
		if v, ok := r.Lookup(name); ok && v.Kind != decode.Null {
			if t, ok := parseInstant(v.Text); ok {
				return t, true
			}
		}
	}
	return 0, false
}
