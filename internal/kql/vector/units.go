package vector

import (
	"math"

	"spoor/internal/schema"
)

// unitFunctions convert between units of measure. Names of units are those of the
// convert_… pages; an unknown one gives null.
var unitFunctions = []*Function{
	converter("convert_angle", angles), converter("convert_energy", energies), converter("convert_force", forces),
	converter("convert_length", lengths), converter("convert_mass", masses), converter("convert_speed", speeds),
	converter("convert_temperature", temperatures), converter("convert_volume", volumes),
}

// unit says how a value is brought to the base unit of its kind: value*scale + offset.
type unit struct{ scale, offset float64 }

func converter(name string, units map[string]unit) *Function {
	return &Function{Name: name, Params: []schema.Type{tReal, tStr, tStr}, Result: tReal, Eval: func(a []any) any {
		v, ok := float(a, 0)
		from, ok2 := units[text(a, 1)]
		to, ok3 := units[text(a, 2)]
		if !ok || !ok2 || !ok3 {
			return nil
		}
		return (v*from.scale + from.offset - to.offset) / to.scale
	}}
}

// linear are units that differ by a factor only.
func linear(scales map[string]float64) map[string]unit {
	m := make(map[string]unit, len(scales))
	for name, s := range scales {
		m[name] = unit{scale: s}
	}
	return m
}

var (
	// angles are in degrees.
	angles = linear(map[string]float64{
		"Arcminute": 1.0 / 60, "Arcsecond": 1.0 / 3600, "Centiradian": 180 / math.Pi / 1e2, "Deciradian": 180 / math.Pi / 10, "Degree": 1,
		"Gradian": 0.9, "Microdegree": 1e-6, "Microradian": 180 / math.Pi / 1e6, "Millidegree": 1e-3, "Milliradian": 180 / math.Pi / 1e3,
		"Nanodegree": 1e-9, "Nanoradian": 180 / math.Pi / 1e9, "NatoMil": 360.0 / 6400, "Radian": 180 / math.Pi, "Revolution": 360, "Tilt": 180 / math.Pi,
	})
	// energies are in joules.
	energies = linear(map[string]float64{
		"BritishThermalUnit": 1055.05585262, "Calorie": 4.184, "DecathermEc": 1055.05585262e6, "DecathermImperial": 1.05505585257348e9, "DecathermUs": 1.054804e9,
		"ElectronVolt": 1.602176565e-19, "Erg": 1e-7, "FootPound": 1.355817948, "GigabritishThermalUnit": 1055.05585262e9, "GigaelectronVolt": 1.602176565e-10,
		"Gigajoule": 1e9, "GigawattDay": 86400e9, "GigawattHour": 3600e9, "HorsepowerHour": 2.6845195377e6, "Joule": 1, "KilobritishThermalUnit": 1055055.85262,
		"Kilocalorie": 4184, "KiloelectronVolt": 1.602176565e-16, "Kilojoule": 1e3, "KilowattDay": 86400e3, "KilowattHour": 3600e3,
		"MegabritishThermalUnit": 1055.05585262e6, "Megacalorie": 4.184e6, "MegaelectronVolt": 1.602176565e-13, "Megajoule": 1e6, "MegawattDay": 86400e6,
		"MegawattHour": 3600e6, "Millijoule": 1e-3, "TeraelectronVolt": 1.602176565e-7, "TerawattDay": 86400e12, "TerawattHour": 3600e12,
		"ThermEc": 1.05505585262e8, "ThermImperial": 1.05505585257348e8, "ThermUs": 1.054804e8, "WattDay": 86400, "WattHour": 3600,
	})
	// forces are in newtons.
	forces = linear(map[string]float64{
		"Decanewton": 10, "Dyn": 1e-5, "KilogramForce": 9.80665, "Kilonewton": 1e3, "KiloPond": 9.80665, "KilopoundForce": 4448.2216152605, "Meganewton": 1e6,
		"Micronewton": 1e-6, "Millinewton": 1e-3, "Newton": 1, "OunceForce": 0.27801385095378125, "Poundal": 0.138254954376, "PoundForce": 4.4482216152605,
		"ShortTonForce": 8896.443230521, "TonneForce": 9806.65,
	})
	// lengths are in metres.
	lengths = linear(map[string]float64{
		"Angstrom": 1e-10, "AstronomicalUnit": 1.495978707e11, "Centimeter": 1e-2, "Chain": 20.1168, "DataMile": 1828.8, "Decameter": 10, "Decimeter": 0.1,
		"DtpPica": 0.0254 / 6, "DtpPoint": 0.0254 / 72, "Fathom": 1.8288, "Foot": 0.3048, "Hand": 0.1016, "Hectometer": 100, "Inch": 0.0254,
		"KilolightYear": 9.46073047258e18, "Kilometer": 1e3, "Kiloparsec": 3.08567758128e19, "LightYear": 9.46073047258e15, "MegalightYear": 9.46073047258e21,
		"Megaparsec": 3.08567758128e22, "Meter": 1, "Microinch": 2.54e-8, "Micrometer": 1e-6, "Mil": 2.54e-5, "Mile": 1609.344, "Millimeter": 1e-3,
		"Nanometer": 1e-9, "NauticalMile": 1852, "Parsec": 3.08567758128e16, "PrinterPica": 0.0042175176, "PrinterPoint": 3.5145980351459804e-4,
		"Shackle": 27.432, "SolarRadius": 6.95510e8, "Twip": 0.0254 / 1440, "UsSurveyFoot": 1200.0 / 3937, "Yard": 0.9144,
	})
	// masses are in kilograms.
	masses = linear(map[string]float64{
		"Centigram": 1e-5, "Decagram": 1e-2, "Decigram": 1e-4, "EarthMass": 5.9722e24, "Grain": 6.479891e-5, "Gram": 1e-3, "Hectogram": 0.1, "Kilogram": 1,
		"Kilopound": 453.59237, "Kilotonne": 1e6, "LongHundredweight": 50.80234544, "LongTon": 1016.0469088, "Megapound": 453592.37, "Megatonne": 1e9,
		"Microgram": 1e-9, "Milligram": 1e-6, "Nanogram": 1e-12, "Ounce": 0.028349523125, "Pound": 0.45359237, "ShortHundredweight": 45.359237,
		"ShortTon": 907.18474, "Slug": 14.593902937206364, "SolarMass": 1.98947e30, "Stone": 6.35029318, "Tonne": 1e3,
	})
	// speeds are in metres a second.
	speeds = linear(map[string]float64{
		"CentimeterPerHour": 1e-2 / 3600, "CentimeterPerMinute": 1e-2 / 60, "CentimeterPerSecond": 1e-2, "DecimeterPerMinute": 0.1 / 60, "DecimeterPerSecond": 0.1,
		"FootPerHour": 0.3048 / 3600, "FootPerMinute": 0.3048 / 60, "FootPerSecond": 0.3048, "InchPerHour": 0.0254 / 3600, "InchPerMinute": 0.0254 / 60,
		"InchPerSecond": 0.0254, "KilometerPerHour": 1000.0 / 3600, "KilometerPerMinute": 1000.0 / 60, "KilometerPerSecond": 1e3, "Knot": 1852.0 / 3600,
		"MeterPerHour": 1.0 / 3600, "MeterPerMinute": 1.0 / 60, "MeterPerSecond": 1, "MicrometerPerMinute": 1e-6 / 60, "MicrometerPerSecond": 1e-6,
		"MilePerHour": 0.44704, "MillimeterPerHour": 1e-3 / 3600, "MillimeterPerMinute": 1e-3 / 60, "MillimeterPerSecond": 1e-3,
		"NanometerPerMinute": 1e-9 / 60, "NanometerPerSecond": 1e-9, "UsSurveyFootPerHour": 1200.0 / 3937 / 3600, "UsSurveyFootPerMinute": 1200.0 / 3937 / 60,
		"UsSurveyFootPerSecond": 1200.0 / 3937, "YardPerHour": 0.9144 / 3600, "YardPerMinute": 0.9144 / 60, "YardPerSecond": 0.9144,
	})
	// temperatures are in kelvin.
	temperatures = map[string]unit{
		"DegreeCelsius": {1, 273.15}, "DegreeDelisle": {-2.0 / 3, 373.15}, "DegreeFahrenheit": {5.0 / 9, 459.67 * 5 / 9}, "DegreeNewton": {100.0 / 33, 273.15},
		"DegreeRankine": {5.0 / 9, 0}, "DegreeReaumur": {1.25, 273.15}, "DegreeRoemer": {40.0 / 21, 273.15 - 7.5*40.0/21}, "Kelvin": {1, 0},
		"MillidegreeCelsius": {1e-3, 273.15}, "SolarTemperature": {5778, 0},
	}
	// volumes are in cubic metres.
	volumes = linear(map[string]float64{
		"AcreFoot": 1233.48183754752, "AuTablespoon": 2e-5, "BoardFoot": 2.359737216e-3, "Centiliter": 1e-5, "CubicCentimeter": 1e-6, "CubicDecimeter": 1e-3,
		"CubicFoot": 0.028316846592, "CubicHectometer": 1e6, "CubicInch": 1.6387064e-5, "CubicKilometer": 1e9, "CubicMeter": 1, "CubicMicrometer": 1e-18,
		"CubicMile": 4.168181825440579584e9, "CubicMillimeter": 1e-9, "CubicYard": 0.764554857984, "Decaliter": 1e-2, "DecausGallon": 3.785411784e-2,
		"Deciliter": 1e-4, "DeciusGallon": 3.785411784e-4, "HectocubicFoot": 2.8316846592, "HectocubicMeter": 100, "Hectoliter": 0.1, "HectousGallon": 0.3785411784,
		"ImperialBeerBarrel": 0.16365924, "ImperialGallon": 4.54609e-3, "ImperialOunce": 2.84130625e-5, "ImperialPint": 5.6826125e-4, "KilocubicFoot": 28.316846592,
		"KilocubicMeter": 1e3, "KiloimperialGallon": 4.54609, "Kiloliter": 1, "KilousGallon": 3.785411784, "Liter": 1e-3, "MegacubicFoot": 28316.846592,
		"MegaimperialGallon": 4546.09, "Megaliter": 1e3, "MegausGallon": 3785.411784, "MetricCup": 2.5e-4, "MetricTeaspoon": 5e-6, "Microliter": 1e-9,
		"Milliliter": 1e-6, "OilBarrel": 0.158987294928, "UkTablespoon": 1.5e-5, "UsBeerBarrel": 0.117347765304, "UsCustomaryCup": 2.365882365e-4,
		"UsGallon": 3.785411784e-3, "UsLegalCup": 2.4e-4, "UsOunce": 2.95735295625e-5, "UsPint": 4.73176473e-4, "UsQuart": 9.46352946e-4,
		"UsTablespoon": 1.478676478125e-5, "UsTeaspoon": 4.92892159375e-6,
	})
)
