package simulation_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"syncline/sync/definition"
	"syncline/sync/hubspot/practice"
	"syncline/sync/record"
)

// nature is what a seed decides before anything happens.
type nature struct {
	object     string
	options    practice.Options
	properties []practice.Property
	limited    string // a token that may not make properties
	definition string
	fields     []field
	header     []string
	create     definition.Create
	direction  definition.Direction
	rowGone    string // what is done about a record whose row is gone, "" = nothing
	gone       gone
	filtered   bool
	newest     bool
	rowIDs     bool // the key is mapped, so that rows can be made of records
	skew       time.Duration
	short      int
	mistakes   bool // people type addresses that are none
	small      int  // see Engine.SmallSync
	burst      int  // calls in ten seconds
	zombies    bool
	faults     practice.Faults
	crashes    float64 // share of processes that die
	busy       float64 // share of awaits at which a person acts
	rounds     int
	customers  int
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }

// born draws the nature of a world.
func (w *world) born() nature {
	r := w.rng("nature")
	n := nature{object: pick(r, "contacts", "contacts", "companies"), rounds: 2 + r.IntN(4), customers: 1 + r.IntN(12)}
	if chance(r, 0.03) {
		n.customers = 90 + r.IntN(60) // more than one batch
	}
	n.direction = pick(r, definition.TwoWay, definition.TwoWay, definition.ToHubSpot, definition.FromHubSpot)
	n.create = pick(r, definition.CreateHubSpot, definition.CreateHubSpot, definition.CreateNone)
	if happens("create in the source") && n.direction != definition.ToHubSpot {
		n.create = pick(r, definition.CreateHubSpot, definition.CreateBoth, definition.CreateSource, definition.CreateNone)
	}
	if n.direction == definition.FromHubSpot && n.create.InHubSpot() {
		n.create = pick(r, definition.CreateNone, definition.CreateSource)
		if !happens("create in the source") {
			n.create = definition.CreateNone
		}
	}
	n.rowIDs = n.create.InSource()
	if happens("archive gone rows") && n.direction != definition.FromHubSpot && chance(r, 0.4) {
		n.rowGone = "archive"
	}
	n.filtered = chance(r, 0.2)
	if happens("newest") {
		n.newest = chance(r, 0.3)
	}
	n.fields = n.drawFields(r)
	n.drawWeather(r)
	n.header = []string{"id", "ref", "mail", "a", "b", "c"}
	if n.newest {
		n.header = append(n.header, "changed")
	}
	n.drawGone(w.rng("gone"))
	n.drawCalls(w.rng("calls"))
	n.definition = n.document()
	return n
}

func (n *nature) drawFields(r *rand.Rand) []field {
	text, mail := record.Rule{Compare: record.CompareText}, record.Rule{Compare: record.CompareEmail}
	names := []string{"email", "firstname", "lastname", "jobtitle"}
	if n.object == "companies" {
		names, mail = []string{"domain", "city", "state", "address"}, text
	}
	all := []field{
		{column: "ref", property: "ref", direction: n.direction, policy: definition.Review, rule: text},
		{column: "mail", property: names[0], direction: n.direction, policy: definition.Review, rule: mail},
	}
	if n.rowIDs {
		all = append(all, field{column: "id", property: "row_id", direction: n.direction, policy: definition.Review, rule: text})
	}
	for i, column := range []string{"a", "b", "c"} {
		f := field{column: column, property: names[i+1], direction: n.direction, policy: definition.Review, rule: text}
		if n.direction == definition.TwoWay && chance(r, 0.3) {
			f.direction = pick(r, definition.ToHubSpot, definition.FromHubSpot)
		}
		if chance(r, 0.4) {
			f.policy = pick(r, definition.TakeSource, definition.TakeHubSpot)
			if n.newest {
				f.policy = definition.Newest
			}
		}
		f.blankClears = happens("clears") && chance(r, 0.3)
		all = append(all, f)
	}
	return all
}

// drawWeather decides how HubSpot, the line and the program behave.
func (n *nature) drawWeather(r *rand.Rand) {
	n.options = practice.Options{Seed: r.Uint64(), Limits: practice.Limits{Burst: 10_000}}
	n.properties = []practice.Property{{Name: "ref"}}
	if n.rowIDs {
		n.properties = append(n.properties, practice.Property{Name: "row_id"})
	}
	s := &n.options.Switches
	s.OrderedBatchResults, s.EchoTraceIDs, s.TrimText = chance(r, 0.5), chance(r, 0.3), chance(r, 0.3)
	s.ClearedReadsNull, s.OldIDsOmitted, s.RewriteTouches = chance(r, 0.3), chance(r, 0.3), chance(r, 0.3)
	if n := practice.ArchivedUnique(r.IntN(3)); happens("archived records keep their unique values") {
		s.ArchivedUnique = n
	}
	if happens("refused sync key") && chance(r, 0.3) {
		n.limited = "limited connection 0417" // of no shape that tells a token
		n.options.Tokens = []practice.Token{{Value: n.limited, Kind: practice.PrivateApp, Scopes: []string{"crm.objects." + n.object + ".read", "crm.objects." + n.object + ".write",
			"crm.schemas." + n.object + ".read", "crm.objects.owners.read", "oauth"}}}
	}
	if happens("lagging search") && chance(r, 0.5) {
		n.options.SearchLag = practice.HeavyTail(5*time.Second, 10*time.Minute, 0.05)
	}
	if happens("clocks") {
		n.skew = pick(r, 0, 0, time.Hour, -time.Hour, 7*time.Second, -90*time.Second)
	}
	if happens("short pages") && chance(r, 0.5) {
		n.short = 1 + r.IntN(4)
	}
	if happens("faults") && chance(r, 0.5) {
		n.faults = practice.Faults{Throttle: 0.03, Locked: 0.02, Migrating: 0.01, ServerError: 0.04, ServerErrorAfter: 0.06, HalfCommitted: 0.06, Reset: 0.04, ResetAfter: 0.06,
			Truncated: 0.05, HTML: 0.02, HTMLAfter: 0.02, HangAfter: 0.01, WritesOnly: chance(r, 0.5)}
		if happens("zombies") && chance(r, 0.3) {
			n.zombies, n.faults.Zombie, n.faults.ZombieDelay = true, 0.05, practice.Fixed(40*time.Second)
		}
	}
	if happens("crashes") && chance(r, 0.4) {
		n.crashes = 0.6
	}
	n.busy = pick(r, 0, 0.05, 0.2, 0.5)
}

// drawCalls draws how HubSpot is asked, apart from the rest of the nature.
func (n *nature) drawCalls(r *rand.Rand) {
	if happens("changes only") && chance(r, 0.35) {
		n.small = -1 // the pull reads what changed, and all only once a day
	}
	n.mistakes = n.object == "contacts" && happens("corrections") && chance(r, 0.4)
	n.burst = 10_000
	if happens("narrow limits") && chance(r, 0.25) {
		n.burst = 8 + r.IntN(25)
	}
	n.options.Limits.Burst = n.burst
}

// document is the definition.
func (n *nature) document() string {
	var b strings.Builder
	fmt.Fprintf(&b, "syncline: 1\nname: Customers\nsource: { kind: csv, path: customers.csv, key: [id]")
	if n.newest {
		b.WriteString(", modified: changed")
	}
	fmt.Fprintf(&b, " }\nhubspot:\n  object: %s\n  match: [ { field: mail, property: %s } ]\n", n.object, n.fields[1].property)
	if n.filtered {
		b.WriteString("  filter: [ [ { property: ref, operator: HAS_PROPERTY } ] ]\n")
	}
	fmt.Fprintf(&b, "direction: %s\ncreate: %s\n", n.direction, n.create)
	b.WriteString(n.rules())
	b.WriteString("fields:\n")
	for _, f := range n.fields {
		fmt.Fprintf(&b, "  - { field: %s, property: %s, direction: %s, conflict: %s", f.column, f.property, f.direction, f.policy)
		if f.blankClears {
			b.WriteString(", blank: clear")
		}
		b.WriteString(" }\n")
	}
	return b.String()
}

// describe says in a line what kind of world it is.
func (n *nature) describe() string {
	return fmt.Sprintf("%s, %d customers, %d rounds; faults %v, zombies %v, deaths %v, busy %v, clocks differ by %v, pages of %d, limited token %v, search lags %v, changes only %v, %d calls in 10 s, switches %+v",
		n.object, n.customers, n.rounds, n.faults.ServerError > 0, n.zombies, n.crashes, n.busy, n.skew, n.short, n.limited != "", n.options.SearchLag != nil, n.small < 0, n.burst, n.options.Switches)
}
