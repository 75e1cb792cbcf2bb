package normalize

import (
	"strings"

	"spoor/internal/ingest/decode"
)

// readSentinel reads a row of SecurityEvent, WindowsEvent or Event. The data stands in
// EventData, as JSON or XML text or as an object, or it is spread over the columns.
func (ev *winEvent) readSentinel() bool {
	r := ev.rec
	ev.provider = winFirst(r, "EventSourceName", "Provider", "SourceName", "Source")
	ev.channel = winFirst(r, "Channel", "EventLog")
	ev.computer = winFirst(r, "Hostname", "computer_name", "Computer")
	ev.message = winFirst(r, "RenderedDescription", "Message")
	ev.system = r.Fields
	if ev.data = sentinelData(r); ev.data == nil {
		ev.data = sentinelColumns(r.Fields)
		for i := range ev.data {
			if sentinelIsHeader(ev.data[i].Name) {
				ev.header.set(i)
			}
		}
	}
	return ev.setID(r.Get("EventID"))
}

// sentinelData reads the event's data from the column that holds all of it; nil when
// there is none.
func sentinelData(r *decode.Record) []decode.Field {
	for _, name := range [...]string{"EventData", "EventData_dynamic", "EventData_string"} {
		v, ok := r.Lookup(name)
		text := strings.TrimSpace(v.Text)
		if !ok || text == "" {
			continue
		}
		switch text[0] {
		case '{':
			if data := winObject(text); data != nil {
				return winUnnamed(data)
			}
		case '[':
			if data := winArray(text); data != nil {
				return winParams(data)
			}
		case '<':
			if data := winXMLData(text); len(data) > 0 {
				return data
			}
		}
	}
	return nil
}

// sentinelColumns takes off the suffix that the export gave to columns whose type
// differs between rows.
func sentinelColumns(fields []decode.Field) []decode.Field {
	for i := range fields {
		if sentinelTrim(fields[i].Name) == fields[i].Name {
			continue
		}
		fields = append([]decode.Field(nil), fields...)
		for j := range fields {
			fields[j].Name = sentinelTrim(fields[j].Name)
		}
		break
	}
	return fields
}

func sentinelTrim(name string) string {
	if s, ok := strings.CutSuffix(name, "_string"); ok {
		return s
	}
	return strings.TrimSuffix(name, "_dynamic")
}

// sentinelIsHeader knows the columns of a workspace table that are no data of the
// event: its header, what the workspace adds, what it derives from the data.
func sentinelIsHeader(name string) bool {
	switch name {
	case "TenantId", "SourceSystem", "MG", "ManagementGroupName", "Type", "_ResourceId", "_SubscriptionId", "_ItemId",
		"_BilledSize", "_IsBillable", "TimeCollected", "TimeCreatedUtc", "SourceComputerId", "EventOriginId", "InstanceId",
		"EventSourceName", "Provider", "Source", "EventLog", "EventLevel", "EventLevelName", "EventCategory", "UserName",
		"EventData", "ParameterXml", "RenderedDescription", "RawEventData", "SystemUserId", "SystemProcessId", "SystemThreadId",
		"Correlation", "EventRecordId", "Activity", "Account", "AccountType", "SubjectAccount", "TargetAccount", "Process",
		"LogonTypeName", "AccountCustomEntity", "HostCustomEntity", "IPCustomEntity", "timestamp", "":
		return true
	}
	return winIsHeader(name)
}
