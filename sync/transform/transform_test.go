package transform

import (
	"strings"
	"testing"
	"time"

	"syncline/sync/record"
)

// portal is an environment as a run has it.
func portal(t testing.TB) Env {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return Env{
		Zone: zone,
		Row:  record.Values{"First": record.Text(" Ada "), "Last": record.Text("Lovelace"), "Mobile": record.Text("0171 1234567"), "Nothing": record.None()},
		Owners: []Owner{
			{ID: "1001", Email: "ada@example.com", First: "Ada", Last: "Lovelace"},
			{ID: "1002", Email: "charles@example.com", First: "Charles", Last: "Babbage"},
			{ID: "1003", Email: "old@example.com", First: "Old", Last: "Hand", Archived: true},
			{ID: "1004", Email: "jane.1@example.com", First: "Jane", Last: "Doe"},
			{ID: "1005", Email: "jane.2@example.com", First: "Jane", Last: "Doe"},
			{ID: "1006", Email: "ada@example.com", First: "Ada", Last: "Before", Archived: true},
			{ID: "1007", First: "No", Last: "Mail"},
		},
		Stages: []Stage{
			{Pipeline: "default", PipelineLabel: "Sales", ID: "contractsent", Label: "Contract sent"},
			{Pipeline: "default", PipelineLabel: "Sales", ID: "won1", Label: "Won"},
			{Pipeline: "p2", PipelineLabel: "Renewals", ID: "won2", Label: "Won"},
			{Pipeline: "p2", PipelineLabel: "Renewals", ID: "lost2", Label: "Lost"},
		},
	}
}

func step(name string, pairs ...any) Step {
	s := Step{Name: name}
	if len(pairs) > 0 {
		s.Args = make(map[string]any)
	}
	for i := 0; i < len(pairs); i += 2 {
		s.Args[pairs[i].(string)] = pairs[i+1]
	}
	return s
}

// TestApply is the specification of the transforms.
func TestApply(t *testing.T) {
	t.Parallel()
	env := portal(t)
	for _, c := range []struct {
		step     Step
		in, want string
	}{
		{step("trim"), "\u00a0 Ada\t\n", "Ada"},
		{step("collapse-spaces"), " a \u00a0 b\n\nc", "a b c"},
		{step("lower"), "ÄB", "äb"},
		{step("upper"), "äb", "ÄB"},
		{step("title"), "ADA LOVELACE-king", "Ada Lovelace-King"},
		{step("title"), "d'angelo O’NEIL ada's McDonald", "D'Angelo O’Neil Ada's McDonald"},
		{step("title"), "éric ÅSA 3m", "Éric Åsa 3m"},

		{step("phone", "region", "DE"), "030 / 123 45 67", "+49301234567"},
		{step("phone", "", "de"), "030 1234567", "+49301234567"},
		{step("phone"), "+1 (212) 555-0123 x45", "+12125550123 ext. 45"},
		{step("phone", "region", "DE", "form", "international"), "0301234567", "+49 30 1234567"},
		{step("phone", "region", "DE", "form", "national"), "+49 30 1234567", "030 1234567"},

		{step("date"), "2026-12-31", "2026-12-31"},
		{step("date", "", "DD.MM.YYYY"), " 31.12.2026 ", "2026-12-31"},
		{step("date", "format", "DD.MM.YYYY"), "2026-12-31", "2026-12-31"},
		{step("date", "format", "DD.MM.YYYY"), "2026-12-31 00:00:00", "2026-12-31"},
		{step("date", "format", "D/M/YY"), "1/2/26", "2026-02-01"},
		{step("date", "format", "YYYY-MM-DDTHH:mm:ssZ", "zone", "Europe/Berlin"), "2026-12-31T23:30:00Z", "2027-01-01"},
		{step("date", "format", "YYYY-MM-DDTHH:mm:ssZ"), "2026-12-31T23:30:00-05:00", "2026-12-31"},
		{step("date", "to", "DD.MM.YYYY"), "2026-12-31", "31.12.2026"},
		{step("date", "to", "DD.MM.YYYY"), "1798675200000", "31.12.2026"},
		{step("date", "format", "M/D/YYYY", "to", "D. MMMM YYYY"), "7/4/2026", "4. July 2026"},

		{step("datetime"), "2026-07-01 12:00", "2026-07-01T10:00:00.000Z"},
		{step("datetime", "zone", "America/New_York"), "2026-07-01 12:00", "2026-07-01T16:00:00.000Z"},
		{step("datetime", "zone", "America/New_York"), "2026-07-01T12:00:00+02:00", "2026-07-01T10:00:00.000Z"},
		{step("datetime", "format", "DD.MM.YYYY HH:mm", "zone", "UTC"), "01.07.2026 12:00", "2026-07-01T12:00:00.000Z"},
		{step("datetime", "format", "DD.MM.YYYY"), "01.07.2026", "2026-06-30T22:00:00.000Z"},
		{step("datetime", "to", "DD.MM.YYYY HH:mm"), "2026-07-01T10:00:00.000Z", "01.07.2026 12:00"},

		{step("number"), "1234.50", "1234.5"},
		{step("number", "decimal", ",", "group", "."), "1.234,50 €", "1234.5"},
		{step("number", "", ","), "-0,5", "-0.5"},
		{step("number", "group", ","), "$1,234,567.00", "1234567"},
		{step("number", "group", ","), "($1,234.50)", "-1234.5"},
		{step("number", "group", ","), "-$5", "-5"},
		{step("number", "decimal", ",", "group", " "), "1\u202f234,5", "1234.5"},
		{step("number", "group", "'"), "CHF 5", ""},
		{step("number"), "9007199254740993.1", "9007199254740993.1"},
		{step("number", "to-decimal", ",", "to-group", "."), "-1234567.5", "-1.234.567,5"},

		{step("boolean"), "TRUE", "true"},
		{step("boolean"), "nein", "false"},
		{step("boolean", "yes", "Active", "no", "Closed"), "active", "true"},
		{step("boolean", "yes", "0", "no", "1"), "0", "true"},
		{step("boolean", "to-yes", "Ja", "to-no", "Nein"), "false", "Nein"},
		{step("boolean", "no", true), "true", "false"},

		{step("country"), "DE", "Germany"},
		{step("country"), "usa", "United States"},
		{step("country"), "U.K.", "United Kingdom"},
		{step("country"), "Côte d'Ivoire", "Côte d'Ivoire"},
		{step("country", "to", "alpha-2"), "Deutschland", "DE"},
		{step("country", "to", "alpha-2"), "ESPAÑA", "ES"},
		{step("country", "to", "alpha-2"), "Österreich", "AT"},
		{step("country", "to", "alpha-2"), "Allemagne", "DE"},
		{step("country", "to", "alpha-2"), "UK", "GB"},
		{step("country", "to", "alpha-2"), "The Netherlands", "NL"},
		{step("country", "to", "alpha-2"), "Republic of Korea", "KR"},
		{step("country", "", "alpha-3"), "Türkiye", "TUR"},

		{step("state"), "new york", "NY"},
		{step("state"), "ny", "NY"},
		{step("state", "to", "name"), "CA", "California"},
		{step("state", "country", "CA"), "Québec", "QC"},
		{step("state", "country", "AU", "to", "name"), "WA", "Western Australia"},
		{step("state", "country", "DE"), "Bavaria", "BY"},

		{step("url-domain"), "https://WWW.Bücher.example/x?y", "xn--bcher-kva.example"},
		{step("url-domain"), "example.com:8080", "example.com"},
		{step("email-domain"), "Ada@Mail.Example.COM", "mail.example.com"},
		{step("email-domain", "free", "blank"), "ada@gmail.com", ""},
		{step("email-domain"), "ada@gmail.com", "gmail.com"},

		{step("split", "", ","), "red, blue,,green ", "red;blue;green"},
		{step("split", "", ","), "red;blue, green", "red;blue;green"},
		{step("split", "by", " ", "part", 1), "Ada King Lovelace", "Ada"},
		{step("split", "by", " ", "part", -1), "Ada King Lovelace", "Lovelace"},
		{step("split", "by", " ", "part", 2), "Ada", ""},
		{step("join", "with", ", "), "red;blue", "red, blue"},
		{step("join", "fields", "Last"), "Ada", "Ada Lovelace"},
		{step("join", "with", "-", "fields", "First, Nothing, Last"), "x", "x-Ada-Lovelace"},
		{step("join", "fields", "First,Last"), "", "Ada Lovelace"},
		{step("replace", "find", "a", "with", "b"), "banana", "bbnbnb"},
		{step("replace", "find", "an"), "banana", "ba"},
		{step("prefix", "", "C-"), "4711", "C-4711"},
		{step("prefix", "text", "C-", "remove", true), "C-4711", "4711"},
		{step("prefix", "", 49), "30", "4930"},
		{step("suffix", "", "!"), "a", "a!"},
		{step("truncate", "", 3), "äöüß", "äöü"},
		{step("truncate", "length", 3), "ä", "ä"},
		{step("default", "", "none"), "", "none"},
		{step("default", "", "none"), "x", "x"},
		{step("default", "field", "Mobile"), "", "0171 1234567"},

		{step("owner"), "ADA@example.com", "1001"},
		{step("owner"), "charles  babbage", "1002"},
		{step("owner"), "Babbage, Charles", "1002"},
		{step("owner"), "1002", "1002"},
		{step("owner"), "old@example.com", "1003"},
		{step("owner", "to", "email"), "1003", "old@example.com"},
		{step("owner", "to", "name"), "1002", "Charles Babbage"},
		{step("pipeline-stage"), "contract sent", "contractsent"},
		{step("pipeline-stage", "pipeline", "Renewals"), "Won", "won2"},
		{step("pipeline-stage", "", "default"), "Won", "won1"},
		{step("pipeline-stage", "to", "label"), "lost2", "Lost"},
	} {
		if err := Check(c.step); err != nil {
			t.Errorf("%v: %v", c.step, err)
			continue
		}
		got, err := Chain{c.step}.Apply(record.Text(c.in), env)
		if c.want == "" && strings.HasPrefix(c.in, "CHF") {
			if err == nil {
				t.Errorf("%v: %q is taken as %q", c.step, c.in, got)
			}
			continue
		}
		if err != nil || got != record.Text(c.want) {
			t.Errorf("%v: %q becomes %q, %v, want %q", c.step, c.in, got, err, c.want)
		}
	}
}

// TestRefusals shows the sentences for values that cannot be transformed.
func TestRefusals(t *testing.T) {
	t.Parallel()
	env := portal(t)
	for _, c := range []struct {
		step     Step
		in, want string
	}{
		{step("phone"), "030 1234567", `"030 1234567" is not a phone number with a country code, and no region says which country it belongs to`},
		{step("phone", "", "DE"), "call me", `"call me" is not a phone number: put one number, with its area code, into the cell`},
		{step("phone", "", "US"), "555-1234", `"555-1234" is not a phone number: put one number, with its area code, into the cell`},
		{step("date", "", "DD.MM.YYYY"), "31.02.2026", `"31.02.2026" is not a date in the form DD.MM.YYYY; correct it where it comes from, or empty it`},
		{step("date"), "31.12.2026", `"31.12.2026" is not a date in the form YYYY-MM-DD; if it is in another form, say so with format`},
		{step("date", "to", "DD.MM.YY"), "1950-01-01", `"1950-01-01" cannot be written as DD.MM.YY, which has no room for the year 1950`},
		{step("datetime", "", "DD.MM.YYYY HH:mm"), "01.07.2026", `"01.07.2026" is not a date and time in the form DD.MM.YYYY HH:mm; it looks like one in the form DD.MM.YYYY`},
		{step("number"), "1.234,50", `"1.234,50" is not a number with "." as its decimal mark; it looks like one with decimal: "," and group: "."`},
		{step("number", "decimal", ","), "abc", `"abc" is not a number with "," as its decimal mark; correct it where it comes from, or name the marks of the column with decimal and group`},
		{step("boolean"), "maybe", `"maybe" is neither yes nor no; if the column has words of its own, name them with yes and no`},
		{step("country"), "Atlantis", `"Atlantis" is not a country that is known here; write its English name or its code`},
		{step("country"), "XX", `"XX" is not a country that is known here; write its English name or its code`},
		{step("country"), "International", `"International" is not a country that is known here; write its English name or its code`},
		{step("state"), "Bavaria", `"Bavaria" is not a state of the United States`},
		{step("url-domain"), "nothing", `"nothing" is not a web address`},
		{step("email-domain"), "ada", `"ada" is not an e-mail address`},
		{step("join", "fields", "Frist"), "x", `the row has no column "Frist"`},
		{step("prefix", "text", "C-", "remove", true), "D-1", `"D-1" does not have "C-" at its front`},
		{step("owner"), "nobody@example.com", `HubSpot has no owner with the e-mail address or name "nobody@example.com": correct it, invite them in HubSpot, or name an owner for it in a value map`},
		{step("owner"), "Jane Doe", `several owners are called "Jane Doe" (jane.1@example.com, jane.2@example.com …): use e-mail addresses`},
		{step("owner", "to", "email"), "1007", `the owner "1007" has no email`},
		{step("owner", "to", "email"), "1006", `the owner "1006" cannot be written by email: "ada@example.com" is also another owner's`},
		{step("owner", "to", "name"), "1004", `the owner "1004" cannot be written by name: "Jane Doe" is also another owner's`},
		{step("pipeline-stage", "to", "label"), "won1", `the stage "won1" cannot be written by its label: "Won" is also another stage's; say which pipeline with pipeline`},
		{step("join", "with", ", "), "Smith, Inc;Miller", `the option "Smith, Inc" holds "," itself, so that it would be taken for two`},
		{step("suffix", "text", "!", "remove", true), "!", `"!" is nothing but the text to take away`},
		{step("pipeline-stage"), "Won", `several pipelines have a stage "Won" (Sales, Renewals …): say which with pipeline`},
		{step("pipeline-stage", "", "Renewals"), "Contract sent", `no pipeline has a stage "Contract sent"; there is Won, Lost`},
		{step("pipeline-stage", "", "Hiring"), "Won", `the portal has no pipeline "Hiring"`},
		{step("expression"), "x", `the transform expression needs formula: the expression, such as value == "" ? "none" : upper(value)`},
		{step("expression", "", "Frist + value"), "x", `the row has no column "Frist"`},
		{step("country"), strings.Repeat("x", 100), `"` + strings.Repeat("x", 60) + `…" is not a country that is known here; write its English name or its code`},
	} {
		got, err := Chain{c.step}.Apply(record.Text(c.in), env)
		if err == nil || err.Error() != c.want {
			t.Errorf("%v: %q becomes %q, %v\nwant: %s", c.step, c.in, got, err, c.want)
		}
		if got != record.Text(c.in) {
			t.Errorf("%v: the refused value %q comes back as %q", c.step, c.in, got)
		}
	}
	if _, err := (Chain{step("owner")}).Apply(record.Text("ada@example.com"), Env{}); err == nil {
		t.Error("an owner is found without owners")
	}
}

// TestZoneOfTheRun shows which zone holds for times that say none: the step's,
// else the run's, else UTC, and never the machine's.
func TestZoneOfTheRun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		step Step
		env  Env
		want string
	}{
		{step("datetime"), Env{}, "2026-07-01T12:00:00.000Z"},
		{step("datetime"), portal(t), "2026-07-01T10:00:00.000Z"},
		{step("datetime", "zone", "Asia/Tokyo"), portal(t), "2026-07-01T03:00:00.000Z"},
	} {
		got, err := Chain{c.step}.Apply(record.Text("2026-07-01 12:00"), c.env)
		if err != nil || got.String() != c.want {
			t.Errorf("%v: %q, %v, want %s", c.step, got, err, c.want)
		}
	}
}

// TestStageOfTheRunsPipeline shows that the run's pipeline settles a label that
// several have.
func TestStageOfTheRunsPipeline(t *testing.T) {
	t.Parallel()
	env := portal(t)
	env.PipelineID = "p2"
	got, err := Chain{step("pipeline-stage")}.Apply(record.Text("Won"), env)
	if err != nil || got != record.Text("won2") {
		t.Errorf("the stage is %q, %v", got, err)
	}
}

// TestCheck shows what a definition is told about its steps.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		step Step
		want string
	}{
		{step("trimm"), `there is no transform "trimm"; did you mean trim?`},
		{step("frobnicate"), `there is no transform "frobnicate"; there is trim, collapse-spaces, lower,`},
		{step(""), `there is no transform ""; there is trim`},
		{step("expression", "", "a +"), "the transform expression: unexpected token EOF"},
		{step("trim", "both", true), "the transform trim takes no arguments"},
		{step("phone", "regoin", "DE"), `the transform phone has no argument "regoin"; did you mean region?`},
		{step("phone", "region", "Germany"), `the transform phone: "GERMANY" is not the two-letter code of a country, such as DE or US`},
		{step("phone", "region", "DE", "", "US"), "the transform phone is given region twice"},
		{step("date", "format", "dd.mm.yyyy"), `the transform date: "dd.mm.yyyy" is not a date form: "dd" means nothing in it, the day is DD`},
		{step("date", "zone", "Berlin"), `the transform date: "Berlin" is not the name of a time zone; write it as Europe/Berlin`},
		{step("datetime", "zone", "Local"), "the zone must be named"},
		{step("number", "decimal", ";"), `the transform number: decimal cannot be ";"; there is ., ,`},
		{step("number", "decimal", ",", "group", ","), "decimal and group are the same mark"},
		{step("boolean", "yes", "x", "no", "X"), "yes and no are the same word"},
		{step("country", "to", "alpha2"), `to cannot be "alpha2"; did you mean alpha-2?`},
		{step("split"), "the transform split needs by"},
		{step("split", "by", ""), "by must be at least one character"},
		{step("split", "by", ",", "part", "first"), `part must be a whole number, not "first"`},
		{step("split", "by", ",", "part", 0), "part counts from 1"},
		{step("replace", "", "x"), "the transform replace needs its arguments by name: find, with"},
		{step("prefix", "text", []any{"a"}), "text must be a single value"},
		{step("prefix", "text", "a", "remove", "yes"), "remove must be true or false"},
		{step("truncate", "", -1), "length must be 1 or more"},
		{step("default"), "it needs either value or field"},
		{step("default", "value", "a", "field", "b"), "it needs either value or field"},
	} {
		if err := Check(c.step); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: the error is %v, want it to say %s", c.step, err, c.want)
		}
		if _, err := (Chain{c.step}).Apply(record.Text("x"), Env{}); err == nil {
			t.Errorf("%v is refused by Check but applied", c.step)
		}
		if _, ok := (Chain{c.step}).Inverse(); ok {
			t.Errorf("%v is refused by Check but has a way back", c.step)
		}
	}
}

func TestEmptyValuesPass(t *testing.T) {
	t.Parallel()
	env := portal(t)
	for _, spec := range Names() {
		for _, v := range []record.Value{{}, record.None(), record.Text("")} {
			got, err := Chain{spec.Example}.Apply(v, env)
			if spec.Name == "default" {
				continue // TestApply
			}
			if err != nil || got != v {
				t.Errorf("%s: an empty value in the state %v becomes %q in the state %v, %v", spec.Name, v.State(), got, got.State(), err)
			}
		}
	}
	filled, err := Chain{step("default", "", "x"), step("upper")}.Apply(record.Value{}, env)
	if err != nil || filled != record.Text("X") {
		t.Errorf("a filled value becomes %q, %v", filled, err)
	}
}

// TestSpecs holds what the window shows against what the transforms do.
func TestSpecs(t *testing.T) {
	t.Parallel()
	env := portal(t)
	const all = "trim collapse-spaces lower upper title phone date datetime number boolean country state url-domain email-domain " +
		"split join replace prefix suffix truncate default owner pipeline-stage expression"
	var names []string
	for _, spec := range Names() {
		names = append(names, spec.Name)
		if spec.Description == "" || !strings.HasSuffix(spec.Description, ".") {
			t.Errorf("%s is described as %q", spec.Name, spec.Description)
		}
		if err := Check(spec.Example); err != nil {
			t.Errorf("the example of %s: %v", spec.Name, err)
		}
		if text := spec.Example.Describe(); text == "" || text == spec.Name {
			t.Errorf("%s says of itself %q", spec.Name, text)
		}
		got, err := Chain{spec.Example}.Apply(record.Text(spec.Input), env)
		if err != nil || got.String() != spec.Output {
			t.Errorf("the example of %s: %q becomes %q, %v, and not %q", spec.Name, spec.Input, got, err, spec.Output)
		}
		scalars := 0
		for _, arg := range spec.Args {
			if arg.Description == "" || (arg.Kind == KindChoice) != (len(arg.Choices) > 0) {
				t.Errorf("the argument %s of %s is not described", arg.Name, spec.Name)
			}
			if arg.Scalar {
				scalars++
			}
		}
		if scalars > 1 || len(spec.Args) > maxArgs {
			t.Errorf("%s has %d arguments, %d of them the scalar", spec.Name, len(spec.Args), scalars)
		}
	}
	if got := strings.Join(names, " "); got != all {
		t.Errorf("the transforms are\n%s\nwant\n%s", got, all)
	}
}
