package app

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/sync/source"
)

// NewPropertyFor proposes the property that a column of the source would go to:
// its name and label after the column, its type by the values. taken are the
// properties that exist.
func (f Facts) NewPropertyFor(column string, taken []record.Property) hubspot.NewProperty {
	p := hubspot.NewProperty{Label: strings.TrimSpace(column), Type: record.TypeString}
	c, ok := f.Column(column)
	if ok {
		p.Type = c.Type
	}
	switch p.Type {
	case record.TypeBool, record.TypePhone:
		// Both exist in HubSpot as another type: yes or no is a list of two
		// options, and a phone number is a text with a form of its own.
		p.Type, p.FieldType = asHubSpotHasIt(p.Type)
		if p.Type == record.TypeEnumeration {
			p.Options = YesAndNo()
		}
	case record.TypeString, "":
		p.Type = record.TypeString
		if long(c) {
			p.FieldType = "textarea"
		}
	}
	p.Name = freeName(PropertyName(column), taken)
	return p
}

func asHubSpotHasIt(t record.Type) (record.Type, string) {
	if t == record.TypePhone {
		return record.TypeString, "phonenumber"
	}
	return record.TypeEnumeration, "booleancheckbox"
}

// YesAndNo are the options of a property that is yes or no.
func YesAndNo() []record.Option {
	return []record.Option{{Value: "true", Label: "Yes"}, {Value: "false", Label: "No"}}
}

func long(c source.Column) bool {
	return slices.ContainsFunc(c.Samples, func(s string) bool { return len(s) > 80 || strings.Contains(s, "\n") })
}

// OptionsFrom are the options of a dropdown that takes the values of a column,
// in the order of the alphabet; nil when there are too many for one.
func (f Facts) OptionsFrom(column string) []record.Option {
	if f.Census == nil {
		return nil
	}
	values, all := f.Census.Values(column)
	if !all || len(values) > mostMapped {
		return nil
	}
	var out []record.Option
	for _, v := range values {
		text := strings.TrimSpace(v.Value)
		if !slices.ContainsFunc(out, func(o record.Option) bool { return strings.EqualFold(o.Value, text) }) {
			out = append(out, record.Option{Value: text, Label: text})
		}
	}
	slices.SortFunc(out, func(a, b record.Option) int { return cmp.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)) })
	return out
}

// PropertyName makes an internal name of a label: lower-case letters, digits
// and underscores, beginning with a letter, at most 100 of them.
func PropertyName(label string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(strings.ReplaceAll(label, "ß", "ss"))) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	name := strings.Trim(b.String(), "_")
	if name == "" {
		name = "field"
	}
	return strings.TrimRight(name[:min(len(name), 100)], "_")
}

func freeName(name string, taken []record.Property) string {
	free := name
	for i := 2; slices.ContainsFunc(taken, func(p record.Property) bool { return p.Name == free }); i++ {
		free = fmt.Sprintf("%s_%d", name, i)
	}
	return free
}

var propertyName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,99}$`)

// CheckNewProperty reports what keeps a property from being created, before
// HubSpot is asked: sentences by the part that they are about, "label", "name"
// or "options".
func CheckNewProperty(p hubspot.NewProperty, taken []record.Property) map[string]string {
	wrong := map[string]string{}
	if strings.TrimSpace(p.Label) == "" {
		wrong["label"] = "Give the property a label: it is what people see in HubSpot."
	}
	switch {
	case !propertyName.MatchString(p.Name):
		wrong["name"] = "Use lower-case letters, digits and _, beginning with a letter."
	case strings.HasPrefix(p.Name, "hs_"):
		wrong["name"] = "Names that begin with hs_ belong to HubSpot."
	}
	for _, other := range taken {
		if other.Name == p.Name {
			wrong["name"] = fmt.Sprintf("“%s” has this name already.", cmp.Or(other.Label, other.Name))
		}
		if strings.EqualFold(other.Label, strings.TrimSpace(p.Label)) && p.Label != "" {
			wrong["label"] = fmt.Sprintf("There is a property of this label already: %s.", other.Name)
		}
	}
	if p.Type == record.TypeEnumeration && len(p.Options) == 0 {
		wrong["options"] = "A dropdown needs options, and the column has no values, or too many, to make them of. Choose another type."
	}
	return wrong
}

// CreateProperty creates a property in the draft's portal and returns it as
// HubSpot has it. The draft is not changed; see WithProperty.
func (a *App) CreateProperty(ctx context.Context, d *Draft, p hubspot.NewProperty) (record.Property, error) {
	p.Label = strings.TrimSpace(p.Label)
	made, err := d.Portal.Client.CreateProperty(ctx, d.Object.Name, p)
	if hubspot.IsConflict(err) {
		return made, fmt.Errorf("HubSpot has a property named %q already, perhaps an archived one: choose another name, or restore it there: %w", p.Name, err)
	}
	return made, err
}

// WithProperty are the facts with one more property, or a newer form of one.
func (f Facts) WithProperty(p record.Property) Facts {
	f.Properties = slices.DeleteFunc(slices.Clone(f.Properties), func(o record.Property) bool { return o.Name == p.Name })
	f.Properties = append(f.Properties, p)
	return f
}
