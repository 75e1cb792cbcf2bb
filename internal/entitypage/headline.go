package entitypage

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// headline is the answer in one line. Its first words depend on what happened: a
// refused connection is not a contact, and a mention is no sighting.
func headline(doc *Document, v *view, devices []*deviceTally) Headline {
	kind, records := v.kinds().main()
	if records == 0 {
		return notSeen(doc, v)
	}
	var h Headline
	h.devices(doc, v, devices)
	h.add(Term{
		Name: "records", Value: strconv.FormatInt(records, 10), Unit: kind,
		Note:  "records of the source kind that has most of them; other kinds are often the same flows and are not added",
		Query: v.prevalenceQuery(kind),
	}, fmt.Sprintf("%s %s %s", humanize.Comma(records), kind, plural(records, "record")))
	first, last := v.span()
	h.add(Term{Name: "first", Value: first.String(), Note: "event time of the first record in the range, UTC", Query: v.devicesQuery()},
		"first "+first.Time().Format("2006-01-02 15:04:05"))
	h.add(Term{Name: "last", Value: last.String(), Note: "event time of the last record in the range, UTC", Query: v.devicesQuery()},
		"last "+last.Time().Format("2006-01-02 15:04:05"))
	if out, in := v.kinds().bytes(); out+in > 0 {
		h.add(Term{Name: "bytesOut", Value: strconv.FormatInt(out, 10), Unit: "bytes", Note: "sent by the organisation's side", Query: v.devicesQuery()},
			humanize.Bytes(uint64(out))+" out")
		h.add(Term{Name: "bytesIn", Value: strconv.FormatInt(in, 10), Unit: "bytes", Note: "received by the organisation's side", Query: v.devicesQuery()},
			humanize.Bytes(uint64(in))+" in")
	}
	if v.own {
		h.add(Term{Name: "peers", Value: strconv.FormatInt(doc.Peers.Total, 10), Note: "addresses at the other end", Query: v.peersQuery()},
			fmt.Sprintf("%s %s", humanize.Comma(doc.Peers.Total), plural(doc.Peers.Total, "peer")))
	}
	if r := doc.Prevalence.RarerThan; r != nil {
		h.add(Term{
			Name: "rarerThan", Value: strconv.FormatFloat(*r, 'f', 4, 64),
			Note: "share of the external addresses of the period that were seen on strictly more devices",
		}, fmt.Sprintf("rarer than %.0f %% of external addresses in the period", *r*100))
	}
	if doc.Alerts.Total > 0 {
		h.add(Term{Name: "alerts", Value: strconv.FormatInt(doc.Alerts.Total, 10), Query: doc.Alerts.Query},
			fmt.Sprintf("%s %s", humanize.Comma(doc.Alerts.Total), plural(doc.Alerts.Total, "alert")))
	}
	return h
}

// devices opens the line: how many own hosts, and whether they were in contact.
func (h *Headline) devices(doc *Document, v *view, devices []*deviceTally) {
	var named, unnamed, contacted int64
	for _, t := range devices {
		if t.id.ID == "" {
			unnamed++
		} else {
			named++
		}
		if t.contacted {
			contacted++
		}
	}
	var who []string
	if named > 0 {
		s := humanize.Comma(named)
		if total := doc.Prevalence.DevicesTotal; total >= named {
			s += " of " + humanize.Comma(total)
		}
		who = append(who, s+" "+plural(max(named, doc.Prevalence.DevicesTotal), "device"))
	}
	if unnamed > 0 {
		who = append(who, fmt.Sprintf("%s own %s no host log names", humanize.Comma(unnamed), plural(unnamed, "address")))
	}
	subject := strings.Join(who, " and ")
	if subject == "" {
		subject = "no own host"
	}
	h.add(Term{
		Name: "devices", Value: strconv.Itoa(len(devices)), Query: v.devicesQuery(),
		Note: "own hosts in its records: those that report, and those that held the own address at that time",
	}, subject+" "+verb(v, contacted))
	h.Terms = append(h.Terms,
		Term{Name: "devicesTotal", Value: strconv.FormatInt(doc.Prevalence.DevicesTotal, 10), Note: "devices that report anything in the range"},
		Term{Name: "contacted", Value: strconv.FormatInt(contacted, 10), Note: "devices with at least one established or permitted connection"})
}

// verb says what the devices did with the entity.
func verb(v *view, contacted int64) string {
	switch {
	case v.req.ID.Kind == entity.Device || v.own:
		return "in its records"
	case v.req.ID.Kind != entity.IP:
		return "saw it"
	case contacted == 0:
		return "tried or were tried, without a contact"
	default:
		return "talked to it"
	}
}

// add appends a term and the words that say it.
func (h *Headline) add(t Term, words string) {
	t.Words = words
	h.Terms = append(h.Terms, t)
	if h.Text != "" {
		h.Text += " · "
	}
	h.Text += words
}

// span is the first and last event time in the window, without mentions.
func (v *view) span() (first, last schema.Ticks) {
	first = schema.MaxTicks
	for i := range v.rows {
		if r := &v.rows[i]; r.Roles != entity.RoleMentioned {
			first, last = min(first, r.First), max(last, r.Last)
		}
	}
	return first, last
}

// notSeen still answers: what was searched, since when, and what comes nearest.
func notSeen(doc *Document, v *view) Headline {
	var h Headline
	var mentions int64
	for i := range v.rows {
		mentions += v.rows[i].Records
	}
	switch {
	case mentions > 0:
		h.add(Term{Name: "mentioned", Value: strconv.FormatInt(mentions, 10), Note: "records that only mention it in some text; it may be a version number or a part of a name"},
			fmt.Sprintf("No connection: only mentioned, in %s %s", humanize.Comma(mentions), plural(mentions, "record")))
	case len(v.all) > 0:
		h.Text = "Not seen in this period"
	default:
		h.Text = "Not seen"
	}
	if len(doc.Coverage) == 0 {
		h.Text += " · nothing has been taken in yet"
		return h
	}
	first, last := doc.Coverage[0].First, doc.Coverage[0].Last
	for _, c := range doc.Coverage {
		if c.First.Before(first) {
			first = c.First
		}
		if c.Last.After(last) {
			last = c.Last
		}
	}
	h.add(Term{Name: "searched", Value: strconv.Itoa(len(doc.Coverage)), Unit: "source kinds", Note: "see coverage"},
		fmt.Sprintf("searched %d source %s with records from %s to %s", len(doc.Coverage), plural(int64(len(doc.Coverage)), "kind"),
			first.Format("2006-01-02"), last.Format("2006-01-02")))
	return h
}

func plural(n int64, word string) string {
	switch {
	case n == 1:
		return word
	case strings.HasSuffix(word, "s"):
		return word + "es"
	default:
		return word + "s"
	}
}
