package app_test

import (
	"testing"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
)

// What a portal says of an object type is what a line to it may use; a pair
// that it does not associate is said in words, and is no error.
func TestTargetOfAssociations(t *testing.T) {
	t.Parallel()
	a := openApp(t, t.TempDir())
	t.Cleanup(func() { a.Close() })
	if _, err := a.ConnectPractice(t.Context()); err != nil {
		t.Fatal(err)
	}
	p, err := a.Portal(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	contacts, _ := hubspot.FindObjectType("contacts")
	d := &app.Draft{Definition: &definition.Definition{}, Portal: p, Object: contacts}
	companies, err := a.Target(t.Context(), d, "company")
	if err != nil || companies.Barred != "" || len(companies.Labels) == 0 || companies.Labels[0] != "Primary" {
		t.Fatalf("%+v, %v", companies, err)
	}
	if keys := companies.Keys(); len(keys) < 2 || keys[0].Name != "domain" || keys[1].Name != "name" {
		t.Errorf("found by %+v", keys)
	}
	for to, want := range map[string]string{
		"marketing_events": "contacts can't be associated with marketing events in this portal",
		"no such type":     "“no such type” is no object type of this portal",
	} {
		if none, err := a.Target(t.Context(), d, to); err != nil || none.Barred != want {
			t.Errorf("%s: %q, %v", to, none.Barred, err)
		}
	}
}
