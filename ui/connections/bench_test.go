package connections

import (
	"slices"
	"testing"

	"syncline/app"
	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
)

// bench is the stage with what the tests of this room do on it.
type bench struct{ *shelltest.Bench }

func newBenchIn(t *testing.T, mode look.Mode, env app.Environment) *bench {
	t.Helper()
	return &bench{shelltest.NewIn(t, mode, env)}
}

// makeProperty makes a property of contacts.
func makeProperty(t *testing.T, p app.Portal, name string) {
	t.Helper()
	if _, err := p.Client.CreateProperty(t.Context(), "contacts", hubspot.NewProperty{Name: name, Label: "Billing customer id", Group: "contactinformation", Type: record.TypeString, FieldType: "text"}); err != nil {
		t.Fatal(err)
	}
}

func indexOf(all []app.Connection, name string) int {
	return slices.IndexFunc(all, func(c app.Connection) bool { return c.Name == name })
}
