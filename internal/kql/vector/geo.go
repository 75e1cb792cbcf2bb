package vector

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
	"github.com/peterstace/simplefeatures/geom"

	"spoor/internal/schema"
)

// The geo_* functions work on the sphere: edges are geodesics, lengths are those of a
// sphere with Earth's mean radius. Shapes come and go as GeoJSON (RFC 7946), longitude
// first. What is no valid shape or lies beyond the map gives null.

// earthRadius is in meters, as S2 has it.
const earthRadius = 6371010.0

func meters(a s1.Angle) float64 { return a.Radians() * earthRadius }

func angle(meters float64) s1.Angle { return s1.Angle(meters / earthRadius) }

// onMap reports whether a longitude and a latitude are ones.
func onMap(lng, lat float64) bool { return math.Abs(lng) <= 180 && math.Abs(lat) <= 90 }

func pointAt(lng, lat float64) s2.Point { return s2.PointFromLatLng(s2.LatLngFromDegrees(lat, lng)) }

// lngLat is a point's longitude and latitude in degrees.
func lngLat(p s2.Point) (lng, lat float64) {
	ll := s2.LatLngFromPoint(p)
	return ll.Lng.Degrees(), ll.Lat.Degrees()
}

// points reads n pairs of longitude and latitude from argument at on.
func points(args []any, at, n int) ([]s2.Point, bool) {
	out := make([]s2.Point, n)
	for i := range out {
		lng, ok := float(args, at+2*i)
		lat, ok2 := float(args, at+2*i+1)
		if !ok || !ok2 || !onMap(lng, lat) {
			return nil, false
		}
		out[i] = pointAt(lng, lat)
	}
	return out, true
}

// maxVertices bounds the shapes that are worked on.
const maxVertices = 100_000

// shape reads argument i as GeoJSON of one of the types.
func shape(args []any, i int, types ...geom.GeometryType) (geom.Geometry, bool) {
	if i >= len(args) {
		return geom.Geometry{}, false
	}
	s, _ := args[i].(string)
	return parseShape(s, types...)
}

func parseShape(s string, types ...geom.GeometryType) (geom.Geometry, bool) {
	if len(s) > maxText || s == "" {
		return geom.Geometry{}, false
	}
	g, err := geom.UnmarshalGeoJSON([]byte(s), geom.NoValidate{})
	if err != nil || g.IsEmpty() || !valid(g) {
		return g, false
	}
	known := false
	for _, t := range types {
		known = known || g.Type() == t
	}
	coords := g.DumpCoordinates()
	if !known || coords.Length() > maxVertices {
		return g, false
	}
	for i := range coords.Length() {
		if xy := coords.GetXY(i); !onMap(xy.X, xy.Y) {
			return g, false
		}
	}
	return g, true
}

// valid reports whether a shape is one. The polygons of several may overlap: they mean
// their union.
func valid(g geom.Geometry) bool {
	if m, ok := g.AsMultiPolygon(); ok {
		for i := range m.NumPolygons() {
			if m.PolygonN(i).Validate() != nil {
				return false
			}
		}
		return true
	}
	return g.Validate() == nil
}

var (
	lineTypes    = []geom.GeometryType{geom.TypeLineString, geom.TypeMultiLineString}
	polygonTypes = []geom.GeometryType{geom.TypePolygon, geom.TypeMultiPolygon}
)

// vertices are the points of a sequence of coordinates.
func vertices(s geom.Sequence) []s2.Point {
	out := make([]s2.Point, s.Length())
	for i := range out {
		xy := s.GetXY(i)
		out[i] = pointAt(xy.X, xy.Y)
	}
	return out
}

// polylines are the lines of a line or of several.
func polylines(g geom.Geometry) []*s2.Polyline {
	var out []*s2.Polyline
	add := func(l geom.LineString) {
		p := s2.Polyline(vertices(l.Coordinates()))
		out = append(out, &p)
	}
	if l, ok := g.AsLineString(); ok {
		add(l)
	}
	if m, ok := g.AsMultiLineString(); ok {
		for i := range m.NumLineStrings() {
			add(m.LineStringN(i))
		}
	}
	return out
}

// polygons are the polygons of one or several.
func polygons(g geom.Geometry) []geom.Polygon {
	if p, ok := g.AsPolygon(); ok {
		return []geom.Polygon{p}
	}
	var out []geom.Polygon
	if m, ok := g.AsMultiPolygon(); ok {
		for i := range m.NumPolygons() {
			out = append(out, m.PolygonN(i))
		}
	}
	return out
}

// rings are the loops of a polygon, the outer one first, each around the smaller side of
// the sphere, whatever way its points go round.
func rings(p geom.Polygon) []*s2.Loop {
	var out []*s2.Loop
	for _, r := range p.DumpRings() {
		v := vertices(r.Coordinates())
		l := s2.LoopFromPoints(v[:len(v)-1])
		l.Normalize()
		out = append(out, l)
	}
	return out
}

// s2Polygon is a shape as one polygon of S2's.
func s2Polygon(g geom.Geometry) *s2.Polygon {
	var all []*s2.Loop
	for _, p := range polygons(g) {
		all = append(all, rings(p)...)
	}
	return s2.PolygonFromLoops(all)
}

// covers reports whether a point lies in a shape.
func covers(g geom.Geometry, p s2.Point) bool {
	for _, polygon := range polygons(g) {
		loops := rings(polygon)
		in := loops[0].ContainsPoint(p)
		for _, hole := range loops[1:] {
			in = in && !hole.ContainsPoint(p)
		}
		if in {
			return true
		}
	}
	return false
}

// closest finds the point on the edges of lines or polygons that lies nearest.
func closest(g geom.Geometry, p s2.Point) (nearest s2.Point, distance s1.Angle) {
	distance = s1.InfAngle()
	for _, chain := range chains(g) {
		for i := 1; i < len(chain); i++ {
			q := s2.Project(p, chain[i-1], chain[i])
			if d := p.Distance(q); d < distance {
				nearest, distance = q, d
			}
		}
	}
	return nearest, distance
}

// chains are the sequences of points that make up the edges of a shape.
func chains(g geom.Geometry) [][]s2.Point {
	var out [][]s2.Point
	for _, l := range polylines(g) {
		out = append(out, *l)
	}
	for _, p := range polygons(g) {
		for _, r := range p.DumpRings() {
			out = append(out, vertices(r.Coordinates()))
		}
	}
	return out
}

// encodePoint writes a point as GeoJSON.
func encodePoint(p s2.Point) any {
	return encode(geometry("Point", position(p)))
}

func geometry(kind string, coordinates []any) *bag {
	b := newBag()
	b.set("type", kind)
	b.set("coordinates", coordinates)
	return b
}

// position is a point inside of coordinates.
func position(p s2.Point) []any {
	lng, lat := lngLat(p)
	return []any{coordinate(lng), coordinate(lat)}
}

// coordinate is a number as GeoJSON has it, a whole one without a fraction.
func coordinate(x float64) json.Number { return json.Number(strconv.FormatFloat(x, 'f', -1, 64)) }

// ringPositions are the points of a loop, the first once more at the end.
func ringPositions(l *s2.Loop) []any {
	var out []any
	for _, v := range l.Vertices() {
		out = append(out, position(v))
	}
	return append(out, position(l.Vertex(0)))
}

// encodeShape writes a shape as GeoJSON; an empty one is an empty collection.
func encodeShape(g geom.Geometry) any {
	if g.IsEmpty() {
		return `{"type":"GeometryCollection","geometries":[]}`
	}
	b, err := g.MarshalJSON()
	if err != nil {
		return nil
	}
	v := decode([]any{string(b)}, 0)
	return encode(v)
}

// lngLatParams are n pairs of coordinates.
func lngLatParams(n int, more ...schema.Type) []schema.Type {
	var out []schema.Type
	for range n {
		out = append(out, tReal, tReal)
	}
	return append(out, more...)
}

// truth reads argument i, which is dynamic, as a flag: true or a number but 0.
func truth(args []any, i int) bool {
	switch v := decode(args, i).(type) {
	case bool:
		return v
	case json.Number:
		f, _ := real64(v)
		return f != 0
	}
	return false
}

// option is a number at argument i, or what holds when there is none; ok is false for a
// null or a value that is no number.
func option(args []any, i int, otherwise float64) (float64, bool) {
	if i >= len(args) {
		return otherwise, true
	}
	return real64(decode(args, i))
}
