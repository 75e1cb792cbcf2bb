package normalize

import (
	"strings"

	"spoor/internal/schema"
)

// conn normalizes a connection.
func (z *zeekRecord) conn() Event {
	if z.proto == "icmp" {
		return z.event(z.flow(), "IcmpConnectionInspected", "Icmp", zeekICMPOutcome(z), "")
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

// zeekICMPOutcome reads an ICMP exchange, of which Zeek says OTH always. A request
// that was answered is two ends in contact, one that was not is unanswered. All other
// types, errors such as "unreachable" first of all, are replies to something else: they
// open nothing and have no outcome.
func zeekICMPOutcome(z *zeekRecord) schema.Outcome {
	switch {
	case !z.hasOrig || !icmpRequest(z.origPort, z.orig.Is4()):
		return schema.OutcomeNone
	case z.respPackets > 0 || z.respBytes > 0:
		return schema.OutcomeEstablished
	default:
		return schema.OutcomeUnanswered
	}
}

// icmpRequest reports whether a type of ICMP asks for an answer: echo, timestamp,
// information and address mask (RFC 792, RFC 950), echo of ICMPv6 (RFC 4443).
func icmpRequest(kind int64, v4 bool) bool {
	if !v4 {
		return kind == 128
	}
	return kind == 8 || kind == 13 || kind == 15 || kind == 17
}
