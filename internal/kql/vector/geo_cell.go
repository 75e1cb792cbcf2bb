package vector

import (
	"math"
	"strings"

	"github.com/golang/geo/s2"
	"github.com/peterstace/simplefeatures/geom"
	"github.com/uber/h3-go/v4"

	"spoor/internal/schema"
)

// geoCellFunctions divide the globe into cells: geohashes, S2 and H3.
var geoCellFunctions = []*Function{
	{Name: "geo_point_to_geohash", Params: lngLatParams(1, tDyn), Variadic: true, Result: tStr, Eval: func(a []any) any {
		lng, ok := float(a, 0)
		lat, ok2 := float(a, 1)
		n, ok3 := option(a, 2, 5)
		if !ok || !ok2 || !ok3 || !onMap(lng, lat) || n < 1 || n > maxGeohash {
			return ""
		}
		return geohash(lng, lat, int(n))
	}},
	ofCell("geo_geohash_to_central_point", func(s string) any {
		b, ok := geohashBox(s)
		if !ok {
			return nil
		}
		return geometry("Point", []any{(b.west + b.east) / 2, (b.south + b.north) / 2})
	}),
	ofCell("geo_geohash_to_polygon", func(s string) any {
		b, ok := geohashBox(s)
		if !ok {
			return nil
		}
		ring := []any{[]any{b.west, b.south}, []any{b.east, b.south}, []any{b.east, b.north}, []any{b.west, b.north}, []any{b.west, b.south}}
		return geometry("Polygon", []any{ring})
	}),
	ofCell("geo_geohash_neighbors", geohashNeighbors),
	{Name: "geo_point_to_s2cell", Params: lngLatParams(1, tDyn), Variadic: true, Result: tStr, Eval: func(a []any) any {
		p, ok := points(a, 0, 1)
		level, ok2 := option(a, 2, defaultS2Level)
		if !ok || !ok2 || level < 0 || level > 30 {
			return ""
		}
		return s2.CellIDFromLatLng(s2.LatLngFromPoint(p[0])).Parent(int(level)).ToToken()
	}},
	ofCell("geo_s2cell_to_central_point", func(s string) any {
		c, ok := s2Cell(s)
		if !ok {
			return nil
		}
		return geometry("Point", position(c.Point()))
	}),
	ofCell("geo_s2cell_to_polygon", func(s string) any {
		c, ok := s2Cell(s)
		if !ok {
			return nil
		}
		cell := s2.CellFromCellID(c)
		var ring []any
		for i := range 5 {
			ring = append(ring, position(cell.Vertex(i%4)))
		}
		return geometry("Polygon", []any{ring})
	}),
	ofCell("geo_s2cell_neighbors", func(s string) any {
		c, ok := s2Cell(s)
		if !ok {
			return nil
		}
		out := []any{}
		for _, n := range c.AllNeighbors(c.Level()) {
			out = append(out, n.ToToken())
		}
		return out
	}),
	{Name: "geo_point_to_h3cell", Params: lngLatParams(1, tDyn), Variadic: true, Result: tStr, Eval: func(a []any) any {
		lng, ok := float(a, 0)
		lat, ok2 := float(a, 1)
		level, ok3 := option(a, 2, defaultH3Resolution)
		if !ok || !ok2 || !ok3 || !onMap(lng, lat) || level < 0 || level > 15 {
			return ""
		}
		return h3.LatLngToCell(h3.NewLatLng(lat, lng), int(level)).String()
	}},
	ofCell("geo_h3cell_to_central_point", func(s string) any {
		c, ok := h3Cell(s)
		if !ok {
			return nil
		}
		p := c.LatLng()
		return geometry("Point", []any{p.Lng, p.Lat})
	}),
	ofCell("geo_h3cell_to_polygon", func(s string) any {
		c, ok := h3Cell(s)
		if !ok {
			return nil
		}
		var ring []any
		for _, p := range c.Boundary() {
			ring = append(ring, []any{p.Lng, p.Lat})
		}
		return geometry("Polygon", []any{append(ring, ring[0])})
	}),
	ofCell("geo_h3cell_neighbors", func(s string) any {
		c, ok := h3Cell(s)
		if !ok {
			return nil
		}
		return cellNames(c.GridDiskDistances(1)[1])
	}),
	{Name: "geo_h3cell_children", Params: []schema.Type{tStr, tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		c, ok := h3Cell(text(a, 0))
		if !ok {
			return nil
		}
		level, ok := option(a, 1, float64(c.Resolution()+1))
		if !ok || int(level) <= c.Resolution() || level > 15 || int(level)-c.Resolution() > 5 {
			return nil
		}
		return encode(cellNames(c.Children(int(level))))
	}},
	{Name: "geo_h3cell_parent", Params: []schema.Type{tStr, tDyn}, Variadic: true, Result: tStr, Eval: func(a []any) any {
		c, ok := h3Cell(text(a, 0))
		if !ok {
			return ""
		}
		level, ok := option(a, 1, float64(c.Resolution()-1))
		if !ok || level < 0 || int(level) >= c.Resolution() {
			return ""
		}
		return c.Parent(int(level)).String()
	}},
	{Name: "geo_h3cell_level", Params: []schema.Type{tStr}, Result: schema.Int, Eval: func(a []any) any {
		c, ok := h3Cell(text(a, 0))
		if !ok {
			return nil
		}
		return int32(c.Resolution())
	}},
	{Name: "geo_h3cell_rings", Params: []schema.Type{tStr, tReal}, Result: tDyn, Eval: func(a []any) any {
		c, ok := h3Cell(text(a, 0))
		n, ok2 := float(a, 1)
		if !ok || !ok2 || n < 0 || n > maxRings {
			return nil
		}
		out := []any{}
		for _, ring := range c.GridDiskDistances(int(n)) {
			out = append(out, cellNames(ring))
		}
		return encode(out)
	}},
}

const (
	maxGeohash          = 18
	defaultS2Level      = 11
	defaultH3Resolution = 6
	maxRings            = 142 // 61,063 cells
	// maxCells bounds a covering, as documented.
	maxCells = 65536
)

// ofCell is a function of a cell's name.
func ofCell(name string, f func(s string) any) *Function {
	return &Function{Name: name, Params: []schema.Type{tStr}, Result: tDyn, Eval: func(a []any) any { return encode(f(text(a, 0))) }}
}

// box is a rectangle on the map.
type box struct{ west, south, east, north float64 }

// The alphabet of geohashes. The libraries at hand stop at 12 letters, KQL at 18.
const geohashLetters = "0123456789bcdefghjkmnpqrstuvwxyz"

func geohash(lng, lat float64, n int) string {
	b := box{-180, -90, 180, 90}
	var out strings.Builder
	for i := range n {
		letter := 0
		for bit := range 5 {
			letter <<= 1
			if b.halve((i*5+bit)%2 == 0, lng, lat) {
				letter |= 1
			}
		}
		out.WriteByte(geohashLetters[letter])
	}
	return out.String()
}

// halve keeps the half that holds a point, by longitude or latitude, and tells whether
// it is the upper one.
func (b *box) halve(byLng bool, lng, lat float64) bool {
	if byLng {
		middle := (b.west + b.east) / 2
		if lng >= middle {
			b.west = middle
			return true
		}
		b.east = middle
		return false
	}
	middle := (b.south + b.north) / 2
	if lat >= middle {
		b.south = middle
		return true
	}
	b.north = middle
	return false
}

func geohashBox(s string) (box, bool) {
	b := box{-180, -90, 180, 90}
	if s == "" || len(s) > maxGeohash {
		return b, false
	}
	for i := range len(s) {
		letter := strings.IndexByte(geohashLetters, s[i]|lowerBit(s[i]))
		if letter < 0 {
			return b, false
		}
		for bit := range 5 {
			upper := letter&(16>>bit) != 0
			lng, lat := b.west, b.south
			if upper {
				lng, lat = b.east, b.north
			}
			b.halve((i*5+bit)%2 == 0, lng, lat)
		}
	}
	return b, true
}

// lowerBit makes a letter a lower-case one.
func lowerBit(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return 0x20
	}
	return 0
}

func geohashNeighbors(s string) any {
	b, ok := geohashBox(s)
	if !ok {
		return nil
	}
	width, height := b.east-b.west, b.north-b.south
	lng, lat := (b.west+b.east)/2, (b.south+b.north)/2
	out := []any{}
	for _, dx := range []float64{-1, 0, 1} {
		for _, dy := range []float64{-1, 0, 1} {
			y := lat + dy*height
			if dx == 0 && dy == 0 || y > 90 || y < -90 {
				continue
			}
			out = append(out, geohash(math.Mod(lng+dx*width+540, 360)-180, y, len(s)))
		}
	}
	return out
}

func s2Cell(token string) (s2.CellID, bool) {
	if token == "" || len(token) > 16 || strings.Trim(token, "0123456789abcdefABCDEF") != "" {
		return 0, false
	}
	c := s2.CellIDFromToken(token)
	return c, c.IsValid()
}

func h3Cell(s string) (h3.Cell, bool) {
	if len(s) != 15 && len(s) != 16 || strings.Trim(s, "0123456789abcdefABCDEF") != "" {
		return 0, false
	}
	c := h3.Cell(h3.IndexFromString(s))
	return c, c.IsValid()
}

func cellNames(cells []h3.Cell) []any {
	out := []any{}
	for _, c := range cells {
		if c != 0 {
			out = append(out, c.String())
		}
	}
	return out
}

// covering covers a shape with S2 cells of one level (argument 1), widened by a radius
// (argument 2); null when they are too many.
func covering(args []any, cover func(*s2.RegionCoverer) s2.CellUnion, g geom.Geometry) any {
	level, ok := option(args, 1, defaultS2Level)
	radius, ok2 := option(args, 2, 0)
	if !ok || !ok2 || level < 0 || level > 30 || radius < 0 || radius > maxBuffer {
		return nil
	}
	// A rough guess first, lest a covering of billions be begun.
	if radius == 0 && len(polygons(g)) > 0 {
		area := 0.0
		for _, p := range polygons(g) {
			area += rings(p)[0].Area()
		}
		if area/s2.AvgAreaMetric.Value(int(level)) > 2*maxCells {
			return nil
		}
	}
	c := &s2.RegionCoverer{MinLevel: int(level), MaxLevel: int(level), LevelMod: 1, MaxCells: maxCells}
	union := cover(c)
	if radius > 0 {
		union.ExpandByRadius(angle(radius), 0)
	}
	union.Denormalize(int(level), 1)
	if len(union) > maxCells {
		return nil
	}
	out, seen := []any{}, map[s2.CellID]bool{}
	for _, id := range union {
		if id = id.Parent(min(int(level), id.Level())); !seen[id] {
			seen[id] = true
			out = append(out, id.ToToken())
		}
	}
	return encode(out)
}

// h3Cover gives the H3 cells whose middle lies in a shape.
func h3Cover(g geom.Geometry, args []any) any {
	level, ok := option(args, 1, defaultH3Resolution)
	if !ok || level < 0 || level > 15 {
		return nil
	}
	area := 0.0
	for _, p := range polygons(g) {
		area += rings(p)[0].Area()
	}
	if area*earthRadius*earthRadius/h3.HexagonAreaAvgM2(int(level)) > 2*maxCells {
		return nil
	}
	out, seen := []any{}, map[h3.Cell]bool{}
	for _, p := range polygons(g) {
		var shape h3.GeoPolygon
		for i, r := range p.DumpRings() {
			loop := h3Loop(r.Coordinates())
			if i == 0 {
				shape.GeoLoop = loop
			} else {
				shape.Holes = append(shape.Holes, loop)
			}
		}
		for _, c := range h3.PolygonToCells(shape, int(level)) {
			if c != 0 && !seen[c] {
				seen[c] = true
				out = append(out, c.String())
			}
		}
	}
	if len(out) > maxCells {
		return nil
	}
	return encode(out)
}

func h3Loop(s geom.Sequence) h3.GeoLoop {
	var out h3.GeoLoop
	for i := range s.Length() - 1 {
		xy := s.GetXY(i)
		out = append(out, h3.NewLatLng(xy.Y, xy.X))
	}
	return out
}
