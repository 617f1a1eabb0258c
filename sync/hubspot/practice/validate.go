package practice

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// apiVersion is the version in the path, as its position among the known ones.
type apiVersion int

// The versions that are served, oldest first (facts 11).
const (
	v1 apiVersion = iota
	v2
	v3
	v4
	v2025_09
	v2026_03
	v2026_09
)

var apiVersions = map[string]apiVersion{"v1": v1, "v2": v2, "v3": v3, "v4": v4, "2025-09": v2025_09, "2026-03": v2026_03, "2026-09": v2026_09}

func (v apiVersion) normalisesDates() bool { return v >= v2026_09 }
func (v apiVersion) enforcesRules() bool   { return v >= v2026_09 }
func (v apiVersion) dated() bool           { return v >= v2025_09 }

// write is one input of a write after validation.
type write struct {
	input    *input
	target   *object // nil = create
	set      []assignment
	created  int64 // a createdate that was sent; 0 = none
	sent     []string
	warnings []warning
	edges    []edgeSpec
}

// input is a write as it came.
type input struct {
	ID           wireID               `json:"id"`
	IDProperty   string               `json:"idProperty"`
	Properties   map[string]wireValue `json:"properties"`
	Associations []wireAssociation    `json:"associations"`
	Trace        string               `json:"objectWriteTraceId"`
}

// validate checks the values of an input against the definitions and returns
// the assignments. It looks at nothing but the one record; uniqueness comes
// later.
func (p *Portal) validate(k *kind, in *input, target *object, v apiVersion) (*write, []propertyError) {
	w := &write{input: in, target: target}
	var errs []propertyError
	for _, name := range sortedKeys(in.Properties) {
		raw := in.Properties[name]
		d := k.props[name]
		if d == nil {
			errs = append(errs, propertyError{Code: "PROPERTY_DOESNT_EXIST", Name: name, Message: fmt.Sprintf("Property %q does not exist", name)})
			continue
		}
		if raw.null {
			continue
		}
		if e := readOnlyError(k, d, target); e != nil {
			errs = append(errs, *e)
			continue
		}
		current := ""
		if target != nil {
			current = target.stored(d.symbol)
		}
		n := p.normalise(k, d, raw.text, current, v)
		if n.code != "" {
			errs = append(errs, propertyError{Code: n.code, Name: name, Message: n.message})
			continue
		}
		w.sent = append(w.sent, name)
		if n.warn != nil {
			w.warnings = append(w.warnings, *n.warn)
		}
		if name == k.created {
			w.created, _ = moment(n.value)
			continue
		}
		w.set = append(w.set, assignment{d.symbol, n.value})
	}
	if e := p.checkStage(k, w); e != nil {
		errs = append(errs, *e)
	}
	p.holdLifecycle(k, w)
	return w, errs
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func readOnlyError(k *kind, d *property, target *object) *propertyError {
	switch {
	case d.Calculated && d.readOnly():
		return &propertyError{Code: "READ_ONLY_VALUE", Name: d.Name, Message: fmt.Sprintf("%q is a calculated property; its value cannot be set.", d.Name)}
	case d.readOnly(), d.Name == k.created && target != nil:
		return &propertyError{Code: "READ_ONLY_VALUE", Name: d.Name, Message: fmt.Sprintf("%q is a read only property; its value cannot be set.", d.Name)}
	}
	return nil
}

// assigned returns the value a write gives a property, or else what is there.
func (w *write) assigned(name symbol) (value string, sent bool) {
	for _, a := range w.set {
		if a.name == name {
			return a.value, true
		}
	}
	if w.target != nil {
		return w.target.stored(name), false
	}
	return "", false
}

func (w *write) assign(name symbol, value string) {
	for i := range w.set {
		if w.set[i].name == name {
			w.set[i].value = value
			return
		}
	}
	w.set = append(w.set, assignment{name, value})
}

// checkStage keeps pipeline and stage together: a stage must belong to the
// record's pipeline (facts 12.17). A new record gets the default pipeline, a new
// deal only with a stage.
func (p *Portal) checkStage(k *kind, w *write) *propertyError {
	if k.name == "companies" { // they have one pipeline, which may be written and not changed
		if pipe, sent := w.assigned(p.names.intern(k.pipeline)); sent && pipe != companyPipeline {
			return &propertyError{Code: "INVALID_OPTION", Name: k.pipeline,
				Message: fmt.Sprintf("%s is not a valid pipeline ID. Valid options are: [%s]", pipe, companyPipeline)}
		}
	}
	if k.pipeline == "" || k.stage == "lifecyclestage" {
		return nil
	}
	pipeName := p.names.intern(k.pipeline)
	pipe, sentPipe := w.assigned(pipeName)
	at, sentStage := w.assigned(p.names.intern(k.stage))
	if pipe == "" && len(k.pipes) > 0 && (at != "" || w.target == nil && k.name != "deals") {
		pipe = k.pipes[0].ID
		w.assign(pipeName, pipe)
	}
	if !sentPipe && !sentStage {
		return nil
	}
	i := slices.IndexFunc(k.pipes, func(pl *pipeline) bool { return pl.ID == pipe })
	if i < 0 && pipe != "" {
		var ids []string
		for _, pl := range k.pipes {
			ids = append(ids, pl.ID)
		}
		return &propertyError{Code: "INVALID_OPTION", Name: k.pipeline,
			Message: fmt.Sprintf("%s is not a valid pipeline ID. Valid options are: [%s]", pipe, strings.Join(ids, ", "))}
	}
	if at == "" || i < 0 || k.pipes[i].stage(at) != nil {
		return nil
	}
	var ids []string
	for _, s := range k.pipes[i].Stages {
		ids = append(ids, s.ID)
	}
	return &propertyError{Code: "INVALID_OPTION", Name: k.stage, Message: fmt.Sprintf(
		"%s is not a valid pipeline stage ID. Valid options are: pipelineId=%s : [%s]", at, pipe, strings.Join(ids, ", "))}
}

// lifecycleOrder is the way a lifecycle stage may go without being cleared.
var lifecycleOrder = []string{"subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist", "other"}

// holdLifecycle drops a lifecycle stage that would go backwards: HubSpot
// ignores it without a word (facts 12.13). Custom stages follow their order in
// the property's options.
func (p *Portal) holdLifecycle(k *kind, w *write) {
	d := k.props["lifecyclestage"]
	if d == nil || k.stage != "lifecyclestage" || w.target == nil {
		return
	}
	old := w.target.stored(d.symbol)
	i := slices.IndexFunc(w.set, func(a assignment) bool { return a.name == d.symbol })
	if i < 0 || old == "" || w.set[i].value == "" {
		return
	}
	if lifecycleRank(d, w.set[i].value) < lifecycleRank(d, old) {
		w.set = slices.Delete(w.set, i, i+1)
	}
}

func lifecycleRank(d *property, stage string) int {
	if i := slices.IndexFunc(d.Options, func(o option) bool { return o.Value == stage }); i >= 0 {
		return i
	}
	return slices.Index(lifecycleOrder, stage)
}

// checkRequired refuses a new record that lacks what its type needs.
func (p *Portal) checkRequired(k *kind, w *write) *apiError {
	has := func(name string) bool {
		n, ok := p.names.of[name]
		if !ok {
			return false
		}
		v, _ := w.assigned(n)
		return v != ""
	}
	var lacking []string
	switch {
	case k.name == "contacts":
		if !p.opt.Switches.NamelessContacts && !has("email") && !has("firstname") && !has("lastname") {
			lacking = []string{"email", "firstname", "lastname"}
		}
	case k.name == "companies":
		if !has("domain") && !has("name") {
			lacking = []string{"domain", "name"}
		}
	default:
		required := k.required
		if k.name == "products" && p.opt.Switches.StrictProducts {
			required = []string{"name", "price", "hs_sku", "description", "hs_folder"}
		}
		for _, name := range required {
			if !has(name) {
				lacking = append(lacking, name)
			}
		}
	}
	if len(lacking) == 0 {
		return nil
	}
	return invalid("Error creating %s. Some required properties were not set.", k.enum).
		with("properties", "["+strings.Join(lacking, ", ")+"]")
}

// checkRules enforces what an administrator asked for, on versions that do.
func (p *Portal) checkRules(k *kind, w *write, v apiVersion) []propertyError {
	if !v.enforcesRules() {
		return nil
	}
	var errs []propertyError
	has := func(name string) string {
		got, _ := w.assigned(p.names.intern(name))
		return got
	}
	if w.target == nil {
		for _, name := range p.opt.Rules.Required[k.name] {
			if has(name) == "" {
				errs = append(errs, propertyError{Code: "MISSING_REQUIRED_PROPERTY", Name: name, Message: "A value for " + name + " must be provided"})
			}
		}
	}
	errs = append(errs, p.checkValidations(k, w)...)
	for _, r := range p.opt.Rules.Conditional {
		if r.ObjectType == k.name && slices.Contains(r.Values, has(r.On)) && has(r.Property) == "" {
			errs = append(errs, propertyError{Code: "MISSING_CONDITIONAL_REQUIRED_PROPERTY", Name: r.Property,
				Message: fmt.Sprintf("%s is required because of a conditional property rule based on [%s]", r.Property, r.On)})
		}
	}
	return errs
}

// fillDefaults adds what HubSpot sets on its own when a record is made or its
// stage changes.
func (p *Portal) fillDefaults(k *kind, w *write, api bool) {
	get := func(name string) string {
		v, _ := w.assigned(p.names.intern(name))
		return v
	}
	put := func(name, value string) { w.assign(p.names.intern(name), value) }
	switch {
	case k.name == "contacts":
		if w.target == nil && api && get("lifecyclestage") == "" && !p.opt.Switches.NoLifecycleDefault {
			put("lifecyclestage", "lead")
		}
		if get("lifecyclestage") == "lead" && get("hs_lifecyclestage_lead_date") == "" {
			put("hs_lifecyclestage_lead_date", strconv.FormatInt(p.millis(), 10))
		}
	case k.name == "companies" && w.target == nil && api:
		if get("lifecyclestage") == "" && !p.opt.Switches.NoLifecycleDefault {
			put("lifecyclestage", "lead")
		}
		if domain := get("domain"); domain != "" && get("website") == "" {
			put("website", domain)
		}
	case k.name == "tasks" && w.target == nil && api:
		put("hs_task_for_object_type", cmp.Or(get("hs_task_for_object_type"), "OWNER"))
		put("hs_task_is_all_day", cmp.Or(get("hs_task_is_all_day"), "false"))
	case k.name == "meetings" && w.target == nil && get("hs_timestamp") == "":
		put("hs_timestamp", get("hs_meeting_start_time"))
	case k.name == "deals" && !p.opt.Switches.NoAutomaticCloseDate:
		before := ""
		if w.target != nil {
			before = w.target.stored(p.names.intern("dealstage"))
		}
		stage := get("dealstage")
		_, sent := w.assigned(p.names.intern("closedate"))
		if stage != before && !sent && p.closedStage(k, get("pipeline"), stage) {
			put("closedate", instant(p.millis()))
		}
	}
}
