package server

import (
	"context"
	"time"

	"spoor/internal/account"
)

// Token is what is known of an API token.
type Token struct {
	ID        int64      `json:"id"`
	Name      string     `json:"name"`
	Role      string     `json:"role" enum:"admin,analyst,reader,ingest"`
	Created   time.Time  `json:"created"`
	CreatedBy string     `json:"createdBy"`
	Expires   *time.Time `json:"expires" doc:"null: never"`
	LastUsed  *time.Time `json:"lastUsed" doc:"to the minute; null: never"`
	Revoked   *time.Time `json:"revoked" doc:"null: it is valid"`
}

// NewToken is a token and, this once, its text.
type NewToken struct {
	Token
	Text string `json:"token" doc:"to be sent as Authorization: Bearer; it is not shown again"`
}

// TokenRequest is a token to be made.
type TokenRequest struct {
	Name    string    `json:"name" maxLength:"100"`
	Role    string    `json:"role" enum:"admin,analyst,reader,ingest"`
	Expires time.Time `json:"expires,omitzero" doc:"absent: never"`
}

func tokenOf(t account.Token) Token {
	return Token{t.ID, t.Name, string(t.Role), t.Created, t.CreatedBy, orNull(t.Expires), orNull(t.LastUsed), orNull(t.Revoked)}
}

func (s *Server) registerTokens() {
	handle(s, "GET /api/tokens", "listTokens", "tokens", "All API tokens, newest first, the revoked ones too",
		func(ctx context.Context, _ *struct{}) (*reply[List[Token]], error) {
			tokens, err := s.cfg.Accounts.Tokens(ctx)
			out := &reply[List[Token]]{}
			out.Body.Items = make([]Token, 0, len(tokens))
			for _, t := range tokens {
				out.Body.Items = append(out.Body.Items, tokenOf(t))
			}
			return out, err
		})
	handle(s, "POST /api/tokens", "createToken", "tokens", "Make an API token",
		func(ctx context.Context, in *body[TokenRequest]) (*reply[NewToken], error) {
			x := exchangeOf(ctx)
			x.target, x.detail = in.Body.Name, map[string]string{"role": in.Body.Role}
			text, t, err := s.cfg.Accounts.CreateToken(ctx, in.Body.Name, account.Role(in.Body.Role), in.Body.Expires, x.principal.Actor())
			return &reply[NewToken]{NewToken{tokenOf(t), text}}, err
		})
	type one struct {
		ID int64 `path:"id"`
	}
	handle(s, "DELETE /api/tokens/{id}", "revokeToken", "tokens", "Make a token void at once",
		func(ctx context.Context, in *one) (*struct{}, error) {
			t, err := s.cfg.Accounts.RevokeToken(ctx, in.ID)
			exchangeOf(ctx).target = t.Name
			return nil, err
		})
}
