package enrich_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"spoor/internal/enrich"
)

// dnsServer answers PTR questions on loopback and counts them.
func dnsServer(t *testing.T, answer func(question string, m *dns.Msg)) (addr string, asked *atomic.Int32) {
	t.Helper()
	pc, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked = new(atomic.Int32)
	started := make(chan struct{})
	srv := &dns.Server{PacketConn: pc, NotifyStartedFunc: func() { close(started) }, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		asked.Add(1)
		m := new(dns.Msg).SetReply(q)
		if q.Question[0].Qtype == dns.TypePTR {
			answer(q.Question[0].Name, m)
		}
		_ = w.WriteMsg(m)
	})}
	go func() { _ = srv.ActivateAndServe() }()
	<-started
	t.Cleanup(func() { _ = srv.Shutdown() })
	return pc.LocalAddr().String(), asked
}

func ptrRecord(question, name string) dns.RR {
	return &dns.PTR{Hdr: dns.RR_Header{Name: question, Rrtype: dns.TypePTR, Class: dns.ClassINET, Ttl: 60}, Ptr: name}
}

func TestReverseDNS(t *testing.T) {
	server, asked := dnsServer(t, func(question string, m *dns.Msg) {
		switch question {
		case "9.113.0.203.in-addr.arpa.":
			m.Answer = []dns.RR{ptrRecord(question, "One.Example.ORG."), ptrRecord(question, "two.example.org.")}
		case "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.":
			m.Answer = []dns.RR{ptrRecord(question, "six.example.org.")}
		case "66.113.0.203.in-addr.arpa.":
			m.Rcode = dns.RcodeServerFailure
		default:
			m.Rcode = dns.RcodeNameError
		}
	})
	now := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	on := false
	var logged []enrich.DNSLookup
	r := &enrich.ReverseDNS{
		Enabled: func() bool { return on }, Server: server, Now: func() time.Time { return now },
		Log: func(l enrich.DNSLookup) { logged = append(logged, l) },
	}
	one := netip.MustParseAddr("203.0.113.9")
	if _, err := r.Names(t.Context(), one); !errors.Is(err, enrich.ErrOff) || asked.Load() != 0 {
		t.Fatalf("switched off: %v, %d questions", err, asked.Load())
	}
	on = true
	for range 2 { // the second time from the cache
		got, err := r.Names(t.Context(), netip.MustParseAddr("::ffff:203.0.113.9"))
		slices.Sort(got)
		if want := []string{"one.example.org", "two.example.org"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("names %q, %v; want %q", got, err, want)
		}
	}
	if len(logged) != 1 || logged[0].Address != one || !logged[0].At.Equal(now) || len(logged[0].Names) != 2 {
		t.Errorf("logged %+v, want the one look-up that went out", logged)
	}
	if got, err := r.Names(t.Context(), netip.MustParseAddr("2001:db8::1")); err != nil || !slices.Equal(got, []string{"six.example.org"}) {
		t.Errorf("IPv6: %q, %v", got, err)
	}
	for range 2 {
		if got, err := r.Names(t.Context(), netip.MustParseAddr("203.0.113.1")); err != nil || len(got) != 0 {
			t.Errorf("no name: %q, %v", got, err)
		}
	}
	if _, err := r.Names(t.Context(), netip.MustParseAddr("203.0.113.66")); err == nil {
		t.Error("a failing server gives no error")
	}
	if len(logged) != 4 || logged[3].Err == nil {
		t.Errorf("%d look-ups logged, want 4, the last with its error", len(logged))
	}
	now = now.Add(2 * time.Hour)
	before := asked.Load()
	if _, err := r.Names(t.Context(), one); err != nil || asked.Load() == before {
		t.Errorf("two hours later: %v, asked again: %t", err, asked.Load() != before)
	}
}

func TestReverseDNSGivesUp(t *testing.T) {
	pc, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0") // takes questions, never answers
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	r := &enrich.ReverseDNS{Enabled: func() bool { return true }, Server: pc.LocalAddr().String(), Timeout: 50 * time.Millisecond}
	if names, err := r.Names(t.Context(), netip.MustParseAddr("203.0.113.9")); err == nil {
		t.Errorf("a silent server: %q", names)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Names(ctx, netip.MustParseAddr("203.0.113.10")); err == nil {
		t.Error("a cancelled look-up gives no error")
	}
}
