package content

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// firm is a company of the demo.
type firm struct {
	ref, name, domain string
	bare              string // the name without the form of company
	place             *place
	city              city
	age               time.Duration
	employees         int
	stage             string
	plan              string
	owner             string
	address           func(first, last string) string // how its people's addresses are made
	people            []*person
}

func (g *generator) makeFirms() {
	for range demoCompanies {
		f := g.drawFirm()
		g.firms = append(g.firms, f)
	}
	for range 12 { // what an import without a look at the domain leaves behind
		f := pick(g, g.firms)
		r := record{"name": strings.ToUpper(f.bare)}
		r.set("domain", f.domain)
		r.set("country", f.place.country)
		g.add("0-2", "company", g.within(day, f.age), r)
	}
	for range 24 {
		child, parent := pick(g, g.firms), pick(g, g.firms)
		if child != parent && child.place == parent.place && parent.employees > child.employees {
			g.link(child.ref, parent.ref, 14)
		}
	}
}

func (g *generator) drawFirm() *firm {
	p := g.places[g.weighted(g.weights...)]
	f := &firm{place: p, city: pick(g, p.cities), age: g.grown(3 * 365 * day)}
	t := pick(g, p.trades)
	f.bare, f.name, f.domain = g.firmName(p, t)
	f.employees = int(math.Exp(g.rng.NormFloat64()*1.4 + 4))
	f.employees = min(max(f.employees, 2), 40_000)
	f.plan = planFor(f.employees)
	f.stage = g.share("lead:34 opportunity:16 customer:27 marketingqualifiedlead:10 salesqualifiedlead:8 other:3 evangelist:2")
	f.owner = g.some(82, g.owner(f.age))
	f.address = pick(g, addressForms)

	r := make(record, 20)
	r.set("name", f.name)
	r.set("lifecyclestage", f.stage)
	r.set("domain", g.some(93, f.domain))
	r.set("website", g.some(72, pick(g, []string{"https://www." + f.domain, "https://" + f.domain + "/", "www." + f.domain, "http://" + f.domain})))
	r.set("phone", g.some(71, g.phone(f.city, p.phones)))
	g.setAddress(r, p, f.city, 66)
	r.set("industry", g.some(78, t.industry))
	r.set("numberofemployees", g.some(64, strconv.Itoa(f.employees)))
	r.set("annualrevenue", g.some(41, strconv.Itoa(f.employees*g.between(60, 240)*1000)))
	r.set("founded_year", g.some(38, strconv.Itoa(g.between(1879, 2021))))
	r.set("description", g.some(30, t.native+", "+f.city.name+"."))
	r.set("hubspot_owner_id", f.owner)
	r.set("type", g.some(55, g.companyType(f)))
	r.set("hs_lead_status", g.some(45, g.leadStatus(f.stage)))
	r.set("is_public", g.some(25, strconv.FormatBool(f.employees > 3000)))
	r.set("linkedin_company_page", g.some(33, "https://www.linkedin.com/company/"+slug(f.bare, "-", p.language)))
	r.set("hs_ideal_customer_profile", g.some(20, g.one("tier_1", "tier_2", "tier_3")))
	if f.customer() {
		r.set("billing_account_id", "ACC-"+strconv.Itoa(40_000+7*(len(g.firms)+1)))
		r.set("account_tier", g.some(80, g.share("A:20 B:45 C:35")))
		r.set("contract_end", g.some(70, g.date(-g.within(0, 700*day))))
		r.set("tax_number", g.some(40, g.fill("@@#########")))
	}
	f.ref = g.add("0-2", "company", f.age, r)
	return f
}

func planFor(employees int) string {
	switch {
	case employees < 15:
		return "Starter"
	case employees < 80:
		return "Team"
	case employees < 400:
		return "Business"
	}
	return "Enterprise"
}

func (f *firm) customer() bool { return f.stage == "customer" || f.stage == "evangelist" }

func (g *generator) companyType(f *firm) string {
	if f.customer() {
		return g.some(15, g.one("PARTNER", "RESELLER", "OTHER"))
	}
	return g.share("PROSPECT:78 PARTNER:8 RESELLER:5 VENDOR:6 OTHER:3")
}

// firmName draws a name and a domain that no other company has.
func (g *generator) firmName(p *place, t trade) (bare, full, domain string) {
	first := pick(g, p.roots)
	switch {
	case g.chance(28):
		first = pick(g, p.family)
	case g.chance(12):
		first = name{pick(g, p.family).native + " & " + pick(g, p.family).native, ""}
		first.latin = strings.ReplaceAll(first.native, " & ", " ")
		if !ascii(first.native) && slug(first.native, "", "") == "" {
			first = pick(g, p.roots)
		}
	}
	space := " "
	if p.family1st && first.native != first.latin {
		space = ""
	}
	latin := first.latin + " " + t.latin
	bare = first.native + space + t.native
	key := strings.ToLower(bare)
	for n := 0; g.used["company "+key]; n++ { // a second company of the name sits elsewhere
		c := p.cities[n%len(p.cities)]
		bare, latin = first.native+space+t.native+" "+c.name, first.latin+" "+t.latin+" "+c.name
		if key = strings.ToLower(bare); n >= len(p.cities) {
			bare += " " + strconv.Itoa(n)
			key = strings.ToLower(bare)
		}
	}
	g.used["company "+key] = true
	legal := pick(g, p.legals)
	switch {
	case legal == "" || strings.HasPrefix(legal, ","):
		full = bare + legal
	case space == "" && legal == "株式会社":
		full = legal + bare
	default:
		full = bare + " " + legal
	}
	long, short := slug(latin, "-", p.language), slug(latin, "", p.language)
	if len(short) > 24 {
		short = long
	}
	tld := p.tld
	if g.chance(12) {
		tld = ".com"
	}
	if g.chance(45) {
		long, short = short, long
	}
	return bare, full, g.free("domain ", long+tld, short+tld, long+"-group"+tld, long+"-"+slug(p.country, "", "")+tld, long+g.fill("##")+tld)
}

// grown draws an age up to the oldest; there are more young ones, as the
// company grew.
func (g *generator) grown(oldest time.Duration) time.Duration {
	u := g.rng.Float64()
	return time.Duration(u*math.Sqrt(u)*float64(oldest-10*time.Minute)) + 10*time.Minute
}

func (g *generator) phone(c city, forms []string) string {
	form := forms[0]
	if g.chance(45) {
		form = pick(g, forms)
	}
	number := g.fill(strings.ReplaceAll(form, "{a}", c.area))
	switch {
	case g.chance(1):
		return number + " ext. " + strconv.Itoa(g.between(2, 99))
	case g.chance(0.7):
		return " " + number
	case g.chance(0.5):
		return number + " (office)"
	}
	return number
}

// setAddress fills the parts of an address with falling rates.
func (g *generator) setAddress(r record, p *place, c city, percent float64) {
	street := strings.NewReplacer("{s}", pick(g, p.streets), "{n}", strconv.Itoa(g.between(1, 199))).Replace(p.street)
	r.set("address", g.some(percent*0.6, street))
	r.set("zip", g.some(percent*0.75, g.fill(c.zip)))
	r.set("state", g.some(percent*0.8, c.state))
	cityName := c.name
	switch {
	case g.chance(1.5):
		cityName = strings.ToLower(cityName)
	case g.chance(1.2):
		cityName = strings.ToUpper(cityName)
	case g.chance(1.2): //nolint:gocritic // each case draws anew
		cityName += " "
	}
	r.set("city", g.some(percent, cityName))
	country := p.country
	if g.chance(11) {
		country = pick(g, p.spellings)
	}
	r.set("country", g.some(percent*1.15, country))
}

// addressForms are the ways in which companies make addresses from names.
var addressForms = []func(first, last string) string{
	func(first, last string) string { return first + "." + last },
	func(first, last string) string { return first + "." + last },
	func(first, last string) string { return first + "." + last },
	func(first, last string) string { return first[:1] + last },
	func(first, last string) string { return first[:1] + "." + last },
	func(first, _ string) string { return first },
	func(first, last string) string { return first + "_" + last },
	func(_, last string) string { return last },
}

var foreign = strings.NewReplacer("ß", "ss", "æ", "ae", "Æ", "Ae", "ø", "o", "Ø", "O", "ł", "l", "Ł", "L", "đ", "d", "ı", "i", "œ", "oe", "&", " ")
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue")

// slug writes a Latin text in the characters of an address, words joined by
// the separator. German umlauts get their e.
func slug(s, separator, language string) string {
	if strings.HasPrefix(language, "de") {
		s = umlauts.Replace(s)
	}
	var b strings.Builder
	gap := false
	for _, c := range norm.NFD.String(foreign.Replace(s)) {
		switch {
		case unicode.Is(unicode.Mn, c) || c == '\'' || c == '’':
		case c < 0x80 && (unicode.IsLetter(c) || unicode.IsDigit(c)):
			if gap && b.Len() > 0 {
				b.WriteString(separator)
			}
			gap = false
			b.WriteRune(unicode.ToLower(c))
		default:
			gap = true
		}
	}
	return b.String()
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
