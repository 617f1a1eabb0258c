package engine_test

import (
	"path/filepath"
	"testing"
)

// A row that counts as one with another has that one's record: what names it is
// associated with that.
func TestARowThatCountsAsOneWithAnotherIsFoundByItsKey(t *testing.T) {
	t.Parallel()
	s := chain(t)
	s.write(filepath.Join(s.dir, "accounts.csv"), "Id,Name\nA1,Acme\nA2,Beta\nA9,Acme\n")
	if res := s.perform("accounts.yaml"); res.Counts.Created != 2 || res.Counts.Skipped != 1 {
		t.Fatalf("accounts: %+v %q", res.Counts, res.Notes)
	}
	for range 2 { // the first time the plan of the accounts tells, then the links do
		res := s.perform("opportunities.yaml")
		if res.Counts.Waiting != 0 {
			t.Errorf("opportunities: %+v %q", res.Counts, res.Notes)
		}
		garden := s.named("deals", "dealname", "Garden")
		if got := s.portal.Associated("deals", garden, "companies"); len(got) != 1 || got[0] != s.named("companies", "name", "Acme") {
			t.Errorf("the deal of the twin is associated with %v", got)
		}
		s.perform("accounts.yaml")
	}
}
