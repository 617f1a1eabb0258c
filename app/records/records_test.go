package records_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/language"

	"syncline/app/records"
	"syncline/app/shown"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/record"
)

// berlin is two hours east of UTC in June.
var berlin = time.FixedZone("Berlin", 7200)

func open(t *testing.T, p *practice.Portal, object string) *records.Catalogue {
	t.Helper()
	client, err := hubspot.New(hubspot.Config{Transport: p.Transport(), Tokens: hubspot.StaticToken(p.Token())})
	if err != nil {
		t.Fatal(err)
	}
	c, err := records.Open(t.Context(), client, object, shown.New(language.English, berlin))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func quick() practice.Options {
	return practice.Options{Limits: practice.Limits{Burst: 100_000, Search: 100_000}}
}

func create(t *testing.T, p *practice.Portal, object string, props ...string) string {
	t.Helper()
	m := make(map[string]string)
	for i := 0; i < len(props); i += 2 {
		m[props[i]] = props[i+1]
	}
	id, err := p.Create(object, m)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Every operator finds what its words say, in the portal's own search. Texts in lists are found in
// any case, and a day is a day where the person is.
func TestEveryOperatorFindsWhatItsWordsSay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, findsWhatItsWordsSay) // the client keeps to five searches a second
}

func findsWhatItsWordsSay(t *testing.T) {
	p := practicetest.New(t, quick())
	if err := p.CreateProperty("contacts", practice.Property{Name: "seen_at", Label: "Seen", Type: "datetime"}); err != nil {
		t.Fatal(err)
	}
	if err := p.CreateProperty("contacts", practice.Property{Name: "born", Label: "Born", Type: "date"}); err != nil {
		t.Fatal(err)
	}
	if err := p.CreateProperty("contacts", practice.Property{Name: "likes", Label: "Likes", Type: "enumeration", FieldType: "checkbox", Options: []string{"Tea", "Coffee", "Wine"}}); err != nil {
		t.Fatal(err)
	}
	if err := p.CreateProperty("contacts", practice.Property{Name: "score", Label: "Score", Type: "number"}); err != nil {
		t.Fatal(err)
	}
	if err := p.CreateProperty("contacts", practice.Property{Name: "vip_guest", Label: "Very important", Type: "bool"}); err != nil {
		t.Fatal(err)
	}
	ann := create(t, p, "contacts", "firstname", "Ann", "city", "Graz", "likes", "Tea;Wine", "score", "10", "vip_guest", "true", "born", "1990-06-14", "seen_at", "2026-06-14T21:59:59.999Z", "lifecyclestage", "customer")
	bob := create(t, p, "contacts", "firstname", "Bob", "city", "New Ulm", "likes", "Coffee", "score", "20", "vip_guest", "false", "born", "1990-06-15", "seen_at", "2026-06-14T22:00:00.000Z", "lifecyclestage", "lead")
	cy := create(t, p, "contacts", "firstname", "Cy", "lifecyclestage", "lead")
	p.SettleIndex()
	c := open(t, p, "contacts")
	names := map[string]string{ann: "ann", bob: "bob", cy: "cy"}
	for _, tt := range []struct{ where, want string }{
		{"city = graz", "ann"},
		{`city = "New Ulm"`, "bob"},
		{"city CONTAINS_TOKEN ulm", "bob"},
		{"city IN GRAZ,New Ulm", "ann bob"},
		{"city HAS_PROPERTY", "ann bob"},
		{"city NOT_HAS_PROPERTY", "cy"},
		{"score > 10", "bob"},
		{"score>=10", "ann bob"},
		{"score < 20", "ann"},
		{"score <= 20", "ann bob"},
		{"score BETWEEN 5,15", "ann"},
		{"score IN 10,30", "ann"},
		{"vip_guest = true", "ann"},
		{"lifecyclestage IN customer,lead", "ann bob cy"},
		{"lifecyclestage = lead", "bob cy"},
		{"likes IN Tea,Coffee", "ann bob"},
		{"likes = Tea;Wine", "ann"},
		{"born = 1990-06-14", "ann"},
		{"born > 1990-06-14", "bob"},
		{"born >= 1990-06-14", "ann bob"},
		{"born < 1990-06-15", "ann"},
		{"born BETWEEN 1990-06-15,1990-06-20", "bob"},
		{"seen_at = 2026-06-14", "ann"},
		{"seen_at > 2026-06-14", "bob"},
		{"seen_at <= 2026-06-14", "ann"},
		{"seen_at >= 2026-06-15", "bob"},
		{"seen_at < 2026-06-15", "ann"},
		{"seen_at BETWEEN 2026-06-14,2026-06-15", "ann bob"},
		{"seen_at >= 2026-06-14T22:00:00Z", "bob"},
	} {
		cond, err := records.ParseCondition(tt.where)
		if err != nil {
			t.Error(err)
			continue
		}
		found, err := c.Find(records.Query{Filter: records.Filter{{cond}}})
		if err != nil {
			t.Errorf("%s: %v", tt.where, err)
			continue
		}
		page, err := found.Page(t.Context(), 0)
		if err != nil {
			t.Errorf("%s: %v", tt.where, err)
			continue
		}
		var got []string
		for _, r := range page {
			got = append(got, names[r.ID])
		}
		slices.Sort(got)
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s finds %v, want %s", tt.where, got, tt.want)
		}
	}
	// The rest of the thirteen are understood by HubSpot; what they make of records without a value
	// is documented nowhere.
	for _, where := range []string{"city != Graz", "city NOT_IN graz,rome", "city NOT_CONTAINS_TOKEN ulm", "score != 10", "likes NOT_IN Tea", "lifecyclestage NOT_IN lead"} {
		cond, err := records.ParseCondition(where)
		if err != nil || cond.Uncertain() == "" {
			t.Errorf("%s: %v, uncertain: %q", where, err, cond.Uncertain())
		}
		found, err := c.Find(records.Query{Filter: records.Filter{{cond}}})
		if err != nil {
			t.Errorf("%s: %v", where, err)
			continue
		}
		if page, err := found.Page(t.Context(), 0); err != nil || len(page) == 0 {
			t.Errorf("%s: %d records, %v", where, len(page), err)
		}
	}
}

// What HubSpot would answer with "There was a problem with the request." is said here, in words.
func TestAFilterThatHubSpotWouldRefuseIsExplained(t *testing.T) {
	t.Parallel()
	c := open(t, practicetest.New(t, practice.Options{}), "contacts")
	one := records.Condition{Property: "city", Operator: "EQ", Values: []string{"Graz"}}
	six := slices.Repeat(records.Group{one}, 6)
	for _, tt := range []struct {
		f    records.Filter
		want string
	}{
		{records.Filter{{{Property: "town", Operator: "EQ", Values: []string{"x"}}}}, `there is no property "town"`},
		{records.Filter{{{Property: "city", Operator: "GT", Values: []string{"x"}}}}, `City can't be filtered by "GT"`},
		{records.Filter{{{Property: "city", Operator: "EQ", Values: []string{" "}}}}, "City is …: give a value"},
		{records.Filter{{{Property: "city", Operator: "EQ", Values: []string{"a", "b"}}}}, "takes one value, not 2"},
		{records.Filter{{{Property: "createdate", Operator: "BETWEEN", Values: []string{"2026-01-01"}}}}, "give the lowest and the highest value"},
		{records.Filter{{{Property: "createdate", Operator: "GT", Values: []string{"14.11.2026"}}}}, "is no day; write it as 2026-11-14"},
		{records.Filter{{{Property: "num_notes", Operator: "GT", Values: []string{"many"}}}}, "is no number"},
		{records.Filter{{{Property: "associations.company", Operator: "EQ", Values: []string{"acme"}}}}, "is no record id"},
		{records.Filter{append(slices.Clone(six), one)}, "takes 6 conditions in a group, and there are 7"},
		{records.Filter{six, six, six, {one}}, "takes 5 groups and 18 conditions, and there are 4 and 19"},
	} {
		if err := tt.f.Check(c.Property); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
	for _, text := range []string{"", "city", "= x", "city ABOUT x", "city HAS_PROPERTY x", `city IN "a`} {
		if got, err := records.ParseCondition(text); err == nil {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
}

// A list of any length is read page by page wherever one looks, past the 10,000 that one search
// shows, and no page costs more than its own call but for one for each ten thousand before it.
func TestResultsReachPastTenThousand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, reachPastTenThousand) // the client keeps to five searches a second
}

func reachPastTenThousand(t *testing.T) {
	p := practicetest.New(t, quick())
	const many = 20_150
	ids := make([]string, many)
	for i := range ids {
		ids[i] = create(t, p, "contacts", "firstname", "N"+strconv.Itoa(i))
	}
	p.SettleIndex()
	c := open(t, p, "contacts")
	found, err := c.Find(records.Query{Columns: []string{"firstname"}})
	if err != nil {
		t.Fatal(err)
	}
	before := c.Client.Traffic().Total
	last, err := found.Page(t.Context(), many/records.PageSize)
	if err != nil || len(last) != 50 || last[49].ID != ids[many-1] {
		t.Fatalf("the last page has %d records, %v", len(last), err)
	}
	if calls := c.Client.Traffic().Total - before; calls != 3 {
		t.Errorf("it took %d calls, want one and one for each ten thousand before it", calls)
	}
	if _, err := found.Page(t.Context(), 0); err != nil || found.Total() != many || found.Reach() != many {
		t.Errorf("%d of %d, %v", found.Reach(), found.Total(), err)
	}
	for _, n := range []int{0, 99, 100, 199, 200} {
		page, err := found.Page(t.Context(), n)
		if err != nil || len(page) == 0 || page[0].ID != ids[n*records.PageSize] {
			t.Errorf("page %d begins with another record: %v", n, err)
		}
	}
	if page, err := found.Page(t.Context(), 300); err != nil || len(page) != 0 {
		t.Errorf("past the end: %d, %v", len(page), err)
	}
	sorted, err := c.Find(records.Query{Sort: "-firstname"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sorted.Page(t.Context(), 0); err != nil || sorted.Reach() != 10_000 || sorted.Total() != many {
		t.Errorf("sorted by a name: %d of %d, %v", sorted.Reach(), sorted.Total(), err)
	}
	n := 0
	filtered, err := c.Find(records.Query{Filter: records.Filter{{{Property: "firstname", Operator: "HAS_PROPERTY"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := filtered.All(t.Context(), func(page []record.Record) error { n += len(page); return nil }); err != nil || n != many {
		t.Errorf("all of them: %d, %v", n, err)
	}
	full, err := c.Find(records.Query{Filter: records.Filter{slices.Repeat(records.Group{{Property: "firstname", Operator: "HAS_PROPERTY"}}, 6)}})
	if err != nil {
		t.Fatal(err)
	}
	var refused *records.Problem
	if _, err := full.Page(t.Context(), 150); !errors.As(err, &refused) {
		t.Errorf("a filter without room for one condition more: %v", err)
	}
	if err := full.All(t.Context(), func([]record.Record) error { return nil }); !errors.As(err, &refused) {
		t.Errorf("all of a filter without room: %v", err)
	}
}

// A type that HubSpot only lists is shown too.
func TestATypeThatIsOnlyListedHasPages(t *testing.T) {
	t.Parallel()
	typ, _ := hubspot.FindObjectType("marketing_events")
	if !typ.NoSearch {
		t.Fatal("marketing events can be searched now: choose another type")
	}
	p := practicetest.New(t, quick())
	for i := range 250 {
		create(t, p, "contacts", "firstname", "N"+strconv.Itoa(i))
	}
	c := *open(t, p, "contacts")
	c.Object.NoSearch = true // the practice portal has no such type
	found, err := c.Find(records.Query{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, n := range []int{2, 0, 1, 3} {
		page, err := found.Page(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			seen[r.ID] = true
		}
	}
	if len(seen) != 250 || found.Total() != 250 {
		t.Errorf("%d records on the pages, total %d", len(seen), found.Total())
	}
	if _, err := c.Find(records.Query{Text: "ann"}); err == nil {
		t.Error("a type that can only be listed was searched")
	}
}

// A record is shown by names, in its groups, with what it belongs with and by which labels.
func TestARecordIsShownWhole(t *testing.T) {
	t.Parallel()
	p := practicetest.New(t, quick())
	owner := p.AddOwner("noor@example.com", "Noor", "Whitlock")
	id := create(t, p, "contacts", "firstname", "Ilse", "lastname", "Hartwig", "email", "ilse@example.com", "lifecyclestage", "customer", "hubspot_owner_id", owner)
	firm := create(t, p, "companies", "name", "Tolvane Logistics")
	if err := p.Associate("contacts", id, "companies", firm, "Primary"); err != nil {
		t.Fatal(err)
	}
	note := create(t, p, "notes", "hs_note_body", "<p>Called &amp; <b>agreed</b></p>", "hs_timestamp", "2026-01-02T00:00:00Z")
	if err := p.Associate("contacts", id, "notes", note, ""); err != nil {
		t.Fatal(err)
	}
	c := open(t, p, "Contact")
	v, err := c.Record(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if v.Name != "Ilse Hartwig" {
		t.Errorf("it is called %q", v.Name)
	}
	text := map[string]string{}
	for _, s := range v.Sections {
		if s.Label == "" {
			t.Error("a group has no label")
		}
		for _, x := range s.Values {
			text[x.Property.Name] = x.Text
		}
	}
	if text["hubspot_owner_id"] != "Noor Whitlock" || text["lifecyclestage"] != "Customer" || text["email"] != "ilse@example.com" {
		t.Errorf("owner %q, stage %q, address %q", text["hubspot_owner_id"], text["lifecyclestage"], text["email"])
	}
	near, err := c.Neighbours(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range near {
		got = append(got, fmt.Sprintf("%s %s %v", n.Object.Singular, n.Name, n.Labels))
	}
	if d := cmp.Diff([]string{"company Tolvane Logistics [Primary]", "note Called & agreed []"}, got); d != "" {
		t.Error(d)
	}
	if err := p.Archive("contacts", id); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Record(t.Context(), id); !errors.Is(err, records.ErrGone) {
		t.Errorf("an archived record: %v", err)
	}
}
