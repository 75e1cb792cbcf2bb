package entitypage

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// Newcomers is the external addresses that were first seen at all in the latest days and
// were in contact, those on the fewest devices first.
type Newcomers struct {
	Range Range      `json:"range"`
	Total int64      `json:"total"`
	Items []Newcomer `json:"items" doc:"those on the fewest devices first, then the latest; 50 at most"`
	Query string     `json:"query"`
}

// Newcomer is one of them.
type Newcomer struct {
	Address     string    `json:"address"`
	Devices     int64     `json:"devices" doc:"that name it, or addresses at the other end where no host does"`
	First       time.Time `json:"first"`
	Last        time.Time `json:"last"`
	CountryCode string    `json:"countryCode,omitempty"`
	Country     string    `json:"country,omitempty"`
	ASN         uint32    `json:"asn,omitempty"`
	Org         string    `json:"org,omitempty"`
	Noise       []Noise   `json:"noise"`
}

// Bounds of newcomers.
const (
	newcomerDays  = 7
	newcomerItems = 50
	newcomersAge  = 5 * time.Minute // how old an answer may be
)

// keptNewcomers is an answer and when it was found; the whole ledger is read for it.
type keptNewcomers struct {
	Newcomers
	at time.Time
}

// Newcomers looks for them in the seven days that end today or, where these have no
// records, with the latest record.
func (p *Pages) Newcomers(ctx context.Context) (Newcomers, error) {
	p.newcomers.mu.Lock()
	known := p.newcomers.known
	p.newcomers.mu.Unlock()
	if !known.at.IsZero() && p.Now().Sub(known.at) < newcomersAge {
		return known.Newcomers, nil
	}
	found, err := p.findNewcomers(ctx)
	if err == nil {
		p.newcomers.mu.Lock()
		p.newcomers.known = keptNewcomers{found, p.Now()}
		p.newcomers.mu.Unlock()
	}
	return found, err
}

func (p *Pages) findNewcomers(ctx context.Context) (Newcomers, error) {
	w, err := p.latestDays(ctx)
	if err != nil {
		return Newcomers{}, err
	}
	n := Newcomers{Range: w.document(), Items: []Newcomer{}, Query: newcomersQuery(w)}
	err = p.KQL(ctx, n.Query, func(row []any) {
		addr, err := netip.ParseAddr(text(row[0]))
		if err != nil || entity.IsGroup(addr) || len(p.Networks.LookupAll(addr, w.to)) > 0 {
			return
		}
		if n.Total++; n.Total > newcomerItems {
			return
		}
		item := Newcomer{Address: addr.String(), Devices: number(row[1]), First: ticks(row[2]).Time(), Last: ticks(row[3]).Time()}
		place := p.Place(addr)
		item.Country, item.CountryCode, item.ASN, item.Org = place.Country, place.CountryCode, place.ASN, place.Org
		item.Noise = p.Noises(entity.ID{Kind: entity.IP, Value: item.Address})
		n.Items = append(n.Items, item)
	})
	if err != nil {
		return n, fmt.Errorf("look for new addresses: %w", err)
	}
	return n, nil
}

// latestDays are the latest days that have records.
func (p *Pages) latestDays(ctx context.Context) (window, error) {
	kinds, err := p.coverage(ctx)
	if err != nil {
		return window{}, err
	}
	today := schema.TicksOf(p.Now()).Day()
	var last int32
	for i := range kinds {
		if kinds[i].Table != schema.SpoorRaw { // which may have no time but that of ingestion
			last = max(last, kinds[i].Last.Day())
		}
	}
	w := daysWindow(today-newcomerDays+1, today)
	if last > 0 && last < w.fromDay {
		w = daysWindow(last-newcomerDays+1, last)
		w.shifted = true
		w.note = fmt.Sprintf("no record in the %d days to %s; these are the %d days to the latest record", newcomerDays, day(today), newcomerDays)
	}
	return w, nil
}

func newcomersQuery(w window) string {
	return fmt.Sprintf(`%s
| where Kind == "ip" and (Roles has "remote" or Roles has "local")
| summarize Devices = dcount(iff(DeviceName == "", Peer, DeviceName)), First = min(FirstSeen), Last = max(LastSeen), Local = sumif(Records, Roles has "local"), Remote = sumif(Records, Roles has "remote"),
    Contacts = sumif(Records, %s) by Entity
| where First >= datetime(%s) and First < datetime(%s) and Remote >= Local and Contacts > 0
| project Entity, Devices, First, Last
| sort by Devices asc, Last desc, Entity asc`, schema.SpoorSightings, contactIn("Outcome"), w.from, w.to)
}
