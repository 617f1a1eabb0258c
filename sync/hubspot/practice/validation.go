package practice

import (
	"fmt"
	"net/http"
	"slices"

	"syncline/sync/record"
)

// ValidationRule is a rule that an administrator made for the values of a
// property (facts 6.5). HubSpot enforces it on API versions from 2026-09 on.
type ValidationRule struct {
	ObjectType, Property string
	Type                 string
	Args                 []string
}

func validationRoutes() []route {
	return []route{
		r("GET", "property-validations/{type}", 0, (*Portal).listValidations),
		r("GET", "property-validations/{type}/{property}", 0, (*Portal).readValidations),
		r("GET", "property-validations/{type}/{property}/rule-type/{rule}", 0, (*Portal).readValidation),
	}
}

func (v ValidationRule) wire() map[string]any {
	return map[string]any{"ruleType": v.Type, "ruleArguments": append([]string{}, v.Args...), "shouldApplyNormalization": false}
}

// validations are the rules of an object type, by property.
func (p *Portal) validations(k *kind) (names []string, rules map[string][]ValidationRule) {
	rules = make(map[string][]ValidationRule)
	for _, v := range p.opt.Rules.Validations {
		if p.kindBy[v.ObjectType] != k {
			continue
		}
		if rules[v.Property] == nil {
			names = append(names, v.Property)
		}
		rules[v.Property] = append(rules[v.Property], v)
	}
	return names, rules
}

// listValidations is GET /crm/property-validations/…/{objectTypeId}.
func (p *Portal) listValidations(c *call) (*answer, *apiError) {
	k, e := p.openSchema(c, reading)
	if e != nil {
		return nil, e
	}
	names, rules := p.validations(k)
	list := []map[string]any{}
	for _, name := range names {
		var all []map[string]any
		for _, v := range rules[name] {
			all = append(all, v.wire())
		}
		list = append(list, map[string]any{"propertyName": name, "propertyValidationRules": all})
	}
	return reply(http.StatusOK, map[string]any{"results": list}), nil
}

// readValidations is GET /crm/property-validations/…/{objectTypeId}/{propertyName}.
func (p *Portal) readValidations(c *call) (*answer, *apiError) {
	k, e := p.openSchema(c, reading)
	if e != nil {
		return nil, e
	}
	if k.props[c.args["property"]] == nil {
		return nil, notFound()
	}
	_, rules := p.validations(k)
	list := []map[string]any{}
	for _, v := range rules[c.args["property"]] {
		list = append(list, v.wire())
	}
	return reply(http.StatusOK, map[string]any{"results": list}), nil
}

// readValidation is GET …/{propertyName}/rule-type/{ruleType}.
func (p *Portal) readValidation(c *call) (*answer, *apiError) {
	k, e := p.openSchema(c, reading)
	if e != nil {
		return nil, e
	}
	_, rules := p.validations(k)
	list := rules[c.args["property"]]
	i := slices.IndexFunc(list, func(v ValidationRule) bool { return v.Type == c.args["rule"] })
	if i < 0 {
		return nil, notFound()
	}
	return reply(http.StatusOK, list[i].wire()), nil
}

// checkValidations are the values of a write that break a rule. The words of the
// refusal are ours: none has been recorded.
func (p *Portal) checkValidations(k *kind, w *write) []propertyError {
	var errs []propertyError
	_, rules := p.validations(k)
	for _, a := range w.set {
		name := p.names.text[a.name]
		for _, v := range rules[name] {
			if (record.Validation{Type: v.Type, Args: v.Args}).Refuses(a.value) != "" && slices.Contains(w.sent, name) {
				errs = append(errs, propertyError{Code: "VALIDATION_RULE_VIOLATED", Name: name, Message: fmt.Sprintf("%s does not satisfy the validation rule %s %v of %s", a.value, v.Type, v.Args, name)})
			}
		}
	}
	return errs
}
