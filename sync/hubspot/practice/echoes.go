package practice

import (
	"cmp"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// calculatedTypes are the types of calculated properties whose names do not
// tell them (see calculatedDefinition).
var calculatedTypes = map[string]string{
	"hs_body_preview": "string", "hs_body_preview_html": "string", "hs_task_label": "string", "hs_annual_revenue_currency_code": "string",
	"hs_task_family": "string", "hs_last_email_activity": "string", "hs_obj_coords": "object_coordinates", "hs_pipeline_stage": "string",
	"hs_body_preview_is_truncated": "bool", "hs_task_is_overdue": "bool", "hs_task_is_past_due_date": "bool", "hs_task_missed_due_date": "bool",
	"hs_task_is_open": "bool", "hs_task_is_sub_task": "bool", "hs_last_message_from_visitor": "bool",
	"hs_has_last_conversation_follow_ups": "bool", "hs_has_last_meeting_followups": "bool",
	"hs_helpdesk_sort_timestamp": "datetime", "hs_v2_date_entered_current_stage": "datetime", "hs_v2_time_in_current_stage": "datetime",
	"hs_engagements_last_contacted": "datetime", "hs_start_date_with_fallback": "datetime", "hs_task_completion_date": "datetime",
}

// echoSet are properties that the answers to writes carry unasked: to every
// write, to a creation only, to an update only.
type echoSet struct{ always, created, updated []string }

// echoSets are known from recordings of March 2026, but for deals that are made
// with a stage: those from a recording of August 2025. Contacts have their own
// rules (see kind.echoes).
var echoSets = map[string]echoSet{
	"companies": {
		always: []string{"hs_pipeline", "hs_task_label", "hs_v2_date_entered_current_stage", "hs_v2_time_in_current_stage", "lifecyclestage"},
		created: []string{"hs_annual_revenue_currency_code", "hs_num_blockers", "hs_num_child_companies", "hs_num_contacts_with_buying_roles",
			"hs_num_decision_makers", "hs_num_open_deals", "num_associated_contacts", "num_notes", "website"},
		updated: []string{"domain"},
	},
	"deals": {
		// Those that depend on the stage have no value without one.
		always: []string{"amount_in_home_currency", "closedate", "days_to_close", "dealstage", "hs_actual_duration", "hs_closed_amount",
			"hs_closed_amount_in_home_currency", "hs_closed_deal_close_date", "hs_closed_deal_create_date", "hs_closed_won_count", "hs_days_to_close_raw",
			"hs_deal_stage_probability_shadow", "hs_forecast_amount", "hs_is_closed", "hs_is_closed_count", "hs_is_closed_won", "hs_is_open_count",
			"hs_open_amount_in_home_currency", "hs_open_deal_create_date", "hs_projected_amount", "hs_projected_amount_in_home_currency",
			"hs_v2_date_entered_current_stage", "hs_v2_time_in_current_stage", "pipeline"},
		created: []string{"hs_createdate", "hs_has_last_conversation_follow_ups", "hs_has_last_meeting_followups", "hs_is_closed_lost",
			"hs_is_deal_split", "hs_num_associated_active_deal_registrations", "hs_num_associated_deal_registrations",
			"hs_num_associated_deal_splits", "hs_num_of_associated_line_items", "hs_num_target_accounts", "hs_number_of_call_engagements",
			"hs_number_of_inbound_calls", "hs_number_of_outbound_calls", "hs_number_of_overdue_tasks", "num_associated_contacts", "num_notes"},
		updated: []string{"hs_deal_stage_probability", "hs_weighted_pipeline_in_company_currency"},
	},
	"tickets": {
		always: []string{"hs_helpdesk_sort_timestamp", "hs_is_closed", "hs_last_email_activity", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_id",
			"hs_v2_date_entered_current_stage", "hs_v2_time_in_current_stage"},
		created: []string{"hs_is_visible_in_help_desk", "hs_last_message_from_visitor", "hs_num_associated_companies",
			"hs_num_associated_conversations", "hs_num_times_contacted", "num_notes"},
	},
	"tasks": {
		always: []string{"hs_body_preview", "hs_body_preview_html", "hs_body_preview_is_truncated", "hs_obj_coords", "hs_start_date_with_fallback",
			"hs_task_completion_count", "hs_task_is_completed", "hs_task_is_completed_call", "hs_task_is_completed_email",
			"hs_task_is_completed_linked_in", "hs_task_is_completed_sequence", "hs_task_is_overdue", "hs_task_is_past_due_date",
			"hs_task_missed_due_date", "hs_task_missed_due_date_count"},
		created: []string{"hs_engagements_last_contacted", "hs_task_family", "hs_task_for_object_type", "hs_task_is_all_day", "hs_task_is_sub_task"},
		updated: []string{"hs_pipeline", "hs_pipeline_stage", "hs_task_completion_date", "hs_task_is_open", "hs_task_type", "hs_timestamp"},
	},
}

// stageComputations tell since when a record is in its stage, which is the value
// of both properties.
func (p *Portal) stageComputations(k *kind, all map[string]computation) {
	stage := p.names.intern(k.stage)
	since := func(_ *Portal, _ *object, s *state) string {
		if c := s.cell(stage); c != nil && c.value != "" {
			return instant(c.at)
		}
		return ""
	}
	all["hs_v2_date_entered_current_stage"], all["hs_v2_time_in_current_stage"] = since, since
}

// companyComputations: what a practice portal has no feature for is counted 0.
func (p *Portal) companyComputations(all map[string]computation) {
	name, domain := p.names.intern("name"), p.names.intern("domain")
	all["hs_pipeline"] = fixed(companyPipeline)
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
	all["hs_num_open_deals"] = p.countWhere("deals", "hs_is_closed", "false")
	all["hs_task_label"] = func(_ *Portal, _ *object, s *state) string {
		if n := s.stored(name); n != "" {
			return n
		}
		return s.stored(domain)
	}
}

// companyPipeline is the only pipeline of companies.
const companyPipeline = "companies-lifecycle-pipeline"

// parentCompany is the type from a company to its child.
const parentCompany = 13

// countWhere counts the associated live records of a type that have a value.
func (p *Portal) countWhere(of, property, value string) computation {
	return func(p *Portal, o *object, _ *state) string {
		n := 0
		for _, e := range o.edgesTo(p.kindBy[of]) {
			if e.to.live() && p.text(e.to, property) == value {
				n++
			}
		}
		return strconv.Itoa(n)
	}
}

// stageIn is the stage that a record is in, nil for none.
func (p *Portal) stageIn(k *kind) func(*state) *stage {
	pipe, in := p.names.intern(k.pipeline), p.names.intern(k.stage)
	return func(s *state) *stage {
		for _, pl := range k.pipes {
			if pl.ID == s.stored(pipe) {
				return pl.stage(s.stored(in))
			}
		}
		return nil
	}
}

func (p *Portal) ticketComputations(k *kind, all map[string]computation) {
	in := p.stageIn(k)
	all["hs_is_closed"] = func(_ *Portal, _ *object, s *state) string {
		st := in(s)
		return strconv.FormatBool(st != nil && st.Metadata["ticketState"] == "CLOSED")
	}
	all["hs_is_visible_in_help_desk"] = fixed("true")
	all["hs_last_email_activity"] = fixed("ORIGINAL_FROM_CONTACT") // also where no e-mail ever was
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
	all["hs_obj_coords"] = func(_ *Portal, o *object, _ *state) string { return o.kind.id + "-" + o.idText() }
	all["hs_engagements_last_contacted"] = func(_ *Portal, _ *object, s *state) string { return s.stored(due) }
	all["hs_start_date_with_fallback"] = func(_ *Portal, o *object, _ *state) string { return instant(o.created) }
	all["hs_task_is_sub_task"] = fixed("false")
	all["hs_task_is_open"] = func(_ *Portal, _ *object, s *state) string { return strconv.FormatBool(!done(s)) }
	whenDone := func(what func(*state) string) computation {
		return func(_ *Portal, _ *object, s *state) string {
			if !done(s) {
				return ""
			}
			return what(s)
		}
	}
	all["hs_task_completion_date"] = whenDone(func(s *state) string { return instant(s.cell(status).at) })
	all["hs_pipeline"] = whenDone(func(*state) string { return taskPipeline })
	all["hs_pipeline_stage"] = whenDone(func(*state) string { return taskDoneStage })
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
	withBody := func(what func(html string) string) computation {
		return func(_ *Portal, _ *object, s *state) string {
			if html := s.stored(body); html != "" {
				return what(html)
			}
			return ""
		}
	}
	all["hs_body_preview_html"] = withBody(func(html string) string { return "<html>\n<head></head>\n<body>\n" + html + "\n</body>\n</html>" })
	all["hs_body_preview_is_truncated"] = withBody(func(string) string { return "false" })
}

// The pipeline of tasks and its stage of completed ones, as recorded. No
// recording shows a task's stage before it is completed.
const (
	taskPipeline  = "3d314325-1b2a-4225-9388-375f49c57ec3"
	taskDoneStage = "61bafb31-e7fa-46ed-aaa9-1322438d6e67"
)

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
	in, amount, closing := p.stageIn(k), p.names.intern("amount"), p.names.intern("closedate")
	meta := func(s *state, key string) string {
		if st := in(s); st != nil {
			return st.Metadata[key]
		}
		return ""
	}
	closed := func(s *state) bool { return meta(s, "isClosed") == "true" }
	won := func(s *state) bool { return closed(s) && likelihood(meta(s, "probability")) == 1 }
	always := func(f func(*state) string) computation {
		return func(_ *Portal, _ *object, s *state) string { return f(s) }
	}
	staged := func(f func(*object, *state) string) computation { // no value without a stage
		return func(_ *Portal, o *object, s *state) string {
			if in(s) == nil {
				return ""
			}
			return f(o, s)
		}
	}
	all["hs_is_closed"] = staged(func(_ *object, s *state) string { return strconv.FormatBool(closed(s)) })
	all["hs_is_closed_count"] = staged(func(_ *object, s *state) string { return count(closed(s)) })
	all["hs_is_open_count"] = staged(func(_ *object, s *state) string { return count(!closed(s)) })
	all["hs_is_closed_won"] = always(func(s *state) string { return strconv.FormatBool(won(s)) })
	all["hs_is_closed_lost"] = always(func(s *state) string { return strconv.FormatBool(closed(s) && !won(s)) })
	all["hs_closed_won_count"] = always(func(s *state) string { return count(won(s)) })

	all["hs_deal_stage_probability"] = staged(func(_ *object, s *state) string { return everyDigit(meta(s, "probability"), "1") })
	chance := func(s *state) string { return cmp.Or(meta(s, "probability"), "0") }
	all["hs_deal_stage_probability_shadow"] = always(func(s *state) string { return everyDigit(chance(s), "1") })
	own := always(func(s *state) string { return s.stored(amount) })
	all["amount_in_home_currency"], all["hs_forecast_amount"] = own, own
	weighted := func(s *state) string { return everyDigit(chance(s), s.stored(amount)) }
	all["hs_projected_amount"], all["hs_projected_amount_in_home_currency"] = always(weighted), always(weighted)
	where := func(yes bool, value string) string { // what does not apply counts 0
		if yes {
			return value
		}
		return "0"
	}
	reached := always(func(s *state) string { return where(won(s), s.stored(amount)) })
	all["hs_closed_amount"], all["hs_closed_amount_in_home_currency"] = reached, reached
	all["hs_open_amount_in_home_currency"] = staged(func(_ *object, s *state) string { return where(!closed(s), s.stored(amount)) })
	all["hs_weighted_pipeline_in_company_currency"] = staged(func(_ *object, s *state) string { return where(!closed(s), weighted(s)) })

	made := func(o *object) string { return strconv.FormatInt(o.created, 10) }
	all["hs_open_deal_create_date"] = staged(func(o *object, s *state) string { return where(!closed(s), made(o)) })
	all["hs_closed_deal_create_date"] = staged(func(o *object, s *state) string { return where(closed(s), made(o)) })
	all["hs_closed_deal_close_date"] = staged(func(_ *object, s *state) string {
		at, _ := moment(s.stored(closing))
		return where(closed(s), strconv.FormatInt(at, 10))
	})
	all["hs_createdate"] = func(_ *Portal, o *object, _ *state) string { return instant(o.created) }
	// How long a deal takes from its creation to its close date; nothing for one
	// that was closed before.
	took := func(o *object, s *state) int64 {
		at, _ := moment(s.stored(closing))
		return max(at-o.created, 0)
	}
	all["days_to_close"] = func(_ *Portal, o *object, s *state) string { return strconv.FormatInt(took(o, s)/day, 10) }
	all["hs_days_to_close_raw"] = func(_ *Portal, o *object, s *state) string { return fraction(took(o, s), day) }
	all["hs_actual_duration"] = staged(func(o *object, s *state) string {
		if s.stored(closing) == "" {
			return ""
		}
		return strconv.FormatInt(took(o, s), 10)
	})

	for _, n := range []string{"hs_is_deal_split", "hs_has_last_conversation_follow_ups", "hs_has_last_meeting_followups"} {
		all[n] = fixed("false")
	}
	for _, n := range []string{"hs_num_associated_deal_splits", "hs_num_target_accounts", "hs_num_associated_active_deal_registrations", "hs_num_associated_deal_registrations"} {
		all[n] = fixed("0")
	}
	all["hs_num_of_associated_line_items"] = p.countOf("line_items")
	all["num_associated_contacts"] = p.countOf("contacts")
	all["hs_number_of_call_engagements"] = p.countOf("calls")
	all["hs_number_of_inbound_calls"] = p.countWhere("calls", "hs_call_direction", "INBOUND")
	all["hs_number_of_outbound_calls"] = p.countWhere("calls", "hs_call_direction", "OUTBOUND")
	all["hs_number_of_overdue_tasks"] = p.countWhere("tasks", "hs_task_is_overdue", "true")
}

// fraction is a quotient with at most six decimals, as HubSpot shows days:
// 25374233668 ms are 293.68326 days, 8907136886 ms are 103.091862.
func fraction(of, by int64) string {
	s := big.NewRat(of, by).FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

func likelihood(s string) float64 {
	f, _ := strconv.ParseFloat(s, 64)
	return f
}

// everyDigit is the product of a binary fraction and a decimal number in full,
// as HubSpot shows probabilities: 0.4 is 0.40000000000000002220446… with 53
// decimals, and 0.4 times 15000 has 53 decimals too, three of them zeros at the
// end. Nothing is plainly 0.
func everyDigit(fraction, times string) string {
	f, err := strconv.ParseFloat(fraction, 64)
	n, ok := new(big.Rat).SetString(times)
	if err != nil || !ok {
		return ""
	}
	r := new(big.Rat).SetFloat64(f)
	if r.Sign() == 0 {
		return "0"
	}
	digits, _ := r.FloatPrec()
	_, decimals, _ := strings.Cut(times, ".")
	return r.Mul(r, n).FloatString(digits + len(decimals))
}
