package entitypage

import (
	"spoor/internal/entity"
	"spoor/internal/store"
)

// orient says again which end of a sensor's records is the organisation's, now that all
// holders are known: of two ends of which one was held by a reporting host, that one.
// Where both or neither were, what is stored stands (see docs/adr/0001): it follows from
// the sensor's flags, the network catalogue and the addresses themselves. Records of
// hosts have their own side first in any case.
func (v *view) orient(rows []store.Stretch) {
	if !v.ofAddresses() {
		return
	}
	for i := range rows {
		r := &rows[i]
		if r.Device != "" || r.Peer == "" || r.Peer == r.Entity || r.Roles.Has(entity.RoleLocal) == r.Roles.Has(entity.RoleRemote) {
			continue
		}
		here, there := v.held(r, r.Entity), v.held(r, r.Peer)
		if here != there && here != r.Roles.Has(entity.RoleLocal) {
			r.Roles ^= entity.RoleLocal | entity.RoleRemote
			r.BytesOut, r.BytesIn = r.BytesIn, r.BytesOut
		}
	}
}

// held reports whether a host held the address when a row began.
func (v *view) held(r *store.Stretch, address string) bool {
	return len(v.holders.all.At(r.Site, address, r.First)) > 0
}
