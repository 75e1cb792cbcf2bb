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
	kind, records := v.kinds().main(v.req.ID.Kind)
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

// devices opens the line: how many own hosts were in contact, and how many tried.
func (h *Headline) devices(doc *Document, v *view, devices []*deviceTally) {
	var contact, tried hostCount
	for _, t := range devices {
		if t.contacted {
			contact.add(t)
		} else {
			tried.add(t)
		}
	}
	total := doc.Prevalence.DevicesTotal
	h.add(Term{
		Name: "devices", Value: strconv.Itoa(len(devices)), Query: v.devicesQuery(),
		Note: "own hosts in its records: those that report, and those that held the own address at that time",
	}, v.sentence(contact, tried, total))
	h.Terms = append(h.Terms,
		Term{Name: "contacted", Value: strconv.FormatInt(contact.all(), 10), Note: "own hosts with at least one established or permitted connection"},
		Term{Name: "devicesTotal", Value: strconv.FormatInt(total, 10), Note: "devices that report anything in the range"})
}

// hostCount counts own hosts: devices by name, and addresses that no device claims.
type hostCount struct{ named, unnamed int64 }

func (c *hostCount) add(t *deviceTally) {
	if t.id.ID == "" {
		c.unnamed++
	} else {
		c.named++
	}
}

func (c hostCount) all() int64 { return c.named + c.unnamed }

// words is "3 of 60 devices and 1 own address without a name".
func (c hostCount) words(total int64) string {
	var parts []string
	if c.named > 0 && total >= c.named {
		parts = append(parts, fmt.Sprintf("%s of %s %s", humanize.Comma(c.named), humanize.Comma(total), plural(total, "device")))
	} else if c.named > 0 {
		parts = append(parts, fmt.Sprintf("%s %s", humanize.Comma(c.named), plural(c.named, "device")))
	}
	if c.unnamed > 0 {
		parts = append(parts, fmt.Sprintf("%s own %s without a name", humanize.Comma(c.unnamed), plural(c.unnamed, "address")))
	}
	return strings.Join(parts, " and ")
}

// sentence says what the own hosts did with the entity.
func (v *view) sentence(contact, tried hostCount, total int64) string {
	every := hostCount{contact.named + tried.named, contact.unnamed + tried.unnamed}
	switch {
	case v.req.ID.Kind != entity.IP:
		if every.all() == 0 {
			return "no device names it"
		}
		return "in records of " + every.words(total)
	case every.all() == 0:
		return "no own host in its records"
	case v.own:
		return "an own address: " + every.words(0) + " in its records"
	case contact.all() == 0:
		return "no contact: " + tried.words(total) + " without an established connection"
	case tried.all() == 0:
		return contact.words(total) + " talked to it"
	default:
		return fmt.Sprintf("%s talked to it, %s more tried", contact.words(total), humanize.Comma(tried.all()))
	}
}

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
