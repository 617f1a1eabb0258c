package practice

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// calculatedTypes are the types of calculated properties whose names do not
// tell them (see calculatedDefinition).
var calculatedTypes = map[string]string{
	"hs_body_preview": "string", "hs_task_label": "string", "hs_annual_revenue_currency_code": "string", "hs_task_family": "string",
	"hs_body_preview_is_truncated": "bool", "hs_task_is_overdue": "bool", "hs_task_is_past_due_date": "bool", "hs_task_missed_due_date": "bool",
	"hs_last_message_from_visitor": "bool", "hs_helpdesk_sort_timestamp": "datetime",
}

// createdEchoes are the calculated properties in the answers to the creation of
// a record, beside those that every write's answer has (see kind.echoes). Known
// from recordings of 2022 and March 2026.
var createdEchoes = map[string][]string{
	"companies": {"hs_annual_revenue_currency_code", "hs_num_blockers", "hs_num_child_companies", "hs_num_contacts_with_buying_roles",
		"hs_num_decision_makers", "hs_num_open_deals", "hs_task_label", "website"},
	"tickets": {"hs_helpdesk_sort_timestamp", "hs_last_message_from_visitor", "hs_num_associated_companies", "hs_num_associated_conversations",
		"hs_num_times_contacted", "hs_ticket_id", "num_notes"},
	"tasks": {"hs_num_associated_companies", "hs_num_associated_contacts", "hs_num_associated_deals", "hs_num_associated_tickets"},
}

// writtenEchoes are the calculated properties in the answer to every write.
var writtenEchoes = map[string][]string{
	"deals": {"amount_in_home_currency", "closedate", "days_to_close", "dealstage", "hs_closed_amount", "hs_closed_amount_in_home_currency",
		"hs_closed_won_count", "hs_days_to_close_raw", "hs_deal_stage_probability", "hs_deal_stage_probability_shadow", "hs_forecast_amount", "hs_is_closed",
		"hs_is_closed_count", "hs_is_closed_lost", "hs_is_closed_won", "hs_is_deal_split", "hs_is_open_count", "hs_num_associated_deal_splits",
		"hs_num_of_associated_line_items", "hs_num_target_accounts", "hs_projected_amount", "hs_projected_amount_in_home_currency",
		"num_associated_contacts", "pipeline"},
	"tasks": {"hs_body_preview", "hs_body_preview_is_truncated", "hs_task_completion_count", "hs_task_family", "hs_task_is_completed",
		"hs_task_is_completed_call", "hs_task_is_completed_email", "hs_task_is_completed_linked_in", "hs_task_is_completed_sequence",
		"hs_task_is_overdue", "hs_task_is_past_due_date", "hs_task_missed_due_date", "hs_task_missed_due_date_count"},
}

// companyComputations: what a practice portal has no feature for is counted 0.
func (p *Portal) companyComputations(all map[string]computation) {
	name, domain := p.names.intern("name"), p.names.intern("domain")
	all["hs_pipeline"] = fixed("companies-lifecycle-pipeline")
	all["hs_annual_revenue_currency_code"] = fixed(p.opt.Currency)
	all["num_associated_contacts"] = p.countOf("contacts")
	all["num_associated_deals"] = p.countOf("deals")
	for _, n := range []string{"hs_num_blockers", "hs_num_contacts_with_buying_roles", "hs_num_decision_makers"} {
		all[n] = fixed("0")
	}
	all["hs_num_child_companies"] = func(_ *Portal, o *object, _ *state) string {
		n := 0
		for _, e := range o.edgesTo(o.kind) {
			if e.has(parentCompany) && e.to.live() {
				n++
			}
		}
		return strconv.Itoa(n)
	}
	all["hs_num_open_deals"] = func(p *Portal, o *object, _ *state) string {
		deals, n := p.kindBy["deals"], 0
		for _, e := range o.edgesTo(deals) {
			if e.to.live() && p.text(e.to, "hs_is_closed") == "false" {
				n++
			}
		}
		return strconv.Itoa(n)
	}
	all["hs_task_label"] = func(_ *Portal, _ *object, s *state) string {
		if n := s.stored(name); n != "" {
			return n
		}
		return s.stored(domain)
	}
}

// parentCompany is the type from a company to its child.
const parentCompany = 13

func (p *Portal) ticketComputations(all map[string]computation) {
	all["hs_ticket_id"] = func(_ *Portal, o *object, _ *state) string { return o.idText() }
	all["hs_helpdesk_sort_timestamp"] = func(_ *Portal, o *object, _ *state) string { return instant(o.created) }
	all["hs_last_message_from_visitor"] = fixed("false")
	all["hs_num_associated_companies"] = p.countOf("companies")
	all["num_associated_contacts"] = p.countOf("contacts")
	for _, n := range []string{"hs_num_associated_conversations", "hs_num_times_contacted"} {
		all[n] = fixed("0")
	}
}

func (p *Portal) taskComputations(all map[string]computation) {
	status, due, body := p.names.intern("hs_task_status"), p.names.intern("hs_timestamp"), p.names.intern("hs_task_body")
	done := func(s *state) bool { return s.stored(status) == "COMPLETED" }
	late := func(p *Portal, s *state) bool {
		at, ok := moment(s.stored(due))
		return ok && !done(s) && at < p.millis()
	}
	for n, to := range map[string]string{"hs_num_associated_companies": "companies", "hs_num_associated_contacts": "contacts",
		"hs_num_associated_deals": "deals", "hs_num_associated_tickets": "tickets"} {
		all[n] = p.countOf(to)
	}
	for _, n := range []string{"hs_task_is_completed_call", "hs_task_is_completed_email", "hs_task_is_completed_linked_in", "hs_task_is_completed_sequence"} {
		all[n] = fixed("0")
	}
	for _, n := range []string{"hs_task_is_completed", "hs_task_completion_count"} {
		all[n] = func(_ *Portal, _ *object, s *state) string { return count(done(s)) }
	}
	for _, n := range []string{"hs_task_is_overdue", "hs_task_is_past_due_date", "hs_task_missed_due_date"} {
		all[n] = func(p *Portal, _ *object, s *state) string { return strconv.FormatBool(late(p, s)) }
	}
	all["hs_task_missed_due_date_count"] = func(p *Portal, _ *object, s *state) string { return count(late(p, s)) }
	all["hs_task_family"] = fixed("SALES")
	all["hs_body_preview"] = func(_ *Portal, _ *object, s *state) string { return preview(s.stored(body)) }
	all["hs_body_preview_is_truncated"] = fixed("false")
}

func count(yes bool) string {
	if yes {
		return "1"
	}
	return "0"
}

var anyTag = regexp.MustCompile(`<[^>]*>`)

// preview is a body without its tags.
func preview(html string) string {
	return strings.Join(strings.Fields(anyTag.ReplaceAllString(html, " ")), " ")
}

func (p *Portal) dealComputations(k *kind, all map[string]computation) {
	pipe, stage, amount := p.names.intern("pipeline"), p.names.intern("dealstage"), p.names.intern("amount")
	meta := func(s *state, key string) string {
		for _, pl := range k.pipes {
			if pl.ID == s.stored(pipe) {
				if st := pl.stage(s.stored(stage)); st != nil {
					return st.Metadata[key]
				}
			}
		}
		return ""
	}
	closed := func(s *state) bool { return meta(s, "isClosed") == "true" }
	won := func(s *state) bool { return closed(s) && likelihood(meta(s, "probability")) == 1 }
	is := func(f func(*state) bool) computation {
		return func(_ *Portal, _ *object, s *state) string { return strconv.FormatBool(f(s)) }
	}
	all["hs_is_closed"], all["hs_is_closed_won"] = is(closed), is(won)
	all["hs_is_closed_lost"] = is(func(s *state) bool { return closed(s) && !won(s) })
	all["hs_is_deal_split"] = fixed("false")
	all["hs_is_closed_count"] = func(_ *Portal, _ *object, s *state) string { return count(closed(s)) }
	all["hs_closed_won_count"] = func(_ *Portal, _ *object, s *state) string { return count(won(s)) }
	all["hs_is_open_count"] = func(_ *Portal, _ *object, s *state) string { return count(!closed(s)) }
	probability := func(_ *Portal, _ *object, s *state) string { return everyDigit(meta(s, "probability"), "1") }
	all["hs_deal_stage_probability"], all["hs_deal_stage_probability_shadow"] = probability, probability
	own := func(_ *Portal, _ *object, s *state) string { return s.stored(amount) }
	all["amount_in_home_currency"], all["hs_forecast_amount"] = own, own
	weighted := func(_ *Portal, _ *object, s *state) string {
		return everyDigit(meta(s, "probability"), s.stored(amount))
	}
	all["hs_projected_amount"], all["hs_projected_amount_in_home_currency"] = weighted, weighted
	reached := func(_ *Portal, _ *object, s *state) string {
		if won(s) {
			return s.stored(amount)
		}
		return "0"
	}
	all["hs_closed_amount"], all["hs_closed_amount_in_home_currency"] = reached, reached
	for _, n := range []string{"days_to_close", "hs_days_to_close_raw"} {
		all[n] = p.daysToClose
	}
	for _, n := range []string{"hs_num_associated_deal_splits", "hs_num_target_accounts"} {
		all[n] = fixed("0")
	}
	all["hs_num_of_associated_line_items"] = p.countOf("line_items")
	all["num_associated_contacts"] = p.countOf("contacts")
}

// daysToClose counts whole days from a deal's creation to its close date.
func (p *Portal) daysToClose(_ *Portal, o *object, s *state) string {
	at, ok := moment(s.stored(p.names.intern("closedate")))
	if !ok || at < o.created {
		return "0"
	}
	return strconv.FormatInt((at-o.created)/day, 10)
}

func likelihood(s string) float64 {
	f, _ := strconv.ParseFloat(s, 64)
	return f
}

// everyDigit is the product of a binary fraction and a decimal number in full,
// as HubSpot shows probabilities: 0.4 is 0.40000000000000002220446…
func everyDigit(fraction, times string) string {
	f, err := strconv.ParseFloat(fraction, 64)
	n, ok := new(big.Rat).SetString(times)
	if err != nil || !ok {
		return ""
	}
	r := new(big.Rat).SetFloat64(f)
	r.Mul(r, n)
	digits, _ := r.FloatPrec()
	return r.FloatString(digits)
}
