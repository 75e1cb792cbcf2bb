package normalize

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/ingest/decode"
	"spoor/internal/schema"
)

func winTable(name string) *schema.Table { return schema.Default().MustTable(name) }

// find is the index of a field of the event's data, or -1. A field in the header part
// of a flat record is none.
func (ev *winEvent) find(name string) int {
	for i := range ev.data {
		if f := &ev.data[i]; len(f.Name) == len(name) && f.Name == name && !ev.header.has(i) {
			return i
		}
	}
	return -1
}

// text is the value of a data field as printed; "" for none, for null and for the
// placeholder "-". It stays in AdditionalFields.
func (ev *winEvent) text(name string) string {
	if i := ev.find(name); i >= 0 {
		return winValue(ev.data[i].Value)
	}
	return ""
}

func winValue(v decode.Value) string {
	if v.Kind == decode.Null || v.Text == "-" {
		return ""
	}
	return v.Text
}

// take is text for a value that goes into a column whole, and so stays out of
// AdditionalFields.
func (ev *winEvent) take(name string) string {
	i := ev.find(name)
	if i < 0 {
		return ""
	}
	ev.taken.set(i)
	return winValue(ev.data[i].Value)
}

// takeAddress is take for an address. What was printed otherwise than in its canonical
// form, or is no address, stays in AdditionalFields.
func (ev *winEvent) takeAddress(name string) netip.Addr {
	i := ev.find(name)
	if i < 0 {
		return netip.Addr{}
	}
	a, ok := entity.ParseAddress(ev.data[i].Text)
	if ok && a.String() == ev.data[i].Text {
		ev.taken.set(i)
	}
	return a
}

// takeNumber is take for a number, decimal or 0x….
func (ev *winEvent) takeNumber(name string) (int64, bool) {
	i := ev.find(name)
	if i < 0 {
		return 0, false
	}
	n, ok := winNumber(ev.data[i].Text)
	if ok {
		ev.taken.set(i)
	}
	return n, ok
}

// takeWord is take for a code that has a word; an unknown one stays in AdditionalFields.
func (ev *winEvent) takeWord(name string, words map[string]string) string {
	i := ev.find(name)
	if i < 0 {
		return ""
	}
	word, ok := words[ev.data[i].Text]
	if ok {
		ev.taken.set(i)
	}
	return word
}

// winNumber reads a number that is not negative, decimal or 0x….
func winNumber(s string) (int64, bool) {
	base := 10
	if hex, ok := strings.CutPrefix(s, "0x"); ok {
		s, base = hex, 16
	}
	n, err := strconv.ParseInt(s, base, 64)
	return n, err == nil && n >= 0
}

// said is the value after "label:" at the beginning of a line in the rendered message:
// some exporters drop or overwrite a data field and keep the message. "" for none.
func (ev *winEvent) said(label string) string {
	for rest := ev.message; ; {
		i := strings.Index(rest, label)
		if i < 0 {
			return ""
		}
		before, after := strings.TrimRight(rest[:i], "\t "), rest[i+len(label):]
		rest = after
		if !strings.HasPrefix(after, ":") || !strings.HasSuffix(before, "\n") {
			continue
		}
		line, _, _ := strings.Cut(after[1:], "\n")
		if line = strings.TrimSpace(line); line != "-" {
			return line
		}
		return ""
	}
}

// winRecordNumber are the names of the number that an event has in its log.
var winRecordNumber = []string{"RecordNumber", "EventRecordID", "EventRecordId", "record_number", "record_id"}

// deviceRow starts a row of a Defender device table.
func (ev *winEvent) deviceRow(table, action string) schema.Row {
	row := schema.NewRow(winTable(table))
	row.SetTime("Timestamp", ev.time)
	row.SetString("DeviceName", ev.device)
	row.SetString("DeviceId", ev.deviceID())
	row.SetString("ActionType", action)
	sys := decode.Record{Fields: ev.system}
	if n, ok := winNumber(sys.Get(winRecordNumber...)); ok {
		row.SetInt("ReportId", n)
	}
	return row
}

func (ev *winEvent) deviceID() string {
	if ev.src.DeviceID == nil || ev.device == "" {
		return ""
	}
	return ev.src.DeviceID(ev.device)
}

// additional is the AdditionalFields of the primary row: first, as they stand, the
// members in own (JSON without braces), then the printed times, then all data that no
// column took.
func (ev *winEvent) additional(own []byte) string {
	b := make([]byte, 0, 512)
	b = append(append(b, '{'), own...)
	for _, name := range winTimeNames {
		b = appendTextField(b, name, ev.rec.Get(name))
	}
	if ev.shape == winRendered || ev.shape == winSyslog {
		sys := decode.Record{Fields: ev.system}
		b = appendTextField(b, "TimeCreated", sys.Get("TimeCreated"))
	}
	for i := range ev.data {
		if f := &ev.data[i]; f.Text != "" && f.Text != "-" && !ev.taken.has(i) && !ev.header.has(i) {
			b = appendField(b, f.Name, f.Value)
		}
	}
	if len(b) == 1 {
		return ""
	}
	return string(append(b, '}'))
}

// winSetInt sets an Int or Long column, unless the number does not fit.
func winSetInt(row *schema.Row, name string, n int64) {
	if i := row.Table.Index(name); i >= 0 && row.Table.Columns[i].Type == schema.Int && n != int64(int32(n)) {
		return
	}
	row.SetInt(name, n)
}

// number sets a whole-number column from a data field, if that is a number.
func (ev *winEvent) number(row *schema.Row, column, field string) {
	if n, ok := ev.takeNumber(field); ok {
		winSetInt(row, column, n)
	}
}

// port sets a port column; 0 is no port.
func (ev *winEvent) port(row *schema.Row, column, field string) {
	if n, ok := ev.takeNumber(field); ok && n > 0 && n <= 0xffff {
		row.SetInt(column, n)
	}
}

// hashes sets the hash columns from Sysmon's "SHA1=…,MD5=…,SHA256=…,IMPHASH=…" and
// gives back the import hash, which has no column.
func (ev *winEvent) hashes(row *schema.Row, field string) (imphash string) {
	rest := ev.take(field)
	for rest != "" {
		var part string
		part, rest, _ = strings.Cut(rest, ",")
		algorithm, value, _ := strings.Cut(part, "=")
		switch algorithm {
		case "SHA1", "MD5", "SHA256":
			row.SetString(algorithm, entity.CanonicalHash(value))
		case "IMPHASH":
			imphash = value
		}
	}
	return imphash
}

// winBase is the last part of a path, of Windows or of Linux.
func winBase(path string) string { return path[strings.LastIndexAny(path, `\/`)+1:] }

// winAccount splits DOMAIN\name.
func winAccount(user string) (domain, name string) {
	domain, name, ok := strings.Cut(user, `\`)
	if !ok {
		return "", user
	}
	return domain, name
}

const winZeroGUID = "00000000-0000-0000-0000-000000000000"

// winGUID is a GUID in lower case without braces; the zero GUID is none.
func winGUID(s string) string {
	s = strings.ToLower(strings.Trim(s, "{}"))
	if s == winZeroGUID {
		return ""
	}
	return s
}

// winProcess is what a record says of a process.
type winProcess struct {
	guid, image, commandLine string
	pid                      int64
	domain, account, sid     string
	logonID                  int64
}

// actor fills the InitiatingProcess columns and asks for the process context.
func (p *winProcess) actor(row *schema.Row, e *Event) {
	p.image = winImage(p.image)
	row.SetString("InitiatingProcessUniqueId", p.guid)
	row.SetString("InitiatingProcessFileName", winBase(p.image))
	if strings.ContainsAny(p.image, `\/`) {
		row.SetString("InitiatingProcessFolderPath", p.image)
	}
	if p.pid > 0 {
		row.SetInt("InitiatingProcessId", p.pid)
	}
	row.SetString("InitiatingProcessCommandLine", p.commandLine)
	row.SetString("InitiatingProcessAccountDomain", p.domain)
	row.SetString("InitiatingProcessAccountName", p.account)
	row.SetString("InitiatingProcessAccountSid", p.sid)
	if p.guid != "" || p.pid > 0 && p.image != "" {
		e.Process = &ProcessRef{GUID: p.guid, PID: p.pid, Image: p.image}
	}
}

// winImage is the path of an image; what Sysmon writes for a process that it did not
// see begin is none.
func winImage(image string) string {
	if image == "<unknown process>" {
		return ""
	}
	return image
}

// winEnds fills the address columns of a row and the sides of the flow.
func winEnds(row *schema.Row, f *Flow, local, remote netip.Addr) {
	f.Local, f.Remote = local, remote
	winAddress(row, "LocalIP", local)
	winAddress(row, "RemoteIP", remote)
}

// winAddress fills an address column, and its type where the table has a column for it.
func winAddress(row *schema.Row, column string, a netip.Addr) {
	if !a.IsValid() {
		return
	}
	row.SetString(column, a.String())
	if row.Table.Index(column+"Type") >= 0 {
		row.SetString(column+"Type", entity.IPType(a))
	}
}

// mayName reports whether a row beside the primary one may name an address: any, when
// the record is no flow, else one of its ends, for the sightings of a flow are those of
// its ends.
func mayName(f *Flow, a netip.Addr) bool {
	if !f.Source.IsValid() && !f.Destination.IsValid() {
		return true
	}
	return a == f.Source || a == f.Destination
}

// claimAddress says that the reporting host holds an address; a group address is held
// by nobody.
func (ev *winEvent) claimAddress(e *Event, a netip.Addr) {
	claim := Claim{Address: a}
	if a.IsValid() && !entity.IsGroup(a) && ev.device != "" && !slices.Contains(e.Claims, claim) {
		e.Claims = append(e.Claims, claim)
	}
}
