package entitypage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// OwnUse is what an analyst asks of an address of the organisation: who logged on from
// it, what of it the outside reaches, and with whom it deals since when.
type OwnUse struct {
	Logons        []Logon    `json:"logons" doc:"from this address to other hosts, most first; 50 at most"`
	LogonsQuery   string     `json:"logonsQuery"`
	Exposure      []Exposure `json:"exposure" doc:"ports on which others reached it, most peers first; 50 at most"`
	ExposureQuery string     `json:"exposureQuery"`
	Peers         int64      `json:"peers" doc:"addresses at the other end in the range"`
	NewPeers      int64      `json:"newPeers" doc:"of these, those never seen with it before the range"`
	New           []PeerItem `json:"new" doc:"of the new ones those with most records; 50 at most"`
	PeersQuery    string     `json:"peersQuery"`
}

// Logon is the logons of an account from the address to one device.
type Logon struct {
	DeviceName string    `json:"deviceName"`
	Account    string    `json:"account"`
	ActionType string    `json:"actionType"`
	LogonType  string    `json:"logonType,omitempty"`
	Records    int64     `json:"records"`
	First      time.Time `json:"first"`
	Last       time.Time `json:"last"`
	CompareAs  string    `json:"compareAs" doc:"what a comparison calls it"`
}

// Exposure is one port of the address on which others reached it.
type Exposure struct {
	Port       int64     `json:"port"`
	Protocol   string    `json:"protocol,omitempty"`
	Process    string    `json:"process,omitempty" doc:"what took the connections, where a host says so"`
	Peers      int64     `json:"peers" doc:"addresses that got through"`
	Records    int64     `json:"records"`
	SourceKind string    `json:"sourceKind"`
	First      time.Time `json:"first"`
	Last       time.Time `json:"last"`
	CompareAs  string    `json:"compareAs" doc:"what a comparison calls it"`
}

// OwnUse answers for an address of the organisation. A new peer is one without a record
// with the address before the range, in all that was ever taken in.
func (p *Pages) OwnUse(ctx context.Context, req Request) (*OwnUse, error) {
	v, err := p.resolved(ctx, req)
	if err != nil {
		return nil, err
	}
	return keepSection(p, v, "own", func() (*OwnUse, error) { return v.ownUse(ctx) })
}

func (v *view) ownUse(ctx context.Context) (*OwnUse, error) {
	use := &OwnUse{LogonsQuery: v.logonsQuery(), ExposureQuery: v.exposureQuery(), PeersQuery: v.newPeersQuery()}
	err := together(
		func() (err error) { use.Logons, err = v.logons(ctx); return err },
		func() (err error) { use.Exposure, err = v.exposure(ctx); return err },
	)
	use.Logons, use.Exposure = firstOf(use.Logons, PageSize), firstOf(use.Exposure, PageSize)
	use.findNew(v)
	return use, err
}

// logons lists the logons from the address, most records first.
func (v *view) logons(ctx context.Context) ([]Logon, error) {
	logons := []Logon{}
	err := v.kql(ctx, v.logonsQuery(), func(row []any) {
		l := Logon{
			DeviceName: text(row[0]), Account: account(text(row[1]), text(row[2])), ActionType: text(row[3]), LogonType: text(row[4]),
			Records: number(row[5]), First: ticks(row[6]).Time(), Last: ticks(row[7]).Time(),
		}
		l.CompareAs = nameOf(l.DeviceName, l.Account, l.ActionType, l.LogonType)
		logons = append(logons, l)
	})
	return logons, err
}

func (v *view) logonsQuery() string {
	return "DeviceLogonEvents\n| where " + v.bounds() + v.siteOf() + v.inRole(entity.RoleSource) + fmt.Sprintf(`
| where RemoteIP == %s
| summarize Records = count(), First = min(Timestamp), Last = max(Timestamp) by DeviceName, AccountDomain, AccountName, ActionType, LogonType
| sort by Records desc, DeviceName asc, AccountName asc`, quote(v.req.ID.Value))
}

// exposure lists the ports on which others reached the address, most peers first. It takes
// for each port the source kind with most records.
func (v *view) exposure(ctx context.Context) ([]Exposure, error) {
	ports := []Exposure{}
	best := map[int64]int{} // port → where it stands
	err := v.kql(ctx, v.exposureQuery(), func(row []any) {
		e := Exposure{
			Port: number(row[0]), SourceKind: text(row[1]), Protocol: text(row[2]), Process: text(row[3]), Peers: number(row[4]),
			Records: number(row[5]), First: ticks(row[6]).Time(), Last: ticks(row[7]).Time(),
		}
		e.CompareAs = portName(e.Port, e.Protocol)
		at, known := best[e.Port]
		if !known {
			best[e.Port] = len(ports)
			ports = append(ports, e)
			return
		}
		process := cmp.Or(e.Process, ports[at].Process)
		if moreTelling(entity.IP, e.SourceKind, e.Records, ports[at].SourceKind, ports[at].Records) {
			ports[at] = e
		}
		ports[at].Process = process
	})
	slices.SortFunc(ports, func(a, b Exposure) int {
		return cmp.Or(cmp.Compare(b.Peers, a.Peers), cmp.Compare(b.Records, a.Records), cmp.Compare(a.Port, b.Port))
	})
	return ports, err
}

// exposureQuery counts the contacts that others opened to the address. Sensors say so by
// the direction, hosts by the action.
func (v *view) exposureQuery() string {
	return "DeviceNetworkEvents\n| where " + v.bounds() + v.siteOf() + v.inRole(entity.RoleLocal, entity.RoleDestination) + fmt.Sprintf(`
| where LocalIP == %s and %s
| where ActionType == "InboundConnectionAccepted"
| summarize Peers = dcount(RemoteIP), Records = count(), First = min(Timestamp), Last = max(Timestamp), Process = max(InitiatingProcessFileName)
    by LocalPort, SourceKind = _SourceKind, Protocol
| project LocalPort, SourceKind, Protocol, Process, Peers, Records, First, Last
| sort by Peers desc`, quote(v.req.ID.Value), contactIn(schema.ColOutcome))
}

// findNew tells by the ledger, which is never trimmed, which peers are new.
func (u *OwnUse) findNew(v *view) {
	first := map[string]schema.Ticks{}
	for i := range v.all {
		if r := &v.all[i]; r.Peer != "" && talked(r.Roles) {
			if at, ok := first[r.Peer]; !ok || r.First < at {
				first[r.Peer] = r.First
			}
		}
	}
	all := v.peerList(List{})
	u.Peers, u.New = all.Total, []PeerItem{}
	for _, item := range all.Items {
		if first[item.Address] < v.window.from {
			continue
		}
		u.NewPeers++
		if len(u.New) < PageSize {
			u.New = append(u.New, item)
		}
	}
}

func (v *view) newPeersQuery() string {
	return v.sightings(false) + noMentions + fmt.Sprintf(`
| where Peer != "" and Peer != Entity
| summarize Records = sumif(Records, Day between (datetime(%[1]s) .. datetime(%[2]s))), FirstEver = min(FirstSeen), Last = max(LastSeen) by Peer
| where FirstEver >= datetime(%[3]s) and FirstEver < datetime(%[4]s)
| sort by Records desc`, day(v.window.fromDay), day(v.window.toDay), v.window.from, v.window.to)
}
