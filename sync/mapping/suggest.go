package mapping

import (
	"fmt"
	"maps"
	"strings"
	"time"
	"unicode"

	"syncline/sync/definition"
	"syncline/sync/record"
)

// Suggestion is a value for a cell that HubSpot would take in the place of one
// that it would not. It is offered only where it surely means the same.
type Suggestion struct {
	Field    string `json:"field"`
	Property string `json:"property"`
	Cell     string `json:"cell"`  // what stands in the source
	Value    string `json:"value"` // what would do
	Why      string `json:"why"`
}

// Suggest finds for the cells of a row that can't be written what would do.
func (m *FieldMap) Suggest(cells record.Values) []Suggestion {
	var all []Suggestion
	for i := range m.Fields {
		f := &m.Fields[i]
		text := cells[f.Column()].String()
		if f.Column() == "" || f.Direction == definition.FromHubSpot || text == "" || m.takes(f, cells) {
			continue
		}
		for _, c := range f.candidates(text) {
			with := maps.Clone(cells)
			with[f.Column()] = record.Text(c.value)
			if c.value != text && m.takes(f, with) {
				all = append(all, Suggestion{Field: f.Column(), Property: f.Property, Cell: text, Value: c.value, Why: c.why})
				break
			}
		}
	}
	return all
}

// takes reports that a row's cell becomes a value that HubSpot is not known to refuse.
func (m *FieldMap) takes(f *Field, cells record.Values) bool {
	v, err := f.ToProperty(cells, m.Env)
	return err == nil && !v.Empty() && f.acceptable(f.Sendable(v)) == nil
}

type candidate struct{ value, why string }

// candidates are what a cell may have meant, the surest first.
func (f *Field) candidates(text string) []candidate {
	tidy := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' }), " ")
	all := []candidate{{tidy, "without the spaces around it"}}
	all = append(all, f.optionsLike(tidy)...)
	switch f.Schema.Type {
	case record.TypeBool:
		if v := (record.Rule{Compare: record.CompareBoolean}).Canonical(record.Text(tidy)); v.String() == "true" || v.String() == "false" {
			all = append(all, candidate{v.String(), "as HubSpot writes it"})
		}
	case record.TypeDate, record.TypeDateTime:
		all = append(all, datesLike(tidy)...)
	case record.TypeNumber:
		all = append(all, numbersLike(tidy)...)
	case record.TypeString:
		if f.kind == kindEmail {
			all = append(all, candidate{addressIn(text), "the address alone"})
		}
	case record.TypeEnumeration, record.TypePhone, record.TypeJSON, record.TypeCoordinates:
	}
	return all
}

// optionsLike are the options, or the values of the value map, that read the
// same in another case, and the option with this label; none where several do.
func (f *Field) optionsLike(text string) []candidate {
	var found []candidate
	if f.Values != nil {
		for _, p := range f.Values.Pairs() {
			if strings.EqualFold(strings.TrimSpace(p.Field), text) {
				found = append(found, candidate{p.Field, "as the value map writes it"})
			}
		}
	}
	for _, o := range f.Schema.Options {
		if strings.EqualFold(o.Value, text) || strings.EqualFold(strings.TrimSpace(o.Label), text) {
			found = append(found, candidate{o.Value, fmt.Sprintf("the option “%s”", o.Label)})
		}
	}
	if len(found) > 1 && found[0].value != found[1].value {
		return nil
	}
	return found
}

// datesLike reads a day in the forms that can mean one day only.
func datesLike(text string) []candidate {
	days := map[string]bool{}
	for _, layout := range []string{"2.1.2006", "2.1.06", "2006/1/2", "2006.1.2", "2/1/2006", "1/2/2006", "2-1-2006", "1-2-2006", "2 Jan 2006", "2 January 2006", "Jan 2, 2006", "January 2, 2006"} {
		if t, err := time.Parse(layout, text); err == nil {
			days[t.Format(time.DateOnly)] = true
		}
	}
	if len(days) != 1 {
		return nil
	}
	for day := range days {
		return []candidate{{day, "the same day as HubSpot writes it"}}
	}
	return nil
}

// numbersLike takes away what HubSpot does not read in a number, where its
// decimal mark is certain.
func numbersLike(text string) []candidate {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Sc, r) || r == '\'' || r == '’' {
			return -1
		}
		return r
	}, text)
	dot, comma := strings.LastIndexByte(plain, '.'), strings.LastIndexByte(plain, ',')
	switch {
	case dot >= 0 && comma > dot && strings.Count(plain, ",") == 1: // 1.234,56
		plain = strings.Replace(strings.ReplaceAll(plain, ".", ""), ",", ".", 1)
	case comma >= 0 && dot > comma && strings.Count(plain, ".") == 1: // 1,234.56
		plain = strings.ReplaceAll(plain, ",", "")
	case dot < 0 && strings.Count(plain, ",") == 1 && len(plain)-comma-1 != 3: // 12,5
		plain = strings.Replace(plain, ",", ".", 1)
	case dot < 0 && strings.Count(plain, ",") > 1: // 1,234,567
		plain = strings.ReplaceAll(plain, ",", "")
	}
	return []candidate{{plain, "the number alone, with a point"}}
}

// addressIn finds the address in what people copy with it.
func addressIn(text string) string {
	if _, in, ok := strings.Cut(text, "<"); ok {
		text, _, _ = strings.Cut(in, ">")
	}
	text = strings.TrimSpace(text)
	if len(text) > 7 && strings.EqualFold(text[:7], "mailto:") {
		text = text[7:]
	}
	text = strings.Trim(text, " \t\r\n\u00a0\u200b\ufeff.,;:\"'()[]<>")
	text = strings.NewReplacer("\u200b", "", "\ufeff", "", "\u00ad", "").Replace(text)
	local, host, _ := strings.Cut(text, "@")
	return strings.TrimSpace(local) + "@" + strings.TrimSpace(host)
}
