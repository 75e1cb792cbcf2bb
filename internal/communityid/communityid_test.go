package communityid_test

import (
	"net/netip"
	"testing"

	"spoor/internal/communityid"
)

// The IDs are those that implementations of the specification test themselves against
// (Zeek's and OpenSearch's among them).
func TestV1(t *testing.T) {
	for _, c := range []struct {
		source, destination string
		sport, dport        uint16
		protocol            communityid.Protocol
		want                string
		oneWay              bool // the answer is a flow of its own
	}{
		{"128.232.110.120", "66.35.250.204", 34855, 80, communityid.TCP, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=", false},
		{"192.168.1.52", "8.8.8.8", 54585, 53, communityid.UDP, "1:d/FP5EW3wiY1vCndhwleRRKHowQ=", false},
		{"192.168.170.8", "192.168.170.56", 7, 7, communityid.SCTP, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=", false},
		{"2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a", 63943, 25, communityid.TCP, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=", false},
		{"192.168.0.89", "192.168.0.1", 8, 0, communityid.ICMP, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=", true},
		{"fe80::260:97ff:fe07:69ea", "ff02::1", 134, 0, communityid.ICMPv6, "1:pkvHqCL88/tg1k4cPigmZXUtL00=", true},
		{"::ffff:128.232.110.120", "66.35.250.204", 34855, 80, communityid.TCP, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=", false},
	} {
		there := communityid.Flow{netip.MustParseAddr(c.source), netip.MustParseAddr(c.destination), c.sport, c.dport, c.protocol}
		back := communityid.Flow{there.Destination, there.Source, c.dport, c.sport, c.protocol}
		if got := communityid.V1(there); got != c.want {
			t.Errorf("%v: %s, want %s", there, got, c.want)
		}
		if got := communityid.V1(back); !c.oneWay && got != c.want {
			t.Errorf("the other way, %v: %s, want %s", back, got, c.want)
		}
	}
	// A ping and its answer are one flow; an error message is not paired.
	a, b := netip.MustParseAddr("192.168.0.89"), netip.MustParseAddr("192.168.0.1")
	if ping, pong := communityid.V1(communityid.Flow{a, b, 8, 0, communityid.ICMP}), communityid.V1(communityid.Flow{b, a, 0, 0, communityid.ICMP}); ping != pong {
		t.Errorf("a ping is %s, its answer %s", ping, pong)
	}
	if id := communityid.V1(communityid.Flow{a, netip.MustParseAddr("::1"), 1, 2, communityid.UDP}); id != "" {
		t.Errorf("ends of two families give %s", id)
	}
	if id := communityid.V1(communityid.Flow{Destination: b}); id != "" {
		t.Errorf("no source gives %s", id)
	}
}
