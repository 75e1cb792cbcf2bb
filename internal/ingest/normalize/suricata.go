package normalize

import (
	"net/netip"

	"spoor/internal/entity"
	"spoor/internal/ingest/decode"
	"spoor/internal/schema"
)

// suricataTypes maps a type of EVE record to the function that knows it. What is not
// listed is kept whole in SpoorRaw, and so is fileinfo, which gives observables.
var suricataTypes = map[string]func(*suricataRecord) Event{
	"alert":    (*suricataRecord).alert,
	"flow":     (*suricataRecord).flowEnd,
	"dns":      (*suricataRecord).dns,
	"http":     (*suricataRecord).http,
	"tls":      (*suricataRecord).tls,
	"ssh":      (*suricataRecord).ssh,
	"fileinfo": (*suricataRecord).fileInfo,
}

// Suricata normalizes a record of Suricata's EVE log
// (https://docs.suricata.io/en/latest/output/eve/eve-json-format.html). It reports
// false without a reason for a record that is none. The sensor's own name (host) is
// never the device.
func Suricata(r *decode.Record, src *Source) (Event, bool, string) {
	s := suricataRecord{Record: r, src: src}
	if r.Format != "json" || !s.read() {
		return Event{}, false, ""
	}
	known, ok := suricataTypes[s.kind]
	switch {
	case !ok:
		return s.raw(), true, ""
	case !s.timed:
		return Event{}, false, "suricata." + s.kind + " without a readable timestamp"
	default:
		return known(&s), true, ""
	}
}

type suricataRecord struct {
	*decode.Record
	src   *Source
	kind  string
	at    schema.Ticks
	timed bool

	source, destination         netip.Addr
	sourcePort, destinationPort int64 // -1 for none
	proto                       string
	detail                      []decode.Field // members of the object named like the type
	toClient                    bool           // an alert on a packet of the responder's
}

// read takes the common fields in one pass. It reports false for what is not EVE: it
// has event_type and timestamp, and an address, a flow or a type that only EVE has.
func (s *suricataRecord) read() bool {
	s.sourcePort, s.destinationPort = -1, -1
	stamp, sure := false, false
	for i := range s.Fields {
		f := &s.Fields[i]
		switch f.Name {
		case "event_type":
			s.kind = f.Text
		case "timestamp":
			stamp = true
			s.at, s.timed = parseInstant(f.Text)
		case "src_ip":
			sure = true
			s.source, _ = entity.ParseAddress(f.Text)
		case "dest_ip":
			s.destination, _ = entity.ParseAddress(f.Text)
		case "src_port":
			s.sourcePort = suricataPort(f.Text)
		case "dest_port":
			s.destinationPort = suricataPort(f.Text)
		case "proto":
			s.proto = f.Text
		case "direction":
			s.toClient = f.Text == "to_client"
		case "flow_id", "stats":
			sure = true
		}
	}
	if s.timed {
		s.at += s.src.ClockOffset
	}
	if !stamp || !sure || !isLogName(s.kind) {
		return false
	}
	if v, ok := s.Lookup(s.kind); ok && v.Kind == decode.Object {
		s.detail = winObject(v.Text)
	}
	return true
}

func suricataPort(text string) int64 {
	if n, ok := wholeNumber(text); ok && n >= 0 && n <= 65535 {
		return n
	}
	return -1
}

// get is a member of the object named like the type.
func (s *suricataRecord) get(name string) string { return memberText(s.detail, name) }

func memberText(fields []decode.Field, name string) string {
	for i := range fields {
		if fields[i].Name == name && fields[i].Kind != decode.Null {
			return fields[i].Text
		}
	}
	return ""
}

// member is the members of an object that stands in a field of the record.
func (s *suricataRecord) member(name string) []decode.Field {
	v, ok := s.Lookup(name)
	if !ok || v.Kind != decode.Object {
		return nil
	}
	return winObject(v.Text)
}

func (s *suricataRecord) isICMP() bool { return transport(s.proto) == "Icmp" }

// event is an event with a flow and the row of DeviceNetworkEvents. own is members
// of AdditionalFields beside the record's fields.
func (s *suricataRecord) event(flow Flow, action string, outcome schema.Outcome, note string, own []byte) Event {
	ev := Event{Kind: "suricata." + s.kind, Time: s.at, Flow: flow}
	ev.Flow.Outcome = outcome
	row := networkRow()
	row.SetTime("Timestamp", s.at)
	row.SetString("ActionType", action)
	row.SetString("Protocol", transport(s.proto))
	if s.isICMP() {
		setEnds(&row, &ev.Flow, -1, -1)
	} else {
		setEnds(&row, &ev.Flow, s.sourcePort, s.destinationPort)
	}
	row.SetString("AdditionalFields", s.additional(&ev.Flow, note, own))
	ev.Rows = []schema.Row{row}
	return ev
}

// flow is the two ends, as printed, oriented by who opened it: in an alert on a packet
// of the responder's that is the destination.
func (s *suricataRecord) flow() Flow {
	f := Flow{Source: s.source, Destination: s.destination}
	if s.toClient {
		f.Source, f.Destination = s.destination, s.source
	}
	orientFlow(&f, Hints{}, s.src.Own, s.at)
	f.Source, f.Destination = s.source, s.destination
	return f
}

// direction is Microsoft's word for who opened the flow.
func (s *suricataRecord) direction(f *Flow) string {
	opened := *f
	if s.toClient {
		opened.Source, opened.Destination = f.Destination, f.Source
	}
	return direction(&opened)
}

// additional is AdditionalFields: what Microsoft's names say, then every field that
// stands in no column. The object named like the type stays one, unless its members are
// told under Microsoft's names in own.
func (s *suricataRecord) additional(f *Flow, note string, own []byte) string {
	b := make([]byte, 0, len(s.Raw)+256)
	b = append(b, '{')
	b = appendTextField(b, "direction", s.direction(f))
	b = appendTextField(b, "outcome_note", note)
	if len(own) > 0 {
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(b, own...)
	}
	flat := s.kind == "dns" || s.kind == "http" || s.kind == "tls" || s.kind == "ssh"
	for i := range s.Fields {
		field := &s.Fields[i]
		name := field.Name
		switch name {
		case "event_type":
			continue
		case "src_ip":
			if s.source.IsValid() && printedAs(s.source, field.Text) {
				continue
			}
		case "dest_ip":
			if s.destination.IsValid() && printedAs(s.destination, field.Text) {
				continue
			}
		case "src_port":
			if s.sourcePort >= 0 && !s.isICMP() {
				continue
			}
		case "dest_port":
			if s.destinationPort >= 0 && !s.isICMP() {
				continue
			}
		case "direction": // of an alert's packet: to_server, to_client
			name = "suricata_direction"
		case "host": // of the sensor; Microsoft's "host" is that of an HTTP request
			name = "sensor"
		case s.kind:
			if flat && s.detail != nil {
				continue
			}
		}
		b = appendField(b, name, field.Value)
	}
	return string(append(b, '}'))
}

// raw keeps a record of a type that has no table.
func (s *suricataRecord) raw() Event {
	kind := "suricata." + s.kind
	return Event{
		Kind: kind, Time: s.at, Unmapped: true,
		Rows: []schema.Row{rawRow(s.Record, kind, "", s.at)},
	}
}

// renamed writes the members of the type's object, those listed in pairs under
// Microsoft's names.
func (s *suricataRecord) renamed(b []byte, names map[string]string, skip ...string) []byte {
fields:
	for i := range s.detail {
		f := &s.detail[i]
		for _, name := range skip {
			if f.Name == name {
				continue fields
			}
		}
		name := f.Name
		if microsoft, ok := names[name]; ok {
			name = microsoft
		}
		b = appendField(b, name, f.Value)
	}
	return b
}

// outcomeIf is established when the responder was heard, else unknown.
func outcomeIf(heard bool) schema.Outcome {
	if heard {
		return schema.OutcomeEstablished
	}
	return schema.OutcomeUnknown
}

// fileInfo keeps a transferred file, with its hashes and the hosts that sent and
// received it.
func (s *suricataRecord) fileInfo() Event {
	ev := s.raw()
	for _, end := range []struct {
		address netip.Addr
		role    entity.Roles
	}{{s.source, entity.RoleSource}, {s.destination, entity.RoleDestination}} {
		if end.address.IsValid() {
			ev.Observables = append(ev.Observables, Observable{Kind: entity.IP, Value: end.address.String(), Roles: end.role})
		}
	}
	for _, name := range []string{"md5", "sha1", "sha256"} {
		if hash := s.get(name); hash != "" {
			ev.Observables = append(ev.Observables, Observable{Kind: entity.Hash, Value: hash})
		}
	}
	return ev
}
