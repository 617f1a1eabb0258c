package practice

import (
	"net/http"
	"strings"
)

// owner is a person that records can be assigned to.
type owner struct {
	ID                      string `json:"id"`
	Email                   string `json:"email"`
	Type                    string `json:"type"`
	FirstName               string `json:"firstName"`
	LastName                string `json:"lastName"`
	UserID                  *int64 `json:"userId"`
	UserIDIncludingInactive int64  `json:"userIdIncludingInactive"`
	CreatedAt               string `json:"createdAt"`
	UpdatedAt               string `json:"updatedAt"`
	Archived                bool   `json:"archived"`
	Teams                   []team `json:"teams,omitempty"`
}

type team struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Primary bool   `json:"primary"`
}

var ownerScope = []string{"crm.objects.owners.read"}

// listOwners is GET /owners: by id, 100 a page and at most 500.
func (p *Portal) listOwners(c *call) (*answer, *apiError) {
	if e := p.allow(c, ownerScope); e != nil {
		return nil, e
	}
	most := 500
	if p.opt.Switches.SmallOwnerPages {
		most = 100
	}
	limit, e := p.limit(c, 100, most)
	if e != nil {
		return nil, e
	}
	limit = p.pageSize(limit)
	list := []*owner{}
	after, email := atoi(c.query.Get("after")), c.query.Get("email")
	for _, o := range p.owners {
		if o.Archived != c.flag("archived") || email != "" && !strings.EqualFold(o.Email, email) || atoi(o.ID) < after {
			continue
		}
		if len(list) == limit {
			return reply(http.StatusOK, map[string]any{"results": list, "paging": map[string]any{"next": map[string]any{
				"after": o.ID, "link": "https://api.hubapi.com/crm/v3/owners/?after=" + o.ID}}}), nil
		}
		list = append(list, o)
	}
	return reply(http.StatusOK, map[string]any{"results": list}), nil
}

func (p *Portal) readOwner(c *call) (*answer, *apiError) {
	if e := p.allow(c, ownerScope); e != nil {
		return nil, e
	}
	for _, o := range p.owners {
		id := o.ID
		if c.query.Get("idProperty") == "userId" {
			id = itoa(o.UserIDIncludingInactive)
		}
		if id == c.args["id"] && o.Archived == c.flag("archived") {
			return reply(http.StatusOK, o), nil
		}
	}
	return nil, notFound()
}

// AddOwner adds a person that records can be assigned to and returns the owner
// id.
func (p *Portal) AddOwner(email, firstName, lastName string) string {
	p.mu.Lock()
	defer p.leave()
	p.lastOwner = max(p.lastOwner, 41_000_000) + 1 + p.rng.Int64N(1000)
	user := 70_000_000 + p.rng.Int64N(9_000_000)
	now := instant(p.millis())
	p.changes.document(docOwners)
	p.owners = append(p.owners, &owner{ID: itoa(p.lastOwner), Email: email, Type: "PERSON", FirstName: firstName, LastName: lastName,
		UserID: &user, UserIDIncludingInactive: user, CreatedAt: now, UpdatedAt: now})
	return itoa(p.lastOwner)
}

// ArchiveOwner deactivates an owner: records keep the id, but it can no longer
// be assigned. It reports whether there was such an owner.
func (p *Portal) ArchiveOwner(id string) bool {
	p.mu.Lock()
	defer p.leave()
	for _, o := range p.owners {
		if o.ID == id {
			p.changes.document(docOwners)
			o.Archived, o.UserID, o.UpdatedAt = true, nil, instant(p.millis())
			return true
		}
	}
	return false
}
