package decode

import "bytes"

// Formats that are recognised so that they can be skipped by name: none of their bytes
// becomes a record.
var (
	pcapFormat   = Format{Name: "capture", About: "packet capture", match: magic("\xd4\xc3\xb2\xa1", "\xa1\xb2\xc3\xd4", "\x4d\x3c\xb2\xa1", "\xa1\xb2\x3c\x4d", "\x0a\x0d\x0d\x0a")}
	evtxFormat   = Format{Name: "evtx", About: "Windows event log (EVTX)", Missed: true, match: magic("ElfFile\x00")}
	binaryFormat = Format{Name: "binary", About: "binary data", match: isBinary}
)

func magic(prefixes ...string) func([]byte, string) bool {
	return func(head []byte, _ string) bool {
		for _, p := range prefixes {
			if bytes.HasPrefix(head, []byte(p)) {
				return true
			}
		}
		return false
	}
}

// isBinary reports whether too many of the bytes are control characters for a log. NUL
// is left out of the count: crashes leave runs of it in files that are text otherwise;
// but a head of hardly anything else is no text either.
func isBinary(head []byte, _ string) bool {
	nul, control := 0, 0
	for _, c := range head {
		switch {
		case c == 0:
			nul++
		case c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\v' && c != 0x1b && c != 0x1e, c == 0x7f:
			control++
		}
	}
	rest := len(head) - nul
	return control*50 > rest || nul > 0 && rest*4 < nul
}
