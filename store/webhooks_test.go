package store_test

import (
	"fmt"
	"slices"
	"testing"

	"syncline/store"
)

func TestAnEventIsKeptOnceAndOnlyOfPortalsThatAreConnected(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	did := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	did(s.SaveConnection(t.Context(), store.Connection{ID: "acme", Name: "Acme", Kind: "token", PortalID: 33}))
	did(s.SaveWebhook(t.Context(), store.Webhook{ConnectionID: "acme", Active: true, Listen: "127.0.0.1:1", Path: "/x", URL: "https://x.example/x"}))
	of := func(portal int64, sum string, ids ...string) store.Event {
		e := store.Event{Sum: sum, PortalID: portal, Type: "contact." + sum}
		for _, id := range ids {
			e.Notices = append(e.Notices, store.Notice{Object: "0-1", Record: id})
		}
		return e
	}
	did(s.KeepEvents(t.Context(), "acme", []store.Event{of(33, "a", "1"), of(33, "b", "2", "3"), of(33, "a", "1"), of(44, "c", "4"), of(33, "d")}, 2))
	did(s.Close())
	s, err = store.Open(t.Context(), dir)
	did(err)
	defer s.Close()
	did(s.KeepEvents(t.Context(), "acme", []store.Event{of(33, "b", "2", "3"), of(33, "e", "1")}, 0))
	did(s.KeepRefusals(t.Context(), "acme", 7, "it was no POST"))
	w, err := s.Webhook(t.Context(), "acme")
	did(err)
	got := fmt.Sprint(w.Taken, w.Repeated, w.Aside, w.Refused, w.LastType, w.RefusedWhy)
	if want := fmt.Sprint(3, 2, 4, 7, "contact.e", "it was no POST"); got != want || w.LastAt.IsZero() || w.RefusedAt.IsZero() {
		t.Errorf("%s, want %s", got, want)
	}
	last, err := s.LastNotice(t.Context())
	did(err)
	ids, _, err := s.Noticed(t.Context(), 33, "0-1", false, 0, last, 100)
	if slices.Sort(ids); err != nil || !slices.Equal(ids, []string{"1", "2", "3"}) {
		t.Errorf("marked are %v, %v", ids, err)
	}
	// Settings leave what came alone, and go with the connection.
	w.Active = false
	did(s.SaveWebhook(t.Context(), w))
	if again, err := s.Webhook(t.Context(), "acme"); err != nil || again.Taken != 3 || again.Active {
		t.Errorf("%+v, %v", again, err)
	}
	did(s.DeleteConnection(t.Context(), "acme"))
	if all, err := s.Webhooks(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}
