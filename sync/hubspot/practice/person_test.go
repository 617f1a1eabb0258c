package practice_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot/practice"
)

func TestPersonsAreCheckedLikePrograms(t *testing.T) {
	t.Parallel()
	p := practice.New(practice.Options{})
	id, err := p.Create("contact", props{"email": "A@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := p.Record("0-1", id); !ok || v["email"] != "a@example.com" || v["hs_object_id"] != id {
		t.Errorf("Record = %v, %v", v, ok)
	}
	for name, err := range map[string]error{
		"taken":   second(p.Create("contacts", props{"email": "a@example.com"})),
		"type":    second(p.Create("butterflies", props{})),
		"value":   p.Edit("contacts", id, props{"email": "nonsense"}),
		"unknown": p.Edit("contacts", "1", props{"phone": "1"}),
		"archive": p.Archive("contacts", "1"),
		"label":   p.Associate("contacts", id, "companies", "1", "Friend"),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := p.Archive("contacts", id); err != nil {
		t.Fatal(err)
	}
	if _, ok := p.Record("contacts", id); ok || p.Count("contacts") != 0 {
		t.Error("an archived record is still there")
	}
	if _, err := p.Create("contacts", props{"email": "a@example.com"}); err != nil {
		t.Error(err)
	}
	if err := p.Restore("contacts", id); err == nil {
		t.Error("a record whose address was taken meanwhile cannot come back")
	}
	h := p.History("contacts", id, "email")
	if len(h) != 1 || h[0].SourceType != "CRM_UI" {
		t.Errorf("history %v", h)
	}
}

func second[A any](_ A, err error) error { return err }

func TestObserveSeesEachCallAndMayEdit(t *testing.T) {
	t.Parallel()
	var p *practice.Portal
	var seen []practice.Request
	p = practice.New(practice.Options{Observe: func(r practice.Request) {
		seen = append(seen, r)
		if _, err := p.Create("contacts", props{"firstname": "meanwhile"}); err != nil {
			t.Error(err)
		}
	}})
	c := &client{t: t, portal: p, token: p.Token(), http: newHTTP(p)}
	c.contact(props{"firstname": "A"})
	if len(seen) != 1 || seen[0].Route != "POST objects/{type}" || seen[0].Status != 201 || seen[0].TokenKind != "private app" || p.Count("contacts") != 2 {
		t.Errorf("seen %+v, %d contacts", seen, p.Count("contacts"))
	}
	if got := p.Requests(); len(got) != 1 || got[0].Path != "/crm/v3/objects/contacts" {
		t.Errorf("requests %+v", got)
	}
}

func TestWhatArchivedRecordsDoToUniqueValues(t *testing.T) {
	t.Parallel()
	for choice, want := range map[practice.ArchivedUnique]struct {
		status  int
		revived bool
	}{
		practice.ArchivedReleases: {200, false}, practice.ArchivedBlocks: {400, false}, practice.ArchivedRevives: {200, true},
	} {
		c := open(t, practice.Options{Switches: practice.Switches{ArchivedUnique: choice}})
		if err := c.portal.CreateProperty("companies", practice.Property{Name: "sync_key", Unique: true}); err != nil {
			t.Fatal(err)
		}
		old := c.create("companies", props{"name": "A", "sync_key": "k"})
		if err := c.portal.Archive("companies", old); err != nil {
			t.Fatal(err)
		}
		r := c.do("POST", "/crm/v3/objects/companies/batch/upsert", inputs(object{"id": "k", "idProperty": "sync_key", "properties": props{"name": "B"}})).want(t, want.status)
		if revived := r.text("results.0.id") == old; revived != want.revived {
			t.Errorf("choice %d: %s", choice, r.raw)
		}
	}
}

func TestCompaniesFollowFromTheEMailDomain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, practice.Options{Switches: practice.Switches{AssociateCompanies: true}})
		acme := c.create("companies", props{"name": "Acme", "domain": "acme.com"})
		known, fresh, private := c.contact(props{"email": "a@acme.com"}), c.contact(props{"email": "b@new.com"}), c.contact(props{"email": "c@gmail.com"})
		if got := c.portal.Associated("contacts", known, "companies"); len(got) != 0 {
			t.Error("it takes HubSpot some seconds")
		}
		time.Sleep(5 * time.Second)
		if got := c.portal.Associated("contacts", known, "companies"); len(got) != 1 || got[0] != acme {
			t.Errorf("known domain: %v", got)
		}
		if got := c.portal.Associated("contacts", fresh, "companies"); len(got) != 1 || c.portal.Count("companies") != 2 {
			t.Errorf("new domain: %v", got)
		}
		if got := c.portal.Associated("contacts", private, "companies"); len(got) != 0 {
			t.Errorf("free mail: %v", got)
		}
	})
}

func TestHistoryVariants(t *testing.T) {
	t.Parallel()
	for sw, want := range map[practice.Switches]string{
		{}: "INTEGRATION 2011410", {HistorySaysAPI: true}: "API 2011410", {HistoryHidesApp: true}: "INTEGRATION ",
	} {
		c := open(t, practice.Options{Switches: sw})
		id := c.contact(props{"firstname": "A"})
		h := c.portal.History("contacts", id, "firstname")
		if got := h[0].SourceType + " " + h[0].SourceID; got != want {
			t.Errorf("%+v: %q, want %q", sw, got, want)
		}
	}
}

func TestUnchangedValuesMoveTheDateOnlyIfTheSwitchSaysSo(t *testing.T) {
	t.Parallel()
	for touches, want := range map[bool]bool{false: false, true: true} {
		clock := newClock()
		c := open(t, practice.Options{Now: clock.now, Switches: practice.Switches{RewriteTouches: touches}})
		id := c.contact(props{"firstname": "A"})
		before, _ := c.portal.Record("contacts", id)
		clock.advance(60_000)
		c.do("PATCH", "/crm/v3/objects/contacts/"+id, `{"properties":{"firstname":"A"}}`).want(t, 200)
		after, _ := c.portal.Record("contacts", id)
		if moved := before["lastmodifieddate"] != after["lastmodifieddate"]; moved != want {
			t.Errorf("RewriteTouches %v: moved %v", touches, moved)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{SearchLag: practice.Between(0, time.Millisecond), Latency: practice.Between(0, time.Millisecond)})
	if err := c.portal.CreateProperty("contacts", practice.Property{Name: "sync_key", Unique: true}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 20 {
				_, _ = c.try("POST", "/crm/v3/objects/contacts/batch/upsert", inputs(object{"id": fmt.Sprint("k", k), "idProperty": "sync_key", "properties": props{"firstname": fmt.Sprint(i)}}))
				_, _ = c.try("POST", "/crm/v3/objects/contacts/search", `{"limit":5}`)
				for id := range c.portal.Records("contacts") {
					_ = c.portal.Edit("contacts", id, props{"phone": fmt.Sprint(i)})
					break
				}
			}
		})
	}
	wg.Wait()
	if n := c.portal.Count("contacts"); n != 20 {
		t.Errorf("%d contacts for 20 keys", n)
	}
}
