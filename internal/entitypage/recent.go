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
	question question
	answer   any
}

// recentAnswers is how many answers are kept.
const recentAnswers = 16

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
func keepRecent[T any](p *Pages, q question, ask func() (T, error)) (T, error) {
	asked := func(a recentAnswer) bool { return a.question == q }
	p.recent.mu.Lock()
	if i := slices.IndexFunc(p.recent.answers, asked); i >= 0 {
		defer p.recent.mu.Unlock()
		return p.recent.answers[i].answer.(T), nil
	}
	p.recent.mu.Unlock()
	answer, err := ask()
	if err != nil {
		return answer, err
	}
	p.recent.mu.Lock()
	defer p.recent.mu.Unlock()
	p.recent.answers = append(slices.DeleteFunc(p.recent.answers, asked), recentAnswer{q, answer})
	if n := len(p.recent.answers); n > recentAnswers {
		p.recent.answers = slices.Delete(p.recent.answers, 0, n-recentAnswers)
	}
	return answer, nil
}
