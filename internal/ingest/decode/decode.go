// Package decode turns bytes into records: it knows wire formats (JSON, Zeek TSV, CSV,
// plain text) and nothing of what a record means.
//
// A Splitter cuts a source into chunks of whole records, in order; Decoders parse the
// chunks, side by side if wanted. What cannot be parsed is reported as an *Error with
// its place and the reason, and the source goes on with the next record: every byte
// belongs to a record, to an error, or to the furniture of the format. The state of a
// chunk lets a source that has grown go on behind it.
//
// To add a format, add a file like text.go, its line in formats, and testdata/<name>.
package decode

import (
	"fmt"
	"slices"
)

// Kind is the JSON kind of a field's value.
type Kind uint8

// The kinds. TSV and CSV fields are strings, or null where the format says unset; the
// sets and vectors of Zeek TSV are arrays, as they are in its JSON.
const (
	Null Kind = iota
	String
	Number
	Bool
	Object // Text is JSON
	Array  // Text is JSON
)

// Value is one field's value: the kind and the text. A string is unescaped; a number
// is as printed; a bool is "true" or "false"; an object or array is JSON text. Text is
// UTF-8: bytes that are not have become U+FFFD (in Zeek TSV \xNN). It may hold NUL.
type Value struct {
	Kind Kind
	Text string
}

// Field is a named value.
type Field struct {
	Name string
	Value
}

// Record is one thing a source wrote, decoded. Decoder.Decode says how long it lives.
type Record struct {
	// Format is the wire format: json, csv, zeek.tsv, text.
	Format string
	// Stream is what the container says the record is (the #path of a Zeek TSV file,
	// the table a CSV export is named after), or "".
	Stream string
	// Fields in their order; a name may come twice.
	Fields []Field
	// Raw is the record's bytes as they stand in the source, without the line end.
	Raw []byte
	// Ordinal counts the records of the source from 0, quarantined ones too; Offset is
	// where Raw begins in the decompressed source.
	Ordinal int64
	Offset  int64
}

// Clone is a copy of the record that shares no memory that is used again.
func (r *Record) Clone() *Record {
	c := *r
	c.Fields = slices.Clone(r.Fields)
	return &c
}

// Get is the text of the first of the named fields that is present and not null; ""
// when none is.
func (r *Record) Get(names ...string) string {
	for _, n := range names {
		if v, ok := r.Lookup(n); ok && v.Kind != Null {
			return v.Text
		}
	}
	return ""
}

// Lookup finds a field by its exact name.
func (r *Record) Lookup(name string) (Value, bool) {
	for i := range r.Fields {
		if f := &r.Fields[i]; len(f.Name) == len(name) && f.Name == name {
			return f.Value, true
		}
	}
	return Value{}, false
}

// Has reports whether the field is there, null or not.
func (r *Record) Has(name string) bool {
	_, ok := r.Lookup(name)
	return ok
}

// Error is a record that could not be parsed. Raw, Ordinal and Offset say which.
type Error struct {
	Ordinal int64
	Offset  int64
	Raw     []byte
	Reason  string
}

func (e *Error) Error() string {
	return fmt.Sprintf("record %d at byte %d: %s", e.Ordinal, e.Offset, e.Reason)
}
