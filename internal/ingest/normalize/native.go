package normalize

import (
	"encoding/json"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/ingest/decode"
	"spoor/internal/schema"
)

// Native normalizes a row that was exported from a table of Defender XDR or Sentinel:
// a JSON object, a CSV row, or the envelope of Defender's streaming API ({"time",
// "category":"AdvancedHunting-DeviceEvents","properties":{…}}). It reports false
// without a reason for a record that is none.
//
// Values are taken only as the catalogue types them. One that does not fit, and what
// has no column, goes to AdditionalFields where the table has that; the record itself
// has it always. DeviceName is in lower case, DeviceId is ours when a device is named,
// addresses are canonical; what the export printed stands in AdditionalFields then.
func Native(r *decode.Record, src *Source) (Event, bool, string) {
	if r.Format != "json" && r.Format != "csv" {
		return Event{}, false, ""
	}
	n := nativeRow{rec: r, src: src, fields: r.Fields}
	n.unwrap()
	sure := true
	if n.table = n.namedTable(); n.table == nil && rawShape(r) == "" {
		n.table, sure = n.bestTable(), false
	}
	switch {
	case n.table == nil:
		return Event{}, false, ""
	case n.read():
	case sure:
		return Event{}, false, n.table.Name + " row without a readable time"
	default: // a row without a time column only looked like one
		return Event{}, false, ""
	}
	n.finish()
	return n.ev, true, ""
}

// nativeRow is a row being read.
type nativeRow struct {
	rec    *decode.Record
	src    *Source
	fields []decode.Field // of the row, out of its envelope
	named  string         // the table the envelope names
	emit   string         // when the envelope was written
	table  *schema.Table

	ev    Event
	row   schema.Row
	own   string // the row's own AdditionalFields
	extra []byte // members for AdditionalFields
	timed bool
}

const nativeEnvelope = "AdvancedHunting-"

// unwrap takes a row out of the envelope of the streaming API.
func (n *nativeRow) unwrap() {
	category, properties := n.rec.Get("category"), decode.Value{}
	if !strings.HasPrefix(category, nativeEnvelope) {
		return
	}
	if properties, _ = n.rec.Lookup("properties"); properties.Kind != decode.Object {
		return
	}
	fields := winObject(properties.Text)
	if fields == nil {
		return
	}
	n.fields, n.named, n.emit = fields, category[len(nativeEnvelope):], n.rec.Get("time")
	if tenant := n.rec.Get("tenantId"); tenant != "" && memberText(fields, "TenantId") == "" {
		n.fields = append(n.fields, decode.Field{Name: "TenantId", Value: decode.Value{Kind: decode.String, Text: tenant}})
	}
}

// read fills the row. It reports false when there is no event time.
func (n *nativeRow) read() bool {
	n.row = schema.NewRow(n.table)
	for i := range n.fields {
		f := &n.fields[i]
		if f.Kind == decode.Null || f.Text == "" || nativeIndexColumn(f.Name) {
			continue
		}
		c := nativeColumn(n.table, f.Name)
		switch {
		case c == nil:
			if f.Name != "$table" {
				n.extra = appendField(n.extra, f.Name, f.Value)
			}
		case c.Constant != "":
		case c.Name == "AdditionalFields":
			n.own = n.keepOwn(f.Value)
		case c.Stored == n.table.Time:
			n.readTime(f)
		case !n.set(c, f):
			n.ev.Misfits++
			n.extra = appendField(n.extra, f.Name, f.Value)
		}
	}
	if !n.timed {
		n.readTime(&decode.Field{Name: "time", Value: decode.Value{Kind: decode.String, Text: n.emit}})
	}
	return n.timed
}

// readTime takes the event time from the first of the row's columns for it.
func (n *nativeRow) readTime(f *decode.Field) {
	at, ok := parseInstant(f.Text)
	switch {
	case n.timed:
	case ok:
		n.timed = true
		n.ev.Time = at + n.src.ClockOffset
		n.row.SetTime(n.table.Time, n.ev.Time)
	case f.Text != "":
		n.ev.Misfits++
		n.extra = appendField(n.extra, f.Name, f.Value)
	}
}

// keepOwn is the row's AdditionalFields as an object that can be added to; text that is
// no object is one member of it.
func (n *nativeRow) keepOwn(v decode.Value) string {
	if text := strings.TrimSpace(v.Text); strings.HasPrefix(text, "{") && json.Valid([]byte(text)) {
		return text
	}
	n.extra = appendField(n.extra, "AdditionalFields", v)
	return ""
}

// set stores a value as its column types it, or reports false.
func (n *nativeRow) set(c *schema.Column, f *decode.Field) bool {
	switch c.Type {
	case schema.String:
		n.setText(c, f)
		return true
	case schema.Dynamic:
		n.row.SetString(c.Name, dynamicText(f.Value))
		return true
	default:
		return nativeSet(&n.row, c, strings.TrimSpace(f.Text))
	}
}

func (n *nativeRow) setText(c *schema.Column, f *decode.Field) {
	text := f.Text
	switch {
	case c.Name == "DeviceName":
		text = entity.CanonicalDevice(text)
	case c.Holds == schema.HoldsAddress:
		if canonical := entity.CanonicalAddress(text); canonical != "" && canonical != text {
			n.extra = appendField(n.extra, c.Name, f.Value)
			text = canonical
		}
	}
	n.row.SetString(c.Name, text)
}

// dynamicText is the JSON of a dynamic column: text that is an object or array is that.
func dynamicText(v decode.Value) string {
	if v.Kind != decode.String {
		return v.Text
	}
	text := strings.TrimSpace(v.Text)
	if text != "" && (text[0] == '{' || text[0] == '[') && json.Valid([]byte(text)) {
		return text
	}
	return string(appendText(nil, v.Text))
}

// finish makes the event of the row that was read.
func (n *nativeRow) finish() {
	n.ev.Kind = nativeKind(n.table)
	n.ev.Device = n.device()
	n.setDeviceID()
	if c, ok := n.table.Column("AdditionalFields"); ok && (c.Type == schema.Dynamic || c.Type == schema.String) {
		n.row.SetString("AdditionalFields", n.additional())
	}
	n.ev.Rows = []schema.Row{n.row}
	n.ends()
	if known, ok := nativeFlows[n.table.Name]; ok {
		known(n)
	}
}

// setDeviceID puts our identity of the named device in the place of the vendor's, by
// which the same device would be two.
func (n *nativeRow) setDeviceID() {
	if n.src.DeviceID == nil {
		return
	}
	if n.ev.Device != "" {
		n.ev.DeviceID = n.src.DeviceID(n.ev.Device)
	}
	name := n.row.Str("DeviceName")
	if name == "" || n.table.Index("DeviceId") < 0 {
		return
	}
	if printed := n.row.Str("DeviceId"); printed != "" {
		n.extra = appendTextField(n.extra, "DeviceId", printed)
	}
	n.row.SetString("DeviceId", n.src.DeviceID(name))
}

func (n *nativeRow) additional() string {
	switch {
	case len(n.extra) == 0:
		return n.own
	case n.own == "":
		return "{" + string(n.extra) + "}"
	default:
		return joinObject(n.extra, n.own)
	}
}

// device is the host that reports the row: the device of Defender's endpoint tables,
// the computer of an agent's. Other tables name devices that they speak of, and CEF
// names its collector.
func (n *nativeRow) device() string {
	switch {
	case strings.HasPrefix(n.table.Name, "Device"):
		return n.row.Str("DeviceName")
	case n.table.Name == "CommonSecurityLog":
		return ""
	default:
		return entity.CanonicalDevice(n.row.Str("Computer"))
	}
}

// nativeKind is the source kind of a table's rows. Defender's tables call their time
// Timestamp, and so do some of other vendors in Sentinel.
func nativeKind(t *schema.Table) string {
	if t.Time != "Timestamp" {
		return "sentinel." + t.Name
	}
	for _, vendor := range []string{"AWS", "GCP", "ApiManagement", "CrowdStrike"} {
		if strings.HasPrefix(t.Name, vendor) {
			return "sentinel." + t.Name
		}
	}
	return "defender." + t.Name
}
