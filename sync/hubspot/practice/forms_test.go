package practice_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
)

const submissionsPath = "/form-integrations/v1/submissions/forms/"

// contactForm is a portal with one form, which was sent so many times.
func contactForm(t testing.TB, o practice.Options, sent int) (*client, string) {
	t.Helper()
	c := open(t, o)
	f := content.Forms()[0]
	c.portal.AddForm(f)
	for i := range sent {
		submit(t, c, f.ID, practice.SubmittedValue{Name: "email", Value: fmt.Sprintf("p%d@example.com", i)})
	}
	return c, f.ID
}

func submit(t testing.TB, c *client, form string, values ...practice.SubmittedValue) {
	t.Helper()
	if _, err := c.portal.Submit(form, "https://www.example.com/contact", values...); err != nil {
		t.Fatal(err)
	}
}

// submitted are the addresses of a form's submissions, page by page.
func submitted(t testing.TB, c *client, form string, limit int, between func()) (all []string, pages int) {
	t.Helper()
	for after := ""; ; between() {
		r := c.do("GET", fmt.Sprintf("%s%s?limit=%d&after=%s", submissionsPath, form, limit, after), nil).want(t, 200)
		for i := range r.count("results") {
			all = append(all, r.text(fmt.Sprintf("results.%d.values.0.value", i)))
		}
		pages++
		if after = r.text("paging.next.after"); after == "" {
			return all, pages
		}
	}
}

func TestFormsAreReadByTheirScope(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{Demo: true})
	r := c.do("GET", "/marketing/v3/forms?limit=1", nil).want(t, 200)
	next := c.do("GET", "/marketing/v3/forms?limit=1&after="+r.text("paging.next.after"), nil).want(t, 200)
	if got := []string{r.text("results.0.name"), next.text("results.0.name")}; !slices.Equal(got, []string{"Contact us", "Newsletter sign-up"}) {
		t.Errorf("forms %q", got)
	}
	if next.text("paging.next.after") != "" {
		t.Error("the last page names another one")
	}
	id := next.text("results.0.id")
	one := c.do("GET", "/marketing/v3/forms/"+id, nil).want(t, 200)
	if one.text("legalConsentOptions.type") != "explicit_consent_to_process" || one.text("fieldGroups.2.fields.0.options.1.value") != "France" || one.at("fieldGroups.0.fields.0.required") != true {
		t.Errorf("the form is told as %s", one.raw)
	}
	if r := c.do("GET", "/marketing/v3/forms?archived=true", nil).want(t, 200); r.text("results.0.name") != "Webinar 2024" {
		t.Errorf("archived forms: %s", r.raw)
	}
	c.do("GET", "/marketing/v3/forms/nothing", nil).wantError(t, 404, "OBJECT_NOT_FOUND", "nothing")
	c.do("GET", "/marketing/2026-09/forms", nil).want(t, 404)
	c.token = c.portal.AddToken(practice.Token{Scopes: []string{"crm.objects.contacts.read"}})
	for _, path := range []string{"/marketing/v3/forms", "/marketing/v3/forms/" + id, submissionsPath + id} {
		c.do("GET", path, nil).wantError(t, 403, "MISSING_SCOPES", "scopes")
	}
}

func TestSubmissionsComeNewestFirstInPagesOfFifty(t *testing.T) {
	t.Parallel()
	c, id := contactForm(t, practice.Options{}, 120)
	all, pages := submitted(t, c, id, 50, func() {})
	if pages != 3 || len(all) != 120 || all[0] != "p119@example.com" || all[119] != "p0@example.com" {
		t.Errorf("%d pages, %d submissions from %s to %s", pages, len(all), all[0], all[len(all)-1])
	}
	for _, limit := range []string{"0", "51", "x"} {
		c.do("GET", submissionsPath+id+"?limit="+limit, nil).wantError(t, 400, "VALIDATION_ERROR", limit)
	}
	c.do("GET", submissionsPath+id+"?after=bm90aGluZw==", nil).wantError(t, 400, "VALIDATION_ERROR", "after")
	c.do("GET", submissionsPath+"nothing", nil).wantError(t, 404, "OBJECT_NOT_FOUND", "nothing")
}

func TestASubmissionThatComesBetweenPagesShiftsThemOnlyWhereTheyGoByPosition(t *testing.T) {
	t.Parallel()
	for byPosition, want := range map[bool]int{false: 60, true: 61} {
		c, id := contactForm(t, practice.Options{Switches: practice.Switches{SubmissionsByPosition: byPosition}}, 60)
		all, _ := submitted(t, c, id, 50, func() { submit(t, c, id, practice.SubmittedValue{Name: "email", Value: "late@example.com"}) })
		if len(all) != want {
			t.Errorf("by position %v: %d submissions told, want %d", byPosition, len(all), want)
		}
	}
}

func TestChoicesOfAFieldComeApartOrTogether(t *testing.T) {
	t.Parallel()
	type value = map[string]any
	for _, x := range []struct {
		switches practice.Switches
		want     []any
	}{
		{practice.Switches{}, []any{value{"name": "hs_buying_role", "value": "A", "objectTypeId": "0-1"}, value{"name": "hs_buying_role", "value": "B", "objectTypeId": "0-1"}}},
		{practice.Switches{SubmittedChoicesJoined: true, SubmittedTypesUntold: true}, []any{value{"name": "hs_buying_role", "value": "A;B"}}},
	} {
		c, id := contactForm(t, practice.Options{Switches: x.switches}, 0)
		submit(t, c, id, practice.SubmittedValue{Name: "hs_buying_role", Value: "A"}, practice.SubmittedValue{Name: "hs_buying_role", Value: "B"})
		if diff := cmp.Diff(x.want, c.do("GET", submissionsPath+id, nil).want(t, 200).at("results.0.values")); diff != "" {
			t.Error(diff)
		}
	}
}

func TestFormsAndSubmissionsOutliveTheProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "portal")
	c := keptAt(t, path, practice.Options{})
	f := content.Forms()[0]
	c.portal.AddForm(f)
	submit(t, c, f.ID, practice.SubmittedValue{Name: "email", Value: "a@example.com"})
	want := c.portal.Submissions(f.ID)
	again := killed(t, path, path+".killed", practice.Options{})
	if diff := cmp.Diff(want, again.portal.Submissions(f.ID)); diff != "" || len(want) != 1 {
		t.Errorf("after a kill: %s", diff)
	}
	if err := again.portal.Close(); err != nil {
		t.Fatal(err)
	}
	third := keptAt(t, path+".killed", practice.Options{})
	if diff := cmp.Diff(want, third.portal.Submissions(f.ID)); diff != "" {
		t.Errorf("after closing: %s", diff)
	}
	third.do("GET", "/marketing/v3/forms/"+f.ID, nil).want(t, 200)
}
