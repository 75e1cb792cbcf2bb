package vector

import (
	"math"
	"slices"

	"github.com/golang/geo/r3"
	"github.com/golang/geo/s2"
	"github.com/peterstace/simplefeatures/geom"

	"spoor/internal/schema"
)

// geoOverlayFunctions lay shapes over one another.
var geoOverlayFunctions = []*Function{
	crossing("geo_intersects_2lines", lineTypes, lineTypes), crossing("geo_intersects_line_with_polygon", lineTypes, polygonTypes),
	crossing("geo_intersects_2polygons", polygonTypes, polygonTypes),
	intersection("geo_intersection_2lines", lineTypes, lineTypes), intersection("geo_intersection_line_with_polygon", lineTypes, polygonTypes),
	intersection("geo_intersection_2polygons", polygonTypes, polygonTypes),
	{Name: "geo_union_polygons_array", Params: []schema.Type{tDyn}, Result: tDyn, Eval: func(a []any) any {
		g, ok := unionOf(a, polygonTypes)
		if !ok {
			return nil
		}
		return encodeShape(g)
	}},
	{Name: "geo_simplify_polygons_array", Params: []schema.Type{tDyn, tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		g, ok := unionOf(a, polygonTypes)
		tolerance, ok2 := option(a, 1, 10)
		if !ok || !ok2 {
			return nil
		}
		return simplifiedPolygons(g, tolerance)
	}},
	{Name: "geo_union_lines_array", Params: []schema.Type{tDyn}, Result: tDyn, Eval: func(a []any) any {
		shapes, ok := shapeArray(a, lineTypes)
		if !ok {
			return nil
		}
		return unionLines(shapes)
	}},
}

// plane is the map onto the plane that touches the sphere at a point, seen from the
// sphere's middle. Geodesics are straight lines on it, so that shapes may be laid over
// one another as if they were flat, as long as all lie on the half of the sphere around
// that point.
type plane struct{ center, east, north r3.Vector }

// planeFor touches the sphere in the midst of the shapes; ok is false when they reach
// too far.
func planeFor(shapes ...geom.Geometry) (plane, bool) {
	var all []s2.Point
	var sum r3.Vector
	for _, g := range shapes {
		for _, p := range vertices(g.DumpCoordinates()) {
			all = append(all, p)
			sum = sum.Add(p.Vector)
		}
	}
	if sum.Norm2() == 0 {
		return plane{}, false
	}
	c := sum.Normalize()
	for _, p := range all {
		if p.Dot(c) < 0.05 {
			return plane{}, false
		}
	}
	east := c.Ortho()
	return plane{c, east, c.Cross(east)}, true
}

func (p plane) project(xy geom.XY) geom.XY {
	v := pointAt(xy.X, xy.Y)
	d := v.Dot(p.center)
	return geom.XY{X: v.Dot(p.east) / d, Y: v.Dot(p.north) / d}
}

func (p plane) unproject(xy geom.XY) geom.XY {
	v := p.center.Add(p.east.Mul(xy.X)).Add(p.north.Mul(xy.Y))
	lng, lat := lngLat(s2.Point{Vector: v.Normalize()})
	return geom.XY{X: lng, Y: lat}
}

// overlay applies an operation of the plane to shapes. What comes back has the very
// coordinates that went in where a point did not move.
func overlay(f func(flat []geom.Geometry) (geom.Geometry, error), shapes ...geom.Geometry) (out geom.Geometry, ok bool) {
	defer func() {
		if recover() != nil { // the library panics where rounding makes a shape impossible
			ok = false
		}
	}()
	p, ok := planeFor(shapes...)
	if !ok {
		return out, false
	}
	exact := map[geom.XY]geom.XY{}
	flat := make([]geom.Geometry, len(shapes))
	for i, g := range shapes {
		flat[i] = g.TransformXY(func(xy geom.XY) geom.XY {
			to := p.project(xy)
			exact[to] = xy
			return to
		})
	}
	g, err := f(flat)
	if err != nil {
		return out, false
	}
	return g.TransformXY(func(xy geom.XY) geom.XY {
		if from, ok := exact[xy]; ok {
			return from
		}
		return p.unproject(xy)
	}), true
}

// merged is a shape whose polygons do not overlap.
func merged(g geom.Geometry) (geom.Geometry, bool) {
	if len(polygons(g)) < 2 {
		return g, true
	}
	return overlay(func(flat []geom.Geometry) (geom.Geometry, error) { return geom.UnaryUnion(flat[0]) }, g)
}

func twoShapes(name string, result schema.Type, first, second []geom.GeometryType, f func(x, y geom.Geometry) any) *Function {
	return &Function{Name: name, Params: []schema.Type{tDyn, tDyn}, Result: result, Eval: func(a []any) any {
		x, ok := shape(a, 0, first...)
		y, ok2 := shape(a, 1, second...)
		if !ok || !ok2 {
			return nil
		}
		return f(x, y)
	}}
}

func intersect(x, y geom.Geometry) (geom.Geometry, bool) {
	return overlay(func(flat []geom.Geometry) (geom.Geometry, error) { return geom.Intersection(flat[0], flat[1]) }, x, y)
}

func crossing(name string, first, second []geom.GeometryType) *Function {
	return twoShapes(name, tBool, first, second, func(x, y geom.Geometry) any {
		g, ok := intersect(x, y)
		if !ok {
			return nil
		}
		return !g.IsEmpty()
	})
}

func intersection(name string, first, second []geom.GeometryType) *Function {
	return twoShapes(name, tDyn, first, second, func(x, y geom.Geometry) any {
		g, ok := intersect(x, y)
		if !ok {
			return nil
		}
		return encodeShape(oriented(g, x, y))
	})
}

// oriented begins rings with the point that comes first in the input, runs them the way
// round that GeoJSON asks for, and lets lines run as the first input's do.
func oriented(g geom.Geometry, inputs ...geom.Geometry) geom.Geometry {
	place := map[geom.XY]int{}
	for _, in := range inputs {
		c := in.DumpCoordinates()
		for i := range c.Length() {
			if xy := c.GetXY(i); place[xy] == 0 {
				place[xy] = len(place) + 1
			}
		}
	}
	switch g.Type() {
	case geom.TypePolygon:
		return orientedPolygon(g.MustAsPolygon(), place).AsGeometry()
	case geom.TypeMultiPolygon:
		m := g.MustAsMultiPolygon()
		out := make([]geom.Polygon, m.NumPolygons())
		for i := range out {
			out[i] = orientedPolygon(m.PolygonN(i), place)
		}
		return geom.NewMultiPolygon(out).AsGeometry()
	case geom.TypeLineString:
		return orientedLine(g.MustAsLineString(), inputs[0]).AsGeometry()
	default: // the others have no direction
		return g
	}
}

func orientedPolygon(p geom.Polygon, place map[geom.XY]int) geom.Polygon {
	p = p.ForceCCW()
	var out []geom.LineString
	for _, r := range p.DumpRings() {
		c := r.Coordinates()
		n := c.Length() - 1
		first, best := 0, math.MaxInt
		for i := range n {
			if at := place[c.GetXY(i)]; at > 0 && at < best {
				first, best = i, at
			}
		}
		var flat []float64
		for i := range n + 1 {
			xy := c.GetXY((first + i) % n)
			flat = append(flat, xy.X, xy.Y)
		}
		out = append(out, geom.NewLineString(geom.NewSequence(flat, geom.DimXY)))
	}
	return geom.NewPolygon(out)
}

// orientedLine turns a line round that runs against the one it was cut out of.
func orientedLine(l geom.LineString, of geom.Geometry) geom.LineString {
	lines := polylines(of)
	if len(lines) != 1 {
		return l
	}
	along := func(xy geom.XY) float64 {
		q, next := lines[0].Project(pointAt(xy.X, xy.Y))
		return lines[0].Uninterpolate(q, next)
	}
	c := l.Coordinates()
	if along(c.GetXY(0)) > along(c.GetXY(c.Length()-1)) {
		return l.Reverse()
	}
	return l
}

// shapeArray reads an array of shapes; all must be valid.
func shapeArray(a []any, types []geom.GeometryType) ([]geom.Geometry, bool) {
	list, ok := array(a, 0)
	if !ok || len(list) == 0 {
		return nil, false
	}
	var out []geom.Geometry
	for _, v := range list {
		s, _ := encode(v).(string)
		g, ok := parseShape(s, types...)
		if !ok {
			return nil, false
		}
		out = append(out, g)
	}
	return out, true
}

func unionOf(a []any, types []geom.GeometryType) (geom.Geometry, bool) {
	shapes, ok := shapeArray(a, types)
	if !ok {
		return geom.Geometry{}, false
	}
	g, ok := overlay(geom.UnionMany, shapes...)
	return oriented(g, shapes...), ok
}

// unionLines puts together the parts of lines, each part once.
func unionLines(shapes []geom.Geometry) any {
	g, ok := overlay(geom.UnionMany, shapes...)
	if !ok {
		return nil
	}
	var edges [][2]geom.XY
	for _, s := range sequences(g) {
		for i := 1; i < s.Length(); i++ {
			edges = append(edges, [2]geom.XY{s.GetXY(i - 1), s.GetXY(i)})
		}
	}
	var lines []any
	for _, l := range joined(edges, shapes) {
		var pts []any
		for _, xy := range l {
			pts = append(pts, []any{coordinate(xy.X), coordinate(xy.Y)})
		}
		lines = append(lines, pts)
	}
	if len(lines) == 0 {
		return nil
	}
	return encodeLines(lines)
}

// joined makes lines of edges: from the points where lines end or branch, and in the
// order of the input.
func joined(edges [][2]geom.XY, shapes []geom.Geometry) [][]geom.XY {
	next := map[geom.XY][]geom.XY{}
	for _, e := range edges {
		next[e[0]] = append(next[e[0]], e[1])
		next[e[1]] = append(next[e[1]], e[0])
	}
	var starts []geom.XY
	for _, g := range shapes {
		c := g.DumpCoordinates()
		for i := range c.Length() {
			starts = append(starts, c.GetXY(i))
		}
	}
	for _, e := range edges {
		starts = append(starts, e[0], e[1])
	}
	used := map[[2]geom.XY]bool{}
	var out [][]geom.XY
	walk := func(from geom.XY) {
		for _, to := range next[from] {
			if used[[2]geom.XY{from, to}] {
				continue
			}
			line := []geom.XY{from}
			at := from
			for {
				used[[2]geom.XY{at, to}], used[[2]geom.XY{to, at}] = true, true
				line = append(line, to)
				at = to
				i := slices.IndexFunc(next[at], func(p geom.XY) bool { return !used[[2]geom.XY{at, p}] })
				if len(next[at]) != 2 || i < 0 {
					break
				}
				to = next[at][i]
			}
			out = append(out, line)
		}
	}
	for _, ends := range []bool{true, false} { // circles have no end
		for _, s := range starts {
			if ends == (len(next[s]) != 2) {
				walk(s)
			}
		}
	}
	return out
}

// buffer widens a shape by argument 1: the union of circles around its points, of strips
// along its edges, and of the shape itself.
func buffer(g geom.Geometry, args []any) any {
	radius, ok := option(args, 1, 0)
	tolerance, ok2 := option(args, 2, 10)
	if !ok || !ok2 || !buffers(radius, tolerance) {
		return nil
	}
	var parts []geom.Geometry
	if len(polygons(g)) > 0 {
		parts = append(parts, g)
	}
	for _, chain := range chains(g) {
		for i, p := range chain {
			parts = append(parts, polygonOf(circle(p, radius, tolerance).Vertices()))
			if i > 0 {
				parts = append(parts, polygonOf(strip(chain[i-1], p, radius)))
			}
		}
		if len(parts) > maxBufferParts {
			return nil
		}
	}
	out, ok := overlay(geom.UnionMany, parts...)
	if !ok {
		return nil
	}
	return encodeShape(oriented(out, parts...))
}

// maxBufferParts bounds what a buffer is put together from.
const maxBufferParts = 4096

// strip is the quadrangle along an edge.
func strip(a, b s2.Point, radius float64) []s2.Point {
	side := a.PointCross(b).Normalize()
	sin, cos := math.Sincos(radius / earthRadius)
	move := func(p s2.Point, by float64) s2.Point {
		return s2.Point{Vector: p.Mul(cos).Add(side.Mul(by)).Normalize()}
	}
	return []s2.Point{move(a, -sin), move(b, -sin), move(b, sin), move(a, sin)}
}

func polygonOf(pts []s2.Point) geom.Geometry {
	var flat []float64
	for i := range len(pts) + 1 {
		lng, lat := lngLat(pts[i%len(pts)])
		flat = append(flat, lng, lat)
	}
	return geom.NewPolygon([]geom.LineString{geom.NewLineString(geom.NewSequence(flat, geom.DimXY))}).AsGeometry()
}
