package hubspot_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
)

// journalClient reads the journal as the practice portal's app.
func journalClient(t *testing.T, p *practice.Portal) *hubspot.Client {
	t.Helper()
	app := p.OAuthApp()
	o := must(hubspot.NewOAuth(hubspot.OAuthConfig{App: hubspot.OAuthApp{ClientID: app.ClientID, ClientSecret: app.ClientSecret}, Transport: p.Transport()}))(t)
	return connect(t, p.Transport(), func(cfg *hubspot.Config) { cfg.Tokens = o.AppTokens() })
}

// told reads the journal from an offset to its end.
func told(t *testing.T, c *hubspot.Client, portal int64, offset string) (all []string, last string) {
	t.Helper()
	for {
		f := must(c.JournalNext(t.Context(), portal, offset))(t)
		if f == nil {
			return all, offset
		}
		if f.Strange > 0 || f.Offset == offset {
			t.Errorf("%+v", f)
		}
		for _, e := range f.Events {
			all = append(all, fmt.Sprint(e.Object, " ", e.ID, " ", e.Merged, " ", e.Other))
		}
		offset = f.Offset
	}
}

func TestTheJournalTellsEachChangeOnce(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]practice.Options{
		"as documented":  {},
		"one scope":      {Switches: practice.Switches{JournalScopeAlone: true}},
		"small files":    {Limits: practice.Limits{JournalFile: 2}},
		"primary ids":    {Switches: practice.Switches{MergeKeepsPrimaryID: true}},
		"nothing is new": {Limits: practice.Limits{JournalFile: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := practice.New(o)
				c := journalClient(t, p)
				if err := c.SubscribeJournal(t.Context(), p.PortalID(), "0-1", []string{"0-2"}); err != nil {
					t.Fatal(err)
				}
				if last := must(c.JournalLatest(t.Context(), p.PortalID()))(t); last != "" {
					t.Errorf("an empty journal ends at %q", last)
				}
				p.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Truncated, Path: "/practice-downloads/"}, {Kind: practice.Throttle, Path: "/webhooks-journal/"},
					{Kind: practice.Late, Path: "/practice-downloads/", Delay: 16 * time.Minute}}})
				a := must(p.Create("contacts", map[string]string{"email": "a@example.com"}))(t)
				b := must(p.Create("contacts", map[string]string{"email": "b@example.com"}))(t)
				firm := must(p.Create("companies", map[string]string{"domain": "example.com"}))(t)
				for _, err := range []error{p.Edit("contacts", a, map[string]string{"firstname": "Ann"}), p.Associate("contacts", a, "companies", firm, ""), p.Archive("contacts", b), p.Restore("contacts", b)} {
					if err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(time.Minute)
				all, last := told(t, c, p.PortalID(), "")
				for _, want := range []string{"0-1 " + a + " [] ", "0-1 " + b + " [] ", "0-1 " + a + " [] " + firm} {
					if !slices.Contains(all, want) {
						t.Errorf("%q is not told: %q", want, all)
					}
				}
				c2 := must(p.Merge("contacts", a, b))(t)
				time.Sleep(time.Minute)
				more, end := told(t, c, p.PortalID(), last)
				if !slices.Contains(more, fmt.Sprint("0-1 ", c2, " [", a, " ", b, "] ")) {
					t.Errorf("the merge is not told: %q", more)
				}
				if again, _ := told(t, c, p.PortalID(), end); len(again) > 0 {
					t.Errorf("told again: %q", again)
				}
				time.Sleep(hubspot.JournalKept + time.Hour)
				if _, err := c.JournalNext(t.Context(), p.PortalID(), end); !hubspot.IsNotFound(err) {
					t.Errorf("an offset of long ago gives %v", err)
				}
			})
		})
	}
}

// Only the app itself reads its journal, and only where it was given it.
func TestTheJournalIsTheAppsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, c := practise(t, practice.Options{})
		if _, err := c.JournalLatest(t.Context(), p.PortalID()); !hubspot.IsScopes(err) {
			t.Errorf("a private app's token gives %v", err)
		}
		without := practice.New(practice.Options{App: practice.OAuthApp{NoJournal: true}})
		if _, err := journalClient(t, without).JournalLatest(t.Context(), without.PortalID()); err == nil {
			t.Error("an app without the scope reads it")
		}
	})
}

// What an event says in another way is counted, so that nothing is taken for unchanged.
func TestEventsOfTheJournalThatAreNotUnderstoodAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := answers(says(200, `{"url":"https://files.example.com/x","currentOffset":"o"}`),
			says(200, `{"offset":"o","journalEvents":[{"portalId":1,"objectTypeId":"0-1","objectId":"7"},{"portalId":1,"what":"new"},{"portalId":1,"objectTypeId":"0-1","objectId":"8","associatedObjectTypeId":"0-2","associatedObjectId":"9"},{"portalId":1,"objectTypeId":"0-1","objectId":{}}]}`))
		c := connect(t, server)
		f := must(c.JournalNext(t.Context(), 1, ""))(t)
		want := &hubspot.JournalFile{Offset: "o", Strange: 2, Events: []hubspot.JournalEvent{{PortalID: 1, Object: "0-1", ID: "7"}, {PortalID: 1, Object: "0-1", ID: "8", OtherObject: "0-2", Other: "9"}}}
		if diff := cmp.Diff(want, f); diff != "" {
			t.Error(diff)
		}
	})
}
