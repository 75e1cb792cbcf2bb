package schema

import (
	"math"
	"strconv"
	"strings"
)

// Value is one non-null value. Its Type decides which accessor holds it: Int for Bool
// (0 or 1), Int, Long, DateTime and TimeSpan; Float for Real; Str for String, Decimal,
// GUID and Dynamic (JSON text).
type Value struct {
	Type Type
	n    int64
	s    string
}

// Int is the number, tick count or truth value.
func (v Value) Int() int64 { return v.n }

// Bits is the number, tick count or truth value, or the bits of a Real.
func (v Value) Bits() uint64 { return uint64(v.n) }

// Float is the floating-point value of a Real.
func (v Value) Float() float64 { return math.Float64frombits(uint64(v.n)) }

// Str is the text of a String, Decimal, GUID or Dynamic.
func (v Value) Str() string { return v.s }

// Clone is a copy whose text stands in memory of its own.
func (v Value) Clone() Value {
	v.s = strings.Clone(v.s)
	return v
}

// Text is the value as plain text, for display and tests.
func (v Value) Text() string {
	switch v.Type {
	case Bool:
		return strconv.FormatBool(v.n != 0)
	case Int, Long, TimeSpan:
		return strconv.FormatInt(v.n, 10)
	case Real:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case DateTime:
		return Ticks(v.n).String()
	default:
		return v.s
	}
}

// Cell is a value in a column, by the column's index in its table.
type Cell struct {
	Column int
	Value  Value
}

// Row is one row of an event table, filled sparsely: what no cell names is null, or
// the empty text in a string column. The hidden columns are not cells; the batch that
// carries the row gives them.
type Row struct {
	Table *Table
	Cells []Cell
}

// NewRow starts a row of t with room for a usual number of cells.
func NewRow(t *Table) Row { return Row{Table: t, Cells: make([]Cell, 0, 24)} }

// The setters panic when the table has no such column or the column has another type:
// names are written in code, and a wrong one is a mistake in it. Empty text is not
// stored. A second value for a column replaces the first.

// SetString sets a String, GUID or Dynamic column from text.
func (r *Row) SetString(name, s string) {
	if s == "" {
		return
	}
	i, t := r.column(name)
	if t != String && t != GUID && t != Dynamic && t != Decimal {
		panic("schema: " + r.Table.Name + "." + name + " is " + t.String() + ", not text")
	}
	r.set(i, Value{Type: t, s: s})
}

// SetInt sets an Int or Long column.
func (r *Row) SetInt(name string, n int64) {
	i, t := r.column(name)
	if t != Int && t != Long {
		panic("schema: " + r.Table.Name + "." + name + " is " + t.String() + ", not a whole number")
	}
	r.set(i, Value{Type: t, n: n})
}

// SetBool sets a Bool column.
func (r *Row) SetBool(name string, b bool) {
	i, t := r.column(name)
	if t != Bool {
		panic("schema: " + r.Table.Name + "." + name + " is " + t.String() + ", not bool")
	}
	var n int64
	if b {
		n = 1
	}
	r.set(i, Value{Type: Bool, n: n})
}

// SetReal sets a Real column.
func (r *Row) SetReal(name string, f float64) {
	i, t := r.column(name)
	if t != Real {
		panic("schema: " + r.Table.Name + "." + name + " is " + t.String() + ", not real")
	}
	r.set(i, Value{Type: Real, n: int64(math.Float64bits(f))})
}

// SetTime sets a DateTime or TimeSpan column.
func (r *Row) SetTime(name string, at Ticks) {
	i, t := r.column(name)
	if t != DateTime && t != TimeSpan {
		panic("schema: " + r.Table.Name + "." + name + " is " + t.String() + ", not a time")
	}
	r.set(i, Value{Type: t, n: int64(at)})
}

// Get is the value of a column, if the row has one.
func (r *Row) Get(name string) (Value, bool) {
	i := r.Table.Index(name)
	if i < 0 {
		return Value{}, false
	}
	return r.Cell(i)
}

// Cell is the value of the column with an index, if the row has one.
func (r *Row) Cell(column int) (Value, bool) {
	for i := range r.Cells {
		if r.Cells[i].Column == column {
			return r.Cells[i].Value, true
		}
	}
	return Value{}, false
}

// Str is the text of a column, or "".
func (r *Row) Str(name string) string {
	v, _ := r.Get(name)
	return v.s
}

func (r *Row) column(name string) (int, Type) {
	i := r.Table.Index(name)
	if i < 0 {
		panic("schema: " + r.Table.Name + " has no column " + name)
	}
	return i, r.Table.Columns[i].Type
}

func (r *Row) set(i int, v Value) {
	for j := range r.Cells {
		if r.Cells[j].Column == i {
			r.Cells[j].Value = v
			return
		}
	}
	r.Cells = append(r.Cells, Cell{i, v})
}
