package app_test

import (
	"strings"
	"testing"

	"syncline/app"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

func TestOffersListHubSpotsOwnFirst(t *testing.T) {
	t.Parallel()
	a := practising(t)
	all, err := a.Offers(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if all[0].Name != "contacts" || all[1].Name != "companies" || len(all) < 7 || all[len(all)-1].Label != "Licenses" {
		t.Errorf("types %v", all)
	}
}

func TestOffersSayWhatThePortalDoesNotHave(t *testing.T) {
	t.Parallel()
	p := practicetest.New(t, practice.Options{Without: []string{"leads", "courses"}})
	t.Cleanup(func() { _ = p.Close() })
	p.AddToken(practice.Token{Value: "pat-na1-11111111-2222-3333-4444-555555555555", Kind: practice.PrivateApp, AppID: 9, Scopes: []string{"crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.leads.read", "crm.objects.courses.read", "crm.objects.listings.read"}})
	a, err := app.Open(t.Context(), app.Environment{Workspace: t.TempDir(), Token: "pat-na1-11111111-2222-3333-4444-555555555555", Transport: p.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	all, err := a.Offers(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		says := map[string]string{"leads": "Sales Hub", "courses": "switch them on", "orders": "may not read orders", "quotes": "may not read quotes"}[o.Name]
		barred := o.Name != "contacts" && o.Name != "listings" && !o.Activity && !o.Core && o.Name != "feedback_submissions"
		if says != "" && !strings.Contains(o.Barred, says) || (o.Barred == "") == (barred) {
			t.Errorf("%s: %q", o.Name, o.Barred)
		}
	}
}
