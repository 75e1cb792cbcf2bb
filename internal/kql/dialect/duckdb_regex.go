package dialect

import "regexp/syntax"

// minLiteral is how long a literal must be for a look for it to be worth its time.
const minLiteral = 3

// requiredLiteral is the longest text that stands in every match of a regular
// expression, "" when none is known.
func requiredLiteral(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	longest := ""
	eachRequired(re.Simplify(), func(s string) {
		if len(s) > len(longest) {
			longest = s
		}
	})
	if len(longest) < minLiteral {
		return ""
	}
	return longest
}

// eachRequired calls f with texts that stand in every match.
func eachRequired(re *syntax.Regexp, f func(string)) {
	switch re.Op { //nolint:exhaustive // the others may match without any text in particular
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			f(string(re.Rune))
		}
	case syntax.OpConcat, syntax.OpCapture, syntax.OpPlus:
		for _, sub := range re.Sub {
			eachRequired(sub, f)
		}
	case syntax.OpRepeat:
		if re.Min > 0 {
			eachRequired(re.Sub[0], f)
		}
	}
}
