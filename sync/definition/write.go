package definition

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"syncline/sync/transform"
)

// YAML writes the definition as a document, in the order of the format's
// description and with the defaults left out. Parse reads it as an equal
// definition. It fails only on texts that are not UTF-8.
func (d *Definition) YAML() ([]byte, error) {
	w := &writer{}
	w.pair(0, "syncline", strconv.Itoa(Version))
	w.text(0, "id", d.ID)
	w.text(0, "name", d.Name)
	w.source(d.Source)
	switch {
	case d.Associate != nil && d.Associate.List != "":
		w.membership(d)
	case d.Associate != nil:
		w.associate(d)
	case d.Deliver != nil:
		w.deliver(d)
	default:
		w.records(d)
	}
	w.guards(d.Guards)
	if !utf8.ValidString(w.String()) {
		return nil, fmt.Errorf("the definition %q holds text that is not UTF-8", d.Name)
	}
	return []byte(w.String()), nil
}

// records writes what a sync of records does.
func (w *writer) records(d *Definition) {
	w.hubspot(d.HubSpot)
	w.pair(0, "direction", string(d.Direction))
	if d.Create != CreateNone {
		w.pair(0, "create", string(d.Create))
	}
	w.deletes(d.Delete)
	w.pair(0, "duplicates", string(without(d.Duplicates, DuplicatesReview)))
	w.pair(0, "verify", string(without(d.Verify, VerifyAuto)))
	if len(d.Fields) > 0 {
		w.line(0, "fields:")
	}
	for _, f := range d.Fields {
		w.field(f, d.Direction)
	}
	if len(d.Associations) > 0 {
		w.line(0, "associations:")
	}
	for _, a := range d.Associations {
		w.association(a)
	}
}

// writer builds a document line by line. A dash waits for the first line of a
// list's element.
type writer struct {
	strings.Builder
	dash bool
}

func (w *writer) line(indent int, s string) {
	lead := strings.Repeat(" ", indent)
	if w.dash {
		lead, w.dash = strings.Repeat(" ", indent-2)+"- ", false
	}
	w.WriteString(lead + s + "\n")
}

// pair writes a key with a value that is YAML already, unless that is "".
func (w *writer) pair(indent int, key, value string) {
	if value != "" {
		w.line(indent, key+": "+value)
	}
}

// text writes a key with a text, unless that is "".
func (w *writer) text(indent int, key, value string) {
	if value != "" {
		w.pair(indent, key, scalar(value))
	}
}

func (w *writer) source(s Source) {
	w.line(0, "source:")
	w.text(2, "kind", s.Kind)
	w.text(2, "path", s.Path)
	w.text(2, "sheet", s.Sheet)
	w.files(s.Files)
	w.text(2, "table", s.Table)
	w.text(2, "query", s.Query)
	w.text(2, "dsn", s.DSN)
	w.text(2, "portal", s.Portal)
	w.text(2, "object", s.Object)
	w.text(2, "form", s.Form)
	if len(s.Key) > 0 {
		w.pair(2, "key", flowList(s.Key))
	}
	w.text(2, "modified", s.Modified)
	w.text(2, "zone", s.Zone)
	w.text(2, "encoding", s.Encoding)
	if s.HeaderRow > 0 {
		w.pair(2, "header-row", strconv.Itoa(s.HeaderRow))
	}
	if len(s.Blanks) > 0 || s.NoBlanks {
		w.pair(2, "blanks", flowList(s.Blanks))
	}
}

func (w *writer) files(all []SourceFile) {
	if len(all) > 0 {
		w.line(2, "files:")
	}
	for _, f := range all {
		if f.Sheet == "" && f.Encoding == "" && f.HeaderRow == 0 {
			w.text(4, scalar(f.Name), f.Path)
			continue
		}
		w.line(4, scalar(f.Name)+":")
		w.text(6, "path", f.Path)
		w.text(6, "sheet", f.Sheet)
		w.text(6, "encoding", f.Encoding)
		if f.HeaderRow > 0 {
			w.pair(6, "header-row", strconv.Itoa(f.HeaderRow))
		}
	}
}

func (w *writer) hubspot(h HubSpot) {
	w.line(0, "hubspot:")
	w.text(2, "portal", h.Portal)
	w.text(2, "object", h.Object)
	w.make(h.Make)
	if len(h.Match) > 0 {
		w.line(2, "match:")
	} else {
		w.pair(2, "match", "[]")
	}
	for _, m := range h.Match {
		w.line(4, "- "+matchYAML(m))
	}
	w.text(2, "filter-list", h.FilterList)
	w.filter(h.Filter)
}

func (w *writer) filter(groups []FilterGroup) {
	if len(groups) > 0 {
		w.line(2, "filter:")
	}
	for _, g := range groups {
		lead := "- - "
		for _, f := range g {
			w.line(4, lead+filterYAML(f))
			lead = "  - "
		}
		if len(g) == 0 {
			w.line(4, "- []")
		}
	}
}

// FilterYAML is a filter as it stands in a document under hubspot, "" for none.
func FilterYAML(groups []FilterGroup) string {
	var w writer
	w.filter(groups)
	return w.String()
}

func matchYAML(m MatchKey) string {
	return flowMap("field", scalar(m.Field), "property", scalar(m.Property))
}

func filterYAML(f Filter) string {
	kv := []string{"property", scalar(f.Property), "operator", scalar(f.Operator)}
	if f.Value != "" {
		kv = append(kv, "value", scalar(f.Value))
	}
	if f.HighValue != "" {
		kv = append(kv, "high-value", scalar(f.HighValue))
	}
	if len(f.Values) > 0 {
		kv = append(kv, "values", flowList(f.Values))
	}
	return flowMap(kv...)
}

func (w *writer) deletes(d Delete) {
	row, rec := without(d.RowGone, "ignore"), without(d.RecordGone, "ignore")
	if row == "" && rec == "" && d.FlagRecord == nil && d.FlagRow == nil {
		return
	}
	w.line(0, "delete:")
	w.text(2, "row-gone", row)
	if f := d.FlagRecord; f != nil {
		w.pair(2, "flag-record", flowMap("property", scalar(f.Property), "value", scalar(f.Value)))
	}
	w.text(2, "record-gone", rec)
	if f := d.FlagRow; f != nil {
		w.pair(2, "flag-row", flowMap("field", scalar(f.Field), "value", scalar(f.Value)))
	}
}

// without is s, or "" where s is the default.
func without[S ~string](s, def S) S {
	if s == def {
		return ""
	}
	return s
}

func (w *writer) field(f Field, def Direction) {
	w.dash = true
	w.text(4, "field", f.Field)
	w.text(4, "property", f.Property)
	if f.Constant != nil {
		w.pair(4, "constant", scalar(*f.Constant))
	} else {
		w.text(4, "direction", string(without(f.Direction, def)))
	}
	if len(f.ToHubSpot) > 0 {
		w.pair(4, "to-hubspot", chainYAML(f.ToHubSpot))
	}
	if len(f.FromHubSpot) > 0 {
		w.pair(4, "from-hubspot", chainYAML(f.FromHubSpot))
	}
	w.text(4, "compare", string(f.Compare))
	w.text(4, "conflict", string(without(f.Conflict, Review)))
	w.values(4, f.Values.Pairs())
	if len(f.Values.Pairs()) > 0 {
		w.text(4, "unmapped", without(f.Unmapped, "reject"))
	}
	w.text(4, "blank", without(f.Blank, "ignore"))
	w.dash = false
}

// values writes a value map, which is a key of the group at this indent.
func (w *writer) values(indent int, pairs []Pair) {
	if len(pairs) == 0 {
		return
	}
	kv := words(pairs)
	if flow := flowMap(kv...); len(flow) <= readable {
		w.pair(indent, "values", flow)
		return
	}
	w.line(indent, "values:")
	for i := 0; i < len(kv); i += 2 {
		w.pair(indent+2, kv[i], kv[i+1])
	}
}

// readable is how long a value map may be on one line.
const readable = 80

// words are the keys and values of a value map as YAML.
func words(pairs []Pair) []string {
	var kv []string
	for _, p := range pairs {
		kv = append(kv, scalar(p.Field), scalar(p.Property))
	}
	return kv
}

func (w *writer) guards(g Guards) {
	if g == (Guards{}) {
		return
	}
	w.line(0, "guards:")
	for _, l := range []struct {
		key   string
		limit *Limit
	}{{"creates", g.Creates}, {"updates", g.Updates}, {"clears", g.Clears}, {"archives", g.Archives}} {
		if l.limit != nil {
			w.pair(2, l.key, l.limit.String())
		}
	}
}

func chainYAML(c transform.Chain) string {
	var steps []string
	for _, s := range c {
		steps = append(steps, stepYAML(s))
	}
	return "[" + strings.Join(steps, ", ") + "]"
}

func stepYAML(s transform.Step) string {
	if len(s.Args) == 0 {
		return scalar(s.Name)
	}
	if v, ok := s.Args[""]; ok && len(s.Args) == 1 {
		return flowMap(scalar(s.Name), argYAML(v))
	}
	var kv []string
	for _, name := range slices.Sorted(maps.Keys(s.Args)) {
		kv = append(kv, scalar(name), argYAML(s.Args[name]))
	}
	return flowMap(scalar(s.Name), flowMap(kv...))
}

// argYAML writes an argument so that it is read back as the same kind.
func argYAML(v any) string {
	if s, ok := v.(string); ok {
		return scalar(s)
	}
	return fmt.Sprint(v)
}

func flowMap(kv ...string) string {
	var b strings.Builder
	b.WriteString("{ ")
	for i := 0; i < len(kv); i += 2 {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(kv[i] + ": " + kv[i+1])
	}
	return b.String() + " }"
}

func flowList(list []string) string {
	var out []string
	for _, s := range list {
		out = append(out, scalar(s))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

var (
	// plain texts mean the same without quotes, in block and in flow style, to
	// this program and to any other YAML reader.
	plain = regexp.MustCompile(`^[\p{L}_./][\p{L}\p{N}_./+@%()-]*( [\p{L}\p{N}_./+@%()&-]+)*$`)
	// reserved words and forms that other readers take for something else.
	reserved = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|y|n|null|\.inf|\.nan|[.][0-9_]+(e[+-]?[0-9]+)?|\.+)$`)
)

// scalar writes a text as YAML, plain where that is safe.
func scalar(s string) string {
	if plain.MatchString(s) && !reserved.MatchString(s) {
		return s
	}
	if !utf8.ValidString(s) {
		return s // YAML refuses the whole document
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xFFFF:
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
