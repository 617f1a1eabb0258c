package suggest_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncline/app/suggest"
	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/transform"
)

func text(name, label string) record.Property {
	return record.Property{Name: name, Label: label, Type: record.TypeString, FieldType: "text", Defined: true}
}

func options(name, label string, values ...string) record.Property {
	p := record.Property{Name: name, Label: label, Type: record.TypeEnumeration, FieldType: "select", Defined: true}
	for _, v := range values {
		p.Options = append(p.Options, record.Option{Value: strings.ToLower(strings.ReplaceAll(v, " ", "")), Label: v})
	}
	return p
}

// contacts are HubSpot's default contact properties, as far as the tests need.
func contacts() []record.Property {
	phone := text("phone", "Phone Number")
	phone.FieldType = "phonenumber"
	mobile := text("mobilephone", "Mobile Phone Number")
	mobile.FieldType = "phonenumber"
	email := text("email", "Email")
	email.Unique = true
	created := record.Property{Name: "createdate", Label: "Create Date", Type: record.TypeDateTime, FieldType: "date", ReadOnly: true, Defined: true}
	owner := record.Property{Name: "hubspot_owner_id", Label: "Contact owner", Type: record.TypeEnumeration, FieldType: "select", Reference: "OWNER", External: true, Defined: true}
	since := record.Property{Name: "customer_since", Label: "Customer since", Type: record.TypeDate, FieldType: "date"}
	billing := record.Property{Name: "billing_customer_id", Label: "Billing id", Type: record.TypeString, FieldType: "text", Unique: true}
	score := record.Property{Name: "hubspotscore", Label: "HubSpot Score", Type: record.TypeNumber, FieldType: "number", Calculated: true, Defined: true}
	return []record.Property{
		email, text("firstname", "First Name"), text("lastname", "Last Name"), text("salutation", "Salutation"),
		phone, mobile, text("jobtitle", "Job Title"), text("company", "Company Name"), text("website", "Website URL"),
		text("work_email", "Work email"), text("address", "Street Address"), text("city", "City"),
		text("state", "State/Region"), text("zip", "Postal Code"), text("country", "Country/Region"),
		options("lifecyclestage", "Lifecycle Stage", "Subscriber", "Lead", "Opportunity", "Customer"),
		created, owner, since, billing, score,
	}
}

// column is a column of which every row was filled with the samples in turn.
func column(name string, samples ...string) source.Column {
	return source.Column{Name: name, Type: record.TypeString, Sampled: 100, Filled: 100, Unique: 100, Samples: samples}
}

func pairs(t *testing.T, columns []source.Column) map[string]suggest.Pair {
	t.Helper()
	out := map[string]suggest.Pair{}
	for _, p := range suggest.Pairs(columns, contacts(), suggest.Options{}) {
		out[p.Field] = p
	}
	return out
}

func TestPairsFindsFieldByNameAndValues(t *testing.T) {
	t.Parallel()
	tests := []struct {
		column   source.Column
		property string // "" for no suggestion
		reason   string
	}{
		{column("email", "ilse@tolvane.example"), "email", "Same name, and the values look like e-mail addresses"},
		{column("First Name", "Ilse"), "firstname", "Same name"},
		{column("FIRST_NAME", "Ilse"), "firstname", "The name matches after ignoring case and punctuation"},
		{column("State Region", "Saxony"), "state", "The label matches after ignoring case and punctuation"},
		{column("Surname", "Hartwig"), "lastname", "“Surname” is a word for last name"},
		{column("Vorname", "Ilse"), "firstname", "“Vorname” is German for first name"},
		{column("Straße", "Am Wall 3"), "address", "“Straße” is German for street address"},
		{column("Strasse", "Am Wall 3"), "address", "“Strasse” is German for street address"},
		{column("Taetigkeit", "Einkauf"), "jobtitle", "“Taetigkeit” is German for job title"},
		{column("Prénom", "Amélie"), "firstname", "“Prénom” is French for first name"},
		{column("code postal", "75011"), "zip", "“code postal” is French for postal code"},
		{column("Apellidos", "Ortega"), "lastname", "“Apellidos” is Spanish for last name"},
		{column("correo electronico", "a@b.example"), "email", "“correo electronico” is Spanish for e-mail, and the values look like e-mail addresses"},
		{column("Mailing City", "Bremen"), "city", "The name matches “City” once “mailing” is left out"},
		{column("npe01__WorkEmail__c", "a@b.example"), "work_email", "The name matches after ignoring case and punctuation, and the values look like e-mail addresses"},
		{column("Feld 7", "a@b.example", "c@d.example"), "email", "The values look like e-mail addresses"},
		{column("Feld 8", "Lead", "Customer"), "lifecyclestage", "2 of 2 sample values are options in HubSpot"},
		{column("Account manager", "Rufus Ekwueme"), "hubspot_owner_id", "“Account manager” is a word for owner"},
		{column("Favourite colour", "green"), "", ""},
		{column("Create Date", "2024-01-02"), "", ""}, // read only in HubSpot
		{column("HubSpot Score", "12"), "", ""},       // calculated
		{column("Email", "not given", "unknown"), "", ""},
		{column("Customer since", "long ago"), "", ""},
		{column("", "x"), "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.column.Name, func(t *testing.T) {
			t.Parallel()
			got := pairs(t, []source.Column{tt.column})[tt.column.Name]
			if got.Property != tt.property || got.Reason != tt.reason {
				t.Errorf("got %q because %q (%.2f), want %q because %q", got.Property, got.Reason, got.Score, tt.property, tt.reason)
			}
		})
	}
}

func TestPairsGivesEachPropertyToTheStrongestField(t *testing.T) {
	t.Parallel()
	got := pairs(t, []source.Column{
		column("E-Mail 2", "x@y.example"),
		column("Contact e-mail", "a@b.example"),
		column("Email", "c@d.example"),
		column("Tel.", "030 23125418"),
		column("Handy", "0171 2312541"),
	})
	if got["Email"].Property != "email" {
		t.Errorf("Email goes to %q, want email", got["Email"].Property)
	}
	if got["Tel."].Property != "phone" || got["Handy"].Property != "mobilephone" {
		t.Errorf("Tel. goes to %q and Handy to %q, want phone and mobilephone", got["Tel."].Property, got["Handy"].Property)
	}
}

func TestPairsLeavesTakenEndsAlone(t *testing.T) {
	t.Parallel()
	got := suggest.Pairs([]source.Column{column("Email", "a@b.example"), column("City", "Bremen")}, contacts(),
		suggest.Options{Fields: []string{"City"}, Properties: []string{"email", "work_email"}})
	if len(got) != 0 {
		t.Errorf("got %v, want nothing", got)
	}
}

func TestStepsReadTheSamples(t *testing.T) {
	t.Parallel()
	number := record.Property{Name: "amount", Label: "Amount", Type: record.TypeNumber}
	date := record.Property{Name: "customer_since", Type: record.TypeDate}
	moment := record.Property{Name: "signed", Type: record.TypeDateTime}
	yes := record.Property{Name: "active", Type: record.TypeBool}
	phone := record.Property{Name: "phone", Type: record.TypeString, FieldType: "phonenumber"}
	domain := record.Property{Name: "domain", Type: record.TypeString, FieldType: "text", Defined: true}
	owner := record.Property{Name: "hubspot_owner_id", Type: record.TypeEnumeration, Reference: "OWNER"}
	country := text("country", "Country/Region")

	step := func(name string, args ...any) transform.Step {
		s := transform.Step{Name: name}
		for i := 0; i < len(args); i += 2 {
			if s.Args == nil {
				s.Args = map[string]any{}
			}
			s.Args[args[i].(string)] = args[i+1]
		}
		return s
	}
	tests := []struct {
		name     string
		property record.Property
		samples  []string
		region   string
		want     transform.Chain
		hint     string // a part of the only hint
	}{
		{"spaces", text("city", "City"), []string{" Bremen"}, "", transform.Chain{step("trim")}, ""},
		{"nothing to do", text("city", "City"), []string{"Bremen"}, "", nil, ""},
		{"phone in the region", phone, []string{"030 23125418", "089 2312541"}, "DE", transform.Chain{step("phone", "region", "DE")}, ""},
		{"phone of another country", phone, []string{"(312) 226-2649", "773-226-1234"}, "FR", nil, "which country"},
		{"phone of a country that nobody named", phone, []string{"2262649", "030 23125418"}, "", nil, "which country"},
		{"phone with country code", phone, []string{"+49 30 23125418"}, "", transform.Chain{step("phone")}, ""},
		{"German date", date, []string{"03.02.2024", "17.11.2023"}, "", transform.Chain{step("date", "format", "DD.MM.YYYY")}, ""},
		{"American date", date, []string{"11/17/2023"}, "", transform.Chain{step("date", "format", "MM/DD/YYYY")}, ""},
		{"ambiguous date", date, []string{"03/04/2024"}, "", nil, "do not tell the day from the month"},
		{"ambiguous date in America", date, []string{"03/04/2024"}, "US", transform.Chain{step("date", "format", "MM/DD/YYYY")}, "MM/DD/YYYY"},
		{"ISO date", date, []string{"2024-02-03"}, "", nil, ""},
		{"moment", moment, []string{"03.02.2024 14:05"}, "", transform.Chain{step("datetime", "format", "DD.MM.YYYY HH:mm")}, ""},
		{"ISO moment", moment, []string{"2024-02-03T14:05:00Z"}, "", transform.Chain{step("datetime")}, ""},
		{"European number", number, []string{"1.234,56", "12,5"}, "", transform.Chain{step("number", "decimal", ",", "group", ".")}, ""},
		{"American number", number, []string{"1,234.56"}, "", transform.Chain{step("number", "decimal", ".", "group", ",")}, ""},
		{"French number", number, []string{"1\u202f234"}, "", transform.Chain{step("number", "decimal", ".", "group", " ")}, ""},
		{"Swiss number", number, []string{"12'500"}, "", transform.Chain{step("number", "decimal", ".", "group", "'")}, ""},
		{"plain number", number, []string{"12.5", "1250"}, "", nil, ""},
		{"yes and no", yes, []string{"Ja", "Nein"}, "", transform.Chain{step("boolean")}, ""},
		{"true and false", yes, []string{"true", "false"}, "", nil, ""},
		{"domain of an e-mail", domain, []string{"a@tolvane.example"}, "", transform.Chain{step("email-domain")}, ""},
		{"domain of a URL", domain, []string{"https://www.tolvane.example/de"}, "", transform.Chain{step("url-domain")}, ""},
		{"owner by name", owner, []string{"Rufus Ekwueme"}, "", transform.Chain{step("owner")}, ""},
		{"owner by id", owner, []string{"81723"}, "", nil, ""},
		{"country code", country, []string{"DE", "FR"}, "", transform.Chain{step("country", "to", "name")}, ""},
		{"country name", country, []string{"Germany"}, "", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, hints := suggest.Steps(column("c", tt.samples...), tt.property, tt.region)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("steps (-want +got):\n%s", d)
			}
			for _, s := range got {
				if err := transform.Check(s); err != nil {
					t.Errorf("step %v is not one that exists: %v", s, err)
				}
			}
			if tt.property.Reference == "" {
				for _, sample := range tt.samples {
					if _, err := got.Apply(record.Text(sample), transform.Env{}); err != nil {
						t.Errorf("the steps do not work on the sample: %v", err)
					}
				}
			}
			if all := strings.Join(hints, " "); tt.hint == "" && all != "" || !strings.Contains(all, tt.hint) {
				t.Errorf("hints %q, want %q", all, tt.hint)
			}
		})
	}
}

func TestKeysAreJudgedByFillAndDuplicates(t *testing.T) {
	t.Parallel()
	measured := func(name string, filled, unique int) source.Column {
		return source.Column{Name: name, Sampled: 1000, Filled: filled, Unique: unique}
	}
	columns := []source.Column{
		measured("Email", 990, 988), measured("Phone", 870, 860), measured("Customer id", 1000, 1000),
		measured("Company", 610, 300), measured("Stage", 1000, 4), measured("Old id", 0, 0),
	}
	properties := append(contacts(), text("legacy_id", "Legacy id"))
	got := suggest.Keys(columns, properties, []suggest.Line{
		{"Email", "email"}, {"Phone", "phone"}, {"Customer id", "billing_customer_id"},
		{"Company", "company"}, {"Stage", "lifecyclestage"}, {"Old id", "legacy_id"}, {"Gone", "email"},
	}, map[string]suggest.Measure{"email": {Rows: 84331, Filled: 81885, Distinct: 81885}})

	var lines []string
	for _, k := range got {
		lines = append(lines, fmt.Sprintf("%s → %s: %s, %.0f%% filled, %d duplicates: %s",
			k.Field, k.Property, k.Verdict, 100*k.Source.Fill(), k.Source.Duplicates(), k.Reason))
	}
	want := []string{
		"Customer id → billing_customer_id: Best, 100% filled, 0 duplicates: HubSpot keeps this property unique",
		"Email → email: Good, 99% filled, 2 duplicates: HubSpot keeps this property unique",
		"Phone → phone: Weak, 87% filled, 10 duplicates: Some rows have no value",
		"Old id → legacy_id: Not a key, 0% filled, 0 duplicates: The field is empty in every row looked at",
		"Company → company: Not a key, 61% filled, 310 duplicates: Many rows share a value",
	}
	if d := cmp.Diff(want, lines); d != "" {
		t.Errorf("keys (-want +got):\n%s", d)
	}
}

// TestPairsOfSalesforceContacts maps the exports of Salesforce's non-profit
// pack, whose custom fields carry a vendor's prefix.
func TestPairsOfSalesforceContacts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		file string
		want map[string]string
	}{
		{"1k_Contact.csv", map[string]string{
			"Salutation": "salutation", "FirstName": "firstname", "LastName": "lastname", "Phone": "phone", "Title": "jobtitle",
		}},
		{"trailhead_Contact.csv", map[string]string{
			"FirstName": "firstname", "LastName": "lastname", "MailingStreet": "address", "MailingCity": "city",
			"MailingState": "state", "MailingCountry": "country", "MailingPostalCode": "zip",
			"npe01__HomeEmail__c": "email", "npe01__WorkEmail__c": "work_email",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			got := map[string]string{}
			for _, p := range suggest.Pairs(readColumns(t, filepath.Join("npsp-salesforce", tt.file)), contacts(), suggest.Options{Region: "US"}) {
				got[p.Field] = p.Property
			}
			for field, property := range tt.want {
				if got[field] != property {
					t.Errorf("%s goes to %q, want %q", field, got[field], property)
				}
			}
			for _, field := range []string{"id", "account_id", "npe01__PreferredPhone__c", "npsp__Exclude_from_Household_Name__c", "npo02__TotalOppAmount__c"} {
				if p, ok := got[field]; ok {
					t.Errorf("%s goes to %q, want no suggestion", field, p)
				}
			}
		})
	}
}

// readColumns profiles a file of the shared data as a source does.
func readColumns(t *testing.T, path string) []source.Column {
	t.Helper()
	dir := os.Getenv("SYNCLINE_TESTDATA")
	if dir == "" {
		t.Skip("SYNCLINE_TESTDATA is not set")
	}
	f, err := os.Open(filepath.Join(dir, path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns := make([]source.Column, len(rows[0]))
	for i, name := range rows[0] {
		c, seen := source.Column{Name: name, Type: record.TypeString}, map[string]bool{}
		for _, row := range rows[1:] {
			c.Sampled++
			if row[i] == "" {
				continue
			}
			c.Filled++
			if !seen[row[i]] && len(c.Samples) < 3 {
				c.Samples = append(c.Samples, row[i])
			}
			seen[row[i]] = true
		}
		c.Unique = len(seen)
		columns[i] = c
	}
	return columns
}

// TestPairsIsOneToOneAndStable holds for whatever columns there are.
func TestPairsIsOneToOneAndStable(t *testing.T) {
	t.Parallel()
	names := []string{"Email", "E-Mail", "mail", "Phone", "Telefon", "Mobile", "Nom", "Name", "First Name", "vorname", "City", "Ort", "Created", "Owner", "", "Ω", "x__c"}
	samples := []string{"", "a@b.example", "+49 30 23125418", "Lead", "12", "1.234,5", "03.02.2024", "https://x.example", "ja"}
	properties := contacts()
	rapid.Check(t, func(rt *rapid.T) {
		columns := make([]source.Column, rapid.IntRange(0, 12).Draw(rt, "columns"))
		for i := range columns {
			columns[i] = column(fmt.Sprintf("%s %d", rapid.OneOf(rapid.SampledFrom(names), rapid.String()).Draw(rt, "name"), i),
				rapid.SliceOfN(rapid.SampledFrom(samples), 0, 3).Draw(rt, "samples")...)
			if rapid.Bool().Draw(rt, "unnumbered") {
				columns[i].Name = strings.TrimSuffix(columns[i].Name, fmt.Sprintf(" %d", i))
			}
		}
		got := suggest.Pairs(columns, properties, suggest.Options{})
		if d := cmp.Diff(got, suggest.Pairs(columns, properties, suggest.Options{})); d != "" {
			rt.Fatalf("a second call differs:\n%s", d)
		}
		seen := map[string]bool{}
		for _, p := range got {
			if seen[p.Property] {
				rt.Fatalf("%s is proposed twice", p.Property)
			}
			seen[p.Property] = true
			i := slices.IndexFunc(properties, func(q record.Property) bool { return q.Name == p.Property })
			if !properties[i].Writable() {
				rt.Fatalf("%s cannot be written", p.Property)
			}
			if p.Score < suggest.Threshold || p.Score > 1 || p.Reason == "" {
				rt.Fatalf("%+v has no score or reason", p)
			}
		}
	})
}

func TestColumnsOfActivitiesAreKnownByTheirWords(t *testing.T) {
	t.Parallel()
	activity := []record.Property{{Name: "hs_timestamp", Label: "Activity date", Type: record.TypeDateTime, FieldType: "date", Defined: true},
		text("hs_note_body", "Note body"), text("hs_task_subject", "Task Title"), options("hs_task_status", "Task Status", "Not started", "Completed")}
	for _, tt := range []struct{ word, sample, property string }{
		{"Date", "2026-03-02 09:30", "hs_timestamp"}, {"Due date", "2026-03-02", "hs_timestamp"}, {"Note", "Called", "hs_note_body"},
		{"Notiz", "Angerufen", "hs_note_body"}, {"Subject", "Call back", "hs_task_subject"}, {"Status", "Completed", "hs_task_status"},
	} {
		got := suggest.Pairs([]source.Column{column(tt.word, tt.sample)}, activity, suggest.Options{})
		if len(got) == 0 || got[0].Property != tt.property {
			t.Errorf("%s leads to %+v", tt.word, got)
		}
	}
}
