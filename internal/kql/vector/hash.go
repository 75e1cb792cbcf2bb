package vector

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"

	"spoor/internal/schema"
)

// hashFunctions are the hashes that SQL does not have. A number, moment or timespan is
// hashed as its eight bytes, the lowest first, everything else as its text: so are
// Kusto's documented values of hash("World") and hash(datetime("2015-01-01")) obtained.
var hashFunctions = []*Function{
	{Name: "hash_xxhash64", Params: []schema.Type{tStr, tLong}, Variadic: true, Result: tLong, Eval: func(a []any) any {
		return reduce(xxhash.Sum64String(text(a, 0)), a)
	}},
	{Name: "hash_xxhash64_whole", Params: []schema.Type{tLong, tLong}, Variadic: true, Result: tLong, Eval: func(a []any) any {
		n, ok := number(a, 0)
		if !ok {
			return reduce(xxhash.Sum64(nil), a)
		}
		return reduce(xxhash.Sum64(binary.LittleEndian.AppendUint64(nil, uint64(n))), a)
	}},
	{Name: "hash_combine", Params: []schema.Type{tLong}, Variadic: true, Result: tLong, Eval: func(a []any) any {
		var h uint64
		for i := range a {
			n, _ := number(a, i)
			h ^= uint64(n) + 0x9e3779b97f4a7c15 + h<<6 + h>>2
		}
		return int64(h)
	}},
}

// reduce brings a hash into the range that argument 1 gives, if it is there.
func reduce(h uint64, a []any) any {
	if len(a) < 2 {
		return int64(h)
	}
	m, ok := number(a, 1)
	if !ok || m <= 0 {
		return nil
	}
	return int64(h % uint64(m))
}
