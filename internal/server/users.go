package server

import (
	"context"
	"time"

	"spoor/internal/account"
)

// User is an account.
type User struct {
	Name               string     `json:"name"`
	Role               string     `json:"role" enum:"admin,analyst,reader"`
	Disabled           bool       `json:"disabled"`
	MustChangePassword bool       `json:"mustChangePassword" doc:"it still has a one-time password"`
	Created            time.Time  `json:"created"`
	LastSignIn         *time.Time `json:"lastSignIn" doc:"null: never"`
}

// NewUser is an account to be made.
type NewUser struct {
	Name string `json:"name" maxLength:"64"`
	Role string `json:"role" enum:"admin,analyst,reader"`
}

// OneTimePassword is shown once.
type OneTimePassword struct {
	Name            string `json:"name"`
	OneTimePassword string `json:"oneTimePassword" doc:"to be changed at the first sign-in; it is not shown again"`
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (s *Server) registerUsers() {
	handle(s, "GET /api/users", "listUsers", "users", "All accounts",
		func(ctx context.Context, _ *struct{}) (*reply[List[User]], error) {
			accounts, err := s.cfg.Accounts.List(ctx)
			out := &reply[List[User]]{}
			out.Body.Items = make([]User, 0, len(accounts))
			for _, a := range accounts {
				out.Body.Items = append(out.Body.Items, User{a.Name, string(a.Role), a.Disabled, a.MustChange, a.Created, orNull(a.LastSignIn)})
			}
			return out, err
		})
	handle(s, "POST /api/users", "addUser", "users", "Add an account with a one-time password",
		func(ctx context.Context, in *body[NewUser]) (*reply[OneTimePassword], error) {
			x := exchangeOf(ctx)
			x.target, x.detail = in.Body.Name, map[string]string{"role": in.Body.Role}
			password, err := s.cfg.Accounts.Add(ctx, in.Body.Name, account.Role(in.Body.Role))
			return &reply[OneTimePassword]{OneTimePassword{in.Body.Name, password}}, err
		})
	type named struct {
		Name string `path:"name" maxLength:"64"`
	}
	handle(s, "POST /api/users/{name}/reset", "resetUser", "users", "Replace the password by a one-time one and end the account's sessions",
		func(ctx context.Context, in *named) (*reply[OneTimePassword], error) {
			exchangeOf(ctx).target = in.Name
			password, err := s.cfg.Accounts.Reset(ctx, in.Name)
			return &reply[OneTimePassword]{OneTimePassword{in.Name, password}}, err
		})
	handle(s, "POST /api/users/{name}/disable", "disableUser", "users", "Disable an account and end its sessions; tokens it made go on until revoked",
		func(ctx context.Context, in *named) (*struct{}, error) {
			exchangeOf(ctx).target = in.Name
			return nil, s.cfg.Accounts.SetDisabled(ctx, in.Name, true)
		})
	handle(s, "POST /api/users/{name}/enable", "enableUser", "users", "Enable an account again",
		func(ctx context.Context, in *named) (*struct{}, error) {
			exchangeOf(ctx).target = in.Name
			return nil, s.cfg.Accounts.SetDisabled(ctx, in.Name, false)
		})
}
