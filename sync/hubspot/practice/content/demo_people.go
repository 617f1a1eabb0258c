package content

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// person is a contact of the demo.
type person struct {
	ref, name string
	firm      *firm // nil: nobody knows
	place     *place
	age       time.Duration
	stage     string
	owner     string
	phone     string
}

// The first day on which a customer was billed, and the last one in the demo.
// They are fixed, so that the sample workbook holds the same days for ever.
var (
	firstInvoice = time.Date(2019, 2, 4, 0, 0, 0, 0, time.UTC)
	lastInvoice  = time.Date(2025, 8, 29, 0, 0, 0, 0, time.UTC)
)

const stages = "subscriber:19 lead:38 marketingqualifiedlead:18 salesqualifiedlead:9 opportunity:9 customer:4 evangelist:1 other:2"

// job is a job title with the role and the seniority that it implies, and the
// language that it is written in, "" for English, which turns up everywhere.
type job struct{ title, role, seniority, language string }

var titles = []job{
	{"CEO", "operations", "executive", ""}, {"Managing Director", "operations", "director", ""}, {"Geschäftsführer", "operations", "director", "de"},
	{"CTO", "engineering", "executive", ""}, {"Chief Financial Officer", "finance", "executive", ""}, {"Head of Operations", "operations", "director", ""},
	{"IT Manager", "information_technology", "manager", ""}, {"Systems Administrator", "information_technology", "employee", ""},
	{"Software Engineer", "engineering", "employee", ""}, {"Senior Software Engineer", "engineering", "senior", ""}, {"Product Manager", "product", "manager", ""},
	{"Marketing Manager", "marketing", "manager", ""}, {"Head of Marketing", "marketing", "director", ""}, {"Marketing Assistant", "marketing", "entry", ""},
	{"Sales Manager", "sales", "manager", ""}, {"Account Executive", "sales", "employee", ""}, {"VP Sales", "sales", "vp", ""}, {"Vertriebsleiter", "sales", "director", "de"},
	{"Accountant", "accounting", "employee", ""}, {"Buchhalterin", "accounting", "employee", "de"}, {"Comptable", "accounting", "employee", "fr"}, {"Controller", "finance", "manager", ""},
	{"Office Manager", "administrative", "manager", ""}, {"Assistant to the Board", "administrative", "employee", ""}, {"HR Business Partner", "human_resources", "senior", ""},
	{"Purchasing Manager", "operations", "manager", ""}, {"Responsable achats", "operations", "manager", "fr"}, {"Project Manager", "project_management", "manager", ""},
	{"Jefe de proyecto", "project_management", "manager", "es"}, {"Consultant", "consulting", "employee", ""}, {"Founder", "entrepreneurship", "owner", ""},
	{"Owner", "entrepreneurship", "owner", ""}, {"Data Analyst", "research", "employee", ""}, {"Customer Success Manager", "customer_service", "manager", ""},
	{"General Counsel", "legal", "executive", ""}, {"Designer", "design", "employee", ""}, {"Warehouse Supervisor", "operations", "manager", ""}, {"営業部長", "sales", "director", "ja"},
}

var timezones = map[string]string{
	"Germany": "europe_slash_berlin", "United Kingdom": "europe_slash_london", "France": "europe_slash_paris", "Spain": "europe_slash_madrid",
	"United States": "us_slash_eastern", "Japan": "asia_slash_tokyo", "India": "asia_slash_kolkata", "Brazil": "america_slash_sao_paulo",
	"Sweden": "europe_slash_stockholm", "Poland": "europe_slash_warsaw", "Italy": "europe_slash_rome", "Netherlands": "europe_slash_amsterdam",
}

func (g *generator) makePeople() {
	for range demoContacts {
		c := &person{}
		if g.chance(83) {
			u := g.rng.Float64()
			c.firm = g.firms[int(u*math.Sqrt(u)*float64(len(g.firms)))]
			c.place = c.firm.place
			c.firm.people = append(c.firm.people, c)
		} else {
			c.place = g.places[g.weighted(g.weights...)]
		}
		g.drawPerson(c)
		g.people = append(g.people, c)
	}
	for i := range g.demo.Records { // a few that somebody archived
		if r := &g.demo.Records[i]; r.ObjectType == "0-1" && r.Properties["legacy_customer_id"] == "" && g.chance(0.8) {
			r.Archived = true
		}
	}
}

func (g *generator) drawPerson(c *person) {
	first, last := pick(g, c.place.women), pick(g, c.place.family)
	woman := g.chance(49)
	if !woman {
		first = pick(g, c.place.men)
	}
	c.name = first.native + " " + last.native
	if c.place.family1st && first.native != first.latin {
		c.name = last.native + " " + first.native
	}
	c.stage = g.personStage(c)
	oldest := 3 * 365 * day
	where := pick(g, c.place.cities)
	if c.firm != nil {
		oldest, where = c.firm.age, c.firm.city
	}
	c.age = g.within(0, oldest) + 5*time.Minute
	c.owner = g.some(55, g.owner(c.age))
	if c.firm != nil && g.chance(80) {
		c.owner = c.firm.owner
	}

	r := make(record, 24)
	r.set("lifecyclestage", c.stage)
	r.set("email", g.some(97, g.address(c, first.latin, last.latin)))
	r.set("firstname", g.some(98, g.typed(first.native)))
	r.set("lastname", g.some(97, g.typed(last.native)))
	if r["email"] == "" && r["firstname"] == "" && r["lastname"] == "" {
		r.set("lastname", last.native)
	}
	g.setSalutation(r, c.place, woman)
	g.setReach(r, c, where)
	g.setWork(r, c)
	g.setMarketing(r, c)
	if c.stage == "customer" || c.stage == "evangelist" {
		g.setBilling(r, c)
	}
	c.ref = g.add("0-1", "contact", c.age, r)
	if c.firm != nil {
		g.link(c.ref, c.firm.ref, 279, 1)
		if g.chance(2) {
			if other := pick(g, g.firms); other != c.firm {
				g.link(c.ref, other.ref, 279)
			}
		}
	}
}

func (g *generator) personStage(c *person) string {
	if c.firm != nil && c.firm.customer() && g.chance(70) {
		return g.share("customer:94 evangelist:6")
	}
	return g.share(stages)
}

// typed is a name as people type it: mostly well.
func (g *generator) typed(s string) string {
	switch {
	case g.chance(2):
		return strings.ToLower(s)
	case g.chance(1.2):
		return strings.ToUpper(s)
	case g.chance(0.8):
		return s + " "
	case g.chance(0.3):
		return strings.ReplaceAll(s, " ", "  ")
	}
	return s
}

// address makes an e-mail address that nobody else has.
func (g *generator) address(c *person, first, last string) string {
	first, last = slug(first, "", c.place.language), slug(last, "", c.place.language)
	var local []string
	host := c.place.mails[g.weighted(3, 1)%len(c.place.mails)]
	if c.firm != nil && !g.chance(4) {
		host = c.firm.domain
		local = []string{c.firm.address(first, last), first + "." + last, first[:1] + "." + last, last + "." + first}
	} else {
		local = []string{pick(g, addressForms)(first, last) + g.some(55, strconv.Itoa(g.between(60, 99))), first + "." + last, last + first[:1]}
	}
	for i := range local {
		local[i] += "@" + host
	}
	local = append(local, first+"."+last+strconv.Itoa(g.between(1, 99))+"@"+host, first+"."+last+g.fill("####")+"@"+host, last+g.fill("######")+"@"+host)
	return g.free("email ", local...)
}

func (g *generator) setSalutation(r record, p *place, woman bool) {
	if !g.chance(22) {
		return
	}
	forms := map[string][2]string{"de": {"Frau", "Herr"}, "fr": {"Madame", "Monsieur"}, "es": {"Sra.", "Sr."}, "it": {"Sig.ra", "Sig."}, "nl": {"Mevr.", "Dhr."}}
	form, ok := forms[p.language[:2]]
	if !ok {
		form = [2]string{"Ms.", "Mr."}
	}
	if woman {
		r.set("salutation", form[0])
	} else {
		r.set("salutation", form[1])
	}
}

// setReach fills telephone numbers and the address; customers are known best.
func (g *generator) setReach(r record, c *person, where city) {
	phone, mobile, address := 58.0, 27.0, 60.0
	if c.stage == "customer" || c.stage == "evangelist" {
		phone, mobile, address = 90, 42, 87
	}
	number := g.phone(where, c.place.phones)
	if g.chance(18) {
		number = g.phone(where, c.place.mobiles)
	}
	r.set("phone", g.some(phone, number))
	c.phone = r["phone"]
	r.set("mobilephone", g.some(mobile, g.phone(where, c.place.mobiles)))
	r.set("fax", g.some(2, g.phone(where, c.place.phones)))
	g.setAddress(r, c.place, where, address)
	r.set("hs_timezone", g.some(14, timezones[c.place.country]))
	r.set("hs_language", g.some(44, c.place.language))
}

func (g *generator) setWork(r record, c *person) {
	job := pick(g, titles)
	for job.language != "" && !strings.HasPrefix(c.place.language, job.language) {
		job = pick(g, titles)
	}
	title := job.title
	if g.chance(3) {
		title = strings.ToLower(title)
	}
	r.set("jobtitle", g.some(66, title))
	if r["jobtitle"] != "" {
		r.set("hs_role", g.some(40, job.role))
		r.set("hs_seniority", g.some(40, job.seniority))
	}
	r.set("hubspot_owner_id", c.owner)
	r.set("hs_lead_status", g.some(58, g.leadStatus(c.stage)))
	r.set("hs_buying_role", g.some(13, g.one("DECISION_MAKER", "BUDGET_HOLDER", "CHAMPION", "END_USER", "INFLUENCER", "CHAMPION;END_USER", "BUDGET_HOLDER;DECISION_MAKER")))
	if c.firm == nil {
		return
	}
	company := c.firm.name
	switch {
	case g.chance(9):
		company = c.firm.bare
	case g.chance(1.5):
		company = strings.ToUpper(company)
	case g.chance(1):
		company += " "
	}
	filled := 81.0
	if c.firm.customer() {
		filled = 97
	}
	r.set("company", g.some(filled, company))
	r.set("website", g.some(34, c.firm.domain))
	r.set("numemployees", g.some(17, headcount(c.firm.employees)))
}

func headcount(n int) string {
	for _, step := range []struct {
		below int
		value string
	}{{5, "1-5"}, {25, "5-25"}, {50, "25-50"}, {100, "50-100"}, {500, "100-500"}, {1000, "500-1000"}} {
		if n < step.below {
			return step.value
		}
	}
	return "1000+"
}

func (g *generator) setMarketing(r record, c *person) {
	r.set("hs_analytics_source", g.some(88, g.share("ORGANIC_SEARCH:27 DIRECT_TRAFFIC:22 OFFLINE:21 REFERRALS:9 PAID_SEARCH:8 SOCIAL_MEDIA:6 EMAIL_MARKETING:4 PAID_SOCIAL:2 AI_REFERRALS:1")))
	r.set("lead_source", g.some(24, g.one("Webinar", "Trade fair", "web", "Website", "Referral", "referral ", "Cold call", "Messe Hannover", "Partner")))
	topics := 9.0
	if c.stage == "subscriber" {
		topics = 70
	}
	r.set("newsletter_topics", g.some(topics, g.one("product", "events", "product;events", "engineering", "product;engineering", "product;events;engineering", "jobs")))
	r.set("hs_legal_basis", g.some(31, g.one("Legitimate interest – prospect/lead", "Freely given consent from contact", "Performance of a contract")))
	r.set("hs_persona", g.some(12, g.one("persona_1", "persona_2", "persona_3")))
	r.set("vip", g.some(16, strconv.FormatBool(g.chance(20))))
	r.set("message", g.some(6, g.one("Please call me back about prices.", "Können Sie mir ein Angebot schicken?", "We met at the fair; I'd like a demo.",
		"Bonjour, je souhaite une démonstration.", "Is there an on-premise version?\nThanks!")))
}

// setBilling gives a customer what the billing system also knows. Nothing in
// it depends on the time of generation.
func (g *generator) setBilling(r record, c *person) {
	g.customer += g.between(1, 9)
	r.set("legacy_customer_id", "C-"+strconv.Itoa(g.customer))
	plan := g.one("Starter", "Team", "Business")
	if c.firm != nil {
		plan = c.firm.plan
	}
	r.set("plan_name", plan)
	r.set("billing_status", g.share("active:80 trialing:7 past_due:7 canceled:6"))
	days := int(lastInvoice.Sub(firstInvoice) / day)
	r.set("customer_since", firstInvoice.AddDate(0, 0, g.rng.IntN(days)).Format(time.DateOnly))
	seats := g.between(1, 12)
	price := map[string]float64{"Starter": 19, "Team": 29.5, "Business": 49, "Enterprise": 89}[plan]
	r.set("monthly_amount", strconv.FormatFloat(price*float64(seats), 'f', -1, 64))
	r.set("closedate", g.moment(g.within(0, c.age)))
}

func (g *generator) leadStatus(stage string) string {
	switch stage {
	case "subscriber":
		return ""
	case "lead":
		return g.share("NEW:40 OPEN:20 ATTEMPTED_TO_CONTACT:25 BAD_TIMING:7 UNQUALIFIED:8")
	case "customer", "evangelist":
		return g.share("CONNECTED:70 OPEN_DEAL:30")
	case "opportunity":
		return g.share("OPEN_DEAL:80 CONNECTED:20")
	}
	return g.share("IN_PROGRESS:40 CONNECTED:30 OPEN:20 UNQUALIFIED:10")
}
