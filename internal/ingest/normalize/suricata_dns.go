package normalize

import (
	"spoor/internal/ingest/decode"
)

// suricataAnswer is an answer of a DNS response.
type suricataAnswer struct{ data, ttl string }

// dns normalizes a query or a response, each of which Suricata writes as a record of
// its own. Version 1 prints one answer a record, version 2 a list of them, version 3
// the queries as a list too.
func (s *suricataRecord) dns() Event {
	name, kind := s.get("rrname"), s.get("rrtype")
	for _, q := range winArray(s.get("queries")) {
		query := winObject(q.Text)
		name, kind = memberText(query, "rrname"), memberText(query, "rrtype")
		break
	}
	answers := s.dnsAnswers()
	own := appendTextField(nil, "query", name)
	own = appendTextField(own, "qtype_name", kind)
	own = appendTextField(own, "rcode_name", s.get("rcode"))
	own = s.renamed(own, map[string]string{"id": "trans_id"}, "rrname", "rrtype", "rcode", "rdata", "ttl", "answers", "queries", "grouped")
	if len(answers) > 0 {
		own = append(appendName(own, "answers"), '[')
		for i, a := range answers {
			if i > 0 {
				own = append(own, ',')
			}
			own = appendText(own, a.data)
		}
		own = append(appendName(append(own, ']'), "TTLs"), '[')
		for i, a := range answers {
			if i > 0 {
				own = append(own, ',')
			}
			own = appendDNSTTL(own, a.ttl)
		}
		own = append(own, ']')
	}
	response := s.get("type") == "answer" || s.get("type") == "response"
	ev := s.event(s.flow(), "DnsConnectionInspected", outcomeIf(response), "", own)
	ev.Observables = addDomain(ev.Observables, name)
	for _, a := range answers {
		ev.Observables = addAnswer(ev.Observables, a.data)
	}
	return ev
}

func appendDNSTTL(b []byte, ttl string) []byte {
	if isJSONNumber(ttl) {
		return append(b, ttl...)
	}
	return append(b, "null"...)
}

// dnsAnswers lists the answers, or what is grouped by type where they are not listed.
func (s *suricataRecord) dnsAnswers() []suricataAnswer {
	if data := s.get("rdata"); data != "" {
		return []suricataAnswer{{data, s.get("ttl")}}
	}
	var answers []suricataAnswer
	for _, v := range winArray(s.get("answers")) {
		a := winObject(v.Text)
		if data := memberText(a, "rdata"); data != "" {
			answers = append(answers, suricataAnswer{data, memberText(a, "ttl")})
		}
	}
	if answers != nil {
		return answers
	}
	for _, group := range winObject(s.get("grouped")) {
		for _, v := range winArray(group.Text) {
			if v.Kind == decode.String {
				answers = append(answers, suricataAnswer{data: v.Text})
			}
		}
	}
	return answers
}
