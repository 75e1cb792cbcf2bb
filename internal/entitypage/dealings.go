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
	outcomes [schema.OutcomeUnknown + 1]bool
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

// outcomeWords are the outcomes that are no contact, as the answer line says them.
var outcomeWords = []struct {
	outcome schema.Outcome
	word    string
}{
	{schema.OutcomeRefused, "refused"}, {schema.OutcomeUnanswered, "unanswered"}, {schema.OutcomeBlocked, "blocked"}, {schema.OutcomeUnknown, "outcome unknown"},
}

// failures counts the records of a source kind that made no contact: "12 refused, 3
// unanswered"; "" when there are none.
func (v *view) failures(kind string) string {
	var counts outcomes
	for i := range v.rows {
		if r := &v.rows[i]; r.SourceKind == kind && r.Roles != entity.RoleMentioned {
			counts[r.Outcome] += r.Records
		}
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
func (v *view) blocked() (kind string, records int64) {
	kinds := map[string]int64{}
	for i := range v.rows {
		if r := &v.rows[i]; r.Outcome == schema.OutcomeBlocked && r.Roles != entity.RoleMentioned {
			kinds[r.SourceKind] += r.Records
		}
	}
	for k, n := range kinds {
		if n > records || n == records && k < kind {
			kind, records = k, n
		}
	}
	return kind, records
}

// reach is the addresses that an own address was in contact with, and those that only
// tried or were tried.
type reach struct{ reached, reachedBy, tried, triedBy map[string]bool }

func (v *view) reach() reach {
	all := reach{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for i := range v.rows {
		r := &v.rows[i]
		if r.Peer == "" || r.Peer == v.req.ID.Value || !talked(r.Roles) || r.Outcome == schema.OutcomeNone || v.group(r.Site, r.Peer) {
			continue
		}
		opened, taken := r.Roles.Has(entity.RoleSource), r.Roles.Has(entity.RoleDestination)
		contact := r.Outcome.Contact()
		if opened && contact {
			all.reached[r.Peer] = true
		} else if opened {
			all.tried[r.Peer] = true
		}
		if taken && contact {
			all.reachedBy[r.Peer] = true
		} else if taken {
			all.triedBy[r.Peer] = true
		}
	}
	return all
}

// only counts the addresses of a set that are not in the other.
func only(set, other map[string]bool) int64 {
	n := int64(0)
	for a := range set {
		if !other[a] {
			n++
		}
	}
	return n
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
