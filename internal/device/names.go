package device

import "strings"

// Names decides which reported names of one source are one device: a short name joins
// the one fully qualified name with that first label, if exactly one reports in the
// same source. A short name alone, or one that several qualified names share, stays a
// device of its own.
type Names struct {
	qualified map[string]string // first label → the one name, or "" when there are several
}

// Add takes note of a reported name, in lower case.
func (n *Names) Add(name string) {
	label, _, ok := strings.Cut(name, ".")
	if !ok || label == "" {
		return
	}
	if n.qualified == nil {
		n.qualified = map[string]string{}
	}
	if had, seen := n.qualified[label]; seen && had != name {
		name = ""
	}
	n.qualified[label] = name
}

// Full is the name under which the device is identified.
func (n *Names) Full(name string) string {
	if full := n.qualified[name]; full != "" {
		return full
	}
	return name
}
