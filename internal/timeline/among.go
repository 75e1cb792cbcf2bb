package timeline

import (
	"spoor/internal/entity"
	"spoor/internal/kql/syntax"
	"spoor/internal/store"
)

// Among is the addresses that the timeline of many is about: the records in which a column
// holds one of them. Those that merely mention one in a text are not in it.
type Among struct {
	store.Addresses
	// Is is the KQL condition that a column holds one of them.
	Is func(column string) string
	// Contains reports whether an address is one of them.
	Contains func(address string) bool
}

// subject is what a timeline is about: an entity, or many addresses.
type subject struct {
	entity.ID
	among *Among
}

func (v *view) about() subject { return subject{v.req.ID, v.req.Among} }

// ofAddresses reports whether it is an address, or many.
func (s subject) ofAddresses() bool { return s.Kind == entity.IP || s.among != nil }

// is is the condition that a column with one address holds it.
func (s subject) is(column string) string {
	if s.among != nil {
		return s.among.Is(column)
	}
	return column + " == " + syntax.Quote(s.Value)
}

// holds reports whether an address is it.
func (s subject) holds(address string) bool {
	if s.among != nil {
		return s.among.Contains(address)
	}
	return s.Kind == entity.IP && address == s.Value
}

// byColumn are the roles of which a column tells that holds one address.
const byColumn = flowRoles | entity.RoleNAT | entity.RoleForwarded | entity.RoleEvidence

// again reports whether the records of a tally are counted with their source too.
func (v *view) again(t *store.Tally) bool {
	if !t.Inside {
		return false
	}
	twin := entity.RoleSource
	if t.Roles.Has(entity.RoleLocal) {
		twin |= entity.RoleRemote
	} else {
		twin |= entity.RoleLocal
	}
	return v.req.Roles == 0 || twin&v.req.Roles != 0
}

// roles is those of a row: what its columns say, and of one entity what the ledger adds.
// Of many addresses the ledger has a set for each end that is among them.
func (v *view) roles(r reporter, said entity.Roles, inbound bool) entity.Roles {
	all := told(said, inbound)
	if v.req.Among != nil {
		return all
	}
	return v.known.of(r, all)
}
