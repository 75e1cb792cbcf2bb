package normalize

import (
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// dns normalizes a query and its answers. A response code is the server's answer; a
// query without one had none.
func (z *zeekRecord) dns() Event {
	outcome := schema.OutcomeUnanswered
	if z.Get("rcode", "rcode_name") != "" {
		outcome = schema.OutcomeEstablished
	}
	ev := z.event(z.flow(), "DnsConnectionInspected", transport(z.proto), outcome, "")
	ev.Observables = addDomain(ev.Observables, z.Get("query"))
	for _, answer := range z.texts("answers") {
		ev.Observables = addAnswer(ev.Observables, answer)
	}
	return ev
}

// addDomain adds a name, unless it stands for an address: those of the reverse zones
// are read as mentioned addresses.
func addDomain(list []Observable, name string) []Observable {
	name = strings.TrimSuffix(name, ".")
	if !strings.Contains(name, ".") || strings.HasSuffix(strings.ToLower(name), ".arpa") {
		return list
	}
	return append(list, Observable{Kind: entity.Domain, Value: name})
}

// addAnswer adds an answer of a DNS query: an address, or the name of an alias, a
// server or a mail exchanger. Other answers are text.
func addAnswer(list []Observable, answer string) []Observable {
	if _, ok := entity.ParseAddress(answer); ok {
		return append(list, Observable{Kind: entity.IP, Value: answer, Roles: entity.RoleAnswer})
	}
	return addDomain(list, answer)
}
