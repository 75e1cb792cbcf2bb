package vector

import (
	"math"

	"github.com/golang/geo/s2"
	"github.com/peterstace/simplefeatures/geom"
)

var geoPointFunctions = []*Function{
	{Name: "geo_distance_2points", Params: lngLatParams(2, tDyn), Variadic: true, Result: tReal, Eval: func(a []any) any {
		p, ok := points(a, 0, 2)
		if !ok {
			return nil
		}
		if truth(a, 4) {
			return vincenty(s2.LatLngFromPoint(p[0]), s2.LatLngFromPoint(p[1]))
		}
		return meters(p[0].Distance(p[1]))
	}},
	{Name: "geo_point_in_circle", Params: lngLatParams(2, tReal), Result: tBool, Eval: func(a []any) any {
		p, ok := points(a, 0, 2)
		radius, ok2 := float(a, 4)
		if !ok || !ok2 || !(radius >= 0) || math.IsInf(radius, 0) {
			return nil
		}
		return meters(p[0].Distance(p[1])) <= radius
	}},
	{Name: "geo_point_in_polygon", Params: lngLatParams(1, tDyn), Result: tBool, Eval: func(a []any) any {
		p, ok := points(a, 0, 1)
		g, ok2 := shape(a, 2, polygonTypes...)
		if !ok || !ok2 {
			return nil
		}
		return covers(g, p[0])
	}},
	{Name: "geo_azimuth", Params: lngLatParams(2), Result: tReal, Eval: func(a []any) any {
		p, ok := points(a, 0, 2)
		if !ok || p[0] == p[1] {
			return nil
		}
		return azimuth(p[0], p[1])
	}},
	{Name: "geo_angle", Params: lngLatParams(3), Result: tReal, Eval: func(a []any) any {
		p, ok := points(a, 0, 3)
		if !ok || p[0] == p[1] || p[1] == p[2] {
			return nil
		}
		return turn(azimuth(p[1], p[2]) - azimuth(p[1], p[0]))
	}},
	{Name: "geo_distance_point_to_line", Params: lngLatParams(1, tDyn), Result: tReal, Eval: func(a []any) any {
		p, ok := points(a, 0, 1)
		g, ok2 := shape(a, 2, lineTypes...)
		if !ok || !ok2 {
			return nil
		}
		_, d := closest(g, p[0])
		return meters(d)
	}},
	{Name: "geo_distance_point_to_polygon", Params: lngLatParams(1, tDyn), Result: tReal, Eval: func(a []any) any {
		p, ok := points(a, 0, 1)
		g, ok2 := shape(a, 2, polygonTypes...)
		if !ok || !ok2 {
			return nil
		}
		if covers(g, p[0]) {
			return 0.0
		}
		_, d := closest(g, p[0])
		return meters(d)
	}},
	{Name: "geo_closest_point_on_line", Params: lngLatParams(1, tDyn), Result: tDyn, Eval: func(a []any) any {
		p, ok := points(a, 0, 1)
		g, ok2 := shape(a, 2, lineTypes...)
		if !ok || !ok2 {
			return nil
		}
		q, _ := closest(g, p[0])
		return encodePoint(q)
	}},
	{Name: "geo_closest_point_on_polygon", Params: lngLatParams(1, tDyn), Result: tDyn, Eval: func(a []any) any {
		p, ok := points(a, 0, 1)
		g, ok2 := shape(a, 2, polygonTypes...)
		if !ok || !ok2 {
			return nil
		}
		if covers(g, p[0]) {
			return encodePoint(p[0])
		}
		q, _ := closest(g, p[0])
		return encodePoint(q)
	}},
	{Name: "geo_point_buffer", Params: lngLatParams(1, tReal, tDyn), Variadic: true, Result: tDyn, Eval: func(a []any) any {
		p, ok := points(a, 0, 1)
		radius, ok2 := float(a, 2)
		tolerance, ok3 := option(a, 3, 10)
		if !ok || !ok2 || !ok3 || !buffers(radius, tolerance) {
			return nil
		}
		return encode(geometry("Polygon", []any{ringPositions(circle(p[0], radius, tolerance))}))
	}},
	{Name: "geo_from_wkt", Params: lngLatParams(0, tStr), Result: tDyn, Eval: func(a []any) any {
		s := text(a, 0)
		if len(s) > maxText {
			return nil
		}
		g, err := geom.UnmarshalWKT(s, geom.NoValidate{})
		if err != nil || g.IsEmpty() {
			return nil
		}
		return encodeShape(g)
	}},
}

// azimuth is the direction from one point to another, clockwise from the north, in
// radians from 0 to 2π.
func azimuth(from, to s2.Point) float64 {
	f, t := s2.LatLngFromPoint(from), s2.LatLngFromPoint(to)
	d := (t.Lng - f.Lng).Radians()
	sinF, cosF := math.Sincos(f.Lat.Radians())
	sinT, cosT := math.Sincos(t.Lat.Radians())
	return turn(math.Atan2(math.Sin(d)*cosT, cosF*sinT-sinF*cosT*math.Cos(d)))
}

// turn brings an angle between 0 and 2π.
func turn(a float64) float64 {
	if a = math.Mod(a, 2*math.Pi); a < 0 {
		a += 2 * math.Pi
	}
	return a
}

const (
	maxBuffer    = 1e6 // meters
	minTolerance = 0.1
)

func buffers(radius, tolerance float64) bool {
	return radius > 0 && radius <= maxBuffer && tolerance >= minTolerance && tolerance <= maxBuffer
}

// circle goes round a point, its edges nowhere farther inside than a tolerance.
func circle(center s2.Point, radius, tolerance float64) *s2.Loop {
	n := 4
	if tolerance < radius {
		n = int(math.Ceil(math.Pi / math.Acos(1-tolerance/radius)))
	}
	return s2.RegularLoop(center, angle(radius), min(max(n, 8), 1024))
}

// vincenty is the length of the geodesic on the WGS 84 spheroid, by T. Vincenty,
// "Direct and Inverse Solutions of Geodesics on the Ellipsoid" (1975). Between nearly
// opposite points, where it does not converge, it is null.
func vincenty(p, q s2.LatLng) any {
	const a, f = 6378137.0, 1 / 298.257223563
	const b = a * (1 - f)
	l := (q.Lng - p.Lng).Radians()
	sinU1, cosU1 := math.Sincos(math.Atan((1 - f) * math.Tan(p.Lat.Radians())))
	sinU2, cosU2 := math.Sincos(math.Atan((1 - f) * math.Tan(q.Lat.Radians())))
	lambda := l
	for range 1000 {
		sinL, cosL := math.Sincos(lambda)
		sinS := math.Hypot(cosU2*sinL, cosU1*sinU2-sinU1*cosU2*cosL)
		if sinS == 0 {
			return 0.0
		}
		cosS := sinU1*sinU2 + cosU1*cosU2*cosL
		sigma := math.Atan2(sinS, cosS)
		sinA := cosU1 * cosU2 * sinL / sinS
		cos2A := 1 - sinA*sinA
		cos2M := 0.0
		if cos2A != 0 {
			cos2M = cosS - 2*sinU1*sinU2/cos2A
		}
		c := f / 16 * cos2A * (4 + f*(4-3*cos2A))
		before := lambda
		lambda = l + (1-c)*f*sinA*(sigma+c*sinS*(cos2M+c*cosS*(2*cos2M*cos2M-1)))
		if math.Abs(lambda-before) > 1e-12 {
			continue
		}
		u2 := cos2A * (a*a - b*b) / (b * b)
		ka := 1 + u2/16384*(4096+u2*(-768+u2*(320-175*u2)))
		kb := u2 / 1024 * (256 + u2*(-128+u2*(74-47*u2)))
		delta := kb * sinS * (cos2M + kb/4*(cosS*(2*cos2M*cos2M-1)-kb/6*cos2M*(4*sinS*sinS-3)*(4*cos2M*cos2M-3)))
		return b * ka * (sigma - delta)
	}
	return nil
}
