package engine_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

const whoWithWhom = `
syncline: 1
name: Who with whom
source: { kind: csv, path: customers.csv, key: [id] }
associate:
  from: { object: contacts, match: { field: A, property: email } }
  to: { object: contacts, match: { field: B, property: email } }
  label: { field: L }
  remove-others: true
`

// pairLabel makes a label of contacts with contacts that is called otherwise from the other end.
func (s *stage) pairLabel(label, inverse string) {
	s.t.Helper()
	body := fmt.Sprintf(`{"label":%q,"inverseLabel":%q,"name":%q}`, label, inverse, strings.ToLower(label))
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, "https://api.hubapi.com/crm/v4/associations/contacts/contacts/labels", strings.NewReader(body))
	ok(s.t, err)
	r.Header.Set("Authorization", "Bearer "+s.portal.Token())
	r.Header.Set("Content-Type", "application/json")
	a, err := s.portal.Transport().RoundTrip(r)
	ok(s.t, err)
	defer a.Body.Close()
	if text, err := io.ReadAll(a.Body); err != nil || a.StatusCode >= 300 {
		s.t.Fatalf("%d %s", a.StatusCode, text)
	}
}

// acquaintances are the contacts that are joined, from either end, with their labels.
func (s *stage) acquaintances() string {
	s.t.Helper()
	name := map[string]string{}
	var ids []string
	for id, p := range s.portal.Records("contacts") {
		ids = append(ids, id)
		name[id], _, _ = strings.Cut(p["email"], "@")
	}
	got, err := s.client().BatchReadAssociations(s.t.Context(), "contacts", "contacts", ids)
	ok(s.t, err)
	var all []string
	for _, e := range got.Edges {
		var labels []string
		for _, x := range e.Types {
			if x.Label != "" {
				labels = append(labels, x.Label)
			}
		}
		slices.Sort(labels)
		all = append(all, strings.TrimSpace(name[e.From]+" "+name[e.To]+" "+strings.Join(labels, "+")))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// Rows may name a pair from both of its ends, under labels that belong together, and others:
// none takes the place of another, in one run, and what one row leaves stays as long as another
// one asks for it from the other end.
func TestRowsNameAPairFromBothEnds(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string][][2]string{
		"labels that belong together": {
			{"1,ada@example.com,bob@example.com,Boss\n2,bob@example.com,ada@example.com,Report", "ada bob Boss, bob ada Report"},
			{"2,bob@example.com,ada@example.com,Report", "ada bob Boss, bob ada Report"},
			{"3,ada@example.com,bob@example.com,Boss\n2,bob@example.com,ada@example.com,Report", "ada bob Boss, bob ada Report"},
		},
		"labels that belong together, both gone at once": {
			{"1,ada@example.com,bob@example.com,Boss\n2,bob@example.com,ada@example.com,Report", "ada bob Boss, bob ada Report"},
			{"", ""},
		},
		"labels of their own": {
			{"1,ada@example.com,bob@example.com,Mentor\n2,bob@example.com,ada@example.com,Boss", "ada bob Mentor+Report, bob ada Boss+Mentor"},
			{"1,ada@example.com,bob@example.com,Mentor", "ada bob Mentor, bob ada Mentor"},
			{"1,ada@example.com,bob@example.com,Mentor\n2,bob@example.com,ada@example.com,Boss", "ada bob Mentor+Report, bob ada Boss+Mentor"},
			{"2,bob@example.com,ada@example.com,Boss", "ada bob Report, bob ada Boss"},
			{"", ""},
		},
		"with a label, and without": {
			{"1,ada@example.com,bob@example.com,\n2,bob@example.com,ada@example.com,Boss", "ada bob Report, bob ada Boss"},
			{"1,ada@example.com,bob@example.com,", "ada bob, bob ada"},
			{"", ""},
		},
		"in small letters": {
			{"1,ada@example.com,bob@example.com, mentor\n2,bob@example.com,ada@example.com,MENTOR", "ada bob Mentor, bob ada Mentor"},
			{"", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, whoWithWhom, "")
			s.pairLabel("Boss", "Report")
			s.pairLabel("Mentor", "")
			for _, email := range []string{"ada@example.com", "bob@example.com"} {
				_, err := s.portal.Create("contacts", map[string]string{"email": email})
				ok(t, err)
			}
			for _, step := range steps {
				s.write(s.file, "id,A,B,L\n"+step[0]+"\n")
				res := s.run()
				if got := s.acquaintances(); got != step[1] || res.Counts.Waiting+res.Counts.Conflict+res.Counts.Failed > 0 {
					t.Errorf("%q: HubSpot has %q, want %q: %+v", step[0], got, step[1], res.Counts)
				}
				if again := s.run(); s.acquaintances() != step[1] || again.Counts.Associated+again.Counts.Dissociated+again.Counts.Waiting+again.Counts.Conflict > 0 {
					t.Errorf("%q: it does not come to rest: %q %+v", step[0], s.acquaintances(), again.Counts)
				}
			}
		})
	}
}
