// Package device knows who is who among the reporting hosts, and who held an address
// when. A device is identified by its site and the name it reports; addresses and
// sensor GUIDs never merge names.
package device

import (
	"crypto/sha256"
	"encoding/hex"
)

// ID is the DeviceId of a reported name at a site: 40 hexadecimal digits, as
// Defender's are. "" for no name.
func ID(site, name string) string {
	if name == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(site + "\x00" + name))
	return hex.EncodeToString(sum[:20])
}
