package entitypage

import (
	"slices"
	"sync"

	"spoor/internal/schema"
)

// recent keeps what single pages asked of the events, which costs much more than what
// they ask of the ledger: the answers to the latest questions.
type recent struct {
	mu      sync.Mutex
	answers []recentAnswer // the latest last
}

type recentAnswer struct {
	question any // comparable
	answer   any
}

// recentAnswers is how many answers are kept: those to the sections of a few pages.
const recentAnswers = 64

// sectionQuestion is a section of a page in one state of the store.
type sectionQuestion struct {
	section string
	of      viewKey
}

// keepSection gives the answer of a section that is kept, or asks and keeps it until the
// store or the network catalogue changes. The answer must not be changed. One that lacks
// what could not be read is not kept.
func keepSection[T any](p *Pages, v *view, section string, ask func() (T, error)) (T, error) {
	return keepRecent(p, sectionQuestion{section, v.key}, ask)
}

// incomplete is what an answer is whose parts can fail alone.
type incomplete interface{ incomplete() bool }

// question is what a section of a page asked, and of what: the same question has
// another answer once the ledger has other rows of the entity or of its holders.
type question struct {
	section  string
	req      Request
	from, to schema.Ticks

	rows, claims  int
	records       int64
	first, latest schema.Ticks
}

func (v *view) question(section string) question {
	q := question{section: section, req: v.req, from: v.window.from, to: v.window.to, rows: len(v.rows), claims: len(v.claims)}
	for i := range v.rows {
		q.records += v.rows[i].Records
		q.first += v.rows[i].First
		q.latest += v.rows[i].Last
	}
	return q
}

// keepRecent gives the answer that is kept, or asks and keeps it.
func keepRecent[T any](p *Pages, q any, ask func() (T, error)) (T, error) {
	asked := func(a recentAnswer) bool { return a.question == q }
	p.recent.mu.Lock()
	if i := slices.IndexFunc(p.recent.answers, asked); i >= 0 {
		defer p.recent.mu.Unlock()
		return p.recent.answers[i].answer.(T), nil
	}
	p.recent.mu.Unlock()
	answer, err := ask()
	if part, ok := any(answer).(incomplete); err != nil || ok && part.incomplete() {
		return answer, err
	}
	p.recent.mu.Lock()
	defer p.recent.mu.Unlock()
	p.recent.answers = append(slices.DeleteFunc(p.recent.answers, func(a recentAnswer) bool { return asked(a) || outdated(a.question, q) }), recentAnswer{q, answer})
	if n := len(p.recent.answers); n > recentAnswers {
		p.recent.answers = slices.Delete(p.recent.answers, 0, n-recentAnswers)
	}
	return answer, nil
}

// outdated reports whether a question was about another state of the store than a later
// one.
func outdated(q, later any) bool {
	a, ok := q.(sectionQuestion)
	b, both := later.(sectionQuestion)
	return ok && both && (a.of.store != b.of.store || a.of.networks != b.of.networks)
}

// firstOf is at most n items, the first: where there are more a list of its own, so that an
// answer that is kept does not keep those that it does not show.
func firstOf[T any](items []T, n int) []T {
	if len(items) <= n {
		return items
	}
	return slices.Clone(items[:n])
}
