package suggest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/app/suggest"
	"syncline/sync/record"
	"syncline/sync/source"
)

// A column of domains or web addresses names companies, one of e-mail addresses
// names contacts; of two that do the one whose name says so.
func TestAssociationsAreProposed(t *testing.T) {
	t.Parallel()
	people := []source.Column{
		column("Email", "ann@acme.com", "bob@ferns.org"),
		column("Website", "https://blog.example.com", "https://bob.example.org"),
		column("Company domain", "acme.com", "ferns.org"),
	}
	domain := suggest.Association{Field: "Company domain", To: "companies", Match: "domain", Reason: "The values are domains, which name companies by their domain"}
	for name, tt := range map[string]struct {
		columns []source.Column
		object  string
		taken   []string
		want    []suggest.Association
	}{
		"the name decides": {columns: people, object: "contacts", want: []suggest.Association{domain}},
		"what is taken": {columns: people, object: "contacts", taken: []string{"Company domain"}, want: []suggest.Association{
			{Field: "Website", To: "companies", Match: "domain", Reason: "The values are web addresses, which name companies by their domain"}}},
		"both, for a deal": {columns: people, object: "deals", want: []suggest.Association{
			{Field: "Email", To: "contacts", Match: "email", Reason: "The values are e-mail addresses, which name contacts"}, domain}},
		"several in a cell": {columns: []source.Column{column("People", "a@acme.com; b@acme.com", "c@acme.com")}, object: "deals", want: []suggest.Association{
			{Field: "People", To: "contacts", Match: "email", Split: ";", Reason: "The values are e-mail addresses, several in a cell with “;” between them, which name contacts"}}},
		"profiles of one site":   {columns: []source.Column{column("Profile", "https://net.example/ann", "https://www.net.example/bob")}, object: "contacts"},
		"colleagues":             {columns: []source.Column{column("Account owner", "ann@us.com", "bob@us.com")}, object: "deals"},
		"a company's own domain": {columns: []source.Column{column("Domain", "acme.com", "ferns.org")}, object: "companies"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(tt.want, suggest.Associations(tt.columns, tt.object, tt.taken)); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

// A line that is drawn by hand finds records by what the column looks like.
func TestKeyOfADrawnAssociation(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		column source.Column
		to     string
		want   string
	}{
		{column("Domain", "acme.com"), "companies", "domain"},
		{column("Company", "Acme Ltd"), "companies", "name"},
		{column("Hubspot company id", "123"), "companies", "hs_object_id"},
		{column("Deal", "Big one"), "deals", "dealname"},
		{column("Car", "Audi"), "p1_cars", ""},
	} {
		if got := suggest.AssociationKey(tt.column, tt.to); got != tt.want {
			t.Errorf("%s to %s: %q, want %q", tt.column.Name, tt.to, got, tt.want)
		}
	}
}

// The property of one site's addresses is not proposed for any web address.
func TestPropertyOfOneSiteTakesItsAddressesOnly(t *testing.T) {
	t.Parallel()
	linkedIn := record.Property{Name: "hs_linkedin_url", Label: "LinkedIn URL", Type: record.TypeString, FieldType: "text", Defined: true}
	for sample, want := range map[string]int{"acme.com": 0, "https://www.linkedin.com/in/ann": 1} {
		if got := suggest.Pairs([]source.Column{column("Found at", sample)}, []record.Property{linkedIn}, suggest.Options{}); len(got) != want {
			t.Errorf("%s: %+v", sample, got)
		}
	}
}
