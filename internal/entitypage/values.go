package entitypage

import (
	"encoding/json"
)

// text reads a string of a result; "" for null.
func text(v any) string {
	s, _ := v.(string)
	return s
}

// numbers reads a dynamic that is a list of numbers.
func numbers(v any) []int64 {
	list := []int64{}
	if raw, ok := v.(json.RawMessage); ok {
		_ = json.Unmarshal(raw, &list) // what is no such list is empty
	}
	return list
}
