package hubspot_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
)

// contacts makes so many in a portal and returns their ids.
func contacts(t testing.TB, p *practice.Portal, n int) []string {
	t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = must(p.Create("contacts", map[string]string{"email": fmt.Sprintf("p%d@example.com", i)}))(t)
	}
	return ids
}

func memberIDs(t testing.TB, c *hubspot.Client, list string) []string {
	t.Helper()
	var ids []string
	err := c.Members(t.Context(), list, func(page []hubspot.Member) error {
		for _, m := range page {
			if m.Since.IsZero() {
				t.Errorf("when %s joined is not told", m.Record)
			}
			ids = append(ids, m.Record)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestPracticeLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, c := practise(t, practice.Options{Switches: practice.Switches{ShortPages: true}})
		ids := contacts(t, p, 300)
		id := must(p.AddList("contacts", "News / weekly", ""))(t)
		must(p.AddList("companies", "Key accounts", ""))(t)
		got := must(c.SegmentNamed(t.Context(), "0-1", "news / weekly"))(t)
		if diff := cmp.Diff(hubspot.Segment{ID: id, Name: "News / weekly", ObjectTypeID: "0-1", Processing: "MANUAL"}, got); diff != "" {
			t.Error(diff)
		}
		if _, err := c.SegmentNamed(t.Context(), "0-2", "News / weekly"); !hubspot.IsNotFound(err) {
			t.Errorf("a list of another object type: %v", err)
		}
		changed := must(c.ChangeMembers(t.Context(), id, append(slices.Clone(ids), "99999"), nil))(t)
		if len(changed.Added) != 300 || !slices.Equal(changed.Missing, []string{"99999"}) || changed.ServerTime.IsZero() {
			t.Errorf("%d added, missing %q", len(changed.Added), changed.Missing)
		}
		changed = must(c.ChangeMembers(t.Context(), id, ids[:1], ids[1:2]))(t)
		if len(changed.Added) != 0 || !slices.Equal(changed.Removed, ids[1:2]) {
			t.Errorf("a second change added %q and removed %q", changed.Added, changed.Removed)
		}
		if got := memberIDs(t, c, id); !slices.Equal(got, slices.Delete(slices.Clone(ids), 1, 2)) {
			t.Errorf("%d members", len(got))
		}
		all := must(c.Segments(t.Context(), ""))(t)
		if len(all) != 2 || all[0].Size != 299 || all[1].Name != "Key accounts" {
			t.Errorf("lists %+v", all)
		}
		if of := must(c.Segments(t.Context(), "0-2"))(t); len(of) != 1 || of[0].Name != "Key accounts" {
			t.Errorf("lists of companies %+v", of)
		}
		in := must(c.SegmentsOf(t.Context(), "0-1", ids[0]))(t)
		if at, ok := in[id]; !ok || at.IsZero() || len(in) != 1 {
			t.Errorf("the lists of a record: %v", in)
		}
		if _, err := c.ChangeMembers(t.Context(), id, make([]string, hubspot.MaxListChange+1), nil); err == nil {
			t.Error("more than a call takes was sent")
		}
	})
}

func TestPracticeForms(t *testing.T) {
	t.Parallel()
	for _, s := range []practice.Switches{{}, {SubmissionsByPosition: true, ShortPages: true}} {
		synctest.Test(t, func(t *testing.T) {
			p, c := practise(t, practice.Options{Switches: s})
			f := content.Forms()[0]
			p.AddForm(f)
			var middle time.Time
			for i := range 120 {
				if i == 60 {
					middle = time.Now()
				}
				must(p.Submit(f.ID, "https://www.example.com/contact", practice.SubmittedValue{Name: "email", Value: fmt.Sprint(i)}))(t)
				time.Sleep(time.Second)
			}
			forms := must(c.Forms(t.Context()))(t)
			if len(forms) != 1 || forms[0].Name != "Contact us" || len(forms[0].Fields) != 6 || !forms[0].Fields[0].Required || forms[0].Fields[4].Options[0] != "DECISION_MAKER" {
				t.Errorf("forms %+v", forms)
			}
			read := func(since time.Time) (values []string) {
				err := c.Submissions(t.Context(), f.ID, since, func(page []hubspot.Submission) error {
					for _, x := range page {
						values = append(values, x.Values[0].Value)
					}
					if len(values) < 60 {
						must(p.Submit(f.ID, "", practice.SubmittedValue{Name: "email", Value: "late"}))(t)
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				return values
			}
			if got := read(middle); got[0] != "119" || len(got) != 60 || got[59] != "60" {
				t.Errorf("since the middle: %d from %s to %s", len(got), got[0], got[len(got)-1])
			}
			all := slices.DeleteFunc(read(time.Time{}), func(v string) bool { return v == "late" })
			if len(all) != 120 || all[119] != "0" {
				t.Errorf("all: %d", len(all))
			}
			stop := errors.New("enough")
			if err := c.Submissions(t.Context(), f.ID, time.Time{}, func([]hubspot.Submission) error { return stop }); !errors.Is(err, stop) {
				t.Errorf("the error of f: %v", err)
			}
		})
	}
}
