// Package communityid computes the Community ID of a flow, the name by which the records
// of one flow are found in the logs of every sensor, and in a capture.
// Version 1: https://github.com/corelight/community-id-spec.
package communityid

import (
	"crypto/sha1" //nolint:gosec // the specification's hash; nothing rests on it
	"encoding/base64"
	"encoding/binary"
	"net/netip"
)

// Flow is a flow's two ends, in either direction.
type Flow struct {
	Source, Destination         netip.Addr
	SourcePort, DestinationPort uint16
	Protocol                    Protocol
}

// Protocol is an IP protocol number.
type Protocol uint8

// The protocols that have ports, or types that stand for them.
const (
	ICMP   Protocol = 1
	TCP    Protocol = 6
	UDP    Protocol = 17
	ICMPv6 Protocol = 58
	SCTP   Protocol = 132
)

// V1 is the flow's Community ID, with seed 0; "" when its ends are not addresses of one
// family. For ICMP the ports are the type and the code.
func V1(f Flow) string {
	src, dst := f.Source.Unmap().WithZone(""), f.Destination.Unmap().WithZone("")
	if !src.IsValid() || !dst.IsValid() || src.Is4() != dst.Is4() {
		return ""
	}
	sport, dport, oneWay := f.SourcePort, f.DestinationPort, false
	switch f.Protocol {
	case TCP, UDP, SCTP:
	case ICMP:
		sport, dport, oneWay = answers(icmpAnswers, sport, dport)
	case ICMPv6:
		sport, dport, oneWay = answers(icmp6Answers, sport, dport)
	}
	if order := src.Compare(dst); !oneWay && (order > 0 || order == 0 && sport > dport) {
		src, dst, sport, dport = dst, src, dport, sport
	}
	b := make([]byte, 2, 40) // two bytes of seed
	b = append(b, src.AsSlice()...)
	b = append(b, dst.AsSlice()...)
	b = append(b, byte(f.Protocol), 0)
	b = binary.BigEndian.AppendUint16(b, sport)
	b = binary.BigEndian.AppendUint16(b, dport)
	sum := sha1.Sum(b) //nolint:gosec // as above
	return "1:" + base64.StdEncoding.EncodeToString(sum[:])
}

// The types of messages that come in pairs, each with its other one.
var (
	icmpAnswers  = map[uint16]uint16{8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 10: 9, 9: 10, 17: 18, 18: 17}
	icmp6Answers = map[uint16]uint16{128: 129, 129: 128, 133: 134, 134: 133, 135: 136, 136: 135, 130: 131, 131: 130, 144: 145, 145: 144, 139: 140, 140: 139}
)

// answers puts the type of the answer in the place of the second port. A type that has
// none goes one way, with its code there.
func answers(pairs map[uint16]uint16, kind, code uint16) (uint16, uint16, bool) {
	if answer, ok := pairs[kind]; ok {
		return kind, answer, false
	}
	return kind, code, true
}
