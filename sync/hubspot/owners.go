package hubspot

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// Owner is a user that records can belong to. ID is what properties such as
// hubspot_owner_id hold; it is not the user id.
type Owner struct {
	ID        string
	Email     string
	FirstName string
	LastName  string
	UserID    string
	Archived  bool // deactivated; no longer accepted as a new value
}

// Name is how people call the owner.
func (o Owner) Name() string {
	if name := strings.TrimSpace(o.FirstName + " " + o.LastName); name != "" {
		return name
	}
	return o.Email
}

type wireOwner struct {
	ID        ident `json:"id"`
	Email     text  `json:"email"`
	FirstName text  `json:"firstName"`
	LastName  text  `json:"lastName"`
	UserID    ident `json:"userId"`
	Former    ident `json:"userIdIncludingInactive"`
	Archived  bool  `json:"archived"`
}

func (w wireOwner) key() string { return string(w.ID) }

// Owners returns all owners, the active ones first, then the archived ones,
// whom old records still name.
func (c *Client) Owners(ctx context.Context) ([]Owner, error) {
	var owners []Owner
	for _, archived := range []bool{false, true} {
		page, err := c.owners(ctx, archived)
		if err != nil {
			return nil, err
		}
		owners = append(owners, page...)
	}
	return owners, nil
}

func (c *Client) owners(ctx context.Context, archived bool) ([]Owner, error) {
	query := url.Values{"limit": {"100"}}
	if archived {
		query.Set("archived", "true")
	}
	r := &request{op: "read owners", method: http.MethodGet, path: "/crm/owners/" + APIVersion, query: query, read: true}
	listed, err := collect[wireOwner](ctx, c, r)
	if err != nil {
		return nil, err
	}
	owners := make([]Owner, len(listed))
	for i, w := range listed {
		if w.UserID == "" {
			w.UserID = w.Former
		}
		owners[i] = Owner{
			ID: string(w.ID), Email: string(w.Email), FirstName: string(w.FirstName), LastName: string(w.LastName),
			UserID: string(w.UserID), Archived: w.Archived || archived,
		}
	}
	return owners, nil
}
