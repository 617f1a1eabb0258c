package mapping_test

import (
	"strings"
	"testing"

	"syncline/sync/definition"
	"syncline/sync/mapping"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// HubSpot takes anything for a company's domain; what can be none is stopped.
func TestACompanysDomainIsOne(t *testing.T) {
	t.Parallel()
	d := &definition.Definition{Source: definition.Source{Key: []string{"id"}}, HubSpot: definition.HubSpot{Object: "companies"}, Direction: definition.ToHubSpot,
		Fields: []definition.Field{{Field: "V", Property: "domain", Direction: definition.ToHubSpot}}}
	m, err := mapping.New(d, mapping.Object{ID: "0-2", Domain: "domain", Lifecycle: "lifecyclestage"}, []record.Property{{Name: "domain", Label: "Company Domain Name", Type: record.TypeString, FieldType: "text"}}, transform.Env{})
	if err != nil {
		t.Fatal(err)
	}
	for cell, want := range map[string]string{
		"acme.com": "acme.com", "https://www.Acme.com/about?x=1": "acme.com", "www.acme.com": "acme.com", "http://acme.com:8080": "acme.com", "acme.com.": "acme.com", "acme.com/": "acme.com",
		"//acme.com": "acme.com", "ftp://acme.com": "acme.com", "münchen.de": "xn--mnchen-3ya.de", "xn--mnchen-3ya.de": "xn--mnchen-3ya.de", "acme_q.com": "acme_q.com", "acme.example": "acme.example",
		"a.b-c.co.uk": "a.b-c.co.uk", "123.com": "123.com", " acme.com ": "acme.com", "例え.jp": "xn--r8jz45g.jp", "": "",
		"http://": "!no domain", "https://www.": "!no domain", "-": "!no domain", "www.": "!no domain", "www": "!no domain", "localhost": "!no domain", "http://localhost:3000": "!no domain", "www.acme": "!no domain",
		"1.2.3.4": "!no domain", ".": "!no domain", "...": "!no domain", ".com": "!no domain", "acme..com": "!no domain", "-.com": "!no domain", "acme.-": "!no domain", "http://-": "!no domain", "acme!.com": "!no domain",
		"acme q9": "!no domain", "acme.com, beta.com": "!no domain", "?": "!no domain", "http:///about": "!no domain", "unknown": "!no domain", "none": "!", "info@acme.com": "!e-mail address",
	} {
		value, why := sent(m, cell, nil)
		words, stopped := strings.CutPrefix(want, "!")
		if stopped && (why == "" || !strings.Contains(why, words)) || !stopped && (why != "" || value != want) {
			t.Errorf("%q: sent is %q (%s), want %q", cell, value, why, want)
		}
		if again, why := sent(m, value, nil); !stopped && (again != value || why != "") {
			t.Errorf("%q: the form %q becomes %q in its turn (%s)", cell, value, again, why)
		}
	}
}
