package engine_test

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// Associations are planned in pages of a thousand records. What one row no longer
// asks for and another does is kept, however far the two rows are apart.

const manyDeals = 1_040

// farRoles lays down so many deals that their roles take several pages. roles writes
// rows of roles: FIRST and LAST in them stand for the deals whose pages are the first
// and the last one, and as many others have one role each.
func farRoles(t *testing.T) (s *stage, roles func(rows ...string) string) {
	t.Helper()
	s = chain(t)
	var opps strings.Builder
	opps.WriteString("Id,Name,AccountId\n")
	for i := range manyDeals {
		fmt.Fprintf(&opps, "O%d,Deal %d,A1\n", i, i)
	}
	s.yes = true
	s.write(filepath.Join(s.dir, "opportunities.csv"), opps.String())
	s.perform("accounts.yaml")
	s.perform("opportunities.yaml")
	deals := make([]string, 0, manyDeals)
	number := make(map[string]string)
	for id, p := range s.portal.Records("deals") {
		deals = append(deals, id)
		number[id] = strings.TrimPrefix(p["dealname"], "Deal ")
	}
	slices.SortFunc(deals, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
	first, last := number[deals[0]], number[deals[manyDeals-1]]
	return s, func(rows ...string) string {
		var b strings.Builder
		b.WriteString("Id,OpportunityId,Email,Role\n")
		for _, row := range rows {
			fmt.Fprintln(&b, strings.NewReplacer("FIRST", "O"+first, "LAST", "O"+last).Replace(row))
		}
		for _, id := range deals {
			if n := number[id]; n != first && n != last {
				fmt.Fprintf(&b, "x%s,O%s,bob@example.com,\n", n, n)
			}
		}
		return b.String()
	}
}

func TestALabelThatARowFarAwayTakesOverStays(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many ways of one story, each in a workspace of its own")
	}
	for name, step := range map[string]struct {
		before, after []string
		want          string
	}{
		"the row that leaves it comes later": {
			before: []string{"1,FIRST,ada@example.com,DM"},
			after:  []string{"1,LAST,ada@example.com,DM", "2,FIRST,ada@example.com,DM"},
			want:   "ada Decision maker, ada Decision maker",
		},
		"the row that leaves it comes earlier": {
			before: []string{"1,LAST,ada@example.com,DM"},
			after:  []string{"1,FIRST,ada@example.com,DM", "2,LAST,ada@example.com,DM"},
			want:   "ada Decision maker, ada Decision maker",
		},
		"the other asks for the pair alone": {
			before: []string{"1,FIRST,ada@example.com,DM"},
			after:  []string{"1,LAST,ada@example.com,DM", "2,FIRST,ada@example.com,"},
			want:   "ada, ada Decision maker",
		},
		"the other asks for the pair under another label": {
			before: []string{"1,FIRST,ada@example.com,"},
			after:  []string{"1,LAST,ada@example.com,", "2,FIRST,ada@example.com,DM"},
			want:   "ada, ada Decision maker",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, roles := farRoles(t)
			s.write(filepath.Join(s.dir, "roles.csv"), roles(step.before...))
			if res := s.perform("roles.yaml"); res.Counts.Waiting+res.Counts.Conflict > 0 {
				t.Fatalf("%+v", res.Counts)
			}
			s.write(filepath.Join(s.dir, "roles.csv"), roles(step.after...))
			res := s.perform("roles.yaml")
			var got []string
			for role := range strings.SplitSeq(s.roles(), ", ") {
				if _, of, ok := strings.Cut(role, " ada"); ok {
					got = append(got, "ada"+of)
				}
			}
			slices.Sort(got)
			if got := strings.Join(got, ", "); got != step.want || res.Counts.Waiting+res.Counts.Conflict > 0 {
				t.Errorf("HubSpot has %q, want %q: %+v", got, step.want, res.Counts)
			}
			if res := s.perform("roles.yaml"); res.Counts.Associated+res.Counts.Dissociated+res.Counts.Waiting+res.Counts.Conflict > 0 {
				t.Errorf("it does not come to rest: %+v", res.Counts)
			}
			s.write(filepath.Join(s.dir, "roles.csv"), roles())
			if res := s.perform("roles.yaml"); strings.Contains(s.roles(), " ada") {
				t.Errorf("nothing asks for them, and some are left: %+v", res.Counts)
			}
		})
	}
}

const colleagues = `
syncline: 1
name: People
source: { kind: csv, path: customers.csv, key: [id] }
hubspot: { object: contacts, match: [ { field: Email, property: email } ] }
direction: to-hubspot
create: hubspot
fields: [ { field: Email, property: email } ]
associations:
  - { to: contacts, link: { sync: sync.yaml, field: Knows }, remove-others: true }
`

// What joins two records of one type is one association, whichever of their rows
// names the other.
func TestWhatTheOtherRowOfAPairNamesStays(t *testing.T) {
	t.Parallel()
	for _, many := range []int{2, 1_040} {
		s := newStage(t, practice.Options{Limits: practice.Limits{Burst: 100_000}}, colleagues, "")
		s.yes = true
		people := func(first, last string) string {
			var b strings.Builder
			b.WriteString("id,Email,Knows\n")
			for i := range many {
				knows := map[int]string{0: first, many - 1: last}[i]
				fmt.Fprintf(&b, "%06d,p%d@example.com,%s\n", i, i, knows)
			}
			return b.String()
		}
		end := fmt.Sprintf("%06d", many-1)
		for _, step := range []struct{ first, last string }{{end, ""}, {"", "000000"}, {end, ""}, {end, "000000"}, {"", "000000"}} {
			s.write(s.file, people(step.first, step.last))
			res := s.run()
			if got := s.portal.Associated("contacts", s.named("contacts", "email", "p0@example.com"), "contacts"); len(got) != 1 || res.Counts.Waiting+res.Counts.Conflict+res.Counts.Dissociated > 0 {
				t.Errorf("%d rows, %+v: joined to %q: %+v", many, step, got, res.Counts)
			}
			if res := s.run(); res.Counts.Associated+res.Counts.Dissociated+res.Counts.Waiting+res.Counts.Conflict > 0 {
				t.Errorf("%d rows, %+v: it does not come to rest: %+v", many, step, res.Counts)
			}
		}
		s.write(s.file, people("", ""))
		if res := s.run(); res.Counts.Dissociated != 1 || res.Counts.Waiting+res.Counts.Conflict > 0 {
			t.Errorf("%d rows: nobody names the other, and %+v", many, res.Counts)
		}
	}
}

// An association that one column names instead of another is the same one.
func TestWhatAnotherColumnNamesInsteadStays(t *testing.T) {
	t.Parallel()
	two := strings.Replace(peopleOfCompanies, "associations:", `associations:
  - { to: companies, match: { field: Bill to, property: domain }, label: Biller, create-missing: true, remove-others: true }`, 1)
	two = strings.Replace(two, "label: Primary", "label: Biller", 1)
	s := newStage(t, practice.Options{Limits: practice.Limits{Burst: 100_000}}, two, "")
	for _, row := range []string{"acme.com,", ",acme.com", "acme.com,acme.com", "acme.com,"} {
		s.write(s.file, "id,Email,Domain,Bill to\n1,ada@example.com,"+row+"\n")
		res := s.run()
		if !slices.Contains(s.edges(), "ada@example.com acme.com Biller") || res.Counts.Waiting+res.Counts.Conflict+res.Counts.Dissociated > 0 {
			t.Errorf("%q: %q, %+v", row, s.edges(), res.Counts)
		}
		if res := s.run(); res.Counts.Associated+res.Counts.Dissociated+res.Counts.Waiting+res.Counts.Conflict > 0 {
			t.Errorf("%q: it does not come to rest: %+v", row, res.Counts)
		}
	}
	s.write(s.file, "id,Email,Domain,Bill to\n1,ada@example.com,,\n")
	if res := s.run(); res.Counts.Dissociated != 1 || len(s.edges()) != 0 {
		t.Errorf("neither names it, and %+v %q", res.Counts, s.edges())
	}
}

// Two rows that count as one are of one record: what either asks for stays.
func TestWhatARowThatCountsAsOneWithAnotherAsksForStays(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{Limits: practice.Limits{Burst: 100_000}}, strings.Replace(peopleOfCompanies, "label: Primary", "label: Biller", 1), "")
	s.yes = true
	const many = 1_040
	people := func(first, last string) string {
		var b strings.Builder
		b.WriteString("id,Email,Domain\n")
		for i := range many - 1 {
			fmt.Fprintf(&b, "%06d,p%d@example.com,%s\n", i, i, map[int]string{0: first}[i])
		}
		fmt.Fprintf(&b, "%06d,p0@example.com,%s\n", many-1, last)
		return b.String()
	}
	for _, step := range []struct{ first, last string }{{"acme.com", ""}, {"", "acme.com"}, {"acme.com", ""}} {
		s.write(s.file, people(step.first, step.last))
		res := s.run()
		if !slices.Contains(s.edges(), "p0@example.com acme.com Biller") || res.Counts.Waiting+res.Counts.Conflict+res.Counts.Dissociated > 0 {
			t.Errorf("%+v: %q, %+v %q", step, s.edges(), res.Counts, res.Notes)
		}
		if res := s.run(); res.Counts.Associated+res.Counts.Dissociated+res.Counts.Waiting+res.Counts.Conflict > 0 {
			t.Errorf("%+v: it does not come to rest: %+v", step, res.Counts)
		}
	}
}

// A person removed it, whichever row asks for it now: it is not made again unasked.
func TestAnAssociationThatAPersonRemovedIsNotMadeAgainForAnotherRowOrColumn(t *testing.T) {
	t.Parallel()
	two := strings.Replace(peopleOfCompanies, "associations:", `associations:
  - { to: companies, match: { field: Bill to, property: domain }, create-missing: true, remove-others: true }`, 1)
	two = strings.Replace(two, "    label: Primary\n", "", 1)
	for _, moved := range []string{",acme.com", "acme.com,acme.com"} {
		s := newStage(t, practice.Options{Limits: practice.Limits{Burst: 100_000}}, two, "id,Email,Domain,Bill to\n1,ada@example.com,acme.com,\n")
		s.run()
		s.unlink("ada@example.com", "acme.com")
		s.write(s.file, "id,Email,Domain,Bill to\n1,ada@example.com,"+moved+"\n")
		for range 3 {
			if res := s.run(); len(s.edges()) != 0 || res.Counts.Waiting == 0 {
				t.Errorf("%q: %q, %+v", moved, s.edges(), res.Counts)
			}
		}
		s.settle(plan.ChooseSource, "")
		if s.run(); !slices.Contains(s.edges(), "ada@example.com acme.com") {
			t.Errorf("%q: decided, and not carried out: %q", moved, s.edges())
		}
		if res := s.run(); res.Counts.Waiting+res.Counts.Associated+res.Counts.Dissociated > 0 {
			t.Errorf("%q: it does not come to rest: %+v", moved, res.Counts)
		}
		s.write(s.file, "id,Email,Domain,Bill to\n1,ada@example.com,,\n")
		if res := s.run(); res.Counts.Dissociated != 1 || len(s.edges()) != 0 {
			t.Errorf("%q: nothing asks for it, and %+v %q", moved, res.Counts, s.edges())
		}
	}
}
