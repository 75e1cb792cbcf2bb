package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"spoor/internal/device"
	"spoor/internal/ingest/decode"
	"spoor/internal/ingest/normalize"
	"spoor/internal/schema"
)

// offsetGrain is what clock offsets are rounded to: time zones differ by quarters of
// an hour.
const offsetGrain = 15 * schema.TicksPerMinute

// survey is the first pass over a source of Windows events: it finds how far the
// exporter's clock is off, which names report, and which addresses hosts hold, all of
// which the first record may depend on. Other sources need none.
type survey struct {
	windows bool
	offsets map[schema.Ticks]int64 // rounded sample → how often
	names   map[string]bool
	held    map[deviceAddress]bool
}

type deviceAddress struct {
	device  string
	address netip.Addr
}

func newSurvey() *survey {
	return &survey{offsets: map[schema.Ticks]int64{}, names: map[string]bool{}, held: map[deviceAddress]bool{}}
}

// errNoSurvey ends the first pass over a source that holds no Windows events.
var errNoSurvey = errors.New("no survey needed")

// survey fills what the normalizers know of the source.
func (r *run) survey(ctx context.Context) error {
	all := newSurvey()
	// Reading errors show again, with their place, when the records are taken in.
	_, err := each(ctx, r, surveyChunk, func(s *survey) error {
		all.merge(s)
		if !all.windows {
			return errNoSurvey
		}
		return nil
	})
	if err != nil && !errors.Is(err, errNoSurvey) {
		return fmt.Errorf("survey %s: %w", r.in.Name, err)
	}
	r.hash = newFingerprint()
	switch {
	case r.opt.ClockOffset != nil:
		r.source.ClockOffset = *r.opt.ClockOffset
	case !r.resumed:
		r.source.ClockOffset = all.offset()
	}
	names := all.reported()
	if r.resumed && all.windows {
		if err := r.rename(ctx, names); err != nil {
			return err
		}
	}
	r.norm = all.source(r, names)
	return nil
}

// rename joins the names of the known part with those of the new one. A name of either
// may decide what device a name of the other is: DeviceId is what it would be had all of
// the source come at once.
func (r *run) rename(ctx context.Context, names *device.Names) error {
	known, err := r.cfg.Store.SourceDevices(ctx, r.source.ID)
	if err != nil {
		return err
	}
	for name := range known {
		names.Add(name)
	}
	changed := map[string]string{}
	for name, id := range known {
		if now := device.ID(r.opt.Site, names.Full(name)); now != id {
			changed[name] = now
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return r.cfg.Store.RenameDevices(ctx, r.source.ID, changed)
}

// surveyChunk looks at the records of one chunk. It runs on several goroutines.
func surveyChunk(chunk *decode.Chunk) *survey {
	s := newSurvey()
	var src normalize.Source // times are not corrected yet
	var decoder decode.Decoder
	decoder.Decode(chunk, func(rec *decode.Record) {
		head := normalize.ReadHeader(rec)
		if !head.IsWindows() {
			return
		}
		s.windows = true
		if diff, ok := head.ClockSample(); ok {
			s.offsets[roundOffset(diff)]++
		}
		if name := head.Device(); name != "" && !s.names[name] {
			s.names[strings.Clone(name)] = true // it is part of the chunk
		}
		if kind := head.Kind(); kind == "sysmon.3" || kind == "security.5156" {
			ev, ok, _ := normalize.Windows(rec, &src)
			for _, c := range ev.Claims {
				if k := (deviceAddress{ev.Device, c.Address}); ok && c.Device == "" && !s.held[k] {
					k.device = strings.Clone(k.device)
					s.held[k] = true
				}
			}
		}
	}, func(*decode.Error) {})
	return s
}

// roundOffset rounds to the nearest grain, halves to the even one.
func roundOffset(d schema.Ticks) schema.Ticks {
	n, rest := d/offsetGrain, d%offsetGrain
	if rest < 0 {
		n, rest = n-1, rest+offsetGrain
	}
	if rest > offsetGrain/2 || rest == offsetGrain/2 && n%2 != 0 {
		n++
	}
	return n * offsetGrain
}

func (s *survey) merge(o *survey) {
	s.windows = s.windows || o.windows
	for k, n := range o.offsets {
		s.offsets[k] += n
	}
	for k := range o.names {
		s.names[k] = true
	}
	for k := range o.held {
		s.held[k] = true
	}
}

// offset is the most common sample, the smallest of equally common ones, 0 without any.
func (s *survey) offset() schema.Ticks {
	var best schema.Ticks
	var most int64
	for offset, n := range s.offsets {
		if n > most || n == most && offset < best {
			best, most = offset, n
		}
	}
	return best
}

// reported is the names by which hosts report.
func (s *survey) reported() *device.Names {
	var names device.Names
	for name := range s.names {
		names.Add(name)
	}
	return &names
}

// source is what the normalizers are told.
func (s *survey) source(r *run, names *device.Names) normalize.Source {
	// Every record asks for the id of a name, which is a hash.
	ids := make(map[string]string, len(s.names))
	for name := range s.names {
		ids[name] = device.ID(r.opt.Site, names.Full(name))
	}
	src := normalize.Source{
		Name: r.in.Name, Site: r.opt.Site, ClockOffset: r.source.ClockOffset,
		DeviceID: func(name string) string {
			if id, ok := ids[name]; ok {
				return id
			}
			return device.ID(r.opt.Site, names.Full(name))
		},
		Held: func(device string, a netip.Addr, _ schema.Ticks) bool {
			return s.held[deviceAddress{device, a}]
		},
	}
	if own := r.cfg.Own; own != nil {
		src.Own = func(a netip.Addr, at schema.Ticks) bool { return own(r.opt.Site, a, at) }
	}
	if trusted := r.cfg.TrustedProxy; trusted != nil {
		src.TrustedProxy = func(a netip.Addr, at schema.Ticks) bool { return trusted(r.opt.Site, a, at) }
	}
	return src
}
