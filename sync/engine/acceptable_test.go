package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// What the plan stops is what HubSpot would refuse: neither less, where that
// is obvious, nor anything that it takes. The practice portal is the judge.
func TestThePlanStopsOnlyWhatHubSpotRefuses(t *testing.T) {
	t.Parallel()
	const mappedTo = `
syncline: 1
name: Values
source: { kind: csv, path: customers.csv, key: [id] }
hubspot: { object: contacts, match: [ { field: Match, property: firstname } ] }
direction: to-hubspot
create: hubspot
fields:
  - { field: Match, property: firstname }
  - { field: Value, property: %s }
`
	for _, c := range []struct {
		property     string
		stops, takes []string
	}{
		{"email",
			[]string{"nobody", "a b@example.com", "@example.com", "ann@", "ann@example", "a@x.com; b@y.com", "a@x.com,b@y.com", "ann@ex_ample.com", "ann@example..com", "ann@.com", "ann@example.com.", "ann@example.test", "mailto:<ann@example.com>", "ann@exa\u00a0mple.com"},
			[]string{"ann@example.com", " Bea@Example.COM ", "o'neil+x@example.co.uk", "jörg@müller.de", "x@sub.sub.example.org", "用户@例子.公司", "a@b.museum"}},
		{"closedate",
			[]string{"Lee", "13.11.2026", "11/13/2026", "2026-13-01"},
			[]string{"2026-11-13", "2026-11-13T08:00:00Z", "1763020800000"}},
		{"numemployees", []string{"many"}, []string{"1-5"}},
	} {
		rows := "id,Match,Value\n"
		for i, v := range append(c.takes, c.stops...) {
			rows += fmt.Sprintf("%d,m%d,\"%s\"\n", i, i, v)
		}
		s := newStage(t, practice.Options{}, fmt.Sprintf(mappedTo, c.property), rows)
		res := s.run()
		want := engine.Counts{Read: len(c.takes) + len(c.stops), Created: len(c.takes), Failed: len(c.stops)}
		if diff := cmp.Diff(want, res.Counts); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.property, diff)
		}
		for _, a := range s.attention() {
			if a.Class != "invalid" {
				t.Errorf("%s: HubSpot had to say it: %s", c.property, a.Message)
			}
		}
	}
}

// HubSpot takes any whole number for milliseconds since 1970. A year, or the
// day number of a spreadsheet, would become a moment of January 1970.
func TestAYearIsNotWrittenAsAMomentOf1970(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, strings.Replace(twoWay, "property: phone", "property: closedate", 1),
		"id,Email,First,Last,Phone\n1,ann@example.com,Ann,Lee,2024\n2,bob@example.com,Bob,Stone,45678\n3,cy@example.com,Cy,Young,20241231\n4,di@example.com,Di,Zorn,1763020800000\n")
	if res := s.run(); res.Counts.Failed != 3 || res.Counts.Created != 1 {
		t.Errorf("%+v", res.Counts)
	}
	for _, a := range s.attention() {
		if !strings.Contains(a.Message, "January 1970") || !strings.Contains(a.Message, "add the transform") {
			t.Errorf("row %s: %s", a.RowKey, a.Message)
		}
	}
}

// What a record holds already is not sent and so not judged.
func TestAValueThatStaysIsNotJudged(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, strings.Replace(twoWay, "property: phone", "property: hs_lead_status", 1), "id,Email,First,Last,Phone\n1,ann@example.com,Ann,Lee,\n")
	s.run()
	id, _ := s.by("email", "ann@example.com")
	s.edit(id, "hs_lead_status", "NEW")
	s.run()
	s.replace("NEW", "Nonsense")
	if res := s.run(); res.Counts.Failed != 1 {
		t.Errorf("%+v", res.Counts)
	}
	s.replace("Nonsense", "NEW")
	if res := s.run(); res.Counts.Unchanged != 1 || len(s.attention()) != 0 {
		t.Errorf("%+v, %+v", res.Counts, s.attention())
	}
}

func TestACellThatIsBrokenMattersOnlyWhereItsColumnIsUsed(t *testing.T) {
	t.Parallel()
	// Line 2 breaks a column that no one maps, line 3 one that is mapped, line 4 the key.
	file := "id,Email,First,Last,Phone,Note\n" +
		"1,ann@example.com,Ann,Lee,,caf\xc3\n" +
		"2,bob@example.com,B\xc3b,Stone,,\n" +
		"3\xc3,cy@example.com,Cy,Young,,\n" +
		strings.Repeat("9,dé@example.com,Dé,Ångström,,Ünïcödé\n", 1)
	s := newStage(t, practice.Options{}, strings.Replace(twoWay, "direction: two-way", "direction: to-hubspot", 1), file)
	res := s.run()
	if diff := cmp.Diff(engine.Counts{Read: 4, Created: 2, Failed: 2}, res.Counts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var all []string
	for _, a := range s.attention() {
		all = append(all, a.Message)
	}
	for _, want := range []string{"Line 3 holds bytes that are no UTF-8 text in First", "Line 4 holds bytes that are no UTF-8 text in id"} {
		if !strings.Contains(strings.Join(all, "\n"), want) {
			t.Errorf("no sentence says %q:\n%s", want, strings.Join(all, "\n"))
		}
	}
}

// A row that can't be read has not left the source, so its record must not be
// archived for that.
func TestARowThatCannotBeReadIsNotGone(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]string{"a cell too many": "2,p2@example-1.com,First2,Last2,,,x", "the key broken": "#,"} {
		s := newStage(t, practice.Options{}, twoWay+"delete: { row-gone: archive }\nguards: { archives: 10 }\n", people(3))
		s.run()
		if name == "the key broken" {
			broken = ",p2@example-1.com,First2,Last2,+49300000002"
		}
		s.replace("2,p2@example-1.com,First2,Last2,+49300000002", broken)
		res := s.run()
		if n := s.portal.Count("contacts"); n != 3 || res.Counts.Archived != 0 || res.Counts.Failed != 1 {
			t.Errorf("%s: %d contacts are left, %+v", name, n, res.Counts)
		}
		s.replace(broken, "2,p2@example-1.com,First2,Last2,+49300000002")
		if res = s.run(); res.Counts.Unchanged != 3 || len(s.attention()) != 0 {
			t.Errorf("%s: after repair %+v, %+v", name, res.Counts, s.attention())
		}
	}
}

func (s *stage) attention() (all []store.Attention) {
	s.store(func(ctx context.Context, db *store.Store) {
		var err error
		if all, err = db.AttentionOf(ctx, 1); err != nil {
			s.t.Fatal(err)
		}
	})
	return all
}
