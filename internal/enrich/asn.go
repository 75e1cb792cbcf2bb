package enrich

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"go4.org/netipx"

	"spoor/internal/entity"
)

// openCSV opens ASN ranges in the form "first,last,ASN,organisation".
func openCSV(g group) (*database, error) {
	db := &database{Source: Source{Files: g.files()}, close: func() error { return nil }}
	db.describe("", g.stem)
	t := &asRanges{index: map[asOrg]uint32{}}
	for _, path := range db.Files {
		if err := t.load(path); err != nil {
			return nil, err
		}
	}
	t.done()
	if g.v4 != "" {
		db.v4 = t
	}
	if g.v6 != "" {
		db.v6 = t
	}
	var err error
	db.BuiltAt, err = buildDate(db.Files[0])
	return db, err
}

// asRanges is disjoint ranges in the order of their addresses, and the organisations
// that announce them. The internet has half a million ranges: they hold no pointers
// and take 40 bytes each.
type asRanges struct {
	ranges []asRange
	orgs   []asOrg
	index  map[asOrg]uint32 // while loading: where in orgs
}

type asRange struct {
	first, last addrKey
	org         uint32 // index into orgs
}

type asOrg struct {
	asn  uint32
	name string
}

// addrKey is an address as entity.AddressKey has it.
type addrKey struct{ hi, lo uint64 }

func keyOf(a netip.Addr) addrKey {
	hi, lo := entity.AddressKey(a)
	return addrKey{hi, lo}
}

func (k addrKey) compare(o addrKey) int {
	return cmp.Or(cmp.Compare(k.hi, o.hi), cmp.Compare(k.lo, o.lo))
}

// before is the key of the address before, which must exist.
func (k addrKey) before() addrKey {
	if k.lo == 0 {
		return addrKey{k.hi - 1, ^uint64(0)}
	}
	return addrKey{k.hi, k.lo - 1}
}

func (t *asRanges) load(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReaderSize(f, 1<<16))
	r.FieldsPerRecord = 4
	r.ReuseRecord = true
	for line := 1; ; line++ {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = t.add(fields)
		}
		if err != nil {
			return fmt.Errorf("%s: record %d: %w", path, line, err)
		}
	}
}

func (t *asRanges) add(fields []string) error {
	first, err := netip.ParseAddr(fields[0])
	if err != nil {
		return err
	}
	last, err := netip.ParseAddr(fields[1])
	if err != nil {
		return err
	}
	asn, err := strconv.ParseUint(fields[2], 10, 32)
	if err != nil {
		return fmt.Errorf("AS number: %w", err)
	}
	r := asRange{keyOf(first), keyOf(last), 0}
	if first.BitLen() != last.BitLen() || r.last.compare(r.first) < 0 {
		return fmt.Errorf("%s to %s is no range", first, last)
	}
	if err := t.makeRoom(r.first); err != nil {
		return fmt.Errorf("%s: %w", first, err)
	}
	r.org = t.orgIndex(uint32(asn), fields[3])
	t.ranges = append(t.ranges, r)
	return nil
}

// makeRoom ends the last range before a new one begins. Published files do hold ranges
// that run into the next one; the one that begins later counts.
func (t *asRanges) makeRoom(first addrKey) error {
	if len(t.ranges) == 0 {
		return nil
	}
	above := &t.ranges[len(t.ranges)-1]
	if first.compare(above.first) <= 0 {
		return errors.New("the ranges are not in order")
	}
	if first.compare(above.last) <= 0 {
		above.last = first.before()
	}
	return nil
}

func (t *asRanges) orgIndex(asn uint32, name string) uint32 {
	if i, ok := t.index[asOrg{asn, name}]; ok {
		return i
	}
	org := asOrg{asn, strings.Clone(name)} // the reader's record is one large string
	i := uint32(len(t.orgs))
	t.orgs = append(t.orgs, org)
	t.index[org] = i
	return i
}

// done gives back what only loading needed.
func (t *asRanges) done() {
	t.index = nil
	t.ranges, t.orgs = slices.Clone(t.ranges), slices.Clone(t.orgs)
}

func (t *asRanges) lookup(a netip.Addr, g *Geo) (bool, error) {
	key := keyOf(a)
	i, exact := slices.BinarySearchFunc(t.ranges, key, func(r asRange, k addrKey) int { return r.first.compare(k) })
	if !exact {
		i--
	}
	if i < 0 || key.compare(t.ranges[i].last) > 0 {
		return false, nil
	}
	org := t.orgs[t.ranges[i].org]
	g.ASN, g.Org = org.asn, org.name
	g.Network = t.ranges[i].widest(a)
	return true, nil
}

// widest is the largest prefix around the address that lies in the range.
func (r asRange) widest(a netip.Addr) netip.Prefix {
	for bits := range a.BitLen() {
		p, err := a.Prefix(bits)
		if err == nil && keyOf(p.Addr()).compare(r.first) >= 0 && r.last.compare(keyOf(netipx.PrefixLastIP(p))) >= 0 {
			return p
		}
	}
	return netip.PrefixFrom(a, a.BitLen())
}

// buildDate is when a CSV file was made: by the version of the package it came in
// (major.minor.YYYYMMDDHH), else by the file's own date.
func buildDate(path string) (time.Time, error) {
	manifest, err := os.ReadFile(filepath.Join(filepath.Dir(path), "package.json"))
	if err == nil {
		var pkg struct{ Version string }
		if err := json.Unmarshal(manifest, &pkg); err != nil {
			return time.Time{}, fmt.Errorf("%s: %w", filepath.Join(filepath.Dir(path), "package.json"), err)
		}
		stamp := pkg.Version[strings.LastIndexByte(pkg.Version, '.')+1:]
		if t, err := time.Parse("2006010215", stamp); err == nil {
			return t, nil
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime().UTC(), nil
}
