package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Records are told of in the order in which they changed last, each once, and apart
// from their associations, other portals and other object types.
func TestNoticesAreToldOnceInTheirOrder(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	keep := func(portal int64, notices ...Notice) {
		t.Helper()
		if err := s.KeepNotices(t.Context(), portal, notices); err != nil {
			t.Fatal(err)
		}
	}
	noticed := func(edges bool, beyond int64, limit int) ([]string, int64) {
		t.Helper()
		newest, err := s.LastNotice(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ids, last, err := s.Noticed(t.Context(), 1, "0-1", edges, beyond, newest, limit)
		if err != nil {
			t.Fatal(err)
		}
		return ids, last
	}
	if n, err := s.LastNotice(t.Context()); n != 0 || err != nil {
		t.Errorf("the last of none is %d, %v", n, err)
	}
	keep(1, Notice{Object: "0-1", Record: "7"}, Notice{Object: "0-1", Record: "8"}, Notice{Object: "0-1", Record: "7", Edges: true}, Notice{Object: "0-2", Record: "9"})
	keep(2, Notice{Object: "0-1", Record: "10"})
	keep(1, Notice{Object: "0-1", Record: "7"}, Notice{Object: "0-1", Record: "7"})
	all, last := noticed(false, 0, 10)
	if diff := cmp.Diff([]string{"8", "7"}, all); diff != "" {
		t.Error(diff)
	}
	first, at := noticed(false, 0, 1)
	rest, _ := noticed(false, at, 10)
	if diff := cmp.Diff([][]string{{"8"}, {"7"}}, [][]string{first, rest}); diff != "" {
		t.Error(diff)
	}
	if edges, _ := noticed(true, 0, 10); !cmp.Equal(edges, []string{"7"}) {
		t.Errorf("associations of %v", edges)
	}
	if again, _ := noticed(false, last, 10); len(again) != 0 {
		t.Errorf("told again: %v", again)
	}
	s.now = func() time.Time { return time.Now().Add(noticesKept + time.Hour) }
	keep(1, Notice{Object: "0-1", Record: "11"})
	if left, _ := noticed(false, 0, 10); !cmp.Equal(left, []string{"11"}) {
		t.Errorf("left are %v", left)
	}
}
