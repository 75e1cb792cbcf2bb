// Package generate invents an organisation and writes the logs that its sensors and
// hosts would have written: Zeek in JSON, Windows events as NXLog forwards them (without
// the rendered message), Suricata EVE. There are offices, a server room, people with
// working hours, scanners at the edge, and one intrusion from first contact to
// exfiltration.
//
// Nobody real appears: outside addresses come from the documentation ranges, names
// from .example, AS numbers from those kept for documentation. The same configuration
// gives the same bytes. Beside the logs stand what an analyst would have (the network
// catalogue, a geo database of the invented places) and truth.json, the numbers that
// the product must find.
package generate

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// Config says which organisation, and how much of it.
type Config struct {
	Devices int   // hosts, servers among them; at least MinDevices
	Days    int   // how many days up to End
	Events  int64 // records to write, in all logs together
	Seed    uint64
	End     time.Time // no record is at or after it
	Gzip    bool      // compress each log
}

// Bounds of a Config.
const (
	MinDevices = 16
	MaxDevices = 50_000
	MaxDays    = 366
	MaxEvents  = 2_000_000_000
)

func (c *Config) check() error {
	switch {
	case c.Devices < MinDevices || c.Devices > MaxDevices:
		return fmt.Errorf("devices: %d is not from %d to %d", c.Devices, MinDevices, MaxDevices)
	case c.Days < 1 || c.Days > MaxDays:
		return fmt.Errorf("days: %d is not from 1 to %d", c.Days, MaxDays)
	case c.Events < 1 || c.Events > MaxEvents:
		return fmt.Errorf("events: %d is not from 1 to %d", c.Events, int64(MaxEvents))
	case c.End.Year() < 1990 || c.End.Year() > 2100:
		return fmt.Errorf("end: %s is not between 1990 and 2100", c.End.Format(time.DateOnly))
	}
	return nil
}

// Summary says what was written.
type Summary struct {
	Records int64
	Bytes   int64 // before compression
	Files   int
}

// ControlAddress is where the intruders' command-and-control server is.
const ControlAddress = "203.0.113.77"

// Names of what Write leaves in its folder.
const (
	LogsDir      = "logs"
	NetworksFile = "networks.csv"
	GeoFile      = "spoor-demo.mmdb"
	TruthFile    = "truth.json"
)

// Write writes the organisation into a folder, which it makes if need be: the logs
// under LogsDir, one file a log and UTC day, each in order of time; NetworksFile for
// the network catalogue, GeoFile for enrichment, TruthFile for tests.
//
// Config.Events is met within some hundredths, unless it is too few for the logons of
// all people and the intrusion, which are always there.
func Write(ctx context.Context, cfg Config, dir string) (_ Summary, err error) {
	if err := cfg.check(); err != nil {
		return Summary{}, err
	}
	w := newWorld(cfg, filepath.Join(dir, LogsDir))
	defer func() { err = errors.Join(err, w.logs.close()) }()
	if err := w.run(ctx); err != nil {
		return Summary{}, fmt.Errorf("generate logs in %s: %w", dir, err)
	}
	if err := w.logs.close(); err != nil {
		return Summary{}, fmt.Errorf("generate logs in %s: %w", dir, err)
	}
	if err := w.writeBeside(dir); err != nil {
		return Summary{}, fmt.Errorf("generate in %s: %w", dir, err)
	}
	return Summary{Records: w.logs.records, Bytes: w.logs.bytes, Files: w.logs.files}, nil
}

func (w *world) writeBeside(dir string) error {
	for name, write := range map[string]func(*os.File) error{
		NetworksFile: func(f *os.File) error { return w.org.writeNetworks(f) },
		GeoFile:      func(f *os.File) error { return GeoDB(f, w.cfg.End.AddDate(0, 0, -w.cfg.Days)) }, // it is older than the records
		TruthFile:    func(f *os.File) error { return w.writeTruth(f) },
	} {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if err := errors.Join(write(f), f.Close()); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// moment is a time in microseconds since 1970-01-01 UTC.
type moment = int64

const (
	millisecond moment = 1000
	second             = 1000 * millisecond
	minute             = 60 * second
	hour               = 60 * minute
	day                = 24 * hour
)

// world is one run.
type world struct {
	cfg        Config
	rng        *rand.Rand
	start, end moment
	org        *organisation
	net        *internet
	programs   *programs
	logs       *logs
	zeek       zeekLogs
	windows    windowsLogs
	suricata   *stream
	counts     []int64 // records by kind
	story      *story
	stamp      stamp

	slotStart, slotEnd moment
	active             []*host // people at work, from the slot after they came
	arrivals           []arrival
}

func newWorld(cfg Config, dir string) *world {
	rng := rand.New(rand.NewPCG(cfg.Seed, 0x73706f6f72)) // "spoor"
	w := &world{cfg: cfg, rng: rng, end: cfg.End.UTC().UnixMicro()}
	w.start = w.end - int64(cfg.Days)*day
	w.programs = newPrograms()
	w.net = newInternet()
	w.org = newOrganisation(rng, cfg.Devices)
	w.logs = newLogs(dir, cfg.Gzip, w.start)
	w.zeek, w.windows, w.suricata = newZeekLogs(w.logs), newWindowsLogs(w.logs), w.logs.stream("suricata/eve", ".json")
	w.counts = make([]int64, len(allKinds))
	w.boot()
	w.story = newStory(w)
	return w
}

// run goes through time in slots. What a slot makes is sorted and written at its end;
// only lines that lie behind it are kept for the next.
func (w *world) run(ctx context.Context) error {
	plan := newRhythm(w)
	begun := day * (w.start/day - 1)
	for w.slotEnd = w.start; w.slotEnd < w.end; {
		if err := ctx.Err(); err != nil {
			return err
		}
		w.slotStart = w.slotEnd
		w.slotEnd = min(w.end, (w.slotStart/plan.slot+1)*plan.slot)
		if today := w.slotStart / day * day; today != begun {
			begun = today
			w.beginDay(today)
		}
		w.arrive()
		w.story.play()
		w.fill(plan)
		w.leave()
		if err := w.logs.flush(w.slotEnd); err != nil {
			return err
		}
	}
	return nil
}

// within reports whether a record of that time may be written.
func (w *world) within(at moment) bool { return at >= w.start && at < w.end }

// between is a random number from lo up to, not including, hi.
func (w *world) between(lo, hi int64) int64 { return lo + w.rng.Int64N(hi-lo) }

// chance is true in percent of 100 cases.
func (w *world) chance(percent int) bool { return w.rng.IntN(100) < percent }

// pick is a random element.
func pick[T any](w *world, from []T) T { return from[w.rng.IntN(len(from))] }
