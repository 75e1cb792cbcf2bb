package normalize

import (
	"strconv"

	"spoor/internal/ingest/decode"
	"spoor/internal/schema"
)

// flowEnd normalizes the record that Suricata writes when a flow is over.
func (s *suricataRecord) flowEnd() Event {
	outcome, note := s.flowOutcome()
	flow := s.flow()
	action := connectionAction(outcome, isInbound(&flow))
	if s.isICMP() {
		action = "IcmpConnectionInspected"
	}
	ev := s.event(flow, action, outcome, note, nil)
	toServer, _ := wholeNumber(s.get("bytes_toserver"))
	toClient, _ := wholeNumber(s.get("bytes_toclient"))
	ev.Flow.BytesOut, ev.Flow.BytesIn = toServer, toClient
	if isInbound(&ev.Flow) {
		ev.Flow.BytesOut, ev.Flow.BytesIn = toClient, toServer
	}
	return ev
}

// flowOutcome reads how a flow ended. "closed" alone proves nothing, for a refused
// connection is closed too: over TCP the flags of both sides tell.
func (s *suricataRecord) flowOutcome() (schema.Outcome, string) {
	if s.get("action") == "drop" {
		return schema.OutcomeBlocked, ""
	}
	if s.isICMP() {
		return schema.OutcomeICMP, ""
	}
	if tcp := s.member("tcp"); tcp != nil {
		if outcome, note, ok := suricataTCPOutcome(tcp); ok {
			return outcome, note
		}
	}
	back, _ := wholeNumber(s.get("pkts_toclient"))
	switch state := s.get("state"); {
	case state == "established" || state == "closed" || back > 0:
		return schema.OutcomeEstablished, ""
	case state == "new":
		return schema.OutcomeUnanswered, ""
	}
	return schema.OutcomeUnknown, ""
}

// The flags of a TCP segment (RFC 9293).
const (
	tcpSYN = 0x02
	tcpRST = 0x04
	tcpACK = 0x10
)

// suricataTCPOutcome reads the flags that each side was seen to send. ok is false when
// they do not decide: Suricata came into the middle of the flow, or prints none.
func suricataTCPOutcome(tcp []decode.Field) (o schema.Outcome, note string, ok bool) {
	client, ok1 := tcpFlags(tcp, "tcp_flags_ts")
	server, ok2 := tcpFlags(tcp, "tcp_flags_tc")
	switch {
	case !ok1 || !ok2 || client&tcpSYN == 0:
		return 0, "", false
	case server == 0:
		return schema.OutcomeUnanswered, "", true
	case server&tcpSYN == 0 && server&tcpRST != 0:
		return schema.OutcomeRefused, "", true
	case server&tcpSYN != 0 && client&tcpACK == 0:
		return schema.OutcomeUnanswered, noteHalfOpen, true
	case server&tcpSYN != 0:
		return schema.OutcomeEstablished, "", true
	}
	return 0, "", false
}

// tcpFlags reads flags, which are printed in hexadecimal.
func tcpFlags(tcp []decode.Field, name string) (uint64, bool) {
	n, err := strconv.ParseUint(memberText(tcp, name), 16, 16)
	return n, err == nil
}
