package engine_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot/practice"
)

// A person edits a record between its creation and the moment at which Syncline
// finds out that it was created, in a property that the create left open. That
// is an edit like any other: it is brought to the source, and is never written
// over. What HubSpot itself gave the record is none.
func TestAnEditOfARecordWhoseCreationIsNotKnownYetIsAnEdit(t *testing.T) {
	t.Parallel()
	const one = "id,Name,City,Street,Stage\n1,Firm 1,Bonn,,\n"
	definition := strings.Replace(firmsByName, "direction: to-hubspot", "direction: two-way", 1) +
		"  - { field: Street, property: address }\n  - { field: Stage, property: lifecyclestage, direction: to-hubspot }\n"
	for _, key := range []bool{true, false} {
		for _, direction := range []string{"two-way", "from-hubspot"} {
			t.Run(direction, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var s *stage
					edited := false
					o := practice.Options{Latency: practice.Fixed(80 * time.Millisecond), Observe: func(r practice.Request) {
						if edited || !strings.Contains(r.Path, "/companies") || strings.HasSuffix(r.Path, "/batch/create") {
							return
						}
						for id := range s.portal.Records("companies") {
							edited = true
							go func() {
								if err := s.portal.Edit("companies", id, map[string]string{"address": "Theirs"}); err != nil {
									t.Error(err)
								}
							}()
						}
					}}
					s = newStage(t, o, strings.Replace(definition, "property: address }", "property: address, direction: "+direction+" }", 1), one)
					if !key {
						s.token = s.portal.AddToken(practice.Token{Scopes: []string{"crm.objects.companies.read", "crm.objects.companies.write", "crm.schemas.companies.read"}})
					}
					s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.ServerErrorAfter, Path: "batch/create"}}})
					s.run()
					s.companies(1)
					if !edited {
						t.Fatal("nobody edited anything")
					}
					s.replace("Bonn,,", "Bonn,Ours,")
					res := s.run()
					for _, p := range s.portal.Records("companies") {
						if p["address"] != "Theirs" {
							t.Errorf("the edit was written over with %q: %+v", p["address"], res.Counts)
						}
					}
					if res.Counts.Conflict != 1 {
						t.Errorf("nobody is asked: %+v\n%s", res.Counts, s.contents())
					}
				})
			})
		}
	}
}
