package syntax

import "strings"

// Quote writes a text as a KQL string literal, whatever stands in it.
func Quote(s string) string {
	return `"` + quoting.Replace(s) + `"`
}

var quoting = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`)
