package vector

import (
	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
	"github.com/peterstace/simplefeatures/geom"

	"spoor/internal/schema"
)

var geoLineFunctions = []*Function{
	ofShape("geo_line_length", tReal, lineTypes, func(g geom.Geometry, _ []any) any {
		var sum s1.Angle
		for _, l := range polylines(g) {
			sum += l.Length()
		}
		return meters(sum)
	}),
	ofShape("geo_line_centroid", tDyn, lineTypes, func(g geom.Geometry, _ []any) any {
		var sum s2.Point
		for _, l := range polylines(g) {
			sum.Vector = sum.Add(l.Centroid().Vector)
		}
		if sum.Norm2() == 0 {
			return nil
		}
		return encodePoint(s2.Point{Vector: sum.Normalize()})
	}),
	ofShape("geo_line_interpolate_point", tDyn, lineTypes[:1], func(g geom.Geometry, args []any) any {
		fraction, ok := option(args, 1, -1)
		if !ok || fraction < 0 || fraction > 1 {
			return nil
		}
		p, _ := polylines(g)[0].Interpolate(fraction)
		return encodePoint(p)
	}, tDyn),
	{Name: "geo_line_locate_point", Params: []schema.Type{tDyn, tReal, tReal, tDyn}, Variadic: true, Result: tReal, Eval: func(a []any) any {
		g, ok := shape(a, 0, geom.TypeLineString)
		p, ok2 := points(a, 1, 1)
		if !ok || !ok2 {
			return nil
		}
		l := polylines(g)[0]
		q, next := l.Project(p[0])
		return l.Uninterpolate(q, next)
	}},
	ofShape("geo_line_simplify", tDyn, lineTypes, func(g geom.Geometry, args []any) any {
		tolerance, ok := option(args, 1, 10)
		if !ok || tolerance < minTolerance || tolerance > maxBuffer {
			return nil
		}
		var lines []any
		for _, l := range polylines(g) {
			lines = append(lines, positions(simplified(l, tolerance)))
		}
		return encodeLines(lines)
	}, tDyn),
	ofShape("geo_line_densify", tDyn, lineTypes, func(g geom.Geometry, args []any) any {
		tolerance, ok := option(args, 1, 10)
		if !ok || tolerance < minTolerance || tolerance > maxBuffer {
			return nil
		}
		var lines []any
		for _, s := range sequences(g) {
			lines = append(lines, densified(s, tolerance))
		}
		return encodeLines(lines)
	}, tDyn),
	ofShape("geo_line_buffer", tDyn, lineTypes, func(g geom.Geometry, args []any) any { return buffer(g, args) }, tDyn),
	ofShape("geo_line_to_s2cells", tDyn, lineTypes, func(g geom.Geometry, args []any) any {
		var region s2.CellUnion
		return covering(args, func(c *s2.RegionCoverer) s2.CellUnion {
			for _, l := range polylines(g) {
				region = append(region, c.Covering(l)...)
			}
			region.Normalize()
			return region
		}, g)
	}, tDyn),
}

// ofShape is a function of a shape in GeoJSON, and perhaps more that is optional; null
// for what is no such shape.
func ofShape(name string, result schema.Type, types []geom.GeometryType, f func(g geom.Geometry, args []any) any, more ...schema.Type) *Function {
	return &Function{Name: name, Params: append([]schema.Type{tDyn}, more...), Variadic: len(more) > 0, Result: result, Eval: func(a []any) any {
		g, ok := shape(a, 0, types...)
		if !ok {
			return nil
		}
		return f(g, a)
	}}
}

func positions(pts []s2.Point) []any {
	out := make([]any, len(pts))
	for i, p := range pts {
		out[i] = position(p)
	}
	return out
}

// encodeLines writes one line, or several.
func encodeLines(lines []any) any {
	if len(lines) == 1 {
		return encode(geometry("LineString", lines[0].([]any)))
	}
	return encode(geometry("MultiLineString", lines))
}

// simplified leaves out points of a line, without moving it farther than a tolerance.
func simplified(l *s2.Polyline, tolerance float64) []s2.Point {
	var out []s2.Point
	for _, i := range l.SubsampleVertices(angle(tolerance)) {
		out = append(out, (*l)[i])
	}
	return out
}

// sequences are the coordinates of the lines and rings of a shape.
func sequences(g geom.Geometry) []geom.Sequence {
	var out []geom.Sequence
	if l, ok := g.AsLineString(); ok {
		out = append(out, l.Coordinates())
	}
	if m, ok := g.AsMultiLineString(); ok {
		for i := range m.NumLineStrings() {
			out = append(out, m.LineStringN(i).Coordinates())
		}
	}
	for _, p := range polygons(g) {
		for _, r := range p.DumpRings() {
			out = append(out, r.Coordinates())
		}
	}
	return out
}

// densified puts points on edges that are straight on the map, halving them until the
// geodesic between two points stays within a tolerance of the straight line.
func densified(s geom.Sequence, tolerance float64) []any {
	var out []any
	add := func(xy geom.XY) { out = append(out, []any{coordinate(xy.X), coordinate(xy.Y)}) }
	var halve func(from, to geom.XY, depth int)
	halve = func(from, to geom.XY, depth int) {
		middle := geom.XY{X: (from.X + to.X) / 2, Y: (from.Y + to.Y) / 2}
		a, b := pointAt(from.X, from.Y), pointAt(to.X, to.Y)
		off := pointAt(middle.X, middle.Y).Distance(s2.Interpolate(0.5, a, b))
		if meters(off) > tolerance && depth < maxHalvings && len(out) < maxVertices {
			halve(from, middle, depth+1)
			halve(middle, to, depth+1)
			return
		}
		add(to)
	}
	add(s.GetXY(0))
	for i := 1; i < s.Length(); i++ {
		halve(s.GetXY(i-1), s.GetXY(i), 0)
	}
	return out
}

// maxHalvings bounds the points put on one edge.
const maxHalvings = 12
