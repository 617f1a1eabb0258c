// Package billing makes the sample workbook: a billing system's customers as
// they stand against the practice portal's demo. Most of them are in the
// portal with the same values; some have changed, some disagree, some are new,
// a few cannot be right.
package billing

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncline/sync/hubspot/practice/content"
)

// Customer is a row of the workbook.
type Customer struct {
	ID, Company, First, Last, Email, Phone, City, Country string
	Plan, Status                                          string
	Since                                                 time.Time
	Amount                                                float64 // a month
	Owner                                                 string  // e-mail address
	Note                                                  string
}

// What the workbook holds, by the way each row is made.
const (
	same      = 214 // as in the portal
	emptied   = 24  // as in the portal, with a cell that only the portal fills
	called    = 26  // another telephone number: billing's wins
	upgraded  = 14  // another plan and amount
	lapsed    = 8   // another status
	completed = 12  // a cell that only the workbook fills
	disagreed = 15  // a name, city or company that differs: somebody must decide
	fresh     = 100 // not in the portal
	broken    = 4   // the address is none
	shared    = 3   // three people, one address
)

// Total is the number of rows.
const Total = same + emptied + called + upgraded + lapsed + completed + disagreed + fresh + broken + shared

// Statuses are the workbook's words for the portal's options.
var Statuses = map[string]string{"active": "Active", "trialing": "Trial", "past_due": "Past due", "canceled": "Cancelled"}

type maker struct {
	rng    *rand.Rand
	owners map[string]string   // active ones, id to address
	codes  map[string]string   // countries' names to ISO codes
	taken  map[string]bool     // addresses and customer numbers
	pool   []map[string]string // customers in the portal, not used yet
	rows   []Customer
}

// Customers returns the rows in the order of their ids. They are always the
// same.
func Customers() []Customer {
	m := &maker{rng: rand.New(rand.NewPCG(content.DemoSeed, 0xb111)), owners: map[string]string{}, codes: codes(), taken: map[string]bool{}}
	for _, o := range content.Owners() {
		if !o.Archived {
			m.owners[o.ID] = o.Email
		}
	}
	portal, strangers := m.customers(content.DemoSeed), m.customers(content.DemoSeed+1)
	m.pool = portal
	m.take(same, anyone, func(*Customer) {})
	m.take(emptied, reachable, m.empty)
	m.take(called, reachable, m.newPhone)
	m.take(upgraded, func(p map[string]string) bool { return p["plan_name"] != "Enterprise" }, upgrade)
	m.take(lapsed, func(p map[string]string) bool { return p["billing_status"] == "active" }, m.lapse)
	m.take(completed, incomplete, m.complete)
	m.take(disagreed, named, m.disagree)
	m.strangers(strangers)
	slices.SortFunc(m.rows, func(a, b Customer) int { return cmp.Compare(number(a.ID), number(b.ID)) })
	return m.rows
}

func number(id string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(id, "C-"))
	if err != nil {
		panic(err) // ids come from this package and the demo
	}
	return n
}

// customers returns a demo's customers whose country is written in full, in a
// drawn order, and notes the addresses and numbers of all.
func (m *maker) customers(seed uint64) []map[string]string {
	var out []map[string]string
	own := seed == content.DemoSeed
	// The moment moves nothing that the workbook repeats.
	for _, r := range content.MakeDemo(seed, time.Unix(0, 0)).Records {
		p := r.Properties
		if r.ObjectType != "0-1" {
			continue
		}
		if p["legacy_customer_id"] != "" && p["email"] != "" && !m.taken[p["email"]] && (p["country"] == "" || m.codes[p["country"]] != "") {
			out = append(out, p)
		}
		if own {
			m.taken[p["email"]], m.taken[p["legacy_customer_id"]] = true, true
		}
	}
	slices.SortFunc(out, func(a, b map[string]string) int { return cmp.Compare(a["email"], b["email"]) })
	m.rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// take moves n customers that fit from the pool to the rows, changed.
func (m *maker) take(n int, fits func(map[string]string) bool, change func(*Customer)) {
	for range n {
		i := slices.IndexFunc(m.pool, fits)
		if i < 0 {
			panic("the demo has too few customers for the workbook")
		}
		c := m.customer(m.pool[i])
		m.pool = slices.Delete(m.pool, i, i+1)
		change(&c)
		m.rows = append(m.rows, c)
	}
}

// customer writes a contact as the billing system has it: tidy, the country as
// a code, the address sometimes with capitals.
func (m *maker) customer(p map[string]string) Customer {
	tidy := func(name string) string { return strings.Join(strings.Fields(p[name]), " ") }
	since, err := time.Parse(time.DateOnly, p["customer_since"])
	if err != nil {
		panic(err)
	}
	amount, err := strconv.ParseFloat(p["monthly_amount"], 64)
	if err != nil {
		panic(err)
	}
	c := Customer{ID: p["legacy_customer_id"], Company: tidy("company"), First: tidy("firstname"), Last: tidy("lastname"),
		Email: p["email"], Phone: tidy("phone"), City: tidy("city"), Country: m.codes[p["country"]],
		Plan: p["plan_name"], Status: Statuses[p["billing_status"]], Since: since, Amount: amount, Owner: m.owners[p["hubspot_owner_id"]]}
	if m.chance(9) {
		c.Email = strings.ToUpper(c.Email[:1]) + c.Email[1:]
	}
	if m.chance(11) {
		c.Note = m.one("Pays by invoice", "Yearly discount 10 %", "Asked for a quarterly bill", "Reminder sent in May", "PO number required", "Rechnung per Post")
	}
	return c
}

func (m *maker) chance(percent int) bool { return m.rng.IntN(100) < percent }
func (m *maker) one(of ...string) string { return of[m.rng.IntN(len(of))] }
func anyone(map[string]string) bool      { return true }
func reachable(p map[string]string) bool {
	return strings.HasPrefix(p["phone"], "+") && p["city"] != "" && !strings.ContainsAny(p["phone"], "(e")
}
func incomplete(p map[string]string) bool { return p["phone"] == "" || p["city"] == "" }
func named(p map[string]string) bool {
	return p["lastname"] != "" && p["firstname"] != "" && p["city"] != "" && p["company"] != ""
}

func (m *maker) empty(c *Customer) {
	if m.chance(60) {
		c.Phone = ""
	} else {
		c.City = ""
	}
}

// newPhone changes the last digits, so that the number stays one of its range.
func (m *maker) newPhone(c *Customer) {
	b := []byte(c.Phone)
	for i, changed := len(b)-1, 0; i > 0 && changed < 2; i-- {
		if b[i] >= '0' && b[i] <= '9' {
			b[i] = '0' + (b[i]-'0'+byte(1+m.rng.IntN(8)))%10
			changed++
		}
	}
	c.Phone = string(b)
}

func upgrade(c *Customer) {
	next := map[string]string{"Starter": "Team", "Team": "Business", "Business": "Enterprise"}
	price := map[string]float64{"Starter": 19, "Team": 29.5, "Business": 49, "Enterprise": 89}
	seats := c.Amount / price[c.Plan]
	c.Plan = next[c.Plan]
	c.Amount = price[c.Plan] * seats
}

func (m *maker) lapse(c *Customer) { c.Status = m.one("Past due", "Past due", "Cancelled") }

// complete fills what the portal lacks.
func (m *maker) complete(c *Customer) {
	if c.City == "" {
		c.City = m.one("Hannover", "Aarhus", "Lyon", "Leeds", "Graz", "Porto")
	}
	if c.Phone == "" {
		c.Phone = "+49 30 23125" + strconv.Itoa(100+m.rng.IntN(900))
	}
}

// disagree changes what either side may know better.
func (m *maker) disagree(c *Customer) {
	switch m.rng.IntN(3) {
	case 0:
		c.Last = m.one("Whitfield", "Santos", "Lindberg", "Weiss", "Moreau") + "-" + c.Last
	case 1:
		c.City = m.one("Leipzig", "Utrecht", "Toulouse", "Sheffield", "Malmö", "Braga")
	default:
		c.Company = strings.Fields(c.Company)[0] + " " + m.one("Holding", "Group", "International")
	}
}

// strangers adds who is not in the portal, and what is wrong.
func (m *maker) strangers(pool []map[string]string) {
	highest := 10_000
	for _, c := range m.rows {
		highest = max(highest, number(c.ID))
	}
	for i, p := range pool[:fresh+broken+shared] {
		c := m.customer(p)
		c.ID = m.free(highest)
		switch n := i - fresh; {
		case n < 0:
		case n < broken:
			c.Email = []string{"maria.rossi@", "j.smith(at)kestrel-digital.co.uk", "keine E-Mail", "anna.weber@@brunnhof-software,de"}[n]
		default:
			c.Email = "accounts@" + pool[fresh+broken]["email"][strings.IndexByte(pool[fresh+broken]["email"], '@')+1:]
		}
		m.rows = append(m.rows, c)
	}
}

// free draws a customer number that nobody has.
func (m *maker) free(highest int) string {
	for {
		id := "C-" + strconv.Itoa(10_001+m.rng.IntN(highest-10_000))
		if !m.taken[id] {
			m.taken[id] = true
			return id
		}
	}
}

// codes are the ISO 3166 codes of the countries of the demo.
func codes() map[string]string {
	return map[string]string{"United States": "US", "Canada": "CA", "United Kingdom": "GB", "Ireland": "IE", "Germany": "DE", "Austria": "AT",
		"Switzerland": "CH", "France": "FR", "Belgium": "BE", "Netherlands": "NL", "Spain": "ES", "Portugal": "PT", "Italy": "IT", "Sweden": "SE",
		"Norway": "NO", "Denmark": "DK", "Finland": "FI", "Poland": "PL", "Czechia": "CZ", "Greece": "GR", "Ukraine": "UA", "Turkey": "TR",
		"Israel": "IL", "United Arab Emirates": "AE", "India": "IN", "Japan": "JP", "South Korea": "KR", "China": "CN", "Singapore": "SG",
		"Australia": "AU", "New Zealand": "NZ", "Brazil": "BR", "Mexico": "MX", "South Africa": "ZA", "Kenya": "KE"}
}
