package definition

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"syncline/sync/record"
)

// Check compares the definition with what is there: the source's columns and
// the object's properties. It returns every problem, in the order of the lines,
// each with what to do about it. nil columns or nil properties are not known
// and leave out what depends on them. Parse's own checks are not repeated.
func Check(d *Definition, columns []string, properties []record.Property) []Problem {
	c := &checker{d: d, columns: columns, properties: map[string]record.Property{}, known: properties != nil}
	for _, p := range properties {
		c.properties[p.Name] = p
		c.names = append(c.names, p.Name)
	}
	c.source()
	c.flags()
	c.matches()
	c.filters()
	for i, f := range d.Fields {
		c.field(i, f)
	}
	c.duplicates()
	c.newRows()
	c.associations()
	c.associate()
	c.deliver()
	return sorted(c.problems)
}

type checker struct {
	d          *Definition
	columns    []string
	properties map[string]record.Property
	names      []string
	known      bool // the properties are known
	problems   []Problem
}

// problem reports something about a part, at its line or that of the part that
// it belongs to.
func (c *checker) problem(part, format string, args ...any) {
	p := Problem{Key: part, Msg: fmt.Sprintf(format, args...)}
	for up := part; up != "" && p.Line == 0; up = parent(up) {
		p.Line = c.d.Line(up)
	}
	c.problems = append(c.problems, p)
}

func parent(part string) string {
	return part[:max(strings.LastIndexAny(part, ".["), 0)]
}

// column reports a column that the source does not have.
func (c *checker) column(part, name string) {
	if name == "" || c.columns == nil || slices.Contains(c.columns, name) {
		return
	}
	c.problem(part, "the source has no column %q.%s%s", name, didYouMean(name, c.columns), c.whyNoColumn(name))
}

// whyNoColumn says what may be behind a column that is missing, as the last
// sentence of its problem.
func (c *checker) whyNoColumn(name string) string {
	alike := func(n string) bool { return norm.NFC.String(n) == norm.NFC.String(name) }
	switch s := c.d.Source; {
	case slices.ContainsFunc(c.columns, alike):
		return " The two look the same, and one of them has its accents as characters of their own: copy the name from the file."
	case s.Kind == "csv" && len(c.columns) == 1:
		return " The file is read as one column: its cells have to be parted by a comma, semicolon, tab, | or ^."
	case s.Kind == "excel" && s.Sheet == "":
		return " The first sheet that is shown is read; write sheet: under source to name another one."
	}
	return ""
}

// property returns a property, and reports one that the object does not have.
func (c *checker) property(part, name string) (record.Property, bool) {
	p, ok := c.properties[name]
	if ok || !c.known || name == "" {
		return p, ok
	}
	for _, other := range c.names { // people know a property by its label
		if label := c.properties[other].Label; label != "" && strings.EqualFold(label, name) {
			c.problem(part, "%s has no property %q. %q is a label; its property is named %q.", c.d.HubSpot.Object, name, label, other)
			return p, false
		}
	}
	hint := didYouMean(name, c.names)
	if hint == "" {
		hint = " Create it in HubSpot first, or choose another one."
	}
	if c.d.Deliver != nil && c.d.Deliver.To == ToFile {
		c.problem(part, "a note has no property %q.%s", name, hint)
		return p, false
	}
	if c.d.Deliver != nil {
		if hint = didYouMean(name, c.names); hint == "" {
			hint = " Take the line out, or add the field to the form in HubSpot."
		}
		c.problem(part, "the form has no field %q.%s", name, hint)
		return p, false
	}
	c.problem(part, "%s has no property %q.%s", c.d.HubSpot.Object, name, hint)
	return p, false
}

// title names a property for people.
func title(p record.Property) string {
	if p.Label == "" || p.Label == p.Name {
		return strconv.Quote(p.Name)
	}
	return fmt.Sprintf("%q (%s)", p.Label, p.Name)
}

func (c *checker) source() {
	for i, k := range c.d.Source.Key {
		c.column(fmt.Sprintf("source.key[%d]", i), k)
	}
	c.column("source.modified", c.d.Source.Modified)
}

// flags reports marks that can't be written.
func (c *checker) flags() {
	if f := c.d.Delete.FlagRecord; f != nil {
		part := "delete.flag-record"
		switch p, ok := c.property(part+".property", f.Property); {
		case !ok:
		case !p.Writable():
			c.problem(part+".property", "%s %s, so it cannot mark a record. Choose another property.", title(p), unwritable(p))
		case p.Type == record.TypeJSON || p.Type == record.TypeCoordinates:
			c.problem(part+".property", "%s is of type %s, which Syncline cannot write. Choose another property.", title(p), p.Type)
		default:
			c.value(part+".value", f.Value, p)
		}
	}
	if f := c.d.Delete.FlagRow; f != nil {
		c.column("delete.flag-row.field", f.Field)
		if i := slices.Index(c.d.Source.Key, f.Field); i >= 0 {
			c.problem("delete.flag-row.field", "the column %q identifies the row, so it cannot mark it too. Choose another column.", f.Field)
		}
	}
}

// unwritable says why nothing can be written to a property.
func unwritable(p record.Property) string {
	if p.Calculated {
		return "is calculated by HubSpot"
	}
	return "is read-only in HubSpot"
}

// identifying are the types whose values can tell one record from another.
var identifying = []record.Type{record.TypeString, record.TypeNumber, record.TypePhone, record.TypeEnumeration}

func (c *checker) matches() {
	for i, m := range c.d.HubSpot.Match {
		part := fmt.Sprintf("hubspot.match[%d]", i)
		c.column(part+".field", m.Field)
		if c.d.Deliver != nil && c.d.Deliver.To == ToFile {
			continue // it is a property of what the file is for
		}
		p, ok := c.property(part+".property", m.Property)
		if !ok {
			continue
		}
		switch {
		case p.Type != "" && !slices.Contains(identifying, p.Type) || p.Multi() || p.FieldType == "html":
			c.problem(part+".property", "%s is of type %s, which cannot identify a record. Match by a text or a number, such as an e-mail, a domain or an id.", title(p), typeName(p))
		case p.Calculated && !p.Unique:
			c.problem(part+".property", "%s is calculated by HubSpot and may change by itself, so it cannot identify a record. Match by another property.", title(p))
		}
	}
}

func typeName(p record.Property) string {
	if p.FieldType == "" {
		return string(p.Type)
	}
	return string(p.Type) + " (" + p.FieldType + ")"
}

func (c *checker) filters() {
	for i, g := range c.d.HubSpot.Filter {
		for j, f := range g {
			c.property(fmt.Sprintf("hubspot.filter[%d][%d].property", i, j), f.Property)
		}
	}
}

func (c *checker) field(i int, f Field) {
	part := fmt.Sprintf("fields[%d]", i)
	c.column(part+".field", f.Field)
	for j, step := range f.ToHubSpot {
		for _, name := range step.Columns() {
			c.column(fmt.Sprintf("%s.to-hubspot[%d]", part, j), name)
		}
	}
	p, ok := c.property(part+".property", f.Property)
	if !ok {
		return
	}
	if f.Flows(ToHubSpot) && !p.Writable() {
		why := unwritable(p)
		todo := "Write direction: from-hubspot for this field, or choose another property."
		if f.Constant != nil {
			todo = "Choose another property."
		}
		c.problem(part+".property", "%s %s, so nothing can flow to it. %s", title(p), why, todo)
		return
	}
	c.types(part, f, p)
	c.options(part, f, p)
}

// suits lists the property types that a comparison can work on; those that are
// not listed suit every type.
var suits = map[record.Comparison][]record.Type{
	record.CompareEmail:    {record.TypeString, record.TypeEnumeration},
	record.ComparePhone:    {record.TypeString, record.TypePhone},
	record.CompareURL:      {record.TypeString},
	record.CompareHTML:     {record.TypeString},
	record.CompareSet:      {record.TypeEnumeration, record.TypeString},
	record.CompareDate:     {record.TypeDate, record.TypeDateTime, record.TypeString},
	record.CompareDateTime: {record.TypeDateTime, record.TypeDate, record.TypeString},
	record.CompareNumber:   {record.TypeNumber, record.TypeString, record.TypeEnumeration},
	record.CompareBoolean:  {record.TypeBool, record.TypeEnumeration, record.TypeString},
}

// makes lists the property types that can hold what a transform makes.
var makes = map[string][]record.Type{
	"date":           {record.TypeDate, record.TypeDateTime, record.TypeString},
	"datetime":       {record.TypeDateTime, record.TypeString},
	"number":         {record.TypeNumber, record.TypeString, record.TypeEnumeration},
	"boolean":        {record.TypeBool, record.TypeEnumeration, record.TypeString},
	"phone":          {record.TypePhone, record.TypeString},
	"country":        {record.TypeString, record.TypeEnumeration},
	"state":          {record.TypeString, record.TypeEnumeration},
	"url-domain":     {record.TypeString, record.TypeEnumeration},
	"email-domain":   {record.TypeString, record.TypeEnumeration},
	"owner":          {record.TypeEnumeration, record.TypeString, record.TypeNumber},
	"pipeline-stage": {record.TypeEnumeration, record.TypeString},
}

// types reports forms of values that a property's type cannot hold.
func (c *checker) types(part string, f Field, p record.Property) {
	if p.Type == "" {
		return
	}
	if p.Type == record.TypeJSON || p.Type == record.TypeCoordinates {
		c.problem(part+".property", "%s is of type %s, which Syncline cannot keep in step. Choose another property.", title(p), p.Type)
		return
	}
	if can, ok := suits[f.Compare]; ok && !slices.Contains(can, p.Type) {
		c.problem(part+".compare", "values of %s, which is of type %s, cannot be compared as %s. Take the line out: the comparison then follows the type (%s).",
			title(p), typeName(p), f.Compare, record.DefaultComparison(p))
	}
	if n := len(f.ToHubSpot); n > 0 && f.Values == nil && f.Flows(ToHubSpot) {
		last := f.ToHubSpot[n-1].Name
		if can, ok := makes[last]; ok && !slices.Contains(can, p.Type) {
			c.problem(part+".to-hubspot", "%s, which is of type %s, cannot hold what the transform %s makes. Choose another property, or another transform at the end.", title(p), typeName(p), last)
		}
	}
}

// options reports constants and value-map targets that a property would refuse.
func (c *checker) options(part string, f Field, p record.Property) {
	if f.Constant != nil {
		c.value(part+".constant", *f.Constant, p)
	}
	for _, pair := range f.Values.Pairs() {
		if pair.Property != "" {
			c.value(part+".values."+pair.Field, pair.Property, p)
		}
	}
}

// value reports a written value that the property can never hold.
func (c *checker) value(part, v string, p record.Property) {
	switch p.Type {
	case record.TypeEnumeration:
		if p.External || p.Reference != "" || len(p.Options) == 0 {
			return
		}
		all := []string{v}
		if p.Multi() {
			all = strings.Split(strings.Trim(v, ";"), ";")
		}
		for _, one := range all {
			c.option(part, one, p)
		}
	case record.TypeBool:
		if v != "true" && v != "false" {
			c.problem(part, "%q is not possible for %s, which is true or false.", v, title(p))
		}
	case record.TypeNumber, record.TypeDate, record.TypeDateTime:
		if !(record.Rule{Compare: record.DefaultComparison(p)}).Readable(record.Text(v)) {
			c.problem(part, "%q is not possible for %s, which is of type %s.", v, title(p), p.Type)
		}
	}
}

func (c *checker) option(part, v string, p record.Property) {
	var values []string
	for _, o := range p.Options {
		if o.Value == v {
			return
		}
		values = append(values, o.Value)
	}
	for _, o := range p.Options {
		if strings.EqualFold(o.Label, v) {
			c.problem(part, "%s has no option %q. %q is a label; the option is named %q.", title(p), v, o.Label, o.Value)
			return
		}
	}
	hint := didYouMean(v, values)
	if hint == "" {
		hint = " Add the option in HubSpot, or write another one."
	}
	c.problem(part, "%s has no option %q.%s", title(p), v, hint)
}

// duplicates reports two fields that write the same thing.
func (c *checker) duplicates() {
	property, column := map[string]int{}, map[string]int{}
	for i, f := range c.d.Fields {
		part := fmt.Sprintf("fields[%d]", i)
		if f.Flows(ToHubSpot) && f.Property != "" {
			if first, ok := property[f.Property]; ok {
				c.problem(part+".property", "the property %q is written by %s already%s. Remove one of the two, or let it flow from HubSpot.",
					f.Property, c.d.Fields[first].Name(), c.inLine(fmt.Sprintf("fields[%d]", first)))
			} else {
				property[f.Property] = i
			}
		}
		if f.Flows(FromHubSpot) && f.Field != "" {
			if first, ok := column[f.Field]; ok {
				c.problem(part+".field", "the column %q is written by the property %s already%s. Remove one of the two, or let it flow to HubSpot.",
					f.Field, c.d.Fields[first].Property, c.inLine(fmt.Sprintf("fields[%d]", first)))
			} else {
				column[f.Field] = i
			}
		}
	}
}

// inLine says where an earlier part stands, where that is known.
func (c *checker) inLine(part string) string {
	if line := c.d.Line(part); line > 0 {
		return fmt.Sprintf(" (line %d)", line)
	}
	return ""
}

// newRows reports key columns that stay empty in rows made from records. A
// database may fill them itself; a file does not.
func (c *checker) newRows() {
	if !c.d.Create.InSource() || c.d.Source.Kind != "csv" && c.d.Source.Kind != "excel" {
		return
	}
	for i, k := range c.d.Source.Key {
		filled := slices.ContainsFunc(c.d.Fields, func(f Field) bool { return f.Field == k && f.Flows(FromHubSpot) })
		if !filled {
			c.problem(fmt.Sprintf("source.key[%d]", i), "new rows are made from records (create: %s), but no property fills their key column %q. Map a property to it, or write create: hubspot or none.", c.d.Create, k)
		}
	}
}
