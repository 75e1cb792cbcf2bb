package storetest

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"testing"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// stretchesAddUp compares stretches, however they are cut, with the sightings added up
// here.
func stretchesAddUp(t *testing.T, h *harness) {
	batches := h.randomBatches(5)
	h.append(batches...)
	c := count(batches...)
	for range 2 {
		for _, q := range []store.StretchQuery{
			{},
			{Sensors: true},
			{Cuts: []int32{day0 + 2}},
			{Cuts: []int32{day0 - 29, day0 + 1, day0 + 2, day0 + 3}},
			{Cuts: []int32{day0 + 1}, LedgerQuery: store.LedgerQuery{Site: "north", FromDay: day0 + 1, ToDay: day0 + 3}},
			{LedgerQuery: store.LedgerQuery{Roles: entity.RoleRemote}},
			{LedgerQuery: store.LedgerQuery{Roles: entity.RoleRemote | entity.RoleLocal}},
			{Peers: map[string][]int32{"10.0.0.1": nil, "10.0.0.3": nil, "192.0.2.1": nil}},
			{Peers: map[string][]int32{"10.0.0.1": {day0 + 1, day0 + 2}, "10.0.0.3": {day0 + 3}, "192.0.2.1": nil}, Cuts: []int32{day0 + 2}},
			{Peers: map[string][]int32{"10.0.0.2": {day0 - 3, day0, day0 + 40}, "192.0.2.1": {day0 + 1}}, Sensors: true},
			{Peers: map[string][]int32{}},
		} {
			for _, id := range c.entities() {
				q.Kind, q.Entity = id.Kind, id.Value
				h.wantStretches(q, c)
			}
		}
		if err := h.Merge(h.ctx()); err != nil {
			t.Fatal(err)
		}
	}
}

func (h *harness) wantStretches(q store.StretchQuery, c *tally) {
	h.t.Helper()
	found, err := h.Stretches(h.ctx(), q)
	if err != nil {
		h.t.Fatal(err)
	}
	got, want := map[store.SightingKey]store.Stretch{}, map[store.SightingKey]store.Stretch{}
	for _, s := range found {
		first, last := s.Day+int32(bits.TrailingZeros32(s.Days)), s.Day+int32(bits.Len32(s.Days))-1
		if segment(q, s.Peer, first) != segment(q, s.Peer, last) {
			h.t.Errorf("%+v: a stretch goes on from day %d to %d", q, first, last)
		}
		s.Days = s.Days >> (first - s.Day) << (first - day0)
		s.Day = segment(q, s.Peer, first)
		addUp(got, s)
	}
	for key, s := range c.sightings {
		if !selects(q, key) {
			continue
		}
		days := uint32(1) << (key.Day - day0)
		start := schema.DayStart(key.Day)
		key.Source, key.Day = 0, segment(q, key.Peer, key.Day)
		addUp(want, store.Stretch{
			SightingKey: key, Days: days, Records: s.Records, First: s.First, Last: s.Last,
			BytesOut: s.BytesOut, BytesIn: s.BytesIn, LastRaw: s.LastEvent.RawID, LastNamed: s.LastEvent.Process != "",
			Earliest: s.First - start, Latest: s.Last - start,
		})
	}
	h.want(fmt.Sprintf("stretches of %+v", q), stretchLines(got), stretchLines(want)...)
}

func selects(q store.StretchQuery, key store.SightingKey) bool {
	if _, ok := q.Peers[key.Peer]; q.Peers != nil && !ok || q.Sensors && key.Device != "" {
		return false
	}
	return key.Kind == q.Kind && key.Entity == q.Entity && (q.Site == "" || key.Site == q.Site) &&
		key.Day >= q.FromDay && (q.ToDay == 0 || key.Day <= q.ToDay) && key.Roles.Has(q.Roles)
}

// segment says between which cuts a day lies.
func segment(q store.StretchQuery, peer string, day int32) int32 {
	n := int32(0)
	for _, cut := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(q.Cuts, q.Peers[peer])))) {
		if cut <= day {
			n++
		}
	}
	return n
}

func addUp(sums map[store.SightingKey]store.Stretch, s store.Stretch) {
	sum, ok := sums[s.SightingKey]
	if !ok {
		sums[s.SightingKey] = s
		return
	}
	if s.Last > sum.Last || s.Last == sum.Last && s.LastRaw > sum.LastRaw {
		sum.LastRaw, sum.LastNamed = s.LastRaw, s.LastNamed
	}
	sum.Days |= s.Days
	sum.Records += s.Records
	sum.BytesOut += s.BytesOut
	sum.BytesIn += s.BytesIn
	sum.Earliest, sum.Latest = min(sum.Earliest, s.Earliest), max(sum.Latest, s.Latest)
	sum.First, sum.Last = min(sum.First, s.First), max(sum.Last, s.Last)
	sums[s.SightingKey] = sum
}

func stretchLines(sums map[store.SightingKey]store.Stretch) []string {
	var lines []string
	for _, s := range sums {
		lines = append(lines, fmt.Sprintf("%+v", s))
	}
	slices.Sort(lines)
	return lines
}

// longStretches has one record a day for a hundred days.
func longStretches(t *testing.T, h *harness) {
	s := h.source("a.log", "north")
	id := entity.ID{Kind: entity.Domain, Value: "example.org"}
	b := sighted(s, id, day0, 1)
	for day := range int32(99) {
		next := b.Sightings[0]
		next.Day += 1 + day
		b.Sightings = append(b.Sightings, next)
	}
	h.append(b)
	for _, cuts := range [][]int32{nil, {day0}, {day0 + 70, day0 + 71, day0 + 100}, {day0 - 1000}} {
		found, err := h.Stretches(h.ctx(), store.StretchQuery{LedgerQuery: store.LedgerQuery{Kind: id.Kind, Entity: id.Value}, Cuts: cuts})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int32]bool{}
		for _, s := range found {
			if got := int64(bits.OnesCount32(s.Days)); got != s.Records {
				t.Errorf("cut at %v: %d days for %d records", cuts, got, s.Records)
			}
			for i := range int32(32) {
				if s.Days>>i&1 != 0 {
					seen[s.Day+i] = true
				}
			}
		}
		if len(seen) != 100 || len(found) > 7 || !seen[day0] || !seen[day0+99] {
			t.Errorf("cut at %v: %d days in %d stretches", cuts, len(seen), len(found))
		}
	}
}

// dayCounts leaves mere mentions out and adds up the rest.
func dayCounts(t *testing.T, h *harness) {
	north, south := h.source("a.log", "north"), h.source("b.log", "south")
	id := entity.ID{Kind: entity.IP, Value: "192.0.2.9"}
	mention := sighted(north, id, day0, 7)
	mention.Sightings[0].Roles = entity.RoleMentioned
	translated := sighted(north, id, day0, 8)
	translated.Sightings[0].Roles, translated.Sightings[0].Outcome = entity.RoleNAT|entity.RoleLocal, schema.OutcomeRefused
	h.append(mention, translated, sighted(north, id, day0, 1), sighted(north, id, day0+1, 2), sighted(south, id, day0, 4))
	for _, c := range []struct {
		q    store.LedgerQuery
		want string
	}{
		{store.LedgerQuery{}, fmt.Sprintf("[{zeek.conn %d  5} {zeek.conn %d refused 8} {zeek.conn %d  2}]", day0, day0, day0+1)},
		{store.LedgerQuery{Site: "north"}, fmt.Sprintf("[{zeek.conn %d  1} {zeek.conn %d refused 8} {zeek.conn %d  2}]", day0, day0, day0+1)},
		{store.LedgerQuery{FromDay: day0 + 1, ToDay: day0 + 9}, fmt.Sprintf("[{zeek.conn %d  2}]", day0+1)},
		{store.LedgerQuery{FromDay: day0 + 2}, "[]"},
		{store.LedgerQuery{Roles: entity.RoleNAT}, fmt.Sprintf("[{zeek.conn %d refused 8}]", day0)},
		{store.LedgerQuery{Roles: entity.RoleNAT | entity.RoleRemote}, "[]"},
	} {
		c.q.Kind, c.q.Entity = id.Kind, id.Value
		_, got, err := h.Activity(h.ctx(), store.StretchQuery{LedgerQuery: c.q}, c.q)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(got, func(a, b store.DayCount) int {
			return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Outcome, b.Outcome))
		})
		if fmt.Sprint(got) != c.want {
			t.Errorf("%+v: got %v, want %s", c.q, got, c.want)
		}
	}
}

// activityOfOneState reads beside commits: the rows and the days that it gives are of the
// same records.
func activityOfOneState(t *testing.T, h *harness) {
	const commits = 150
	s := h.source("a.log", "north")
	id := entity.ID{Kind: entity.IP, Value: "192.0.2.9"}
	appended := make(chan error, 1)
	go func() {
		for range commits {
			if err := h.Append(h.ctx(), sighted(s, id, day0, 1)); err != nil {
				appended <- err
				return
			}
		}
		appended <- nil
	}()
	q := store.LedgerQuery{Kind: id.Kind, Entity: id.Value}
	for last := false; ; {
		rows, days, err := h.Activity(h.ctx(), store.StretchQuery{LedgerQuery: q}, q)
		if err != nil {
			t.Fatal(err)
		}
		var inRows, inDays int64
		for i := range rows {
			inRows += rows[i].Records
		}
		for i := range days {
			inDays += days[i].Records
		}
		if inRows != inDays {
			t.Errorf("%d records in the rows, %d on the days", inRows, inDays)
		}
		if last {
			if inRows != commits {
				t.Errorf("%d records after %d commits of one", inRows, commits)
			}
			return
		}
		select {
		case err := <-appended:
			if last = true; err != nil {
				t.Fatal(err)
			}
		default:
		}
	}
}

// tallies adds up by day, roles, outcome and device, whoever was at the other end and in
// whichever source; of all devices and days together, where that is asked for.
func tallies(t *testing.T, h *harness) {
	a, c := h.source("a.log", "north"), h.source("c.log", "south")
	id := entity.ID{Kind: entity.IP, Value: "192.0.2.9"}
	one := sighted(a, id, day0, 3)
	one.Sightings[0].Peer = "198.51.100.1"
	h.append(one)
	two := sighted(a, id, day0, 4)
	two.Sightings[0].Peer = "198.51.100.2"
	two.Sightings[0].First -= 7
	h.append(two)
	h.append(sighted(a, id, day0+1, 5))
	h.append(sighted(c, id, day0, 6))
	h.append(sighted(c, entity.ID{Kind: entity.IP, Value: "192.0.2.8"}, day0, 7))
	for _, device := range []string{"ws1,a", "ws2"} {
		reported := sighted(a, id, day0, 10)
		reported.Sightings[0].Device, reported.Sightings[0].DeviceID = device, device
		h.append(reported)
	}
	for _, q := range []struct {
		store.TallyQuery
		want string
	}{
		{store.TallyQuery{}, "[north  0 7, north  1 5, north ws1,a 0 10, north ws2 0 10, south  0 6]"},
		{store.TallyQuery{LedgerQuery: store.LedgerQuery{Site: "south"}}, "[south  0 6]"},
		{store.TallyQuery{LedgerQuery: store.LedgerQuery{FromDay: day0 + 1}}, "[north  1 5]"},
		{store.TallyQuery{LedgerQuery: store.LedgerQuery{ToDay: day0}}, "[north  0 7, north ws1,a 0 10, north ws2 0 10, south  0 6]"},
		{store.TallyQuery{Devices: []string{""}}, "[north  0 7, north  1 5, south  0 6]"},
		{store.TallyQuery{Devices: []string{"ws2", "ws1,a", "' OR true OR '"}}, "[north ws1,a 0 10, north ws2 0 10]"},
		{store.TallyQuery{Devices: []string{}}, "[]"},
		{store.TallyQuery{AnyDevice: true}, "[north  0 27, north  1 5, south  0 6]"},
		{store.TallyQuery{AnyDevice: true, Devices: []string{"ws1,a", "ws2"}}, "[north  0 20]"},
		{store.TallyQuery{AnyDay: true}, fmt.Sprintf("[north  %[1]d 12, north ws1,a %[1]d 10, north ws2 %[1]d 10, south  %[1]d 6]", -day0)},
		{store.TallyQuery{AnyDevice: true, AnyDay: true}, fmt.Sprintf("[north  %[1]d 32, south  %[1]d 6]", -day0)},
	} {
		q.Kind, q.Entity = id.Kind, id.Value
		got, err := h.Tallies(h.ctx(), q.TallyQuery)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSortedFunc(got, func(a, b store.Tally) int { return int(a.Day - b.Day) }) {
			t.Errorf("%+v: the days are not in order", q)
		}
		texts := []string{}
		for _, c := range got {
			texts = append(texts, fmt.Sprintf("%s %s %d %d", c.Site, c.Device, c.Day-day0, c.Records))
			if c.Site == "north" && c.Device == "" && c.Day == day0 && q.Devices == nil && c.Last-c.First < 7 {
				t.Errorf("%+v: the first record is missed", c)
			}
		}
		slices.Sort(texts)
		if text := "[" + strings.Join(texts, ", ") + "]"; text != q.want {
			t.Errorf("%+v: got %s, want %s", q.TallyQuery, text, q.want)
		}
	}
}

// lastEvents looks up what the ledger says of latest records, and of no others.
func lastEvents(t *testing.T, h *harness) {
	s := h.source("a.log", "north")
	id := entity.ID{Kind: entity.IP, Value: "192.0.2.9"}
	for i := range int32(4) {
		b := sighted(s, id, day0+i/2, 1) // two records a day
		b.Sightings[0].Last += schema.Ticks(i)
		b.Sightings[0].LastEvent.Process = fmt.Sprint("process ", i)
		h.append(b)
	}
	if err := h.Merge(h.ctx()); err != nil {
		t.Fatal(err)
	}
	raw := func(i int64) schema.RawID { return schema.NewRawID(s.ID, i) }
	got, err := h.LastEvents(h.ctx(), store.LedgerQuery{Kind: id.Kind, Entity: id.Value}, []schema.RawID{raw(0), raw(1), raw(3)})
	if err != nil || len(got) != 2 || got[raw(1)].Process != "process 1" || got[raw(3)].Process != "process 3" {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := h.LastEvents(h.ctx(), store.LedgerQuery{Kind: id.Kind, Entity: id.Value}, nil); err != nil || len(got) != 0 {
		t.Errorf("of no records: %v, %v", got, err)
	}
}

// holdersOnly folds the claims of a day where one device alone claims an address.
func holdersOnly(t *testing.T, h *harness) {
	s := h.source("a.log", "north")
	b := single(s, nil)
	claim := func(address, device, evidence string, hour schema.Ticks) {
		at := schema.Ticks(day0)*schema.TicksPerDay + hour*schema.TicksPerHour
		b.Claims = append(b.Claims, store.Claim{
			Site: "north", Address: address, Device: device, DeviceID: device, Evidence: evidence, Source: s.ID,
			First: at, Last: at + 1, Records: 1, LastRaw: schema.NewRawID(s.ID, b.From),
		})
	}
	for _, hour := range []schema.Ticks{0, 5, 23, 24, 47} {
		claim("10.0.0.1", "alone", "sysmon.3", hour)
		claim("10.0.0.2", "one", "sysmon.3", hour)
	}
	claim("10.0.0.1", "alone", "security.5156", 6)
	claim("10.0.0.2", "other", "sysmon.3", 40)
	h.append(b)
	want := func(addresses []string, want ...string) {
		t.Helper()
		q := store.ClaimQuery{Addresses: addresses, To: schema.MaxTicks, HoldersOnly: true}
		found, err := h.Claims(h.ctx(), q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range found {
			hours := func(at schema.Ticks) schema.Ticks { return at/schema.TicksPerHour - day0*24 }
			got = append(got, fmt.Sprintf("%s %s %d-%d", c.Address, c.Device, hours(c.First), hours(c.Last)))
		}
		h.want("holders", sorted(got), want...)
	}
	alone := []string{"10.0.0.1 alone 0-23", "10.0.0.1 alone 24-47"}
	both := append(slices.Clone(alone), "10.0.0.2 one 0-0", "10.0.0.2 one 23-23", "10.0.0.2 one 24-24", "10.0.0.2 one 47-47", "10.0.0.2 one 5-5", "10.0.0.2 other 40-40")
	want([]string{"10.0.0.1"}, alone...)
	want([]string{"10.0.0.2", "10.0.0.1"}, both...)
	many := []string{"10.0.0.2", "10.0.0.1"}
	for i := range 100 {
		many = append(many, fmt.Sprintf("10.0.1.%d", i))
	}
	want(many, both...)
}
