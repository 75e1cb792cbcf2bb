package generate

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// tally counts the records that concern one address, as data.md §1 and §4 define them:
// zeek.conn by id.orig_h and id.resp_h, with the address at the other end as the host;
// sysmon.3 and security.5156 by source and destination as printed, 4624 and 4625 by
// their source, with the reporting computer as the host.
type tally struct {
	addr   *endpoint
	remark string
	kinds  [tallyKinds]kindTally
}

type tallyKind uint8

const (
	tallyConn tallyKind = iota
	tallySysmon3
	tally5156
	tally4624
	tally4625
	tallyKinds
)

var tallyNames = [tallyKinds]string{"zeek_conn", "sysmon3", "sec5156", "sec4624", "sec4625"}

type kindTally struct {
	records, source, destination int64
	first, last                  moment
	hosts                        map[quoted]int64
	days                         map[moment]*dayTally
}

type dayTally struct {
	records int64
	hosts   map[quoted]struct{}
}

func (k *kindTally) add(at moment, host quoted) {
	if k.records == 0 {
		k.first, k.last = at, at
		k.hosts, k.days = map[quoted]int64{}, map[moment]*dayTally{}
	}
	k.records++
	k.first, k.last = min(k.first, at), max(k.last, at)
	k.hosts[host]++
	d := k.days[at/day]
	if d == nil {
		d = &dayTally{hosts: map[quoted]struct{}{}}
		k.days[at/day] = d
	}
	d.records++
	d.hosts[host] = struct{}{}
}

// tallyFlow counts a record that names both ends.
func tallyFlow(kind tallyKind, at moment, from, to *endpoint, fromHost, toHost quoted) {
	if t := from.tally; t != nil {
		t.kinds[kind].add(at, fromHost)
		t.kinds[kind].source++
	}
	if t := to.tally; t != nil {
		t.kinds[kind].add(at, toHost)
		t.kinds[kind].destination++
	}
}

// tallyLogon counts a record that names where a logon came from.
func tallyLogon(kind tallyKind, at moment, from *endpoint, host quoted) {
	if from == nil || from.tally == nil {
		return
	}
	from.tally.kinds[kind].add(at, host)
	from.tally.kinds[kind].source++
}

// watch has the truth file speak of an address.
func (w *world) watch(e *endpoint, remark string) {
	if e.tally == nil {
		e.tally = &tally{addr: e, remark: remark}
		w.story.watched = append(w.story.watched, e.tally)
	}
}

// truthKind is how the truth file shows a kind. by_day holds records and distinct hosts.
type truthKind struct {
	AsDestination int64               `json:"as_destination"`
	AsSource      int64               `json:"as_source"`
	ByDay         map[string][2]int64 `json:"by_day"`
	DistinctHosts int                 `json:"distinct_hosts"`
	Events        int64               `json:"events"`
	First         string              `json:"first"`
	Hosts         map[string]int64    `json:"hosts"`
	Last          string              `json:"last"`
}

type truthFile struct {
	Definitions string                    `json:"definitions"`
	IPs         map[string]map[string]any `json:"ips"`
	Start       string                    `json:"start"`
	End         string                    `json:"end"`
	Records     int64                     `json:"records"`
	Totals      map[string]int64          `json:"totals"`
}

func (w *world) writeTruth(out io.Writer) error {
	t := truthFile{
		Definitions: "counted while the logs were made; the clock offset of every file is 0; hosts in lower case",
		IPs:         map[string]map[string]any{}, Totals: map[string]int64{},
		Start: truthTime(w.start), End: truthTime(w.end), Records: w.logs.records,
	}
	for _, watched := range w.story.watched {
		ip := map[string]any{"remark": watched.remark}
		for k := range watched.kinds {
			if kind := &watched.kinds[k]; kind.records > 0 {
				ip[tallyNames[k]] = kind.truth()
			}
		}
		t.IPs[string(watched.addr.text)] = ip
	}
	for _, k := range allKinds {
		if n := w.counts[k.index]; n > 0 {
			t.Totals[k.name] = n
		}
	}
	e := json.NewEncoder(out)
	e.SetIndent("", " ")
	return e.Encode(&t)
}

func (k *kindTally) truth() truthKind {
	t := truthKind{
		AsDestination: k.destination, AsSource: k.source, Events: k.records, DistinctHosts: len(k.hosts),
		First: truthTime(k.first), Last: truthTime(k.last), ByDay: map[string][2]int64{}, Hosts: map[string]int64{},
	}
	for _, d := range slices.Sorted(maps.Keys(k.days)) {
		t.ByDay[time.UnixMicro(d*day).UTC().Format(time.DateOnly)] = [2]int64{k.days[d].records, int64(len(k.days[d].hosts))}
	}
	for h, n := range k.hosts {
		t.Hosts[strings.ToLower(string(h))] += n
	}
	return t
}

func truthTime(at moment) string {
	return time.UnixMicro(at).UTC().Format("2006-01-02T15:04:05.000000Z")
}
