package normalize

import (
	"net/netip"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// Hints is what a sensor itself says of the two ends of a flow: whether each is in
// the networks it was told are local.
type Hints struct{ SourceLocal, DestinationLocal bool }

// Orient says which end of a flow is the organisation's own side.
//
// The sensor's hints decide only when exactly one is true, for many sensors call
// everything local. Then own decides, asked at the time of the flow: the network
// catalogue and the devices known to hold an address; own may be nil. Where neither
// says anything about either end, a private address stands against a public one, and
// where that says nothing too, the originator's side is local.
//
// Both results are invalid when an end is.
func Orient(src, dst netip.Addr, hints Hints, own func(netip.Addr, schema.Ticks) bool, at schema.Ticks) (local, remote netip.Addr) {
	if !src.IsValid() || !dst.IsValid() {
		return netip.Addr{}, netip.Addr{}
	}
	if hints.SourceLocal != hints.DestinationLocal {
		return sides(src, dst, hints.SourceLocal)
	}
	if own != nil {
		if s, d := own(src, at), own(dst, at); s || d {
			return sides(src, dst, s)
		}
	}
	return sides(src, dst, !entity.IsPublic(src) || !inside(dst))
}

// orientFlow fills the sides of a flow. Of a single end (a scan that a notice tells of
// names the scanner alone) it is the own side that it fills, if own says so or the
// address is private, else the other.
func orientFlow(f *Flow, hints Hints, own func(netip.Addr, schema.Ticks) bool, at schema.Ticks) {
	if f.Local, f.Remote = Orient(f.Source, f.Destination, hints, own, at); f.Local.IsValid() {
		return
	}
	a := f.Source
	if !a.IsValid() {
		a = f.Destination
	}
	switch {
	case !a.IsValid():
	case inside(a) || own != nil && own(a, at):
		f.Local = a
	default:
		f.Remote = a
	}
}

func sides(src, dst netip.Addr, sourceIsLocal bool) (local, remote netip.Addr) {
	if sourceIsLocal {
		return src, dst
	}
	return dst, src
}

// inside reports whether an address can only belong to a network of one's own. A
// group address belongs to none.
func inside(a netip.Addr) bool { return !entity.IsPublic(a) && !entity.IsGroup(a) }
