package account

import (
	"errors"
	"strings"
	"testing"
	"time"

	"spoor/internal/casedb"
)

// lightHashing keeps the tests quick; what is tested does not depend on the cost.
var lightHashing = Hashing{MemoryKiB: 64, Passes: 1, Threads: 1}

type clock struct{ at time.Time }

func (c *clock) now() time.Time          { return c.at }
func (c *clock) advance(d time.Duration) { c.at = c.at.Add(d) }

func newStore(t *testing.T) (*Store, *clock) {
	t.Helper()
	return storeIn(t, t.TempDir())
}

func storeIn(t *testing.T, dir string) (*Store, *clock) {
	t.Helper()
	db, err := casedb.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c := &clock{time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
	return New(db, Config{Hashing: lightHashing, Now: c.now}), c
}

const address = "192.0.2.7"

// The one-time password lets the first administrator in until another was set with it.
func TestOneTimePassword(t *testing.T) {
	s, _ := newStore(t)
	oneTime, err := s.EnsureAdmin(t.Context())
	if err != nil || oneTime == "" {
		t.Fatalf("no one-time password: %v", err)
	}
	if again, err := s.EnsureAdmin(t.Context()); err != nil || again != "" {
		t.Fatalf("a second start made a password again (%v)", err)
	}
	secret, p, err := s.SignIn(t.Context(), "Admin ", oneTime, address)
	if err != nil {
		t.Fatal(err)
	}
	if !p.MustChange || p.Role != Admin {
		t.Errorf("first sign-in: %+v, want an admin who must change the password", p)
	}
	// The browser may have lost the answer: it still works.
	if _, _, err := s.SignIn(t.Context(), "admin", oneTime, address); err != nil {
		t.Errorf("second sign-in before the change: %v", err)
	}
	const chosen = "correct horse battery"
	if err := s.SetPassword(t.Context(), p, oneTime, chosen); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.SignIn(t.Context(), "admin", oneTime, address); !errors.Is(err, ErrBadCredentials) {
		t.Errorf("the one-time password still works: %v", err)
	}
	if p, ok, err := s.Session(t.Context(), secret); !ok || err != nil || p.MustChange {
		t.Errorf("the session that set the password: %+v %v %v, want it to go on", p, ok, err)
	}
	if _, p, err := s.SignIn(t.Context(), "admin", chosen, address); err != nil || p.MustChange {
		t.Errorf("sign-in with the new password: %+v %v", p, err)
	}
}

func TestSetPassword(t *testing.T) {
	s, _ := newStore(t)
	oneTime, err := s.Add(t.Context(), "alice", Analyst)
	if err != nil {
		t.Fatal(err)
	}
	_, p, err := s.SignIn(t.Context(), "alice", oneTime, address)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := s.SignIn(t.Context(), "alice", oneTime, address)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		current, next string
		want          error
	}{
		"wrong current":    {"nonsense", "a long enough one", ErrBadCredentials},
		"eleven letters":   {oneTime, "12345678901", ErrInvalid},
		"the same":         {oneTime, oneTime, ErrInvalid},
		"holds the name":   {oneTime, "i am ALICE in here", ErrInvalid},
		"longer than 1024": {oneTime, strings.Repeat("x", 1025), ErrInvalid},
	} {
		if err := s.SetPassword(t.Context(), p, c.current, c.next); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if err := s.SetPassword(t.Context(), p, oneTime, "пароль длинный"); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.Session(t.Context(), other); ok || err != nil {
		t.Errorf("another session goes on after the change (%v)", err)
	}
}

func TestAddRefuses(t *testing.T) {
	s, _ := newStore(t)
	if _, err := s.Add(t.Context(), "bob", Reader); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		account string
		role    Role
		want    error
	}{
		"same name in capitals": {"BOB", Reader, ErrExists},
		"empty":                 {" ", Reader, ErrInvalid},
		"line break":            {"a\nb", Reader, ErrInvalid},
		"65 letters":            {strings.Repeat("a", 65), Reader, ErrInvalid},
		"unknown role":          {"eve", "root", ErrInvalid},
		"ingest":                {"eve", Ingest, ErrInvalid},
	} {
		if _, err := s.Add(t.Context(), c.account, c.role); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestDisableEndsSessions(t *testing.T) {
	s, _ := newStore(t)
	oneTime, err := s.Add(t.Context(), "alice", Analyst)
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := s.SignIn(t.Context(), "alice", oneTime, address)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetDisabled(t.Context(), "alice", true); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := s.Session(t.Context(), secret); ok {
		t.Error("the session goes on")
	}
	if _, _, err := s.SignIn(t.Context(), "alice", oneTime, address); !errors.Is(err, ErrBadCredentials) {
		t.Errorf("a disabled account signs in: %v", err)
	}
	if err := s.SetDisabled(t.Context(), "alice", false); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := s.Session(t.Context(), secret); ok {
		t.Error("the old session is back")
	}
	if _, _, err := s.SignIn(t.Context(), "alice", oneTime, address); err != nil {
		t.Errorf("an enabled account: %v", err)
	}
}

func TestResetVoidsPasswordAndSessions(t *testing.T) {
	s, _ := newStore(t)
	first, err := s.Add(t.Context(), "alice", Analyst)
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := s.SignIn(t.Context(), "alice", first, address)
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Reset(t.Context(), "alice")
	if err != nil || second == first {
		t.Fatalf("reset: %v", err)
	}
	if _, ok, _ := s.Session(t.Context(), secret); ok {
		t.Error("the session goes on")
	}
	if _, _, err := s.SignIn(t.Context(), "alice", first, address); !errors.Is(err, ErrBadCredentials) {
		t.Errorf("the old password works: %v", err)
	}
	if _, p, err := s.SignIn(t.Context(), "alice", second, address); err != nil || !p.MustChange {
		t.Errorf("the new one: %+v %v", p, err)
	}
	if _, err := s.Reset(t.Context(), "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("reset of nobody: %v", err)
	}
}

func TestLastAdminStays(t *testing.T) {
	s, _ := newStore(t)
	if _, err := s.EnsureAdmin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.SetDisabled(t.Context(), "admin", true); !errors.Is(err, ErrLastAdmin) {
		t.Errorf("disabling the only administrator: %v", err)
	}
	if _, err := s.Add(t.Context(), "second", Admin); err != nil {
		t.Fatal(err)
	}
	if err := s.SetDisabled(t.Context(), "admin", true); err != nil {
		t.Errorf("disabling one of two: %v", err)
	}
}

func TestSessionLifetimes(t *testing.T) {
	s, c := newStore(t)
	oneTime, err := s.Add(t.Context(), "alice", Analyst)
	if err != nil {
		t.Fatal(err)
	}
	signIn := func() string {
		secret, _, err := s.SignIn(t.Context(), "alice", oneTime, address)
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	alive := func(secret string) bool {
		_, ok, err := s.Session(t.Context(), secret)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}

	idle := signIn()
	c.advance(12 * time.Hour)
	if !alive(idle) {
		t.Error("ended after 12 idle hours; that is the last moment")
	}
	c.advance(12*time.Hour + time.Second)
	if alive(idle) {
		t.Error("goes on after more than 12 idle hours")
	}

	busy := signIn()
	for range 14 { // 14 × 12 h are the 7 days
		c.advance(12 * time.Hour)
		if !alive(busy) {
			t.Fatal("ended although it was in use")
		}
	}
	c.advance(time.Second)
	if alive(busy) {
		t.Error("goes on after 7 days")
	}
}

func TestSignOut(t *testing.T) {
	s, _ := newStore(t)
	oneTime, err := s.Add(t.Context(), "alice", Analyst)
	if err != nil {
		t.Fatal(err)
	}
	secret, p, err := s.SignIn(t.Context(), "alice", oneTime, address)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SignOut(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := s.Session(t.Context(), secret); ok {
		t.Error("the session goes on")
	}
}

// Five failures are free; each further one doubles the wait: 1 s, 2 s, 4 s … 60 s.
func TestThrottleAccount(t *testing.T) {
	s, c := newStore(t)
	oneTime, err := s.Add(t.Context(), "alice", Analyst)
	if err != nil {
		t.Fatal(err)
	}
	fail := func() error {
		_, _, err := s.SignIn(t.Context(), "alice", "wrong", address)
		return err
	}
	for range 5 {
		if err := fail(); !errors.Is(err, ErrBadCredentials) {
			t.Fatal(err)
		}
	}
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		want *= time.Second
		var throttled *ThrottledError
		if _, _, err := s.SignIn(t.Context(), "ALICE", oneTime, "198.51.100.1"); !errors.As(err, &throttled) || throttled.RetryAfter != want {
			t.Fatalf("got %v, want a wait of %s from any address, with the right password too", err, want)
		}
		c.advance(want)
		if err := fail(); !errors.Is(err, ErrBadCredentials) {
			t.Fatalf("after the wait: %v", err)
		}
	}
	c.advance(time.Minute)
	if _, _, err := s.SignIn(t.Context(), "alice", oneTime, address); err != nil {
		t.Fatalf("after the wait, the right password: %v", err)
	}
	if err := fail(); !errors.Is(err, ErrBadCredentials) {
		t.Errorf("success did not clear the failures: %v", err)
	}
}

// One address that tries many names is slowed down after twenty failures.
func TestThrottleAddress(t *testing.T) {
	s, c := newStore(t)
	for i := range 20 {
		if _, _, err := s.SignIn(t.Context(), "user"+string(rune('a'+i)), "wrong", address); !errors.Is(err, ErrBadCredentials) {
			t.Fatal(err)
		}
	}
	var throttled *ThrottledError
	if _, _, err := s.SignIn(t.Context(), "fresh", "wrong", address); !errors.As(err, &throttled) {
		t.Errorf("the 21st name: %v", err)
	}
	if _, _, err := s.SignIn(t.Context(), "fresh", "wrong", "198.51.100.1"); !errors.Is(err, ErrBadCredentials) {
		t.Errorf("another address: %v", err)
	}
	c.advance(16 * time.Minute)
	if _, _, err := s.SignIn(t.Context(), "fresh", "wrong", address); !errors.Is(err, ErrBadCredentials) {
		t.Errorf("a quarter of an hour later: %v", err)
	}
}

func TestThrottleIsBounded(t *testing.T) {
	c := &clock{time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
	th := newThrottle(c.now)
	for i := range 3 * maxTracked {
		th.failed(strings.Repeat("x", i%7)+time.Duration(i).String(), "")
	}
	if n := len(th.failures); n > maxTracked {
		t.Errorf("%d names are kept, at most %d should be", n, maxTracked)
	}
}

func TestTokens(t *testing.T) {
	s, c := newStore(t)
	text, made, err := s.CreateToken(t.Context(), "collector", Ingest, c.now().Add(time.Hour), "admin")
	if err != nil {
		t.Fatal(err)
	}
	if len(text) != len(TokenPrefix)+43 { // 32 bytes in base64 without padding
		t.Errorf("the token has %d characters", len(text))
	}
	p, ok, err := s.Token(t.Context(), text)
	if err != nil || !ok || p.Role != Ingest || p.Actor() != "token:collector" || p.CSRF != "" {
		t.Fatalf("got %+v %v %v", p, ok, err)
	}
	for _, wrong := range []string{"", "spoor_", text[:len(text)-1], text + "x", strings.ToUpper(text), strings.TrimPrefix(text, TokenPrefix)} {
		if _, ok, err := s.Token(t.Context(), wrong); ok || err != nil {
			t.Errorf("%q is taken (%v)", wrong, err)
		}
	}
	list, err := s.Tokens(t.Context())
	if err != nil || len(list) != 1 || !list[0].LastUsed.Equal(c.now()) || list[0].CreatedBy != "admin" {
		t.Errorf("list: %+v %v", list, err)
	}
	c.advance(time.Hour)
	if _, ok, _ := s.Token(t.Context(), text); ok {
		t.Error("an expired token is taken")
	}

	text, made, err = s.CreateToken(t.Context(), "for ever", Reader, time.Time{}, "admin")
	if err != nil {
		t.Fatal(err)
	}
	c.advance(10 * 365 * 24 * time.Hour)
	if _, ok, _ := s.Token(t.Context(), text); !ok {
		t.Error("a token without expiry has expired")
	}
	for range 2 {
		if _, err := s.RevokeToken(t.Context(), made.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok, _ := s.Token(t.Context(), text); ok {
		t.Error("a revoked token is taken")
	}
	if _, err := s.RevokeToken(t.Context(), 99); !errors.Is(err, ErrNotFound) {
		t.Errorf("revoking an unknown token: %v", err)
	}
}

func TestCreateTokenRefuses(t *testing.T) {
	s, c := newStore(t)
	for name, err := range map[string]error{
		"role":   second(s.CreateToken(t.Context(), "a", "root", time.Time{}, "")),
		"name":   second(s.CreateToken(t.Context(), " ", Reader, time.Time{}, "")),
		"break":  second(s.CreateToken(t.Context(), "a\nb", Reader, time.Time{}, "")),
		"expiry": second(s.CreateToken(t.Context(), "a", Reader, c.now(), "")),
	} {
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second(_ string, _ Token, err error) error { return err }

// Neither passwords nor tokens nor session secrets stand in the store.
func TestNothingSecretIsKept(t *testing.T) {
	s, _ := newStore(t)
	oneTime, err := s.EnsureAdmin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := s.SignIn(t.Context(), "admin", oneTime, address)
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := s.CreateToken(t.Context(), "a", Reader, time.Time{}, "admin")
	if err != nil {
		t.Fatal(err)
	}
	var dump strings.Builder
	for _, q := range []string{
		`SELECT name || password FROM account`, `SELECT hash || csrf FROM session`, `SELECT name || hash || created_by FROM token`,
	} {
		var text string
		if err := s.db.QueryRowContext(t.Context(), q).Scan(&text); err != nil {
			t.Fatal(err)
		}
		dump.WriteString(text)
	}
	for _, s := range []string{oneTime, secret, token} {
		if strings.Contains(dump.String(), s) {
			t.Errorf("the store holds %s", s)
		}
	}
}

// The command line works on the store while the server has it open, and the server
// sees the change at once.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	server, _ := storeIn(t, dir)
	cli, _ := storeIn(t, dir)
	text, made, err := cli.CreateToken(t.Context(), "cli", Analyst, time.Time{}, "console")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := server.Token(t.Context(), text); !ok || err != nil {
		t.Errorf("the server does not know the token (%v)", err)
	}
	if _, err := cli.RevokeToken(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := server.Token(t.Context(), text); ok {
		t.Error("the server takes a revoked token")
	}
}

func TestHashing(t *testing.T) {
	encoded := lightHashing.hash("secret")
	if !strings.HasPrefix(encoded, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("the parameters are not with the hash: %s", encoded)
	}
	if lightHashing.hash("secret") == encoded {
		t.Error("two hashes of one password are equal: no salt")
	}
	if ok, err := matches(encoded, "secret"); !ok || err != nil {
		t.Errorf("the password does not match its hash (%v)", err)
	}
	if ok, _ := matches(encoded, "Secret"); ok {
		t.Error("another password matches")
	}
	for _, broken := range []string{"", "$", "$argon2i$v=19$m=64,t=1,p=1$AA$AA", "$argon2id$v=19$m=x$AA$AA", "$argon2id$v=19$m=64,t=1,p=1$!$AA"} {
		if ok, err := matches(broken, "secret"); ok || err == nil {
			t.Errorf("%q gives %v, %v", broken, ok, err)
		}
	}
}

// A hash of the reference implementation: P-H-C/phc-winner-argon2, src/test.c, argon2id
// with t=2, m=2^16, p=1, "password", "somesalt".
func TestHashingAgreesWithReference(t *testing.T) {
	const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, err := matches(reference, "password"); !ok || err != nil {
		t.Errorf("the reference's hash is not taken (%v)", err)
	}
}

func TestCovers(t *testing.T) {
	want := map[Role]map[Role]bool{ // least role → who has it
		Reader:  {Reader: true, Analyst: true, Admin: true},
		Ingest:  {Ingest: true, Analyst: true, Admin: true},
		Analyst: {Analyst: true, Admin: true},
		Admin:   {Admin: true},
	}
	for _, least := range Roles {
		for _, r := range Roles {
			if got := r.Covers(least); got != want[least][r] {
				t.Errorf("%s covers %s: %v", r, least, got)
			}
		}
	}
	if Admin.Covers("") || Admin.Covers("root") {
		t.Error("an unknown role is covered")
	}
}
