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
	return rawEvent(r, src, "raw."+r.Format, r.Stream), true, ""
}

// rawEvent is the event of a record whose type has no table: kind is its source kind,
// recordType what it calls itself.
func rawEvent(r *decode.Record, src *Source, kind, recordType string) Event {
	ev := Event{Kind: kind, Unmapped: true}
	if t, ok := recordTime(r); ok {
		ev.Time = t + src.ClockOffset
	}
	ev.Device = entity.CanonicalDevice(r.Get(rawComputerFields...))
	ev.Rows = []schema.Row{rawRow(r, recordType, ev.Device, ev.Time)}
	return ev
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
	"eventTime", "CreationTime", "createdDateTime", "activityDateTime", "published", "StartTime", "datetime", "date",
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
