package definition

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Make is an object type of the portal's own that is made where the portal does
// not have it. Its name is HubSpot.Object.
type Make struct {
	Singular, Plural string // its labels
	Display          string // the property that names a record
	Associate        []string
	Properties       []MakeProperty
}

// MakeProperty is a property that an object type is made with.
type MakeProperty struct {
	Name    string
	Label   string   // the name where it is not given
	Type    string   // one of MakeTypes; string where it is not given
	Options []string // of an enumeration: values, which are their labels too
	Unique  bool     // no two records may have the same value
}

// MakeTypes are the types that a property can be made with.
func MakeTypes() []string {
	return []string{"string", "number", "date", "datetime", "bool", "enumeration", "phone_number"}
}

// TypeWord is what people call a type of MakeTypes.
func TypeWord(kind string) string {
	switch kind {
	case "string":
		return "text"
	case "datetime":
		return "date and time"
	case "bool":
		return "yes or no"
	case "enumeration":
		return "dropdown"
	case "phone_number":
		return "phone number"
	}
	return kind
}

// mostUnique is how many unique properties HubSpot lets an object type have (facts
// §6.3). One is Syncline's own key.
const mostUnique = 9

var (
	makeName     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	makeProperty = regexp.MustCompile(`^[a-z][a-z0-9_]{0,99}$`)
)

// MakeName reports whether an object type can be made under a name.
func MakeName(name string) bool { return makeName.MatchString(name) }

// make reads the object type that is made where the portal does not have it.
func (r *reader) make(hubspot section, object string) *Make {
	s, ok := hubspot.child("make", makePart)
	if !ok {
		return nil
	}
	if !makeName.MatchString(object) && object != "" {
		hubspot.problem("object", "%q can't be the name of a new object type. Use letters, digits and _, beginning with a letter, such as machine.", object)
	}
	m := &Make{Singular: s.required("singular", "write what one record is called, such as Machine."), Plural: s.required("plural", "write what several are called, such as Machines."),
		Display: s.required("display", "name the property that names a record for people."), Associate: s.texts("associate")}
	if s.missing("properties") {
		s.problem("properties", "is missing: list what a record holds, such as [{ name: serial_number, label: Serial number, unique: true }].")
	}
	for i, n := range s.items("properties", false) {
		m.Properties = append(m.Properties, r.makeProperty(n, fmt.Sprintf("%s[%d]", s.sub("properties"), i)))
	}
	unique := 0
	for i, p := range m.Properties {
		if p.Unique {
			unique++
		}
		if slices.ContainsFunc(m.Properties[:i], func(o MakeProperty) bool { return o.Name == p.Name }) {
			s.problem(fmt.Sprintf("properties[%d]", i), "%q is named twice. Keep one of the two.", p.Name)
		}
	}
	if unique > mostUnique {
		s.problem("properties", "has %d unique properties, and HubSpot allows 10, of which Syncline needs one. Take unique off some of them.", unique)
	}
	if m.Display != "" && len(m.Properties) > 0 && !slices.ContainsFunc(m.Properties, func(p MakeProperty) bool { return p.Name == m.Display }) {
		s.problem("display", "%q is none of the properties that are made.%s", m.Display, didYouMean(m.Display, m.names()))
	}
	return m
}

func (m *Make) names() []string {
	names := make([]string, len(m.Properties))
	for i, p := range m.Properties {
		names[i] = p.Name
	}
	return names
}

func (r *reader) makeProperty(n ast.Node, path string) MakeProperty {
	s := r.section(n, path, makePropertyPart)
	p := MakeProperty{Name: s.required("name", "write its internal name, such as serial_number."), Label: s.text("label"),
		Type: s.word("type"), Options: s.texts("options"), Unique: s.flag("unique")}
	if p.Label == "" {
		p.Label = p.Name
	}
	switch {
	case p.Name == "":
	case !makeProperty.MatchString(p.Name):
		s.problem("name", "%q can't be the name of a property. Use small letters, digits and _, beginning with a letter.", p.Name)
	case strings.HasPrefix(p.Name, "hs_"):
		s.problem("name", "%q begins with hs_, and such names belong to HubSpot. Choose another one.", p.Name)
	}
	switch {
	case p.Type == "enumeration" && len(p.Options) == 0:
		s.problem("type", "enumeration needs options. List them, such as options: [Small, Large].")
	case p.Type != "enumeration" && len(p.Options) > 0:
		s.problem("options", "has a meaning for type: enumeration only. Take it out, or change the type.")
	case p.Unique && p.Type != "string" && p.Type != "number":
		s.problem("unique", "is possible for texts and numbers only. Take it out.")
	}
	return p
}

func (w *writer) make(m *Make) {
	if m == nil {
		return
	}
	w.line(2, "make:")
	w.text(4, "singular", m.Singular)
	w.text(4, "plural", m.Plural)
	w.text(4, "display", m.Display)
	if len(m.Associate) > 0 {
		w.pair(4, "associate", flowList(m.Associate))
	}
	w.line(4, "properties:")
	for _, p := range m.Properties {
		kv := []string{"name", scalar(p.Name)}
		if p.Label != p.Name {
			kv = append(kv, "label", scalar(p.Label))
		}
		if p.Type != "string" {
			kv = append(kv, "type", p.Type)
		}
		if len(p.Options) > 0 {
			kv = append(kv, "options", flowList(p.Options))
		}
		if p.Unique {
			kv = append(kv, "unique", "true")
		}
		w.line(6, "- "+flowMap(kv...))
	}
}
