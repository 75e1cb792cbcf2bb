package duckdb

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// runTable is a table whose rows are folded by a key and stand in sorted runs: each
// commit appends one, and merging turns several into one bigger run (see merge.go). A
// look-up by the leading columns of the order then touches a few blocks of each run.
//
// Rows with the same key may stand in several runs; whoever reads adds them up.
type runTable struct {
	name    string
	columns []runColumn
	// order is what runs are sorted by.
	order string
}

// runColumn is a column of a run table.
type runColumn struct {
	name string
	typ  string
	// fold is the SQL that folds the column over the rows of a key; "" for a column of
	// the key itself.
	fold string
}

// runNumber is the column that says which run a row is of.
const runNumber = "run"

func (t *runTable) ddl() string {
	var b strings.Builder
	b.WriteString("CREATE TABLE " + t.name + " (")
	for _, c := range t.columns {
		b.WriteString(quote(c.name) + " " + c.typ + " NOT NULL, ")
	}
	return b.String() + runNumber + " BIGINT NOT NULL)"
}

// newColumns are empty columns for a run of the table, in the order of t.columns.
func (t *runTable) newColumns() []namedColumn {
	columns := make([]namedColumn, len(t.columns))
	for i, c := range t.columns {
		columns[i] = namedColumn{fmt.Sprintf("c%d", i), &arrowColumn{typ: runArrowTypes[c.typ]}}
	}
	return columns
}

// runArrowTypes are the Arrow types in which columns of run tables are handed over.
var runArrowTypes = map[string]arrow.DataType{
	"UTINYINT": arrow.PrimitiveTypes.Int32, "USMALLINT": arrow.PrimitiveTypes.Int32, "INTEGER": arrow.PrimitiveTypes.Int32,
	"BIGINT": arrow.PrimitiveTypes.Int64, "UBIGINT": arrow.PrimitiveTypes.Uint64, "VARCHAR": arrow.BinaryTypes.String,
}

// insertSQL appends what the view holds as the run whose number is the argument.
func (t *runTable) insertSQL(view string) string {
	return "INSERT INTO " + t.name + " " + committedWhole("SELECT *, ?::BIGINT FROM "+incoming+".main."+view, len(t.columns)+1)
}

// cells sets one row of columns from left to right.
type cells struct {
	columns []namedColumn
	row     int
	at      int
}

func (c *cells) next() *arrowColumn {
	c.at++
	return c.columns[c.at-1].arrowColumn
}

func (c *cells) text(s string)  { c.next().setText(c.row, s) }
func (c *cells) number(n int32) { c.next().setInt(c.row, n) }
func (c *cells) wide(n uint64)  { c.next().setWide(c.row, n) }
