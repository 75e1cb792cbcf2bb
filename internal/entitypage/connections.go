package entitypage

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"spoor/internal/communityid"
	"spoor/internal/entity"
	"spoor/internal/schema"
)

// ConnectionList is who talked to whom at which port, a line for each.
type ConnectionList struct {
	Range Range        `json:"range"`
	Total int64        `json:"total"`
	Items []Connection `json:"items"`
	// Truncated says that there are more lines than are added up; the ones with most
	// records are here.
	Truncated bool             `json:"truncated"`
	Outcomes  map[string]int64 `json:"outcomes" doc:"lines by outcome, whatever the filter for it"`
	Protocols map[string]int64 `json:"protocols" doc:"lines by protocol, whatever the filter for it"`
	Query     string           `json:"query"`
}

// Connection is the connections of two addresses to one port, opened from one side.
type Connection struct {
	Site      string `json:"site"`
	Local     string `json:"local"`
	Device    string `json:"device,omitempty" doc:"who reported it, else who held the local address at the last record"`
	Remote    string `json:"remote"`
	Port      int32  `json:"port" doc:"of the side that was opened to; of ICMP 0"`
	Protocol  string `json:"protocol"`
	Direction string `json:"direction" enum:"in,out" doc:"who opened it, seen from the local side"`
	// Records of the kind with most; different kinds see the same connections.
	SourceKind string           `json:"sourceKind"`
	Records    int64            `json:"records"`
	BySource   []Count          `json:"bySource"`
	Outcome    string           `json:"outcome" doc:"the best that the records of any kind show: established, permitted, refused, unanswered, blocked, unknown, icmp; empty: no question"`
	Outcomes   map[string]int64 `json:"outcomes" doc:"records of the kind with most, by outcome"`
	First      time.Time        `json:"first"`
	Last       time.Time        `json:"last"`
	// Of the kind that counts them; null when none does.
	BytesOut *int64   `json:"bytesOut"`
	BytesIn  *int64   `json:"bytesIn"`
	Duration *float64 `json:"duration" doc:"seconds, of all connections together"`

	Services   []string `json:"services" doc:"what sensors recognised"`
	Processes  []string `json:"processes"`
	Names      []string `json:"names" doc:"server names of TLS"`
	JA3        []string `json:"ja3"`
	JA3S       []string `json:"ja3s"`
	JA4        []string `json:"ja4"`
	HASSH      []string `json:"hassh"`
	HASSHS     []string `json:"hasshServer"`
	Community  string   `json:"communityId" doc:"Community ID v1 of the latest connection, computed where the source has none"`
	BeaconRank int64    `json:"beaconRank,omitempty" doc:"rank of the two addresses among the page's pairs"`
	Beacon     *float64 `json:"beaconScore" doc:"beacon score of the two addresses; null: too few records"`
	Query      string   `json:"query" doc:"KQL that lists the records of the line"`
}

// ConnectionFilter keeps some of the lines. Empty fields keep all.
type ConnectionFilter struct {
	List
	Direction string // "in" or "out"
	Outcome   string
	Protocol  string
	Port      *int32
}

// maxConnections is how many lines are added up at most.
const maxConnections = 200_000

// connectionKey is what a line stands for.
type connectionKey struct {
	endpoints
	port     int32
	protocol string
}

// connectionTally adds up the records of one line.
type connectionTally struct {
	connectionKey
	local       string // of the two ends
	stored      string
	device      string
	kinds       map[string]*connectionCounts
	first, last schema.Ticks

	// Set when all records are added up:
	kind    string // that speaks for the line
	records int64  // of that kind
	outcome string
	out, in int64 // bytes; -1: not counted
	beacon  *Beacon
	score   float64 // of the beacon; -1: none

	localAddr, remoteAddr netip.Addr
}

type connectionCounts struct {
	records                  int64
	outcomes                 map[string]int64
	clientBytes, serverBytes int64
	duration                 float64
}

// Connections gives a page of the connections.
func (p *Pages) Connections(ctx context.Context, req Request, filter ConnectionFilter) (ConnectionList, error) {
	v, err := p.resolved(ctx, req)
	if err != nil {
		return ConnectionList{}, err
	}
	all, err := p.connections(ctx, v)
	if err != nil {
		return ConnectionList{}, err
	}
	lines := all.lines
	if filter.Match != "" {
		if lines, err = v.matching(ctx, lines, filter.List); err != nil {
			return ConnectionList{}, err
		}
	}
	out := ConnectionList{
		Range: v.window.document(), Items: []Connection{}, Truncated: all.truncated,
		Outcomes: map[string]int64{}, Protocols: map[string]int64{}, Query: v.connectionsQuery(),
	}
	var kept []*connectionTally
	for _, t := range lines {
		byDirection := filter.Direction == "" || filter.Direction == t.direction()
		byPort := filter.Port == nil || *filter.Port == t.port
		byOutcome := filter.Outcome == "" || filter.Outcome == t.outcome
		byProtocol := filter.Protocol == "" || filter.Protocol == t.protocol
		if !byDirection || !byPort {
			continue
		}
		if byProtocol {
			out.Outcomes[t.outcome]++
		}
		if byOutcome {
			out.Protocols[t.protocol]++
		}
		if byOutcome && byProtocol {
			kept = append(kept, t)
		}
	}
	out.Total = int64(len(kept))
	shown := pageOf(kept, filter.List, connectionOrder(filter.Sort))
	details, err := v.connectionDetails(ctx, shown)
	if err != nil {
		return ConnectionList{}, err
	}
	for _, t := range shown {
		item := t.item(v)
		details[t.connectionKey].fill(&item)
		if b := t.beacon; b != nil {
			item.BeaconRank, item.Beacon = b.Rank, &b.Score
		}
		out.Items = append(out.Items, item)
	}
	return out, nil
}

// connectionLines is every line of a page.
type connectionLines struct {
	lines     []*connectionTally
	truncated bool
}

// connections adds the records up to lines, or gives those that are kept.
func (p *Pages) connections(ctx context.Context, v *view) (connectionLines, error) {
	return keepRecent(p, v.question("connections"), func() (connectionLines, error) {
		scores, err := p.scores(ctx, v)
		if err != nil {
			return connectionLines{}, err
		}
		beacons := scores.byPair()
		tallies := map[connectionKey]*connectionTally{}
		var rows int
		err = v.kql(ctx, v.flows()+fmt.Sprintf(`
| summarize Records = count(), First = min(Timestamp), Last = max(Timestamp), ClientBytes = sum(%s), ServerBytes = sum(%s),
    Duration = sum(todouble(coalesce(AdditionalFields.duration, AdditionalFields.flow.age))), LocalIP = take_any(LocalIP), Device = max(DeviceName)
    by Site, Client, Server, Port, Protocol, Kind, Outcome
| top %d by Records desc`, clientBytes, serverBytes, maxConnections), func(row []any) {
			rows++
			addConnection(tallies, row)
		})
		if err != nil {
			return connectionLines{}, err
		}
		for _, t := range tallies {
			t.local = v.localEnd(t.endpoints, t.stored, t.last)
			if t.device == "" {
				t.device = v.whoHeld(t.site, t.local, t.last)
			}
			t.settle(beacons)
		}
		return connectionLines{slices.Collect(maps.Values(tallies)), rows == maxConnections}, nil
	})
}

// addConnection adds a row of the query of connections.
func addConnection(tallies map[connectionKey]*connectionTally, row []any) {
	key := connectionKey{
		endpoints: endpoints{text(row[0]), text(row[1]), text(row[2])}, port: int32(number(row[3])), protocol: text(row[4]),
	}
	if strings.EqualFold(key.protocol, "icmp") {
		key.port = 0
	}
	t, ok := tallies[key]
	if !ok {
		t = &connectionTally{connectionKey: key, kinds: map[string]*connectionCounts{}, first: schema.MaxTicks}
		tallies[key] = t
	}
	kind, outcome, records := text(row[5]), text(row[6]), number(row[7])
	c, ok := t.kinds[kind]
	if !ok {
		c = &connectionCounts{outcomes: map[string]int64{}}
		t.kinds[kind] = c
	}
	c.records += records
	c.outcomes[outcome] += records
	c.clientBytes += number(row[10])
	c.serverBytes += number(row[11])
	c.duration += float(row[12])
	t.first, t.last = min(t.first, ticks(row[8])), max(t.last, ticks(row[9]))
	// Of a sensor's sessions the side is a worse guess than of its connections.
	if t.stored == "" || slices.Contains(connectionKinds, kind) {
		t.stored = text(row[13])
	}
	if device := text(row[14]); betterName(device, t.device) {
		t.device = device
	}
}

func (t *connectionTally) direction() string {
	if t.local == t.client {
		return "out"
	}
	return "in"
}

func (t *connectionTally) remote() string {
	if t.local == t.client {
		return t.server
	}
	return t.client
}

func (t *connectionTally) pair() BeaconPair { return BeaconPair{t.site, t.local, t.remote()} }

// settle sets what follows from the counts.
func (t *connectionTally) settle(beacons map[BeaconPair]*Beacon) {
	counts := make(kindTallies, 0, len(t.kinds))
	for k, c := range t.kinds {
		counts = append(counts, kindTally{kind: k, records: c.records})
	}
	t.kind, t.records = counts.main(entity.IP)
	t.outcome = t.bestOutcome()
	t.out, t.in = t.bytes()
	t.localAddr, _ = netip.ParseAddr(t.local)
	t.remoteAddr, _ = netip.ParseAddr(t.remote())
	if t.beacon, t.score = beacons[t.pair()], -1; t.beacon != nil {
		t.score = t.beacon.Score
	}
}

// bestOutcomes go from the most that can be said to the least.
var bestOutcomes = []string{"established", "permitted", "refused", "blocked", "unanswered", "unknown", "icmp"}

func (t *connectionTally) bestOutcome() string {
	for _, o := range bestOutcomes {
		for _, c := range t.kinds {
			if c.outcomes[o] > 0 {
				return o
			}
		}
	}
	return ""
}

// sized is what the kind that counts bytes says, the one with most records where there
// are several.
func (t *connectionTally) sized() *connectionCounts {
	var best *connectionCounts
	for _, kind := range sizedKinds {
		if c := t.kinds[kind]; c != nil && (best == nil || c.records > best.records) {
			best = c
		}
	}
	return best
}

func (t *connectionTally) bytes() (out, in int64) {
	c := t.sized()
	switch {
	case c == nil:
		return -1, -1
	case t.local == t.client:
		return c.clientBytes, c.serverBytes
	default:
		return c.serverBytes, c.clientBytes
	}
}

func (t *connectionTally) item(v *view) Connection {
	c := Connection{
		Site: t.site, Local: t.local, Device: t.device, Remote: t.remote(), Port: t.port, Protocol: t.protocol, Direction: t.direction(),
		SourceKind: t.kind, Records: t.records, Outcome: t.outcome, Outcomes: t.kinds[t.kind].outcomes,
		First: t.first.Time(), Last: t.last.Time(), Query: v.connectionQuery(t),
	}
	for kind, n := range t.kinds {
		c.BySource = append(c.BySource, Count{SourceKind: kind, Records: n.records})
	}
	slices.SortFunc(c.BySource, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.SourceKind, b.SourceKind))
	})
	if s := t.sized(); s != nil {
		c.BytesOut, c.BytesIn, c.Duration = &t.out, &t.in, &s.duration
	}
	return c
}

// byPair finds scores by their pair.
func (s pairScores) byPair() map[BeaconPair]*Beacon {
	found := make(map[BeaconPair]*Beacon, len(s.pairs))
	for i := range s.pairs {
		found[s.pairs[i].BeaconPair()] = &s.pairs[i]
	}
	return found
}

// connectionOrder compares lines by a field, numbers and times downwards and texts
// upwards; a leading "-" turns that round. What is equal keeps one order.
func connectionOrder(sort string) func(a, b *connectionTally) int {
	field, reverse := strings.CutPrefix(sort, "-")
	duration := func(t *connectionTally) float64 {
		if c := t.sized(); c != nil {
			return c.duration
		}
		return -1
	}
	return func(a, b *connectionTally) int {
		var order int
		switch field {
		case "last":
			order = cmp.Compare(b.last, a.last)
		case "first":
			order = cmp.Compare(b.first, a.first)
		case "bytesOut":
			order = cmp.Compare(b.out, a.out)
		case "bytesIn":
			order = cmp.Compare(b.in, a.in)
		case "duration":
			order = cmp.Compare(duration(b), duration(a))
		case "local":
			order = a.localAddr.Compare(b.localAddr)
		case "remote":
			order = a.remoteAddr.Compare(b.remoteAddr)
		case "port":
			order = cmp.Compare(a.port, b.port)
		case "beacon":
			order = cmp.Compare(b.score, a.score)
		default:
			order = cmp.Compare(b.records, a.records)
		}
		if reverse {
			order = -order
		}
		return cmp.Or(order, cmp.Compare(b.records, a.records), a.localAddr.Compare(b.localAddr), a.remoteAddr.Compare(b.remoteAddr), cmp.Compare(a.port, b.port),
			cmp.Compare(a.protocol, b.protocol), cmp.Compare(a.client, b.client), cmp.Compare(a.site, b.site))
	}
}

// pageOf sorts the items and gives the page that a list asks for.
func pageOf[T any](items []T, list List, order func(a, b T) int) []T {
	slices.SortFunc(items, order)
	from := min(max(list.Offset, 0), len(items))
	to := len(items)
	if list.Limit > 0 {
		to = min(from+list.Limit, to)
	}
	return items[from:to]
}

// matching keeps the lines in whose ends, devices or records a text stands.
func (v *view) matching(ctx context.Context, lines []*connectionTally, list List) ([]*connectionTally, error) {
	named := map[connectionKey]bool{}
	match := quote(list.Match)
	err := v.kql(ctx, v.flows()+fmt.Sprintf(`
| where Process contains %[1]s or RemoteUrl contains %[1]s or tostring(AdditionalFields) contains %[1]s
| distinct Site, Client, Server, Port, Protocol`, match), func(row []any) {
		named[connectionKey{endpoints{text(row[0]), text(row[1]), text(row[2])}, int32(number(row[3])), text(row[4])}] = true
	})
	var kept []*connectionTally
	for _, t := range lines {
		if named[t.connectionKey] || list.keeps(t.client, t.server, t.device, fmt.Sprint(t.port)) {
			kept = append(kept, t)
		}
	}
	return kept, err
}

// connectionDetail is what the records of a line say beside the counts.
type connectionDetail struct {
	sets      [8][]string
	community string
}

// detailSets are the sets of a connectionDetail, in its order: their KQL, and where they
// go. Each reads the records that have it alone: to read a field costs much.
var detailSets = [8]struct {
	expression string
	of         func(*Connection) *[]string
}{
	{`iff(Kind in ("zeek.conn", "suricata.flow"), tostring(coalesce(AdditionalFields.service, AdditionalFields.app_proto)), "")`, func(c *Connection) *[]string { return &c.Services }},
	{`Process`, func(c *Connection) *[]string { return &c.Processes }},
	{`iff(ActionType == "SslConnectionInspected", RemoteUrl, "")`, func(c *Connection) *[]string { return &c.Names }},
	{`iff(ActionType == "SslConnectionInspected", tostring(AdditionalFields.ja3), "")`, func(c *Connection) *[]string { return &c.JA3 }},
	{`iff(ActionType == "SslConnectionInspected", tostring(AdditionalFields.ja3s), "")`, func(c *Connection) *[]string { return &c.JA3S }},
	{`iff(ActionType == "SslConnectionInspected", tostring(AdditionalFields.ja4), "")`, func(c *Connection) *[]string { return &c.JA4 }},
	{`iff(ActionType == "SshConnectionInspected", tostring(coalesce(AdditionalFields.hassh, AdditionalFields.client_hassh)), "")`, func(c *Connection) *[]string { return &c.HASSH }},
	{`iff(ActionType == "SshConnectionInspected", tostring(coalesce(AdditionalFields.hasshServer, AdditionalFields.server_hassh)), "")`, func(c *Connection) *[]string { return &c.HASSHS }},
}

// detailLimit is how many different values of one kind a line shows.
const detailLimit = 16

// connectionDetails reads what the records of some lines say.
func (v *view) connectionDetails(ctx context.Context, lines []*connectionTally) (map[connectionKey]*connectionDetail, error) {
	details := map[connectionKey]*connectionDetail{}
	if len(lines) == 0 {
		return details, nil
	}
	ends := map[string]int64{}
	for _, t := range lines {
		details[t.connectionKey] = &connectionDetail{}
		ends[t.client]++
		ends[t.server]++
	}
	var sets []string
	for i, s := range detailSets {
		sets = append(sets, fmt.Sprintf("S%d = make_set(%s, %d)", i, s.expression, detailLimit+1)) // one may be empty
	}
	among := literals(sortedByCount(ends))
	err := v.kql(ctx, v.flowsWhere(fmt.Sprintf("LocalIP in (%s) and RemoteIP in (%s)", among, among))+fmt.Sprintf(`
| extend ClientPort = iff(Inbound, RemotePort, LocalPort)
| summarize %s,
    arg_max(Timestamp, ClientPort, ActionPort = Port, Community = tostring(AdditionalFields.community_id), 
        Type = iff(Protocol =~ "icmp", tolong(AdditionalFields.icmp_type), long(null)), Code = iff(Protocol =~ "icmp", tolong(AdditionalFields.icmp_code), long(null)))
    by Site, Client, Server, Port = iff(Protocol =~ "icmp", int(0), Port), Protocol`, strings.Join(sets, ", ")), func(row []any) {
		key := connectionKey{endpoints{text(row[0]), text(row[1]), text(row[2])}, int32(number(row[3])), text(row[4])}
		d, ok := details[key]
		if !ok {
			return
		}
		row = row[5:]
		for i := range d.sets {
			d.sets[i] = textList(row[i])
		}
		row = row[len(d.sets):]
		if d.community = text(row[3]); d.community == "" {
			d.community = key.communityID(uint16(number(row[1])), uint16(number(row[2])), uint16(number(row[4])), uint16(number(row[5])))
		}
	})
	return details, err
}

func (d *connectionDetail) fill(c *Connection) {
	for i, s := range detailSets {
		*s.of(c) = d.sets[i]
	}
	c.Community = d.community
}

// communityID computes the ID of one of the line's connections; "" for a protocol that
// has none.
func (k connectionKey) communityID(clientPort, serverPort, icmpType, icmpCode uint16) string {
	f := communityid.Flow{SourcePort: clientPort, DestinationPort: serverPort}
	f.Source, _ = netip.ParseAddr(k.client)
	f.Destination, _ = netip.ParseAddr(k.server)
	switch strings.ToLower(k.protocol) {
	case "tcp":
		f.Protocol = communityid.TCP
	case "udp":
		f.Protocol = communityid.UDP
	case "sctp":
		f.Protocol = communityid.SCTP
	case "icmp":
		f.Protocol, f.SourcePort, f.DestinationPort = communityid.ICMP, icmpType, icmpCode
		if f.Source.Is6() {
			f.Protocol = communityid.ICMPv6
		}
	default:
		return ""
	}
	return communityid.V1(f)
}

// connectionsQuery is the table as KQL. It does not add different kinds up.
func (v *view) connectionsQuery() string {
	return v.flows() + fmt.Sprintf(`
| summarize Records = count(), First = min(Timestamp), Last = max(Timestamp), ClientBytes = sum(%s), ServerBytes = sum(%s)
    by Site, Client, Server, Port, Protocol, Kind, Outcome
| sort by Records desc`, clientBytes, serverBytes)
}

// connectionQuery lists the records of one line.
func (v *view) connectionQuery(t *connectionTally) string {
	port := fmt.Sprintf(" and Port == %d", t.port)
	if t.port == 0 {
		port = ""
	}
	return v.flows() + fmt.Sprintf("\n| where Site == %s and Client == %s and Server == %s%s and Protocol == %s\n| sort by Timestamp desc",
		quote(t.site), quote(t.client), quote(t.server), port, quote(t.protocol))
}
