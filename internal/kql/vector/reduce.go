package vector

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"
)

// Reduce groups texts that are alike. The first column of the input is the text; a text
// is split into terms at Separators, or else at whatever is neither letter nor digit. It
// joins the first group that has as many terms and, of them, a share of more than
// Threshold the same at the same place; the terms in which a group's texts differ become
// a star in its pattern. Texts alike to no other are together in the group "others".
type Reduce struct {
	Threshold  float64
	Separators string
	// Source: each row is given, with its group's pattern, count and representative behind
	// its columns; the text is left out.
	Source bool
}

// String names the operator.
func (*Reduce) String() string { return "reduce" }

// likeTexts is a group.
type likeTexts struct {
	terms, gaps    []string // gaps[i] stands before terms[i], the last one behind all
	starred        []bool
	count          int64
	representative string
	pattern        string
}

// maxGroups bounds the groups that a text is held against, and with them the time.
const maxGroups = 10_000

// Run groups the texts.
func (r *Reduce) Run(ctx context.Context, inputs [][][]any) ([][]any, error) {
	byLength := map[int][]*likeTexts{}
	same := map[string]*likeTexts{}
	var groups []*likeTexts
	of := make([]*likeTexts, len(inputs[0]))
	for i, row := range inputs[0] {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s := text(row, 0)
		g := same[s]
		if g == nil {
			terms, gaps := r.split(s)
			if g = r.find(byLength[len(terms)], terms); g == nil {
				g = &likeTexts{terms: terms, gaps: gaps, starred: make([]bool, len(terms)), representative: s}
				groups = append(groups, g)
				if len(groups) <= maxGroups {
					byLength[len(terms)] = append(byLength[len(terms)], g)
				}
			}
			g.widen(terms)
			same[s] = g
		}
		g.count++
		of[i] = g
	}
	groups = r.others(groups, of)
	if r.Source {
		return attached(inputs[0], of), nil
	}
	slices.SortStableFunc(groups, func(a, b *likeTexts) int { return cmp.Compare(b.count, a.count) })
	out := [][]any{}
	for _, g := range groups {
		out = append(out, []any{g.pattern, g.count, g.representative})
	}
	return out, nil
}

// split takes a text apart into terms and what stands between them.
func (r *Reduce) split(s string) (terms, gaps []string) {
	separates := func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }
	if r.Separators != "" {
		separates = func(c rune) bool { return strings.ContainsRune(r.Separators, c) }
	}
	gap := 0
	for gap < len(s) {
		start := strings.IndexFunc(s[gap:], func(c rune) bool { return !separates(c) })
		if start < 0 {
			break
		}
		start += gap
		end := strings.IndexFunc(s[start:], separates)
		if end < 0 {
			end = len(s) - start
		}
		end += start
		terms, gaps = append(terms, s[start:end]), append(gaps, s[gap:start])
		gap = end
	}
	return terms, append(gaps, s[gap:])
}

// find is the first group that is enough like the terms.
func (r *Reduce) find(groups []*likeTexts, terms []string) *likeTexts {
	for _, g := range groups {
		equal := 0
		for i, t := range terms {
			if !g.starred[i] && g.terms[i] == t {
				equal++
			}
		}
		if float64(equal) > r.Threshold*float64(len(terms)) {
			return g
		}
	}
	return nil
}

// widen puts stars where the terms differ from the group's.
func (g *likeTexts) widen(terms []string) {
	for i, t := range terms {
		g.starred[i] = g.starred[i] || g.terms[i] != t
	}
}

// pattern is the pattern of a group: runs of stars and what stands between them are one
// star, which swallows the separators that the query has named beside it.
func (r *Reduce) pattern(g *likeTexts) string {
	var b strings.Builder
	star := false
	for i, t := range g.terms {
		switch {
		case g.starred[i] && star:
			continue
		case g.starred[i]:
			b.WriteString(r.besideStar(g.gaps[i]) + "*")
		case star:
			b.WriteString(r.besideStar(g.gaps[i]) + t)
		default:
			b.WriteString(g.gaps[i] + t)
		}
		star = g.starred[i]
	}
	end := g.gaps[len(g.terms)]
	if star {
		end = r.besideStar(end)
	}
	return b.String() + end
}

func (r *Reduce) besideStar(gap string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsSpace(c) && strings.ContainsRune(r.Separators, c) {
			return -1
		}
		return c
	}, gap)
}

// others puts the texts that are alone into one group.
func (r *Reduce) others(groups []*likeTexts, of []*likeTexts) []*likeTexts {
	rest := &likeTexts{pattern: "others"}
	kept := groups[:0]
	for _, g := range groups {
		if g.count == 1 {
			rest.count++
			continue
		}
		g.pattern = r.pattern(g)
		kept = append(kept, g)
	}
	for i, g := range of {
		if g.count == 1 && g != rest {
			of[i] = rest
		}
	}
	if rest.count > 0 {
		kept = append(kept, rest)
	}
	return kept
}

func attached(rows [][]any, of []*likeTexts) [][]any {
	out := make([][]any, len(rows))
	for i, row := range rows {
		out[i] = append(slices.Clone(row[1:]), of[i].pattern, of[i].count, of[i].representative)
	}
	return out
}
