// Package transparency keeps the names that stand in logs of certificate transparency, as
// crt.sh lists them in JSON, so that names below a domain are known that own logs have not
// seen. It reads files that people fetched; it asks nobody.
//
// A name in a certificate says that somebody had one issued for it: not that it was ever
// looked up, and not that anybody here saw it.
package transparency

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Errors that callers tell apart. They are wrapped; their text says what is wrong in
// words fit for the user.
var (
	ErrInvalid  = errors.New("invalid file")
	ErrNotFound = errors.New("no such file")
)

// File is a file without its names.
type File struct {
	ID           int64
	Name         string // of the file: "example.com.json"
	Entries      int    // what crt.sh lists
	Certificates int    // distinct by issuer and serial number: a certificate and its precertificate are one
	Names        int    // distinct, wildcards among them
	Skipped      int    // texts that are no names of hosts: e-mail addresses, addresses, organisations
	Imported     time.Time
	By           string
}

// Name is a name in the certificates of one file.
type Name struct {
	Name         string // canonical; a wildcard begins with "*."
	NotBefore    time.Time
	NotAfter     time.Time // of the certificates: the earliest and the latest moment of their validity
	Certificates int
	Issuers      []string // distinguished names, in the order in which they come first, MaxIssuers at most
}

// Wildcard reports whether the name stands for all names one label longer.
func (n *Name) Wildcard() bool { return strings.HasPrefix(n.Name, "*.") }

// Found is a name and the file that has it.
type Found struct {
	Name
	File     string
	Imported time.Time
}

// reversed writes the labels of a name backwards, so that names below one follow it.
func reversed(name string) string {
	labels := strings.Split(name, ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".")
}
