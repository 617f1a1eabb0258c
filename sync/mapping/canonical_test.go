package mapping_test

import (
	"strings"
	"testing"
	"time"

	"syncline/sync/definition"
	"syncline/sync/mapping"
	"syncline/sync/record"
	"syncline/sync/transform"
)

var schema = []record.Property{
	{Name: "email", Label: "Email", Type: record.TypeString, FieldType: "text"},
	{Name: "firstname", Label: "First Name", Type: record.TypeString, FieldType: "text"},
	{Name: "message", Label: "Message", Type: record.TypeString, FieldType: "textarea"},
	{Name: "phone", Label: "Phone Number", Type: record.TypeString, FieldType: "phonenumber"},
	{Name: "code", Label: "Customer number", Type: record.TypeString, FieldType: "text", Unique: true},
	{Name: "fee", Label: "Fee", Type: record.TypeNumber, FieldType: "number", Currency: true},
	{Name: "optin", Label: "Opt in", Type: record.TypeBool, FieldType: "booleancheckbox", Options: []record.Option{{Value: "true", Label: "Yes"}, {Value: "false", Label: "No"}}},
	{Name: "since", Label: "Customer since", Type: record.TypeDate, FieldType: "date"},
	{Name: "signed", Label: "Signed up", Type: record.TypeDateTime, FieldType: "date"},
	{Name: "stage", Label: "Lifecycle Stage", Type: record.TypeEnumeration, FieldType: "select", Options: []record.Option{
		{Value: "lead", Label: "Lead"}, {Value: "marketingqualifiedlead", Label: "Marketing Qualified Lead"}, {Value: "customer", Label: "Customer"},
		{Value: "b2b", Label: "Wholesale"}, {Value: "b2c", Label: "Retail"}, {Value: "old", Label: "Retail"}, {Value: "none", Label: "None"}}},
	{Name: "topics", Label: "Topics", Type: record.TypeEnumeration, FieldType: "checkbox", Options: []record.Option{
		{Value: "product", Label: "Product news"}, {Value: "events", Label: "Events"}, {Value: "jobs", Label: "Jobs"}}},
	{Name: "swapped", Label: "Swapped", Type: record.TypeEnumeration, FieldType: "checkbox", Options: []record.Option{
		{Value: "2", Label: "1"}, {Value: "1", Label: "2"}, {Value: "ab", Label: "A; B"}, {Value: "c", Label: "C"}}},
	{Name: "chosen", Label: "Chosen", Type: record.TypeEnumeration, FieldType: "select", Options: []record.Option{{Value: "2", Label: "1"}, {Value: "1", Label: "2"}, {Value: "c", Label: "C"}}},
	{Name: "hubspot_owner_id", Label: "Contact owner", Type: record.TypeEnumeration, FieldType: "select", Reference: "OWNER", External: true},
}

var people = []transform.Owner{
	{ID: "1001", Email: "ada@norrsken-software.com", First: "Ada", Last: "Lovelace"},
	{ID: "1002", Email: "piotr@norrsken-software.com", First: "Piotr", Last: "Zieliński", Archived: true},
}

// fieldOf maps the column V to a property.
func fieldOf(t *testing.T, property string, env transform.Env, steps ...transform.Step) *mapping.FieldMap {
	t.Helper()
	d := &definition.Definition{Source: definition.Source{Key: []string{"id"}}, HubSpot: definition.HubSpot{Object: "contacts"}, Direction: definition.ToHubSpot,
		Fields: []definition.Field{{Field: "V", Property: property, Direction: definition.ToHubSpot, ToHubSpot: steps}}}
	m, err := mapping.New(d, mapping.Object{ID: "0-1", Email: "email", Lifecycle: "lifecyclestage"}, schema, env)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// sent is what becomes of a cell: the value that is sent, or the reason why it
// is not.
func sent(m *mapping.FieldMap, cell string, tally *mapping.Tally) (value, why string) {
	values, problems, sound := m.Row(record.Values{"V": record.Text(cell)}, "", tally)
	f := &m.Fields[0]
	if v := values[f.Property]; sound && (f.Sendable(v) != v || m.Refuses(f.Property, v) != "") {
		return "", "it was taken for sound: " + v.String()
	}
	if why := problems[f.Property]; why != "" {
		return "", why
	}
	v := f.Sendable(values[f.Property])
	return v.String(), m.Refuses(f.Property, v)
}

func TestACellIsSentInItsCanonicalForm(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	none, there := transform.Env{Owners: people}, transform.Env{Owners: people, Zone: berlin}
	for _, c := range []struct {
		property string
		env      transform.Env
		cells    map[string]string // cell -> what is sent; "!…" = stopped, with these words
	}{
		{"email", none, map[string]string{
			" Ann@Example.COM ": "ann@example.com", "ann@example.com\u200b": "ann@example.com", "\ufeffann@example.com": "ann@example.com",
			"ann@exam\u00adple.com": "ann@example.com", "ann\u2060@example.com": "ann@example.com", "ann@example.com\u00a0": "ann@example.com",
			"ann@example.com\u001f": "ann@example.com", "\u202aann@example.com\u202c": "ann@example.com", "ANN@MÜLLER.DE": "ann@müller.de", "a@b.museum": "a@b.museum",
			"ann@example.test": "!no address ends in .test", "ann@example.nosuchtld": "!no address ends in", ".ann@example.com": "!before the @", "ann.@example.com": "!before the @",
			"ann..lee@example.com": "!before the @", "ann lee@example.com": "!space", "ann@-example.com": "!domain", strings.Repeat("a", 65) + "@example.com": "!64 characters", "ann": "!no @",
		}},
		{"firstname", none, map[string]string{
			"Ann": "Ann", "     ": "", "\u00a0\u3000": "", "\u200b": "", "A\u001fnn": "Ann", "An\u200bn": "Ann", " Ann": " Ann", "Null": "Null", "\u200fAnn": "Ann", "\x00Ann": "Ann",
			"NULL": "!missing value", "null": "!missing value", `\N`: "!missing value", "(blank)": "!missing value", "#N/A": "!missing value", "n/a": "!missing value", "N/A": "!missing value",
			"#REF!": "!missing value", "#WERT!": "!missing value", "nan": "!missing value", "<NA>": "!missing value", "undefined": "!missing value", "######": "!missing value", "#DIV/0!": "!missing value",
			"none": "none", "-": "-", "unknown": "unknown", "4.479E+11": "!last digits are lost", "1,23457E+12": "!last digits are lost", "12E34": "12E34", "E+12": "E+12", "1E5": "1E5",
			"4.479E11": "!last digits", "5e10": "!last digits", "4.5E3": "!last digits", "12E5": "12E5", "12345.0": "12345.0", "00501.0": "00501", "1.0": "1.0",
		}},
		{"message", none, map[string]string{"a\r\nb": "a\r\nb", "  indented": "  indented", "a\u200bb": "a\u200bb", "tab\there": "tab\there", "bell\a": "bell"}},
		{"phone", none, map[string]string{
			" +49 30 1 ": "+49 30 1", "+49\u00a030\u00a01\u200e": "+49\u00a030\u00a01", "4.479E+11": "!last digits", "1E+12": "!last digits", "4.479e+11": "!last digits", "-4.479E+11": "!last digits",
			"4,479E+11": "!last digits", " 4.479E+11 ": "!last digits", "1.23457E+9": "!last digits", "4.9E+010": "!last digits", "4479E8": "!last digits", "12E5": "!last digits", "491761234567.0": "491761234567", "+491761234567.00": "+491761234567", "030.12.30": "030.12.30", "030 12": "030 12", "n/a": "!missing value",
		}},
		{"code", none, map[string]string{"C-1700 ": "C-1700", "C-1701\u3000": "C-1701", "\tC-1\n": "C-1", "C 1": "C 1", "1.23457E+12": "!last digits", "\u200bC-2": "C-2", "12E5": "12E5", "17000.0": "17000", "1.0.0": "1.0.0"}},
		{"fee", none, map[string]string{
			" 5 ": "5", "+5": "5", "5.50": "5.5", "1E+3": "1000", "1e-2": "0.01", "0.30000000000000004": "0.3", "434.99999999999994": "435", ".5": "0.5", "5.": "5", "-0": "0",
			"9007199254740993": "!more digits", "9007199254740992": "9007199254740992", "12345678901234567890": "!more digits", "100000000000000000000": "100000000000000000000",
			"NaN": "!missing value", "Infinity": "!no number", "-inf": "!no number", "Inf": "!no number", "+Infinity": "!no number", "1e400": "!no number", "0x1F": "!no number", "1_000": "!no number",
			"1,234.56": "!no number", "15%": "!0.15", "12 %": "!0.15", "€5": "!no number", "5 €": "!no number", "1 000": "!no number", "(5)": "!no number", "٣": "!no number", "five": "!no number", "NULL": "!missing",
		}},
		{"optin", none, map[string]string{"true": "true", "TRUE": "true", " False ": "false", "Yes": "true", "no": "false", "1": "!boolean", "ja": "!boolean", "wahr": "!boolean", "x": "!boolean", "true\u00a0": "true"}},
		{"since", none, map[string]string{
			"2023-03-15": "2023-03-15", "2023-03-15T00:00:00": "2023-03-15", "2023-03-15 18:00": "2023-03-15", "2023-03-15T23:30:00-08:00": "2023-03-15", "2023-03-15T00:30:00+13:00": "2023-03-15",
			"2023-03-15T00:00:00Z": "2023-03-15", "1740787200": "2025-03-01", "1740787200000": "2025-03-01", "-86400000": "1969-12-31", " 2023-03-15 ": "2023-03-15",
			"1740790000": "!zone", "1740790000000": "!zone", "2024": "!January 1970", "45678": "!2025-01-21", "20241231": "!January 1970", "946684800": "!January 1970", "0025-03-01": "!two digits",
			"1740787200000000": "!far future", "20250301120000": "!far future", "1.7407872E+9": "!no date", "45678.5": "!2025-01-21", "15.03.2023": "!add the transform date", "3/15/23": "!add the transform",
			"14:30": "!without a date", "2:30 PM": "!without a date", "2023-02-30": "!no date", "2023-13-01": "!no date", "01.03.25": "!no date", "NaT": "!missing",
		}},
		{"since", there, map[string]string{"1740790000": "2025-03-01", "1740783600": "2025-03-01", "1740783599": "2025-02-28", "1740783600000": "2025-03-01"}},
		{"signed", none, map[string]string{
			"2023-03-15T12:00:00Z": "2023-03-15T12:00:00.000Z", "2023-03-15T12:00:00+02:00": "2023-03-15T10:00:00.000Z", "2023-03-15 12:00:00 UTC": "2023-03-15T12:00:00.000Z",
			"2023-03-15T12:00:00.123456Z": "2023-03-15T12:00:00.123Z", "1740787200": "2025-03-01T00:00:00.000Z", "1740787200123": "2025-03-01T00:00:00.123Z", "2023-03-15": "2023-03-15T00:00:00.000Z",
			"2023-03-15T12:00:00": "!zone", "2023-03-15 12:00": "!zone", "2023-03-15T12:00": "!zone", "2024": "!January 1970", "20250301120000": "!far future", "1740787200000000000": "!far future", "12:00": "!without a date",
			"0023-03-15T12:00:00Z": "!two digits",
		}},
		{"signed", there, map[string]string{
			"2023-03-15T12:00:00": "2023-03-15T11:00:00.000Z", "2023-07-15 12:00": "2023-07-15T10:00:00.000Z", "2023-03-15": "2023-03-14T23:00:00.000Z", "2023-03-15T12:00:00Z": "2023-03-15T12:00:00.000Z",
			"2025-03-30 02:30": "!skip", "2025-03-30T02:00:00": "!skip", "2025-03-30 02:59:59": "!skip", "2025-03-30 01:59": "2025-03-30T00:59:00.000Z", "2025-03-30 03:00": "2025-03-30T01:00:00.000Z",
			"2025-10-26 02:30": "!twice", "2025-10-26T02:00:00": "!twice", "2025-10-26 03:00": "2025-10-26T02:00:00.000Z", "2025-10-26 01:59": "2025-10-25T23:59:00.000Z", "2025-10-26T02:30:00+02:00": "2025-10-26T00:30:00.000Z",
		}},
		{"stage", none, map[string]string{
			"customer": "customer", "customer ": "customer", "customer\u00a0": "customer", "Customer": "customer", "CUSTOMER": "!\"customer\" differs in case alone", "Marketing Qualified Lead": "marketingqualifiedlead",
			" marketing qualified lead": "!\"Marketing Qualified Lead\" differs in case", "Wholesale": "b2b", "\u200blead": "lead", "none": "none", "None": "none",
			"Retail": "!2 options", "Kunde": "!not one of the options", "customer;lead": "!not one of the options", "n/a": "!missing", "cust": "!there is Lead",
		}},
		{"topics", none, map[string]string{
			"product; events": "product;events", "jobs ;events;": "jobs;events", ";product": "product", "Product news;Jobs": "product;jobs", "events;events": "events", " Events ; jobs": "events;jobs", ";;": "", "product": "product",
			"events\u00a0;\u00a0jobs": "events;jobs", "Events;product": "events;product", "product, events": "!split with by: \",\"", "product|jobs": "!split with by: \"|\"", "product;nothing": "!\"nothing\" is not one of the options",
		}},
		{"swapped", none, map[string]string{"A; B": "ab", "C;A; B": "c;ab", "A; B; C": "ab;c", "ab;C": "ab;c", "A": "!not one of the options", "A; C": "!not one of the options", "1;2": "1;2", "; A; B ;": "ab"}},
		{"hubspot_owner_id", none, map[string]string{
			"1001": "1001", " ada@norrsken-software.com ": "1001", "ADA@norrsken-software.com": "1001", "Ada Lovelace": "1001", "Lovelace, Ada": "1001",
			"1002": "!Piotr Zieliński", "piotr@norrsken-software.com": "!deactivated", "Piotr Zieliński": "!deactivated", "nobody@norrsken-software.com": "!no owner", "42": "!no owner",
		}},
	} {
		m := fieldOf(t, c.property, c.env)
		for cell, want := range c.cells {
			value, why := sent(m, cell, nil)
			words, stopped := strings.CutPrefix(want, "!")
			switch {
			case stopped && !strings.Contains(why, words):
				t.Errorf("%s %q: the reason is %q and the value %q, want %q in it", c.property, cell, why, value, words)
			case !stopped && (why != "" || value != want):
				t.Errorf("%s %q: sent is %q (%s), want %q", c.property, cell, value, why, want)
			}
			if !stopped {
				if again, why := sent(m, value, nil); again != value || why != "" {
					t.Errorf("%s %q: the form %q becomes %q in its turn (%s)", c.property, cell, value, again, why)
				}
			}
		}
	}
}

// Silence is no answer: what is guessed or repaired is said once, with its count.
func TestWhatIsGuessedIsSaidOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		property string
		steps    []transform.Step
		cells    []string
		want     string
	}{
		{"since", nil, []string{"2023-03-15 18:00", "2023-03-16 18:00", "2023-03-15"}, "“V”: the time of day is left out, since the property holds a day; the day is the one that is written (2 rows, such as \"2023-03-15 18:00\")."},
		{"signed", nil, []string{"1740787200"}, "Unix seconds (1 row, such as \"1740787200\")."},
		{"signed", nil, []string{"2023-03-15"}, "midnight UTC"},
		{"firstname", nil, []string{"A\u200bnn", "Bo"}, "invisible characters are left out: U+200B (1 row"},
		{"firstname", nil, []string{"unknown", "-", "Bo"}, ""}, // the source tells it, once
		{"fee", nil, []string{"0.30000000000000004"}, "fifteen digits"},
		{"fee", nil, []string{"1.25", "1.255"}, "more places than the two that HubSpot shows of an amount (1 row"},
		{"fee", nil, []string{"1.23457E+12"}, "scientific notation"},
		{"fee", []transform.Step{{Name: "number"}}, []string{"15%", "0.15"}, "divided by 100, so that 15% becomes 0.15 (1 row"},
		{"signed", []transform.Step{{Name: "datetime"}}, []string{"2023-03-15 18:00"}, "taken as UTC"},
		{"since", []transform.Step{{Name: "date", Args: map[string]any{"format": "DD.MM.YY"}}}, []string{"01.03.45"}, "years of two digits"},
		{"firstname", []transform.Step{{Name: "country"}}, []string{"NA", "DE"}, "Namibia"},
		{"firstname", []transform.Step{{Name: "country"}}, []string{"na", "DE"}, "Namibia"},
		{"firstname", []transform.Step{{Name: "country"}}, []string{"no", "DE"}, "Norway"},
		{"firstname", []transform.Step{{Name: "country"}}, []string{"NO", "DE"}, ""},
		{"phone", nil, []string{"491761234567.0"}, "places of whole numbers"},
		{"firstname", nil, []string{"12E5"}, "texts such as 12E5"},
		{"swapped", nil, []string{"2", "1;c", "c"}, "the value of one option and the label of another one, and the value counts: say in a value map which option is meant (2 rows, such as \"2\")"},
		{"chosen", nil, []string{"2", "1 ", "c"}, "the label of another one, and the value counts: say in a value map which option is meant (2 rows"},
		{"stage", nil, []string{"None", "none", "lead"}, ""},
		{"firstname", nil, []string{"Ann", "", "Bo"}, ""},
	} {
		m := fieldOf(t, c.property, transform.Env{}, c.steps...)
		var tally mapping.Tally
		for _, cell := range c.cells {
			sent(m, cell, &tally)
		}
		notes := tally.Notes()
		if c.want == "" {
			if len(notes) > 0 {
				t.Errorf("%s %q: %q", c.property, c.cells, notes)
			}
			continue
		}
		if len(notes) != 1 || !strings.Contains(notes[0], c.want) {
			t.Errorf("%s %q: the notes are %q, want %q", c.property, c.cells, notes, c.want)
		}
	}
}

// A point that may stand between thousands is asked for, and no value is sent.
func TestThePointOfNumbersIsAsked(t *testing.T) {
	t.Parallel()
	number := func(args map[string]any) transform.Step { return transform.Step{Name: "number", Args: args} }
	for _, c := range []struct {
		steps      transform.Chain
		cell, want string // "" is refused
	}{
		{nil, "1.000", ""},
		{nil, "1.0", "1"},
		{nil, "1234", "1234"},
		{nil, "0.125", "0.125"},
		{transform.Chain{{Name: "trim"}}, " 12.500 ", ""},
		{transform.Chain{number(nil)}, "1.000 €", ""},
		{transform.Chain{number(map[string]any{"decimal": "."})}, "1.000", "1"},
		{transform.Chain{number(map[string]any{"decimal": ",", "group": "."})}, "1.000", "1000"},
		{transform.Chain{number(map[string]any{"group": ","})}, "1.000", "1"},
	} {
		m := fieldOf(t, "fee", transform.Env{}, c.steps...)
		before := string(m.Digest())
		m.UseSamples(map[string][]string{"V": {"1.000"}})
		got, why := sent(m, c.cell, nil)
		if got != c.want || (why == "") != (c.want != "") {
			t.Errorf("%v: %q is %q (%s), want %q", c.steps, c.cell, got, why, c.want)
		}
		if c.want == "" && before == string(m.Digest()) {
			t.Error("rows that were read before are not looked at again")
		}
	}
	if got, why := sent(fieldOf(t, "fee", transform.Env{}), "1.000", nil); got != "1" {
		t.Errorf("where the column tells, 1.000 is %q (%s)", got, why)
	}
	m := fieldOf(t, "firstname", transform.Env{})
	m.UseSamples(map[string][]string{"V": {"1.000"}})
	if got, _ := sent(m, "1.000", nil); got != "1.000" {
		t.Errorf("a text is %q", got)
	}
}

// Spaces around a text are written, and that is told; what identifies a record
// has none.
func TestSpacesAroundTextsAreTold(t *testing.T) {
	t.Parallel()
	for property, told := range map[string]bool{"firstname": true, "message": false, "code": false, "phone": false, "stage": false} {
		for _, cell := range []string{" lead", "lead\u00a0", "\u3000lead"} {
			var tally mapping.Tally
			_, _ = sent(fieldOf(t, property, transform.Env{}), cell, &tally)
			if got := strings.Contains(strings.Join(tally.Notes(), " "), "start or end with spaces"); got != told {
				t.Errorf("%s, %q: told %v", property, cell, got)
			}
		}
	}
}
