package server

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"spoor/internal/network"
)

// Networks is the catalogue of the organisation's own ranges.
type Networks interface {
	List() []network.Range
	Add(ctx context.Context, r network.Range) (network.Range, error)
	Import(ctx context.Context, ranges []network.Range) (network.Imported, error)
	Remove(ctx context.Context, id int64) (network.Range, error)
}

// NewNetworkRange is a named range to be added.
type NewNetworkRange struct {
	CIDR         string     `json:"cidr" example:"10.1.0.0/16"`
	Name         string     `json:"name"`
	Role         string     `json:"role,omitempty" doc:"what it is for: clients, servers, guest, vpn …"`
	Site         string     `json:"site,omitempty" doc:"empty: at every site"`
	Owner        string     `json:"owner,omitempty"`
	ValidFrom    *time.Time `json:"validFrom,omitempty"`
	ValidTo      *time.Time `json:"validTo,omitempty" doc:"the first moment after it"`
	TrustedProxy bool       `json:"trustedProxy,omitempty" doc:"X-Forwarded-For of its hosts is believed"`
}

// NetworkRange is a named range of the catalogue.
type NetworkRange struct {
	ID int64 `json:"id"`
	NewNetworkRange
}

// NetworkRangeOf is a range of the catalogue as the API gives it.
func NetworkRangeOf(r network.Range) NetworkRange {
	return NetworkRange{r.ID, NewNetworkRange{r.Prefix.String(), r.Name, r.Role, r.Site, r.Owner, orNull(r.ValidFrom), orNull(r.ValidTo), r.TrustedProxy}}
}

// Range is the range as the catalogue keeps it.
func (r NetworkRange) Range() (network.Range, error) {
	out, err := r.parse()
	out.ID = r.ID
	return out, err
}

func (r NewNetworkRange) parse() (network.Range, error) {
	prefix, err := network.ParsePrefix(r.CIDR)
	if err != nil {
		return network.Range{}, &Error{Code: CodeInvalid, Detail: err.Error()}
	}
	out := network.Range{Prefix: prefix, Name: r.Name, Role: r.Role, Site: r.Site, Owner: r.Owner, TrustedProxy: r.TrustedProxy}
	if r.ValidFrom != nil {
		out.ValidFrom = r.ValidFrom.UTC()
	}
	if r.ValidTo != nil {
		out.ValidTo = r.ValidTo.UTC()
	}
	return out, nil
}

func (s *Server) registerNetworks() {
	handle(s, "GET /api/networks", "listNetworks", "networks", "The organisation's own ranges, by site and address",
		func(context.Context, *struct{}) (*reply[List[NetworkRange]], error) {
			out := &reply[List[NetworkRange]]{}
			out.Body.Items = []NetworkRange{}
			for _, r := range s.cfg.Networks.List() {
				out.Body.Items = append(out.Body.Items, NetworkRangeOf(r))
			}
			return out, nil
		})
	handle(s, "POST /api/networks", "addNetwork", "networks", "Add a range",
		func(ctx context.Context, in *body[NewNetworkRange]) (*reply[NetworkRange], error) {
			exchangeOf(ctx).target = in.Body.CIDR + " " + in.Body.Name
			r, err := in.Body.parse()
			if err != nil {
				return nil, err
			}
			r, err = s.cfg.Networks.Add(ctx, r)
			return &reply[NetworkRange]{NetworkRangeOf(r)}, err
		})
	type file struct {
		RawBody []byte `contentType:"application/octet-stream" doc:"CSV with a header, a JSON array, or JSON lines; the columns are the fields of a range"`
	}
	handle(s, "POST /api/networks/import", "importNetworks", "networks", "Put all ranges of a CSV or JSON file in, or none",
		func(ctx context.Context, in *file) (*reply[network.Imported], error) {
			ranges, err := network.Read(bytes.NewReader(in.RawBody))
			if err != nil {
				return nil, err
			}
			done, err := s.cfg.Networks.Import(ctx, ranges)
			exchangeOf(ctx).rows = int64(done.Added + done.Changed)
			return &reply[network.Imported]{done}, err
		})
	type byID struct {
		ID int64 `path:"id"`
	}
	handle(s, "DELETE /api/networks/{id}", "removeNetwork", "networks", "Take a range out",
		func(ctx context.Context, in *byID) (*struct{}, error) {
			exchangeOf(ctx).target = strconv.FormatInt(in.ID, 10)
			r, err := s.cfg.Networks.Remove(ctx, in.ID)
			if err == nil {
				exchangeOf(ctx).target = r.String()
			}
			return nil, err
		})
}
