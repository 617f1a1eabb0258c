package command_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"syncline/sync/hubspot/practice"
)

// The firms of a set name their main contact, its people their firm: whichever comes first,
// all of it is joined in one run of the set, whether or not its plan was looked at, and an
// undo takes all of it back.
func TestSyncsThatNameRecordsOfEachOtherAreJoinedInOneRun(t *testing.T) {
	t.Parallel()
	const (
		ofPeople = "associations:\n  - { to: contacts, match: { field: Contact, property: email }, label: Main contact }\n"
		ofFirms  = "  - { to: companies, match: { field: Domain, property: domain } }\n"
		byKey    = "  - { to: companies, link: { sync: firms.yaml, field: Firm } }\n"
		ofBoss   = "  - { to: contacts, match: { field: Boss, property: email } }\n"
	)
	for name, c := range map[string]struct{ syncs, firms, people string }{
		"firms first":                   {"firms.yaml, people.yaml", ofPeople, ofFirms},
		"people first":                  {"people.yaml, firms.yaml", ofPeople, ofFirms},
		"one of the two by its key":     {"people.yaml, firms.yaml", ofPeople, byKey},
		"and each other":                {"people.yaml, firms.yaml", ofPeople, ofFirms + ofBoss},
		"from both ends of one pair":    {"firms.yaml, people.yaml", "associations:\n  - { to: contacts, match: { field: Contact, property: email } }\n", ofFirms},
		"one that makes what it names":  {"firms.yaml, people.yaml", strings.Replace(ofPeople, " }\n", ", create-missing: true }\n", 1), ofFirms},
		"the other makes what it names": {"firms.yaml, people.yaml", ofPeople, strings.Replace(ofFirms, " }\n", ", create-missing: true }\n", 1)},
	} {
		for _, shown := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, plan shown %v", name, shown), func(t *testing.T) {
				t.Parallel()
				d := newDesk(t, practice.Options{SearchLag: practice.Fixed(time.Hour), Limits: practice.Limits{Burst: 10_000}})
				d.write("firms.yaml", firmsByDomain+c.firms)
				d.write("firms.csv", "id,Domain,Name,Contact\na,one.com,One,ann@one.com\nb,two.com,Two,cy@two.com\nc,three.com,Three,nobody@three.com\n")
				d.write("people.yaml", peopleByEmail+c.people)
				d.write("people.csv", "id,Email,Domain,Firm,Boss\n1,ann@one.com,one.com,a,\n2,bob@one.com,ONE.com,a,ann@one.com\n3,cy@two.com,two.com,b,\n4,no address,two.com,b,\n")
				d.write("all.yaml", "syncline: 1\nset: All\nsyncs: ["+c.syncs+"]\n")
				args := []string{"run", "all.yaml"}
				if shown {
					doc, _ := d.set(0, "preview", "all.yaml")
					if len(doc.Notes) != 1 || !strings.Contains(doc.Notes[0], "at the end of the same run of the set") {
						t.Errorf("the plan says %q", doc.Notes)
					}
					args = append(args, "--plan", doc.Plan)
				}
				doc, s := d.set(3, args...)
				want, wait, failed := "ann one.com, bob one.com, cy two.com", 1, 1
				if strings.Contains(c.people, "Boss") {
					want = "ann bob, " + want
				}
				if strings.Contains(c.firms, "create-missing") {
					want, wait = "ann one.com, bob one.com, cy two.com, nobody three.com", 0
				}
				if got := d.joins(); got != want {
					t.Errorf("HubSpot has %q, want %q\n%s\n%.3000s", got, want, s.err, s.out)
				}
				waiting, bad := 0, 0
				for _, r := range doc.Runs {
					waiting, bad = waiting+r.Counts.Waiting, bad+r.Counts.Failed
				}
				if waiting != wait || bad != failed {
					t.Errorf("%d associations wait, %d rows failed: %+v", waiting, bad, doc.Runs)
				}
				if s := d.plain("attention", d.path("people.yaml")); !strings.Contains(s.out, "no address") {
					t.Errorf("the row that failed needs no attention any more: %s", s.out)
				}
				d.staysAsItIs(3)
				if back, s := d.set(0, "undo", doc.Run, "--yes"); d.portal.Count("contacts")+d.portal.Count("companies") > 0 {
					t.Errorf("an undo left %d and %d\n%+v\n%s", d.portal.Count("contacts"), d.portal.Count("companies"), back, s.err)
				}
			})
		}
	}
}
