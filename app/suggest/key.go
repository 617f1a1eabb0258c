package suggest

import (
	"cmp"
	"slices"
	"strings"

	"syncline/sync/record"
	"syncline/sync/source"
)

// Measure counts one side of a match key candidate.
type Measure struct {
	Rows     int // looked at
	Filled   int // of those, not empty
	Distinct int // of those filled, how many different values
}

// Fill is the share of rows that have a value, from 0 to 1.
func (m Measure) Fill() float64 { return share(m.Filled, m.Rows) }

// Duplicates is how many filled rows repeat a value that another row has.
func (m Measure) Duplicates() int { return max(m.Filled-m.Distinct, 0) }

func share(part, whole int) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// MeasureOf is what a column's sample shows.
func MeasureOf(c source.Column) Measure {
	return Measure{Rows: c.Sampled, Filled: c.Filled, Distinct: c.Unique}
}

// Verdict says how well a pair identifies records.
type Verdict uint8

// The verdicts, the best first. At most one key is Best.
const (
	Best Verdict = iota
	Good
	Weak
	NotAKey
)

// String is the verdict as the window shows it.
func (v Verdict) String() string {
	return [...]string{"Best", "Good", "Weak", "Not a key"}[min(v, NotAKey)]
}

// Key is a pair that could identify the record that a row belongs to.
type Key struct {
	Field, Property string
	Source, HubSpot Measure // HubSpot is zero while its values were not counted
	Verdict         Verdict
	Reason          string // a sentence without a full stop

	kept bool // HubSpot keeps the property unique
}

// Line is a pair that may become a match key.
type Line struct{ Field, Property string }

// Keys judges which of the lines could be match keys, the best first. counted
// holds what is known about properties by name and may be nil. Lines whose
// property cannot identify anything (yes or no, a date, an option) are left
// out.
func Keys(columns []source.Column, properties []record.Property, lines []Line, counted map[string]Measure) []Key {
	var keys []Key
	for _, l := range lines {
		c := slices.IndexFunc(columns, func(c source.Column) bool { return c.Name == l.Field })
		p := slices.IndexFunc(properties, func(p record.Property) bool { return p.Name == l.Property })
		if c < 0 || p < 0 || !Identifies(properties[p]) {
			continue
		}
		keys = append(keys, JudgeKey(l, properties, MeasureOf(columns[c]), counted[l.Property]))
	}
	RankKeys(keys)
	return keys
}

// JudgeKey judges one line by what was counted on both sides; hubspot is zero
// while its values were not counted.
func JudgeKey(l Line, properties []record.Property, source, hubspot Measure) Key {
	k := Key{Field: l.Field, Property: l.Property, Source: source, HubSpot: hubspot}
	var property record.Property
	if p := slices.IndexFunc(properties, func(p record.Property) bool { return p.Name == l.Property }); p >= 0 {
		property = properties[p]
	}
	k.kept = property.Unique || wantOf(property) == wantEmail && property.Defined
	k.Verdict, k.Reason = judge(k, property)
	return k
}

// RankKeys puts the best key first and calls it Best if it is good. Of equals
// those come first that HubSpot keeps unique: people share telephones.
func RankKeys(keys []Key) {
	slices.SortStableFunc(keys, func(a, b Key) int {
		return cmp.Or(cmp.Compare(a.Verdict, b.Verdict), -compareBool(a.kept, b.kept),
			cmp.Compare(repeats(a.Source), repeats(b.Source)),
			-cmp.Compare(a.Source.Fill(), b.Source.Fill()))
	})
	if len(keys) > 0 && keys[0].Verdict == Good {
		keys[0].Verdict = Best
	}
}

// NamesRecordID reports whether a column's name says that it holds HubSpot's
// own id of a record, as exports from HubSpot have it.
func NamesRecordID(column string) bool {
	switch spellOf(column).compact {
	case "recordid", "hsobjectid", "hubspotid", "hubspotrecordid", "hubspotcontactid", "hubspotcompanyid", "hubspotdealid":
		return true
	}
	return false
}

// Identifies leaves out what can never name one record.
func Identifies(p record.Property) bool {
	switch p.Type {
	case record.TypeBool, record.TypeEnumeration, record.TypeDate, record.TypeDateTime, record.TypeCoordinates, record.TypeJSON:
		return false
	}
	switch p.FieldType {
	case "textarea", "html", "file", "booleancheckbox":
		return false
	}
	if p.Unique {
		return true
	}
	if p.Type == record.TypeNumber {
		return namesAnID(p)
	}
	switch wantOf(p) {
	case wantEmail, wantPhone, wantURL:
		return true
	}
	return namesAnID(p) || namesARecord[p.Name]
}

var idWords = set("id ids number no nr nummer key code reference ref identifier externalid kennung numero sku")

// namesARecord are the properties by which people call a record: last resorts.
var namesARecord = set("name dealname subject lastname company")

func namesAnID(p record.Property) bool {
	for _, w := range append(split(p.Label), split(p.Name)...) {
		if idWords[w] {
			return true
		}
	}
	return strings.HasSuffix(strings.ToLower(p.Name), "id")
}

func repeats(m Measure) float64 { return share(m.Duplicates(), m.Filled) }

// judge applies the limits: a key is filled nearly always and repeated nearly
// never, on both sides as far as both were counted.
func judge(k Key, p record.Property) (Verdict, string) {
	fill, twice := k.Source.Fill(), repeats(k.Source)
	if k.HubSpot.Rows > 0 {
		twice = max(twice, repeats(k.HubSpot))
	}
	email := wantOf(p) == wantEmail && p.Defined
	keeps := ""
	switch {
	case p.Unique:
		keeps = "HubSpot keeps this property unique"
	case email:
		keeps = "HubSpot keeps e-mail unique"
	}
	switch {
	case k.Source.Rows == 0 || k.Source.Filled == 0:
		return NotAKey, "The field is empty in every row looked at"
	case fill < 0.3:
		return NotAKey, "Most rows have no value"
	case twice > 0.1:
		return NotAKey, "Many rows share a value"
	case keeps != "" && fill >= 0.9 && twice <= 0.005:
		return Good, keeps
	case keeps != "":
		return Weak, keeps + ", but rows lack or share a value"
	case fill < 0.9:
		return Weak, "Some rows have no value"
	case twice > 0.001:
		return Weak, "Some rows share a value"
	case namesARecord[p.Name]:
		return Weak, "Different records may have the same name"
	case wantOf(p) == wantPhone:
		return Weak, "People share phone numbers"
	}
	return Good, "Always filled, never repeated, but HubSpot does not keep it unique"
}
