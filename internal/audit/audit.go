// Package audit keeps who did or asked what, when and from where. An entry is durable
// in the case store when Record returns; Fold moves entries on into the event table
// SpoorAudit, so that KQL reads them, each exactly once.
//
// What is worth an entry is decided by the server and the command line. An entry holds
// no passwords, no tokens and no event contents; of a query it holds the text.
package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"spoor/internal/casedb"
)

// Entry is one thing that was done or asked.
type Entry struct {
	ID     int64 // given by Record, rising
	Time   time.Time
	Actor  string // account name, "token:" and its name, or "console"
	Role   string
	Action string // for example query.run, source.remove, user.reset
	Target string // what it was done to
	// ClientIP is where the request came from; "" on the console.
	ClientIP  string
	Succeeded bool
	Rows      int64 // returned or changed
	Duration  time.Duration
	// Detail is more about it, by name: the text of a query, the reason of a refusal.
	Detail map[string]string
}

// Bounds of what an entry keeps of a client's text.
const (
	maxText   = 256
	maxDetail = 16 << 10
)

// Log is the audit log of one case store. It is safe for concurrent use.
type Log struct {
	db  *casedb.DB
	now func() time.Time
}

// New makes a Log on an open case store. A nil now is the clock.
func New(db *casedb.DB, now func() time.Time) *Log {
	if now == nil {
		now = time.Now
	}
	return &Log{db: db, now: now}
}

// Record writes an entry. A zero Time is now. That the caller of the request has gone
// away does not stop it.
func (l *Log) Record(ctx context.Context, e Entry) error {
	if e.Time.IsZero() {
		e.Time = l.now()
	}
	var detail string
	if len(e.Detail) > 0 {
		for k, v := range e.Detail {
			e.Detail[k] = clip(v, maxDetail)
		}
		text, err := json.Marshal(e.Detail)
		if err != nil {
			return fmt.Errorf("record %s in the audit log: %w", e.Action, err)
		}
		detail = string(text)
	}
	_, err := l.db.ExecContext(context.WithoutCancel(ctx), `INSERT INTO audit
		(at, actor, role, action, target, client_ip, succeeded, rows, duration, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		casedb.Micros(e.Time), clip(e.Actor, maxText), e.Role, e.Action, clip(e.Target, maxText), e.ClientIP,
		e.Succeeded, e.Rows, e.Duration.Microseconds(), detail)
	if err != nil {
		return fmt.Errorf("record %s in the audit log: %w", e.Action, err)
	}
	return nil
}

// clip cuts text to size bytes, at the start of a character, and marks the cut.
func clip(s string, size int) string {
	if len(s) <= size {
		return s
	}
	for size > 0 && s[size]&0xc0 == 0x80 {
		size--
	}
	return s[:size] + "…"
}

// Filter selects entries; zero fields select all.
type Filter struct {
	Actor  string
	Action string
	Target string
	// Before selects entries with a lower ID, to page backwards.
	Before int64
	Limit  int
}

// List lists the newest entries that the filter selects, newest first.
func (l *Log) List(ctx context.Context, f Filter) ([]Entry, error) {
	return l.list(ctx, `WHERE (? = '' OR actor = ?) AND (? = '' OR action = ?) AND (? = '' OR target = ?) AND (? = 0 OR id < ?) ORDER BY id DESC LIMIT ?`,
		f.Actor, f.Actor, f.Action, f.Action, clip(f.Target, maxText), clip(f.Target, maxText), f.Before, f.Before, f.Limit)
}

func (l *Log) list(ctx context.Context, where string, args ...any) ([]Entry, error) {
	rows, err := l.db.QueryContext(ctx, `SELECT id, at, actor, role, action, target, client_ip, succeeded, rows, duration, detail FROM audit `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("list the audit log: %w", err)
	}
	defer rows.Close()
	var entries []Entry
	for rows.Next() {
		e, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("list the audit log: %w", err)
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

func scan(rows *sql.Rows) (Entry, error) {
	var e Entry
	var at, duration int64
	var detail string
	if err := rows.Scan(&e.ID, &at, &e.Actor, &e.Role, &e.Action, &e.Target, &e.ClientIP, &e.Succeeded, &e.Rows, &duration, &detail); err != nil {
		return Entry{}, err
	}
	e.Time, e.Duration = casedb.Moment(at), time.Duration(duration)*time.Microsecond
	if detail == "" {
		return e, nil
	}
	return e, json.Unmarshal([]byte(detail), &e.Detail)
}
