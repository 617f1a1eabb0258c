package engine_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// rename gives a label of deals to contacts another name, as a person would.
func (s *stage) rename(from, to string) {
	s.t.Helper()
	types, err := s.client().AssociationLabels(s.t.Context(), "deals", "contacts")
	ok(s.t, err)
	for _, x := range types {
		if x.Label != from {
			continue
		}
		body := fmt.Sprintf(`{"associationTypeId":%d,"label":%q}`, x.TypeID, to)
		r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPut, "https://api.hubapi.com/crm/v4/associations/deals/contacts/labels", bytes.NewReader([]byte(body)))
		ok(s.t, err)
		r.Header.Set("Authorization", "Bearer "+s.portal.Token())
		r.Header.Set("Content-Type", "application/json")
		a, err := s.portal.Transport().RoundTrip(r)
		ok(s.t, err)
		defer a.Body.Close()
		text, err := io.ReadAll(a.Body)
		ok(s.t, err)
		if a.StatusCode >= 300 {
			s.t.Fatalf("%d %s", a.StatusCode, text)
		}
		return
	}
	s.t.Fatalf("there is no label %q", from)
}

// A label that somebody gave another name is the same label: what bears it is neither
// removed nor made anew, what is new bears it too, and the plan says what it is called.
func TestALabelThatWasRenamedIsTheSame(t *testing.T) {
	t.Parallel()
	s := chain(t)
	s.perform("accounts.yaml")
	s.perform("opportunities.yaml")
	s.write(filepath.Join(s.dir, "roles.csv"), "Id,OpportunityId,Email,Role\n1,O1,ada@example.com,Influencer\n")
	s.perform("roles.yaml")
	s.rename("Influencer", "Sponsor")
	if res := s.perform("roles.yaml"); res.Counts.Associated+res.Counts.Dissociated+res.Counts.Waiting > 0 || !strings.Contains(strings.Join(res.Notes, " "), `"Sponsor"`) {
		t.Errorf("renamed: %+v %q", res.Counts, res.Notes)
	}
	for range 2 {
		s.write(filepath.Join(s.dir, "roles.csv"), "Id,OpportunityId,Email,Role\n2,O1,bob@example.com,Influencer\n1,O1,ada@example.com,Influencer\n")
		if res := s.perform("roles.yaml"); s.roles() != "Roof ada Sponsor, Roof bob Sponsor" || res.Counts.Waiting > 0 {
			t.Errorf("another bears it: %q %+v", s.roles(), res.Counts)
		}
	}
	s.write(filepath.Join(s.dir, "roles.csv"), "Id,OpportunityId,Email,Role\n2,O1,bob@example.com,Sponsor\n1,O1,ada@example.com,Influencer\n")
	if res := s.perform("roles.yaml"); s.roles() != "Roof ada Sponsor, Roof bob Sponsor" || res.Counts.Associated+res.Counts.Dissociated+res.Counts.Waiting > 0 {
		t.Errorf("by its new name: %q %+v", s.roles(), res.Counts)
	}
	s.write(filepath.Join(s.dir, "roles.csv"), "Id,OpportunityId,Email,Role\n2,O1,bob@example.com,Sponsor\n1,O1,ada@example.com,DM\n")
	if s.perform("roles.yaml"); s.roles() != "Roof ada Decision maker, Roof bob Sponsor" {
		t.Errorf("it goes: %q", s.roles())
	}
}
