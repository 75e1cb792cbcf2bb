package entity

import "strings"

// Roles is the set of parts an address plays in one record. There is one list of
// roles in the whole product; its order is the order in which they are shown.
type Roles uint16

// The roles.
const (
	RoleSource      Roles = 1 << iota // opened the flow, or is where a logon came from
	RoleDestination                   // the other end of a flow
	RoleLocal                         // on the organisation's side
	RoleRemote                        // on the other side
	RoleNAT                           // a translated address
	RoleForwarded                     // in X-Forwarded-For and the like
	RoleAssigned                      // an interface has it
	RoleEvidence                      // evidence of an alert
	RoleAnswer                        // answer of a DNS query
	RoleMentioned                     // a literal in some other text
)

var roleNames = []string{
	"source", "destination", "local", "remote", "nat", "forwarded",
	"assigned", "evidence", "answer", "mentioned",
}

// Names lists the roles of the set, in their order.
func (r Roles) Names() []string {
	var names []string
	for i, name := range roleNames {
		if r&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Has reports whether every role of x is in the set.
func (r Roles) Has(x Roles) bool { return r&x == x }

// String is the names joined by commas.
func (r Roles) String() string { return strings.Join(r.Names(), ",") }

// ParseRole reads the name of one role.
func ParseRole(name string) (Roles, bool) {
	for i, n := range roleNames {
		if n == name {
			return 1 << i, true
		}
	}
	return 0, false
}
