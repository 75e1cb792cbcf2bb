package normalize

import (
	"net/netip"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// Snapshots derives rows of DeviceInfo and DeviceNetworkInfo from what the hosts of one
// source report of themselves. They are no records of their own: the rows go with the
// event that shows the fact, as copies. Not safe for concurrent use.
type Snapshots struct {
	shown map[snapshot]struct{}
}

// snapshot is a fact that was shown already: a host's platform, or one address it
// holds, on a UTC day.
type snapshot struct {
	device, platform string
	address          netip.Addr
	day              int32
}

// maxSnapshots bounds what is remembered. A source with more hosts, days and addresses
// than that shows some facts again.
const maxSnapshots = 200_000

// NewSnapshots begins with nothing shown.
func NewSnapshots() *Snapshots { return &Snapshots{shown: map[snapshot]struct{}{}} }

// Add gives the rows that an event adds to what its day has shown: one of DeviceInfo
// for the device, one of DeviceNetworkInfo for each address the device claims, unless
// the event is a flow and the address is neither end of it.
func (s *Snapshots) Add(ev *Event) []schema.Row {
	if ev.Device == "" || ev.Platform == "" {
		return nil
	}
	var rows []schema.Row
	if s.first(snapshot{device: ev.Device, platform: ev.Platform, day: ev.Time.Day()}) {
		row := snapshotRow("DeviceInfo", ev)
		row.SetString("OSPlatform", ev.Platform)
		rows = append(rows, row)
	}
	for _, c := range ev.Claims {
		if c.Device != "" || !mayName(&ev.Flow, c.Address) {
			continue
		}
		if s.first(snapshot{device: ev.Device, address: c.Address, day: ev.Time.Day()}) {
			row := snapshotRow("DeviceNetworkInfo", ev)
			row.SetString("IPAddresses", `[{"IPAddress":"`+c.Address.String()+`","AddressType":"`+entity.IPType(c.Address)+`"}]`)
			rows = append(rows, row)
		}
	}
	return rows
}

// first reports whether a fact is shown for the first time, and remembers it.
func (s *Snapshots) first(fact snapshot) bool {
	if _, ok := s.shown[fact]; ok {
		return false
	}
	if len(s.shown) >= maxSnapshots {
		clear(s.shown)
	}
	fact.device = strings.Clone(fact.device) // it may be part of a whole chunk
	s.shown[fact] = struct{}{}
	return true
}

func snapshotRow(table string, ev *Event) schema.Row {
	row := schema.NewRow(schema.Default().MustTable(table))
	row.SetTime("Timestamp", ev.Time)
	row.SetString("DeviceId", ev.DeviceID)
	row.SetString("DeviceName", ev.Device)
	return row
}
