package practice_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// fill makes contacts with about twenty written properties, in batches.
func fill(c *client, n int) {
	c.t.Helper()
	for from := 0; from < n; from += 100 {
		if r := c.do("POST", "/crm/v3/objects/contacts/batch/create", batchBody(from, min(n, from+100))); r.status >= 300 {
			c.t.Fatalf("batch create: %d %.500s", r.status, r.raw)
		}
	}
}

func batchBody(from, to int) string {
	var b strings.Builder
	b.WriteString(`{"inputs":[`)
	for i := from; i < to; i++ {
		if i > from {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"objectWriteTraceId":"%d","properties":{"email":"person.number%d@example.com","firstname":"First%d","lastname":"Last%d","phone":"+44 20 %d",`+
			`"mobilephone":"+44 77 %d","company":"Company %d","address":"%d High Street","city":"City %d","state":"State","zip":"%d","country":"United Kingdom",`+
			`"jobtitle":"Head of %d","website":"https://example.com/%d","fax":"%d","industry":"Software","lifecyclestage":"lead","hs_lead_status":"NEW",`+
			`"salutation":"Dr","numemployees":"5-25"}}`,
			i, i, i, i, i, i, i%5000, i, i%300, i%99999, i%40, i, i)
	}
	b.WriteString("]}")
	return b.String()
}

func BenchmarkBatchCreate100(b *testing.B) {
	c := open(b, practice.Options{})
	n := 0
	for b.Loop() {
		b.StopTimer()
		body := batchBody(n, n+100)
		n += 100
		b.StartTimer()
		resp, err := c.http.Do(c.request("POST", "/crm/v3/objects/contacts/batch/create", body))
		if err != nil || resp.StatusCode != 201 {
			b.Fatal(resp, err)
		}
	}
}

// BenchmarkPortalOf100k reports what a large portal weighs and how long the
// searches of a sync take on it.
func BenchmarkPortalOf100k(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c := open(b, practice.Options{})
	fill(c, 100_000)
	runtime.GC()
	runtime.ReadMemStats(&after)
	weight := float64(after.HeapAlloc-before.HeapAlloc) / (1 << 20)
	r := c.do("POST", "/crm/v3/objects/contacts/search", `{"limit":1}`)
	mod := r.text("results.0.properties.lastmodifieddate")
	mid := c.do("POST", "/crm/v3/objects/contacts/search", `{"limit":1,"after":"9000"}`).text("results.0.id")
	searches := map[string]string{
		"keyset":   fmt.Sprintf(`{"filterGroups":[{"filters":[{"propertyName":"lastmodifieddate","operator":"BETWEEN","value":"%s","highValue":"4102444800000"},{"propertyName":"hs_object_id","operator":"GT","value":"%s"}]}],"sorts":[{"propertyName":"hs_object_id","direction":"ASCENDING"}],"limit":200}`, mod, mid),
		"modified": fmt.Sprintf(`{"filterGroups":[{"filters":[{"propertyName":"lastmodifieddate","operator":"GTE","value":"%s"}]}],"sorts":[{"propertyName":"lastmodifieddate","direction":"ASCENDING"}],"limit":200}`, mod),
		"email":    `{"filterGroups":[{"filters":[{"propertyName":"email","operator":"EQ","value":"person.number77777@example.com"}]}],"limit":10}`,
	}
	for _, name := range []string{"keyset", "modified", "email"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if r := c.do("POST", "/crm/v3/objects/contacts/search", searches[name]); r.status != 200 {
					b.Fatal(r.raw)
				}
			}
			b.ReportMetric(weight, "MB-portal")
		})
	}
	runtime.KeepAlive(c)
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		practice.New(practice.Options{})
	}
}
