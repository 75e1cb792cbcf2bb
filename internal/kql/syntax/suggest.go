package syntax

import "strings"

// Suggest gives ", did you mean …?" with the nearest of the names, or "".
func Suggest(name string, candidates []string) string {
	best, least := "", min(max(2, len(name)/3), len(name)/2)
	lower := strings.ToLower(name)
	for _, c := range candidates {
		if abs(len(c)-len(name)) > least {
			continue
		}
		if d := distance(lower, strings.ToLower(c)); d < least || d == least && best == "" {
			best, least = c, d
		}
	}
	if best == "" || best == name {
		return ""
	}
	return "; did you mean '" + best + "'?"
}

func abs(n int) int { return max(n, -n) }

// distance is how many letters must be put in, taken out or changed.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
