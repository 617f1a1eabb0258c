package plan

import (
	"testing"

	"syncline/app"
	"syncline/sync/hubspot"
	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
)

// bench is the stage with what the tests of this room do on it.
type bench struct{ *shelltest.Bench }

func withSample(t *testing.T, mode look.Mode) *bench {
	t.Helper()
	return &bench{shelltest.WithSample(t, mode)}
}

// contact is the id of the contact with an address.
func (b *bench) contact(p app.Portal, email string) string {
	b.Helper()
	found, err := p.Client.BatchRead(b.Context(), "contacts", hubspot.BatchReadRequest{IDs: []string{email}, IDProperty: "email"})
	if err != nil || len(found.Records) != 1 {
		b.Fatalf("%s: %+v %v", email, found, err)
	}
	return found.Records[0].ID
}
