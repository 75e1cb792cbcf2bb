// Package content holds what analysts edit, built into the binary: curated queries, each
// with its tests.
package content

import "embed"

// Insights are the curated queries of entity pages, insights/*.yaml.
//
//go:embed insights/*.yaml
var Insights embed.FS
