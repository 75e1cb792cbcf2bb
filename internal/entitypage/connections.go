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
	CompareAs  string   `json:"compareAs" doc:"what a comparison calls it"`
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
	stored      storedSide
	devices     [2]string // that reported it from the client's and from the server's side
	device      string
	kinds       map[string]*connectionCounts
	first, last schema.Ticks
	services    []string
	latest      latestConnection

	// Set when all records are added up:
	kind    string // that speaks for the line
	records int64  // of that kind
	outcome string
	out, in int64 // bytes; -1: not counted
	beacon  *Beacon
	score   float64 // of the beacon; -1: none

	localAddr, remoteAddr netip.Addr
}

// storedSide is which end of a line the organisation's is, as its records have it. Kinds may
// differ, and of connections between two own hosts each host calls its own side local. The
// first of connectionKinds that saw it says, however many its records are, so that the side
// is the same in all periods and in whatever order rows are read; sessions guess worse. Of
// the two sides in records of one kind the one that opened it stands (data.md, 4).
type storedSide struct {
	known  bool
	rank   int // of the kind
	server bool
}

func (s *storedSide) add(kind string, server bool) {
	rank := slices.Index(connectionKinds, kind)
	if rank < 0 {
		rank = len(connectionKinds)
	}
	switch {
	case !s.known || rank < s.rank:
		*s = storedSide{true, rank, server}
	case rank == s.rank:
		s.server = s.server && server
	}
}

// latestConnection is what its latest record says of a line, for its Community ID.
type latestConnection struct {
	clientPort         uint16
	community          string // as the source has it; "" where it has none
	icmpType, icmpCode uint16
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
	details, err := p.connectionDetails(ctx, v, shown)
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
| extend ICMP = Protocol =~ "icmp", ByHost = %[1]s
| summarize Records = count(), First = min(Timestamp), ClientBytes = sum(%[2]s), ServerBytes = sum(%[3]s), Duration = sum(%[4]s),
    Device = max(DeviceName),
    arg_max(Timestamp, ClientPort = iff(Inbound, RemotePort, LocalPort), Community = iff(ByHost, "", tostring(AdditionalFields.community_id)),
        Type = iff(ICMP, tolong(AdditionalFields.icmp_type), long(null)), Code = iff(ICMP, tolong(AdditionalFields.icmp_code), long(null)))
    by Site, Client, Server, Port, Protocol, Kind, Outcome, Service = %[5]s, Inbound
| top %[6]d by Records desc`, fromHost("Kind"), clientBytes, serverBytes, sizedField("todouble", "real(null)", "duration", "flow.age"),
			serviceSeen, maxConnections), func(row []any) {
			rows++
			addConnection(tallies, row)
		})
		if err != nil {
			return connectionLines{}, err
		}
		for _, t := range tallies {
			t.local = v.localEnd(t.endpoints, t.side(t.stored.server), t.last)
			if t.device = t.devices[0]; t.local != t.client {
				t.device = t.devices[1]
			}
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
	kind, outcome, records := text(row[5]), text(row[6]), number(row[9])
	c, ok := t.kinds[kind]
	if !ok {
		c = &connectionCounts{outcomes: map[string]int64{}}
		t.kinds[kind] = c
	}
	t.services = withValue(t.services, text(row[7]))
	inbound, _ := row[8].(bool) // to the side that the records call local
	t.stored.add(kind, inbound)
	device := &t.devices[0]
	if inbound {
		device = &t.devices[1]
	}
	row = row[9:]
	c.records += records
	c.outcomes[outcome] += records
	t.first = min(t.first, ticks(row[1]))
	c.clientBytes += number(row[2])
	c.serverBytes += number(row[3])
	c.duration += float(row[4])
	if name := text(row[5]); betterName(name, *device) {
		*device = name
	}
	if at := ticks(row[6]); at > t.last || at == t.last && t.latest.community == "" {
		t.last = at
		t.latest = latestConnection{uint16(number(row[7])), text(row[8]), uint16(number(row[9])), uint16(number(row[10]))}
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

// settle sets what follows from the counts.
func (t *connectionTally) settle(beacons map[endpoints]*Beacon) {
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
		First: t.first.Time(), Last: t.last.Time(), Services: append([]string{}, t.services...), Community: t.communityID(), Query: v.connectionQuery(t),
		CompareAs: v.lineName(t),
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

// byPair finds scores by their two ends, whichever of them opened a line.
func (s pairScores) byPair() map[endpoints]*Beacon {
	found := make(map[endpoints]*Beacon, len(s.pairs))
	for i := range s.pairs {
		b := &s.pairs[i]
		found[endpoints{b.Site, b.Local, b.Remote}.pair()] = b
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
		if named[t.connectionKey] || list.keeps(t.client, t.server, t.device, t.devices[0], t.devices[1], fmt.Sprint(t.port)) {
			kept = append(kept, t)
		}
	}
	return kept, err
}

// detailLimit is how many different values of one kind a line shows.
const detailLimit = 16

// connectionSet is the values that the records of a line have: their KQL, where they go, and
// what adds one.
type connectionSet struct {
	expression string
	of         func(*Connection) *[]string
	with       func(set []string, value string) []string
}

// connectionSets are those that are read for the lines of a page alone. Each reads the
// records that have it: to read a field costs much. The records of hosts have the first.
var connectionSets = [7]connectionSet{
	{`Process`, func(c *Connection) *[]string { return &c.Processes }, withProcess},
	{`iff(ActionType == "SslConnectionInspected", RemoteUrl, "")`, func(c *Connection) *[]string { return &c.Names }, withValue},
	{`iff(ActionType == "SslConnectionInspected", tostring(AdditionalFields.ja3), "")`, func(c *Connection) *[]string { return &c.JA3 }, withValue},
	{`iff(ActionType == "SslConnectionInspected", tostring(AdditionalFields.ja3s), "")`, func(c *Connection) *[]string { return &c.JA3S }, withValue},
	{`iff(ActionType == "SslConnectionInspected", tostring(AdditionalFields.ja4), "")`, func(c *Connection) *[]string { return &c.JA4 }, withValue},
	{`iff(ActionType == "SshConnectionInspected", tostring(coalesce(AdditionalFields.hassh, AdditionalFields.client_hassh)), "")`, func(c *Connection) *[]string { return &c.HASSH }, withValue},
	{`iff(ActionType == "SshConnectionInspected", tostring(coalesce(AdditionalFields.hasshServer, AdditionalFields.server_hassh)), "")`, func(c *Connection) *[]string { return &c.HASSHS }, withValue},
}

// connectionDetail is the connectionSets of a line.
type connectionDetail [len(connectionSets)][]string

// pageDetails is the details of some lines of a page's connections.
type pageDetails struct {
	connections any // the question
	lines       string
}

// connectionDetails reads the sets of some lines, or gives those that are kept.
func (p *Pages) connectionDetails(ctx context.Context, v *view, lines []*connectionTally) (map[connectionKey]*connectionDetail, error) {
	var keys strings.Builder
	for _, t := range lines {
		fmt.Fprintln(&keys, t.connectionKey)
	}
	return keepRecent(p, pageDetails{v.question("connections"), keys.String()}, func() (map[connectionKey]*connectionDetail, error) {
		details := map[connectionKey]*connectionDetail{}
		ends, kinds, hosts := map[string]int64{}, map[string]int64{}, false
		for _, t := range lines {
			details[t.connectionKey] = &connectionDetail{}
			ends[t.client]++
			ends[t.server]++
			for kind := range t.kinds {
				switch {
				case isFromHost(kind):
					hosts = true
				case mayInspect(kind, "SslConnectionInspected", "SshConnectionInspected"):
					kinds[kind]++
				}
			}
		}
		among := literals(sortedByCount(ends))
		between := fmt.Sprintf("LocalIP in (%s) and RemoteIP in (%s)", among, among)
		if hosts {
			if err := v.readSets(ctx, details, v.hostFlows(between), connectionSets[:1]); err != nil {
				return nil, err
			}
		}
		if len(kinds) > 0 {
			of := fmt.Sprintf("%s in (%s) and ", schema.ColSourceKind, literals(sortedByCount(kinds)))
			if err := v.readSets(ctx, details, v.flowsWhere(of+between), connectionSets[:]); err != nil {
				return nil, err
			}
		}
		return details, nil
	})
}

// readSets adds sets that the records of a query have to the lines that they are of.
func (v *view) readSets(ctx context.Context, details map[connectionKey]*connectionDetail, flows string, sets []connectionSet) error {
	expressions := make([]string, len(sets))
	for i, s := range sets {
		expressions[i] = fmt.Sprintf("S%d = make_set(%s, %d)", i, s.expression, 2*detailLimit+1) // one may be empty, and a process stand twice
	}
	return v.kql(ctx, flows+fmt.Sprintf(`
| summarize %s by Site, Client, Server, Port = iff(Protocol =~ "icmp", int(0), Port), Protocol`, strings.Join(expressions, ", ")), func(row []any) {
		d, ok := details[connectionKey{endpoints{text(row[0]), text(row[1]), text(row[2])}, int32(number(row[3])), text(row[4])}]
		if !ok {
			return
		}
		for i, s := range sets {
			for _, value := range textList(row[5+i]) {
				d[i] = s.with(d[i], value)
			}
		}
	})
}

// withValue adds a value to a set, up to detailLimit of them.
func withValue(set []string, value string) []string {
	if value == "" || len(set) == detailLimit || slices.Contains(set, value) {
		return set
	}
	return append(set, value)
}

// withProcess adds a process, once in whatever case sources print it: as the one does that
// does not print all in lower case.
func withProcess(set []string, name string) []string {
	at := slices.IndexFunc(set, func(s string) bool { return strings.EqualFold(s, name) })
	if at < 0 {
		return withValue(set, name)
	}
	if set[at] == strings.ToLower(set[at]) {
		set[at] = name
	}
	return set
}

func (d *connectionDetail) fill(c *Connection) {
	for i, s := range connectionSets {
		*s.of(c) = append([]string{}, d[i]...)
	}
}

// communityID is the ID of the line's latest connection, computed where its source has
// none; "" for a protocol that has none.
func (t *connectionTally) communityID() string {
	if t.latest.community != "" {
		return t.latest.community
	}
	f := communityid.Flow{SourcePort: t.latest.clientPort, DestinationPort: uint16(t.port)}
	f.Source, _ = netip.ParseAddr(t.client)
	f.Destination, _ = netip.ParseAddr(t.server)
	switch strings.ToLower(t.protocol) {
	case "tcp":
		f.Protocol = communityid.TCP
	case "udp":
		f.Protocol = communityid.UDP
	case "sctp":
		f.Protocol = communityid.SCTP
	case "icmp":
		f.Protocol, f.SourcePort, f.DestinationPort = communityid.ICMP, t.latest.icmpType, t.latest.icmpCode
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
