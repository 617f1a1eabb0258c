package practice

import (
	"strconv"
	"strings"
)

// computation gives a property that HubSpot calculates from the record.
type computation func(p *Portal, o *object, s *state) string

// contactEchoes are the calculated properties in the answer to a contact's
// creation, as recorded.
var contactEchoes = []string{
	"hs_all_contact_vids", "hs_associated_target_accounts", "hs_currently_enrolled_in_prospecting_agent",
	"hs_email_domain", "hs_full_name_or_email", "hs_is_contact", "hs_lifecyclestage_lead_date",
	"hs_membership_has_accessed_private_content", "hs_prospecting_agent_actively_enrolled_count",
	"hs_prospecting_agent_total_enrolled_count", "hs_registered_member", "hs_sequences_actively_enrolled_count",
	"num_notes",
}

// constants are calculated contact properties whose features a practice portal
// does not have.
var constants = map[string]string{
	"hs_associated_target_accounts": "0", "hs_currently_enrolled_in_prospecting_agent": "false",
	"hs_is_contact": "true", "hs_membership_has_accessed_private_content": "0",
	"hs_prospecting_agent_actively_enrolled_count": "0", "hs_prospecting_agent_total_enrolled_count": "0",
	"hs_registered_member": "0", "hs_sequences_actively_enrolled_count": "0",
}

// installComputations ties the calculated properties of a type to their
// calculation, and defines those that the content did not.
func (p *Portal) installComputations(k *kind) {
	all := map[string]computation{
		"hs_object_id":           func(_ *Portal, o *object, _ *state) string { return o.idText() },
		k.created:                func(_ *Portal, o *object, _ *state) string { return instant(o.created) },
		k.modified:               func(_ *Portal, _ *object, s *state) string { return instant(s.modified) },
		"hs_merged_object_ids":   func(_ *Portal, o *object, _ *state) string { return joinIDs(o.merged) },
		"hs_object_source":       func(p *Portal, o *object, _ *state) string { return p.sources[o.creator].Type },
		"hs_object_source_id":    func(p *Portal, o *object, _ *state) string { return p.sources[o.creator].ID },
		"hs_object_source_label": func(p *Portal, o *object, _ *state) string { return p.sources[o.creator].Type },
	}
	switch k.name {
	case "contacts":
		p.contactComputations(all)
	case "companies":
		p.companyComputations(all)
	case "deals":
		p.dealComputations(k, all)
	case "tickets":
		p.ticketComputations(k, all)
	case "tasks":
		p.taskComputations(all)
	}
	if k.id == "0-1" || k.id == "0-2" || k.id == "0-3" || k.id == "0-5" {
		all["num_notes"] = p.countOf("notes")
	}
	if k.name == "companies" || k.name == "deals" || k.name == "tickets" {
		p.stageComputations(k, all)
	}
	k.computed = make(map[symbol]computation, len(all))
	for name, f := range all {
		d := k.props[name]
		if d == nil {
			d = calculatedDefinition(k, name)
			p.define(k, d)
		}
		if name != k.created && !(name == "hs_pipeline" && k.name == "companies") { // which HubSpot lets be written
			d.Modification.ReadOnlyValue = true
		}
		k.computed[d.symbol] = f
	}
}

// calculatedDefinition is a definition for a calculated property that the
// content does not describe.
func calculatedDefinition(k *kind, name string) *property {
	kind, field := "number", "calculation_equation"
	switch {
	case strings.HasPrefix(name, "hs_is_"), strings.HasPrefix(name, "hs_currently"):
		kind = "bool"
	case strings.HasPrefix(name, "hs_email_domain"), strings.HasPrefix(name, "hs_full"), strings.Contains(name, "source"), name == "hs_pipeline":
		kind = "string"
	}
	if t, ok := calculatedTypes[name]; ok {
		kind = t
	}
	label := strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "_", " ")
	return &property{CreatedAt: epoch, UpdatedAt: epoch, Name: name, Label: label, Type: kind, FieldType: field,
		GroupName: k.mainGroup(), Options: []option{}, DisplayOrder: -1, Calculated: true, HubSpotDefined: true,
		Modification: modification{Archivable: true, ReadOnlyDefinition: true, ReadOnlyValue: true}, DataSensitivity: "non_sensitive"}
}

func fixed(value string) computation {
	return func(*Portal, *object, *state) string { return value }
}

// countOf counts the associated live records of a type.
func (p *Portal) countOf(name string) computation {
	return func(p *Portal, o *object, _ *state) string {
		n := 0
		for _, e := range o.edgesTo(p.kindBy[name]) {
			if e.to.live() {
				n++
			}
		}
		return strconv.Itoa(n)
	}
}

func (p *Portal) contactComputations(all map[string]computation) {
	email, first, last := p.names.intern("email"), p.names.intern("firstname"), p.names.intern("lastname")
	status := p.names.intern("hs_lead_status")
	for name, value := range constants {
		all[name] = fixed(value)
	}
	all["hs_pipeline"] = fixed("contacts-lifecycle-pipeline")
	all["hs_email_domain"] = func(_ *Portal, _ *object, s *state) string {
		_, host, _ := strings.Cut(s.stored(email), "@")
		return host
	}
	all["hs_full_name_or_email"] = func(_ *Portal, _ *object, s *state) string {
		name := strings.TrimSpace(s.stored(first) + " " + s.stored(last))
		if name == "" {
			return s.stored(email)
		}
		return name
	}
	all["hs_is_unworked"] = func(_ *Portal, _ *object, s *state) string {
		return strconv.FormatBool(s.stored(status) == "")
	}
	all["hs_additional_emails"] = func(_ *Portal, o *object, _ *state) string { return strings.Join(o.secondary, ";") }
	all["hs_all_contact_vids"] = func(_ *Portal, o *object, _ *state) string {
		return joinIDs(append([]uint64{o.id}, o.merged...))
	}
	all["hs_calculated_merged_vids"] = func(_ *Portal, o *object, s *state) string {
		var list []string
		for _, id := range o.merged {
			list = append(list, strconv.FormatUint(id, 10)+":"+strconv.FormatInt(s.modified, 10))
		}
		return strings.Join(list, ";")
	}
	all["associatedcompanyid"] = func(p *Portal, o *object, _ *state) string {
		for _, e := range o.edgesTo(p.kindBy["companies"]) {
			if e.has(primaryContactCompany) && e.to.live() {
				return e.to.idText()
			}
		}
		return ""
	}
	all["num_associated_deals"] = p.countOf("deals")
}

func joinIDs(ids []uint64) string {
	var b []byte
	for i, id := range ids {
		if i > 0 {
			b = append(b, ';')
		}
		b = strconv.AppendUint(b, id, 10)
	}
	return string(b)
}
