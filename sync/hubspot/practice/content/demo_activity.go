package content

import (
	"strconv"
	"strings"
	"time"
)

// questions are tickets' subjects by category, each with the area.
var questions = map[string][][2]string{
	"PRODUCT_ISSUE": {{"Import stops at row 1,000", "import"}, {"Report shows last month twice", "reports"}, {"App closes when I open a photo", "mobile"},
		{"API answers 500 since this morning", "api"}, {"Umlaute werden falsch angezeigt", "import"}, {"Export as PDF is empty", "reports"}},
	"BILLING_ISSUE": {{"Invoice has the wrong address", "billing"}, {"Charged twice in March", "billing"}, {"Rechnung fehlt", "billing"},
		{"Please change our VAT number", "billing"}, {"Facture en double", "billing"}},
	"FEATURE_REQUEST": {{"Dark mode for the app", "mobile"}, {"Webhooks for new rows", "api"}, {"Schedule reports by week", "reports"}, {"Import from two sheets", "import"}},
	"GENERAL_INQUIRY": {{"How do I add a colleague?", ""}, {"Where are the data stored?", ""}, {"¿Tienen soporte en español?", ""}, {"Do you offer training?", ""}},
}

func (g *generator) makeTickets() {
	for range demoTickets {
		c := pick(g, g.people)
		age := g.within(20*time.Minute, min(c.age, 500*day))
		category := g.share("PRODUCT_ISSUE:42 BILLING_ISSUE:22 FEATURE_REQUEST:14 GENERAL_INQUIRY:22")
		q := pick(g, questions[category])
		stage := g.share("1:14 2:10 3:8 4:68")
		if age > 60*day {
			stage = "4"
		}
		r := record{"subject": q[0], "hs_pipeline": "0", "hs_pipeline_stage": stage}
		r.set("hs_ticket_category", g.some(86, category))
		r.set("hs_ticket_priority", g.some(74, g.share("LOW:34 MEDIUM:44 HIGH:18 URGENT:4")))
		r.set("source_type", g.some(92, g.share("EMAIL:52 FORM:22 CHAT:18 PHONE:8")))
		r.set("product_area", g.some(70, q[1]))
		r.set("content", g.some(88, strings.TrimRight(q[0], "?")+g.one(". ", "? ")+g.one("Since yesterday.", "Please help.", "It worked last week.\nNothing was changed here.", "Danke!", "Merci d'avance.")))
		r.set("hubspot_owner_id", g.some(80, g.owner(age)))
		r.set("order_number", g.some(12, g.fill("SO-######")))
		if stage == "4" {
			r.set("closed_date", g.moment(g.within(0, age)))
			r.set("hs_resolution", g.some(60, g.one("ISSUE_FIXED", "ISSUE_NOT_REPRODUCED", "FEATURE_REQUEST_TRACKED", "DOCUMENTATION_SHARED", "OTHER")))
		}
		ref := g.add("0-5", "ticket", age, r)
		g.link(ref, c.ref, 16)
		if c.firm != nil {
			g.link(ref, c.firm.ref, 339, 26)
		}
	}
}

func (g *generator) makeActivities() {
	for range demoNotes {
		c := pick(g, g.people)
		age := g.within(5*time.Minute, c.age)
		who := "<strong>" + strings.TrimSpace(c.name) + "</strong>"
		ref := g.activity("0-46", "note", age, age, c, record{"hs_note_body": "<p>" + g.one(
			"Talked to "+who+" at the fair; wants a demo in two weeks.", who+" is on leave until Monday.", "Prefers to be called in the morning.",
			"Asked for references in the same industry.", "Decision after the summer holidays.", "Invoice goes to the head office, not to "+who+".",
			"Uses spreadsheets for 40 people today.", "New number, see mail.") + "</p>"})
		g.link(ref, c.ref, 202)
		if c.firm != nil && g.chance(50) {
			g.link(ref, c.firm.ref, 190)
		}
	}
	for range demoTasks {
		c := pick(g, g.people)
		age := g.within(5*time.Minute, min(c.age, 200*day))
		due := age - g.within(day, 30*day)
		status := "NOT_STARTED"
		if due > 0 && g.chance(80) {
			status = "COMPLETED"
		}
		ref := g.activity("0-27", "task", age, due, c, record{
			"hs_task_subject": g.one("Call ", "Follow up with ", "Send offer to ", "Check the address of ", "Renewal: ") + c.name, "hs_task_status": status,
			"hs_task_priority": g.one("LOW", "MEDIUM", "HIGH", "NONE"), "hs_task_type": g.one("CALL", "EMAIL", "TODO", "TODO")})
		g.link(ref, c.ref, 204)
	}
	for range demoCalls {
		c := pick(g, g.people)
		age := g.within(5*time.Minute, c.age)
		r := record{"hs_call_title": "Call with " + c.name, "hs_call_direction": g.one("OUTBOUND", "OUTBOUND", "INBOUND"), "hs_call_status": "COMPLETED",
			"hs_call_duration": strconv.Itoa(g.between(8, 2400) * 1000)}
		r.set("hs_call_disposition", g.some(85, g.one("f240bbac-87c9-4f6e-bf70-924b57d47db7", "b2cf5968-551e-4856-9783-52b3da59a7d0", "73a0d17f-1163-4015-bdd5-ec830791da20")))
		r.set("hs_call_to_number", c.phone)
		r.set("hs_call_body", g.some(60, "<p>"+g.one("Wants an offer.", "No time now, call next week.", "Happy with the product.", "Asked about the price of single sign-on.")+"</p>"))
		g.link(g.activity("0-48", "call", age, age, c, r), c.ref, 194)
	}
	for range demoMeetings {
		d := pick(g, g.deals)
		if len(d.with) == 0 {
			continue
		}
		c, age := d.with[0], g.within(time.Hour, d.age)
		start := age - g.within(0, 20*day)
		outcome := "SCHEDULED"
		if start > 0 {
			outcome = g.one("COMPLETED", "COMPLETED", "COMPLETED", "NO_SHOW", "CANCELED", "RESCHEDULED")
		}
		ref := g.activity("0-47", "meeting", age, start, c, record{"hs_meeting_title": g.one("Demo for ", "Kick-off ", "Contract talk ", "Review ") + d.firm.bare,
			"hs_meeting_start_time": g.moment(start), "hs_meeting_end_time": g.moment(start - 45*time.Minute), "hs_meeting_outcome": outcome})
		g.link(ref, c.ref, 200)
		g.link(ref, d.ref, 212)
	}
}

// activity adds a logged activity that happened, or is due, at another age.
func (g *generator) activity(objectType, kind string, age, when time.Duration, c *person, r record) string {
	r.set("hs_timestamp", g.moment(when))
	r.set("hubspot_owner_id", c.owner)
	return g.add(objectType, kind, age, r)
}
