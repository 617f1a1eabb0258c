package content

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How much the demo holds. A few companies more come as duplicates.
const (
	demoCompanies = 600
	demoContacts  = 2400
	demoDeals     = 900
	demoTickets   = 250
	demoNotes     = 420
	demoTasks     = 220
	demoCalls     = 160
	demoMeetings  = 90
	demoLicenses  = 130
)

const day = 24 * time.Hour

// generator makes a demo. Ages instead of times run through it, so that the
// moment of generation cannot change what is drawn.
type generator struct {
	rng      *rand.Rand
	now      time.Time
	demo     *Demo
	places   []*place
	owners   []Owner
	weights  []int
	used     map[string]bool // addresses, domains and company names given out
	counts   map[string]int  // records by kind of ref
	customer int             // the last customer number given out

	firms    []*firm
	people   []*person
	deals    []*deal
	products []product
}

// MakeDemo generates the demo's records. The same seed gives the same records,
// values and associations; now only shifts the times: the youngest record is a
// few minutes old, the oldest three years. Values that the sample workbook
// repeats do not depend on now.
func MakeDemo(seed uint64, now time.Time) *Demo {
	g := &generator{
		rng: newRNG(seed), now: now.UTC().Truncate(time.Millisecond),
		demo: &Demo{}, used: map[string]bool{}, counts: map[string]int{}, customer: 10_000, owners: Owners(),
	}
	for _, l := range slices.Concat(localesWest, localesEast) {
		g.places = append(g.places, l.open())
		g.weights = append(g.weights, l.weight)
	}
	g.makeFirms()
	g.makePeople()
	g.makeProducts()
	g.makeDeals()
	g.makeLicenses()
	g.makeTickets()
	g.makeActivities()
	slices.SortStableFunc(g.demo.Records, func(a, b DemoRecord) int { return a.Created.Compare(b.Created) })
	return g.demo
}

// record is an object's properties while they are drawn; empty values are left
// out.
type record map[string]string

func (r record) set(name, value string) {
	if value != "" {
		r[name] = value
	}
}

// add finishes a record and returns its ref.
func (g *generator) add(objectType, kind string, age time.Duration, r record) string {
	g.counts[kind]++
	ref := kind + "-" + strconv.Itoa(g.counts[kind])
	g.demo.Records = append(g.demo.Records, DemoRecord{ObjectType: objectType, Ref: ref, Properties: r, Created: g.at(age)})
	return ref
}

func (g *generator) link(from, to string, typeIDs ...int) {
	for _, id := range typeIDs {
		g.demo.Associations = append(g.demo.Associations, DemoAssociation{FromRef: from, ToRef: to, Category: "HUBSPOT_DEFINED", TypeID: id})
	}
}

func (g *generator) at(age time.Duration) time.Time {
	return g.now.Add(-age).Truncate(time.Millisecond)
}

// moment is a datetime as it is written, date one without a time of day.
func (g *generator) moment(age time.Duration) string { return timestamp(g.at(age)) }
func (g *generator) date(age time.Duration) string   { return g.at(age).Format(time.DateOnly) }

func (g *generator) chance(percent float64) bool { return g.rng.Float64()*100 < percent }

// between draws from low to high, both included.
func (g *generator) between(low, high int) int { return low + g.rng.IntN(high-low+1) }

// within draws an age between two.
func (g *generator) within(young, old time.Duration) time.Duration {
	return young + time.Duration(g.rng.Int64N(int64(max(old-young, time.Hour))))
}

func (g *generator) one(of ...string) string { return of[g.rng.IntN(len(of))] }

// some draws a value in percent of the cases, else "".
func (g *generator) some(percent float64, value string) string {
	if g.chance(percent) {
		return value
	}
	return ""
}

func pick[T any](g *generator, of []T) T { return of[g.rng.IntN(len(of))] }

// weighted draws an index in proportion to the weights.
func (g *generator) weighted(weights ...int) int {
	total := 0
	for _, w := range weights {
		total += w
	}
	n := g.rng.IntN(total)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	panic("unreachable: the weights add up to the total")
}

// share draws a value in proportion to its weight, from a list such as
// "lead:3 customer:1".
func (g *generator) share(odds string) string {
	total := 0
	for choice := range strings.FieldsSeq(odds) {
		total += weightOf(choice)
	}
	n := g.rng.IntN(total)
	for choice := range strings.FieldsSeq(odds) {
		if n -= weightOf(choice); n < 0 {
			value, _, _ := strings.Cut(choice, ":")
			return value
		}
	}
	panic("unreachable: the weights add up to the total")
}

func weightOf(choice string) int {
	_, digits, _ := strings.Cut(choice, ":")
	n, err := strconv.Atoi(digits)
	if err != nil {
		panic("practice content: no weight in " + choice)
	}
	return n
}

// fill replaces # by digits and @ by capital letters.
func (g *generator) fill(pattern string) string {
	b := []byte(pattern)
	for i, c := range b {
		switch c {
		case '#':
			b[i] = byte('0' + g.rng.IntN(10))
		case '@':
			b[i] = "ABCEHJKLMNPRSTVWXY"[g.rng.IntN(18)]
		}
	}
	return string(b)
}

// owner draws an owner's id; old records may still belong to who left.
func (g *generator) owner(age time.Duration) string {
	i := g.weighted(18, 17, 15, 14, 13, 12, 8, 3)
	if g.owners[i].Archived && age < 500*day {
		i = 0
	}
	return g.owners[i].ID
}

// free returns the first of the candidates, continued by numbers, that nobody
// has yet, and keeps it.
func (g *generator) free(kind string, candidates ...string) string {
	for n := 2; ; n++ {
		for _, c := range candidates {
			if c != "" && !g.used[kind+c] {
				g.used[kind+c] = true
				return c
			}
		}
		candidates = []string{numbered(candidates[0], n)}
	}
}

func numbered(s string, n int) string { return fmt.Sprintf("%s%d", trimDigits(s), n) }

func trimDigits(s string) string {
	for len(s) > 0 && s[len(s)-1] >= '0' && s[len(s)-1] <= '9' {
		s = s[:len(s)-1]
	}
	return s
}

func newRNG(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x53796e636c696e65)) }
