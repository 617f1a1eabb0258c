package command_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"syncline/sync/hubspot/practice"
)

// What the documents of a small firm say of people and the companies that they
// work for.
const (
	firmsByDomain = `syncline: 1
name: Firms
source: { kind: csv, path: firms.csv, key: [id] }
hubspot: { object: companies, match: [ { field: Domain, property: domain } ] }
direction: to-hubspot
create: hubspot
fields:
  - { field: Domain, property: domain }
  - { field: Name, property: name }
`
	peopleByEmail = `syncline: 1
name: People
source: { kind: csv, path: people.csv, key: [id] }
hubspot: { object: contacts, match: [ { field: Email, property: email } ] }
direction: to-hubspot
create: hubspot
fields:
  - { field: Email, property: email }
associations:
`
	rolesByEmail = `syncline: 1
name: Roles
source: { kind: csv, path: roles.csv, key: [id] }
associate:
  from: { object: companies, match: { field: Domain, property: domain } }
  to: { object: contacts, match: { field: Email, property: email } }
`
	offersByDomain = `syncline: 1
name: Offers
source: { kind: csv, path: roles.csv, key: [id] }
hubspot: { object: deals, match: [ { field: id, property: dealname } ] }
direction: to-hubspot
create: hubspot
fields:
  - { field: id, property: dealname }
associations:
  - { to: companies, match: { field: Domain, property: domain }, create-missing: true }
`
	threePeople = "id,Email,Domain,Boss\n1,ann@one.com,one.com,\n2,bob@one.com,ONE.com,ann@one.com\n3,cy@two.com,two.com,bob@one.com\n"
	threeRoles  = "id,Domain,Email\n1,one.com,ann@one.com\n2,one.com,bob@one.com\n3,two.com,cy@two.com\n"
)

// joins are all associations between contacts and companies, and among contacts,
// as a person sees them in HubSpot.
func (d *desk) joins() string {
	name := map[string]map[string]string{"companies": {}, "contacts": {}} // an id may be of one of each
	for id, p := range d.portal.Records("companies") {
		name["companies"][id] = p["domain"]
	}
	people := d.portal.Records("contacts")
	for id, p := range people {
		name["contacts"][id], _, _ = strings.Cut(p["email"], "@")
	}
	var all []string
	for id := range people {
		for _, object := range []string{"companies", "contacts"} {
			for _, to := range d.portal.Associated("contacts", id, object) {
				if object == "companies" || id < to {
					all = append(all, name["contacts"][id]+" "+name[object][to])
				}
			}
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// A record that one sync of a set makes is associated by another in the same run
// of the set, however that one names it, in whichever order they are listed, and
// whether or not the plan was looked at before.
func TestWhatOneSyncOfASetMakesAnotherAssociatesInTheSameRun(t *testing.T) {
	t.Parallel()
	byDomain := "  - { to: companies, match: { field: Domain, property: domain } }\n"
	making := "  - { to: companies, match: { field: Domain, property: domain }, create-missing: true }\n"
	work := "ann one.com, bob one.com, cy two.com"
	cases := map[string]struct {
		syncs, people, roles, want string
	}{
		"by a match property":                                            {"firms.yaml, people.yaml", byDomain, "", work},
		"listed before what it rests on":                                 {"people.yaml, firms.yaml", byDomain, "", work},
		"by a match property that may make what lacks":                   {"firms.yaml, people.yaml", making, "", work},
		"the same, listed before":                                        {"people.yaml, firms.yaml", making, "", work},
		"rows that are associations":                                     {"roles.yaml, people.yaml, firms.yaml", "", rolesByEmail, work},
		"records of the same sync":                                       {"firms.yaml, people.yaml", "  - { to: contacts, match: { field: Boss, property: email } }\n", "", "ann bob, bob cy"},
		"rows of the same sync, by their key":                            {"firms.yaml, people.yaml", "  - { to: contacts, link: { sync: people.yaml, field: Boss } }\n", "", "ann bob, bob cy"},
		"people whom the rows themselves make, or who are made for them": {"firms.yaml, people.yaml", "  - { to: contacts, match: { field: Boss, property: email }, create-missing: true }\n", "", "ann bob, bob cy"},
		"two columns that name the same companies":                       {"people.yaml, firms.yaml", making + "  - { to: companies, match: { field: Domain, property: domain }, create-missing: true, label: Primary }\n", "", work},
		"two syncs that may make the same companies":                     {"people.yaml, roles.yaml", making, offersByDomain, work},
	}
	for name, c := range cases {
		for _, shown := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, plan shown %v", name, shown), func(t *testing.T) {
				t.Parallel()
				d := newDesk(t, practice.Options{SearchLag: practice.Fixed(time.Hour), Limits: practice.Limits{Burst: 10_000}})
				d.write("firms.yaml", firmsByDomain)
				d.write("firms.csv", "id,Domain,Name\na,one.com,One\nb,two.com,Two\n")
				d.write("people.yaml", strings.TrimSuffix(peopleByEmail, "associations:\n"))
				if c.people != "" {
					d.write("people.yaml", peopleByEmail+c.people)
				}
				d.write("people.csv", threePeople)
				if strings.Contains(c.people, "link:") {
					d.write("people.yaml", strings.Replace(peopleByEmail+c.people, "key: [id]", "key: [Email]", 1))
				}
				d.write("roles.yaml", c.roles)
				d.write("roles.csv", threeRoles)
				d.write("all.yaml", "syncline: 1\nset: All\nsyncs: ["+c.syncs+"]\n")
				args := []string{"run", "all.yaml"}
				if shown {
					doc, _ := d.set(0, "preview", "all.yaml")
					args = append(args, "--plan", doc.Plan)
				}
				doc, s := d.set(0, args...)
				if got := d.joins(); got != c.want {
					t.Errorf("HubSpot has %q, want %q\n%s\n%.3000s", got, c.want, s.err, s.out)
				}
				d.counts(2, 3)
				for _, r := range doc.Runs {
					if r.Counts.Conflict+r.Counts.Failed+r.Counts.Waiting > 0 {
						t.Errorf("%s: %+v", r.Document, r.Counts)
					}
				}
				d.staysAsItIs(0)
			})
		}
	}
}
