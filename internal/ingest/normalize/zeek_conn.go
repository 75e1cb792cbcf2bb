package normalize

import (
	"strings"

	"spoor/internal/schema"
)

// conn normalizes a connection.
func (z *zeekRecord) conn() Event {
	if z.proto == "icmp" {
		return z.event(z.flow(), "IcmpConnectionInspected", "Icmp", schema.OutcomeICMP, "")
	}
	flow := z.flow()
	outcome, note := zeekOutcome(z.state, z.history)
	return z.event(flow, connectionAction(outcome, isInbound(&flow)), transport(z.proto), outcome, note)
}

// connectionAction is Microsoft's word for a connection that ended so.
func connectionAction(o schema.Outcome, inbound bool) string {
	switch o {
	case schema.OutcomeEstablished, schema.OutcomePermitted:
		if inbound {
			return "InboundConnectionAccepted"
		}
		return "ConnectionSuccess"
	case schema.OutcomeRefused, schema.OutcomeBlocked:
		return "ConnectionFailed"
	case schema.OutcomeUnanswered:
		return "ConnectionAttempt"
	default:
		return "ConnectionFound"
	}
}

// transport is Microsoft's word for a transport protocol.
func transport(proto string) string {
	switch strings.ToLower(proto) {
	case "tcp":
		return "Tcp"
	case "udp":
		return "Udp"
	case "icmp", "icmp6", "ipv6-icmp":
		return "Icmp"
	case "unknown_transport":
		return ""
	default:
		return proto
	}
}

// The notes say what an outcome alone does not.
const (
	noteOneDirection = "one direction seen"
	noteHalfOpen     = "half-open"
)

// zeekOutcome reads conn_state and history
// (https://docs.zeek.org/en/master/scripts/base/protocols/conn/main.zeek.html).
//
// A reset after which only a SYN of the originator was seen is half-open: the other
// side answered, and the originator never took it up, as scanners do. Where Zeek saw
// one direction only, the responder's SYN-ACK or data proves the connection.
func zeekOutcome(state, history string) (schema.Outcome, string) {
	switch state {
	case "SF", "S1", "S2", "S3":
		return schema.OutcomeEstablished, ""
	case "RSTO", "RSTR":
		if zeekSaw(history, 'A', 'D') {
			return schema.OutcomeEstablished, ""
		}
		return schema.OutcomeUnanswered, noteHalfOpen
	case "REJ":
		return schema.OutcomeRefused, ""
	case "S0", "SH", "RSTOS0":
		return schema.OutcomeUnanswered, ""
	case "SHR", "OTH", "RSTRH":
		if zeekSaw(history, 'h', 'd') {
			return schema.OutcomeEstablished, noteOneDirection
		}
	}
	return schema.OutcomeUnknown, ""
}

// zeekSaw reports whether a history holds one of two letters: upper case is what the
// originator sent, lower case the responder. "^" is where Zeek took the two ends the
// other way round, so the letters before it stand for the other end.
func zeekSaw(history string, a, b byte) bool {
	flip := strings.IndexByte(history, '^')
	for i := range len(history) {
		c := history[i]
		if i < flip {
			c ^= 'a' - 'A'
		}
		if c == a || c == b {
			return true
		}
	}
	return false
}
