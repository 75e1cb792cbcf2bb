package normalize

import "spoor/internal/entity"

// dhcp keeps a lease. The assigned address is claimed for the client when the client
// said its name.
func (z *zeekRecord) dhcp() Event {
	ev := z.raw()
	assigned := z.Get("assigned_addr", "assigned_ip")
	a, ok := entity.ParseAddress(assigned)
	if !ok || entity.IsGroup(a) {
		return ev
	}
	ev.Observables = append(ev.Observables, Observable{Kind: entity.IP, Value: assigned, Roles: entity.RoleAssigned})
	if device := entity.CanonicalDevice(z.Get("client_fqdn", "host_name")); device != "" {
		ev.Observables = append(ev.Observables, Observable{Kind: entity.Device, Value: device})
		ev.Claims = append(ev.Claims, Claim{Address: a, Device: device})
	}
	return ev
}
