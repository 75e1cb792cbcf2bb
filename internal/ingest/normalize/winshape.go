package normalize

import (
	"html"
	"strconv"
	"strings"

	"spoor/internal/ingest/decode"
	"spoor/internal/schema"
)

// winShape is the form in which an exporter writes Windows events.
type winShape uint8

const (
	winNone winShape = iota
	// winFlat: header and data of the event side by side in one object, as NXLog and
	// Logstash write them.
	winFlat
	// winSentinel: a row of SecurityEvent, WindowsEvent or Event; the data is JSON or
	// XML in EventData, or spread over the columns.
	winSentinel
	// winBeat: Winlogbeat 6, the data in event_data.
	winBeat
	// winECS: Winlogbeat 7 and later, everything in winlog.
	winECS
	// winRendered: the event's XML turned into JSON, {"Event":{"System":…,"EventData":…}}.
	winRendered
	// winSyslog: a row of Syslog whose message is the XML of a Sysmon for Linux event.
	winSyslog
)

// winShapeOf tells the shape by the names of the fields.
func winShapeOf(r *decode.Record) winShape {
	switch {
	case r.Has("EventID"):
		return winFlatShape(r)
	case r.Has("event_id") && r.Has("log_name"):
		return winBeat
	case r.Has("winlog") || r.Has("winlog.event_id"):
		return winECS
	case r.Has("Event"):
		if v, _ := r.Lookup("Event"); v.Kind == decode.Object && strings.Contains(v.Text, `"System"`) {
			return winRendered
		}
	case r.Has("SyslogMessage"):
		if msg := r.Get("SyslogMessage"); strings.HasPrefix(msg, "<Event>") && strings.Contains(msg, "Linux-Sysmon") {
			return winSyslog
		}
	}
	return winNone
}

// winFlatShape tells Log Analytics rows from what forwarders write. A row of another
// table that happens to have an EventID is none of ours; without a Type, an audit
// event is known by what only audit events have.
func winFlatShape(r *decode.Record) winShape {
	switch {
	case r.Has("SourceName"), r.Has("Channel") && !r.Has("TimeGenerated"):
		return winFlat
	case !r.Has("TimeGenerated"):
		return winNone
	}
	switch r.Get("Type") {
	case "SecurityEvent", "WindowsEvent", "Event":
		return winSentinel
	case "":
		if r.Has("Channel") || winIsAudit(r) {
			return winSentinel
		}
	}
	return winNone
}

// winIsAudit knows an event of the Security log by fields that no other log has.
func winIsAudit(r *decode.Record) bool {
	for _, name := range [...]string{"SubjectUserSid", "TargetUserSid", "SubjectUserName", "TargetUserName", "FilterRTID", "LayerRTID"} {
		if r.Has(name) {
			return true
		}
	}
	return false
}

// winEvent is a Windows event, whatever the shape it came in.
type winEvent struct {
	rec    *decode.Record
	src    *Source
	shape  winShape
	family winFamily

	provider, channel string
	id                int
	computer          string // as printed
	device            string // canonical
	time              schema.Ticks
	message           string // the rendered text, where the exporter gives it

	// data holds the event's own fields in their order. In the flat shapes it is the
	// whole record, and header marks what is not data.
	data   []decode.Field
	header winMask
	taken  winMask // put into a column of the primary row
	// system holds the fields of the event's header; in the flat shapes, the record's.
	system []decode.Field
}

// winMask marks fields by index. Fields beyond the 256th are never marked, which costs
// no more than that they appear in AdditionalFields too.
type winMask [4]uint64

func (m *winMask) set(i int) {
	if i < 256 {
		m[i>>6] |= 1 << (i & 63)
	}
}

func (m *winMask) has(i int) bool { return i < 256 && m[i>>6]&(1<<(i&63)) != 0 }

// read fills the event from a record; false when it is of no shape, or of one but
// names no event.
func (ev *winEvent) read(r *decode.Record) bool {
	ev.rec, ev.shape = r, winShapeOf(r)
	ok := false
	switch ev.shape {
	case winFlat:
		ok = ev.readFlat()
	case winSentinel:
		ok = ev.readSentinel()
	case winBeat:
		ok = ev.readBeat()
	case winECS:
		ok = ev.readECS()
	case winRendered:
		ok = ev.readRendered()
	case winSyslog:
		ok = ev.readSyslog()
	case winNone:
	}
	if !ok || ev.id < 0 || ev.id > 0xffff {
		return false
	}
	ev.family = winFamilyOf(ev.channel, ev.provider)
	if ev.shape == winSentinel && ev.isSecurityRow() {
		ev.family = winSecurity
	}
	return ev.family != winOther || ev.channel != "" || ev.provider != ""
}

// isSecurityRow reports whether a workspace row is one of SecurityEvent: it says so, or
// it says nothing and has what only audit events have.
func (ev *winEvent) isSecurityRow() bool {
	table := ev.rec.Get("Type")
	return table == "SecurityEvent" || table == "" && ev.channel == "" && ev.provider == "" && winIsAudit(ev.rec)
}

func (ev *winEvent) setID(text string) bool {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	ev.id = n
	return err == nil
}

func (ev *winEvent) readFlat() bool {
	r := ev.rec
	ev.provider, ev.channel = r.Get("SourceName"), r.Get("Channel")
	ev.computer = winFirst(r, "Hostname", "computer_name", "Computer")
	ev.message = r.Get("Message")
	ev.data, ev.system = r.Fields, r.Fields
	if r.Has("SourceModuleType") {
		ev.readNXLog()
	} else {
		for i := range ev.data {
			if winIsHeader(ev.data[i].Name) {
				ev.header.set(i)
			}
		}
	}
	return ev.setID(r.Get("EventID"))
}

// readNXLog marks the header as NXLog writes it: the account that logged the event in
// AccountName and Domain, the process in ExecutionProcessID (ProcessID before version
// 2.10), the severity in EventType, unless the event's own EventType is there. NXLog
// leaves the XML escapes in the data ("&lt;unknown process&gt;"), so they are undone.
func (ev *winEvent) readNXLog() {
	newer := ev.rec.Has("ExecutionProcessID")
	owned := false
	for i := range ev.data {
		f := &ev.data[i]
		switch f.Name {
		case "Severity", "SeverityValue", "SourceModuleName", "SourceModuleType", "EventReceivedTime", "EventTypeOrignal", "AccountType":
			ev.header.set(i)
		case "AccountName", "Domain":
			if ev.rec.Has("AccountType") {
				ev.header.set(i)
			}
		case "ProcessID":
			if !newer {
				ev.header.set(i)
			}
		case "EventType":
			if winIsSeverity(f.Text) {
				ev.header.set(i)
			}
		default:
			if winIsHeader(f.Name) {
				ev.header.set(i)
			} else if f.Kind == decode.String && strings.IndexByte(f.Text, '&') >= 0 {
				if !owned {
					ev.data, owned = append([]decode.Field(nil), ev.data...), true
				}
				ev.data[i].Text = html.UnescapeString(f.Text)
			}
		}
	}
}

func winIsSeverity(s string) bool {
	switch s {
	case "INFO", "WARNING", "ERROR", "CRITICAL", "DEBUG", "VERBOSE", "AUDIT_SUCCESS", "AUDIT_FAILURE":
		return true
	}
	return false
}

// winIsHeader knows the names under which flat shapes write what is not the event's
// data: its header and what the forwarder adds.
func winIsHeader(name string) bool {
	switch name {
	case "@timestamp", "@version", "EventTime", "TimeCreated", "TimeGenerated",
		"Hostname", "Computer", "SourceName", "ProviderGuid", "Channel", "EventID", "Message",
		"Level", "Keywords", "Task", "Category", "Opcode", "OpcodeValue", "Version",
		"RecordNumber", "EventRecordID", "ThreadID", "ExecutionProcessID", "UserID", "ActivityID", "RelatedActivityID",
		"host", "port", "tags", "type", "ERROR_EVT_UNRESOLVED":
		return true
	}
	return false
}

// readBeat reads Winlogbeat 6.
func (ev *winEvent) readBeat() bool {
	r := ev.rec
	ev.provider, ev.channel = r.Get("source_name"), r.Get("log_name")
	ev.computer = winFirst(r, "Hostname", "computer_name", "Computer")
	ev.message = r.Get("message")
	ev.system = r.Fields
	ev.data = winData(r.Fields, "event_data", "user_data")
	return ev.setID(r.Get("event_id"))
}

// readECS reads Winlogbeat 7 and later, nested or with dotted names.
func (ev *winEvent) readECS() bool {
	if v, ok := ev.rec.Lookup("winlog"); ok {
		if v.Kind != decode.Object {
			return false
		}
		ev.system = winObject(v.Text)
		ev.data = winData(ev.system, "event_data", "user_data")
	} else {
		ev.system = winUnderPrefix(ev.rec.Fields, "winlog.")
		if ev.data = winUnderPrefix(ev.system, "event_data."); ev.data == nil {
			ev.data = winUnderPrefix(ev.system, "user_data.")
		}
	}
	sys := decode.Record{Fields: ev.system}
	ev.provider, ev.channel, ev.computer = sys.Get("provider_name"), sys.Get("channel"), sys.Get("computer_name")
	ev.message = ev.rec.Get("message")
	return ev.setID(sys.Get("event_id"))
}

// readRendered reads the JSON that EVTX tools make of an event's XML.
func (ev *winEvent) readRendered() bool {
	v, _ := ev.rec.Lookup("Event")
	event := decode.Record{Fields: winObject(v.Text)}
	s, _ := event.Lookup("System")
	ev.system = winObject(s.Text)
	for i := range ev.system {
		ev.system[i].Value = winElement(ev.system[i].Value)
	}
	sys := decode.Record{Fields: ev.system}
	ev.provider, ev.channel, ev.computer = sys.Get("Provider"), sys.Get("Channel"), sys.Get("Computer")
	ev.data = winData(event.Fields, "EventData", "UserData")
	return ev.setID(sys.Get("EventID"))
}

// winElement reduces an XML element in JSON to what matters of it: its text, or the
// first of its attributes (Name of Provider, SystemTime of TimeCreated, ProcessID of
// Execution, UserID of Security).
func winElement(v decode.Value) decode.Value {
	if v.Kind != decode.Object {
		return v
	}
	el := decode.Record{Fields: winObject(v.Text)}
	if text, ok := el.Lookup("#text"); ok {
		return text
	}
	if attributes, ok := el.Lookup("#attributes"); ok && attributes.Kind == decode.Object {
		el.Fields = winObject(attributes.Text)
	}
	if len(el.Fields) == 0 {
		return decode.Value{}
	}
	return el.Fields[0].Value
}

// winData is the event's data under the first of the names that is there. UserData
// holds one element that holds the data.
func winData(fields []decode.Field, eventData, userData string) []decode.Field {
	r := decode.Record{Fields: fields}
	if v, ok := r.Lookup(eventData); ok && v.Kind == decode.Object {
		return winUnnamed(winObject(v.Text))
	}
	v, ok := r.Lookup(userData)
	if !ok || v.Kind != decode.Object {
		return nil
	}
	data := winObject(v.Text)
	for i := range data {
		if data[i].Kind == decode.Object && !strings.HasPrefix(data[i].Name, "#") {
			return winObject(data[i].Text)
		}
	}
	return data
}

// winUnnamed names the values of a lone Data element, which has none of its own,
// param1, param2 …, as the event log service does.
func winUnnamed(data []decode.Field) []decode.Field {
	if len(data) != 1 || data[0].Name != "Data" {
		return data
	}
	v := data[0].Value
	if v.Kind == decode.Object {
		inner := decode.Record{Fields: winObject(v.Text)}
		if text, ok := inner.Lookup("#text"); ok {
			v = text
		}
	}
	if v.Kind != decode.Array {
		return []decode.Field{{Name: "param1", Value: v}}
	}
	return winParams(winArray(v.Text))
}

func winParams(values []decode.Value) []decode.Field {
	fields := make([]decode.Field, 0, len(values))
	for i, v := range values {
		f := decode.Field{Name: "param" + strconv.Itoa(i+1), Value: v}
		if v.Kind == decode.Object {
			f = winNamed(f)
		}
		fields = append(fields, f)
	}
	return fields
}

// winNamed reads a Data element that a tool wrote with its attributes:
// {"@Name":…,"#text":…} or {"#attributes":{"Name":…},"#text":…}.
func winNamed(f decode.Field) decode.Field {
	el := decode.Record{Fields: winObject(f.Text)}
	attributes := decode.Record{Fields: winObject(el.Get("#attributes"))}
	name := winFirst(&el, "@Name", "Name")
	if name == "" {
		name = attributes.Get("Name")
	}
	if name == "" {
		return f
	}
	text, _ := el.Lookup("#text")
	return decode.Field{Name: name, Value: text}
}

// winFirst is the first of the named fields that is not empty.
func winFirst(r *decode.Record, names ...string) string {
	for _, n := range names {
		if s := r.Get(n); s != "" {
			return s
		}
	}
	return ""
}

func winUnderPrefix(fields []decode.Field, prefix string) []decode.Field {
	var under []decode.Field
	for _, f := range fields {
		if name, ok := strings.CutPrefix(f.Name, prefix); ok {
			under = append(under, decode.Field{Name: name, Value: f.Value})
		}
	}
	return under
}

// recordTime is the time of the record as printed, read as UTC: the first readable of
// the four names, then the time in the header of a rendered event. The beginning of
// the year 1, as .NET prints a time that was never set, is none.
func (ev *winEvent) recordTime() (schema.Ticks, bool) {
	for _, name := range winTimeNames {
		if t, ok := parseInstant(ev.rec.Get(name)); ok && t > 0 {
			return t, true
		}
	}
	if ev.shape == winRendered || ev.shape == winSyslog {
		sys := decode.Record{Fields: ev.system}
		t, ok := parseInstant(sys.Get("TimeCreated"))
		return t, ok && t > 0
	}
	return 0, false
}

var winTimeNames = [...]string{"@timestamp", "TimeGenerated", "TimeCreated", "EventTime"}
