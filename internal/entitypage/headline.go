package entitypage

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// headline is the answer in one line. It leads with what happened and who opened it: a
// refused connection is not a contact, and a mention is no sighting.
func headline(doc *Document, v *view, devices []*deviceTally) Headline {
	totals := v.addedUp()
	kind, records := totals.kinds.main(v.countedAs())
	if records == 0 {
		return notSeen(doc, v)
	}
	var h Headline
	switch {
	case v.among != nil:
		h.addresses(doc, v)
		h.devices(doc, v, devices)
	case v.own:
		h.ownAddress(doc, v)
	default:
		h.devices(doc, v, devices)
	}
	h.times(v, devices)
	h.say("; ", Term{
		Name: "records", Value: strconv.FormatInt(records, 10), Unit: kind,
		Note:  "records of the source kind that has most of them; other kinds are often the same flows and are not added",
		Query: v.prevalenceQuery(kind),
	}, fmt.Sprintf("%s %s %s", humanize.Comma(records), kind, english.PluralWord(int(records), "record", "")))
	if failed := totals.failures(kind); failed != "" {
		h.say(" ", Term{Name: "failed", Value: failed, Unit: kind, Note: "of these the records that made no contact", Query: v.outcomesQuery()}, "("+failed+")")
	}
	if out, in := totals.kinds.bytes(); out+in > 0 {
		h.say(", ", Term{Name: "bytesOut", Value: strconv.FormatInt(out, 10), Unit: "bytes", Note: "sent by the organisation's side", Query: v.devicesQuery()},
			humanize.Bytes(uint64(out))+" out")
		h.say(", ", Term{Name: "bytesIn", Value: strconv.FormatInt(in, 10), Unit: "bytes", Note: "received by the organisation's side", Query: v.devicesQuery()},
			humanize.Bytes(uint64(in))+" in")
	}
	if r := doc.Prevalence.RarerThan; r != nil {
		h.say("; ", Term{
			Name: "rarerThan", Value: strconv.FormatFloat(*r, 'f', 4, 64),
			Note: "share of the external addresses of the period that were seen on strictly more devices",
		}, rarerWords(*r))
	}
	if v.ofAddresses() {
		h.blocked(v)
	}
	if doc.Alerts.Total > 0 {
		h.say("; ", Term{Name: "alerts", Value: strconv.FormatInt(doc.Alerts.Total, 10), Query: doc.Alerts.Query, Note: "alerts of ingested sources that name it"},
			fmt.Sprintf("%s %s", humanize.Comma(doc.Alerts.Total), english.PluralWord(int(doc.Alerts.Total), "alert", "")))
	}
	return h
}

// ownAddress opens the line about an address of the organisation: whose it was, what it
// reached, what reached it.
func (h *Headline) ownAddress(doc *Document, v *view) {
	h.say("", Term{Name: "own", Value: "true", Note: "an address of the organisation: " + v.ownWhy}, "an own address "+heldBy(doc.Holders))
	reached, reachedBy, tried, triedBy := v.reach()
	h.say(": ", Term{Name: "reached", Value: strconv.FormatInt(reached, 10), Query: v.peersQuery(), Note: "addresses with at least one established or permitted connection that it opened"},
		"it reached "+addresses(reached))
	if tried > 0 {
		h.say(" ", Term{Name: "tried", Value: strconv.FormatInt(tried, 10), Query: v.peersQuery(), Note: "addresses it tried and never got through to"}, fmt.Sprintf("(%s more tried)", humanize.Comma(tried)))
	}
	h.say(", ", Term{Name: "reachedBy", Value: strconv.FormatInt(reachedBy, 10), Query: v.peersQuery(), Note: "addresses with at least one established or permitted connection to it that they opened"},
		addresses(reachedBy)+" reached it")
	if triedBy > 0 {
		h.say(" ", Term{Name: "triedBy", Value: strconv.FormatInt(triedBy, 10), Query: v.peersQuery(), Note: "addresses that tried and never got through to it"}, fmt.Sprintf("(%s more tried)", humanize.Comma(triedBy)))
	}
	h.Terms = append(h.Terms, Term{Name: "peers", Value: strconv.FormatInt(doc.Peers.Total, 10), Note: "addresses at the other end", Query: v.peersQuery()})
}

// devices opens the line: how many own hosts were in contact, how, and how many only
// tried.
func (h *Headline) devices(doc *Document, v *view, devices []*deviceTally) {
	var contact, tried hostCount
	var how dealings
	for _, t := range devices {
		if t.contacted {
			contact.add(t)
			how.join(t.dealings)
		} else {
			tried.add(t)
		}
	}
	total := doc.Prevalence.DevicesTotal
	separator, words := "", v.sentence(contact, tried, how, total)
	if v.among != nil {
		separator = ": "
		if doc.Many.Wide == "" { // how many were in contact has been said
			words = strings.TrimPrefix(words, noContact)
		}
	}
	if v.req.ID.Kind == entity.Device && len(devices) == 1 && devices[0].reported && strings.EqualFold(devices[0].id.Name, v.req.ID.Value) {
		words = "reported by the device itself"
	}
	h.say(separator, Term{
		Name: "devices", Value: strconv.Itoa(len(devices)), Query: v.devicesQuery(),
		Note: "own hosts in its records: those that report, and those that held the own address at that time",
	}, words)
	h.Terms = append(h.Terms,
		Term{Name: "contacted", Value: strconv.FormatInt(contact.all(), 10), Note: "own hosts with at least one established or permitted connection"},
		Term{Name: "devicesTotal", Value: strconv.FormatInt(total, 10), Note: "devices that report anything in the range"})
}

// addresses opens the line about many: how many of them were seen, and how many of those
// were in contact.
func (h *Headline) addresses(doc *Document, v *view) {
	m := doc.Many
	words := fmt.Sprintf("%s of it seen", addresses(m.Seen))
	if m.Size != "" {
		words = fmt.Sprintf("%s of its %s addresses seen", humanize.Comma(m.Seen), many(m.Size))
	}
	h.say("", Term{Name: "addresses", Value: strconv.FormatInt(m.Seen, 10), Query: v.countQuery(false), Note: "addresses with records in the range; those merely mentioned are left out"}, words)
	if m.Wide != "" {
		return
	}
	contacted := "none"
	if m.Contacted > 0 {
		contacted = humanize.Comma(m.Contacted)
	}
	h.say(", ", Term{Name: "addressesContacted", Value: strconv.FormatInt(m.Contacted, 10), Query: v.countQuery(true), Note: "of these, those with at least one established or permitted connection"},
		contacted+" in contact")
}

// many is a decimal number with commas, or as a power of two where it would be long.
func many(decimal string) string {
	n, ok := new(big.Int).SetString(decimal, 10)
	if !ok {
		return decimal
	}
	if !n.IsInt64() || n.Int64() > 1<<40 {
		if power := n.BitLen() - 1; n.TrailingZeroBits() == uint(power) {
			return fmt.Sprintf("2^%d", power)
		}
	}
	return humanize.BigComma(n)
}

// times says when it was first and last seen, and on which own host.
func (h *Headline) times(v *view, devices []*deviceTally) {
	var first, last *deviceTally
	for _, t := range devices {
		if first == nil || t.first < first.first {
			first = t
		}
		if last == nil || t.last > last.last {
			last = t
		}
	}
	totals := v.addedUp()
	from, to := totals.first, totals.last
	h.say(", ", Term{Name: "first", Value: from.String(), Note: "event time of the first record in the range, UTC", Query: v.devicesQuery()},
		"first "+from.Time().Format(toSeconds)+v.on(first, (*deviceTally).firstWord))
	h.firstContact(v, from, devices)
	h.say(", ", Term{Name: "last", Value: to.String(), Note: "event time of the last record in the range, UTC", Query: v.devicesQuery()},
		"last "+to.Time().Format(toSeconds)+v.on(last, (*deviceTally).lastWord))
}

const toSeconds = "2006-01-02 15:04:05"

// firstContact says when somebody first got through, where that was later than the first
// record: a refused connection is not a contact.
func (h *Headline) firstContact(v *view, from schema.Ticks, devices []*deviceTally) {
	if v.own || !v.ofAddresses() {
		return
	}
	var first *deviceTally
	for _, t := range devices {
		if t.contacted && (first == nil || t.firstContact < first.firstContact) {
			first = t
		}
	}
	if first == nil || first.firstContact.Time().Format(toSeconds) == from.Time().Format(toSeconds) {
		return
	}
	h.say(" ", Term{Name: "firstContact", Value: first.firstContact.String(), Note: "event time of the first established or permitted connection in the range, UTC", Query: v.devicesQuery()},
		"(first contact "+first.firstContact.Time().Format(toSeconds)+v.on(first, (*deviceTally).contactWord)+")")
}

// on names the own host of an external address's record, after the word that says who opened
// it; on other pages the line would say nothing new by it.
func (v *view) on(t *deviceTally, word func(*deviceTally) string) string {
	if t == nil || v.own || !v.ofAddresses() {
		return ""
	}
	if name := cmp.Or(t.id.Name, t.address); name != "" {
		return " " + word(t) + " " + name
	}
	return ""
}

func (t *deviceTally) firstWord() string   { return openedFrom(t.firstRoles) }
func (t *deviceTally) lastWord() string    { return openedFrom(t.lastRoles) }
func (t *deviceTally) contactWord() string { return openedFrom(t.contactRoles) }

// openedFrom is "from" an own host that opened a connection, and "on" one to which the entity
// did.
func openedFrom(roles entity.Roles) string {
	if roles.Has(entity.RoleSource) && !roles.Has(entity.RoleDestination) {
		return "on"
	}
	return "from"
}

func (h *Headline) blocked(v *view) {
	totals := v.addedUp()
	kind, n := totals.blocked()
	words := "nothing blocked"
	if n > 0 {
		words = fmt.Sprintf("%s blocked (%s)", humanize.Comma(n), kind)
	}
	h.say("; ", Term{Name: "blocked", Value: strconv.FormatInt(n, 10), Unit: kind, Note: "records of what a firewall stopped, of the source kind with most of them", Query: v.outcomesQuery()}, words)
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
		parts = append(parts, fmt.Sprintf("%s of %s %s", humanize.Comma(c.named), humanize.Comma(total), english.PluralWord(int(total), "device", "")))
	} else if c.named > 0 {
		parts = append(parts, fmt.Sprintf("%s %s", humanize.Comma(c.named), english.PluralWord(int(c.named), "device", "")))
	}
	if c.unnamed > 0 {
		parts = append(parts, fmt.Sprintf("%s own %s without a name", humanize.Comma(c.unnamed), english.PluralWord(int(c.unnamed), "address", "")))
	}
	return strings.Join(parts, " and ")
}

const noContact = "no contact: "

// sentence says what the own hosts did with the entity.
func (v *view) sentence(contact, tried hostCount, how dealings, total int64) string {
	every := hostCount{contact.named + tried.named, contact.unnamed + tried.unnamed}
	switch {
	case !v.ofAddresses():
		if every.all() == 0 {
			return "seen by sensors that name no host"
		}
		return "in records of " + every.words(total)
	case every.all() == 0:
		return "no own host in its records"
	case contact.all() == 0:
		return noContact + every.words(total) + " without an established connection"
	}
	was := "were"
	if contact.all() == 1 {
		was = "was"
	}
	var words string
	switch {
	case how.toIt && how.fromIt:
		words = fmt.Sprintf("%s %s in contact with it (%s, opened from both sides)", contact.words(total), was, how.contact())
	case how.fromIt:
		words = fmt.Sprintf("it connected to %s (%s, opened from outside)", contact.words(total), how.contact())
	case how.toIt:
		words = fmt.Sprintf("%s connected to it (%s, opened from inside)", contact.words(total), how.contact())
	default:
		words = fmt.Sprintf("%s %s in contact with it (%s)", contact.words(total), was, how.contact())
	}
	if n := tried.all(); n > 0 {
		words += fmt.Sprintf(", %s more without success", humanize.Comma(n))
	}
	return words
}

// say adds words to the line, and the term that they say.
func (h *Headline) say(separator string, t Term, words string) {
	t.Words = words
	h.Terms = append(h.Terms, t)
	if h.Text != "" {
		h.Text += separator
	}
	h.Text += words
}

// notSeen still answers: what was searched, since when, and what comes nearest.
func notSeen(doc *Document, v *view) Headline {
	var h Headline
	mentions := v.addedUp().mentions
	switch {
	case mentions > 0:
		h.say(" · ", Term{Name: "mentioned", Value: strconv.FormatInt(mentions, 10), Note: "records that only mention it in some text; it may be a version number or a part of a name"},
			fmt.Sprintf("No connection: only mentioned, in %s %s", humanize.Comma(mentions), english.PluralWord(int(mentions), "record", "")))
	case v.req.Role != 0:
		h.Text = "Not seen as " + v.req.Role.String() + " in this period"
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
	h.say(" · ", Term{Name: "searched", Value: strconv.Itoa(len(doc.Coverage)), Unit: "source kinds", Note: "see coverage"},
		fmt.Sprintf("searched %d source %s with records from %s to %s", len(doc.Coverage), english.PluralWord(len(doc.Coverage), "kind", ""),
			first.Format("2006-01-02"), last.Format("2006-01-02")))
	return h
}

// rarerWords says what share of external addresses was on more devices, rounded down: all of
// them never are.
func rarerWords(share float64) string {
	switch {
	case share == 0:
		return "no external address of the period was on more devices"
	case share < 0.001:
		return "rarer than less than 0.1 % of external addresses in the period"
	}
	return fmt.Sprintf("rarer than %s %% of external addresses in the period", strconv.FormatFloat(math.Floor(share*1000)/10, 'f', -1, 64))
}
