package entitypage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// dealings is what happened between an entity and one other end: by which outcome, and
// who opened it.
type dealings struct {
	outcomes [schema.Outcomes]bool
	// toIt and fromIt: there was a contact that the other end opened, or the entity.
	toIt, fromIt bool
}

func (d *dealings) add(r *store.Stretch) {
	d.outcomes[r.Outcome] = true
	if !r.Outcome.Contact() {
		return
	}
	d.toIt = d.toIt || r.Roles.Has(entity.RoleDestination)
	d.fromIt = d.fromIt || r.Roles.Has(entity.RoleSource)
}

// join adds what happened with another end.
func (d *dealings) join(o dealings) {
	for i, seen := range o.outcomes {
		d.outcomes[i] = d.outcomes[i] || seen
	}
	d.toIt, d.fromIt = d.toIt || o.toIt, d.fromIt || o.fromIt
}

// contact is "all established" or "established and permitted".
func (d *dealings) contact() string {
	est, perm := d.outcomes[schema.OutcomeEstablished], d.outcomes[schema.OutcomePermitted]
	switch {
	case est && perm:
		return "established"
	case est:
		return "all established"
	default:
		return "permitted by a firewall"
	}
}

// contactIn is the KQL condition that a column has an outcome that is a contact.
func contactIn(column string) string {
	var words []string
	for o := range schema.Outcome(schema.Outcomes) {
		if o.Contact() {
			words = append(words, o.String())
		}
	}
	return column + " in (" + literals(words) + ")"
}

// outcomeWords are the outcomes that are no contact, as the answer line says them.
var outcomeWords = []struct {
	outcome schema.Outcome
	word    string
}{
	{schema.OutcomeRefused, "refused"},
	{schema.OutcomeUnanswered, "unanswered"},
	{schema.OutcomeBlocked, "blocked"},
	{schema.OutcomeUnknown, "outcome unknown"},
	{schema.OutcomeICMP, "ICMP"},
}

// totals is what the rows of the window add up to, mere mentions left out.
type totals struct {
	kinds       kindTallies
	outcomes    map[string]*outcomes // by source kind
	first, last schema.Ticks
	mentions    int64 // records that merely mention the entity
}

func (v *view) addedUp() totals {
	return v.totals.get(func() totals {
		t := totals{first: schema.MaxTicks, outcomes: map[string]*outcomes{}}
		for i := range v.rows {
			t.add(&v.rows[i])
		}
		return t
	})
}

func (t *totals) add(r *store.Stretch) {
	if r.Roles == entity.RoleMentioned {
		t.mentions += r.Records
		return
	}
	t.kinds.add(r)
	t.first, t.last = min(t.first, r.First), max(t.last, r.Last)
	counts, ok := t.outcomes[r.SourceKind]
	if !ok {
		counts = &outcomes{}
		t.outcomes[r.SourceKind] = counts
	}
	counts[r.Outcome] += r.Records
}

// kinds is the rows of the window by source kind, without mentions.
func (v *view) kinds() kindTallies { return v.addedUp().kinds }

// failures counts the records of a source kind that made no contact: "12 refused, 3
// unanswered"; "" when there are none.
func (t *totals) failures(kind string) string {
	counts, ok := t.outcomes[kind]
	if !ok {
		return ""
	}
	var parts []string
	for _, w := range outcomeWords {
		if n := counts[w.outcome]; n > 0 {
			parts = append(parts, humanize.Comma(n)+" "+w.word)
		}
	}
	return strings.Join(parts, ", ")
}

// blocked is what firewalls stopped, counted by the kind that saw most of it: kinds see
// the same attempts and are not added.
func (t *totals) blocked() (kind string, records int64) {
	for k, counts := range t.outcomes {
		if n := counts[schema.OutcomeBlocked]; n > records || n > 0 && n == records && k < kind {
			kind, records = k, n
		}
	}
	return kind, records
}

// reach counts the addresses that an own address was in contact with, by who opened it,
// and those that only tried or were tried.
func (v *view) reach() (reached, reachedBy, tried, triedBy int64) {
	count := func(n *int64, is bool) {
		if is {
			*n++
		}
	}
	peers := v.peers()
	for i := range peers {
		a := peers[i].attempts
		count(&reached, a.reached)
		count(&reachedBy, a.reachedBy)
		count(&tried, a.tried && !a.reached)
		count(&triedBy, a.triedBy && !a.reachedBy)
	}
	return reached, reachedBy, tried, triedBy
}

func addresses(n int64) string {
	if n == 1 {
		return "1 address"
	}
	return humanize.Comma(n) + " addresses"
}

// heldBy says whose an own address was: "held by ws1.example.org", "held by 3 devices".
func heldBy(holders []Holder) string {
	var names []string
	for _, h := range holders {
		if !slices.Contains(names, h.DeviceName) {
			names = append(names, h.DeviceName)
		}
	}
	switch len(names) {
	case 0:
		return "that no reporting host claims"
	case 1:
		return "of " + names[0]
	case 2:
		return fmt.Sprintf("of %s, before of %s", names[0], names[1])
	default:
		return fmt.Sprintf("of %s, before of %d other devices", names[0], len(names)-1)
	}
}
