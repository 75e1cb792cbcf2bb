package enrich

import (
	"net/netip"

	"spoor/internal/entity"
)

// ASN is the autonomous system that announces an address, by the first database that
// knows it, and the prefix it says so of; 0 when none does. A database that cannot be
// read is one that does not know: Lookup says what is wrong with it.
func (d *Databases) ASN(a netip.Addr) (asn uint32, org string, network netip.Prefix) {
	a = a.Unmap().WithZone("")
	for _, db := range d.open {
		l := db.v6
		if a.Is4() {
			l = db.v4
		}
		if l == nil || db.noASN || !a.IsValid() || !db.everyAddress && entity.ClassOf(a) != entity.ClassPublic {
			continue
		}
		var g Geo
		if found, err := l.lookup(a, &g); err == nil && found && g.ASN != 0 {
			return g.ASN, g.Org, g.Network
		}
	}
	return 0, "", netip.Prefix{}
}
