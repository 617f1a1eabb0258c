package app_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// The journal is followed where a person turned it on and the app may read it; it is
// tried before.
func TestThePersonTurnsTheJournalOn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.at(practice.Options{})
	o.connect("Acme", p)
	follows := func() bool {
		t.Helper()
		views, err := o.ConnectionViews(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return views[0].Journal
	}
	if follows() {
		t.Error("it is on from the start")
	}
	for _, on := range []bool{true, false} {
		if _, err := o.FollowJournal(t.Context(), "acme", on); err != nil || follows() != on {
			t.Errorf("turned %v: it is %v, %v", on, follows(), err)
		}
	}
}

func TestAnAppWithoutTheJournalIsToldWhatItLacks(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.connect("Acme", o.at(practice.Options{App: practice.OAuthApp{NoJournal: true}}))
	if _, err := o.FollowJournal(t.Context(), "Acme", true); err == nil || !strings.Contains(err.Error(), "developer.webhooks_journal.read") {
		t.Errorf("it says %v", err)
	}
}
