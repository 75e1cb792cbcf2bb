package normalize

import "spoor/internal/entity"

// files keeps a transferred file, with its hashes and the hosts that sent and received
// it.
func (z *zeekRecord) files() Event {
	ev := z.raw()
	sent, received := z.texts("tx_hosts"), z.texts("rx_hosts")
	if len(sent) == 0 && len(received) == 0 && z.orig.IsValid() && z.resp.IsValid() { // Zeek 5.1 and later
		sent, received = []string{z.respText}, []string{z.origText}
		if zeekTrue(z.Get("is_orig")) {
			sent, received = received, sent
		}
	}
	for _, a := range sent {
		ev.Observables = append(ev.Observables, Observable{Kind: entity.IP, Value: a, Roles: entity.RoleSource})
	}
	for _, a := range received {
		ev.Observables = append(ev.Observables, Observable{Kind: entity.IP, Value: a, Roles: entity.RoleDestination})
	}
	for _, name := range []string{"md5", "sha1", "sha256"} {
		if hash := z.Get(name); hash != "" {
			ev.Observables = append(ev.Observables, Observable{Kind: entity.Hash, Value: hash})
		}
	}
	return ev
}
