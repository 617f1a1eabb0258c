package practice_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"syncline/sync/hubspot/practice"
)

type filter = map[string]any

func where(property, operator string, value ...string) filter {
	f := filter{"propertyName": property, "operator": operator}
	switch {
	case operator == "IN" || operator == "NOT_IN":
		f["values"] = value
	case operator == "BETWEEN":
		f["value"], f["highValue"] = value[0], value[1]
	case len(value) > 0:
		f["value"] = value[0]
	}
	return f
}

// search returns the names of the contacts that all filters match, by id.
func (c *client) search(objectType string, show string, filters ...filter) []string {
	c.t.Helper()
	r := c.do("POST", "/crm/v3/objects/"+objectType+"/search", map[string]any{
		"filterGroups": []any{map[string]any{"filters": filters}}, "properties": []string{show}, "limit": 200}).want(c.t, 200)
	got := []string{}
	for i := range r.count("results") {
		got = append(got, r.text(fmt.Sprintf("results.%d.properties.%s", i, show)))
	}
	return got
}

func TestOperators(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	for _, p := range []props{
		{"firstname": "Ada", "email": "ada.king@lovelace.org", "lifecyclestage": "lead", "phone": "+44 20 1"},
		{"firstname": "Bea", "email": "sales@hubspot.com", "lifecyclestage": "customer"},
		{"firstname": "cy", "lifecyclestage": "subscriber", "phone": ""},
	} {
		c.contact(p)
	}
	for _, tt := range []struct {
		f    filter
		want string
	}{
		{where("firstname", "EQ", "ADA"), "Ada"},
		{where("firstname", "NEQ", "ada"), "Bea cy"},
		{where("firstname", "GT", "B"), "Bea cy"},
		{where("firstname", "LTE", "bea"), "Ada Bea"},
		{where("firstname", "BETWEEN", "b", "d"), "Bea cy"},
		{where("firstname", "IN", "ada", "cy"), "Ada cy"},
		{where("firstname", "IN", "Ada"), ""}, // text values of IN must be lower case
		{where("firstname", "NOT_IN", "ada"), "Bea cy"},
		{where("lifecyclestage", "IN", "lead", "customer"), "Ada Bea"},
		{where("lifecyclestage", "EQ", "LEAD"), ""}, // enumerations have case
		{where("phone", "HAS_PROPERTY"), "Ada"},
		{where("phone", "NOT_HAS_PROPERTY"), "Bea cy"},
		{where("email", "CONTAINS_TOKEN", "*@hubspot.com"), "Bea"},
		{where("email", "CONTAINS_TOKEN", "love*"), "Ada"},
		{where("email", "CONTAINS_TOKEN", "love"), ""},
		{where("email", "CONTAINS_TOKEN", "KING"), "Ada"},
		{where("email", "NOT_CONTAINS_TOKEN", "king"), "Bea"},
		{where("email", "NEQ", "sales@hubspot.com"), "Ada"}, // no value, no match
		{where("createdate", "GT", "2000-01-01T00:00:00.000Z"), "Ada Bea cy"},
		{where("createdate", "LT", "946684800000"), ""},
	} {
		if got := strings.Join(c.search("contacts", "firstname", tt.f), " "); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.f, got, tt.want)
		}
	}
	loose := open(t, practice.Options{Switches: practice.Switches{NegationsMatchEmpty: true}})
	loose.contact(props{"firstname": "x"})
	for _, f := range []filter{where("phone", "NEQ", "1"), where("phone", "NOT_IN", "1"), where("phone", "NOT_CONTAINS_TOKEN", "1")} {
		if got := loose.search("contacts", "firstname", f); len(got) != 1 {
			t.Errorf("the switch makes %v match a record without value", f)
		}
	}
}

func TestNumbersAndDatesCompareAsSuch(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	for name, amount := range map[string]string{"a": "9", "b": "10", "c": "1e2"} {
		c.create("deals", props{"dealname": name, "dealstage": "appointmentscheduled", "amount": amount, "closedate": "2024-0" + strconv.Itoa(len(amount)) + "-01T00:00:00Z"})
	}
	sorted := func(f filter) string {
		got := c.search("deals", "dealname", f)
		slices.Sort(got)
		return strings.Join(got, "")
	}
	if got := sorted(where("amount", "GTE", "10.0")); got != "bc" {
		t.Errorf("amount: %q", got)
	}
	if got := sorted(where("amount", "IN", "100", "9")); got != "ac" {
		t.Errorf("amount IN: %q", got)
	}
	if got := sorted(where("closedate", "BETWEEN", "2024-02-01", "1709251200000")); got != "bc" {
		t.Errorf("closedate: %q", got)
	}
}

func TestGroupsAreAlternatives(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	for _, n := range []string{"a", "b", "c"} {
		c.contact(props{"firstname": n, "lastname": n + n})
	}
	r := c.do("POST", "/crm/v3/objects/contacts/search", map[string]any{"filterGroups": []any{
		map[string]any{"filters": []any{where("firstname", "EQ", "a"), where("lastname", "EQ", "aa")}},
		map[string]any{"filters": []any{where("firstname", "EQ", "b"), where("lastname", "EQ", "zz")}},
		map[string]any{"filters": []any{where("firstname", "EQ", "c")}}}}).want(t, 200)
	if r.at("total") != 2.0 {
		t.Errorf("total %v: %s", r.at("total"), r.raw)
	}
	r = c.do("POST", "/crm/v3/objects/contacts/search", map[string]any{"filters": []any{where("firstname", "EQ", "b")}}).want(t, 200)
	if r.at("total") != 1.0 {
		t.Errorf("filters without groups: %s", r.raw)
	}
	r = c.do("POST", "/crm/v3/objects/contacts/search", map[string]any{"query": "BB", "limit": "5"}).want(t, 200)
	if r.at("total") != 1.0 {
		t.Errorf("query: %s", r.raw)
	}
}

func TestSearchLimits(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	c.contact(props{"firstname": "a"})
	repeat := func(n int, v any) []any { return slices.Repeat([]any{v}, n) }
	group := func(n int) any {
		return map[string]any{"filters": repeat(n, where("firstname", "HAS_PROPERTY"))}
	}
	for name, tt := range map[string]struct {
		body              any
		category, message string
	}{
		"groups":        {map[string]any{"filterGroups": repeat(6, group(1))}, "VALIDATION_ERROR", "too many filterGroups (count: 6, max allowed: 5)"},
		"in a group":    {map[string]any{"filterGroups": repeat(1, group(7))}, "VALIDATION_ERROR", "too many filters per filter group (count: 7, max allowed: 6)"},
		"in total":      {map[string]any{"filterGroups": repeat(4, group(5))}, "VALIDATION_ERROR", "too many filters (count: 20, max allowed: 18)"},
		"page":          {map[string]any{"limit": 201}, "VALIDATION_ERROR", "limit"},
		"sorts":         {map[string]any{"sorts": []string{"email", "firstname"}}, "VALIDATION_ERROR", "sorts"},
		"reach":         {map[string]any{"after": "10000"}, "", "There was a problem with the request."},
		"reach of page": {map[string]any{"after": "9801", "limit": 200}, "", "There was a problem with the request."},
		"body":          {map[string]any{"query": strings.Repeat("x", 3001)}, "VALIDATION_ERROR", "too long"},
		"unknown":       {map[string]any{"filters": []any{where("no_such", "EQ", "x")}}, "", "There was a problem with the request."},
		"operator":      {map[string]any{"filters": []any{where("email", "LIKE", "x")}}, "", "There was a problem"},
		"value":         {map[string]any{"filters": []any{where("email", "EQ")}}, "VALIDATION_ERROR", "value"},
		"date":          {map[string]any{"filters": []any{where("lastmodifieddate", "GT", "yesterday")}}, "", "There was a problem"},
	} {
		t.Run(name, func(t *testing.T) {
			c.do("POST", "/crm/v3/objects/contacts/search", tt.body).wantError(t, 400, tt.category, tt.message)
		})
	}
	c.do("POST", "/crm/v3/objects/contacts/search", map[string]any{"after": "9999", "limit": 1}).want(t, 200)
	c.do("POST", "/crm/v3/objects/contacts/search", map[string]any{"filterGroups": repeat(3, group(6))}).want(t, 200)

	for sw, want := range map[practice.Switches]int{{UnknownFilterSilent: true}: 200, {UnknownFilterNamed: true}: 400} {
		v := open(t, practice.Options{Switches: sw})
		v.do("POST", "/crm/v3/objects/contacts/search", map[string]any{"filters": []any{where("no_such", "EQ", "x")}}).want(t, want)
	}
}

func TestSearchPagesByOffset(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	for i := range 25 {
		c.contact(props{"firstname": fmt.Sprintf("%02d", 24-i)})
	}
	var got []string
	after := ""
	for range 5 {
		body := map[string]any{"sorts": []any{map[string]any{"propertyName": "firstname", "direction": "DESCENDING"}}, "properties": []string{"firstname"}, "limit": 10}
		if after != "" {
			body["after"] = after
		}
		r := c.do("POST", "/crm/v3/objects/contacts/search", body).want(t, 200)
		if r.at("total") != 25.0 {
			t.Fatalf("total %v", r.at("total"))
		}
		for i := range r.count("results") {
			got = append(got, r.text(fmt.Sprintf("results.%d.properties.firstname", i)))
		}
		if r.at("paging.next.link") != nil {
			t.Error("search has no link")
		}
		if after = r.text("paging.next.after"); after == "" {
			break
		}
		if after != strconv.Itoa(len(got)) {
			t.Fatalf("after %s at %d rows", after, len(got))
		}
	}
	if len(got) != 25 || !slices.IsSortedFunc(got, func(a, b string) int { return cmp.Compare(b, a) }) {
		t.Errorf("rows %v", got)
	}
}

func TestSearchByAssociation(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	company := c.create("companies", props{"name": "Acme"})
	a := c.contact(props{"firstname": "a"})
	c.contact(props{"firstname": "b"})
	if err := c.portal.Associate("contacts", a, "companies", company, ""); err != nil {
		t.Fatal(err)
	}
	if got := c.search("contacts", "firstname", where("associations.company", "EQ", company)); !slices.Equal(got, []string{"a"}) {
		t.Errorf("got %v", got)
	}
}

func TestIndexLagsBehindTheTruth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, practice.Options{SearchLag: practice.Fixed(5 * time.Second)})
		id := c.contact(props{"firstname": "a"})
		found := func(name string) int { return len(c.search("contacts", "firstname", where("firstname", "EQ", name))) }
		if found("a") != 0 {
			t.Error("a new record shows at once")
		}
		c.do("GET", "/crm/v3/objects/contacts/"+id, nil).want(t, 200)
		time.Sleep(5 * time.Second)
		if found("a") != 1 {
			t.Error("after the lag the record is missing")
		}
		if err := c.portal.Edit("contacts", id, props{"firstname": "b"}); err != nil {
			t.Fatal(err)
		}
		if found("a") != 1 || found("b") != 0 {
			t.Error("search must still show the old value")
		}
		c.portal.SettleIndex()
		if found("a") != 0 || found("b") != 1 {
			t.Error("a settled index shows the new value")
		}
	})
}

func TestRowsMayBeNewerThanTheFilterWhenTheSwitchSaysSo(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{SearchLag: practice.Fixed(time.Hour), Switches: practice.Switches{FreshRows: true}})
	id := c.contact(props{"firstname": "a"})
	c.portal.SettleIndex()
	if err := c.portal.Edit("contacts", id, props{"firstname": "b"}); err != nil {
		t.Fatal(err)
	}
	if got := c.search("contacts", "firstname", where("firstname", "EQ", "a")); !slices.Equal(got, []string{"b"}) {
		t.Errorf("got %v, want the present value", got)
	}
}

// The window walk with its zones must find and count what a plain look at
// every record finds, whatever was created, edited, archived or merged.
func TestWindowsMatchAPlainScan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := time.UnixMilli(1_700_000_000_000)
		p := practice.New(practice.Options{Seed: rapid.Uint64().Draw(t, "seed"), Now: func() time.Time { return now },
			Limits: practice.Limits{Off: true}, SearchLag: practice.HeavyTail(2*time.Second, time.Minute, 0.1)})
		c := &client{t: reporter{t: t}, portal: p, token: p.Token(), http: newHTTP(p)}
		var ids []string
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			switch k := rapid.IntRange(0, 9).Draw(t, "step"); {
			case k < 5 || len(ids) == 0:
				id, err := p.Create("contacts", props{"firstname": strconv.Itoa(len(ids) % 3)})
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, id)
			case k < 7:
				_ = p.Edit("contacts", rapid.SampledFrom(ids).Draw(t, "id"), props{"firstname": strconv.Itoa(k)})
			case k == 7:
				_ = p.Archive("contacts", rapid.SampledFrom(ids).Draw(t, "id"))
			case k == 8:
				if id, err := p.Merge("contacts", rapid.SampledFrom(ids).Draw(t, "a"), rapid.SampledFrom(ids).Draw(t, "b")); err == nil {
					ids = append(ids, id)
				}
			default:
				now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			}
		}
		p.SettleIndex()
		from := 1_700_000_000_000 + rapid.Int64Range(-10, 30_000).Draw(t, "from")
		to := from + rapid.Int64Range(0, 30_000).Draw(t, "width")
		above := rapid.SampledFrom(append(ids, "0")).Draw(t, "above")
		limit := rapid.IntRange(1, 20).Draw(t, "limit")
		first := rapid.SampledFrom([]string{"", "0", "1", "5"}).Draw(t, "firstname")
		var want []string
		for id, v := range p.Records("contacts") {
			mod, err := time.Parse(time.RFC3339Nano, v["lastmodifieddate"])
			if err != nil {
				t.Fatal(err)
			}
			a, _ := strconv.Atoi(id)
			b, _ := strconv.Atoi(above)
			if ms := mod.UnixMilli(); ms >= from && ms <= to && a > b && (first == "" || v["firstname"] == first) {
				want = append(want, id)
			}
		}
		filters := []filter{where("lastmodifieddate", "BETWEEN", fmt.Sprint(from), fmt.Sprint(to)), where("hs_object_id", "GT", above)}
		if first != "" {
			filters = append(filters, where("firstname", "EQ", first))
		}
		r := c.do("POST", "/crm/v3/objects/contacts/search", map[string]any{"filterGroups": []any{map[string]any{"filters": filters}},
			"sorts": []any{map[string]any{"propertyName": "hs_object_id", "direction": "ASCENDING"}}, "limit": limit})
		var got []string
		for i := range r.count("results") {
			got = append(got, r.text(fmt.Sprintf("results.%d.id", i)))
		}
		if r.at("total") != float64(len(want)) || !slices.Equal(got, want[:min(limit, len(want))]) {
			t.Fatalf("total %v, rows %v\nwant %d of %v", r.at("total"), got, limit, want)
		}
	})
}
