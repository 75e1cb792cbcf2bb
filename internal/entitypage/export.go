package entitypage

import (
	"strings"

	"spoor/internal/export"
	"spoor/internal/schema"
)

// DeviceColumns are the columns of an exported list of devices.
var DeviceColumns = []export.Column{
	{Name: "DeviceName", Type: schema.String},
	{Name: "DeviceId", Type: schema.String},
	{Name: "Address", Type: schema.String},
	{Name: "Site", Type: schema.String},
	{Name: "Records", Type: schema.Long},
	{Name: "SourceKind", Type: schema.String},
	{Name: "Contacted", Type: schema.Bool},
	{Name: "First", Type: schema.DateTime},
	{Name: "Last", Type: schema.DateTime},
	{Name: "FirstContact", Type: schema.DateTime},
	{Name: "BytesOut", Type: schema.Long},
	{Name: "BytesIn", Type: schema.Long},
	{Name: "LastEventTime", Type: schema.DateTime},
	{Name: "LastActionType", Type: schema.String},
	{Name: "LastProcess", Type: schema.String},
	{Name: "LastAccount", Type: schema.String},
	{Name: "LastPort", Type: schema.Int},
	{Name: "LastRawId", Type: schema.String},
	{Name: "HostSensor", Type: schema.Bool},
}

// Row is the item in the order of DeviceColumns.
func (d *DeviceItem) Row() []any {
	var contact any
	if d.FirstContact != nil {
		contact = schema.TicksOf(*d.FirstContact)
	}
	e := &d.LastEvent
	return []any{
		d.DeviceName, d.DeviceID, d.Address, d.Site, d.Records, d.SourceKind, d.Contacted, schema.TicksOf(d.First), schema.TicksOf(d.Last),
		contact, d.BytesOut, d.BytesIn, schema.TicksOf(e.Time), e.ActionType, e.Process, e.Account, e.Port, e.RawID, d.HostSensor,
	}
}

// PeerColumns are the columns of an exported list of peers.
var PeerColumns = []export.Column{
	{Name: "Address", Type: schema.String},
	{Name: "Records", Type: schema.Long},
	{Name: "SourceKind", Type: schema.String},
	{Name: "Contacted", Type: schema.Bool},
	{Name: "First", Type: schema.DateTime},
	{Name: "Last", Type: schema.DateTime},
	{Name: "BytesOut", Type: schema.Long},
	{Name: "BytesIn", Type: schema.Long},
}

// Row is the item in the order of PeerColumns.
func (p *PeerItem) Row() []any {
	return []any{p.Address, p.Records, p.SourceKind, p.Contacted, schema.TicksOf(p.First), schema.TicksOf(p.Last), p.BytesOut, p.BytesIn}
}

// AddressColumns are the columns of an exported list of the addresses of many.
var AddressColumns = []export.Column{
	{Name: "Address", Type: schema.String},
	{Name: "Own", Type: schema.Bool},
	{Name: "Devices", Type: schema.Long},
	{Name: "Contacted", Type: schema.Bool},
	{Name: "Outcome", Type: schema.String},
	{Name: "Records", Type: schema.Long},
	{Name: "SourceKind", Type: schema.String},
	{Name: "First", Type: schema.DateTime},
	{Name: "Last", Type: schema.DateTime},
	{Name: "BytesOut", Type: schema.Long},
	{Name: "BytesIn", Type: schema.Long},
	{Name: "CountryCode", Type: schema.String},
	{Name: "Country", Type: schema.String},
	{Name: "ASN", Type: schema.Long},
	{Name: "Org", Type: schema.String},
	{Name: "Noise", Type: schema.String},
}

// Row is the item in the order of AddressColumns.
func (a *AddressItem) Row() []any {
	lists := make([]string, len(a.Noise))
	for i, n := range a.Noise {
		lists[i] = n.Class + ": " + n.List
	}
	return []any{
		a.Address, a.Own, a.Devices, a.Contacted, a.Outcome, a.Records, a.SourceKind, schema.TicksOf(a.First), schema.TicksOf(a.Last), a.BytesOut, a.BytesIn,
		a.CountryCode, a.Country, int64(a.ASN), a.Org, strings.Join(lists, ", "),
	}
}
