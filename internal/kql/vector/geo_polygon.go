package vector

import (
	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
	"github.com/peterstace/simplefeatures/geom"
)

var geoPolygonFunctions = []*Function{
	ofShape("geo_polygon_area", tReal, polygonTypes, func(g geom.Geometry, _ []any) any {
		g, ok := merged(g)
		if !ok {
			return nil
		}
		sum := 0.0
		for _, p := range polygons(g) {
			for i, l := range rings(p) {
				if i == 0 {
					sum += l.Area()
				} else {
					sum -= l.Area()
				}
			}
		}
		return sum * earthRadius * earthRadius
	}),
	ofShape("geo_polygon_perimeter", tReal, polygonTypes, func(g geom.Geometry, _ []any) any {
		g, ok := merged(g)
		if !ok {
			return nil
		}
		var sum s1.Angle
		for _, chain := range chains(g) {
			for i := 1; i < len(chain); i++ {
				sum += chain[i-1].Distance(chain[i])
			}
		}
		return meters(sum)
	}),
	ofShape("geo_polygon_centroid", tDyn, polygonTypes, func(g geom.Geometry, _ []any) any {
		g, ok := merged(g)
		if !ok {
			return nil
		}
		var sum s2.Point
		for _, p := range polygons(g) {
			for i, l := range rings(p) {
				if i == 0 {
					sum.Vector = sum.Add(l.Centroid().Vector)
				} else {
					sum.Vector = sum.Sub(l.Centroid().Vector)
				}
			}
		}
		if sum.Norm2() == 0 {
			return nil
		}
		return encodePoint(s2.Point{Vector: sum.Normalize()})
	}),
	ofShape("geo_polygon_densify", tDyn, polygonTypes, func(g geom.Geometry, args []any) any {
		tolerance, ok := option(args, 1, 10)
		if !ok || tolerance < minTolerance || tolerance > maxBuffer {
			return nil
		}
		var out []any
		for _, p := range polygons(g) {
			var rings []any
			for _, r := range p.DumpRings() {
				rings = append(rings, densified(r.Coordinates(), tolerance))
			}
			out = append(out, rings)
		}
		return encodePolygons(out)
	}, tDyn),
	ofShape("geo_polygon_simplify", tDyn, polygonTypes, func(g geom.Geometry, args []any) any {
		tolerance, ok := option(args, 1, 10)
		if !ok {
			return nil
		}
		return simplifiedPolygons(g, tolerance)
	}, tDyn),
	ofShape("geo_polygon_buffer", tDyn, polygonTypes, func(g geom.Geometry, args []any) any { return buffer(g, args) }, tDyn),
	ofShape("geo_polygon_to_s2cells", tDyn, polygonTypes, func(g geom.Geometry, args []any) any {
		return covering(args, func(c *s2.RegionCoverer) s2.CellUnion { return c.Covering(s2Polygon(g)) }, g)
	}, tDyn),
	ofShape("geo_polygon_to_h3cells", tDyn, polygonTypes, h3Cover, tDyn),
}

// encodePolygons writes one polygon, or several.
func encodePolygons(list []any) any {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return encode(geometry("Polygon", list[0].([]any)))
	}
	return encode(geometry("MultiPolygon", list))
}

// simplifiedPolygons leaves out points of rings; null when nothing is left of a polygon.
func simplifiedPolygons(g geom.Geometry, tolerance float64) any {
	if tolerance < minTolerance || tolerance > maxBuffer {
		return nil
	}
	g, ok := merged(g)
	if !ok {
		return nil
	}
	var out []any
	for _, p := range polygons(g) {
		var kept []any
		for i, r := range p.DumpRings() {
			l := s2.Polyline(vertices(r.Coordinates()))
			pts := simplified(&l, tolerance)
			if len(pts) < 4 {
				if i == 0 {
					break
				}
				continue
			}
			kept = append(kept, positions(pts))
		}
		if len(kept) > 0 {
			out = append(out, kept)
		}
	}
	return encodePolygons(out)
}
