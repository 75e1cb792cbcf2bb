package normalize_test

import (
	"encoding/json"
	"testing"

	"spoor/internal/schema"
)

// additional is the row's AdditionalFields.
func additional(t *testing.T, row *schema.Row) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(row.Str("AdditionalFields")), &m); err != nil {
		t.Fatalf("AdditionalFields: %v in %s", err, row.Str("AdditionalFields"))
	}
	return m
}
