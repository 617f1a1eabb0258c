package hubspot

import (
	"context"
	"errors"
	"net/http"
	"slices"
)

// nameHolder finds out which contact has the address that a write wanted, where
// HubSpot only says "Contact already exists", and puts it into the error. It is
// found when just one of the addresses belongs to a contact; else, and when
// looking fails, the error stays as it is.
func (c *Client) nameHolder(ctx context.Context, objectType string, err error, emails ...string) {
	var e *Error
	emails = unique(emails)
	if t, _ := FindObjectType(objectType); t.Email == "" || !errors.As(err, &e) || e.Status != http.StatusConflict || e.ExistingID() != "" || len(emails) == 0 {
		return
	}
	var holders []string
	for ids := range slices.Chunk(emails, MaxBatch) {
		found, err := c.BatchRead(ctx, "contacts", BatchReadRequest{IDs: ids, IDProperty: "email", Properties: []string{"email"}})
		if err != nil {
			return
		}
		for _, rec := range found.Records {
			holders = append(holders, rec.ID)
		}
	}
	if len(holders) == 0 && len(emails) == 1 { // a batch read may not know second addresses, which belong to a contact too
		rec, err := c.Get(ctx, "contacts", emails[0], ReadRequest{IDProperty: "email", Properties: []string{"email"}})
		if err != nil {
			return
		}
		holders = []string{rec.ID}
	}
	if holders = unique(holders); len(holders) != 1 {
		return
	}
	if e.Context == nil {
		e.Context = make(map[string][]string)
	}
	e.Context["existingId"] = holders
	if e.Message == "Contact already exists" {
		e.Message += ". Existing ID: " + holders[0] // as HubSpot says it otherwise
	}
}
