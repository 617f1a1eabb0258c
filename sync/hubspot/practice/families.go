package practice

import (
	"strings"

	"syncline/sync/hubspot/practice/content"
)

// lack is something that the API does not do with records of a type.
type lack uint8

const (
	noCreate lack = 1 << iota
	noUpsert
	noWrite // and so no create, update, upsert and archive
)

// family is what sets one of content.Families apart: scopes, what a new record
// needs (facts 3.2), and what the API lacks.
type family struct {
	enum     string
	scope    string   // as in crm.objects.{scope}.read; "" = the type's name
	or       []string // scopes by which it may be reached too: "quotes" stands for crm.objects.quotes.read or .write, others for themselves
	required string
	search   string
	lacks    lack
	merges   bool
	since    apiVersion // the first version that has it; 0 = all
	staged   bool       // has pipelines
}

var familyTraits = map[string]family{
	"quotes":               {enum: "QUOTE", or: []string{"e-commerce"}, required: "hs_title hs_expiration_date", search: "hs_title hs_proposal_slug hs_quote_number hs_public_url_key"},
	"communications":       {enum: "COMMUNICATION", scope: "contacts", required: "hs_timestamp hs_communication_channel_type", search: "hs_communication_body"},
	"feedback_submissions": {enum: "FEEDBACK_SUBMISSION", or: []string{"contacts"}, search: "hs_survey_name hs_content", lacks: noWrite},
	"invoices":             {enum: "INVOICE", required: "hs_currency", search: "hs_number"},
	"subscriptions":        {enum: "SUBSCRIPTION", required: "hs_name", search: "hs_name"},
	"goal_targets":         {enum: "GOAL_TARGET", scope: "goals", search: "hs_goal_name", lacks: noUpsert},
	"discounts":            {enum: "DISCOUNT", scope: "line_items", or: []string{"quotes", "e-commerce"}, search: "hs_label"},
	"fees":                 {enum: "FEE", scope: "line_items", or: []string{"quotes", "e-commerce"}, search: "hs_label"},
	"taxes":                {enum: "TAX", scope: "line_items", or: []string{"quotes", "e-commerce"}, search: "hs_label"},
	"commerce_payments":    {enum: "COMMERCE_PAYMENT", scope: "commercepayments", required: "hs_initial_amount hs_initiated_date", search: "hs_internal_comment hs_customer_email"},
	"users":                {enum: "USER", required: "hs_internal_user_id hs_email", search: "hs_email hs_given_name hs_family_name"},
	"postal_mail":          {enum: "POSTAL_MAIL", scope: "contacts", required: "hs_timestamp", search: "hs_postal_mail_body"},
	"orders":               {enum: "ORDER", required: "hs_order_name", search: "hs_order_name", merges: true, staged: true},
	"leads":                {enum: "LEAD", required: "hs_lead_name", search: "hs_lead_name", staged: true},
	"carts":                {enum: "CART", search: "hs_cart_name"},
	"partner_clients":      {enum: "PARTNER_CLIENT", scope: "partner-clients", search: "hs_domain hs_name", lacks: noCreate | noUpsert},
	"services":             {enum: "SERVICE", required: "hs_name hs_pipeline hs_pipeline_stage", search: "hs_name", merges: true, staged: true},
	"courses":              {enum: "COURSE", required: "hs_course_name", search: "hs_course_name", merges: true},
	"listings":             {enum: "LISTING", required: "hs_name", search: "hs_name"},
	"appointments":         {enum: "APPOINTMENT", required: "hs_appointment_name", search: "hs_appointment_name", merges: true},
	"contracts":            {enum: "CONTRACT", required: "hs_name", search: "hs_name", since: v2026_09},
	"projects":             {enum: "PROJECT", required: "hs_name hs_pipeline hs_pipeline_stage", search: "hs_name", merges: true, since: v2026_03, staged: true},
}

// familyKinds are the object types of content.Families.
func familyKinds() []*kind {
	var all []*kind
	for _, f := range content.Families() {
		t := familyTraits[f.Name]
		k := &kind{id: f.ID, name: f.Name, singular: f.Singular, enum: t.enum, created: f.Created(), modified: "hs_lastmodifieddate",
			required: strings.Fields(t.required), search: strings.Fields(t.search), lacks: t.lacks, merges: t.merges, since: t.since}
		k.defaults = []string{k.created, k.modified, "hs_object_id"}
		if f.Name == "quotes" {
			k.defaults = append(k.defaults, "hs_expiration_date", "hs_public_url_key", "hs_status", "hs_title")
		}
		if t.staged {
			k.pipeline, k.stage = "hs_pipeline", "hs_pipeline_stage"
		}
		if t.scope == "" {
			t.scope = f.Name
		}
		k.scope = t.scope
		k.reads, k.writes = []string{"crm.objects." + t.scope + ".read"}, []string{"crm.objects." + t.scope + ".write"}
		for _, other := range t.or {
			if other == "e-commerce" {
				k.reads, k.writes = append(k.reads, other), append(k.writes, other)
				continue
			}
			k.reads, k.writes = append(k.reads, "crm.objects."+other+".read"), append(k.writes, "crm.objects."+other+".write")
		}
		all = append(all, k)
	}
	return all
}

// served reports whether a version of the API does something with a type.
func (k *kind) served(v apiVersion, without lack) bool {
	return v >= k.since && k.lacks&without == 0
}
