package content

import (
	"math"
	"strconv"
	"strings"
	"time"
)

type product struct {
	ref, name, sku string
	price          float64
	term           string
}

type deal struct {
	ref  string
	firm *firm
	with []*person
	age  time.Duration
	won  bool
}

func (g *generator) makeProducts() {
	for i, p := range []product{
		{"", "Norrsken Starter", "NS-START", 19, "monthly"}, {"", "Norrsken Team", "NS-TEAM", 29.5, "monthly"},
		{"", "Norrsken Business", "NS-BUSI", 49, "monthly"}, {"", "Norrsken Enterprise", "NS-ENTER", 89, "monthly"},
		{"", "Norrsken Team, yearly", "NS-TEAM-Y", 318, "annually"}, {"", "Norrsken Business, yearly", "NS-BUSI-Y", 529, "annually"},
		{"", "Norrsken Enterprise, yearly", "NS-ENTER-Y", 961, "annually"}, {"", "Audit log", "NS-AUDIT", 120, "monthly"},
		{"", "Single sign-on", "NS-SSO", 80, "monthly"}, {"", "Onboarding day", "SV-ONB", 1150, ""},
		{"", "Data migration", "SV-MIG", 2400, ""}, {"", "Training, half a day", "SV-TRAIN", 690, ""},
	} {
		r := record{"name": p.name, "hs_sku": p.sku, "price": amount(p.price), "hs_status": "active", "hs_product_type": "service"}
		r.set("recurringbillingfrequency", p.term)
		r.set("hs_cost_of_goods_sold", g.some(50, amount(math.Round(p.price*0.2))))
		r.set("description", p.name+g.one(" for one user.", ", per user.", "."))
		p.ref = g.add("0-7", "product", 3*365*day-time.Duration(i)*time.Minute, r)
		g.products = append(g.products, p)
	}
}

func amount(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func (g *generator) makeDeals() {
	for range demoDeals {
		f := g.firms[int(math.Pow(g.rng.Float64(), 1.3)*float64(len(g.firms)))]
		d := &deal{firm: f, age: g.within(time.Hour, f.age)}
		for range g.weighted(12, 62, 20, 6) {
			if len(f.people) > 0 {
				d.with = append(d.with, pick(g, f.people))
			}
		}
		g.drawDeal(d)
		g.deals = append(g.deals, d)
	}
}

func (g *generator) drawDeal(d *deal) {
	f := d.firm
	renewal := f.customer() && d.age > 60*day && g.chance(42)
	r := record{}
	if renewal {
		r["pipeline"] = "74310925"
		r["dealstage"] = g.share("143870211:18 143870212:9 143870213:7 143870214:54 143870215:12")
		r["dealname"] = f.bare + " – renewal " + strconv.Itoa(g.at(d.age).Year())
		r["dealtype"] = "existingbusiness"
	} else {
		r["pipeline"] = "default"
		r["dealstage"] = g.dealStage(f, d.age)
		r["dealname"] = f.bare + g.one(" – ", " - ", ": ") + f.plan + " " + strconv.Itoa(g.between(3, 250)) + g.one(" seats", " users", "")
		r.set("dealtype", g.some(76, g.share("newbusiness:80 existingbusiness:20")))
	}
	d.won = r["dealstage"] == "closedwon" || r["dealstage"] == "143870214"
	lost := r["dealstage"] == "closedlost" || r["dealstage"] == "143870215"
	r.set("amount", g.some(91, g.dealAmount(f)))
	r.set("deal_currency_code", f.place.currency)
	closing := -g.within(5*day, 120*day) // expected, ahead
	if d.won || lost {
		closing = g.within(0, d.age)
	} else if g.chance(15) {
		closing = g.within(0, 90*day) // expected, and missed
	}
	r.set("closedate", g.some(95, g.moment(closing)))
	r.set("hubspot_owner_id", f.owner)
	r.set("hs_priority", g.some(35, g.one("low", "medium", "medium", "high")))
	r.set("description", g.some(18, g.one("Came in after the webinar.", "Replaces spreadsheets.", "Wants single sign-on.\nSecurity review first.", "Budget for next year.", "Pilot with one team, then all.")))
	r.set("hs_next_step", g.some(22, g.one("Send offer", "Call back", "Demo for the team", "Contract to legal", "Wait for budget")))
	r.set("competitor", g.some(14, g.one("Spreadsheets", "In-house tool", "Arbor CRM", "Fluxdesk", "none")))
	if lost {
		r.set("closed_lost_reason", g.some(64, g.one("Too expensive", "No budget this year", "Went with a competitor", "No answer any more", "Project cancelled")))
	}
	if d.won {
		r.set("contract_number", "K-"+strconv.Itoa(2022+len(g.deals)%4)+"-"+strconv.Itoa(10_000+len(g.deals)))
		r.set("billing_period", g.one("monthly", "annually", "annually", "quarterly"))
	}
	d.ref = g.add("0-3", "deal", d.age, r)
	g.link(d.ref, f.ref, 341, 5)
	seen := map[string]bool{}
	for _, c := range d.with {
		if !seen[c.ref] {
			g.link(d.ref, c.ref, 3)
		}
		seen[c.ref] = true
	}
	if d.won && g.chance(55) {
		g.makeLineItems(d, f)
	}
}

// dealStage draws a stage of the sales pipeline: what is old is closed.
func (g *generator) dealStage(f *firm, age time.Duration) string {
	switch {
	case f.customer() && g.chance(70):
		return "closedwon"
	case age > 150*day && g.chance(85):
		return g.share("closedwon:34 closedlost:66")
	}
	return g.share("appointmentscheduled:27 qualifiedtobuy:20 presentationscheduled:17 decisionmakerboughtin:11 contractsent:8 closedwon:9 closedlost:8")
}

// dealAmount grows with the company, is mostly round, and large where the
// currency is small.
func (g *generator) dealAmount(f *firm) string {
	v := math.Exp(g.rng.NormFloat64()*0.8+7.6) * math.Pow(float64(f.employees), 0.28)
	step := 100.0
	switch f.place.currency {
	case "JPY":
		v, step = v*150, 10_000
	case "INR":
		v, step = v*85, 1_000
	case "SEK", "NOK", "DKK", "CZK", "MXN":
		v, step = v*12, 500
	}
	if g.chance(22) {
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return amount(math.Round(v/step) * step)
}

func (g *generator) makeLineItems(d *deal, f *firm) {
	for i := range g.between(1, 3) {
		p := pick(g, g.products)
		r := record{"name": p.name, "hs_sku": p.sku, "price": amount(p.price), "quantity": strconv.Itoa(g.between(1, 40)),
			"hs_position_on_quote": strconv.Itoa(i + 1), "hs_line_item_currency_code": f.place.currency}
		r.set("recurringbillingfrequency", p.term)
		r.set("hs_discount_percentage", g.some(24, g.one("5", "10", "15", "20")))
		ref := g.add("0-8", "line_item", d.age, r)
		g.link(ref, d.ref, 20)
	}
}

// makeLicenses makes the custom object's records.
func (g *generator) makeLicenses() {
	var customers []*firm
	for _, f := range g.firms {
		if f.customer() {
			customers = append(customers, f)
		}
	}
	for range demoLicenses {
		f := pick(g, customers)
		from := g.within(0, f.age)
		until := from - 365*day
		status := "active"
		if until > 0 {
			status = g.share("expired:60 active:40")
		}
		r := record{"license_key": g.free("license ", g.fill("NSK-@#@#-##@@-@@##-#@#@")), "product": f.plan, "status": status,
			"seats": strconv.Itoa(g.between(1, 250)), "valid_from": g.date(from)}
		r.set("valid_until", g.some(90, g.date(until)))
		r.set("auto_renew", g.some(85, strconv.FormatBool(g.chance(60))))
		r.set("features", g.some(60, strings.Join([]string{"sso", "audit", "api", "export"}[:g.between(1, 4)], ";")))
		r.set("hubspot_owner_id", f.owner)
		ref := g.add(LicenseType, "license", from+5*time.Minute, r)
		g.custom(ref, f.ref, licenseToCompany)
		if len(f.people) > 0 {
			g.custom(ref, pick(g, f.people).ref, licenseToContact)
		}
	}
}

func (g *generator) custom(from, to string, typeID int) {
	g.demo.Associations = append(g.demo.Associations, DemoAssociation{FromRef: from, ToRef: to, Category: "USER_DEFINED", TypeID: typeID})
}
